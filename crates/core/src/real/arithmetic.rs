//! The basic operations: sum, product, quotient, square root, comparison.
//!
//! An operation is a shell, inlined, around a function of scalars that is not: on wasm32 a number that passes through memory
//! costs more than most of what is done to it.

use super::bits::{below_mask, bit_mask, chosen, high, inlined_product, join, low, product};
use super::{Real, scale, tame};
use core::cmp::Ordering;
use core::ops::{Add, Div, Mul, Neg, Sub};

impl Real {
    /// `-x`, exactly.
    #[allow(clippy::should_implement_trait)]
    #[inline(always)]
    pub const fn neg(self) -> Self {
        Self {
            sign: !self.sign,
            ..self
        }
    }

    /// `x^2`.
    #[inline(always)]
    pub fn square(self) -> Self {
        self * self
    }

    /// The product, in place: where a program's gas counts more than its size.
    #[inline(always)]
    pub(crate) fn times(self, other: Self) -> Self {
        let (mantissa, full) = inlined_product(self.mantissa, other.mantissa);
        Self {
            sign: self.sign ^ other.sign,
            exponent: scale(self.exponent + other.exponent + full as i32, mantissa),
            mantissa,
        }
    }

    /// `sqrt(x)`, truncated: the leading 128 bits of the exact root. Nought for a negative number: callers rule it out first.
    pub fn sqrt(self) -> Self {
        if !self.is_positive() {
            return Self::ZERO;
        }
        Self {
            sign: 0,
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
        sum(
            self.mantissa,
            other.mantissa,
            self.exponent,
            other.exponent,
            self.sign,
            other.sign,
        )
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
            sign: self.sign ^ other.sign,
            exponent: scale(self.exponent + other.exponent + full as i32, mantissa),
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
            sign: self.sign ^ other.sign,
            exponent: scale(self.exponent - other.exponent - 1 + i32::from(full), mantissa),
            mantissa,
        }
    }
}

/// The sum, without a branch: both numbers are cut into three words one bit lower, so that neither a carry nor the bits that the
/// smaller loses by its alignment fall off.
#[inline(never)]
fn sum(a: u128, b: u128, a_exponent: i32, b_exponent: i32, a_sign: i32, b_sign: i32) -> Real {
    // The one with the larger exponent first. Nought's lies below all others.
    let distance = a_exponent.wrapping_sub(b_exponent);
    let below = distance >> 31;
    let exponent = a_exponent.wrapping_sub(distance & below);
    let shift = (distance ^ below).wrapping_sub(below).wrapping_add(1) as u32;
    let swap = i64::from(below) as u64;
    let (x2, x1) = (chosen(swap, high(b), high(a)), chosen(swap, low(b), low(a)));
    let (y2, y1) = (high(a) ^ high(b) ^ x2, low(a) ^ low(b) ^ x1);
    let apart = a_sign ^ b_sign;
    let sign = a_sign ^ (apart & below);
    // The smaller, shifted into three words, and its complement where the signs differ.
    let part = shift & 63;
    let (s2, s1, s0) = (
        y2 >> part,
        y1 >> part | (y2 << 1) << (63 - part),
        (y1 << 1) << (63 - part),
    );
    let (whole, any, flip) = (bit_mask(shift, 6), below_mask(shift, 128), i64::from(apart) as u64);
    let z2 = s2 & !whole & any ^ flip;
    let z1 = chosen(whole, s2, s1) & any ^ flip;
    let z0 = chosen(whole, s1, s0) & any ^ flip;
    // The larger's lowest word holds one bit, and the complement's 1 beside it cannot carry into that.
    let (sum0, carry) = z0.overflowing_add((x1 << 63) | (flip & 1));
    let sum = join(x2 >> 1, x1 >> 1 | x2 << 63).wrapping_add(join(z2, z1));
    let sum = sum.wrapping_add(u128::from(carry));
    // Of two numbers of the same exponent the second may be the larger.
    let under = (high(sum) as i64 >> 63) as u64 & flip;
    let (sum0, carry) = (sum0 ^ under).overflowing_add(under & 1);
    let sum = join(high(sum) ^ under, low(sum) ^ under).wrapping_add(u128::from(carry));
    normalised_words(sign ^ under as i32, exponent.wrapping_add(1), high(sum), low(sum), sum0)
}

/// The number of these three words, the highest bit of which stands for `2^exponent`.
#[inline(always)]
fn normalised_words(sign: i32, exponent: i32, w2: u64, w1: u64, w0: u64) -> Real {
    if w2 == 0 {
        return normalised_lower_words(sign, exponent, w1, w0);
    }
    let zeros = w2.leading_zeros();
    let mantissa = join(
        w2 << zeros | (w1 >> 1) >> (63 - zeros),
        w1 << zeros | (w0 >> 1) >> (63 - zeros),
    );
    Real {
        sign,
        exponent: tame(exponent - zeros as i32),
        mantissa,
    }
}

/// As [`normalised_words`], of a number whose highest word is zero: a difference of near neighbours, or nought.
#[cold]
#[inline(never)]
fn normalised_lower_words(sign: i32, exponent: i32, w1: u64, w0: u64) -> Real {
    Real::normalised(sign, exponent - 64, join(w1, w0))
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

/// The leading 128 bits of the root of `m * 2^127` if `halved`, otherwise of `m * 2^128`, for a normalised `m`.
///
/// The root of the leading 64 bits by Newton's iteration, then four digits of 29 bits, each from one division by twice that root:
/// what the root so far squared lacks of the radicand goes, signed, into the next. The last digit is raised so that a root
/// that ends within 128 bits is exact.
#[inline(never)]
fn root(m: u128, halved: bool) -> u128 {
    const DIGIT: i64 = (1 << 29) - 1;
    let cut = u32::from(halved);
    let top = high(m) >> cut;
    let next = (low(m) >> cut) | ((high(m) << 63) & (u64::from(halved) << 63));
    let last = (low(m) & u64::from(halved)) << 22;
    // A line within 5 %; three steps leave less than two units of 2^-32.
    let mut root = (((top >> 32) * 683) >> 10) + 0x5ab0_0000;
    for _ in 0..3 {
        root = (root + top / (root | 1)) >> 1;
    }
    let twice = (root << 1) as i64;
    let step = |rest: i64, term: i64| {
        let value = (rest << 29) + term;
        // Nearly twice the root: an odd divisor is not zero, which spares the program a check.
        let digit = value / (twice | 1);
        (digit, value - digit * twice)
    };
    let rest = top.wrapping_sub(root.wrapping_mul(root)) as i64;
    let (q1, rest) = step(rest, (next >> 35) as i64);
    let (q2, rest) = step(rest, ((next >> 6) as i64 & DIGIT) - q1 * q1);
    let (q3, rest) = step(rest, ((next << 23 | last) as i64 & DIGIT) - 2 * q1 * q2);
    let (q4, _) = step(rest, -(2 * q1 * q3 + q2 * q2));
    let q4 = q4 + 16;
    let middle = (q2 << 29) + q3 + (q4 >> 29);
    let upper = ((root as i64) << 29) + q1 + (middle >> 58);
    let middle = middle as u64 & ((1 << 58) - 1);
    join(
        (upper as u64) << 3 | middle >> 55,
        middle << 9 | (q4 & DIGIT) as u64 >> 20,
    )
}
