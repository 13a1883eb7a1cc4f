//! The basic operations: sum, product, quotient, square root, comparison.

use super::Real;
use crate::wide::{Wide, mul_128};
use alloy_primitives::U256;
use core::cmp::Ordering;
use core::ops::{Add, Div, Mul, Neg, Sub};

impl Real {
    /// `-x`, exactly.
    #[allow(clippy::should_implement_trait)]
    pub const fn neg(self) -> Self {
        Self {
            negative: !self.negative && self.mantissa != 0,
            ..self
        }
    }

    /// `x^2`.
    pub fn square(self) -> Self {
        self * self
    }

    /// `sqrt(x)`, truncated: the leading 128 bits of the exact root. Nought for a negative number: callers rule it out first.
    pub fn sqrt(self) -> Self {
        if self.mantissa == 0 || self.negative {
            return Self::ZERO;
        }
        // sqrt(m * 2^(e - 127)) with an even e: sqrt(m * 2^127) * 2^(e/2 - 127); an odd e doubles m.
        let odd = self.exponent & 1;
        let [low, high] = [self.mantissa as u64, (self.mantissa >> 64) as u64];
        let radicand: U256 = U256::from_limbs([low, high, 0, 0]) << (127 + odd as usize);
        let [low, high, ..] = *crate::full_math::sqrt(radicand).as_limbs();
        Self::normalised(false, self.exponent >> 1, u128::from(high) << 64 | u128::from(low))
    }

    /// Which of two numbers is larger.
    pub fn compare(&self, other: &Self) -> Ordering {
        let sign = |x: &Self| match (x.mantissa == 0, x.negative) {
            (true, _) => 0,
            (false, true) => -1,
            (false, false) => 1,
        };
        let magnitudes = || (self.exponent, self.mantissa).cmp(&(other.exponent, other.mantissa));
        match (sign(self), sign(other)) {
            (0, 0) => Ordering::Equal,
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
    fn neg(self) -> Self {
        Self::neg(self)
    }
}

/// Truncated: wrong by less than 2^-126 of the larger operand, exact where the sum has at most 128 bits.
impl Add for Real {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        if self.mantissa == 0 {
            return other;
        }
        if other.mantissa == 0 {
            return self;
        }
        let (large, small) = if (self.exponent, self.mantissa) >= (other.exponent, other.mantissa) {
            (self, other)
        } else {
            (other, self)
        };
        let shift = large.exponent.abs_diff(small.exponent);
        if large.negative == small.negative {
            let aligned = small.mantissa.checked_shr(shift).unwrap_or(0);
            let (sum, carry) = large.mantissa.overflowing_add(aligned);
            let (exponent, mantissa) = if carry {
                (large.exponent + 1, sum >> 1 | 1 << 127)
            } else {
                (large.exponent, sum)
            };
            return Self::normalised(large.negative, exponent, mantissa);
        }
        // One more bit than the mantissa holds, so that neighbours' differences are exact.
        let (aligned, extra) = match shift {
            0 => (small.mantissa, 0),
            1..128 => (small.mantissa >> shift, (small.mantissa >> (shift - 1)) & 1),
            128 => (0, 1),
            _ => (0, 0),
        };
        let difference = large.mantissa - aligned - extra;
        if extra == 0 || difference >> 127 == 1 {
            // A difference that keeps its length keeps no bit below it either.
            return Self::normalised(large.negative, large.exponent, difference);
        }
        Self::normalised(large.negative, large.exponent - 1, difference << 1 | extra)
    }
}

/// As the sum.
impl Sub for Real {
    type Output = Self;
    #[allow(clippy::suspicious_arithmetic_impl)]
    fn sub(self, other: Self) -> Self {
        self + other.neg()
    }
}

/// Truncated: wrong by less than 2^-127 relative.
impl Mul for Real {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        let (high, low) = mul_128(self.mantissa, other.mantissa);
        let negative = self.negative != other.negative;
        if high >> 127 == 1 {
            return Self::normalised(negative, self.exponent + other.exponent + 1, high);
        }
        Self::normalised(negative, self.exponent + other.exponent, high << 1 | low >> 127)
    }
}

/// Truncated: wrong by less than 2^-127 relative. Nought where the divisor is zero: callers rule that out first.
impl Div for Real {
    type Output = Self;
    fn div(self, other: Self) -> Self {
        if self.mantissa == 0 || other.mantissa == 0 {
            return Self::ZERO;
        }
        let negative = self.negative != other.negative;
        let exponent = self.exponent - other.exponent;
        let (shift, exponent) = if self.mantissa >= other.mantissa {
            (127, exponent)
        } else {
            (128, exponent - 1)
        };
        let quotient = Wide::from(self.mantissa).shl(shift).div(&Wide::from(other.mantissa)).0;
        Self::normalised(negative, exponent, quotient.low_u128())
    }
}
