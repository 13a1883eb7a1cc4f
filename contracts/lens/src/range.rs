//! Ranges of Uniswap v3 pools, in its own integers: figures and fees.

use alloy_primitives::U256;
use hedgerow_core::{
    fees::{earned, growth_inside},
    position,
};
use hedgerow_program::{
    abi::{Revert, Word, strict, uint},
    put,
};

/// Words of the interface's `Figures`.
pub const FIGURES: usize = 8;

/// `figures(...)`.
pub fn figures(
    [liquidity, entry, price, lower, upper]: &[Word; 5],
    output: &mut [Word; FIGURES],
) -> Result<(), Revert> {
    let prices = (strict::uint160(entry)?, strict::uint160(price)?);
    let range = (strict::int24(lower)?, strict::int24(upper)?);
    put_figures(strict::uint128(liquidity)?, prices, range, output)
}

/// The interface's `Figures`.
pub fn put_figures(
    liquidity: u128,
    (entry, price): (U256, U256),
    (lower, upper): (i32, i32),
    output: &mut [Word; FIGURES],
) -> Result<(), Revert> {
    let figures = position::figures(liquidity, entry, price, lower, upper)?;
    put!(output;
        figures.amount0,
        figures.amount1,
        figures.value,
        figures.hold,
        figures.il,
        figures.delta,
        figures.gamma,
        figures.dollar_gamma,
    );
    Ok(())
}

pub fn fees_earned(
    [
        tick,
        lower,
        upper,
        global,
        outside_lower,
        outside_upper,
        last,
        liquidity,
    ]: &[Word; 8],
    output: &mut [Word; 1],
) -> Result<(), Revert> {
    let inside = growth_inside(
        strict::int24(tick)?,
        strict::int24(lower)?,
        strict::int24(upper)?,
        uint(global),
        uint(outside_lower),
        uint(outside_upper),
    );
    put!(output; earned(inside, uint(last), strict::uint128(liquidity)?));
    Ok(())
}
