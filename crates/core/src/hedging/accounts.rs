//! What became of a position and its hedge.

use super::market::{Market, Pool, scale_at, worth_of_collateral, worth_of_volatile};
use super::record::Record;
use crate::il::Worth;
use crate::policy::{Scale, Snapshot, less};
use crate::tick::range_sqrt_prices;
use crate::wide::Wide;
use alloy_primitives::{I256, U256};

/// What became of a position and its hedge, in raw token1 at one price. `net = fees + il + hedge`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Accounts {
    /// The hedge's profit and loss, carry included; rounded down.
    pub hedge: I256,
    /// Interest paid less interest earned, part of it; rounded up.
    pub carry: I256,
    /// Fees that the position earned since the hedge was opened: owed now, and collected; rounded down.
    pub fees: U256,
    /// The position against holding what it was at entry; never above zero, rounded down.
    pub il: I256,
    /// All together.
    pub net: I256,
}

/// What became of a position and its hedge at a sqrt price `S`.
///
/// `hedge = collateral - debt S - paid in`, `carry = (debt - borrowed) S - (collateral - deposited)`, each rounded once, against the
/// account. The loss is that of the liquidity there is now, from the record's entry; none where that is zero.
pub fn accounts(record: &Record, market: &Market, pool: &Pool, snapshot: &Snapshot, sqrt_price: U256) -> Accounts {
    let scale = scale_at(sqrt_price);
    let volatile = |amount: i128| Signed::new(amount, |amount| worth_of_volatile(&scale, pool, amount));
    let collateral = |amount: i128| Signed::new(amount, |amount| worth_of_collateral(&scale, pool, amount));
    let (owed, held) = (
        worth_of_volatile(&scale, pool, market.debt),
        worth_of_collateral(&scale, pool, market.collateral),
    );
    let (paid_in, borrowed, deposited) = (
        collateral(record.paid_in),
        volatile(record.borrowed),
        collateral(record.deposited),
    );
    let hedge = floor(&held.add(&paid_in.below), &owed.add(&paid_in.above));
    // Of the carry's opposite, so that it is rounded up.
    let earned = floor(
        &held.add(&deposited.below).add(&borrowed.above),
        &owed.add(&deposited.above).add(&borrowed.below),
    );
    let owed_fees = crate::policy::raw(&scale.worth_of_fees(&snapshot.fees));
    let fees = owed_fees.saturating_add(U256::from(record.fees_earned));
    let il = lost(record.entry_sqrt_price, snapshot, &scale);
    let signed = I256::try_from(fees).unwrap_or(I256::MAX);
    Accounts {
        hedge,
        carry: I256::ZERO.saturating_sub(earned),
        fees,
        il,
        net: signed.saturating_add(il).saturating_add(hedge),
    }
}

/// What the liquidity is worth less what its amounts at entry are worth, at the scale's price.
fn lost(entry: U256, snapshot: &Snapshot, scale: &Scale) -> I256 {
    let Ok((lower, upper)) = range_sqrt_prices(snapshot.range.0, snapshot.range.1) else {
        return I256::ZERO;
    };
    if entry.is_zero() {
        return I256::ZERO;
    }
    let worth = Worth::new(scale.sqrt_price, lower, upper);
    let (held, remains) = worth.of(entry, snapshot.liquidity);
    let now = worth.of(scale.sqrt_price, snapshot.liquidity).0;
    // Both are the same quotient where the price is back, and no more than rounding is lost.
    let held = held.add(&Wide::from(u64::from(remains && now < held)));
    floor(&now, &held).min(I256::ZERO)
}

/// A worth of either sign: one of the two is nothing.
struct Signed {
    above: Wide,
    below: Wide,
}

impl Signed {
    fn new(amount: i128, worth: impl Fn(u128) -> Wide) -> Self {
        let size = worth(amount.unsigned_abs());
        if amount < 0 {
            Self {
                above: Wide::ZERO,
                below: size,
            }
        } else {
            Self {
                above: size,
                below: Wide::ZERO,
            }
        }
    }
}

/// `a - b` of worths in 2^-192 of raw token1, in raw token1; rounded towards minus infinity.
#[inline(never)]
pub(super) fn floor(a: &Wide, b: &Wide) -> I256 {
    if a >= b {
        let (whole, _) = less(a, b).shr(192);
        return magnitude(&whole);
    }
    let (whole, lost) = less(b, a).shr(192);
    let size = magnitude(&whole.add(&Wide::from(u64::from(lost))));
    I256::ZERO.saturating_sub(size)
}

/// As a signed integer; the greatest where it does not fit.
pub(super) fn magnitude(value: &Wide) -> I256 {
    match value.to_u256() {
        Some(value) if !value.bit(255) => I256::from_raw(value),
        _ => I256::MAX,
    }
}
