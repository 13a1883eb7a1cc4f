//! Products and quotients that do not overflow on the way, and integer square roots.

use crate::wide::Wide;
use crate::{Error, Result, division};
use alloy_primitives::U256;

/// `floor(a * b / denominator)` with a 512-bit product.
///
/// Source: Uniswap v3-core `FullMath.mulDiv`, same results. Errors: [`Error::ZeroDenominator`]; [`Error::Overflow`] where the
/// quotient is 2^256 or more.
pub fn mul_div(a: U256, b: U256, denominator: U256) -> Result<U256> {
    if !cfg!(target_arch = "wasm32") {
        return Ok(fast_quotient(a, b, denominator)?.0);
    }
    let (quotient, _) = quotient(a, b, denominator)?;
    quotient.to_u256().ok_or(Error::Overflow)
}

/// `ceil(a * b / denominator)` with a 512-bit product.
///
/// Source: Uniswap v3-core `FullMath.mulDivRoundingUp`, same results. Errors: as [`mul_div`], of the rounded quotient.
pub fn mul_div_ceil(a: U256, b: U256, denominator: U256) -> Result<U256> {
    if !cfg!(target_arch = "wasm32") {
        let (floor, remains) = fast_quotient(a, b, denominator)?;
        return floor.checked_add(U256::from(remains)).ok_or(Error::Overflow);
    }
    let (quotient, remains) = quotient(a, b, denominator)?;
    round(quotient, remains)
}

/// `ceil(a / denominator)`. Errors: [`Error::ZeroDenominator`].
pub fn div_ceil(a: U256, denominator: U256) -> Result<U256> {
    mul_div_ceil(a, U256::from(1), denominator)
}

/// `floor(sqrt(x))`, exact for every `x`.
pub fn sqrt(x: U256) -> U256 {
    // The root of a 256-bit value has at most 128 bits.
    U256::from(sqrt_wide(&Wide::from(x)))
}

/// `floor(sqrt(a * b))` of the 512-bit product, exact for every `a` and `b`.
pub fn sqrt_mul(a: U256, b: U256) -> U256 {
    root(&Wide::from(a).mul(&Wide::from(b)))
}

/// `floor(sqrt(high * 2^256 + low))`, exact for every 512-bit integer.
pub fn isqrt_512(high: U256, low: U256) -> U256 {
    root(&Wide::from(high).shl(256).add(&Wide::from(low)))
}

/// The floor of the root of a value below 2^512.
pub(crate) fn root(x: &Wide) -> U256 {
    if x.bits() <= 256 {
        return U256::from(sqrt_wide(x));
    }
    let mut guess = U256::MAX >> (256 - x.bits().div_ceil(2));
    loop {
        // `guess` is at least the root, so the quotient is at most `x / root`, which fits with the last bit to spare.
        let next = Wide::from(guess).add(&x.div(&Wide::from(guess)).0).shr(1).0;
        match next.to_u256() {
            Some(next) if next < guess => guess = next,
            _ => return guess,
        }
    }
}

/// Rounds a quotient up if something `remains`.
pub(crate) fn round(quotient: Wide, remains: bool) -> Result<U256> {
    let floor = quotient.to_u256().ok_or(Error::Overflow)?;
    if remains {
        floor.checked_add(U256::from(1)).ok_or(Error::Overflow)
    } else {
        Ok(floor)
    }
}

/// `ceil(x / 2^bits)`.
pub(crate) fn round_shifted(x: &Wide, bits: usize) -> Result<U256> {
    let (floor, lost) = x.shr(bits);
    round(floor, lost)
}

/// Floor of `a * b / denominator`, and whether something remains, on 64-bit machines.
#[inline(always)]
fn fast_quotient(a: U256, b: U256, denominator: U256) -> Result<(U256, bool)> {
    if denominator.is_zero() {
        return Err(Error::ZeroDenominator);
    }
    division::divide(&division::product(a, b), denominator).ok_or(Error::Overflow)
}

/// The same in the programs, whose size counts.
fn quotient(a: U256, b: U256, denominator: U256) -> Result<(Wide, bool)> {
    if denominator.is_zero() {
        return Err(Error::ZeroDenominator);
    }
    Ok(Wide::from(a).mul(&Wide::from(b)).div(&Wide::from(denominator)))
}

/// Root of a value below 2^256 by Newton's iteration from above, which falls until it reaches the floor.
fn sqrt_wide(x: &Wide) -> u128 {
    if let Some(small) = x.to_u128() {
        return small.isqrt();
    }
    // The root of the leading 128 (or 127) bits, one up, is an upper bound good to 2^-63: one or two iterations finish it.
    let shift = (x.bits() - 127).next_multiple_of(2);
    let leading = x.shr(shift).0.to_u128().unwrap_or(u128::MAX).isqrt() + 1;
    let mut guess = Wide::from(leading).shl(shift / 2);
    loop {
        let next = guess.add(&x.div(&guess).0).shr(1).0;
        if next >= guess {
            break;
        }
        guess = next;
    }
    guess.to_u128().unwrap_or(u128::MAX)
}
