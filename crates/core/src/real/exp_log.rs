//! Exponential, logarithm and power.

use super::{EXPONENT_LIMIT, Real};
use crate::wide::mul_128;

/// `ln(2)` less [`LN_2_REST`]: its leading 104 bits, so that a product with a 24-bit integer is exact.
const LN_2_LEADING: Real = Real::positive(-1, 0xb172_17f7_d1cf_79ab_c9e3_b398_0300_0000);
/// What [`LN_2_LEADING`] lacks.
const LN_2_REST: Real = Real::positive(-105, 0xf2f6_af40_f343_2672_98b6_2d8a_0d17_5b8b);
/// `1 / ln(2)`.
const LOG2_E: Real = Real::positive(0, 0xb8aa_3b29_5c17_f0bb_be87_fed0_691d_3e88);
/// `sqrt(2)`'s mantissa: where the logarithm's argument is split, so that the series sees arguments near zero.
const SQRT_2: u128 = 0xb504_f333_f9de_6484_597d_89b3_754a_be9f;

/// `1 / (2k + 1)` as Q127: the series of the inverse hyperbolic tangent.
const ODD_RECIPROCALS: [u128; 26] = {
    let mut all = [0; 26];
    let mut k = 0;
    while k < all.len() {
        all[k] = (1 << 127) / (2 * k as u128 + 1);
        k += 1;
    }
    all
};

impl Real {
    /// `e^x`. Relative error below 2^-118 for |x| < 2^8; saturates: nought below -2^20, huge above 2^20.
    pub fn exp(self) -> Self {
        if self.exponent >= 20 && self.mantissa != 0 {
            return if self.negative {
                Self::ZERO
            } else {
                Self::power_of_two(EXPONENT_LIMIT)
            };
        }
        let (power, rest) = self.reduced();
        (Self::ONE + rest.exp_m1_series()).scaled(power)
    }

    /// `e^x - 1`, with a relative error below 2^-118 for |x| < 2^8 also near zero.
    pub fn exp_m1(self) -> Self {
        if self.exponent < -1 {
            return self.exp_m1_series();
        }
        self.exp() - Self::ONE
    }

    /// `x = power * ln(2) + rest`, the rest at most half of `ln(2)` and a little.
    fn reduced(self) -> (i32, Self) {
        let quotient = self * LOG2_E;
        let halves = if quotient.exponent < -1 {
            0
        } else {
            (quotient.mantissa >> (126 - quotient.exponent)) as i32
        };
        let magnitude = (halves + 1) >> 1;
        let power = if self.negative { -magnitude } else { magnitude };
        let multiple = Self::from_i64(i64::from(power));
        (power, self - multiple * LN_2_LEADING - multiple * LN_2_REST)
    }

    /// `e^x - 1` for |x| <= 1/2: the Taylor series.
    fn exp_m1_series(self) -> Self {
        let mut sum = Self::ONE;
        let mut k = 30;
        while k > 1 {
            sum = Self::ONE + self * sum / Self::from_i64(k);
            k -= 1;
        }
        self * sum
    }

    /// `ln(x)`, with a relative error below 2^-118 also near 1. Nought for zero or below: callers rule that out first.
    pub fn ln(self) -> Self {
        if self.mantissa == 0 || self.negative {
            return Self::ZERO;
        }
        let power = self.exponent + i32::from(self.mantissa > SQRT_2);
        let near_one = self.scaled(-power);
        let multiple = Self::from_i64(i64::from(power));
        let log = ((near_one - Self::ONE) / (near_one + Self::ONE))
            .atanh_series()
            .double();
        multiple * LN_2_LEADING + (multiple * LN_2_REST + log)
    }

    /// `ln(1 + x)`, with a relative error below 2^-118 also near zero. Nought from -1 down: callers rule that out first.
    pub fn ln_1p(self) -> Self {
        if self.exponent < -2 {
            return (self / (Self::ONE.double() + self)).atanh_series().double();
        }
        (Self::ONE + self).ln()
    }

    /// `ln(a / b)` without losing digits where the two are near each other. Nought unless both are above zero.
    pub fn ln_ratio(a: Self, b: Self) -> Self {
        let ratio = a / b;
        if matches!(ratio.exponent, -1 | 0) && !ratio.negative {
            return ((a - b) / (a + b)).atanh_series_wide();
        }
        ratio.ln()
    }

    /// `2 atanh(z)` for |z| up to 1/3: by the logarithm's own reduction unless z is small.
    fn atanh_series_wide(self) -> Self {
        if self.exponent < -3 {
            return self.atanh_series().double();
        }
        ((Self::ONE + self) / (Self::ONE - self)).ln()
    }

    /// `atanh(z)` for |z| <= 0.172: `z (1 + z^2/3 + z^4/5 + ...)`.
    fn atanh_series(self) -> Self {
        let square = self.square();
        let square = if square.mantissa == 0 || square.exponent < -127 {
            0
        } else {
            square.mantissa >> (-1 - square.exponent)
        };
        let series = ODD_RECIPROCALS
            .iter()
            .rev()
            .fold(0, |sum, term| mul_128(sum, square).0 + term);
        self * Self::normalised(false, 0, series)
    }

    /// `x^y = e^(y ln(x))`. The relative error is below 2^-116 times `1 + |y ln(x)|`. Nought for x of zero or below.
    pub fn pow(self, y: Self) -> Self {
        if self.mantissa == 0 || self.negative {
            return Self::ZERO;
        }
        (y * self.ln()).exp()
    }
}
