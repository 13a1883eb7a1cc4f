//! Prices as people write them (whole token1 per whole token0) to and from Uniswap's `sqrtPriceX96`.

use crate::{
    decimal::{Decimal, format_units},
    error::{Error, Result},
};
use alloy::primitives::{U256, aliases::I24};
use hedgerow_core::{full_math, tick};

/// Digits behind the point with which a price is worked out, the most that fit.
const PLACES: [u32; 4] = [36, 27, 18, 9];
/// How many digits of it are shown.
const SIGNIFICANT_DIGITS: usize = 15;

/// `floor(sqrt(price * 10^decimals1 / 10^decimals0) * 2^96)`: exact while the raw price is below 2^64, else to 127 bits.
pub fn sqrt_price_from(what: &'static str, price: &Decimal, decimals0: u8, decimals1: u8) -> Result<U256> {
    let ten = |power: u32| U256::from(10).checked_pow(U256::from(power));
    let sides = ten(u32::from(decimals1))
        .and_then(|scale| price.digits.checked_mul(scale))
        .zip(ten(u32::from(decimals0) + price.places));
    let Some((amount1, amount0)) = sides else {
        return Err(Error::invalid(what, price, "it is too long for these tokens' decimals"));
    };
    if amount1.is_zero() {
        return Err(Error::invalid(what, price, "a price must be above zero"));
    }
    sqrt_ratio(amount1, amount0)
        .filter(|sqrt_price| tick::check_sqrt_price(*sqrt_price).is_ok())
        .ok_or_else(|| Error::invalid(what, price, "it lies outside the prices that Uniswap can hold"))
}

/// `floor(sqrt(amount1 / amount0) * 2^96)`, with as many bits below the root as 256 leave.
fn sqrt_ratio(amount1: U256, amount0: U256) -> Option<U256> {
    (0..=96_usize).rev().find_map(|half| {
        let squared = full_math::mul_div(amount1, U256::from(1) << (2 * half), amount0).ok()?;
        Some(full_math::sqrt(squared) << (96 - half))
    })
}

/// The price as people write it, to the nearest of 15 significant digits: for reading, not for reckoning.
pub fn price_from(sqrt_price: U256, decimals0: u8, decimals1: u8) -> Result<String> {
    let one = U256::from(1) << 96;
    let ten = |power: u32| U256::from(10).pow(U256::from(power));
    // As many places as fit; the decimals of token0 multiply and those of token1 divide.
    let attempt = |places: u32| {
        let raw = full_math::mul_div(sqrt_price, sqrt_price, one)?;
        let scaled = full_math::mul_div(raw, ten(places + u32::from(decimals0)), one)?;
        Ok((scaled / ten(u32::from(decimals1)), places))
    };
    let shown = PLACES
        .into_iter()
        .map(attempt)
        .find(Result::is_ok)
        .unwrap_or_else(|| attempt(0));
    let (digits, places) = shown.map_err(|error: hedgerow_core::Error| Error::Maths {
        what: "the price to show",
        reason: error.to_string(),
    })?;
    let surplus = digits.to_string().len().saturating_sub(SIGNIFICANT_DIGITS);
    let unit = ten(u32::try_from(surplus).unwrap_or_default().min(places));
    Ok(format_units((digits + unit / U256::from(2)) / unit * unit, places))
}

/// The price at a tick as people write it.
pub fn price_at_tick(tick: i32, decimals0: u8, decimals1: u8) -> Result<String> {
    let sqrt_price =
        tick::sqrt_price_at_tick(tick).map_err(|error| Error::invalid("the tick", tick, error.to_string()))?;
    price_from(sqrt_price, decimals0, decimals1)
}

/// The tick range whose ends lie `percent` above the price and as far below it (price / (1 + percent)), widened to the spacing.
pub fn range_around(sqrt_price: U256, percent: &Decimal, spacing: i32) -> Result<(i32, i32)> {
    let invalid = |remedy: &str| Error::invalid("--width-percent", percent, remedy);
    let scaled = percent.scaled("--width-percent", 16)?;
    if scaled.is_zero() {
        return Err(invalid("the range would be empty: give a number above zero"));
    }
    let wad = U256::from(hedgerow_core::WAD);
    let factor = wad.checked_add(scaled).ok_or_else(|| invalid("it is too large"))?;
    // sqrt(1 + percent) as a wad; both ends are rounded outwards below.
    let root = full_math::sqrt_mul(factor, wad);
    let end = |numerator, denominator| {
        full_math::mul_div(sqrt_price, numerator, denominator)
            .and_then(tick::tick_at_sqrt_price)
            .map_err(|_| invalid("the range would leave the prices that Uniswap can hold"))
    };
    let lower = tick::floor_to_spacing(end(wad, root)?, spacing);
    let upper = tick::floor_to_spacing(end(root, wad)?, spacing) + spacing;
    Ok((lower, upper))
}

/// A tick as the contracts take it.
pub fn int24(tick: i32) -> Result<I24> {
    I24::try_from(tick).map_err(|_| Error::invalid("the tick", tick, "give one from -887272 to 887272"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn sqrt_of(price: &str, decimals0: u8, decimals1: u8) -> Result<U256> {
        sqrt_price_from("the price", &price.parse().unwrap(), decimals0, decimals1)
    }

    #[test]
    fn whole_prices_meet_uniswaps_published_square_roots() {
        let q96 = U256::from(1) << 96;
        assert_eq!(sqrt_of("1", 18, 18).unwrap(), q96);
        assert_eq!(sqrt_of("4", 18, 18).unwrap(), q96 << 1);
        // v3-periphery's encodePriceSqrt(121, 100)
        assert_eq!(
            sqrt_of("1.21", 6, 6).unwrap().to_string(),
            "87150978765690771352898345369"
        );
        // uniswapv3book: 1 ETH at 5000 USDC, both with 18 decimals
        assert_eq!(
            sqrt_of("5000", 18, 18).unwrap().to_string(),
            "5602277097478613991873193822745"
        );
    }

    #[test]
    fn prices_of_zero_or_beyond_the_pool_are_refused() {
        assert!(sqrt_of("0.0", 18, 6).unwrap_err().to_string().contains("above zero"));
        assert!(sqrt_of("1000000000000000000000000000000000000000000", 18, 18).is_err());
    }

    #[test]
    fn a_price_reads_back_the_same_whatever_the_decimals() {
        for (price, decimals0, decimals1) in [
            ("2000", 18, 6),
            ("0.0005", 6, 18),
            ("1850.25", 18, 18),
            ("1", 0, 0),
            ("0.0000000123456789", 18, 18),
        ] {
            let shown = price_from(sqrt_of(price, decimals0, decimals1).unwrap(), decimals0, decimals1).unwrap();
            assert_eq!(shown, price);
        }
    }

    #[test]
    fn a_width_gives_a_range_on_the_spacing_that_holds_the_price() {
        let sqrt_price = sqrt_of("3000", 18, 6).unwrap();
        let (lower, upper) = range_around(sqrt_price, &"25".parse().unwrap(), 60).unwrap();
        // ln(1.25) / ln(1.0001) = 2231.6 ticks either side of ln(3e-9) / ln(1.0001) = -196256.3
        assert_eq!((lower, upper), (-198_540, -193_980));
        assert!(range_around(sqrt_price, &"0".parse().unwrap(), 60).is_err());
    }
}
