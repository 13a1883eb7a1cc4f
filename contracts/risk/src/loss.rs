//! Losses: expected, of several assets, of a deposit.

use alloc::vec::Vec;
use hedgerow_core::il;
use hedgerow_program::{
    abi::{Call, Revert, Word, encode, strict},
    put,
    terms::wads,
    words,
};

pub fn expected([volatility, years, drift]: &[Word; 3], output: &mut [Word; 2]) -> Result<(), Revert> {
    let (volatility, years) = (strict::unsigned_wad(volatility)?, strict::unsigned_wad(years)?);
    let loss = il::expected(volatility, years, strict::wad(drift))?;
    put!(output; loss.il_abs, loss.il);
    Ok(())
}

/// `ilMany(ratios, weights)`.
pub fn many(call: &Call<'_>) -> Result<Vec<u8>, Revert> {
    let loss = il::many(&wads(call.rows(0)?)?, &wads(call.rows(1)?)?)?;
    Ok(encode(&words![loss]))
}

pub fn constant_product_position([entry, price, amount0]: &[Word; 3], output: &mut [Word; 4]) -> Result<(), Revert> {
    let prices = (strict::unsigned_wad(entry)?, strict::unsigned_wad(price)?);
    let outcome = il::constant_product_position(prices.0, prices.1, strict::unsigned_wad(amount0)?)?;
    put!(output; outcome.value, outcome.hold, outcome.il_abs, outcome.il);
    Ok(())
}
