//! Impermanent loss.

use alloy_primitives::U256;
use hedgerow_core::{I256, il};
use hedgerow_program::{
    abi::{Encode, Revert, Word, strict, uint},
    put,
};

/// A loss between two prices of any common scale.
pub fn between<T: Encode>(
    loss: impl Fn(U256, U256) -> hedgerow_core::Result<T>,
) -> impl Fn(&[Word; 2], &mut [Word; 1]) -> Result<(), Revert> {
    move |[entry, price], output| {
        put!(output; loss(uint(entry), uint(price))?);
        Ok(())
    }
}

pub fn from_ratio([ratio]: &[Word; 1], output: &mut [Word; 1]) -> Result<(), Revert> {
    put!(output; il::from_ratio(uint(ratio))?);
    Ok(())
}

pub fn from_amounts(
    [deposited0, deposited1, held0, held1, price]: &[Word; 5],
    output: &mut [Word; 1],
) -> Result<(), Revert> {
    let deposited = (uint(deposited0), uint(deposited1));
    put!(output; il::from_amounts(deposited, (uint(held0), uint(held1)), uint(price))?);
    Ok(())
}

pub fn weighted([entry, price, weight]: &[Word; 3], output: &mut [Word; 1]) -> Result<(), Revert> {
    put!(output; il::weighted(uint(entry), uint(price), uint(weight))?);
    Ok(())
}

pub fn concentrated([entry, price, lower, upper]: &[Word; 4], output: &mut [Word; 1]) -> Result<(), Revert> {
    let prices = (strict::uint160(entry)?, strict::uint160(price)?);
    let loss: I256 = il::concentrated(prices.0, prices.1, strict::int24(lower)?, strict::int24(upper)?)?;
    put!(output; loss);
    Ok(())
}
