//! One step of a swap inside one liquidity interval, exactly as Uniswap v3 computes it.

use crate::full_math::{mul_div, mul_div_ceil};
use crate::sqrt_price::{amount0_delta, amount1_delta, next_from_input, next_from_output};
use crate::{Error, Result};
use alloy_primitives::{I256, U256};

/// A fee of 100 %, in pips.
pub const FEE_UNIT: u32 = 1_000_000;

/// What one step does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// The sqrt price after the step; never beyond the target.
    pub sqrt_price: U256,
    /// Raw input taken, without the fee; rounded up.
    pub amount_in: U256,
    /// Raw output paid; rounded down.
    pub amount_out: U256,
    /// Raw input taken as the fee; rounded up.
    pub fee: U256,
}

/// Swaps from `current` towards `target` against constant `liquidity`.
///
/// `remaining` is the input still to sell, fee included, or minus the output still to buy. `fee_pips` is in millionths.
/// Rounding favours the pool. Errors: [`Error::FeeOutOfRange`]; [`Error::Overflow`]; [`Error::ZeroPrice`].
/// Source: v3-core `SwapMath.computeSwapStep`, same results.
pub fn compute_step(current: U256, target: U256, liquidity: u128, remaining: I256, fee_pips: u32) -> Result<Step> {
    if fee_pips >= FEE_UNIT {
        return Err(Error::FeeOutOfRange(fee_pips));
    }
    let zero_for_one = current >= target;
    if remaining.is_negative() {
        exact_out(
            current,
            target,
            liquidity,
            remaining.unsigned_abs(),
            fee_pips,
            zero_for_one,
        )
    } else {
        exact_in(current, target, liquidity, remaining.into_raw(), fee_pips, zero_for_one)
    }
}

/// [`compute_step`] for an input of `remaining` in a known direction.
pub(crate) fn exact_in(
    current: U256,
    target: U256,
    liquidity: u128,
    remaining: U256,
    fee_pips: u32,
    zero_for_one: bool,
) -> Result<Step> {
    let net = net_of_fee(remaining, fee_pips)?;
    let to_target = amount_in(current, target, liquidity, zero_for_one)?;
    if net >= to_target {
        return reach(current, target, liquidity, to_target, fee_pips, zero_for_one);
    }
    let sqrt_price = next_from_input(current, liquidity, net, zero_for_one)?;
    // Rounding may carry even a partial input to the target; Uniswap then keeps the amount that the whole way takes.
    if sqrt_price == target {
        return reach(current, target, liquidity, to_target, fee_pips, zero_for_one);
    }
    let taken = amount_in(current, sqrt_price, liquidity, zero_for_one)?;
    Ok(Step {
        sqrt_price,
        amount_in: taken,
        amount_out: amount_out(current, sqrt_price, liquidity, zero_for_one)?,
        fee: remaining - taken,
    })
}

/// The sqrt price and the output of an input that is known to end before the interval's edge: what [`exact_in`] gives there,
/// with the whole input taken.
pub(crate) fn exact_in_inside(
    current: U256,
    liquidity: u128,
    amount: U256,
    fee_pips: u32,
    zero_for_one: bool,
) -> Result<(U256, U256)> {
    let sqrt_price = next_from_input(current, liquidity, net_of_fee(amount, fee_pips)?, zero_for_one)?;
    Ok((sqrt_price, amount_out(current, sqrt_price, liquidity, zero_for_one)?))
}

fn exact_out(
    current: U256,
    target: U256,
    liquidity: u128,
    wanted: U256,
    fee_pips: u32,
    zero_for_one: bool,
) -> Result<Step> {
    let to_target = amount_out(current, target, liquidity, zero_for_one)?;
    let (sqrt_price, paid) = if wanted >= to_target {
        (target, to_target)
    } else {
        let sqrt_price = next_from_output(current, liquidity, wanted, zero_for_one)?;
        let paid = if sqrt_price == target {
            to_target
        } else {
            amount_out(current, sqrt_price, liquidity, zero_for_one)?
        };
        (sqrt_price, paid)
    };
    let taken = amount_in(current, sqrt_price, liquidity, zero_for_one)?;
    Ok(Step {
        sqrt_price,
        amount_in: taken,
        amount_out: paid.min(wanted),
        fee: fee_on(taken, fee_pips)?,
    })
}

fn reach(current: U256, target: U256, liquidity: u128, taken: U256, fee_pips: u32, zero_for_one: bool) -> Result<Step> {
    Ok(Step {
        sqrt_price: target,
        amount_in: taken,
        amount_out: amount_out(current, target, liquidity, zero_for_one)?,
        fee: fee_on(taken, fee_pips)?,
    })
}

fn amount_in(current: U256, next: U256, liquidity: u128, zero_for_one: bool) -> Result<U256> {
    if zero_for_one {
        amount0_delta(next, current, liquidity, true)
    } else {
        amount1_delta(current, next, liquidity, true)
    }
}

fn amount_out(current: U256, next: U256, liquidity: u128, zero_for_one: bool) -> Result<U256> {
    if zero_for_one {
        amount1_delta(next, current, liquidity, false)
    } else {
        amount0_delta(current, next, liquidity, false)
    }
}

fn net_of_fee(amount: U256, fee_pips: u32) -> Result<U256> {
    mul_div(amount, U256::from(FEE_UNIT - fee_pips), U256::from(FEE_UNIT))
}

fn fee_on(amount_in: U256, fee_pips: u32) -> Result<U256> {
    mul_div_ceil(amount_in, U256::from(fee_pips), U256::from(FEE_UNIT - fee_pips))
}
