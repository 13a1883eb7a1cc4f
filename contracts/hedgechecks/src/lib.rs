//! Hedge checks: the Stylus program that says what a keeper's hedge policy does now.
//!
//! It runs by delegatecall from the shell, so that the account it speaks for is the EOA. It changes nothing: the program that runs
//! policies asks it, as anybody may, and acts on nothing else.
#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

use alloc::vec::Vec;
use alloy_primitives::U256;
use alloy_sol_types::SolCall;
use hedgerow_core::{
    hedging::{HedgeDecision, HedgeRule, decide_hedge},
    policy::Guards,
};
use hedgerow_positions::errors::Revert;
use hedgerow_program::{
    abi::{Call, Word, encode},
    host::Storage,
    words,
};
use hedgerow_terms::{
    hedging::HedgePolicy,
    interfaces::hedges::IHedges,
    market::{PoolOracle, sequencer},
    place::{self, Place},
    store::Store,
};
use hedgerow_venues::{book, reading::Reading};

/// Answers one call. Malformed or unknown calldata reverts with nothing, as Solidity does.
pub fn answer<H: Storage>(host: &H, input: &[u8]) -> Result<Vec<u8>, Revert> {
    if !host.value().is_zero() {
        return Err(Revert::new());
    }
    let (selector, call) = Call::new(input)?;
    let policy = HedgePolicy::decode(&call)?;
    let decision = match selector.to_be_bytes() {
        IHedges::checkHedgeCall::SELECTOR => decided(host, &policy, &policy.guards, &policy.rule)?,
        IHedges::checkHedgedCall::SELECTOR => {
            decided(host, &policy, &unhindered(&policy.guards), &to_target(&policy.rule))?
        }
        _ => return Err(Revert::new()),
    };
    Ok(encode(&words_of(&decision)))
}

/// Reads everything that the policy speaks of, and decides. Errors: those of `readHedge`.
#[inline(never)]
fn decided<H: Storage>(
    host: &H,
    policy: &HedgePolicy<'_>,
    guards: &Guards,
    rule: &HedgeRule,
) -> Result<HedgeDecision, Revert> {
    let store = Store::open(host)?;
    let read = Reading::ask(host, policy.place, policy.venue_words)?;
    let (id, name) = (policy.id(host), Place::decode(policy.place)?.name(host));
    let governing = host.load(&book::policy_slot(host, &store, &place::key(host, &name)));
    let mut snapshot = read.snapshot;
    (snapshot.now, snapshot.paused) = (host.timestamp(), store.paused);
    (snapshot.governed, snapshot.sequencer) = (governing == id, sequencer(host, &guards.sequencer_feed));
    let pool = &read.pool;
    Ok(decide_hedge(
        guards,
        &policy.terms,
        rule,
        &store.state(host, &id),
        &read.record,
        &read.market,
        &read.terms,
        &snapshot,
        &mut PoolOracle { host, pool },
    ))
}

/// The guards without what only says how often: where a hedge goes along, the position's own policy says that.
fn unhindered(guards: &Guards) -> Guards {
    Guards {
        cooldown: 0,
        max_per_day: u16::MAX,
        max_runs: 0,
        ..*guards
    }
}

/// The rule without a band: it acts on whatever the debt is off its target.
fn to_target(rule: &HedgeRule) -> HedgeRule {
    HedgeRule {
        band: 0,
        inner: 0,
        ..*rule
    }
}

/// The words of the interface's `HedgeDecision`.
#[inline(never)]
fn words_of(decision: &HedgeDecision) -> [Word; 12] {
    let size = U256::from(decision.trade.unsigned_abs());
    let trade = if decision.trade < 0 {
        U256::ZERO.wrapping_sub(size)
    } else {
        size
    };
    words![
        decision.act,
        decision.reason.code(),
        decision.target,
        trade,
        decision.tick,
        decision.mean_tick,
        decision.value,
        decision.equity,
        decision.il,
        // Without debt there is no end to it.
        if decision.health == u32::MAX {
            U256::MAX
        } else {
            U256::from(decision.health)
        },
        decision.gate,
        decision.not_before,
    ]
}

hedgerow_program::entrypoint!(answer);
