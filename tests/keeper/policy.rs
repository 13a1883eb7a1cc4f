//! Policies with a `[hedge]`: written, set, checked, shown, kept and removed.

use alloy::primitives::U256;
use serde_json::Value;

use crate::stand::{KEEPER, OWN, Stand, number};

/// What lets a keeper do things in this world: no keeper named, and quick to act again.
const QUICK: [(&str, &str); 3] = [
    ("cooldown", "cooldown = \"1m\""),
    ("max-per-day", "max-per-day = 24"),
    ("max-fee", "max-fee = \"10\""),
];

fn named(document: &Value) -> (&str, &str) {
    (
        document["policies"].as_str().unwrap(),
        document["reasonName"].as_str().unwrap_or("none"),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hedges_policy_is_set_kept_and_removed() {
    let stand = Stand::new().await;
    let position = stand.position();
    let file = stand.policy("hedge.toml", &["--hedge-only"], &QUICK);
    let unset = stand.owned(&["policy", "check", &position, &file]);
    assert_eq!(unset["hedgeDecision"]["reasonName"], "NotSet");
    assert_eq!(unset["accountSaysTheSame"], true);
    let set = stand.owned(&["policy", "set", &position, &file, "--yes"]);
    let shown = stand.owned(&["policy", "show", &position]);
    assert_eq!(shown["hedgePolicyId"], set["hedgePolicyId"]);
    assert_eq!(shown["hedgeTerms"], set["hedgeTerms"]);
    // Written again from the chain, it is the same policy: the terms were used.
    let copy = stand.file("copy.toml");
    let copy = copy.to_str().unwrap();
    stand.owned(&["policy", "show", &position, "-o", copy]);
    stand.refused(
        &[&["policy", "set", &position, copy, "--yes"][..], &OWN].concat(),
        2,
        &["another salt"],
    );

    // Nothing is owed yet, and the whole delta is wanted.
    let keeper = stand.world.balances(stand.world.stranger.address()).await[1];
    let opened = stand.round(KEEPER, &[]);
    assert_eq!(
        (opened.len(), named(&opened[0])),
        (1, ("hedge", "HedgeDrift")),
        "{opened:?}"
    );
    assert_eq!(opened[0]["outcome"]["became"], "sent", "{opened:?}");
    let fee = number(&opened[0]["outcome"]["fee"]);
    assert_eq!(
        stand.world.balances(stand.world.stranger.address()).await[1],
        keeper + fee
    );
    let hedge = stand.owned(&["hedge", "show", &position, "--fees-since", "20h"]);
    let debt = stand.debt(&hedge["margin"]).await;
    assert!(debt > U256::ZERO);
    stand.world.pass(120).await;
    assert_eq!(named(&stand.round(KEEPER, &[])[0]), ("hedge", "NoTrigger"));

    // The volatile token rises, so that the position holds less of it.
    stand.move_price(false, 1_500).await;
    let checked = stand.owned(&["policy", "check", &position]);
    assert_eq!(checked["hedgeDecision"]["reasonName"], "HedgeDrift", "{checked}");
    let adjusted = stand.round(KEEPER, &[]);
    assert_eq!(adjusted[0]["outcome"]["became"], "sent", "{adjusted:?}");
    assert!(stand.debt(&hedge["margin"]).await < debt);

    let removed = stand.owned(&["policy", "remove", &position, "--yes"]);
    assert_eq!(removed["policyIds"].as_array().unwrap().len(), 1);
    assert!(stand.round(KEEPER, &[]).is_empty());
    stand.owned(&["hedge", "close", &position, "--yes"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_position_is_rebalanced_with_its_hedge_by_one_keeper() {
    let stand = Stand::new().await;
    let position = stand.position();
    let file = stand.policy(
        "both.toml",
        &["--hedge"],
        &[&QUICK[..], &[("il", "il = \"90%\"")]].concat(),
    );
    let set = stand.owned(&["policy", "set", &position, &file, "--yes"]);
    assert_ne!(set["policyId"], set["hedgePolicyId"]);
    // The position's own policy is the account's alone to run.
    let keeper = set["terms"]["guards"]["keeper"].as_str().unwrap().to_lowercase();
    assert_eq!(keeper, stand.owner().to_lowercase());
    let opened = stand.round(KEEPER, &[]);
    assert_eq!(
        (opened.len(), named(&opened[0])),
        (1, ("hedge", "HedgeDrift")),
        "{opened:?}"
    );

    // Far out of the range, for longer than its hour.
    stand.move_price(false, 8_000).await;
    stand.world.pass(7_200).await;
    stand.aave.follow(&stand.world).await;
    let moved = stand.round(KEEPER, &[]);
    assert_eq!(named(&moved[0]), ("position and hedge", "OutOfRange"), "{moved:?}");
    assert_eq!(moved[0]["outcome"]["became"], "sent", "{moved:?}");
    let new = moved[0]["outcome"]["newId"].as_str().unwrap();
    assert_ne!(new, position);
    let hedge = stand.owned(&["hedge", "show", new, "--fees-since", "20h"]);
    let (debt, wanted) = (number(&hedge["quote"]["debt"]), number(&hedge["quote"]["target"]));
    assert!(debt.abs_diff(wanted) * U256::from(10) < wanted, "{hedge}");
    let both = stand.owned(&["policy", "remove", new, "--yes"]);
    assert_eq!(both["policyIds"].as_array().unwrap().len(), 2);
}
