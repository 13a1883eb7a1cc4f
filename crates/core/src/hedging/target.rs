//! What should be owed.

use super::terms::{Kind, Target};
use crate::full_math::mul_div;
use crate::liquidity::amounts_for_liquidity;
use crate::policy::MILLION;
use crate::tick::range_sqrt_prices;
use alloy_primitives::U256;

/// A position's delta: its amount of the volatile token at a sqrt price, fees left out; rounded down.
///
/// Zero where the range is none; the greatest integer where it does not fit. The other token is the unit of account, so this is the
/// derivative of the position's value by the volatile token's price, whichever of the two that is.
pub fn exposure(liquidity: u128, range: (i32, i32), sqrt_price: U256, volatile: u8) -> u128 {
    let Ok((lower, upper)) = range_sqrt_prices(range.0, range.1) else {
        return 0;
    };
    let (amount0, amount1) = amounts_for_liquidity(sqrt_price, lower, upper, liquidity).unwrap_or_default();
    narrow(if volatile == 0 { amount0 } else { amount1 })
}

/// Raw volatile token that should be owed at a sqrt price: nothing, a share of the position's delta, a share of the delta of its
/// impermanent loss, or the amount; rounded down.
///
/// Impermanent loss is what the position is worth less what holding is worth, so its delta is the position's own less the delta at
/// entry: above zero where the volatile token has fallen. Below zero nothing is owed: it would have to be bought, not borrowed. An entry
/// of zero stands for the price itself, which leaves no loss.
pub fn wanted(
    target: &Target,
    entry_sqrt_price: U256,
    liquidity: u128,
    range: (i32, i32),
    sqrt_price: U256,
    volatile: u8,
) -> u128 {
    let held = |at: U256| exposure(liquidity, range, at, volatile);
    let whole = match target.kind {
        Kind::None => return 0,
        Kind::Amount => return target.amount,
        Kind::Delta => held(sqrt_price),
        Kind::IlDelta if entry_sqrt_price.is_zero() => 0,
        Kind::IlDelta => held(sqrt_price).saturating_sub(held(entry_sqrt_price)),
    };
    of(whole, target.share)
}

/// Millionths of an amount, at most all of it; rounded down.
pub(super) fn of(amount: u128, ppm: u32) -> u128 {
    let part = mul_div(U256::from(amount), U256::from(ppm.min(MILLION)), U256::from(MILLION));
    narrow(part.unwrap_or_default())
}

fn narrow(value: U256) -> u128 {
    u128::try_from(value).unwrap_or(u128::MAX)
}
