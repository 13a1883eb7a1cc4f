//! Uniswap v3's own integers: ticks, amounts, liquidity.

use alloy_primitives::U256;
use hedgerow_core::{
    liquidity,
    tick::{range_sqrt_prices, sqrt_price_at_tick, tick_at_sqrt_price},
};
use hedgerow_program::{
    abi::{Revert, Word, strict, uint},
    put,
};

/// A sqrt price of a pool, and a range's ends as sqrt prices.
struct At {
    price: U256,
    lower: U256,
    upper: U256,
}

#[inline(never)]
fn at(price: &Word, lower: &Word, upper: &Word) -> Result<At, Revert> {
    let price = strict::sqrt_price(price)?.get();
    let (lower, upper) = range_sqrt_prices(strict::int24(lower)?, strict::int24(upper)?)?;
    Ok(At { price, lower, upper })
}

pub fn amounts_for_liquidity(
    [price, lower, upper, liquidity]: &[Word; 4],
    output: &mut [Word; 2],
) -> Result<(), Revert> {
    let At { price, lower, upper } = at(price, lower, upper)?;
    let amounts = liquidity::amounts_for_liquidity(price, lower, upper, strict::uint128(liquidity)?)?;
    put!(output; amounts.0, amounts.1);
    Ok(())
}

pub fn amounts_to_mint([price, lower, upper, liquidity]: &[Word; 4], output: &mut [Word; 2]) -> Result<(), Revert> {
    let At { price, lower, upper } = at(price, lower, upper)?;
    let amounts = liquidity::amounts_to_mint(price, lower, upper, strict::uint128(liquidity)?)?;
    put!(output; amounts.0, amounts.1);
    Ok(())
}

pub fn liquidity_for_amounts(
    [price, lower, upper, amount0, amount1]: &[Word; 5],
    output: &mut [Word; 1],
) -> Result<(), Revert> {
    let At { price, lower, upper } = at(price, lower, upper)?;
    put!(output; liquidity::liquidity_for_amounts(price, lower, upper, uint(amount0), uint(amount1))?);
    Ok(())
}

pub fn sqrt_price([tick]: &[Word; 1], output: &mut [Word; 1]) -> Result<(), Revert> {
    put!(output; sqrt_price_at_tick(strict::int24(tick)?)?);
    Ok(())
}

pub fn tick([price]: &[Word; 1], output: &mut [Word; 1]) -> Result<(), Revert> {
    put!(output; tick_at_sqrt_price(strict::uint160(price)?)?);
    Ok(())
}
