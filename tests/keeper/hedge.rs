//! `hedgerow hedge open`, `adjust`, `show` and `close`.

use alloy::primitives::U256;
use serde_json::Value;

use crate::stand::{KEEPER, OWN, Stand, number};

/// Whether two amounts differ by no more than so many millionths.
fn near(a: U256, b: U256, millionths: u64) -> bool {
    a.abs_diff(b) * U256::from(1_000_000) <= b * U256::from(millionths)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hedge_is_opened_shown_adjusted_and_closed() {
    let stand = Stand::new().await;
    let position = stand.position();
    let held = stand.owned(&["position", "show", &position]);
    let delta = number(&held["native"]["amount0"]);
    let before = (
        stand.world.balances(stand.world.account()).await,
        stand.world.client.nonce(stand.world.account()).await,
    );

    let dry = stand.open(&["--dry-run"]);
    assert!(dry["sent"].is_null() && dry["quote"]["refusal"].is_null(), "{dry}");
    assert!(dry["quote"]["outlook"]["passes"].as_bool().unwrap(), "{dry}");
    let nonce = stand.world.client.nonce(stand.world.account()).await;
    assert_eq!(nonce.unwrap(), before.1.unwrap(), "something was sent");

    let opened = stand.open(&["--yes"]);
    // What it owes is what the position holds of the volatile token: by the command that shows positions.
    assert!(
        near(number(&opened["quote"]["target"]), delta, 5_000),
        "{opened} {delta}"
    );
    let shown = stand.owned(&["hedge", "show", &position, "--fees-since", "20h"]);
    let debt = stand.debt(&shown["margin"]).await;
    assert!(near(debt, number(&opened["quote"]["target"]), 10), "{debt}");
    assert_eq!(number(&shown["quote"]["debt"]), debt);
    let health = number(&shown["quote"]["health"]);
    assert!(near(health, U256::from(2_000), 10_000), "{health}");
    let paid = number(&opened["quote"]["payIn"]);
    let after = stand.world.balances(stand.world.account()).await;
    assert_eq!(before.0[0], after[0]);
    assert!(near(before.0[1] - after[1], paid, 1), "what was foreseen was paid");

    // Half of it, back to the wallet.
    let half = [
        "hedge",
        "adjust",
        &position,
        "--share",
        "50%",
        "--fees-since",
        "20h",
        "--yes",
    ];
    let adjusted = stand.owned(&half);
    assert!(
        adjusted["quote"]["trade"].as_str().unwrap().starts_with('-'),
        "{adjusted}"
    );
    let now = stand.debt(&shown["margin"]).await;
    assert!(near(now * U256::from(2), debt, 5_000), "{now} of {debt}");

    let closed = stand.owned(&["hedge", "close", &position, "--yes"]);
    assert_eq!(number(&closed["debtAfter"]), U256::ZERO);
    assert_eq!(stand.debt(&shown["margin"]).await, U256::ZERO);
    // Fees of the pool on the way out and back, and what the trades moved it by: no more than 2 % of what was sold.
    let end = stand.world.balances(stand.world.account()).await;
    let sold = delta * stand.world.pair.units()[1] / stand.world.pair.units()[0];
    assert!(end[1] < before.0[1] && before.0[1] - end[1] < sold / U256::from(50));
    stand.world.assert_no_allowance().await;
    let gone = stand.owned(&[
        "hedge",
        "show",
        &position,
        "--volatile",
        "token0",
        "--fees-since",
        "20h",
    ]);
    assert!(gone["margin"].is_null(), "{gone}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_hedged_is_told_before_anything_is_sent() {
    let stand = Stand::new().await;
    let position = stand.position();
    let account = stand.world.account();
    let nonce = stand.world.client.nonce(account).await.unwrap();
    let open = |more: &[&str]| -> Vec<String> {
        let open = [
            "hedge",
            "open",
            &position,
            "--volatile",
            "token0",
            "--fees-since",
            "20h",
        ];
        [&open[..], more, &OWN]
            .concat()
            .iter()
            .map(|it| (*it).to_owned())
            .collect()
    };
    for (more, code, words) in [
        (&["--share", "120%", "--yes"][..], 2, "at most 100%"),
        (&["--gate-margin", "100%", "--yes"], 1, "the gate is closed"),
        (&["--max-collateral", "1", "--yes"], 1, "--max-collateral"),
        (&["--target", "amount", "--yes"], 2, "--amount"),
        (&["--max-borrow-rate", "0.01%", "--yes"], 1, "--max-borrow-rate"),
        (&["--fees-since", "0s", "--yes"], 1, "an hour"),
        (&["--fees-since", "999999", "--yes"], 2, "the chain's last block is"),
        (
            &["--market", "0x00000000000000000000000000000000000000aa", "--yes"],
            2,
            "--market",
        ),
        (&["--volatile", "GOLD", "--yes"], 2, "token0"),
        (&["--max-oracle-age", "soon", "--yes"], 2, "30m"),
        (&[], 2, "--yes"),
    ] {
        // A flag that is given twice counts by its last; clap refuses that for what is in the beginning of the line already.
        let arguments: Vec<String> = match more.first() {
            Some(flag) if *flag == "--fees-since" || *flag == "--volatile" => {
                let mut arguments = open(&more[2..]);
                let at = arguments.iter().position(|it| it == flag).unwrap();
                arguments[at + 1] = more[1].to_owned();
                arguments
            }
            _ => open(more),
        };
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        stand.refused(&arguments, code, &[words]);
    }
    stand.refused(
        &[&["hedge", "adjust", &position, "--yes"][..], &OWN].concat(),
        2,
        &["has no hedge"],
    );
    stand.refused(
        &[&["hedge", "close", &position, "--yes"][..], &OWN].concat(),
        2,
        &["has no hedge"],
    );
    stand.refused(
        &[&["hedge", "open", &position, "--yes"][..], &KEEPER].concat(),
        2,
        &["belongs to"],
    );
    assert_eq!(
        stand.world.client.nonce(account).await.unwrap(),
        nonce,
        "something was sent"
    );
    // The owner's own will is enough.
    let opened = stand.open(&["--gate-margin", "100%", "--override-gate", "--yes"]);
    assert_ne!(opened["sent"], Value::Null);
    let again: Vec<String> = open(&["--yes"]);
    let again: Vec<&str> = again.iter().map(String::as_str).collect();
    stand.refused(&again, 2, &["has a hedge already"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rebalance_and_an_exit_take_the_hedge_along_in_one_call() {
    let stand = Stand::new().await;
    let position = stand.position();
    let since = ["--fees-since", "20h", "--yes"];
    let moved = [
        "rebalance",
        &position,
        "--width-percent",
        "10",
        "--hedge",
        "--volatile",
        "token0",
    ];
    let moved = stand.owned(&[&moved[..], &since].concat());
    let (new, debt) = (
        moved["sent"]["newId"].as_str().unwrap(),
        number(&moved["hedge"]["debt"]),
    );
    assert_ne!(new, position);
    let shown = stand.owned(&["hedge", "show", new, "--fees-since", "20h"]);
    assert!(near(stand.debt(&shown["margin"]).await, debt, 10), "{moved}");
    assert!(near(debt, number(&shown["quote"]["exposure"]), 20_000), "{shown}");

    // Without --hedge it is left behind, which is told; and it can be brought after.
    let alone = stand.owned(&["rebalance", new, "--width-percent", "20", "--yes"]);
    assert!(alone["warnings"].to_string().contains("hedge follow"), "{alone}");
    let newer = alone["sent"]["newId"].as_str().unwrap();
    stand.owned(&["hedge", "follow", new, newer, "--yes"]);
    let followed = stand.owned(&["hedge", "show", newer, "--fees-since", "20h"]);
    assert_eq!(followed["margin"], shown["margin"]);

    let left = stand.owned(&[&["exit", newer, "--hedge"][..], &since].concat());
    assert_eq!(number(&left["hedge"]["debt"]), U256::ZERO);
    assert_eq!(stand.debt(&shown["margin"]).await, U256::ZERO);
    stand.world.assert_no_allowance().await;
}
