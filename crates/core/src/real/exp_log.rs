//! Exponential, logarithm and power.
//!
//! The coefficients are those of the polynomials that meet their functions in the Chebyshev nodes of the interval, computed with
//! 420 bits and rounded to 120 fractional bits.

use super::bits::{below_mask, bit_mask, chosen, high, join, low, shifted_right};
use super::horner::{Digits, digits, horner, joined, step_4};
use super::{EXPONENT_LIMIT, Real};

/// `1 / ln(2)`.
const LOG2_E: Real = Real::positive(0, 0xb8aa_3b29_5c17_f0bb_be87_fed0_691d_3e88);
/// One, in digits.
const ONE: Digits = digits(1 << 56, 0);

impl Real {
    /// `e^x`. Relative error below 2^-115 + |x| 2^-123; saturates: nought below -2^20, huge above 2^20.
    pub fn exp(self) -> Self {
        if self.exponent >= 20 {
            return if self.sign == 0 {
                Self::power_of_two(EXPONENT_LIMIT)
            } else {
                Self::ZERO
            };
        }
        let (power, t) = self.times(LOG2_E).split();
        let value = joined(step_4(exp2_slope(t), t, ONE));
        // From sqrt(1/2) to sqrt(2): bit 120 or 119 is the top one.
        let short = 1 - (high(value) >> 56) as u32;
        let mantissa = join(
            high(value) << (7 + short) | low(value) >> (57 - short),
            low(value) << (7 + short),
        );
        Self::positive(power - short as i32, mantissa)
    }

    /// `e^x - 1`, with the relative error of [`Real::exp`] also near zero.
    pub fn exp_m1(self) -> Self {
        let power = self * LOG2_E;
        if power.exponent < -1 {
            let (_, t) = power.split();
            return power.double() * Self::from_digits(exp2_slope(t));
        }
        self.exp() - Self::ONE
    }

    /// The integer nearest to |x| < 2^22, with x's sign, and twice what remains, in [-1, 1].
    #[inline(always)]
    fn split(self) -> (i32, Digits) {
        // The integer's word and two of the fraction's, as if the exponent were 63, shifted down from there.
        let shift = 63_i32.wrapping_sub(self.exponent) as u32;
        let (part, upper, lower) = (shift & 63, high(self.mantissa), low(self.mantissa));
        let (w2, w1, w0) = (
            upper >> part,
            lower >> part | (upper << 1) << (63 - part),
            (lower << 1) << (63 - part),
        );
        let (one, two, any) = (bit_mask(shift, 6), bit_mask(shift, 7), below_mask(shift, 256));
        let (w2, w1, w0) = (w2 & !one, chosen(one, w2, w1), chosen(one, w1, w0));
        let (w2, w1, w0) = (w2 & !two & any, w1 & !two & any, chosen(two, w2, w0) & any);
        let fraction = join(w1, w0);
        // A fraction of a half and more is taken as the negative one up to the next integer.
        let whole = w2 as i32 + (w1 >> 63) as i32;
        let rest = (fraction as i128 >> 7 ^ self.sign as i128) - self.sign as i128;
        (
            (whole ^ self.sign) - self.sign,
            digits((rest >> 64) as i64, rest as u64),
        )
    }

    /// The number of 120 fractional bits that the digits stand for.
    #[inline(always)]
    pub(super) fn from_digits(digits: Digits) -> Self {
        Self::normalised(0, 7, joined(digits))
    }

    /// `ln(x)`, with a relative error below 2^-115 also near 1. Nought for zero or below: callers rule that out first.
    pub fn ln(self) -> Self {
        Self::ln_ratio(self, Self::ONE)
    }

    /// `ln(1 + x)`, with a relative error below 2^-115 also near zero. Nought from -1 down: callers rule that out first.
    pub fn ln_1p(self) -> Self {
        if self.exponent < -2 {
            return atanh(self / (Self::ONE.double() + self)).double();
        }
        (Self::ONE + self).ln()
    }

    /// `ln(a / b)` without losing digits where the two are near each other: the relative error is that of their difference and
    /// 2^-115. Nought unless both are above zero.
    pub fn ln_ratio(a: Self, b: Self) -> Self {
        if !a.is_positive() || !b.is_positive() {
            return Self::ZERO;
        }
        // a / b = 2^power * x with x within [sqrt(1/2), sqrt(2)] and a little; 106/256 + 1 stands for sqrt(2).
        let exceeds = |x: u128, y: u128| ((high(y) >> 1) + (high(y) >> 9) * 106).wrapping_sub(high(x) >> 1) >> 63;
        let (up, down) = (exceeds(b.mantissa, a.mantissa), exceeds(a.mantissa, b.mantissa));
        let power = a.exponent - b.exponent + down as i32 - up as i32;
        // x = a / b with one of the mantissas doubled, or none.
        let (a, b) = (a.mantissa, b.mantissa);
        let difference = doubled(a, up).wrapping_sub(doubled(b, down));
        let sum = (a >> 1) + (b >> 1);
        let sum = (sum >> 1) + (a >> 2 & spread(up)) + (b >> 2 & spread(down));
        let log = twice_atanh(difference, sum);
        if power == 0 {
            return log;
        }
        Self::from_i64(i64::from(power)) * Self::LN_2 + log
    }

    /// `x^y = e^(y ln(x))`. The relative error is below 2^-115 (1 + |y ln(x)|). Nought for x of zero or below.
    pub fn pow(self, y: Self) -> Self {
        if !self.is_positive() {
            return Self::ZERO;
        }
        (y * self.ln()).exp()
    }
}

/// `(2^(t/2) - 1) / t` for |t| <= 1: degree 20, wrong by less than 2^-121.
#[inline(always)]
fn exp2_slope(t: Digits) -> Digits {
    horner!(t;
        [
            0x56_1a8b,
            0x1461_ea3f,
        ];
        [
            0x4_969f_751a,
            0xfb_8ba5_e95e,
            0x3308_8968_861a,
            0x9_c744_d751_2833,
            0x1c3_6e84_3b03_c60d,
        ];
        [
            0x4c52_5935_61d3_12c7,
            0xc_0b0c_98b3_687c_ce8b,
            0x1c3_bd65_0fc2_9865_c31a,
            0x3d19_58e6_a376_4981_e201,
            0x7_933d_4562_e3b2_7dbd_1686,
            0xda_929e_9caf_3e1e_d253_88d3,
        ];
        [
            0x162c_0223_a5c8_23fd_8ffe_cd87,
            0x1_ffcb_fc58_8b0c_686b_151c_c854,
            0x28_6122_5f0d_8f0e_de96_1513_0262,
            0x2bb_0ffc_f14c_e622_0e2f_ed34_a29b,
            0x2765_56df_749c_ee53_9977_c16a_7e59,
            0x1_c6b0_8d70_4a0b_f8b3_3a76_2bb3_2bd4,
            0xf_5fde_ffc1_62c7_5437_8b58_3764_b9af,
            0x58_b90b_fbe8_e7bc_d5e4_f1d9_cc01_f97c,
        ]
    )
}

/// `2 x`, modulo 2^128, or `x`.
#[inline(always)]
fn doubled(x: u128, twice: u64) -> u128 {
    join(high(x) << twice | (low(x) >> 63) & twice, low(x) << twice)
}

/// All ones for 1, zero for 0.
#[inline(always)]
fn spread(bit: u64) -> u128 {
    join(bit.wrapping_neg(), bit.wrapping_neg())
}

/// `2 atanh(z)` for `z = difference / (4 sum)`, z^2 <= 1/32, the sum of 2^126 and more.
#[inline(always)]
fn twice_atanh(difference: u128, sum: u128) -> Real {
    let sign = high(difference) as i64 >> 63;
    let magnitude = (difference ^ sign as i128 as u128).wrapping_sub(sign as i128 as u128);
    let divisor = doubled(sum, 1 - (high(sum) >> 63));
    let numerator = Real::normalised(sign as i32, 127, magnitude);
    let divisor = Real::positive(128 + (high(sum) >> 63) as i32, divisor);
    atanh(numerator / divisor).double()
}

/// `atanh(z)` for z^2 <= 1/32: `z` times a polynomial in z^2.
#[inline(always)]
fn atanh(z: Real) -> Real {
    let square = z.times(z);
    // t = 64 z^2 - 1 in [-1, 1].
    let t = shifted_right(square.mantissa, 1_u32.wrapping_sub(square.exponent as u32));
    let t = digits(high(t) as i64 - (1 << 56), low(t));
    z.times(Real::from_digits(atanh_slope(t)))
}

/// `atanh(z) / z` with `z^2 = (t + 1) / 64`, for |t| <= 1: degree 16, relative error below 2^-122.
#[inline(always)]
fn atanh_slope(t: Digits) -> Digits {
    horner!(t;
        [
            0x9_fea0,
            0x29e_4c14,
        ];
        [
            0xb02b_9dee,
            0x2e_9147_1750,
            0xc60_947b_c83d,
            0x3_4f9c_ebbc_7867,
            0xe4_787b_9253_0e9d,
        ];
        [
            0x3e25_cdb6_6c4a_bb78,
            0x11_1845_606e_a4ad_a0ea,
            0x4c4_b017_4f56_2855_52ef,
            0x1_5aa9_8912_8e4e_8bcb_ee60,
            0x64_d6bc_299e_5bad_3d91_c8e3,
        ];
        [
            0x1e56_4b2f_895d_a620_e679_0017,
            0x9_9a15_848d_0d99_9fbd_4101_b5ef,
            0x34f_4f4a_7374_1c15_1978_a406_4bc3,
            0x1_5bd7_9d12_a8c6_bb7d_4500_6ab9_51ed,
            0x101_5891_c9ea_ef76_9946_7a0f_6b91_6c66,
        ]
    )
}
