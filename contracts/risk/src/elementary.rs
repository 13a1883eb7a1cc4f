//! Functions of one number, and the few of two or three.

use hedgerow_core::{Wad, fixed, full_math};
use hedgerow_program::{
    abi::{Revert, Word, strict, uint},
    put,
};

/// A function of an `int256` wad.
pub fn signed(
    function: impl Fn(Wad) -> hedgerow_core::Result<Wad>,
) -> impl Fn(&[Word; 1], &mut [Word; 1]) -> Result<(), Revert> {
    move |[x], output| {
        put!(output; function(strict::wad(x))?);
        Ok(())
    }
}

/// A function of a `uint256` wad.
pub fn unsigned(
    function: impl Fn(Wad) -> hedgerow_core::Result<Wad>,
) -> impl Fn(&[Word; 1], &mut [Word; 1]) -> Result<(), Revert> {
    move |[x], output| {
        put!(output; function(strict::unsigned_wad(x)?)?);
        Ok(())
    }
}

pub fn pow([base, exponent]: &[Word; 2], output: &mut [Word; 1]) -> Result<(), Revert> {
    put!(output; fixed::pow(strict::unsigned_wad(base)?, strict::wad(exponent))?);
    Ok(())
}

pub fn mul_div([a, b, denominator]: &[Word; 3], output: &mut [Word; 1]) -> Result<(), Revert> {
    put!(output; full_math::mul_div(uint(a), uint(b), uint(denominator))?);
    Ok(())
}

pub fn mul_div_up([a, b, denominator]: &[Word; 3], output: &mut [Word; 1]) -> Result<(), Revert> {
    put!(output; full_math::mul_div_ceil(uint(a), uint(b), uint(denominator))?);
    Ok(())
}
