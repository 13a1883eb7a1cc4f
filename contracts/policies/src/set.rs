//! Setting policies, ending them, and having them follow a position: the owner's part.

use alloc::vec::Vec;
use alloy_sol_types::{SolError, SolEvent};
use hedgerow_core::policy::{Reason, State, Status, admit, mean_price, share};
use hedgerow_positions::{
    errors::{OrRevert, Revert},
    pool,
};
use hedgerow_program::{
    abi::{Encode, Word, encode, revert},
    host::{Host, Storage},
    uniswap, words, zeroed,
};

use hedgerow_terms::{
    interfaces::IPolicies,
    keeper,
    market::PoolOracle,
    place::{self, PLACE, Place},
    store::{Store, ZERO, not_now, not_set, take_over},
    terms::{GUARDS, RULE, Terms},
};

/// Has terms govern a position of the account, in place of any others; returns their id. Who may, the caller has made sure of.
///
/// Errors: `PolicyUsed`, `NotOwner`, `InvalidTerm`, `CeilingExceeded`, `NotNow` where the pool's oracle does not reach back far
/// enough.
#[inline(never)]
pub fn set<H: Storage>(host: &H, store: &Store, terms: &Terms<'_>) -> Result<Vec<u8>, Revert> {
    let id = terms.id(host);
    if store.state(host, &id).status != Status::None {
        return Err(revert(IPolicies::PolicyUsed::SELECTOR, &[id]));
    }
    let place = Place::decode(terms.place)?;
    let held = place.find(host)?.held;
    let pool = &held.venue.pool;
    let spacing = pool::tick_spacing(host, pool).or_revert(host, pool)?;
    let (guards, now) = (&terms.guards, host.timestamp());
    admit(guards, &terms.rules, now, host.chain_id(), spacing).map_err(|defect| keeper::refused(&defect))?;
    let (_, sqrt_price) =
        mean_price(guards, &mut PoolOracle { host, pool }).map_err(|_| not_now(Reason::OracleTooShort, 0))?;
    let entry = if guards.entry_sqrt_price.is_zero() {
        sqrt_price
    } else {
        guards.entry_sqrt_price
    };
    let state = State::begin(now, entry, share(held.liquidity, held.range, sqrt_price));
    let name = place.name(host);
    let book = store.book(host, &place::key(host, &name));
    let found = host.load(&book);
    if found != ZERO {
        store.end(host, &found);
    }
    host.store(&book, &id);
    store.keep(host, &id, &state);
    host.flush();
    tell(host, &id, &words![name.0, name.1], terms);
    Ok(encode(&[id]))
}

/// `PolicySet`, with the terms as the call brought them.
#[inline(never)]
fn tell<H: Host>(host: &H, id: &Word, name: &[Word; 2], terms: &Terms<'_>) {
    const HEAD: usize = PLACE + GUARDS + 1;
    let mut data = zeroed(32 * (4 + HEAD + 1 + RULE * terms.rule_words.len()));
    let words = data.as_chunks_mut().0;
    let topics = [IPolicies::PolicySet::SIGNATURE_HASH.0, *id, name[0], name[1]];
    let (place, length) = ((32 * HEAD as u64).word(), (terms.rule_words.len() as u64).word());
    let source = topics
        .iter()
        .chain(terms.place)
        .chain(terms.guard_words)
        .chain([&place, &length])
        .chain(terms.rule_words.as_flattened());
    for (slot, word) in words.iter_mut().zip(source) {
        *slot = *word;
    }
    host.log(4, words);
}

/// `endPolicy`.
pub fn end<H: Storage>(host: &H, [id]: &[Word; 1]) -> Result<Vec<u8>, Revert> {
    Store::open(host)?.end(host, id);
    host.flush();
    Ok(Vec::new())
}

/// `followPolicy`: what governs one place governs another of the same pool from now on. What is remembered stays as it is.
///
/// Errors: `PolicyNotSet` where nothing governs the one, or something else the other; `ForeignPool`; `NotOwner`.
#[inline(never)]
pub fn follow<H: Storage>(host: &H, words: &[Word; 2 * PLACE]) -> Result<Vec<u8>, Revert> {
    let [from, to] = words.as_chunks().0 else {
        return Err(Revert::new());
    };
    let (from, to) = (Place::decode(from)?, Place::decode(to)?.newest(host)?);
    let store = Store::open(host)?;
    let old = store.book(host, &place::key(host, &from.name(host)));
    let id = host.load(&old);
    if store.state(host, &id).status != Status::Set {
        return Err(not_set(&id, &ZERO));
    }
    let pool = to.find(host)?.held.venue.pool;
    // An NFT that is gone cannot tell any more where it was.
    let expected = match &from {
        Place::Nft(nft, id) => uniswap::position(host, &nft.manager, id)
            .and_then(|position| uniswap::pool(host, &nft.manager, &position))
            .unwrap_or(pool),
        Place::Direct(..) => from.name(host).0,
    };
    if pool != expected {
        return Err(revert(IPolicies::ForeignPool::SELECTOR, &words![pool, expected]));
    }
    let name = to.name(host);
    take_over(host, &store, &id, &old, &place::key(host, &name))?;
    host.flush();
    host.log(
        3 + 1,
        &words![IPolicies::PolicyFollowed::SIGNATURE_HASH.0, id, name.0, name.1],
    );
    Ok(Vec::new())
}
