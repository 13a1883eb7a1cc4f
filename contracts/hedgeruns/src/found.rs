//! A hedge policy, its position and its hedge, as a call finds them.

use alloy_primitives::{Address, I256, U256};
use hedgerow_core::{
    hedging::HedgeDecision,
    policy::{Reason, State},
};
use hedgerow_positions::errors::Revert;
use hedgerow_program::{
    abi::{Word, int24, uint, uint32, uint64, uint128},
    host::Storage,
};
use hedgerow_terms::{
    hedging::HedgePolicy,
    keeper,
    place::{self, PLACE, Place},
    store::{Store, ZERO},
};
use hedgerow_venues::{book, reading::Reading};

use crate::own::{self, DECISION};

/// What a run is made from.
pub struct Found {
    /// The words of where the position is.
    pub words: [Word; PLACE],
    /// Its source and id.
    pub name: (Address, U256),
    /// The policy's id.
    pub id: Word,
    /// Where the book has what governs the position's hedge.
    pub slot: Word,
    /// What governs it.
    governing: Word,
    /// What is remembered of the policy.
    pub state: State,
    /// The position, its hedge and the venue.
    pub read: Reading,
    /// What the policy says, and its words.
    pub decision: HedgeDecision,
    /// See [`Found::decision`].
    pub decision_words: [Word; DECISION],
}

impl Found {
    /// Reads what a run needs, and asks what the policy says: with its triggers, or `along` with its position. Changes nothing.
    ///
    /// Errors: those of `readHedge`.
    #[inline(never)]
    pub fn find<H: Storage>(
        host: &H,
        store: &Store,
        policy: &HedgePolicy<'_>,
        words: &[Word; PLACE],
        along: bool,
    ) -> Result<Self, Revert> {
        let name = Place::decode(words)?.name(host);
        let slot = book::policy_slot(host, store, &place::key(host, &name));
        let id = policy.id(host);
        let decision_words = own::check(host, policy, words, along)?;
        Ok(Self {
            words: *words,
            name,
            governing: host.load(&slot),
            state: store.state(host, &id),
            id,
            slot,
            read: Reading::ask(host, words, policy.venue_words)?,
            decision: decided(&decision_words)?,
            decision_words,
        })
    }

    /// Why nothing is to be done.
    #[cold]
    #[inline(never)]
    pub fn idle(&self) -> Revert {
        let decision = &self.decision;
        keeper::idle(decision.reason, decision.not_before, &self.id, &self.governing)
    }

    /// Ends the policy, of a position that is gone without a hedge.
    pub fn end<H: Storage>(&self, host: &H, store: &Store) {
        store.end(host, &self.id);
        host.store(&self.slot, &ZERO);
        host.flush();
    }

    /// Raw collateral that the owner's terms still let the account put in.
    pub fn allowed(&self, most: u128) -> u128 {
        let most = i128::try_from(most).unwrap_or(i128::MAX);
        most.saturating_sub(self.read.record.paid_in).max(0).unsigned_abs()
    }
}

/// The interface's `HedgeDecision`, as the account's own program encodes it.
#[inline(never)]
fn decided(words: &[Word; DECISION]) -> Result<HedgeDecision, Revert> {
    let trade = uint128(&words[3]) as i128;
    Ok(HedgeDecision {
        act: words[0][31] == 1,
        reason: Reason::from_code(words[1][31]).ok_or_else(Revert::new)?,
        target: uint128(&words[2]),
        trade,
        tick: int24(&words[4]),
        mean_tick: int24(&words[5]),
        value: uint(&words[6]),
        equity: I256::from_raw(uint(&words[7])),
        il: I256::from_raw(uint(&words[8])),
        health: uint32(&words[9]),
        gate: I256::from_raw(uint(&words[10])),
        not_before: uint64(&words[11]),
    })
}
