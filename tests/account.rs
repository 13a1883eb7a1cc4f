//! What `hedgerow account`, `delegate` and `undelegate` say and do, against a staged devnode over HTTP.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use alloy::{
    primitives::{B256, U256},
    providers::{Provider, ext::AnvilApi},
};
use common::scene::Scene;
use hedgerow::{account::Header, bindings::IShell, client::Transaction, delegation};

const OWN: [&str; 2] = ["--dev-account", "1"];

fn own<'a>(arguments: &[&'a str]) -> Vec<&'a str> {
    [arguments, &OWN].concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_status_tells_what_runs_and_what_it_needs() {
    let scene = Scene::new().await;
    let shell = scene.stage.deployment.account_address().unwrap();
    let plain = scene.json(&own(&["account", "status"]), &[]);
    assert_eq!(plain["standing"], "notDelegated");
    assert_eq!(plain["state"]["version"], 0);
    assert_eq!(plain["warnings"], serde_json::json!([]));
    let programs = plain["programs"].as_array().unwrap();
    let manager = scene.stage.deployment.manager.as_ref().unwrap().address;
    assert_eq!(programs[0]["address"], manager.to_string().to_lowercase().as_str());
    for program in programs {
        assert_eq!(
            (&program["deployed"], &program["cached"]),
            (&true.into(), &false.into())
        );
        // Just activated: a year, of which staging took an hour.
        let seconds = program["secondsLeft"].as_u64().unwrap();
        assert!((360 * 86_400..=365 * 86_400).contains(&seconds), "{seconds}");
    }
    assert_eq!(plain["entryPoints"][0]["version"], "0.8");

    scene.json(&own(&["delegate", "--yes"]), &[]);
    let account = scene.provider().to_string();
    let ours = scene.json(&["account", "status", "--account-of", &account], &[]);
    assert_eq!(ours["standing"], "ours");
    assert_eq!(ours["delegate"], shell.to_string().to_lowercase().as_str());

    // A year later the program has expired; the chain says so, and so does the status.
    demo_pass(&scene, 366 * 86_400).await;
    let later = scene.json(&own(&["account", "status"]), &[]);
    assert!(later["programs"][0]["secondsLeft"].is_null());
    let warning = later["warnings"][0].as_str().unwrap();
    assert!(
        warning.contains("expired 366 days") && warning.contains("hedgerow deploy"),
        "{warning}"
    );
    let text = scene.run(&own(&["account", "status"]), &[]);
    assert!(String::from_utf8(text.stdout).unwrap().contains("NOT ACTIVE"));
}

async fn demo_pass(scene: &Scene, seconds: u64) {
    hedgerow::demo::pass(&scene.client, seconds).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wipe_begins_a_new_generation_whatever_was_written() {
    let scene = Scene::new().await;
    let account = scene.provider();
    scene.refused(
        &own(&["account", "wipe", "--yes"]),
        &[],
        &["not delegated", "hedgerow delegate"],
    );
    scene.json(&own(&["delegate", "--yes"]), &[]);
    let before = scene.nonces().await;
    let planned = scene.json(&own(&["account", "wipe", "--dry-run"]), &[]);
    assert_eq!(planned["before"], planned["after"]);
    let text = scene.run(&own(&["account", "wipe", "--dry-run"]), &[]);
    assert!(String::from_utf8(text.stdout).unwrap().contains("every batch signed"));
    scene.refused(&own(&["account", "wipe"]), &[], &["--yes"]);
    assert_eq!(scene.nonces().await, before, "something was sent");

    let wiped = scene.json(&own(&["account", "wipe", "--yes"]), &[]);
    assert_eq!(wiped["after"]["generation"], "1");
    let generation = scene.client.read(account, &IShell::generationCall {}).await.unwrap();
    assert_eq!(generation, 1);

    // A later release's state is reported and refused, but wiped all the same; the generation never goes back.
    let word = U256::from(7) | U256::from(41) << 32 | U256::from(3) << 96;
    let slot = Header::slot();
    scene
        .client
        .provider()
        .anvil_set_storage_at(account, slot, B256::from(word))
        .await
        .unwrap();
    let status = scene.json(&own(&["account", "status"]), &[]);
    assert_eq!(
        (&status["state"]["version"], &status["stateKnown"]),
        (&7.into(), &false.into())
    );
    assert!(status["warnings"][0].as_str().unwrap().contains("version 7"));
    let wiped = scene.json(&own(&["account", "wipe", "--yes"]), &[]);
    assert_eq!(wiped["before"]["generation"], "41");
    // Nobody can tell the era in advance, only that it is another than none.
    let era: u64 = wiped["after"]["era"].as_str().unwrap().parse().unwrap();
    assert_ne!(era, 0);
    let after = serde_json::json!({
        "version": 1, "generation": "42", "sequence": "0", "paused": false, "era": era.to_string()
    });
    assert_eq!(wiped["after"], after);

    // What is written down outlives the delegation, and is read without it.
    scene.json(&own(&["undelegate", "--yes", "--no-search"]), &[]);
    let status = scene.json(&own(&["account", "status"]), &[]);
    assert_eq!(
        (&status["standing"], &status["state"]["generation"]),
        (&"notDelegated".into(), &"42".into())
    );
    let stored = scene.client.provider().get_storage_at(account, slot).await.unwrap();
    assert_eq!(stored, U256::from(1) | U256::from(42) << 32 | U256::from(era) << 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_strangers_code_is_neither_taken_on_nor_kept_in_silence() {
    let scene = Scene::new().await;
    let (shell, theirs) = (
        scene.stage.deployment.account_address().unwrap(),
        scene.stage.weth.to_string(),
    );
    let before = scene.nonces().await;
    scene.refused(
        &own(&["delegate", "--to", &theirs, "--yes"]),
        &[],
        &["no account shell"],
    );
    // Another copy of our own shell: it works, but nothing vouches for it.
    let code = scene.client.code(shell).await.unwrap();
    let copy = alloy::primitives::Address::repeat_byte(0xc0);
    scene.client.provider().anvil_set_code(copy, code).await.unwrap();
    let copy = copy.to_string();
    scene.refused(
        &own(&["delegate", "--to", &copy, "--yes"]),
        &[],
        &["not the shell recorded", "--any-code"],
    );
    let empty = alloy::primitives::Address::repeat_byte(0xe0).to_string();
    scene.refused(
        &own(&["delegate", "--to", &empty, "--any-code", "--yes"]),
        &[],
        &["no contract", "--to"],
    );
    scene.refused(&own(&["delegate", "--any-code", "--yes"]), &[], &["--to"]);
    scene.refused(&own(&["delegate"]), &[], &["--yes", "--dry-run"]);
    let dry = scene.json(&own(&["delegate", "--dry-run"]), &[]);
    assert!(dry["after"].is_null() && dry["mostGas"].is_number() && dry["transaction"].is_null());
    assert_eq!(scene.nonces().await, before, "something was sent");

    let taken = scene.json(&own(&["delegate", "--to", &theirs, "--any-code", "--yes"]), &[]);
    assert!(taken["warnings"][0].as_str().unwrap().contains("not checked"));
    let status = scene.json(&own(&["account", "status"]), &[]);
    assert_eq!(status["standing"], "stranger");
    let warning = status["warnings"][0].as_str().unwrap();
    assert!(warning.contains("hedgerow undelegate"), "{warning}");
    scene.refused(&own(&["account", "wipe", "--yes"]), &[], &["--replace"]);
    let replaced = scene.json(&own(&["delegate", "--replace", "--yes"]), &[]);
    assert!(replaced["warnings"][0].as_str().unwrap().contains("stranger"));

    // The copy is judged by what it answers, not taken for ours.
    delegate_to(&scene, &copy).await;
    let status = scene.json(&own(&["account", "status"]), &[]);
    assert_eq!(status["standing"], "otherShell");
    let undone = scene.json(&own(&["undelegate", "--yes"]), &[]);
    assert_eq!(undone["directPositions"], serde_json::json!([]));
    let again = scene.json(&own(&["undelegate", "--yes"]), &[]);
    assert!(again["transaction"].is_null(), "undelegating twice sent something");
}

async fn delegate_to(scene: &Scene, delegate: &str) {
    let wallet = &scene.stage.cast.provider;
    let nonce = scene.client.nonce(wallet.address()).await.unwrap();
    let signed = delegation::authorise(wallet, scene.client.chain_id(), delegate.parse().unwrap(), nonce).unwrap();
    let transaction = Transaction {
        to: Some(wallet.address()),
        ..Transaction::default()
    }
    .with_authorization(signed);
    scene
        .client
        .send(&scene.stage.cast.bundler, transaction, "delegating")
        .await
        .unwrap();
}
