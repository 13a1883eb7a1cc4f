//! The whole of it on the real contracts: a position is opened, hedged, left to a keeper by policy while the price walks half its
//! worth up and down, and closed; beside it a twin that nobody hedges, and figures of our own.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "../common/mod.rs"]
mod common;
mod ledger;
mod path;
mod stage;
mod terms;

use alloy::{
    primitives::{I256, U256},
    sol_types::SolEvent,
};
use hedgerow::bindings::{
    IHedges::{GateOverridden, Hedged},
    IPolicies::NotNow,
};
use hedgerow_core::policy::Reason;

use crate::{
    common::refusal,
    ledger::Ledger,
    stage::{Stage, dollars},
    terms::{BAND, HORIZON},
};

/// Steps of an hour that the price walks.
const STEPS: usize = 200;
/// How far a trade overshoots before another brings the price to where it goes: fees for everybody who provides liquidity.
const BUSY: f64 = 0.08;

/// What the chain expected, hour by hour, before it happened; and what its keeper did.
#[derive(Default)]
struct Walked {
    fees: f64,
    lvr: f64,
    carry: f64,
    /// What the position's delta made of all moves, each taken for itself.
    tracked: f64,
    runs: usize,
    refused: Vec<(Reason, bool)>,
}

/// The price walks, and a keeper looks every hour.
async fn walked(stage: &mut Stage, ledger: &mut Ledger) -> Walked {
    let mut walked = Walked::default();
    let (start, hours) = (stage.price().await, f64::from(HORIZON) / 3_600.0);
    for multiple in path::walk(STEPS) {
        let quote = stage.quote().await;
        walked.fees += dollars(quote.fees) / hours;
        walked.lvr += dollars(quote.lvr) / hours;
        walked.carry += signed(quote.carry) / hours;
        stage.step(start * multiple, BUSY).await;
        walked.tracked += ledger.moved(stage).await;
        let decision = stage.check().await;
        let reason = Reason::from_code(decision.reason).unwrap();
        if decision.act {
            let before = stage.price().await;
            let event = stage.run(dollars_raw(1)).await;
            assert_eq!(event.reason, decision.reason);
            ledger.traded(stage, before, event.traded, 1.0).await;
            walked.runs += 1;
            assert_near(stage).await;
        } else if reason != Reason::NoTrigger {
            walked.refused.push((reason, stage.is_in_range().await));
        }
    }
    walked
}

/// The debt is the position's delta, give or take the band.
async fn assert_near(stage: &Stage) {
    let (owed, wanted) = (stage.debt().await, stage.exposure().await);
    assert!((owed - wanted).abs() <= BAND * wanted + 0.001, "{owed} for {wanted}");
}

fn assert_close(found: f64, expected: f64, by: f64, what: &str) {
    assert!(
        (found - expected).abs() < by,
        "{what}: {found}, expected {expected} ± {by}"
    );
}

#[tokio::test]
async fn a_hedge_left_to_a_keeper_does_what_was_predicted_and_beats_the_unhedged_twin() {
    let mut stage = Stage::new(BUSY).await;
    let (start, held) = (stage.price().await, stage.amounts().await);
    stage.open().await;
    let mut ledger = Ledger::begin(&stage).await;
    let walked = walked(&mut stage, &mut ledger).await;
    assert!(walked.runs > 20, "the keeper acted {} times", walked.runs);
    // Below the range no fees are to be had, and what little is missing there is not borrowed any more.
    let outside = (Reason::GateClosed, false);
    assert!(
        walked.refused.iter().all(|refusal| *refusal == outside),
        "{:?}",
        walked.refused
    );
    assert_near(&stage).await;

    // The chain's own accounts, beside ours. Interest is some dollars either way, of which a few cents are left.
    let (told, small) = (stage.accounts().await, stage.value_at_start() / 1_000.0);
    assert_close(signed(told.hedge), ledger.hedge(), small, "the hedge");
    assert_close(signed(told.carry), ledger.carry(), 0.05, "the carry");
    let end = stage.price().await;
    let il = stage.position_value().await - (held[0] * end + held[1]);
    assert_close(signed(told.il), il, small, "the loss");
    let closed = stage.close().await;
    assert_close(dollars(told.fees), closed.fees, small, "the fees");

    // It beats the twin by what the hedge made, every cost of it taken off, as our own ledger has it.
    let [hedged, twin] = stage.wealth().await;
    ledger.closed(&stage, closed.bought, closed.price_before).await;
    let beaten = hedged - twin;
    assert!(beaten > 0.0, "{hedged} {twin}");
    assert_close(beaten, ledger.hedge() - ledger.keepers, small, "beyond the twin");

    // Against holding and the twin: what the chain's own outlook expected from hour to hour, and what holding lost; off by no more than
    // the band lets the debt be off its target, a third of the expected volatility and a tenth of the expected fees.
    let end = stage.price().await;
    let hedge = held[0] * (start - end) - walked.lvr - walked.carry - ledger.costs - ledger.keepers;
    let band = BAND * walked.tracked + walked.lvr / 3.0 + walked.fees / 10.0;
    let gained = hedged - stage.reserve() - (held[0] * end + held[1]);
    println!(
        "{} runs; {gained:.2} more than holding, {:.2} ± {band:.2} predicted; {beaten:.2} more than the twin, {:.2} predicted",
        walked.runs,
        walked.fees + hedge,
        hedge - il
    );
    assert_close(gained, walked.fees + hedge, band, "against holding");
    assert_close(beaten, hedge - il, band, "against the twin");
    assert!(band < stage.value_at_start() / 10.0, "a band of {band} says nothing");
    stage.assert_nothing_is_left().await;
}

#[tokio::test]
async fn where_the_gate_refuses_the_keeper_hedges_nothing_and_loses_nothing() {
    // Nobody trades but those who move the price.
    let mut stage = Stage::new(0.0).await;
    let start = stage.price().await;
    let before = stage.wealth_of_owner().await;
    stage.govern().await;
    let mut closed = 0;
    for (step, multiple) in path::walk(STEPS / 2).enumerate() {
        stage.step(start * multiple, 0.0).await;
        let decision = stage.check().await;
        assert!(!decision.act);
        let reason = Reason::from_code(decision.reason).unwrap();
        if reason == Reason::GateClosed {
            assert!(decision.gate < I256::ZERO);
            closed += 1;
        }
        if step % 20 == 0 {
            let refused: NotNow = refusal(stage.try_run(U256::ZERO).await);
            assert_eq!(Reason::from_code(refused.reason), Some(reason));
        }
    }
    assert!(closed > STEPS * 9 / 20, "{closed}");
    assert_eq!(stage.debt().await, 0.0);
    assert_eq!(stage.wealth_of_owner().await, before, "the wallet's own was touched");
    stage.leave().await;
    let [naked, twin] = stage.wealth().await;
    assert!((naked - twin).abs() < 0.01, "{naked} {twin}");
    stage.assert_nothing_is_left().await;
}

#[tokio::test]
async fn the_owner_overrides_the_gate_and_says_so() {
    let mut stage = Stage::new(0.0).await;
    let refused = stage.try_open(false).await;
    assert!(refused.is_err(), "the gate is open");
    let receipt = stage.try_open(true).await.unwrap();
    let mut logs = receipt.inner.logs().iter();
    let overridden = logs
        .find_map(|log| GateOverridden::decode_log(&log.inner).ok())
        .unwrap();
    assert!(overridden.gate < I256::ZERO);
    let mut logs = receipt.inner.logs().iter();
    let hedged = logs.find_map(|log| Hedged::decode_log(&log.inner).ok()).unwrap();
    assert!(hedged.debt > U256::ZERO && hedged.source == stage.source());
}

/// Of raw dollars.
fn signed(value: I256) -> f64 {
    let size = dollars(value.unsigned_abs());
    if value.is_negative() { -size } else { size }
}

fn dollars_raw(count: u64) -> U256 {
    U256::from(count) * U256::from(1_000_000)
}
