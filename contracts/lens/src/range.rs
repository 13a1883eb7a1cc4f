//! Ranges of Uniswap v3 pools, in its own integers: figures and fees.

use hedgerow_core::fees::{earned, growth_inside};
use hedgerow_program::{
    abi::{Revert, Word, strict, uint},
    put,
    reading::{FIGURES, put_figures},
};

/// `figures(...)`.
pub fn figures(
    [liquidity, entry, price, lower, upper]: &[Word; 5],
    output: &mut [Word; FIGURES],
) -> Result<(), Revert> {
    let prices = (strict::uint160(entry)?, strict::uint160(price)?);
    let range = (strict::int24(lower)?, strict::int24(upper)?);
    put_figures(strict::uint128(liquidity)?, prices, range, output)
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
