//! Running the policy of a position, and taking its hedge along.

use alloc::vec::Vec;
use alloy_primitives::{Address, U256};
use alloy_sol_types::SolError;
use hedgerow_core::policy::Reason;
use hedgerow_positions::errors::Revert;
use hedgerow_program::{
    abi::{Call, Encode, Malformed, Word, address, encode, revert, uint},
    host::Storage,
    words,
};
use hedgerow_terms::{
    hedging::{HedgePolicy, POLICY},
    interfaces::IPolicies,
    keeper,
    place::{self, PLACE, Place},
    store::{Store, ZERO, take_over},
    terms::{GUARDS, RULE},
};
use hedgerow_venues::book;

use crate::{
    found::Found,
    own::{self, RAN},
    run::{adjust, require_fee},
};

/// Words before the hedge's policy: the place, the position's guards, and where its rules are.
const BEFORE: usize = PLACE + GUARDS + 1;
/// Words of a hedge's policy without the place.
const HEDGE: usize = POLICY - PLACE;

/// `runHedged`. Whatever this calls out to meets a lock that lets in nobody but the account.
///
/// The position's policy runs first, as the account's own call: it decides, acts, measures and stores by itself. Then the hedge is
/// taken to its target for what is left, as a run of its own policy that waits for no trigger. A change that is too small is left;
/// one that the terms refuse refuses all. A keeper is paid where the hedge changes.
///
/// Errors: those of `IHedges.runHedged`, and of the actions themselves.
#[inline(never)]
pub fn run<H: Storage>(host: &H, call: &Call<'_>) -> Result<Vec<u8>, Revert> {
    let head = call.head::<{ BEFORE + HEDGE + 1 }>()?;
    let (place, rest) = head.split_first_chunk::<PLACE>().ok_or(Malformed)?;
    let (position_guards, rest) = rest.split_first_chunk::<GUARDS>().ok_or(Malformed)?;
    let rules = call.rows::<RULE>(BEFORE - 1)?;
    let policy = HedgePolicy::read(place, rest.get(1..).unwrap_or_default())?;
    let [.., fee] = head;
    let fee = uint(fee);

    let caller = keeper::require(host, &policy.guards)?;
    require_fee(host, &policy, &caller, &fee)?;
    let keeper = address(&position_guards[0]);
    if keeper != host.this() {
        // Whoever could run it alone would leave the hedge behind.
        return Err(keeper::wrong(&host.this(), &keeper));
    }
    let store = Store::open(host)?;
    let found = Found::find(host, &store, &policy, place, true)?;
    stands(&found)?;

    let mut answer = [[0; 32]; RAN + 1];
    let [ran @ .., owed] = &mut answer;
    own::run(host, place, position_guards, rules, ran)?;
    host.flush();
    let [.., lower, upper, _, _, _, _, _, _, left] = &*ran;
    let words = own::moved(place, left, [lower, upper]);
    let at = if *left == ZERO { place } else { &words };
    if at != place {
        follow(host, &store, &found, at)?;
    }
    let debt = take(host, &store, &policy, &found, at, (&caller, &fee, uint(left)))?;
    debt.put(owed);
    Ok(encode(&answer))
}

/// Refuses where the hedge's policy does not hold: not set, ended, paused, expired, without sequencer or oracle.
fn stands(found: &Found) -> Result<(), Revert> {
    match found.decision.reason {
        Reason::NotSet
        | Reason::Ended
        | Reason::Paused
        | Reason::Expired
        | Reason::SequencerDown
        | Reason::SequencerGrace
        | Reason::OracleTooShort => Err(found.idle()),
        _ => Ok(()),
    }
}

/// Has the hedge and its policy belong to where the position is now.
#[inline(never)]
fn follow<H: Storage>(host: &H, store: &Store, found: &Found, to: &[Word; PLACE]) -> Result<(), Revert> {
    if found.read.opened {
        own::follow(host, &found.words, to)?;
        host.flush();
        return Ok(());
    }
    let place = Place::decode(to)?;
    let key = place::key(host, &place.name(host));
    let new = book::policy_slot(host, store, &key);
    take_over(host, store, &found.id, &found.slot, &new)
}

/// Takes the hedge to its target for the position that is left, and returns what is owed then.
#[inline(never)]
fn take<H: Storage>(
    host: &H,
    store: &Store,
    policy: &HedgePolicy<'_>,
    before: &Found,
    at: &[Word; PLACE],
    (payee, fee, left): (&Address, &U256, U256),
) -> Result<u128, Revert> {
    if left.is_zero() && !before.read.opened {
        keeper::require_fee(fee, &U256::ZERO)?;
        before.end(host, store);
        return Ok(0);
    }
    let now = Found::find(host, store, policy, at, true)?;
    if now.read.pool != before.read.pool {
        let arguments = words![now.read.pool, before.read.pool];
        return Err(revert(IPolicies::ForeignPool::SELECTOR, &arguments));
    }
    match now.decision.reason {
        _ if now.decision.act => {
            let done = adjust(host, store, policy, &now, payee, fee)?;
            done.remember(host, store, &now);
            done.tell(host, (before, &now), payee, left, fee);
            Ok(done.debt[1])
        }
        // Nothing to do, or too little.
        Reason::NoTrigger | Reason::TradeTooSmall | Reason::NoLiquidity => {
            keeper::require_fee(fee, &U256::ZERO)?;
            host.flush();
            Ok(now.read.market.debt)
        }
        _ => Err(now.idle()),
    }
}
