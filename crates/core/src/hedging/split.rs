//! How to part money between a position and the hedge of its delta by borrowing.

use crate::wide::Wide;
use crate::{Error, Result, U256, WAD, Wad};

/// How a sum is parted, all in its own raw unit; each rounded down from the exact quotient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Split {
    /// What is lent.
    pub collateral: U256,
    /// What is borrowed against it, of the volatile token.
    pub debt: U256,
    /// The position's volatile leg: the debt over the hedge ratio.
    pub volatile: U256,
    /// The position's other leg.
    pub stable: U256,
}

/// Parts `total` so that a position with `x` of the stable token for each of the volatile one, by value, is hedged by the share
/// `hedge_ratio`, at a loan-to-value of `ltv`; all three are wads.
///
/// `collateral = A / (1 - ltv + ltv/h + (ltv/h) x)`, `debt = ltv * collateral`, legs `debt / h` and `x debt / h`: so that
/// `A = collateral - debt + volatile + stable`, but for rounding. Source: Orange Alpha. Domain: `0 < ltv <= 1`, `h` above zero, `x`
/// not below. Errors: [`Error::NotPositive`], [`Error::NegativeInput`]; [`Error::Overflow`] of a loan-to-value above one or a result
/// beyond its type.
pub fn split(total: U256, ltv: Wad, hedge_ratio: Wad, x: Wad) -> Result<Split> {
    for input in [ltv, hedge_ratio] {
        if !input.is_positive() {
            return Err(Error::NotPositive(input.0));
        }
    }
    if x.0.is_negative() {
        return Err(Error::NegativeInput(x.0));
    }
    let [ltv, ratio, x] = [ltv.to_unsigned()?, hedge_ratio.to_unsigned()?, x.to_unsigned()?];
    let unit = U256::from(WAD);
    let free = unit.checked_sub(ltv).ok_or(Error::Overflow)?;
    let legs = unit.checked_add(x).ok_or(Error::Overflow)?;
    let wide = |value: U256| Wide::from(value);
    // h (1 - ltv) + ltv (1 + x), below 2^318, over a squared wad; the largest dividend below 2^(256 + 60 + 255).
    let divisor = wide(ratio).mul(&wide(free)).add(&wide(ltv).mul(&wide(legs)));
    let part = |a: U256, b: U256| {
        let share = wide(total).mul(&wide(a)).mul(&wide(b));
        share.div(&divisor).0.to_u256().ok_or(Error::Overflow)
    };
    Ok(Split {
        collateral: part(ratio, unit)?,
        debt: part(ratio, ltv)?,
        volatile: part(ltv, unit)?,
        stable: part(ltv, x)?,
    })
}
