//! The basic operations: sum, product, quotient, square root, comparison.
//!
//! An operation is a shell, inlined, around a function of scalars that is not: on wasm32 a number that passes through memory
//! costs more than most of what is done to it.

use super::bits::{high, join, leading_zeros, low, product, shifted_left, shifted_right, wide_product};
use super::{EXPONENT_LIMIT, Real, tame};
use crate::root::root_256;
use crate::wide::div_2x1;
use core::cmp::Ordering;
use core::ops::{Add, Div, Mul, Neg, Sub};

impl Real {
    /// `-x`, exactly.
    #[allow(clippy::should_implement_trait)]
    #[inline(always)]
    pub const fn neg(self) -> Self {
        Self {
            negative: !self.negative,
            ..self
        }
    }

    /// `x^2`.
    #[inline(always)]
    pub fn square(self) -> Self {
        self * self
    }

    /// `sqrt(x)`, truncated: the leading 128 bits of the exact root. Nought for a negative number: callers rule it out first.
    pub fn sqrt(self) -> Self {
        if !self.is_positive() {
            return Self::ZERO;
        }
        Self {
            negative: false,
            exponent: self.exponent >> 1,
            mantissa: root(self.mantissa, self.exponent & 1 == 0),
        }
    }

    /// Which of two numbers is larger.
    pub fn compare(&self, other: &Self) -> Ordering {
        let sign = |x: &Self| i32::from(x.is_positive()) - i32::from(x.is_negative());
        let magnitudes = || {
            let exponents = self.exponent.cmp(&other.exponent);
            exponents.then_with(|| self.mantissa.cmp(&other.mantissa))
        };
        match (sign(self), sign(other)) {
            (1, 1) => magnitudes(),
            (-1, -1) => magnitudes().reverse(),
            (a, b) => a.cmp(&b),
        }
    }
}

impl PartialEq for Real {
    fn eq(&self, other: &Self) -> bool {
        self.compare(other) == Ordering::Equal
    }
}

impl PartialOrd for Real {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.compare(other))
    }
}

impl Neg for Real {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        Self::neg(self)
    }
}

/// Truncated: wrong by less than 2^-126 of the larger operand, exact where the sum has at most 128 bits.
impl Add for Real {
    type Output = Self;
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        if self.exponent >= other.exponent {
            sum(self, other)
        } else {
            sum(other, self)
        }
    }
}

/// As the sum.
impl Sub for Real {
    type Output = Self;
    #[inline(always)]
    #[allow(clippy::suspicious_arithmetic_impl)]
    fn sub(self, other: Self) -> Self {
        self + other.neg()
    }
}

/// Wrong by less than 2^-124 relative, exact where the product has at most 128 bits.
impl Mul for Real {
    type Output = Self;
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        let (mantissa, full) = product(self.mantissa, other.mantissa);
        Self {
            negative: self.negative != other.negative,
            exponent: scale(self.exponent + other.exponent + i32::from(full), mantissa),
            mantissa,
        }
    }
}

/// Truncated: wrong by less than 2^-127 relative. Nought where the divisor is zero: callers rule that out first.
impl Div for Real {
    type Output = Self;
    #[inline(always)]
    fn div(self, other: Self) -> Self {
        if other.is_zero() {
            return Self::ZERO;
        }
        let (mantissa, full) = quotient(self.mantissa, other.mantissa);
        Self {
            negative: self.negative != other.negative,
            exponent: scale(self.exponent - other.exponent - 1 + i32::from(full), mantissa),
            mantissa,
        }
    }
}

/// An exponent kept inside its limits, and nought's own for a mantissa of zero.
#[inline(always)]
fn scale(exponent: i32, mantissa: u128) -> i32 {
    let top = (high(mantissa) >> 63) as i32;
    (tame(exponent) & -top) - ((1 - top) * EXPONENT_LIMIT)
}

/// The sum, for a larger or equal exponent of the first. Nought's exponent lies below all others, so that it needs no care.
#[inline(always)]
fn sum(large: Real, small: Real) -> Real {
    let shift = large.exponent.wrapping_sub(small.exponent) as u32;
    if large.negative == small.negative {
        let (mantissa, carry) = added(large.mantissa, small.mantissa, shift);
        return Real {
            negative: large.negative,
            exponent: large.exponent + i32::from(carry),
            mantissa,
        };
    }
    let (mantissa, change) = subtracted(large.mantissa, small.mantissa, shift);
    if change > 127 {
        return Real::ZERO;
    }
    Real {
        negative: large.negative != (change < 0),
        exponent: large.exponent - (change & 0x7f),
        mantissa,
    }
}

/// `a + b / 2^shift`, normalised, and whether it reaches 2^128.
#[inline(never)]
fn added(a: u128, b: u128, shift: u32) -> (u128, bool) {
    let (sum, carry) = a.overflowing_add(shifted_right(b, shift));
    let c = u64::from(carry);
    let halved = join(high(sum) >> c | c << 63, low(sum) >> c | (high(sum) & c) << 63);
    (halved, carry)
}

/// `|a - b / 2^shift|`, normalised, and by how many bits it was shifted; with the sign bit set where the difference is below zero,
/// and 128 where it is zero.
#[inline(never)]
fn subtracted(a: u128, b: u128, shift: u32) -> (u128, i32) {
    if shift == 0 {
        let (difference, below) = a.overflowing_sub(b);
        let difference = if below { difference.wrapping_neg() } else { difference };
        if difference == 0 {
            return (0, 128);
        }
        let zeros = leading_zeros(difference);
        let sign = if below { i32::MIN } else { 0 };
        return (shifted_left(difference, zeros), zeros as i32 | sign);
    }
    // One more bit than the mantissa holds, so that neighbours' differences are exact.
    let doubled = shifted_right(b, shift - 1);
    let extra = doubled & 1;
    let difference = a.wrapping_sub((doubled >> 1) + extra);
    if high(difference) >> 63 != 0 {
        // A difference that keeps its length keeps no bit below it either.
        return (difference, 0);
    }
    let difference = difference << 1 | extra;
    if high(difference) >> 63 != 0 {
        return (difference, 1);
    }
    let zeros = leading_zeros(difference);
    (shifted_left(difference, zeros), zeros as i32 + 1)
}

/// The leading 128 bits of `a / b` for normalised `a` and `b`, and whether the quotient is one or more.
#[inline(never)]
fn quotient(a: u128, b: u128) -> (u128, bool) {
    let full = a >= b;
    // The quotient of `rest * 2^128` and `b`, for a rest below b.
    let (rest, third) = if full { (a >> 1, low(a) << 63) } else { (a, 0) };
    let reciprocal = reciprocal(b);
    let (first, rest) = quotient_digit(rest, third, b, reciprocal);
    let (second, _) = quotient_digit(rest, 0, b, reciprocal);
    (join(first, second), full)
}

/// `floor((2^192 - 1) / b) - 2^64` for a normalised b. Source: Möller and Granlund, "Improved division by invariant integers".
#[inline(always)]
fn reciprocal(b: u128) -> u64 {
    let (b1, b0) = (high(b), low(b));
    let mut v = div_2x1(!b1, u64::MAX, b1).0;
    let (mut p, carry) = b1.wrapping_mul(v).overflowing_add(b0);
    if carry {
        v -= 1;
        if p >= b1 {
            v -= 1;
            p -= b1;
        }
        p = p.wrapping_sub(b1);
    }
    let t = wide_product(v, b0);
    let (p, carry) = p.overflowing_add(high(t));
    if carry {
        v -= 1;
        if join(p, low(t)) >= b {
            v -= 1;
        }
    }
    v
}

/// The digit in base 2^64 of `(rest * 2^64 + next) / b` and the remainder, for a rest below b. Source: as [`reciprocal`].
#[inline(always)]
fn quotient_digit(rest: u128, next: u64, b: u128, reciprocal: u64) -> (u64, u128) {
    let estimate = wide_product(reciprocal, high(rest)).wrapping_add(rest);
    let top = low(rest).wrapping_sub(high(estimate).wrapping_mul(high(b)));
    let mut rest = join(top, next)
        .wrapping_sub(wide_product(low(b), high(estimate)))
        .wrapping_sub(b);
    let mut digit = high(estimate).wrapping_add(1);
    if high(rest) >= low(estimate) {
        digit = digit.wrapping_sub(1);
        rest = rest.wrapping_add(b);
    }
    if rest >= b {
        digit = digit.wrapping_add(1);
        rest -= b;
    }
    (digit, rest)
}

/// The floor of the root of `m * 2^127` if `halved`, otherwise of `m * 2^128`, for a normalised `m`: 128 bits.
#[inline(never)]
fn root(m: u128, halved: bool) -> u128 {
    if halved {
        root_256(m >> 1, (low(m) as u128) << 127)
    } else {
        root_256(m, 0)
    }
}
