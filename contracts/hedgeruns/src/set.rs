//! Setting hedge policies: the owner's part.

use alloc::vec::Vec;
use alloy_sol_types::{SolError, SolEvent};
use hedgerow_core::{
    hedging::admit_hedge,
    policy::{Defect, GUARDS, Reason, State, Status, mean_price},
};
use hedgerow_positions::errors::Revert;
use hedgerow_program::{
    abi::{Word, encode, revert},
    host::{Host, Storage},
    words, zeroed,
};
use hedgerow_terms::{
    hedging::{HedgePolicy, POLICY},
    interfaces::{IPolicies, hedges::IHedges},
    keeper,
    market::PoolOracle,
    place::{self, PLACE, Place},
    store::{Store, ZERO, not_now},
};
use hedgerow_venues::book;

/// Has a policy govern the hedge of a position of the account, in place of any other; returns its id. There need not be a hedge yet.
///
/// Errors: `PolicyUsed`, `NotOwner`, `InvalidTerm`, `CeilingExceeded`, `NotNow` where the pool's oracle does not reach back far
/// enough.
#[inline(never)]
pub fn set<H: Storage>(host: &H, policy: &HedgePolicy<'_>) -> Result<Vec<u8>, Revert> {
    let (store, id) = (Store::open(host)?, policy.id(host));
    if store.state(host, &id).status != Status::None {
        return Err(revert(IPolicies::PolicyUsed::SELECTOR, &[id]));
    }
    let place = Place::decode(policy.place)?;
    let held = place.find(host)?.held;
    let (guards, now) = (&policy.guards, host.timestamp());
    admitted(host, policy, now).map_err(|defect| keeper::refused(&defect))?;
    let pool = &held.venue.pool;
    let (_, sqrt_price) =
        mean_price(guards, &mut PoolOracle { host, pool }).map_err(|_| not_now(Reason::OracleTooShort, 0))?;
    let name = place.name(host);
    let slot = book::policy_slot(host, &store, &place::key(host, &name));
    let found = host.load(&slot);
    if found != ZERO {
        store.end(host, &found);
    }
    host.store(&slot, &id);
    store.keep(host, &id, &State::begin(now, sqrt_price, 0));
    host.flush();
    tell(host, &id, &words![name.0, name.1], policy);
    Ok(encode(&[id]))
}

/// Whether these terms may be set. Beside what the core admits the keeper's fee has to be in the collateral: it comes out of the hedge.
fn admitted<H: Storage>(host: &H, policy: &HedgePolicy<'_>, now: u64) -> Result<(), Defect> {
    let (guards, venue) = (&policy.guards, &policy.venue);
    admit_hedge(guards, &policy.terms, &policy.rule, now, host.chain_id())?;
    let invalid = |rule, field| Err(Defect::Invalid { rule, field });
    if venue.kind != 1 {
        return invalid(VENUE, 0);
    }
    if venue.volatile > 1 {
        return invalid(VENUE, 3);
    }
    if guards.fee_token + venue.volatile != 1 {
        return invalid(GUARDS, 12);
    }
    Ok(())
}

/// The number that stands for the venue where a rule's is asked for.
const VENUE: u8 = 252;

/// `HedgePolicySet`, with the terms as the call brought them.
#[inline(never)]
fn tell<H: Host>(host: &H, id: &Word, name: &[Word; 2], policy: &HedgePolicy<'_>) {
    let mut data = zeroed(32 * (4 + POLICY));
    let words = data.as_chunks_mut().0;
    let topics = [IHedges::HedgePolicySet::SIGNATURE_HASH.0, *id, name[0], name[1]];
    let source = topics
        .iter()
        .chain(policy.place)
        .chain(policy.venue_words)
        .chain(policy.guard_words)
        .chain(policy.term_words)
        .chain(policy.rule_words);
    for (slot, word) in words.iter_mut().zip(source) {
        *slot = *word;
    }
    host.log(4, words);
}

/// `hedgePolicyOf`: what governs a position's hedge; zero where nothing does.
pub fn policy_of<H: Storage>(host: &H, words: &[Word; PLACE]) -> Result<Vec<u8>, Revert> {
    let place = Place::decode(words)?;
    let store = Store::open(host)?;
    let id = host.load(&book::policy_slot(host, &store, &place::key(host, &place.name(host))));
    let set = store.state(host, &id).status == Status::Set;
    Ok(encode(&[if set { id } else { ZERO }]))
}
