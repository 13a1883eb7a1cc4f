//! From integers to real numbers, exactly, and back, rounded once.

use super::bits::{below_mask, bit_mask, chosen, high, join, low};
use super::{EXPONENT_LIMIT, Real, Rounding, scale};
use crate::wide::mul_wide;
use crate::{Error, Ray, Result, Wad};
use alloy_primitives::{I256, U256};

/// 1e18 is this times 2^18.
const FIVE_POW_18: u64 = 5_u64.pow(18);
/// 1e27 is this times 2^27.
const FIVE_POW_27: u64 = 5_u64.pow(27);

impl Real {
    /// An integer: exactly up to 2^128, above that its leading 128 bits.
    pub fn from_u256(value: U256) -> Self {
        Self::from_limbs(value.as_limbs())
    }

    /// An integer: exactly up to 2^128 in magnitude, above that its leading 128 bits.
    #[inline(never)]
    pub fn from_i256(value: I256) -> Self {
        Self {
            sign: -i32::from(value.is_negative()),
            ..Self::from_limbs(value.unsigned_abs().as_limbs())
        }
    }

    /// A wad's value, `x / 1e18`: the leading 128 bits, so exact where they suffice.
    #[inline(never)]
    pub fn from_wad(wad: Wad) -> Self {
        let [l0, l1, l2, l3] = *wad.0.into_raw().as_limbs();
        let integer = if l1 | l2 | l3 == 0 {
            Self::of_one_word(0, 63, l0)
        } else {
            Self::from_i256(wad.0)
        };
        let (mantissa, full) = over_five_pow_18(integer.mantissa);
        Self {
            sign: integer.sign,
            exponent: scale(integer.exponent - 60 + full as i32, mantissa),
            mantissa,
        }
    }

    /// `a / b`. Nought where `b` is zero: callers rule that out first.
    pub fn quotient(a: U256, b: U256) -> Self {
        Self::from_u256(a) / Self::from_u256(b)
    }

    #[inline(always)]
    fn from_limbs(limbs: &[u64; 4]) -> Self {
        let [l0, l1, l2, l3] = *limbs;
        if l1 | l2 | l3 == 0 {
            return Self::of_one_word(0, 63, l0);
        }
        let (exponent, first, second, third) = match (l3, l2) {
            (0, 0) => (127, l1, l0, 0),
            (0, _) => (191, l2, l1, l0),
            _ => (255, l3, l2, l1),
        };
        let zeros = first.leading_zeros();
        let mantissa = join(
            first << zeros | (second >> 1) >> (63 - zeros),
            second << zeros | (third >> 1) >> (63 - zeros),
        );
        Self::positive(exponent - zeros as i32, mantissa)
    }

    /// `1e18 x`, rounded once. Errors: [`Error::Overflow`] from 2^255 on.
    pub fn to_wad(self, rounding: Rounding) -> Result<Wad> {
        self.to_units(FIVE_POW_18, 18, rounding).map(Wad)
    }

    /// `1e27 x`, rounded once. Errors: [`Error::Overflow`] from 2^255 on.
    pub fn to_ray(self, rounding: Rounding) -> Result<Ray> {
        self.to_units(FIVE_POW_27, 27, rounding).map(Ray)
    }

    /// `x`, rounded once. Errors: [`Error::Overflow`] from 2^255 on.
    pub fn to_i256(self, rounding: Rounding) -> Result<I256> {
        self.to_units(1, 0, rounding)
    }

    /// `factor * 2^twos * x`, rounded once.
    #[inline(never)]
    fn to_units(self, factor: u64, twos: i32, rounding: Rounding) -> Result<I256> {
        let (p0, carry) = mul_wide(low(self.mantissa), factor);
        let (p1, p2) = mul_wide(high(self.mantissa), factor);
        let (p1, over) = p1.overflowing_add(carry);
        let p2 = p2 + u64::from(over);
        // The value is p * 2^-drop.
        let drop = 127 - twos - self.exponent;
        if drop < 0 {
            return shifted_up([p0, p1, p2], drop.unsigned_abs(), self.sign != 0);
        }
        let drop = drop as u32;
        let bits = drop & 63;
        let joint = |above: u64, below: u64| (above << 1) << (63 - bits) | below >> bits;
        // Four words and the first of the fraction, by whole words: one down, two down, or all.
        let (w3, w2, w1, w0) = (p2 >> bits, joint(p2, p1), joint(p1, p0), joint(p0, 0));
        let (one, two, any) = (bit_mask(drop, 6), bit_mask(drop, 7), below_mask(drop, 256));
        let rest = w0 & one;
        let (w3, w2, w1, w0) = (w3 & !one, chosen(one, w3, w2), chosen(one, w2, w1), chosen(one, w1, w0));
        let rest = rest | (w0 | w1) & two | high(self.mantissa) & !any;
        let (w3, w2, w1, w0) = (
            w3 & !two & any,
            w2 & !two & any,
            chosen(two, w3, w1) & any,
            chosen(two, w2, w0) & any,
        );
        let lost = w0 | rest != 0;
        let half = (w0 >> 63 != 0) & matches!(rounding, Rounding::Nearest);
        let down = matches!(rounding, Rounding::Down) & (self.sign != 0);
        let up = half | lost & (down | matches!(rounding, Rounding::Up) & (self.sign == 0));
        let flip = i64::from(self.sign) as u64;
        let lower = join(w2, w1).wrapping_add(u128::from(up));
        let upper = w3.wrapping_add(u64::from(up & (lower == 0)));
        // The complement and one more, for a negative number.
        let lower = join(high(lower) ^ flip, low(lower) ^ flip).wrapping_add(u128::from(flip & 1));
        let carry = u64::from(lower == 0) & flip;
        let upper = (upper ^ flip).wrapping_add(carry);
        let top = (upper as i64 >> 63) as u64;
        Ok(I256::from_raw(U256::from_limbs([low(lower), high(lower), upper, top])))
    }
}

/// `p * 2^bits` with a sign, where that fits.
#[inline(never)]
fn shifted_up(p: [u64; 3], bits: u32, negative: bool) -> Result<I256> {
    let value = U256::from_limbs([p[0], p[1], p[2], 0]);
    if bits > EXPONENT_LIMIT as u32 || value.bit_len() + bits as usize > 255 {
        return Err(Error::Overflow);
    }
    Ok(with_sign((value << bits as usize).into_limbs(), negative))
}

#[inline(always)]
fn with_sign(magnitude: [u64; 4], negative: bool) -> I256 {
    let magnitude = I256::from_raw(U256::from_limbs(magnitude));
    if negative { -magnitude } else { magnitude }
}

/// The leading 128 bits of `mantissa / 5^18`, and 1 where the quotient comes to 2^86 and more, else 0.
///
/// Long division in digits of 22 bits: what 64 bits leave beside a divisor of 42.
#[inline(always)]
fn over_five_pow_18(mantissa: u128) -> (u128, u64) {
    const DIGIT: u64 = (1 << 22) - 1;
    let step = |rest: u64, next: u64| {
        let value = rest << 22 | next;
        (value / FIVE_POW_18, value % FIVE_POW_18)
    };
    let (high, low) = (high(mantissa), low(mantissa));
    let (q0, rest) = (high / FIVE_POW_18, high % FIVE_POW_18);
    let (q1, rest) = step(rest, low >> 42);
    let (q2, rest) = step(rest, low >> 20 & DIGIT);
    let (q3, rest) = step(rest, low << 2 & DIGIT);
    let (q4, rest) = step(rest, 0);
    let (q5, _) = step(rest, 0);
    // Of the 133 or 132 bits the leading 128.
    let full = q0 >> 22;
    let cut = 4 + full;
    let (top, middle, last) = (q0 << 22 | q1, q2 << 22 | q3, q4 << 22 | q5);
    let mantissa = join(
        top << (24 - cut) | middle >> (20 + cut),
        middle << (44 - cut) | last >> cut,
    );
    (mantissa, full)
}
