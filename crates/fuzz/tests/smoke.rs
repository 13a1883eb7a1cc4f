//! Every fuzz target on random bytes, briefly: 2,000 inputs each, a hundred times as many with `HEDGEROW_LONG`.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use hedgerow_fuzz::TARGETS;
use proptest::prelude::Rng;
use proptest::test_runner::{RngAlgorithm, TestRng};

/// Random bytes, with runs of equal ones, as numbers of few digits have.
fn inputs(count: usize) -> impl Iterator<Item = Vec<u8>> {
    let mut random = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    (0..count).map(move |_| {
        let mut data = vec![0; 16 + (random.next_u32() % 1024) as usize];
        random.fill_bytes(&mut data);
        for _ in 0..random.next_u32() % 4 {
            let at = random.next_u32() as usize % data.len();
            let end = data.len().min(at + 32);
            data[at..end].fill(if at.is_multiple_of(2) { 0 } else { 0xff });
        }
        data
    })
}

fn run(name: &str) {
    let (_, body) = TARGETS.iter().find(|target| target.0 == name).unwrap();
    let long = std::env::var("HEDGEROW_LONG").is_ok_and(|value| value != "0");
    for data in inputs(if long { 200_000 } else { 2_000 }) {
        if let Err(panic) = std::panic::catch_unwind(|| body(&data)) {
            eprintln!("{name} fails on {}", alloy_primitives::hex::encode(&data));
            std::panic::resume_unwind(panic);
        }
    }
}

macro_rules! smoke {
    ($($(#[$condition:meta])? $name:ident)*) => {$(
        $(#[$condition])?
        #[test]
        fn $name() {
            run(stringify!($name));
        }
    )*};
}
smoke! {
    real
    normal
    options
    strips
    pools
    zap
    programs
    account
    #[cfg(feature = "command")]
    calculator
}

/// A hostile chain on which nothing ever succeeds would prove nothing.
#[test]
fn the_account_s_actions_come_to_their_end_on_the_hostile_chain() {
    for action in ["rebalance(", "compound(", "open("] {
        let done = |data: &Vec<u8>| {
            let (signature, done) = hedgerow_fuzz::account::run(data);
            done && signature.starts_with(action)
        };
        assert!(inputs(20_000).any(|data| done(&data)), "{action} was never done");
    }
}

#[test]
fn every_target_has_its_harness_and_its_smoke_test() {
    for (name, _) in TARGETS {
        let harness = format!("{}/../../fuzz/fuzz_targets/{name}.rs", env!("CARGO_MANIFEST_DIR"));
        let source = std::fs::read_to_string(&harness).expect(&harness);
        assert!(source.contains(&format!("hedgerow_fuzz::{name}::body")), "{harness}");
        let mut lines = include_str!("smoke.rs").lines();
        assert!(lines.any(|line| line.trim() == *name), "{name} has no smoke test");
    }
}
