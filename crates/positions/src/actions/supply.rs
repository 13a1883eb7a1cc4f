//! The actions that swap to a range's ratio and supply it: rebalance, compound, open. One flow, because a program pays for its
//! length at every entry: tokens come from a position, from its fees or from the account, and go into a new position or the same.

use alloc::vec::Vec;
use alloy_primitives::{I256, U256};
use alloy_sol_types::{SolError, SolEvent};
use hedgerow_core::tick::range_sqrt_prices;
use hedgerow_program::{
    abi::{Word, revert},
    host::Host,
    words,
};

use crate::{
    custody::{Custody, Held, Payout},
    errors::{Revert, call_failed},
    interfaces::IManager,
    ledger::Ledger,
    limits::Limits,
    price::Guard,
    report::{Report, loss, principal, worth},
    swap,
    venue::Venue,
};

/// Where the tokens come from.
enum Origin<'a> {
    /// All of a position, which is then gone.
    Position(&'a Held),
    /// The fees of a position, which stays and is added to.
    Fees(&'a Held),
    /// The account: at most these amounts.
    Account(&'a [U256; 2]),
}

/// What is asked for. `Name` is how the keeper's callers name a position, `Key` how they name a pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task<Name, Key> {
    /// Moves a position to another range: pays it out, swaps, mints. Only what the old position paid out is used. To the range
    /// that it has already, it is compounded.
    Rebalance(Name, (i32, i32)),
    /// Puts a position's fees back into it, swapped to its ratio. What the range does not take of them stays with the account.
    Compound(Name),
    /// Opens a position in a range with at most these amounts of the account's tokens, and at most what there is, swapped to the
    /// ratio of the range.
    Open(Key, (i32, i32), [U256; 2]),
}

/// Does what is asked for, or nothing; returns the results that all actions have. Errors: those of `IManager`'s functions.
pub fn supply<H: Host, C: Custody>(
    host: &H,
    custody: &C,
    task: &Task<C::Name, C::Key>,
    limits: &Limits,
) -> Result<Vec<u8>, Revert> {
    limits.require_in_time(host)?;
    let held;
    let (origin, venue, range) = match task {
        Task::Open(key, range, amounts) => (Origin::Account(amounts), custody.venue(host, key)?, *range),
        Task::Rebalance(name, _) | Task::Compound(name) => {
            held = custody.find(host, name)?;
            match task {
                Task::Rebalance(_, range) if *range != held.range => {
                    if held.liquidity == 0 {
                        return Err(revert(IManager::NoLiquidity::SELECTOR, &words![held.id]));
                    }
                    (Origin::Position(&held), held.venue, *range)
                }
                _ => (Origin::Fees(&held), held.venue, held.range),
            }
        }
    };
    run(host, custody, &origin, &venue, range, limits)
}

#[inline(never)]
fn run<H: Host, C: Custody>(
    host: &H,
    custody: &C,
    origin: &Origin<'_>,
    venue: &Venue,
    range: (i32, i32),
    limits: &Limits,
) -> Result<Vec<u8>, Revert> {
    let pool = &venue.pool;
    let spacing = venue.accepts(host, range)?;
    let (guard, spot) = Guard::begin(host, pool, limits)?;
    let ledger = Ledger::open(host, &venue.tokens, origin.named())?;
    let paid = origin.release(host, custody, limits)?;
    let available = ledger.available(host)?;
    let ends = range_sqrt_prices(range.0, range.1).map_err(|_| call_failed(pool, &[]))?;
    let mut mix = swap::to_ratio(host, venue, spacing, ends, &available, guard.as_ref())?;
    mix.limit(&ledger.available(host)?);
    let added = match origin {
        Origin::Fees(held) if mix.liquidity == 0 => {
            return Err(revert(IManager::NothingToAdd::SELECTOR, &words![held.id]));
        }
        Origin::Fees(held) => custody.increase(host, held, &mix)?,
        _ => custody.mint(host, venue, range, &mix)?,
    };
    limits.require_liquidity(added.liquidity)?;
    if !matches!(origin, Origin::Position(_)) {
        limits.require_amounts(&added.amounts)?;
    }
    Guard::end(guard.as_ref(), host, pool)?;
    let old = origin.held();
    let stays = match origin {
        Origin::Fees(held) => principal(spot.sqrt_price, ends, held.liquidity),
        _ => U256::ZERO,
    };
    let came = old.map_or(available, |_| paid.total());
    let value = |amounts| stays.saturating_add(worth(spot.sqrt_price, amounts));
    let report = Report {
        source: custody.source(venue),
        id: old.map_or(added.id, |held| held.id),
        left: added.id,
        range,
        liquidity: added.liquidity,
        amounts: added.amounts,
        fees: paid.fees,
        values: [value(&came), value(&mix.held)],
        il: match old.map(|held| range_sqrt_prices(held.range.0, held.range.1)) {
            Some(Ok(ends)) => loss(limits.entry_sqrt_price, spot.sqrt_price, ends),
            _ => I256::ZERO,
        },
    };
    Ok(report.tell(host, &origin.event()))
}

impl<'a> Origin<'a> {
    /// What of the account's own tokens may be used.
    fn named(&self) -> &'a [U256; 2] {
        match self {
            Self::Account(amounts) => amounts,
            _ => &[U256::ZERO; 2],
        }
    }

    /// The position that was there before.
    fn held(&self) -> Option<&'a Held> {
        match self {
            Self::Position(held) | Self::Fees(held) => Some(held),
            Self::Account(_) => None,
        }
    }

    /// Has the tokens paid to the account.
    fn release<H: Host, C: Custody>(&self, host: &H, custody: &C, limits: &Limits) -> Result<Payout, Revert> {
        match self {
            Self::Position(held) => {
                let paid = custody.pay_out(host, held)?;
                limits.require_amounts(&paid.principal)?;
                // Before the mint: a new NFT then takes the storage that the old one frees, which saves some 50,000 gas.
                custody.discard(host, held)?;
                Ok(paid)
            }
            Self::Fees(held) => Ok(Payout {
                principal: [U256::ZERO; 2],
                fees: custody.collect(host, held)?,
            }),
            Self::Account(_) => Ok(Payout::default()),
        }
    }

    fn event(&self) -> Word {
        match self {
            Self::Position(_) => IManager::Rebalanced::SIGNATURE_HASH.0,
            Self::Fees(_) => IManager::Compounded::SIGNATURE_HASH.0,
            Self::Account(_) => IManager::Opened::SIGNATURE_HASH.0,
        }
    }
}
