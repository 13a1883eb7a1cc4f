//! Black–Scholes, and the volatility that a price implies.

use hedgerow_core::{
    Wad,
    black_scholes::{self, Kind, Terms},
    implied_vol,
};
use hedgerow_program::{
    abi::{Malformed, Revert, Word, strict},
    put,
};

/// The interface's `Terms`.
fn terms([spot, strike, volatility, seconds, rate]: &[Word; 5]) -> Result<Terms, Revert> {
    Ok(Terms {
        spot: strict::unsigned_wad(spot)?,
        strike: strict::unsigned_wad(strike)?,
        volatility: strict::unsigned_wad(volatility)?,
        seconds: strict::uint64(seconds)?,
        rate: strict::wad(rate),
    })
}

pub fn price_and_delta(input: &[Word; 5], output: &mut [Word; 3]) -> Result<(), Revert> {
    let priced = black_scholes::price_and_delta(&terms(input)?)?;
    put!(output; priced.call, priced.put, priced.delta);
    Ok(())
}

pub fn black_scholes(input: &[Word; 5], output: &mut [Word; 12]) -> Result<(), Revert> {
    let quote = black_scholes::quote(&terms(input)?)?;
    put!(output;
        quote.d1,
        quote.d2,
        quote.call,
        quote.put,
        quote.delta_call,
        quote.delta_put,
        quote.gamma,
        quote.vega,
        quote.theta_call,
        quote.theta_put,
        quote.rho_call,
        quote.rho_put,
    );
    Ok(())
}

pub fn implied_volatility(
    [kind, price, spot, strike, seconds, rate]: &[Word; 6],
    output: &mut [Word; 1],
) -> Result<(), Revert> {
    let kind = match strict::uint8(kind)? {
        0 => Kind::Call,
        1 => Kind::Put,
        _ => return Err(Malformed.into()),
    };
    let terms = Terms {
        spot: strict::unsigned_wad(spot)?,
        strike: strict::unsigned_wad(strike)?,
        volatility: Wad::ZERO,
        seconds: strict::uint64(seconds)?,
        rate: strict::wad(rate),
    };
    put!(output; implied_vol::implied_volatility(kind, strict::unsigned_wad(price)?, &terms)?);
    Ok(())
}
