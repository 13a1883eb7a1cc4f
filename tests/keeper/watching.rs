//! `hedgerow position watch`.

use serde_json::Value;

use crate::{
    common::governed::{REBALANCE, terms},
    stand::{OWN, Stand, lines, number, said},
};

#[tokio::test(flavor = "multi_thread")]
async fn positions_are_watched_with_their_hedge_and_what_comes_next() {
    let stand = Stand::new().await;
    let position = stand.position();
    let mut it = terms(stand.world.now().await, REBALANCE);
    it.1[0].elapsed = 100_000;
    stand.set(&it).await;
    stand.open(&["--yes"]);
    let watch = ["position", "watch", &position, "--once"];
    let output = stand.run(&[&watch[..], &["--json"], &OWN].concat());
    assert!(output.status.success(), "{}", said(&output));
    let seen = &lines(&output)[0];
    let shown = stand.owned(&["hedge", "show", &position, "--fees-since", "20h"]);
    assert_eq!(seen["hedge"]["margin"], shown["margin"]);
    assert!(seen["inRange"].as_bool().unwrap());
    assert_ne!(number(&seen["hedge"]["debt"]), alloy::primitives::U256::ZERO);
    // A minute of 100,000 seconds.
    let triggers = seen["triggers"].as_array().unwrap();
    assert!(
        triggers
            .iter()
            .any(|it| it["done"].as_u64().is_some_and(|done| (600..2_000).contains(&done))),
        "{seen}"
    );
    assert_ne!(seen["il"], Value::Null);

    let output = stand.run(&[&watch[..], &OWN].concat());
    let text = String::from_utf8(output.stdout).unwrap();
    for words in [
        "in range",
        "IL ",
        "hedge ",
        "health 1.99",
        "policy no: no trigger holds",
        "next rebalance: ",
    ] {
        assert!(text.contains(words), "{words:?} in {text}");
    }
    stand.refused(
        &[&["position", "watch", "999999", "--once"][..], &OWN].concat(),
        2,
        &["999999"],
    );
}
