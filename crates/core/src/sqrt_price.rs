//! How amounts of either token and a pool's sqrt price move each other, exactly as Uniswap v3 computes it.
//!
//! Source of every function: v3-core `SqrtPriceMath`, same results for every input that it accepts.

use crate::full_math::{mul_div_ceil, round};
use crate::wide::Wide;
use crate::{Error, Result};
use alloy_primitives::U256;

/// Raw token0 between two sqrt prices: `liquidity * 2^96 * |b - a| / (a * b)`.
///
/// Rounded up where a pool takes, down where it pays. The prices may come in either order. Errors:
/// [`Error::ZeroPrice`] where the lower is zero; [`Error::Overflow`].
pub fn amount0_delta(a: U256, b: U256, liquidity: u128, round_up: bool) -> Result<U256> {
    let (lower, upper) = if a <= b { (a, b) } else { (b, a) };
    if lower.is_zero() {
        return Err(Error::ZeroPrice);
    }
    // Rounding twice in one direction, as Uniswap divides by `b` and then by `a`, equals rounding the whole quotient once.
    let numerator = Wide::from(liquidity).mul(&Wide::from(upper - lower)).shl(96);
    let (quotient, remains) = numerator.div(&Wide::from(lower).mul(&Wide::from(upper)));
    round(quotient, round_up && remains)
}

/// Raw token1 between two sqrt prices: `liquidity * |b - a| / 2^96`.
///
/// Rounded up where a pool takes, down where it pays. The prices may come in either order. Errors: [`Error::Overflow`].
pub fn amount1_delta(a: U256, b: U256, liquidity: u128, round_up: bool) -> Result<U256> {
    let product = Wide::from(liquidity).mul(&Wide::from(a.abs_diff(b)));
    let (quotient, lost) = product.shr(96);
    round(quotient, round_up && lost)
}

/// The sqrt price after `amount_in`, net of fees, is paid into the pool.
///
/// Rounded so that the price moves no further than the input pays for. Errors: [`Error::ZeroPrice`],
/// [`Error::ZeroLiquidity`], [`Error::Overflow`].
pub fn next_from_input(sqrt_price: U256, liquidity: u128, amount_in: U256, zero_for_one: bool) -> Result<U256> {
    check(sqrt_price, liquidity)?;
    if zero_for_one {
        next_from_amount0(sqrt_price, liquidity, amount_in, true)
    } else {
        next_from_amount1(sqrt_price, liquidity, amount_in, true)
    }
}

/// The sqrt price after the pool pays out `amount_out`.
///
/// Rounded so that the price moves at least as far as the output needs. Errors: [`Error::ZeroPrice`],
/// [`Error::ZeroLiquidity`], [`Error::InsufficientLiquidity`], [`Error::Overflow`].
pub fn next_from_output(sqrt_price: U256, liquidity: u128, amount_out: U256, zero_for_one: bool) -> Result<U256> {
    check(sqrt_price, liquidity)?;
    if zero_for_one {
        next_from_amount1(sqrt_price, liquidity, amount_out, false)
    } else {
        next_from_amount0(sqrt_price, liquidity, amount_out, false)
    }
}

fn check(sqrt_price: U256, liquidity: u128) -> Result<()> {
    if sqrt_price.is_zero() {
        Err(Error::ZeroPrice)
    } else if liquidity == 0 {
        Err(Error::ZeroLiquidity)
    } else {
        Ok(())
    }
}

/// `liquidity * p / (liquidity +- amount * p)`, rounded up.
fn next_from_amount0(sqrt_price: U256, liquidity: u128, amount: U256, add: bool) -> Result<U256> {
    if amount.is_zero() {
        return Ok(sqrt_price);
    }
    let numerator: U256 = U256::from(liquidity) << 96;
    let product = Wide::from(amount).mul(&Wide::from(sqrt_price)).to_u256();
    if add {
        if let Some(denominator) = product.and_then(|product| numerator.checked_add(product)) {
            return mul_div_ceil(numerator, sqrt_price, denominator);
        }
        // Where the exact denominator leaves 256 bits, Uniswap divides through by the price first.
        let per_price = Wide::from(numerator).div(&Wide::from(sqrt_price)).0;
        let denominator = per_price.add(&Wide::from(amount)).to_u256().ok_or(Error::Overflow)?;
        crate::full_math::div_ceil(numerator, denominator)
    } else {
        let denominator = product
            .filter(|product| *product < numerator)
            .map(|product| numerator - product);
        let next = mul_div_ceil(
            numerator,
            sqrt_price,
            denominator.ok_or(Error::InsufficientLiquidity(amount))?,
        )?;
        fits_160(next)
    }
}

/// `p +- amount / liquidity`, rounded down.
fn next_from_amount1(sqrt_price: U256, liquidity: u128, amount: U256, add: bool) -> Result<U256> {
    let (quotient, remains) = Wide::from(amount).shl(96).div(&Wide::from(liquidity));
    if add {
        let step = round(quotient, false)?;
        fits_160(sqrt_price.checked_add(step).ok_or(Error::Overflow)?)
    } else {
        let step = round(quotient, remains)?;
        if step >= sqrt_price {
            Err(Error::InsufficientLiquidity(amount))
        } else {
            Ok(sqrt_price - step)
        }
    }
}

fn fits_160(value: U256) -> Result<U256> {
    if value.bit_len() <= 160 {
        Ok(value)
    } else {
        Err(Error::Overflow)
    }
}
