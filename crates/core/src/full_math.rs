//! Products and quotients that do not overflow on the way, and integer square roots.

use crate::root::root_256;
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
    U256::from(root_of_256(x))
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
    if let Some(small) = x.to_u256() {
        return sqrt(small);
    }
    // The root of the leading 256 (or 255) bits, one up, is an upper bound good to 2^-127: Newton's iteration falls from there
    // until it reaches the floor, which takes it one or two steps.
    let shift = (x.bits() - 255).next_multiple_of(2);
    let leading = x.shr(shift).0.to_u256().unwrap_or(U256::MAX);
    let mut guess = Wide::from(root_of_256(leading)).add(&Wide::from(1_u64)).shl(shift / 2);
    loop {
        let next = guess.add(&x.div(&guess).0).shr(1).0;
        if next >= guess {
            return guess.to_u256().unwrap_or(U256::MAX);
        }
        guess = next;
    }
}

/// The floor of the root of a 256-bit value.
fn root_of_256(x: U256) -> u128 {
    if x.is_zero() {
        return 0;
    }
    let shift = x.leading_zeros() & !1;
    let [l0, l1, l2, l3] = (x << shift).into_limbs();
    let join = |high: u64, low: u64| u128::from(high) << 64 | u128::from(low);
    root_256(join(l3, l2), join(l1, l0)) >> (shift / 2)
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
