//! The real `cast`, from npm, against the devnode over HTTP: what a person types.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
};

use hedgerow_devnode::{Config, Devnode, Server};

/// Anvil's first two accounts, as Foundry's book lists them.
const ALICE: &str = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";
const ALICE_KEY: &str = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
const BOB: &str = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";
const BOB_KEY: &str = "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d";
const STRANGER: &str = "0x5a5a5A5A5a5a5A5a5a5a5a5a5a5A5A5A5A5A5A5a";

/// Creation code of a contract that does `sstore(0, 42); log1(7, topic 0xaa)` when called without data, and returns
/// `sload(0)` when called with any.
///
/// ```text
/// CALLDATASIZE PUSH1 0x13 JUMPI  PUSH1 42 PUSH0 SSTORE  PUSH1 7 PUSH0 MSTORE PUSH1 0xaa PUSH1 32 PUSH0 LOG1 STOP
/// JUMPDEST PUSH0 SLOAD PUSH0 MSTORE PUSH1 32 PUSH0 RETURN
/// ```
const CONTRACT: &str = "0x601c8060095f395ff336601357602a5f5560075f5260aa60205fa1005b5f545f5260205ff3";

struct Chain {
    _devnode: Devnode,
    server: Server,
}

impl Chain {
    fn start() -> Self {
        let devnode = Devnode::new(Config::default()).unwrap();
        let server = devnode.serve("127.0.0.1:0".parse().unwrap()).unwrap();
        Self {
            _devnode: devnode,
            server,
        }
    }

    fn run(&self, args: &[&str]) -> Output {
        let program = cast();
        // Nothing of the person's own settings: no key, no URL, no proxy between.
        let mut command = Command::new(&program);
        command
            .args(args)
            .env("ETH_RPC_URL", self.server.url())
            .env("NO_PROXY", "*");
        for name in [
            "ETH_FROM",
            "ETH_KEYSTORE",
            "ETH_KEYSTORE_ACCOUNT",
            "ETH_PASSWORD",
            "CHAIN",
        ] {
            command.env_remove(name);
        }
        command.current_dir(std::env::temp_dir());
        command
            .output()
            .unwrap_or_else(|error| panic!("{} does not start: {error}", program.display()))
    }

    /// What `cast` prints, which must succeed.
    #[track_caller]
    fn cast(&self, args: &[&str]) -> String {
        let output = self.run(args);
        let (out, err) = (
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr),
        );
        assert!(output.status.success(), "cast {args:?} failed: {err}{out}");
        out.trim().to_owned()
    }

    /// What `cast` complains of, which must fail.
    #[track_caller]
    fn refusal(&self, args: &[&str]) -> String {
        let output = self.run(args);
        assert!(
            !output.status.success(),
            "cast {args:?} succeeded: {}",
            String::from_utf8_lossy(&output.stdout)
        );
        String::from_utf8_lossy(&output.stderr).into_owned()
    }

    #[track_caller]
    fn send(&self, args: &[&str]) -> serde_json::Value {
        let printed = self.cast(&[&["send", "--json"], args].concat());
        serde_json::from_str(&printed).unwrap()
    }

    #[track_caller]
    fn deploy(&self) -> String {
        let receipt = self.send(&["--private-key", ALICE_KEY, "--create", CONTRACT]);
        assert_eq!(receipt["status"], "0x1");
        receipt["contractAddress"].as_str().unwrap().to_owned()
    }
}

/// The program itself from the project's `node_modules` (its wrapper in `.bin` hides the exit code), else from the `PATH`.
fn cast() -> PathBuf {
    let os = if cfg!(target_os = "macos") { "darwin" } else { "linux" };
    let arch = if cfg!(target_arch = "aarch64") {
        "arm64"
    } else {
        "amd64"
    };
    let package = format!("node_modules/@foundry-rs/cast-{os}-{arch}/bin/cast");
    let local = Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .map(|folder| folder.join(&package));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let system = std::env::split_paths(&path)
        .map(|folder| folder.join("cast"))
        .collect::<Vec<_>>();
    local
        .chain(system)
        .find(|candidate| candidate.is_file())
        .expect("no `cast` in node_modules nor on the PATH: run scripts/setup, which installs it")
}

#[test]
fn cast_reads_the_chain() {
    let chain = Chain::start();
    assert_eq!(chain.cast(&["chain-id"]), "412346");
    assert_eq!(chain.cast(&["block-number"]), "0");
    assert_eq!(chain.cast(&["balance", ALICE]), "10000000000000000000000");
    assert_eq!(chain.cast(&["balance", "--ether", ALICE]), "10000.000000000000000000");
    assert_eq!(chain.cast(&["nonce", ALICE]), "0");
    assert_eq!(chain.cast(&["gas-price"]), "100000000");
    assert_eq!(chain.cast(&["base-fee"]), "100000000");
    assert_eq!(
        chain.cast(&["client"]),
        concat!("hedgerow-devnode/v", env!("CARGO_PKG_VERSION"))
    );
    assert_eq!(chain.cast(&["block", "0", "--field", "timestamp"]), "1790000000");
    let block = chain.cast(&["block", "latest"]);
    assert!(
        block.contains("baseFeePerGas") && block.contains("1125899906842624"),
        "{block}"
    );
}

#[test]
fn cast_sends_both_kinds_of_fee() {
    let chain = Chain::start();
    let newer = chain.send(&["--private-key", ALICE_KEY, STRANGER, "--value", "1ether"]);
    let older = chain.send(&["--private-key", ALICE_KEY, STRANGER, "--value", "1ether", "--legacy"]);
    for (receipt, kind) in [(&newer, "0x2"), (&older, "0x0")] {
        assert_eq!(receipt["status"], "0x1");
        assert_eq!(receipt["type"], kind);
        assert_eq!(receipt["gasUsed"], "0x5208");
        assert_eq!(receipt["effectiveGasPrice"], "0x5f5e100");
    }
    assert_eq!(chain.cast(&["balance", "--ether", STRANGER]), "2.000000000000000000");
    let unlocked = chain.send(&["--unlocked", "--from", BOB, STRANGER, "--value", "1ether"]);
    assert_eq!(unlocked["status"], "0x1");
    assert_eq!(chain.cast(&["nonce", BOB]), "1");
}

#[test]
fn cast_deploys_calls_estimates_and_reads_back() {
    let chain = Chain::start();
    let contract = chain.deploy();
    assert_eq!(chain.cast(&["codesize", &contract]), "28");
    assert!(chain.cast(&["code", &contract]).starts_with("0x36601357602a5f55"));
    assert_eq!(chain.cast(&["call", &contract, "get()(uint256)"]), "0");
    // 21,000; CALLDATASIZE 2, PUSH1 3, JUMPI 10; PUSH1 3, PUSH0 2, SSTORE 22,100; PUSH1 3, PUSH0 2, MSTORE 3 + 3;
    // PUSH1 3, PUSH1 3, PUSH0 2, LOG1 375 + 375 + 8 × 32.
    let gas = 21_000 + 15 + 5 + 22_100 + 11 + 8 + 1_006;
    assert_eq!(chain.cast(&["estimate", "--from", ALICE, &contract]), gas.to_string());
    let receipt = chain.send(&["--private-key", ALICE_KEY, &contract]);
    assert_eq!(receipt["gasUsed"], format!("{gas:#x}"));
    assert_eq!(chain.cast(&["call", &contract, "get()(uint256)"]), "42");
    assert_eq!(chain.cast(&["call", &contract, "get()(uint256)", "--block", "1"]), "0");
    let word = format!("0x{:064x}", 42);
    assert_eq!(chain.cast(&["storage", &contract, "0"]), word);
    let hash = receipt["transactionHash"].as_str().unwrap();
    assert_eq!(chain.cast(&["receipt", hash, "status"]), "true");
    assert_eq!(chain.cast(&["receipt", hash, "blockNumber"]), "2");
    assert_eq!(chain.cast(&["tx", hash, "from"]), ALICE);
    let topic = format!("0x{:064x}", 0xaa);
    let logs = chain.cast(&["logs", "--json", "--from-block", "0", "--address", &contract, &topic]);
    let logs: serde_json::Value = serde_json::from_str(&logs).unwrap();
    assert_eq!(logs.as_array().unwrap().len(), 1);
    assert_eq!(
        (&logs[0]["transactionHash"], &logs[0]["logIndex"]),
        (&receipt["transactionHash"], &"0x0".into())
    );
    assert_eq!(logs[0]["data"], format!("0x{:064x}", 7));
}

#[test]
fn cast_delegates_an_account_with_a_signed_authorisation() {
    let chain = Chain::start();
    let contract = chain.deploy();
    let authorisation = chain.cast(&["wallet", "sign-auth", &contract, "--private-key", BOB_KEY]);
    let receipt = chain.send(&["--private-key", ALICE_KEY, BOB, "--auth", &authorisation]);
    assert_eq!((&receipt["status"], &receipt["type"]), (&"0x1".into(), &"0x4".into()));
    assert_eq!(
        chain.cast(&["code", BOB]),
        format!("0xef0100{}", &contract[2..]).to_lowercase()
    );
    assert_eq!(
        chain.cast(&["storage", BOB, "0"]),
        format!("0x{:064x}", 42),
        "ran in Bob's storage"
    );
    assert_eq!(chain.cast(&["nonce", BOB]), "1");
    // One's own: cast signs for the nonce after the transaction's.
    let own = chain.send(&["--private-key", ALICE_KEY, ALICE, "--auth", &contract]);
    assert_eq!(own["status"], "0x1");
    assert_eq!(
        chain.cast(&["code", ALICE]),
        format!("0xef0100{}", &contract[2..]).to_lowercase()
    );
}

#[test]
fn cast_drives_the_development_methods() {
    let chain = Chain::start();
    let snapshot = chain.cast(&["rpc", "evm_snapshot"]).replace('"', "");
    chain.send(&["--private-key", ALICE_KEY, STRANGER, "--value", "1"]);
    chain.cast(&["rpc", "evm_increaseTime", "3600"]);
    chain.cast(&["rpc", "evm_mine"]);
    assert_eq!(chain.cast(&["block-number"]), "2");
    assert_eq!(
        chain.cast(&["block", "--field", "timestamp"]),
        (1_790_000_001 + 3_600).to_string()
    );
    assert_eq!(chain.cast(&["rpc", "evm_revert", &snapshot]), "true");
    assert_eq!(chain.cast(&["block-number"]), "0");
    assert_eq!(chain.cast(&["balance", STRANGER]), "0");
    chain.cast(&["rpc", "anvil_setBalance", STRANGER, "0xde0b6b3a7640000"]);
    chain.cast(&["rpc", "anvil_impersonateAccount", STRANGER]);
    let receipt = chain.send(&["--unlocked", "--from", STRANGER, BOB, "--value", "1"]);
    assert_eq!(receipt["status"], "0x1");
}

#[test]
fn cast_is_told_what_is_wrong() {
    let chain = Chain::start();
    let poor = chain.refusal(&["send", "--private-key", ALICE_KEY, STRANGER, "--value", "20000ether"]);
    assert!(poor.contains("insufficient funds"), "{poor}");
    let nonce = chain.refusal(&["send", "--private-key", ALICE_KEY, STRANGER, "--nonce", "5"]);
    assert!(nonce.contains("nonce too high"), "{nonce}");
    let method = chain.refusal(&["rpc", "no_such_method"]);
    assert!(
        method.contains("no_such_method") && method.contains("-32601"),
        "{method}"
    );
}
