//! Taking out: everything, or the fees alone.

use alloc::vec::Vec;
use alloy_primitives::{I256, U256};
use alloy_sol_types::{SolError, SolEvent};
use hedgerow_core::tick::range_sqrt_prices;
use hedgerow_positions::{
    custody::Payout,
    errors::Revert,
    interfaces::IManager,
    ledger::Ledger,
    limits::Limits,
    price::{Guard, Spot},
    report::{Report, loss, principal, worth},
    swap,
};
use hedgerow_program::{
    abi::{Malformed, Word, revert, strict},
    host::Host,
    words,
};

use crate::kept::{Keeper, Kept};

/// In what an exit is paid.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Proceeds {
    /// Both tokens, as they come.
    Both,
    /// One of them, by its index; the other is sold.
    One(usize),
}

impl Proceeds {
    /// The interface's enum.
    pub fn decode(word: &Word) -> Result<Self, Malformed> {
        match strict::uint8(word)? {
            0 => Ok(Self::Both),
            1 => Ok(Self::One(0)),
            2 => Ok(Self::One(1)),
            _ => Err(Malformed),
        }
    }
}

/// Takes everything out. In both tokens nothing is swapped and no time-weighted price is read: whatever the market did, it works.
///
/// Of an NFT nothing is left. Errors: those of `IManager.exit`.
#[inline(never)]
pub fn exit<H: Host>(host: &H, position: &Kept, proceeds: Proceeds, limits: &Limits) -> Result<Vec<u8>, Revert> {
    let venue = &position.held.venue;
    let (guard, spot) = match proceeds {
        Proceeds::Both => (None, Spot::read(host, &venue.pool)?),
        Proceeds::One(_) => Guard::begin(host, &venue.pool, limits)?,
    };
    let ledger = Ledger::open(host, &venue.tokens, &[U256::ZERO; 2])?;
    let paid = position.pay_out(host)?;
    // An empty NFT is there to be burned; an empty place in a pool is nothing, and most likely a mistaken range.
    if matches!(position.keeper, Keeper::Direct) {
        require_any(position, &paid)?;
    }
    position.discard(host)?;
    let mut gained = ledger.available(host)?;
    if let Proceeds::One(kept) = proceeds {
        let sold = gained[(kept ^ 1) & 1];
        if !sold.is_zero() {
            swap::sell(host, venue, kept == 1, &sold, &spot, guard.as_ref())?;
            gained = ledger.available(host)?;
        }
        Guard::end(guard.as_ref(), host, &venue.pool)?;
    }
    limits.require_amounts(&gained)?;
    let report = Report {
        source: position.source(),
        id: position.held.id,
        left: U256::ZERO,
        range: position.held.range,
        liquidity: 0,
        amounts: gained,
        fees: paid.fees,
        values: [worth(spot.sqrt_price, &paid.total()), worth(spot.sqrt_price, &gained)],
        il: impermanent_loss(position, &spot, limits),
    };
    Ok(report.tell(host, &IManager::Exited::SIGNATURE_HASH.0))
}

/// Takes the fees out, together with what was withdrawn before and never collected; the liquidity stays.
///
/// Errors: those of `IManager.harvest`.
#[inline(never)]
pub fn harvest<H: Host>(host: &H, position: &Kept, limits: &Limits) -> Result<Vec<u8>, Revert> {
    let held = &position.held;
    let spot = Spot::read(host, &held.venue.pool)?;
    let ledger = Ledger::open(host, &held.venue.tokens, &[U256::ZERO; 2])?;
    let fees = position.collect(host)?;
    require_any(
        position,
        &Payout {
            fees,
            ..Payout::default()
        },
    )?;
    let gained = ledger.available(host)?;
    limits.require_amounts(&gained)?;
    let (lower, upper) = held.range;
    let stays =
        range_sqrt_prices(lower, upper).map_or(U256::ZERO, |ends| principal(spot.sqrt_price, ends, held.liquidity));
    let value = |amounts| stays.saturating_add(worth(spot.sqrt_price, amounts));
    let report = Report {
        source: position.source(),
        id: held.id,
        left: held.id,
        range: held.range,
        liquidity: held.liquidity,
        amounts: gained,
        fees,
        values: [value(&fees), value(&gained)],
        il: impermanent_loss(position, &spot, limits),
    };
    Ok(report.tell(host, &IManager::Harvested::SIGNATURE_HASH.0))
}

/// Refuses a position without liquidity that had nothing to pay either: `NoLiquidity`.
fn require_any(position: &Kept, paid: &Payout) -> Result<(), Revert> {
    if position.is_empty() && paid.fees == [U256::ZERO; 2] {
        return Err(no_liquidity(position));
    }
    Ok(())
}

/// `NoLiquidity`.
#[cold]
#[inline(never)]
pub fn no_liquidity(position: &Kept) -> Revert {
    revert(IManager::NoLiquidity::SELECTOR, &words![position.held.id])
}

/// What the event tells of a position that was entered at the limits' price.
pub fn impermanent_loss(position: &Kept, spot: &Spot, limits: &Limits) -> I256 {
    let (lower, upper) = position.held.range;
    // Only a position manager that lies has a range without prices: it must not stop an exit from it.
    range_sqrt_prices(lower, upper).map_or(I256::ZERO, |ends| loss(limits.entry_sqrt_price, spot.sqrt_price, ends))
}
