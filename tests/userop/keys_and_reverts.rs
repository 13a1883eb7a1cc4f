//! Sequences of nonces beside each other, and operations whose calls are taken back.

use super::{
    common::scene::Scene,
    first::assert_estimates_fit,
    steps::{Steps, balance, fresh, give},
};
use alloy::primitives::{Address, U256};
use alloy::sol_types::SolCall;
use hedgerow::bindings::IERC20;

/// A call as `--call` takes it.
fn pay(token: Address, to: Address, amount: u64) -> String {
    let call = IERC20::transferCall {
        to,
        amount: U256::from(amount),
    };
    format!("{token}:0:{}", alloy::hex::encode_prefixed(call.abi_encode()))
}

#[tokio::test(flavor = "multi_thread")]
async fn operations_of_two_nonce_keys_do_not_wait_for_each_other() {
    let scene = Scene::of_today().await;
    let (wallet, friend) = (fresh(0x78), Address::repeat_byte(0xf1));
    give(&scene, wallet.address(), "0", "1000").await;
    let usd = scene.stage.usd;
    let first = Steps::new(&scene, "first.json", &wallet);
    first.build(&["--call", &pay(usd, friend, 1)]);
    first.finish();

    // Both are built and signed before either is sent, and sent in the other order.
    let files = [("0", 10), ("123456789", 100)].map(|(key, amount)| {
        let steps = Steps::new(&scene, &format!("key-{key}.json"), &wallet);
        let sponsor = steps.sponsor();
        let sponsor: Vec<_> = sponsor.iter().map(String::as_str).collect();
        let built = steps.build(&["--nonce-key", key, "--call", &pay(usd, friend, amount)]);
        assert_eq!(built["operation"]["nonce"]["key"], key);
        assert!(built["operation"]["authorization"].is_null(), "it is delegated already");
        steps.estimate(&sponsor);
        steps.sign(&[]);
        steps
    });
    for steps in files.iter().rev() {
        let sent = steps.send(&["--sender-dev-account", "3"]);
        assert_eq!(sent["sent"]["state"], "done");
        assert_estimates_fit(&sent);
    }
    assert_eq!(balance(&scene, usd, friend).await, U256::from(111));
    // An operation is sent once.
    let again = [
        "userop",
        "send",
        files[0].file.to_str().unwrap(),
        "--yes",
        "--sender-dev-account",
        "3",
    ];
    let output = scene.run(&again, &[]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("AA25"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_pays_for_itself_is_estimated_too() {
    let scene = Scene::of_today().await;
    let wallet = &scene.stage.cast.provider;
    let steps = Steps::new(&scene, "own.json", wallet);
    let sender = scene.provider().to_string();
    // The stage leaves the provider without ether; what it is given has to do for the whole operation.
    let ether = alloy::primitives::utils::parse_ether("1").unwrap();
    let funding = hedgerow::client::Transaction {
        to: Some(scene.provider()),
        value: ether,
        ..Default::default()
    };
    let trader = &scene.stage.cast.trader;
    scene.client.send(trader, funding, "funding").await.unwrap();
    let id = scene.stage.token_id.to_string();
    let rebalance = format!("rebalance {id} --width-percent 15");
    let built = steps.build(&["--sender", &sender, "--action", &rebalance]);
    // One function of the account's own needs no batch around it.
    assert!(built["calls"][0]["what"].as_str().unwrap().starts_with("rebalance("));
    steps.estimate(&[]);
    steps.sign(&[]);
    let sent = steps.send(&["--sender-dev-account", "3"]);
    assert_eq!(sent["sent"]["paidBy"], sender.to_lowercase().as_str());
    assert_estimates_fit(&sent);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_taken_back_says_why() {
    let scene = Scene::of_today().await;
    let (wallet, friend) = (fresh(0x79), Address::repeat_byte(0xf1));
    give(&scene, wallet.address(), "0", "1000").await;
    let steps = Steps::new(&scene, "revert.json", &wallet);
    let sponsor = steps.sponsor();
    let sponsor: Vec<_> = sponsor.iter().map(String::as_str).collect();
    let usd = scene.stage.usd;
    let too_much = pay(usd, friend, 1_000_000_000_001);
    steps.build(&["--call", &pay(usd, friend, 1), "--call", &too_much]);

    // The simulation finds it out before anything is signed.
    let path = steps.file.to_str().unwrap();
    let output = scene.run(&[&["userop", "estimate", path][..], &sponsor].concat(), &[]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("999999999 raw units, and needs 1000000000001"), "{said}");

    // Who sends it all the same pays, and nothing else happens.
    let limits = [
        "--call-gas-limit",
        "300000",
        "--verification-gas-limit",
        "100000",
        "--pre-verification-gas",
        "100000",
    ];
    let built = steps.build(&[&[path][..], &limits, &sponsor].concat());
    let hash = built["userOpHash"].as_str().unwrap().to_owned();
    steps.sign(&[]);
    let key = alloy::hex::encode_prefixed(wallet.to_bytes());
    let send = ["userop", "send", path, "--yes", "--sender-dev-account", "3"];
    let output = scene.run(&send, &[("HEDGEROW_PRIVATE_KEY", &key)]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(
        said.contains("reverted") && said.contains("needs 1000000000001"),
        "{said}"
    );
    assert_eq!(balance(&scene, usd, friend).await, U256::ZERO);
    let status = scene.json(&["userop", "status", &hash], &[]);
    assert_eq!(status["state"], "reverted");
    assert!(
        status["reason"].as_str().unwrap().contains("needs 1000000000001"),
        "{status}"
    );
    // Nobody knows another.
    let unknown = alloy::primitives::B256::repeat_byte(9).to_string();
    assert_eq!(scene.json(&["userop", "status", &unknown], &[])["state"], "unknown");
}
