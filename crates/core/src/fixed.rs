//! The elementary functions and the standard normal distribution from wads to wads.
//!
//! Every result is rounded once, to the nearest unit of 1e-18, from a value with a relative error below 2^-108; so it is within
//! half a unit and 2^-108 of its magnitude of the exact one. Only the square root differs: it is the exact floor. A domain's end
//! is an error, never a wrong number. What is to be computed further belongs into [`Real`], which rounds only at its end.

use crate::full_math::sqrt_mul;
use crate::{Error, Real, Result, Rounding, WAD, Wad};
use alloy_primitives::{I256, U256};

/// `e^x`. Domain: below ln(2^255 / 1e18) = 135.305…; far below zero it is nought. Errors: [`Error::Overflow`].
pub fn exp(x: Wad) -> Result<Wad> {
    Real::from_wad(x).exp().to_wad(Rounding::Nearest)
}

/// `e^x - 1`, to the last digit also near zero. Domain and errors as [`exp`].
pub fn expm1(x: Wad) -> Result<Wad> {
    Real::from_wad(x).exp_m1().to_wad(Rounding::Nearest)
}

/// The natural logarithm. Domain: x > 0. Errors: [`Error::NotPositive`].
pub fn ln(x: Wad) -> Result<Wad> {
    log(x)?.to_wad(Rounding::Nearest)
}

/// The logarithm to base 2. Domain and errors as [`ln`].
pub fn log2(x: Wad) -> Result<Wad> {
    (log(x)? / Real::LN_2).to_wad(Rounding::Nearest)
}

/// `ln(1 + x)`, to the last digit also near zero. Domain: x > -1. Errors: [`Error::NotAboveMinusOne`].
pub fn ln1p(x: Wad) -> Result<Wad> {
    if x.0 <= -Wad::ONE.0 {
        return Err(Error::NotAboveMinusOne(x.0));
    }
    Real::from_wad(x).ln_1p().to_wad(Rounding::Nearest)
}

/// `x^y`. Domain: x > 0 and any y, or x = 0 and y >= 0, where 0^0 is one. Errors: [`Error::NotPositive`] with the base outside
/// of that; [`Error::Overflow`] where the power is 2^255 units or more.
pub fn pow(x: Wad, y: Wad) -> Result<Wad> {
    if y.0.is_zero() && !x.0.is_negative() {
        return Ok(Wad::ONE);
    }
    if x.0.is_zero() && !y.0.is_negative() {
        return Ok(Wad::ZERO);
    }
    (Real::from_wad(y) * log(x)?).exp().to_wad(Rounding::Nearest)
}

/// `sqrt(x)`, the exact floor. Domain: x >= 0. Errors: [`Error::NotPositive`].
pub fn sqrt(x: Wad) -> Result<Wad> {
    let unsigned = U256::try_from(x.0).map_err(|_| Error::NotPositive(x.0))?;
    // Below sqrt(2^255 * 1e18), so it fits.
    Wad::from_unsigned(sqrt_mul(unsigned, U256::from(WAD)))
}

/// The standard normal distribution function. Domain: any x; below -8.8 and above 8.6 it is nought and one to a wad's digits.
pub fn ncdf(x: Wad) -> Result<Wad> {
    Real::from_wad(x).cdf().to_wad(Rounding::Nearest)
}

/// The standard normal density. Domain: any x.
pub fn npdf(x: Wad) -> Result<Wad> {
    Real::from_wad(x).pdf().to_wad(Rounding::Nearest)
}

/// The x at which [`ncdf`]'s exact function is `p`. Domain: 0 < p < 1. Errors: [`Error::ProbabilityOutOfRange`].
pub fn ncdf_inv(p: Wad) -> Result<Wad> {
    if p.0 <= I256::ZERO || p.0 >= Wad::ONE.0 {
        return Err(Error::ProbabilityOutOfRange(p.0));
    }
    let complement = Wad::ONE.0 - p.0;
    // From the smaller of p and 1 - p, both exact, so that no digit is lost in the upper tail.
    let quantile = if p.0 > complement {
        Real::inverse_cdf(Real::from_wad(Wad(complement))).neg()
    } else {
        Real::inverse_cdf(Real::from_wad(p))
    };
    quantile.to_wad(Rounding::Nearest)
}

/// `ln(x)` of the two integers of which x is the quotient, which near one has more digits than the quotient's.
fn log(x: Wad) -> Result<Real> {
    if !x.is_positive() {
        return Err(Error::NotPositive(x.0));
    }
    Ok(Real::ln_ratio(Real::from_i256(x.0), Real::from_u128(WAD as u128)))
}
