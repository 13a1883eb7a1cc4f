//! `hedgerow verify`: a build against the committed record, and what a chain runs against a record, whatever was done to it.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use alloy::{
    primitives::{Address, B256, Bytes},
    providers::ext::AnvilApi,
};
use hedgerow::{
    artifacts::Artifacts,
    build_record::{BuildRecord, OWN_ADDRESS},
    client::{Client, Transaction},
    delegation,
    deployment::{self, Deployment, Part},
    keys,
    output::Progress,
    program::module_of,
    verify::{self, Check, SHELL, Verdict},
};
use hedgerow_devnode::{Config, Devnode};
use serde_json::Value;
use std::{
    io::Write,
    process::{Command, Output},
};

fn hedgerow(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_hedgerow"))
        .args(arguments)
        .output()
        .unwrap()
}

/// Another compiler than the record's makes other bytes; a build by it can neither confirm nor contradict the record.
#[test]
fn the_committed_record_is_of_what_is_built_here() {
    let output = hedgerow(&["verify", "--json"]);
    let said = String::from_utf8(output.stderr).unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).expect("exactly one JSON document");
    if output.status.code() == Some(2) && said.contains("the record was made with") {
        eprintln!("not compared: {said}");
        return;
    }
    assert!(
        output.status.success(),
        "{said}\nif the change is meant: hedgerow verify --write"
    );
    assert_eq!(report["verified"], true);
}

#[test]
fn no_program_names_a_folder_of_the_machine_that_built_it() {
    // A home of "/" would be found in anything.
    let home = std::env::var("HOME").ok().filter(|home| home.len() > 1);
    let home = home.as_deref().unwrap_or("/home/");
    for program in hedgerow::program::PROGRAMS {
        let wasm = Artifacts::locate().program(program).unwrap();
        for folder in [home, "/.cargo/", "/registry/src/", env!("CARGO_MANIFEST_DIR")] {
            let found = wasm.windows(folder.len()).any(|window| window == folder.as_bytes());
            assert!(!found, "{program} holds {folder}: build it with scripts/setup");
        }
    }
}

#[test]
fn a_changed_record_is_a_mismatch_and_a_broken_one_bad_input() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("record.json");
    let file = path.to_str().unwrap();
    assert!(hedgerow(&["verify", "--write", "--record", file]).status.success());
    assert!(hedgerow(&["verify", "--record", file]).status.success());
    let mut record: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    record["programs"][1]["wasmHash"] = B256::ZERO.to_string().into();
    std::fs::write(&path, record.to_string()).unwrap();
    let output = hedgerow(&["verify", "--record", file]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stdout).unwrap().contains("DIFFERENT"));
    record["programs"] = "none".into();
    std::fs::write(&path, record.to_string()).unwrap();
    for arguments in [
        ["verify", "--record", file],
        ["verify", "--record", "/nonexistent/record.json"],
    ] {
        assert_eq!(hedgerow(&arguments).status.code(), Some(2), "{arguments:?}");
    }
}

struct Scene {
    client: Client,
    deployed: Deployment,
    recorded: BuildRecord,
    _devnode: Devnode,
}

impl Scene {
    async fn new() -> Self {
        let artifacts = Artifacts::locate();
        let devnode = Devnode::new(Config::default()).unwrap();
        let client = Client::in_process(&devnode).await.unwrap();
        let signer = keys::development(0).unwrap();
        let progress = Progress::new();
        let deployed = deployment::deploy(&client, &signer, &artifacts, Part::Account, &progress);
        Self {
            deployed: deployed.await.unwrap(),
            recorded: BuildRecord::of(&artifacts, &Progress::new()).await.unwrap(),
            client,
            _devnode: devnode,
        }
    }

    fn shell(&self) -> Address {
        self.deployed.account_address().unwrap()
    }

    fn manager(&self) -> Address {
        self.deployed.of_program("manager").unwrap().address
    }

    async fn put(&self, at: Address, code: impl Into<Bytes>) {
        self.client.provider().anvil_set_code(at, code.into()).await.unwrap();
    }

    async fn at(&self, address: Address) -> Vec<Check> {
        verify::address(&self.client, &self.recorded, address).await.unwrap()
    }

    /// The verdict on the part of this name, seen from an address.
    async fn verdict(&self, address: Address, what: &str) -> Verdict {
        let checks = self.at(address).await;
        checks.iter().find(|check| check.what == what).expect(what).verdict
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_deployed_is_what_was_built_and_a_wallet_is_followed_to_it() {
    let scene = Scene::new().await;
    let checks = verify::deployment(&scene.client, &scene.recorded, &scene.deployed)
        .await
        .unwrap();
    assert!(
        checks.len() >= 2 && checks.iter().all(|check| check.verdict == Verdict::Same),
        "{checks:#?}"
    );

    let owner = keys::development(1).unwrap();
    assert_eq!(scene.at(owner.address()).await[0].verdict, Verdict::Absent);
    let nonce = scene.client.nonce(owner.address()).await.unwrap();
    let authorization = delegation::authorise(&owner, scene.client.chain_id(), scene.shell(), nonce + 1).unwrap();
    let transaction = Transaction {
        to: Some(Address::repeat_byte(0xdd)),
        ..Transaction::default()
    };
    scene
        .client
        .send(&owner, transaction.with_authorization(authorization), "delegating")
        .await
        .unwrap();
    let checks = scene.at(owner.address()).await;
    assert!(
        checks.len() >= 2 && checks.iter().all(|check| check.verdict == Verdict::Same),
        "{checks:#?}"
    );
    assert_eq!(
        (checks[0].what.as_str(), checks[0].address),
        (SHELL, Some(scene.shell()))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_done_to_the_shell_or_a_program_shows() {
    let scene = Scene::new().await;
    let (shell, manager) = (scene.shell(), scene.manager());
    let code = scene.client.code(shell).await.unwrap().to_vec();
    let elsewhere = Address::repeat_byte(0x42);

    // One byte of code.
    let mut changed = code.clone();
    changed[3] ^= 1;
    scene.put(shell, changed).await;
    assert_eq!(scene.verdict(shell, SHELL).await, Verdict::Different);
    // The same code in front of a program of somebody else's.
    let mut changed = code.clone();
    for at in &scene.recorded.shell.immutables["manager"] {
        changed[at + 12..at + 32].copy_from_slice(elsewhere.as_slice());
    }
    scene.put(shell, changed).await;
    assert_eq!(scene.verdict(shell, "manager").await, Verdict::Absent);
    scene.put(elsewhere, vec![0x60, 0x80]).await;
    assert_eq!(scene.verdict(shell, "manager").await, Verdict::Different);
    // The very bytes of the shell at another address.
    scene.put(elsewhere, code.clone()).await;
    assert_eq!(scene.verdict(elsewhere, SHELL).await, Verdict::Different);
    // A shell of ours that was deployed another way.
    let mut moved = code.clone();
    for at in &scene.recorded.shell.immutables[OWN_ADDRESS] {
        moved[at + 12..at + 32].copy_from_slice(elsewhere.as_slice());
    }
    scene.put(elsewhere, moved).await;
    assert_eq!(scene.verdict(elsewhere, SHELL).await, Verdict::Equivalent);
    scene.put(shell, code).await;

    // The same module, compressed worse: it does the same, but nobody has activated it.
    let ours = scene.client.code(manager).await.unwrap();
    let mut worse = vec![0xef, 0xf0, 0, 0];
    let mut writer = brotli::CompressorWriter::new(&mut worse, 4096, 5, 22);
    writer.write_all(&module_of(&ours).unwrap()).unwrap();
    drop(writer);
    scene.put(manager, worse.clone()).await;
    let checks = scene.at(shell).await;
    let check = checks.iter().find(|check| check.what == "manager").unwrap();
    assert_eq!(check.verdict, Verdict::Equivalent);
    assert!(check.meaning.contains("not activated"), "{}", check.meaning);
    // Another module.
    let last = worse.len() - 1;
    worse[last / 2] ^= 0x55;
    scene.put(manager, worse).await;
    assert_eq!(scene.verdict(shell, "manager").await, Verdict::Different);
}
