//! The commands over HTTP against a staged devnode: a position is looked at, delegated, rebalanced both ways; and what cannot
//! work is refused before anything is sent.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use alloy::{primitives::U256, providers::ext::AnvilApi};
use common::scene::{Scene, number};
use hedgerow::{client::Transaction, delegation, demo};
use hedgerow_devnode::{Config, Devnode};
use std::process::Command;

#[tokio::test(flavor = "multi_thread")]
async fn a_position_is_shown_by_lens_and_core_alike() {
    let scene = Scene::new().await;
    let id = scene.stage.token_id.to_string();
    let shown = scene.json(&["position", "show", &id, "--entry-price", "1900.5"], &[]);
    assert_eq!(shown["identical"], true);
    assert_eq!(shown["lens"], shown["native"]);
    assert_eq!(shown["position"]["token0"]["symbol"], "WETH");
    assert_eq!(shown["position"]["token1"]["decimals"], 6);
    assert_eq!(shown["position"]["inRange"], true);
    // 10 WETH and 20,000 USD went in at 2,000; an entry at another price shows a loss.
    assert!(number(&shown["native"]["amount1"]).abs_diff(U256::from(20_000_000_000_u64)) < U256::from(100_000_000));
    assert!(shown["native"]["il"].as_str().unwrap().starts_with('-'));
    let text = scene.run(&["position", "show", &id], &[]);
    let text = String::from_utf8(text.stdout).unwrap();
    assert!(
        text.contains("to the last digit") && text.contains("USD/WETH"),
        "{text}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wallet_delegates_rebalances_itself_and_leaves_again() {
    let scene = Scene::new().await;
    let id = scene.stage.token_id.to_string();
    let shell = scene
        .stage
        .deployment
        .account_address()
        .unwrap()
        .to_string()
        .to_lowercase();
    let own = ["--dev-account", "1"];

    let before = scene.nonces().await;
    let planned = scene.json(
        &[&["rebalance", &id, "--width-percent", "10", "--dry-run"], &own[..]].concat(),
        &[],
    );
    assert_eq!(scene.nonces().await, before, "a dry run sent something");
    assert!(planned["sent"].is_null());
    assert!(number(&planned["limits"]["minLiquidity"]) < number(&planned["preview"]["liquidity"]));

    let delegated = scene.json(
        &[&["delegate", "--yes", "--sponsor-dev-account", "3"], &own[..]].concat(),
        &[],
    );
    assert!(delegated["before"].is_null());
    assert_eq!(delegated["after"], shell.as_str());
    assert_ne!(delegated["paidBy"], delegated["account"]);
    let again = scene.json(&[&["delegate", "--yes"], &own[..]].concat(), &[]);
    assert!(again["transaction"].is_null(), "delegating twice sent something");

    let move_it = ["rebalance", &id, "--width-percent", "10"];
    scene.refused(
        &[&move_it[..], &own[..]].concat(),
        &[],
        &["confirmation", "--yes", "--dry-run"],
    );
    let moved = scene.json(&[&move_it[..], &own[..], &["--yes"]].concat(), &[]);
    assert_eq!(moved["delegated"], true);
    for (sent, previewed) in [
        ("liquidity", "liquidity"),
        ("amount0", "amount0"),
        ("amount1", "amount1"),
        ("newId", "id"),
    ] {
        assert_eq!(
            number(&moved["sent"][sent]),
            number(&moved["preview"][previewed]),
            "{sent}"
        );
    }
    assert_eq!(moved["sent"]["paidBy"], moved["account"]);
    let id = moved["sent"]["newId"].as_str().unwrap();
    let shown = scene.json(&["position", "show", id], &[]);
    assert_eq!(shown["position"]["tickLower"], moved["tickLower"]);
    assert_eq!(shown["identical"], true);

    let revoked = scene.json(&[&["undelegate", "--yes"], &own[..]].concat(), &[]);
    assert_eq!(revoked["before"], shell.as_str());
    assert!(revoked["after"].is_null());
    assert!(scene.client.code(scene.provider()).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sponsored_user_operation_does_it_all_at_once() {
    let scene = Scene::new().await;
    let id = scene.stage.token_id.to_string();
    let paymaster = scene.stage.paymaster.to_string();
    let before = scene.client.balance(scene.provider()).await.unwrap();
    let moved = scene.json(
        &[
            "rebalance",
            &id,
            "--tick-lower",
            "-202020",
            "--tick-upper",
            "-198060",
            "--via",
            "userop",
            "--dev-account",
            "1",
            "--sender-dev-account",
            "3",
            "--paymaster",
            &paymaster,
            "--paymaster-dev-account",
            "4",
            // Beyond the end of time: no limit, and no overflow.
            "--lifetime",
            "18446744073709551615",
            "--yes",
        ],
        &[],
    );
    assert_eq!(moved["sent"]["paidBy"], paymaster.to_lowercase().as_str());
    assert!(moved["sent"]["userOperation"].is_string());
    assert_eq!(scene.client.balance(scene.provider()).await.unwrap(), before);
    let shown = scene.json(&["position", "show", moved["sent"]["newId"].as_str().unwrap()], &[]);
    assert_eq!(
        (
            shown["position"]["tickLower"].as_i64(),
            shown["position"]["tickUpper"].as_i64()
        ),
        (Some(-202_020), Some(-198_060))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn ranges_and_limits_that_cannot_work_are_refused() {
    let scene = Scene::new().await;
    let id = scene.stage.token_id.to_string();
    let before = scene.nonces().await;
    let own = ["--dev-account", "1"];
    let rebalance = |rest: &[&'static str], words: &[&str]| {
        scene.refused(&[&["rebalance", &id], rest, &own[..]].concat(), &[], words);
    };
    rebalance(
        &["--tick-lower", "-198000", "--tick-upper", "-199200"],
        &["-198000 to -199200", "empty"],
    );
    rebalance(&["--tick-lower", "-198060", "--tick-upper", "-198060"], &["empty"]);
    rebalance(
        &["--tick-lower", "-202001", "--tick-upper", "-198000"],
        &["-202001", "multiples of 60", "-202020"],
    );
    rebalance(
        &["--tick-lower", "-990000", "--tick-upper", "-198000"],
        &["from -887220 to 887220"],
    );
    rebalance(&["--width-percent", "0"], &["\"0\"", "empty"]);
    rebalance(
        &["--width-percent", "10", "--slippage-percent", "100"],
        &["\"100\"", "less than 100"],
    );
    rebalance(&["--width-percent", "10", "--chain-id", "42161"], &["412346", "42161"]);
    rebalance(
        &["--width-percent", "10", "--via", "userop"],
        &["HEDGEROW_SENDER_PRIVATE_KEY", "--bundler-url"],
    );
    rebalance(
        &[
            "--width-percent",
            "10",
            "--account",
            "0x00000000000000000000000000000000000000AA",
        ],
        &["account shell", "hedgerow deploy"],
    );
    assert_eq!(scene.nonces().await, before, "something was sent");
}

#[tokio::test(flavor = "multi_thread")]
async fn positions_contracts_and_keys_that_are_not_there_are_refused() {
    let scene = Scene::new().await;
    let id = scene.stage.token_id.to_string();
    let before = scene.nonces().await;
    scene.refused(
        &["rebalance", "77", "--width-percent", "10", "--dev-account", "1"],
        &[],
        &["77", "--position-manager"],
    );
    scene.refused(
        &["rebalance", &id, "--width-percent", "10", "--dev-account", "2"],
        &[],
        &["belongs to", "owner's key"],
    );
    scene.refused(&["position", "show", "77"], &[], &["77", "token id"]);
    scene.refused(
        &["position", "show", &id, "--entry-price", "0"],
        &[],
        &["\"0\"", "above zero"],
    );
    scene.refused(
        &["position", "show", &id, "--entry-sqrt-price", "0"],
        &[],
        &["--entry-sqrt-price", "\"0\""],
    );
    let nowhere = [(
        "HEDGEROW_POSITION_MANAGER",
        "0x00000000000000000000000000000000000000AA",
    )];
    scene.refused(
        &["position", "show", &id],
        &nowhere,
        &["no position manager", "--position-manager"],
    );
    scene.refused(
        &[
            "delegate",
            "--to",
            "0x00000000000000000000000000000000000000AA",
            "--dev-account",
            "1",
        ],
        &[],
        &["no account shell"],
    );
    let manager = scene.stage.deployment.manager.as_ref().unwrap().address.to_string();
    scene.refused(
        &["delegate", "--to", &manager, "--dev-account", "1"],
        &[],
        &["no account shell", &manager],
    );
    scene.refused(&["delegate"], &[], &["signing key", "HEDGEROW_PRIVATE_KEY"]);
    scene.refused(
        &["delegate"],
        &[("HEDGEROW_PRIVATE_KEY", "0x1234")],
        &["HEDGEROW_PRIVATE_KEY", "(hidden)", "32 bytes"],
    );
    let empty = scene.dir.path().to_str().unwrap();
    scene.refused(
        &["deploy", "--dev-account", "0"],
        &[("HEDGEROW_HOME", empty), ("CARGO_TARGET_DIR", empty)],
        &["missing", "run scripts/setup"],
    );
    assert_eq!(scene.nonces().await, before, "something was sent");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wallet_delegated_elsewhere_is_left_alone_unless_told_otherwise() {
    let scene = Scene::new().await;
    let id = scene.stage.token_id.to_string();
    let theirs = scene.stage.weth;
    let wallet = &scene.stage.cast.provider;
    let nonce = scene.client.nonce(wallet.address()).await.unwrap();
    let signed = delegation::authorise(wallet, scene.client.chain_id(), theirs, nonce).unwrap();
    let transaction = Transaction {
        to: Some(theirs),
        ..Transaction::default()
    }
    .with_authorization(signed);
    scene
        .client
        .send(&scene.stage.cast.bundler, transaction, "delegating elsewhere")
        .await
        .unwrap();

    let before = scene.nonces().await;
    let theirs = theirs.to_string();
    scene.refused(
        &["rebalance", &id, "--width-percent", "10", "--dev-account", "1"],
        &[],
        &[&theirs, "--replace"],
    );
    scene.refused(&["delegate", "--dev-account", "1"], &[], &[&theirs, "--replace"]);
    assert_eq!(scene.nonces().await, before, "something was sent");
    let replaced = scene.json(&["delegate", "--replace", "--yes", "--dev-account", "1"], &[]);
    assert_eq!(replaced["before"], theirs.to_lowercase().as_str());
    assert_eq!(
        replaced["after"],
        scene
            .stage
            .deployment
            .account_address()
            .unwrap()
            .to_string()
            .to_lowercase()
            .as_str()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_chain_would_refuse_is_not_sent_either() {
    let scene = Scene::new().await;
    let id = scene.stage.token_id.to_string();
    let before = scene.nonces().await;
    // The pool is an hour old and remembers no further back.
    let week = [
        "rebalance",
        &id,
        "--width-percent",
        "10",
        "--dev-account",
        "1",
        "--twap-window",
        "604800",
    ];
    let output = scene.run(&week, &[]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(
        said.contains("nothing was sent") && said.contains("--twap-window"),
        "{said}"
    );
    // A swap of a tenth of the pool in this very block: spot leaves its mean by more than the guard allows.
    demo::fund_trader(&scene.client, &scene.stage).await.unwrap();
    demo::swap_to(&scene.client, &scene.stage, "2300").await.unwrap();
    let output = scene.run(&["rebalance", &id, "--width-percent", "10", "--dev-account", "1"], &[]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(
        said.contains("time-weighted mean") && said.contains("--max-tick-deviation"),
        "{said}"
    );
    let after: Vec<u64> = scene.nonces().await;
    // Account 2 is the trader whose swap was meant to be sent.
    assert_eq!(
        (&after[..2], &after[3..]),
        (&before[..2], &before[3..]),
        "something was sent"
    );
    // A wallet without ether cannot pay for itself, and is told what it would need.
    scene
        .client
        .provider()
        .anvil_set_balance(scene.provider(), U256::ZERO)
        .await
        .unwrap();
    scene.refused(&["delegate", "--dev-account", "1"], &[], &["has 0 wei", "sponsored"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn development_keys_are_refused_where_they_could_lose_something() {
    let devnode = Devnode::new(Config {
        chain_id: 42_161,
        ..Config::default()
    })
    .unwrap();
    let server = devnode.serve("127.0.0.1:0".parse().unwrap()).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_hedgerow"))
        .args([
            "deploy",
            "--dev-account",
            "0",
            "--rpc-url",
            &format!("http://{}", server.addr),
        ])
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(
        said.contains("everybody knows its key") && said.contains("42161"),
        "{said}"
    );
}
