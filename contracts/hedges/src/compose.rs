//! An action of the owner's and the hedge of what it leaves, in one call.

use alloc::vec::Vec;
use alloy_primitives::{Address, U256};
use alloy_sol_types::{SolCall, SolError};
use hedgerow_positions::{
    authority::{ACTION, BATCH, is_owner, locked},
    direct::PoolKey,
    errors::Revert,
    interfaces::IManager,
    nft::Nft,
    report::worth,
};
use hedgerow_program::{
    abi::{Call, Malformed, Word, encode, revert, strict, uint},
    host::{Host, MAX_REASON, Storage},
    words,
};
use hedgerow_terms::{
    interfaces::IPolicies,
    place::{self, PLACE, Place},
    store::Store,
};
use hedgerow_venues::{aave::AaveV3, book, price::Price};

use crate::{
    adjust::to_target,
    close::closed,
    order::{ORDER, Order},
    refusal::incomplete,
};

/// `followHedge`: the hedge of one place, with the policy that governs it, belongs to another of the same pool from now on.
///
/// Errors: `NoHedge`, `ForeignPool`, `ForeignVenue` where the other one has a hedge, `PolicyNotSet` where another policy has, `NotOwner`.
#[inline(never)]
pub fn follow_hedge<H: Storage>(host: &H, from: &Place, to: Place) -> Result<Vec<u8>, Revert> {
    let to = to.newest(host)?;
    let store = Store::open(host)?;
    let old = from.name(host);
    let key = place::key(host, &old);
    let entry = book::entry(host, &store, &key);
    if entry.is_none() {
        return Err(no_hedge(&old));
    }
    let expected = AaveV3::of(host, &entry.margin)?.swap_pool;
    let pool = to.find(host)?.held.venue.pool;
    if pool != expected {
        return Err(foreign_pool(&pool, &expected));
    }
    let name = to.name(host);
    book::follow(host, &store, &key, &place::key(host, &name), &name)?;
    host.flush();
    Ok(Vec::new())
}

/// `actAndHedge`. The action runs as any call of the account to itself does; the hedge is then changed under the lock of an action.
///
/// Errors: `Unauthorised`, the action's own, those of `hedge`; `SwapIncomplete` where the pool is too thin to close the hedge of a position
/// that is gone.
#[inline(never)]
pub fn act_and_hedge<H: Storage>(host: &H, call: &Call<'_>) -> Result<Vec<u8>, Revert> {
    let words = call.head::<{ PLACE + 1 + ORDER }>()?;
    let (place_words, rest) = words.split_first_chunk().ok_or(Malformed)?;
    let place = Place::decode(place_words)?;
    let order = Order::decode(rest.last_chunk().ok_or(Malformed)?)?;
    let act = Act::decode(call.bytes(PLACE)?, place_words)?;
    let caller = host.caller();
    if !is_owner(host, &caller) {
        return Err(revert(IManager::Unauthorised::SELECTOR, &words![caller]));
    }
    order.limits.require_in_time(host)?;
    let (id, collected) = locked(host, BATCH, || act.run(host, &place, &order))?;
    locked(host, ACTION, || then_hedge(host, &place, &act, id, &collected, &order))
}

/// A position action, as a call brings it.
struct Act<'a> {
    data: &'a [u8],
    selector: [u8; 4],
    words: &'a [Word],
}

impl<'a> Act<'a> {
    /// An action on that very position: of an NFT it names manager and token id first, of a direct position pool and range. Malformed is
    /// whatever is none, or one on another position.
    #[inline(never)]
    fn decode(data: &'a [u8], place: &[Word; PLACE]) -> Result<Self, Malformed> {
        let (selector, arguments) = data.split_first_chunk().ok_or(Malformed)?;
        let words: &[Word] = arguments.as_chunks().0;
        let direct = place[0] == [0; 32];
        // Which of the place's words the arguments repeat, and from which argument on.
        let (place, from) = match (*selector, direct) {
            (IManager::toNftCall::SELECTOR, true) => (&place[2..], 1),
            (
                IManager::rebalanceDirectCall::SELECTOR
                | IManager::compoundDirectCall::SELECTOR
                | IManager::openDirectCall::SELECTOR
                | IManager::walkDirectCall::SELECTOR
                | IManager::exitDirectCall::SELECTOR
                | IManager::harvestDirectCall::SELECTOR,
                true,
            ) => (&place[2..], 0),
            (
                IManager::rebalanceCall::SELECTOR
                | IManager::compoundCall::SELECTOR
                | IManager::walkCall::SELECTOR
                | IManager::exitCall::SELECTOR
                | IManager::harvestCall::SELECTOR
                | IManager::toDirectCall::SELECTOR,
                false,
            ) => (&place[..2], 0),
            // Of what is opened there is no token id yet.
            (IManager::openCall::SELECTOR, false) if place[1] == [0; 32] => (&place[..1], 0),
            _ => return Err(Malformed),
        };
        if words.get(from..from + place.len()) != Some(place) {
            return Err(Malformed);
        }
        Ok(Self {
            data,
            selector: *selector,
            words,
        })
    }

    /// Whether it makes a new position of nothing.
    fn opens(&self) -> bool {
        matches!(
            self.selector,
            IManager::openCall::SELECTOR | IManager::openDirectCall::SELECTOR
        )
    }

    /// Calls the account; returns the id of the position that is left, and what fees the position had earned before, each with the
    /// place that the action leads to.
    #[inline(never)]
    fn run<H: Storage>(&self, host: &H, place: &Place, order: &Order) -> Result<(U256, Before), Revert> {
        let before = if self.opens() {
            Before::default()
        } else {
            Before::read(host, place, order)?
        };
        let mut answer = [0; 32];
        match host.call(&host.this(), self.data, &mut answer) {
            Some(length) if length >= 32 => Ok((uint(&answer), before)),
            // An action's own reason may quote another contract's.
            _ => Err(host.return_data(2 * MAX_REASON)),
        }
    }

    /// Where the position is that the action left.
    #[inline(never)]
    fn leads_to(&self, place: &Place, id: U256, before: &Before) -> Result<Place, Malformed> {
        Ok(match (self.selector, place) {
            (IManager::toNftCall::SELECTOR, _) => {
                let manager = strict::address(self.words.first().ok_or(Malformed)?)?;
                Place::Nft(Nft { manager }, id)
            }
            (IManager::toDirectCall::SELECTOR, _) => Place::Direct(before.key, before.range),
            (IManager::rebalanceDirectCall::SELECTOR | IManager::walkDirectCall::SELECTOR, Place::Direct(key, _)) => {
                let [lower, upper] = self.words.get(6..8).and_then(<[Word]>::first_chunk).ok_or(Malformed)?;
                Place::Direct(*key, (strict::int24(lower)?, strict::int24(upper)?))
            }
            (_, Place::Nft(nft, _)) => Place::Nft(*nft, id),
            (_, direct) => *direct,
        })
    }
}

/// What of a position is needed after it is gone.
struct Before {
    /// Fees that it was owed, in raw token1.
    fees: U256,
    /// Its pool, and its range.
    key: PoolKey,
    range: (i32, i32),
}

impl Default for Before {
    fn default() -> Self {
        Self {
            fees: U256::ZERO,
            key: PoolKey {
                factory: Address::ZERO,
                tokens: [Address::ZERO; 2],
                fee: 0,
            },
            range: (0, 0),
        }
    }
}

impl Before {
    #[inline(never)]
    fn read<H: Host>(host: &H, place: &Place, order: &Order) -> Result<Self, Revert> {
        let seen = place.find(host)?;
        let venue = &seen.held.venue;
        let price = Price::read(host, &venue.pool, order.limits.window, order.limits.max_deviation)?;
        let fees = seen.fees(host, price.spot.tick)?.map(U256::from);
        Ok(Self {
            fees: worth(price.sqrt_price, &fees),
            key: PoolKey {
                factory: match place {
                    Place::Nft(nft, _) => nft.factory(host)?,
                    Place::Direct(key, _) => key.factory,
                },
                tokens: venue.tokens,
                fee: venue.fee,
            },
            range: seen.held.range,
        })
    }
}

/// The hedge of what the action left.
#[inline(never)]
fn then_hedge<H: Storage>(
    host: &H,
    place: &Place,
    act: &Act<'_>,
    id: U256,
    before: &Before,
    order: &Order,
) -> Result<Vec<u8>, Revert> {
    let store = Store::open(host)?;
    let old = place::key(host, &place.name(host));
    let entry = book::entry(host, &store, &old);
    if !entry.is_none() {
        book::earn(host, &store, &entry.margin, &before.fees);
    }
    let (debt, collateral) = if id.is_zero() {
        if !entry.is_none() {
            let left = closed(host, &store, place, &U256::ZERO, &order.limits)?;
            if left.market.debt != 0 {
                return Err(incomplete(&U256::from(left.market.debt), &U256::ZERO));
            }
        }
        (0, 0)
    } else {
        let next = act.leads_to(place, id, before)?;
        let name = next.name(host);
        let key = place::key(host, &name);
        if !entry.is_none() {
            book::follow(host, &store, &old, &key, &name)?;
        }
        let left = to_target(host, &store, &next, order, true)?;
        (left.market.debt, left.market.collateral)
    };
    host.flush();
    Ok(encode(&words![id, debt, collateral]))
}

/// `ForeignPool`.
#[cold]
#[inline(never)]
fn foreign_pool(pool: &Address, expected: &Address) -> Revert {
    revert(IPolicies::ForeignPool::SELECTOR, &words![pool, expected])
}

/// `NoHedge`.
#[cold]
#[inline(never)]
pub fn no_hedge(name: &(Address, U256)) -> Revert {
    use hedgerow_terms::interfaces::hedges::IHedges;
    revert(IHedges::NoHedge::SELECTOR, &words![name.0, name.1])
}
