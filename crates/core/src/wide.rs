//! Unsigned integers of up to 768 bits: what exact quotients of pool quantities need between reading and rounding.
//!
//! One representation and one set of routines serve every width. The number of significant limbs is kept, so that a small
//! value costs little, and nothing is instantiated twice, which keeps the programs small. On wasm32 a product of two limbs
//! is put together from 32-bit halves, because the 128-bit multiplication there is a call several times dearer.

use alloy_primitives::U256;
use core::cmp::Ordering;

/// Capacity in 64-bit limbs. The largest value formed anywhere is a numerator of [`crate::il`], below 2^704.
pub(crate) const LIMBS: usize = 12;

/// An unsigned integer below 2^768, least significant limb first; limbs at and above `len` are zero.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wide {
    limbs: [u64; LIMBS],
    len: usize,
}

impl Wide {
    pub(crate) const ZERO: Self = Self {
        limbs: [0; LIMBS],
        len: 0,
    };

    /// The significant limbs.
    fn significant(&self) -> &[u64] {
        lowest(&self.limbs, self.len)
    }

    /// Sets the length to that of the value, whose limbs at and above `bound` are zero.
    fn trim(&mut self, bound: usize) {
        self.len = bound.min(LIMBS);
        while self.limbs.get(self.len.wrapping_sub(1)) == Some(&0) {
            self.len -= 1;
        }
    }

    /// The value of these limbs.
    #[inline(never)]
    fn from_limbs(limbs: &[u64]) -> Self {
        let mut out = Self::ZERO;
        for (slot, &limb) in out.limbs.iter_mut().zip(limbs) {
            *slot = limb;
        }
        out.trim(limbs.len());
        out
    }

    pub(crate) fn is_zero(&self) -> bool {
        self.len == 0
    }

    /// Number of significant bits.
    pub(crate) fn bits(&self) -> usize {
        64 * self.len - self.significant().last().map_or(0, |top| top.leading_zeros() as usize)
    }

    /// The value, if it is below 2^256.
    pub(crate) fn to_u256(self) -> Option<U256> {
        (self.len <= 4).then(|| U256::from_limbs([self.limbs[0], self.limbs[1], self.limbs[2], self.limbs[3]]))
    }

    /// The value, if it is below 2^128.
    pub(crate) fn to_u128(self) -> Option<u128> {
        (self.len <= 2).then(|| self.low_u128())
    }

    /// The value modulo 2^128.
    pub(crate) fn low_u128(&self) -> u128 {
        u128::from(self.limbs[0]) | u128::from(self.limbs[1]) << 64
    }

    /// Product; the callers' widths never exceed the capacity.
    #[inline(never)]
    pub(crate) fn mul(&self, other: &Self) -> Self {
        debug_assert!(self.bits() + other.bits() <= 64 * LIMBS);
        let mut out = Self::ZERO;
        for (i, &a) in self.significant().iter().enumerate() {
            let mut carry = 0;
            let mut slots = out.limbs.get_mut(i..).unwrap_or_default().iter_mut();
            for (&b, slot) in other.significant().iter().zip(&mut slots) {
                (*slot, carry) = mul_add(a, b, *slot, carry);
            }
            if let Some(slot) = slots.next() {
                *slot = carry;
            }
        }
        out.trim(self.len + other.len);
        out
    }

    /// Sum; the callers' widths never exceed the capacity.
    #[inline(never)]
    pub(crate) fn add(&self, other: &Self) -> Self {
        let mut out = *self;
        let bound = self.len.max(other.len) + 1;
        let mut carry = false;
        for (slot, &b) in out.limbs.iter_mut().zip(lowest(&other.limbs, bound)) {
            (*slot, carry) = add_carry(*slot, b, carry);
        }
        debug_assert!(!carry);
        out.trim(bound);
        out
    }

    /// `self - other`, for `other <= self`.
    #[inline(never)]
    pub(crate) fn sub(&self, other: &Self) -> Self {
        let mut out = *self;
        let mut borrow = false;
        for (slot, &b) in out.limbs.iter_mut().zip(lowest(&other.limbs, self.len)) {
            (*slot, borrow) = sub_borrow(*slot, b, borrow);
        }
        debug_assert!(!borrow && other.len <= self.len);
        out.trim(self.len);
        out
    }

    /// `self * 2^bits`; the callers' widths never exceed the capacity.
    #[inline(never)]
    pub(crate) fn shl(&self, bits: usize) -> Self {
        debug_assert!(self.is_zero() || self.bits() + bits <= 64 * LIMBS);
        let (whole, part) = (bits / 64, bits % 64);
        let mut out = Self::ZERO;
        let mut carry = 0;
        for (slot, &limb) in out
            .limbs
            .get_mut(whole..)
            .unwrap_or_default()
            .iter_mut()
            .zip(lowest(&self.limbs, self.len + 1))
        {
            *slot = limb << part | carry;
            carry = if part == 0 { 0 } else { limb >> (64 - part) };
        }
        out.trim(self.len + whole + 1);
        out
    }

    /// Floor of `self / 2^bits`, and whether bits were lost.
    #[inline(never)]
    pub(crate) fn shr(&self, bits: usize) -> (Self, bool) {
        let (whole, part) = (bits / 64, bits % 64);
        let mut out = (Self::ZERO, !self.is_zero());
        if whole >= self.len {
            return out;
        }
        out.1 = lowest(&self.limbs, whole).iter().any(|&limb| limb != 0);
        let mut carry = 0;
        let kept = self.significant().get(whole..).unwrap_or_default();
        for (slot, &limb) in out.0.limbs.iter_mut().zip(kept).rev() {
            *slot = limb >> part | carry;
            carry = if part == 0 { 0 } else { limb << (64 - part) };
        }
        out.1 |= carry != 0;
        out.0.trim(self.len - whole);
        out
    }

    /// Floor of `self / other`, for a nonzero `other`, and whether something remains: Knuth's algorithm D.
    #[inline(never)]
    pub(crate) fn div(&self, other: &Self) -> (Self, bool) {
        debug_assert!(!other.is_zero());
        let mut out = (Self::ZERO, !self.is_zero());
        if self.cmp(other) == Ordering::Less {
            return out;
        }
        let n = other.len;
        let shift = other.significant().last().map_or(0, |top| top.leading_zeros() as usize);
        let divisor = other.shl(shift);
        let mut rest = [0; LIMBS + 1];
        let mut carry = 0;
        for (slot, &limb) in rest.iter_mut().zip(self.significant()) {
            *slot = limb << shift | carry;
            carry = if shift == 0 { 0 } else { limb >> (64 - shift) };
        }
        if let Some(slot) = rest.get_mut(self.len) {
            *slot = carry;
        }
        for j in (0..=self.len - n).rev() {
            if let (Some(window), Some(digit)) = (rest.get_mut(j..=j + n), out.0.limbs.get_mut(j)) {
                *digit = div_digit(window, divisor.significant());
            }
        }
        out.1 = lowest(&rest, n).iter().any(|&limb| limb != 0);
        out.0.trim(self.len - n + 1);
        out
    }
}

impl PartialEq for Wide {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for Wide {}
impl PartialOrd for Wide {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Wide {
    fn cmp(&self, other: &Self) -> Ordering {
        self.len
            .cmp(&other.len)
            .then_with(|| self.significant().iter().rev().cmp(other.significant().iter().rev()))
    }
}

impl From<U256> for Wide {
    fn from(value: U256) -> Self {
        Self::from_limbs(value.as_limbs())
    }
}
impl From<u128> for Wide {
    fn from(value: u128) -> Self {
        Self::from_limbs(&[value as u64, (value >> 64) as u64])
    }
}
impl From<u64> for Wide {
    fn from(value: u64) -> Self {
        Self::from_limbs(&[value])
    }
}

/// The lowest `count` limbs: a slice without a panic, which would bring number formatting into the programs.
#[inline(always)]
fn lowest(limbs: &[u64], count: usize) -> &[u64] {
    limbs.get(..count).unwrap_or(limbs)
}

/// One digit of a long division: subtracts the greatest multiple of the normalised `divisor` from `rest` (one limb longer,
/// its value below `divisor * 2^64`) and returns the multiple.
fn div_digit(rest: &mut [u64], divisor: &[u64]) -> u64 {
    let from_top = |limbs: &[u64], place: usize| limbs.get(limbs.len().wrapping_sub(place)).copied().unwrap_or(0);
    let (top, second) = (from_top(divisor, 1), from_top(divisor, 2));
    let (middle, low) = (from_top(rest, 2), from_top(rest, 3));
    let Some((last, rest)) = rest.split_last_mut() else {
        return 0;
    };
    let high = *last;
    let mut digit = if high >= top {
        u64::MAX
    } else {
        let (mut digit, mut rem) = div_2x1(high, middle, top);
        // The estimate from the top limb alone is at most two too large; the next limb corrects nearly all of that.
        loop {
            let (product_low, product_high) = mul_wide(digit, second);
            if (product_high, product_low) <= (rem, low) {
                break;
            }
            digit -= 1;
            let (next, overflow) = rem.overflowing_add(top);
            if overflow {
                break;
            }
            rem = next;
        }
        digit
    };
    if digit == 0 {
        return 0;
    }
    let (mut carry, mut borrow) = (0, false);
    for (slot, &limb) in rest.iter_mut().zip(divisor) {
        let product;
        (product, carry) = mul_add(digit, limb, 0, carry);
        (*slot, borrow) = sub_borrow(*slot, product, borrow);
    }
    (*last, borrow) = sub_borrow(*last, carry, borrow);
    // The estimate was still one too large where the difference went below zero: add one divisor back.
    while borrow {
        digit -= 1;
        let mut carry = false;
        for (slot, &limb) in rest.iter_mut().zip(divisor) {
            (*slot, carry) = add_carry(*slot, limb, carry);
        }
        (*last, carry) = add_carry(*last, 0, carry);
        borrow = !carry;
    }
    digit
}

#[inline(always)]
fn add_carry(a: u64, b: u64, carry: bool) -> (u64, bool) {
    let (sum, first) = a.overflowing_add(b);
    let (sum, second) = sum.overflowing_add(u64::from(carry));
    (sum, first | second)
}

#[inline(always)]
fn sub_borrow(a: u64, b: u64, borrow: bool) -> (u64, bool) {
    let (rest, first) = a.overflowing_sub(b);
    let (rest, second) = rest.overflowing_sub(u64::from(borrow));
    (rest, first | second)
}

/// Low and high limb of `a * b + c + d`, which cannot overflow.
#[inline(always)]
fn mul_add(a: u64, b: u64, c: u64, d: u64) -> (u64, u64) {
    let (low, high) = mul_wide(a, b);
    let (low, first) = low.overflowing_add(c);
    let (low, second) = low.overflowing_add(d);
    (low, high + u64::from(first) + u64::from(second))
}

/// Low and high limb of `a * b`.
#[inline(always)]
pub(crate) fn mul_wide(a: u64, b: u64) -> (u64, u64) {
    if cfg!(target_arch = "wasm32") {
        mul_halves(a, b)
    } else {
        let product = u128::from(a) * u128::from(b);
        (product as u64, (product >> 64) as u64)
    }
}

/// High and low half of `a * b`.
#[inline(never)]
pub(crate) fn mul_128(a: u128, b: u128) -> (u128, u128) {
    let join = |(low, high): (u64, u64)| u128::from(high) << 64 | u128::from(low);
    let (a0, a1, b0, b1) = (a as u64, (a >> 64) as u64, b as u64, (b >> 64) as u64);
    let low = join(mul_wide(a0, b0));
    let (mid, carry) = join(mul_wide(a0, b1)).overflowing_add(join(mul_wide(a1, b0)));
    let (low, carry_low) = low.overflowing_add(mid << 64);
    let high = join(mul_wide(a1, b1)) + (mid >> 64) + (u128::from(carry) << 64) + u128::from(carry_low);
    (high, low)
}

#[inline(always)]
fn mul_halves(a: u64, b: u64) -> (u64, u64) {
    const LOW: u64 = 0xffff_ffff;
    let (a0, a1, b0, b1) = (a & LOW, a >> 32, b & LOW, b >> 32);
    let low = a0 * b0;
    let mid = a1 * b0 + (low >> 32);
    let other = a0 * b1 + (mid & LOW);
    (other << 32 | low & LOW, a1 * b1 + (mid >> 32) + (other >> 32))
}

/// Quotient and remainder of `high * 2^64 + low` by `divisor`, for a normalised divisor above `high`.
#[inline(always)]
pub(crate) fn div_2x1(high: u64, low: u64, divisor: u64) -> (u64, u64) {
    if cfg!(target_arch = "wasm32") {
        div_halves(high, low, divisor)
    } else {
        let value = u128::from(high) << 64 | u128::from(low);
        (
            (value / u128::from(divisor)) as u64,
            (value % u128::from(divisor)) as u64,
        )
    }
}

/// Two steps of schoolbook division in base 2^32.
fn div_halves(high: u64, low: u64, divisor: u64) -> (u64, u64) {
    let (digit1, rest) = div_3x2_halves(high, low >> 32, divisor);
    let (digit0, rest) = div_3x2_halves(rest, low & 0xffff_ffff, divisor);
    (digit1 << 32 | digit0, rest)
}

/// The base-2^32 digit of `(high * 2^32 + next) / divisor` and the remainder, for a normalised divisor above `high`.
#[inline(always)]
fn div_3x2_halves(high: u64, next: u64, divisor: u64) -> (u64, u64) {
    let (d1, d0) = (divisor >> 32, divisor & 0xffff_ffff);
    // A normalised divisor has a nonzero upper half; the checked form spares the program a panic.
    let mut digit = high.checked_div(d1).unwrap_or(0);
    let mut rem = high - digit * d1;
    while digit >> 32 != 0 || digit * d0 > (rem << 32 | next) {
        digit -= 1;
        rem += d1;
        if rem >> 32 != 0 {
            break;
        }
    }
    (digit, (high << 32 | next).wrapping_sub(digit.wrapping_mul(divisor)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    type Reference = alloy_primitives::Uint<768, 12>;

    fn wide(value: Reference) -> Wide {
        Wide::from_limbs(value.as_limbs())
    }

    /// Values whose limbs are often all zeros or all ones, where carries and corrected digits live.
    fn value(limbs: usize) -> impl Strategy<Value = Reference> {
        let limb = prop_oneof![3 => any::<u64>(), 1 => Just(0), 1 => Just(u64::MAX), 1 => Just(1), 1 => Just(1 << 63)];
        prop::collection::vec(limb, 0..=limbs).prop_map(|chosen| {
            let mut all = [0; LIMBS];
            all[..chosen.len()].copy_from_slice(&chosen);
            Reference::from_limbs(all)
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4096))]

        #[test]
        fn products_and_quotients_agree_with_an_independent_integer(a in value(6), b in value(6), c in value(12)) {
            prop_assert_eq!(wide(a).mul(&wide(b)), wide(a * b));
            prop_assert_eq!(wide(a).add(&wide(b)), wide(a + b));
            let (small, large) = if a < b { (a, b) } else { (b, a) };
            prop_assert_eq!(wide(large).sub(&wide(small)), wide(large - small));
            prop_assert_eq!(wide(a).cmp(&wide(b)), a.cmp(&b));
            if !b.is_zero() {
                prop_assert_eq!(wide(c).div(&wide(b)), (wide(c / b), !(c % b).is_zero()));
                prop_assert_eq!(wide(a).mul(&wide(b)).div(&wide(b)), (wide(a), false));
            }
        }

        #[test]
        fn shifts_agree_with_an_independent_integer(a in value(6), bits in 0_usize..384) {
            prop_assert_eq!(wide(a).shl(bits), wide(a << bits));
            let (shifted, lost) = wide(a).shr(bits);
            prop_assert_eq!(shifted, wide(a >> bits));
            prop_assert_eq!(lost, (a >> bits) << bits != a);
            prop_assert_eq!(wide(a).bits(), a.bit_len());
        }

        #[test]
        fn halves_agree_with_whole_words(a: u64, b: u64, high: u64) {
            let product = u128::from(a) * u128::from(b);
            prop_assert_eq!(mul_halves(a, b), (product as u64, (product >> 64) as u64));
            let divisor = b | 1 << 63;
            let high = high % divisor;
            let value = u128::from(high) << 64 | u128::from(a);
            let expected = ((value / u128::from(divisor)) as u64, (value % u128::from(divisor)) as u64);
            prop_assert_eq!(div_halves(high, a, divisor), expected);
        }
    }
}
