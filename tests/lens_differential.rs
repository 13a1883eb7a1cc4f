//! The lens's programs, asked over the devnode's RPC by forge, against our Solidity reference: `tests/forge/differential`.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use hedgerow::{
    artifacts::Artifacts,
    client::Client,
    deployment::{self, Part},
    keys,
    output::Progress,
};
use hedgerow_devnode::{Config, Devnode};
use std::process::Command;

/// The forge that npm installed for this platform; its wrapper in `.bin` exits 0 whatever happens.
fn forge(root: &str) -> Command {
    let packages = std::fs::read_dir(format!("{root}/node_modules/@foundry-rs")).expect("npm ci has run");
    let binary = packages
        .map(|entry| entry.unwrap().path().join("bin/forge"))
        .find(|path| path.is_file() && path.to_string_lossy().contains("/forge-"))
        .expect("npm installed forge for this platform");
    let mut command = Command::new(binary);
    command.current_dir(root);
    command
}

#[tokio::test(flavor = "multi_thread")]
async fn the_programs_answer_as_the_solidity_reference_does() {
    let devnode = Devnode::new(Config::default()).unwrap();
    let client = Client::in_process(&devnode).await.unwrap();
    let deployer = keys::development(0).unwrap();
    let deployed = deployment::deploy(&client, &deployer, &Artifacts::locate(), Part::Lens, &Progress::new())
        .await
        .unwrap();
    let server = devnode.serve("127.0.0.1:0".parse().unwrap()).unwrap();

    let long = std::env::var("HEDGEROW_LONG").is_ok_and(|value| value != "0");
    let mut forge = forge(env!("CARGO_MANIFEST_DIR"));
    forge
        .arg("test")
        .env(
            "FOUNDRY_PROFILE",
            if long { "differential-long" } else { "differential" },
        )
        .env("HEDGEROW_RPC_URL", format!("http://{}", server.addr));
    for (name, program) in [
        ("HEDGEROW_LENS", deployed.lens),
        ("HEDGEROW_OPTIONS", deployed.options),
        ("HEDGEROW_RISK", deployed.risk),
    ] {
        forge.env(name, program.unwrap().address.to_string());
    }
    let output = tokio::task::spawn_blocking(move || forge.output().unwrap())
        .await
        .unwrap();
    let printed = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{printed}");
    assert!(printed.contains("[PASS] testFuzz_"), "nothing ran: {printed}");
}
