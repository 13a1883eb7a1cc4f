//! The whole of it on the real contracts: a position is opened, hedged, left to a keeper by policy while the price walks half its
//! worth up and down, and closed; beside it a twin that nobody hedges, and figures of our own.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "../common/mod.rs"]
mod common;
mod ledger;
mod path;
mod stage;

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
    stage::{BAND, Stage, dollars},
};

/// Steps of an hour that the price walks.
const STEPS: usize = 200;
/// How far a trade overshoots before another brings the price to where it goes: fees for everybody who provides liquidity.
const BUSY: f64 = 0.08;

/// What the chain expected, hour by hour, before it happened.
#[derive(Default)]
struct Expected {
    fees: f64,
    lvr: f64,
    carry: f64,
}

#[tokio::test]
async fn a_hedge_left_to_a_keeper_does_what_was_predicted_and_beats_the_unhedged_twin() {
    let mut stage = Stage::new(BUSY).await;
    let start = stage.price().await;
    let held = stage.amounts().await;
    stage.open().await;
    let mut ledger = Ledger::begin(&stage).await;
    let mut expected = Expected::default();
    let mut tracked = 0.0;
    let (mut runs, mut refused) = (0, Vec::new());
    for multiple in path::walk(STEPS) {
        let quote = stage.quote().await;
        let hours = f64::from(stage::HORIZON) / 3_600.0;
        expected.fees += dollars(quote.fees) / hours;
        expected.lvr += dollars(quote.lvr) / hours;
        expected.carry += signed(quote.carry) / hours;
        stage.step(start * multiple, BUSY).await;
        ledger.moved(&stage).await;
        tracked += ledger.last_move();
        let decision = stage.check().await;
        if decision.act {
            let before = stage.price().await;
            let event = stage.run(dollars_raw(1)).await;
            assert_eq!(event.reason, decision.reason);
            ledger.traded(&stage, before, event.traded, 1.0).await;
            runs += 1;
            let (owed, wanted) = (stage.debt().await, stage.exposure().await);
            assert!((owed - wanted).abs() <= BAND * wanted + 0.001, "{owed} for {wanted}");
        } else if Reason::from_code(decision.reason) != Some(Reason::NoTrigger) {
            refused.push((Reason::from_code(decision.reason).unwrap(), stage.is_in_range().await));
        }
    }
    assert!(runs > 20, "the keeper acted {runs} times");
    // Below the range no fees are to be had, and what little is missing there is not borrowed any more.
    assert!(
        refused.iter().all(|refusal| *refusal == (Reason::GateClosed, false)),
        "{refused:?}"
    );
    let (owed, wanted) = (stage.debt().await, stage.exposure().await);
    assert!((owed - wanted).abs() <= BAND * wanted, "{owed} for {wanted}");

    // The chain's own accounts, beside ours.
    let told = stage.accounts().await;
    let value = stage.value_at_start();
    assert!(
        (signed(told.hedge) - ledger.hedge()).abs() < value / 1_000.0,
        "{told:?} {ledger:?}"
    );
    // Some dollars either way, of which a few cents are left.
    assert!(
        (signed(told.carry) - ledger.carry()).abs() < 0.05,
        "{told:?} {ledger:?}"
    );
    let (now, then) = (stage.position_value().await, stage.price().await);
    let il = now - (held[0] * then + held[1]);
    assert!((signed(told.il) - il).abs() < value / 1_000.0, "{told:?} {il}");

    let position = stage.close().await;
    let [hedged, twin] = stage.wealth().await;
    let fees = position.fees;
    assert!((dollars(told.fees) - fees).abs() < value / 1_000.0, "{told:?} {fees}");

    // It beats the twin by what the hedge made, every cost of it taken off, as our own ledger has it.
    ledger.closed(&stage, position.bought, position.price_before).await;
    let beaten = hedged - twin;
    assert!(beaten > 0.0, "{hedged} {twin}");
    assert!(
        (beaten + ledger.keepers - ledger.hedge()).abs() < value / 1_000.0,
        "{beaten} {ledger:?}"
    );

    // Against holding: what the chain's own outlook expected from hour to hour, and what holding lost; off by no more than the band
    // lets the debt be off its target, a third of the expected volatility and a tenth of the expected fees.
    let end = stage.price().await;
    let holding = held[0] * end + held[1];
    let predicted =
        expected.fees - expected.lvr - expected.carry - ledger.costs - ledger.keepers + held[0] * (start - end);
    let band = BAND * tracked + expected.lvr / 3.0 + expected.fees / 10.0;
    let gained = hedged - stage.reserve() - holding;
    let lead = predicted - expected.fees - il;
    println!(
        "{runs} runs; hedged {gained:.2} against holding, predicted {predicted:.2} ± {band:.2}; twin {:.2}; fees {fees:.2} of {:.2}, lvr \
         of {:.2}, carry {:.2} of {:.2}, costs {:.2}, keepers {:.2}",
        twin - stage.reserve() - holding,
        expected.fees,
        expected.lvr,
        ledger.carry(),
        expected.carry,
        ledger.costs,
        ledger.keepers
    );
    assert!(
        (gained - predicted).abs() < band,
        "{gained} is not within {band} of {predicted}"
    );
    assert!((beaten - lead).abs() < band, "{beaten} beyond {lead} ± {band}");
    assert!(band < value / 5.0, "a band of {band} says nothing");
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
