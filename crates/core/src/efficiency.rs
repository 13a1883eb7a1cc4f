//! Capital efficiency: how many times the liquidity a range gives for the same money as the full range does.
//!
//! `2 / (2 - sqrt(a / P) - sqrt(P / b))` at a price `P` in the range `[a, b]`; every result a wad, to nearest. Source: Uniswap
//! v3's documentation.

use crate::curve::price_of;
use crate::lvr::value_by_upper;
use crate::tick::range_sqrt_prices;
use crate::wide::Wide;
use crate::{Error, I256, Real, Result, Rounding, SqrtPriceX96, Tick, WAD, Wad};

/// The capital efficiency of a range of prices at a price inside it, ends included; all wads.
///
/// Within a unit of 1e-18 for ranges wider than 1e-14 of their price. Errors: [`Error::PriceNotPositive`],
/// [`Error::EmptyPriceRange`], [`Error::PriceOutsideRange`].
pub fn between(lower: Wad, upper: Wad, price: Wad) -> Result<Wad> {
    let [a, p, b] = [price_of(lower)?, price_of(price)?, price_of(upper)?];
    if lower >= upper {
        return Err(Error::EmptyPriceRange(lower.0, upper.0));
    }
    if price < lower || upper < price {
        return Err(Error::PriceOutsideRange(price.0));
    }
    let [root_a, root, root_b] = [a, p, b].map(Real::sqrt);
    // sqrt(P) - sqrt(a) and sqrt(b) - sqrt(P) from the prices' own differences, which are exact.
    let difference = |high: Wad, low: Wad, sum: Real| Real::from_wad(Wad(high.0 - low.0)) / sum;
    let below = difference(price, lower, root + root_a);
    let above = difference(upper, price, root_b + root);
    (root.double() / (below + above * root / root_b)).to_wad(Rounding::Nearest)
}

/// The capital efficiency of a Uniswap v3 range at a sqrt price inside it, ends included: exact before its one rounding.
///
/// Errors: [`Error::EmptyRange`], [`Error::PriceOutsideRange`] with the sqrt price.
pub fn of_range(sqrt_price: SqrtPriceX96, lower: Tick, upper: Tick) -> Result<Wad> {
    let (lower, upper) = range_sqrt_prices(lower.get(), upper.get())?;
    let at = sqrt_price.get();
    if at < lower || upper < at {
        return Err(Error::PriceOutsideRange(I256::from_raw(at)));
    }
    let [s, upper] = [at, upper].map(Wide::from);
    let value = value_by_upper(&s, &Wide::from(lower), &upper);
    // floor(2 x + 1/2) of x = s b / value, in halves.
    let full = s.mul(&upper).mul(&Wide::from(WAD)).shl(2);
    let nearest = full.add(&value).div(&value.shl(1)).0;
    Wad::from_unsigned(nearest.to_u256().ok_or(Error::Overflow)?)
}

/// The capital efficiency at the middle of a range that reaches a factor `k` up and down, `[P / k, P k]`: `1 / (1 - k^(-1/2))`.
///
/// Domain: a factor above one. Errors: [`Error::NotAboveOne`].
pub fn symmetric(factor: Wad) -> Result<Wad> {
    if factor <= Wad::ONE {
        return Err(Error::NotAboveOne(factor.0));
    }
    let root = Real::from_wad(factor).sqrt();
    let excess = Real::from_wad(Wad(factor.0 - Wad::ONE.0));
    (root * (root + Real::ONE) / excess).to_wad(Rounding::Nearest)
}
