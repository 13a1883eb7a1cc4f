//! A real bundler, Pimlico's alto, on the devnode over HTTP.

use super::{
    common::scene::Scene,
    steps::{Steps, amount, balance, fresh, give},
};
use alloy::{
    hex,
    primitives::{Address, U256},
    sol_types::SolCall,
};
use hedgerow::{bindings::IERC20, bundler::Bundler, delegation::Delegation, keys, user_operation::ENTRY_POINT};
use std::{
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

const START_UP: Duration = Duration::from_secs(120);

/// The bundler's process; it ends with the test.
struct Alto {
    process: Child,
    url: String,
}

impl Drop for Alto {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Alto {
    async fn start(scene: &Scene) -> Self {
        let program =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bundler/node_modules/@pimlico/alto/esm/cli/alto.js");
        assert!(program.is_file(), "{} is missing: run scripts/setup", program.display());
        let port = {
            let free = TcpListener::bind("127.0.0.1:0").unwrap();
            free.local_addr().unwrap().port().to_string()
        };
        let key = |index| hex::encode_prefixed(keys::development(index).unwrap().to_bytes());
        let process = Command::new("node")
            .arg(program)
            .args([
                "run",
                "--entrypoints",
                &ENTRY_POINT.to_string(),
                "--rpc-url",
                &scene.url,
                "--port",
                &port,
            ])
            .args(["--executor-private-keys", &key(6), "--utility-private-key", &key(7)])
            // Its tracer needs a node that runs its JavaScript.
            .args([
                "--safe-mode",
                "false",
                "--min-balance",
                "0",
                "--bundle-mode",
                "auto",
                "--block-time",
                "1000",
            ])
            .args(["--log-level", "error"])
            // Its lock file leaves out what speeds this up, which is built for some platforms only.
            .env("MSGPACKR_NATIVE_ACCELERATION_DISABLED", "true")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let alto = Self {
            process,
            url: format!("http://127.0.0.1:{port}/rpc"),
        };
        let start = Instant::now();
        while let Err(error) = Bundler::connect(&alto.url, scene.client.chain_id()).await {
            assert!(start.elapsed() < START_UP, "the bundler does not answer: {error}");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        alto
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_real_bundler_estimates_carries_and_tells() {
    // It holds deadlines against its own clock.
    let scene = Scene::of_today().await;
    let alto = Alto::start(&scene).await;
    let by = ["--bundler-url", alto.url.as_str()];
    let (wallet, friend) = (fresh(0x7b), Address::repeat_byte(0xf1));
    give(&scene, wallet.address(), "1", "3000").await;

    // The first operation of a wallet that never was used: it carries the authorisation, and enters the programs.
    let usd = scene.stage.usd;
    let call = IERC20::transferCall {
        to: friend,
        amount: U256::from(5),
    };
    let call = format!("{usd}:0:{}", hex::encode_prefixed(call.abi_encode()));
    let open = format!(
        "position open --pool {} --amount0 0.5 --amount1 1000 --width-percent 10",
        scene.stage.pool
    );
    let steps = Steps::new(&scene, "bundled.json", &wallet);
    let sponsor = steps.sponsor();
    let sponsor: Vec<_> = sponsor.iter().map(String::as_str).collect();
    steps.build(&[&["--call", &call, "--action", &open][..], &sponsor].concat());
    steps.sign(&["--authorization-only"]);
    let bundlers = steps.estimate(&[&by[..], &sponsor].concat());
    steps.sign(&[]);
    let sent = steps.send(&by);
    assert_eq!(sent["sent"]["state"], "done");
    let shell = scene.stage.deployment.account_address().unwrap();
    let delegation = Delegation::of(&scene.client, wallet.address()).await.unwrap();
    assert_eq!(delegation, Delegation::To(shell));
    assert_eq!(balance(&scene, usd, friend).await, U256::from(5));
    let hash = sent["userOpHash"].as_str().unwrap();
    let status = scene.json(&[&["userop", "status", hash][..], &by].concat(), &[]);
    assert_eq!(status["transaction"], sent["sent"]["transaction"]);
    println!(
        "the bundler's limits: {}; {} gas paid for",
        bundlers["operation"]["gas"],
        amount(&sent["sent"]["gas"])
    );

    // Every action goes the same way by itself; the provider's position has its fees put back, or says that there are none.
    let id = scene.stage.token_id.to_string();
    let rebalance = [
        "rebalance",
        &id,
        "--width-percent",
        "15",
        "--via",
        "userop",
        "--dev-account",
        "1",
        "--yes",
    ];
    let moved = scene.json(&[&rebalance[..], &by, &sponsor].concat(), &[]);
    assert!(moved["sent"]["userOperation"].is_string(), "{moved}");

    // A nonce that was used is refused by the bundler, with its words.
    let again = ["userop", "send", steps.file.to_str().unwrap(), "--yes"];
    let output = scene.run(&[&again[..], &by].concat(), &[]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
}
