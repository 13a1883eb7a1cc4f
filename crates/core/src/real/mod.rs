//! A number with 128 significant bits in integers alone: what everything transcendental is computed with.
//!
//! A [`Real`] is a sign, a binary exponent and a mantissa of 128 bits, the top one set. The basic operations truncate and
//! are wrong by a few units in the last place; the functions say how far they may be off. Nothing here fails: an input
//! outside a function's domain gives the documented value, so callers rule it out first, and a result too large to represent
//! stays huge until a conversion reports [`crate::Error::Overflow`]. Inputs enter exactly and a result is rounded once, on its way out.

mod arithmetic;
mod bits;
mod convert;
mod exp_log;
mod horner;
pub(crate) mod mills;
mod normal;

use bits::{high, join, low};

/// Exponents lie inside ±2^28, so that the sum of two cannot overflow; beyond 2^24, a number is as good as infinite or nought.
const EXPONENT_LIMIT: i32 = 1 << 28;

/// A binary floating-point number with a significand of 128 bits.
#[derive(Clone, Copy, Debug)]
pub struct Real {
    /// 0, or -1 below zero: all zeros or all ones, as masks are.
    sign: i32,
    /// The power of two of the mantissa's top bit.
    exponent: i32,
    /// Normalised: its top bit is set, but for nought, whose mantissa is zero.
    mantissa: u128,
}

/// Which way a result that is not a whole number of units is rounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rounding {
    /// Towards minus infinity.
    Down,
    /// Towards plus infinity.
    Up,
    /// To the nearest unit; halves away from zero.
    Nearest,
}

impl Real {
    /// Nought. Its exponent lies below all others.
    pub const ZERO: Self = Self {
        sign: 0,
        exponent: -EXPONENT_LIMIT,
        mantissa: 0,
    };
    /// One.
    pub const ONE: Self = Self::power_of_two(0);
    /// The natural logarithm of 2.
    pub const LN_2: Self = Self::positive(-1, 0xb172_17f7_d1cf_79ab_c9e3_b398_03f2_f6af);
    /// `sqrt(2 pi)`.
    pub const SQRT_2PI: Self = Self::positive(1, 0xa06c_98ff_b138_2cb2_be52_0fd7_3916_7717);

    /// `2^exponent`.
    pub const fn power_of_two(exponent: i32) -> Self {
        Self::positive(exponent, 1 << 127)
    }

    /// A number above zero of a normalised mantissa.
    #[inline(always)]
    const fn positive(exponent: i32, mantissa: u128) -> Self {
        Self {
            sign: 0,
            exponent: tame(exponent),
            mantissa,
        }
    }

    /// `mantissa * 2^(exponent - 127)` of any mantissa.
    #[inline(always)]
    const fn normalised(sign: i32, exponent: i32, mantissa: u128) -> Self {
        let (high, low) = (high(mantissa), low(mantissa));
        if high == 0 {
            return Self::of_one_word(sign, exponent - 64, low);
        }
        let zeros = high.leading_zeros();
        let high = high << zeros | (low >> 1) >> (63 - zeros);
        Self {
            sign,
            exponent: tame(exponent - zeros as i32),
            mantissa: join(high, low << zeros),
        }
    }

    /// `word * 2^(exponent - 63)`.
    #[inline(always)]
    const fn of_one_word(sign: i32, exponent: i32, word: u64) -> Self {
        let zeros = word.leading_zeros();
        let mantissa = join(word << (zeros & 63), 0);
        Self {
            sign,
            exponent: scale(exponent - zeros as i32, mantissa),
            mantissa,
        }
    }

    /// An integer, exactly.
    pub const fn from_u128(value: u128) -> Self {
        Self::normalised(0, 127, value)
    }

    /// An integer, exactly.
    pub const fn from_i64(value: i64) -> Self {
        Self::of_one_word((value >> 63) as i32, 63, value.unsigned_abs())
    }

    /// Is it nought?
    #[inline(always)]
    pub const fn is_zero(&self) -> bool {
        high(self.mantissa) == 0
    }

    /// Is it below zero?
    #[inline(always)]
    pub const fn is_negative(&self) -> bool {
        (self.sign != 0) & !self.is_zero()
    }

    /// Above zero?
    #[inline(always)]
    pub const fn is_positive(&self) -> bool {
        (self.sign == 0) & !self.is_zero()
    }

    /// `|x|`.
    pub const fn abs(self) -> Self {
        Self { sign: 0, ..self }
    }

    /// `x * 2^power`, exactly.
    #[inline(always)]
    pub const fn scaled(self, power: i32) -> Self {
        Self {
            exponent: scale(self.exponent + tame(power), self.mantissa),
            ..self
        }
    }

    /// `x / 2`, exactly.
    pub const fn half(self) -> Self {
        self.scaled(-1)
    }

    /// `2 x`, exactly.
    pub const fn double(self) -> Self {
        self.scaled(1)
    }

    /// `x - |x| 2^-bits`: the allowance for an accumulated error before rounding down.
    pub fn lowered(self, bits: u32) -> Self {
        self - self.abs().scaled(0_i32.saturating_sub_unsigned(bits))
    }

    /// `x + |x| 2^-bits`: the allowance for an accumulated error before rounding up.
    pub fn raised(self, bits: u32) -> Self {
        self + self.abs().scaled(0_i32.saturating_sub_unsigned(bits))
    }
}

/// An exponent kept inside its limits: one beyond them is halved until it lies inside, and stays far from all that convert.
#[inline(always)]
const fn tame(exponent: i32) -> i32 {
    exponent >> ((exponent ^ (exponent >> 31)) >> 28)
}

/// An exponent kept inside its limits, and nought's own for a mantissa of zero.
#[inline(always)]
const fn scale(exponent: i32, mantissa: u128) -> i32 {
    let top = (high(mantissa) >> 63) as i32;
    (tame(exponent) & -top) - ((1 - top) * EXPONENT_LIMIT)
}
