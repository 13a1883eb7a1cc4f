//! Liquidity and the two amounts that it stands for.

use crate::full_math::mul_div;
use crate::sqrt_price::{amount0_delta, amount1_delta};
use crate::{Error, Result};
use alloy_primitives::U256;

/// Raw token0 and token1 that `liquidity` in `[lower, upper]` stands for at a sqrt price.
///
/// Rounded down: what burning pays out. The prices are sqrt prices, `lower < upper`; outside the range one amount is zero.
/// Source: v3-periphery `LiquidityAmounts.getAmountsForLiquidity`, same results. Errors: [`Error::ZeroPrice`],
/// [`Error::Overflow`].
pub fn amounts_for_liquidity(sqrt_price: U256, lower: U256, upper: U256, liquidity: u128) -> Result<(U256, U256)> {
    amounts(sqrt_price, lower, upper, liquidity, false)
}

/// Raw token0 and token1 that a pool takes when `liquidity` is minted: as [`amounts_for_liquidity`], rounded up.
///
/// Source: v3-core `UniswapV3Pool._modifyPosition`, same results.
pub fn amounts_to_mint(sqrt_price: U256, lower: U256, upper: U256, liquidity: u128) -> Result<(U256, U256)> {
    amounts(sqrt_price, lower, upper, liquidity, true)
}

// Out of line: a program pays for its length at every entry.
#[inline(never)]
fn amounts(sqrt_price: U256, lower: U256, upper: U256, liquidity: u128, round_up: bool) -> Result<(U256, U256)> {
    let at = within(sqrt_price, lower, upper);
    Ok((
        amount0_delta(at, upper, liquidity, round_up)?,
        amount1_delta(lower, at, liquidity, round_up)?,
    ))
}

/// The liquidity that the two amounts can mint in `[lower, upper]` at a sqrt price; rounded down, so that it never takes more.
///
/// Source: v3-periphery `LiquidityAmounts.getLiquidityForAmounts`, same results, its loss of precision at very low prices
/// included. Errors: [`Error::ZeroDenominator`] where `lower == upper`; [`Error::Overflow`] beyond a uint128.
pub fn liquidity_for_amounts(sqrt_price: U256, lower: U256, upper: U256, amount0: U256, amount1: U256) -> Result<u128> {
    if sqrt_price <= lower {
        liquidity_for_amount0(lower, upper, amount0)
    } else if sqrt_price < upper {
        let by_amount0 = liquidity_for_amount0(sqrt_price, upper, amount0)?;
        Ok(by_amount0.min(liquidity_for_amount1(lower, sqrt_price, amount1)?))
    } else {
        liquidity_for_amount1(lower, upper, amount1)
    }
}

/// The liquidity that `amount0` fills between two sqrt prices: `amount0 * (a * b / 2^96) / (b - a)`, each step rounded down.
///
/// Source: v3-periphery `LiquidityAmounts.getLiquidityForAmount0`. Errors: as [`liquidity_for_amounts`].
pub fn liquidity_for_amount0(a: U256, b: U256, amount0: U256) -> Result<u128> {
    let intermediate = mul_div(a, b, U256::from(1) << 96)?;
    mul_div(amount0, intermediate, a.abs_diff(b)).and_then(to_u128)
}

/// The liquidity that `amount1` fills between two sqrt prices: `amount1 * 2^96 / (b - a)`, rounded down.
///
/// Source: v3-periphery `LiquidityAmounts.getLiquidityForAmount1`. Errors: as [`liquidity_for_amounts`].
pub fn liquidity_for_amount1(a: U256, b: U256, amount1: U256) -> Result<u128> {
    mul_div(amount1, U256::from(1) << 96, a.abs_diff(b)).and_then(to_u128)
}

/// The price, or the end of the range that it lies beyond: `clamp` without its panic.
#[inline(never)]
pub(crate) fn within(sqrt_price: U256, lower: U256, upper: U256) -> U256 {
    sqrt_price.max(lower).min(upper)
}

fn to_u128(value: U256) -> Result<u128> {
    u128::try_from(value).map_err(|_| Error::Overflow)
}
