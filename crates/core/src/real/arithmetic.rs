//! The basic operations: sum, product, quotient, square root, comparison.
//!
//! An operation is a shell, inlined, around a function of scalars that is not: on wasm32 a number that passes through memory
//! costs more than most of what is done to it.

use super::bits::{high, join, leading_zeros, low, product, shifted_left, shifted_right};
use super::{EXPONENT_LIMIT, Real, tame};
use crate::root::root_256;
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
///
/// Long division in digits of 30 bits, five of them, each from one 64-bit division of the leading digits. A digit may come out a
/// little too large or too small, which the signed remainder hands on to the next. The last one is raised so that a quotient
/// that ends within 128 bits is exact.
#[inline(never)]
fn quotient(a: u128, b: u128) -> (u128, bool) {
    let b = (parts(b), high(b) >> 32 | 1 << 31);
    let (rest, lead) = (parts(a), (high(a) >> 32) as i64);
    let (q0, rest, lead) = quotient_digit(rest, lead, b);
    let (q1, rest, lead) = quotient_digit(rest, lead, b);
    let (q2, rest, lead) = quotient_digit(rest, lead, b);
    let (q3, rest, lead) = quotient_digit(rest, lead, b);
    let q4 = ((lead << 30) + rest[3]) / b.1 as i64 + 16;
    let q3 = q3 + (q4 >> 30);
    let q2 = q2 + (q3 >> 30);
    let q1 = q1 + (q2 >> 30);
    let q0 = q0 + (q1 >> 30);
    // The quotient times 2^150, so that its top bit is bit 150 or 149.
    let top = (q0 << 30 | q1 & PART) as u64;
    let middle = ((q2 & PART) << 30 | q3 & PART) as u64;
    let full = top >> 60;
    let short = 4 - full;
    let last = (q4 & PART) as u64;
    let mantissa = join(
        top << short | middle >> (60 - short),
        middle << (4 + short) | last >> (26 - short),
    );
    (mantissa, full != 0)
}

/// Thirty bits.
const PART: i64 = (1 << 30) - 1;

/// The lower 96 bits of a mantissa in parts of 30, the highest last; the lowest part has but six bits, at its top.
#[inline(always)]
const fn parts(x: u128) -> [i64; 4] {
    let (high, low) = (high(x), low(x));
    [
        (low << 24) as i64 & PART,
        (low >> 6) as i64 & PART,
        (low >> 36 | high << 28) as i64 & PART,
        (high >> 2) as i64 & PART,
    ]
}

/// The digit of `rest * 2^30 / b` and the remainder, which may lie below zero.
#[inline(always)]
fn quotient_digit(rest: [i64; 4], lead: i64, b: ([i64; 4], u64)) -> (i64, [i64; 4], i64) {
    let lead = (lead << 30) + rest[3];
    let digit = lead / b.1 as i64;
    let first = -digit * b.0[0];
    let second = rest[0] - digit * b.0[1] + (first >> 30);
    let third = rest[1] - digit * b.0[2] + (second >> 30);
    let fourth = rest[2] - digit * b.0[3] + (third >> 30);
    let lead = lead - digit * b.1 as i64 + (fourth >> 30);
    (digit, [first & PART, second & PART, third & PART, fourth & PART], lead)
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
