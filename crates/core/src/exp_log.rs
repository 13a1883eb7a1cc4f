//! Natural logarithm and exponential in fixed point, with guard bits enough that a wad result is right to its last digit.
//!
//! Both reduce to a short interval and sum a series by Horner's rule in 128 bits. Inside, a logarithm is an `i128` in units of
//! 2^-116, wrong by less than 2^-113.

use crate::wide::{Wide, mul_128};
use crate::{Error, Result, WAD};
use alloy_primitives::{I256, U256};

/// Fractional bits of a logarithm.
pub(crate) const LOG_BITS: usize = 116;
/// Fractional bits of an exponential's mantissa.
pub(crate) const MANTISSA_BITS: i32 = 126;
/// `ln(2)` as Q128.
const LN_2: u128 = 0xb172_17f7_d1cf_79ab_c9e3_b398_03f2_f6af;
/// `ln(1e18)` in units of 2^-116.
pub(crate) const LN_WAD: i128 = 0x0297_24fe_657f_f706_671e_86c3_c3cc_b5ad;
/// `1 / sqrt(2)` as Q128: where the mantissa is split, so that the series sees arguments near zero.
const SQRT_HALF: u128 = 0xb504_f333_f9de_6484_597d_89b3_754a_be9f;

/// `1 / (2k + 1)` as Q127: the series of the inverse hyperbolic tangent. The first term left out is below 2^-122.
const ODD_RECIPROCALS: [u128; 24] = {
    let mut all = [0; 24];
    let mut k = 0;
    while k < all.len() {
        all[k] = (1 << 127) / (2 * k as u128 + 1);
        k += 1;
    }
    all
};

/// `1 / k!` as Q126. The first term left out is below 2^-117.
const FACTORIAL_RECIPROCALS: [u128; 29] = {
    let mut all = [1 << 126; 29];
    let mut k = 1;
    while k < all.len() {
        all[k] = all[k - 1] / k as u128;
        k += 1;
    }
    all
};

/// `floor(1e18 * ln(x / 1e18))` of a wad: a wad.
///
/// Never above the exact value; below its floor only where the exact value lies less than 2^-50 of a unit above an integer.
/// Errors: [`Error::ZeroPrice`] for zero.
pub fn ln_wad(x: U256) -> Result<I256> {
    if x.is_zero() {
        return Err(Error::ZeroPrice);
    }
    if x == U256::from(WAD) {
        return Ok(I256::ZERO);
    }
    let log = ln(&Wide::from(x)) - LN_WAD - (1 << (LOG_BITS - 111));
    let (scaled, lost) = Wide::from(log.unsigned_abs()).mul(&Wide::from(WAD)).shr(LOG_BITS);
    let magnitude = I256::from_raw(crate::full_math::round(scaled, lost && log < 0)?);
    Ok(if log < 0 { -magnitude } else { magnitude })
}

/// `1e18 * exp(x / 1e18)` of a wad, rounded down: a wad.
///
/// Never above the exact value. Below its floor by less than 2^-100 of it; so the floor itself up to about 1e30, but where the
/// exact value lies less than 2^-40 of a unit above an integer. Errors: [`Error::Overflow`] where the result is 2^256 or more.
pub fn exp_wad(x: I256) -> Result<U256> {
    if x.is_zero() {
        return Ok(U256::from(WAD));
    }
    if x.unsigned_abs().bit_len() > 68 {
        return if x.is_negative() {
            Ok(U256::ZERO)
        } else {
            Err(Error::Overflow)
        };
    }
    let magnitude = Wide::from(x.unsigned_abs()).shl(LOG_BITS).div(&Wide::from(WAD)).0;
    // Below 2^(68 + 116 - 59), so it fits; one more unit keeps a negative argument rounded down.
    let magnitude = magnitude.to_u128().ok_or(Error::Overflow)? as i128;
    let (mantissa, exponent) = exp(if x.is_negative() { -magnitude - 1 } else { magnitude });
    let scaled = Wide::from(mantissa).mul(&Wide::from(WAD));
    let shift = exponent - MANTISSA_BITS;
    let shifted = if shift >= 0 {
        scaled.shl(shift as usize)
    } else {
        scaled.shr(shift.unsigned_abs() as usize).0
    };
    shifted.to_u256().ok_or(Error::Overflow)
}

/// `ln(x)` of a nonzero integer in units of 2^-116; the error is below 2^-114.
pub(crate) fn ln(x: &Wide) -> i128 {
    let bits = x.bits();
    let mantissa = if bits > 128 {
        x.shr(bits - 128).0
    } else {
        x.shl(128 - bits)
    };
    // Exactly 128 bits are left, so this fits.
    let mantissa = mantissa.to_u128().unwrap_or(u128::MAX);
    // x = u * 2^exponent with u in [sqrt(1/2), sqrt(2)); z = (u - 1) / (u + 1), the denominator is halved to fit.
    let (exponent, above, numerator, denominator) = if mantissa < SQRT_HALF {
        (bits - 1, true, mantissa - (1 << 127), (mantissa >> 1) + (1 << 126))
    } else {
        (bits, false, mantissa.wrapping_neg(), (mantissa >> 1) + (1 << 127))
    };
    let z = Wide::from(numerator)
        .shl(127)
        .div(&Wide::from(denominator))
        .0
        .to_u128()
        .unwrap_or(0);
    let square = mul_128(z, z).0;
    let series = ODD_RECIPROCALS
        .iter()
        .rev()
        .fold(0, |sum, term| mul_128(sum, square).0 + term);
    // z as Q128 times a Q127 sum, doubled by reading the Q127 product as Q126.
    let log = (mul_128(z, series).0 >> (126 - LOG_BITS)) as i128;
    let (high, low) = mul_128(LN_2, exponent as u128);
    let whole = (high << LOG_BITS | low >> (128 - LOG_BITS)) as i128;
    if above { whole + log } else { whole - log }
}

/// `exp(x)` for x in units of 2^-116, |x| below 2^9: a Q126 mantissa in [1, 2] and a power of two. Rounded down, by less than
/// 2^-104 of the value.
pub(crate) fn exp(x: i128) -> (u128, i32) {
    const LN_2_TOP: i64 = (LN_2 >> (128 - LOG_BITS + 64)) as i64;
    // From the leading limbs, and so divided that the rest is never negative: it may exceed ln(2) by less than 2^-40.
    let divisor = if x < 0 { LN_2_TOP } else { LN_2_TOP + 1 };
    let exponent = ((x >> 64) as i64).div_euclid(divisor);
    let (high, low) = mul_128(LN_2, u128::from(exponent.unsigned_abs()));
    let whole = (high << LOG_BITS | low >> (128 - LOG_BITS)) as i128;
    let rest = if exponent < 0 { x + whole } else { x - whole };
    let argument = (rest.max(0) as u128) << (128 - LOG_BITS);
    let series = FACTORIAL_RECIPROCALS
        .iter()
        .rev()
        .fold(0, |sum, term| mul_128(sum, argument).0 + term);
    (series - (series >> 105), exponent as i32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logarithm_of_a_wad_is_the_constant() {
        assert!((ln(&Wide::from(WAD)) - LN_WAD).abs() < 4);
    }

    /// Around whole multiples of ln(2), where the reduction changes over, the result stays just below a power of two.
    #[test]
    fn exponential_never_exceeds_the_exact_value_at_powers_of_two() {
        for power in 1..200_u32 {
            let (high, low) = mul_128(LN_2, u128::from(power));
            let exact = (high << LOG_BITS | low >> (128 - LOG_BITS)) as i128;
            for distance in [0, 1, 1 << 20, 1 << 50, 1 << 70] {
                for (argument, sign) in [(exact - distance, 1), (-exact - 1 - distance, -1)] {
                    let (mantissa, exponent) = exp(argument);
                    let limit = power as i32 * sign;
                    let (value, one) = match limit - exponent {
                        0 => (mantissa, 1_u128 << 126),
                        1 => (mantissa, 1_u128 << 127),
                        other => panic!("{argument}: the exponent is {other} off"),
                    };
                    // exp(limit * ln(2) - d) = 2^limit * (1 - d + d^2/2 - ...), and d^2/2 is below 2^-92.
                    let linear = one - (distance as u128) * (one >> LOG_BITS);
                    assert!(value <= linear + (1 << 36), "{argument}: {value} exceeds {linear}");
                    assert!(
                        linear - value.min(linear) <= 1 << 25,
                        "{argument}: {value} falls short of {linear}"
                    );
                }
            }
        }
    }
}
