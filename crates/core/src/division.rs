//! Exact quotients of up to 512 by up to 256 bits on 64-bit machines: long division whose digits come from a reciprocal of
//! the divisor instead of from a division each.
//!
//! Source: Möller and Granlund, "Improved division by invariant integers" (IEEE Transactions on Computers 60, 2011),
//! algorithms 2 to 6. The programs take [`crate::wide`] instead, which is smaller and suits their 32-bit products.

use alloy_primitives::U256;

/// The product of two integers, least significant limb first.
#[inline(always)]
pub(crate) fn product(a: U256, b: U256) -> [u64; 8] {
    let mut out = [0; 8];
    match (a.as_limbs(), b.as_limbs()) {
        // Most amounts and prices have two limbs.
        (&[a0, a1, 0, 0], &[b0, b1, 0, 0]) => multiply([a0, a1], [b0, b1], &mut out),
        (a, b) => multiply(*a, *b, &mut out),
    }
    out
}

/// `out`, which is zero, becomes `a * b`.
#[inline(always)]
fn multiply<const N: usize>(a: [u64; N], b: [u64; N], out: &mut [u64; 8]) {
    for i in 0..N {
        let mut carry = 0;
        for j in 0..N {
            let sum = u128::from(a[i]) * u128::from(b[j]) + u128::from(out[i + j]) + u128::from(carry);
            (out[i + j], carry) = split(sum);
        }
        out[i + N] = carry;
    }
}

/// Floor of `dividend / divisor` and whether something remains, for a nonzero divisor; nothing where the quotient has more
/// than 256 bits.
#[inline(always)]
pub(crate) fn divide(dividend: &[u64; 8], divisor: U256) -> Option<(U256, bool)> {
    if dividend[4] | dividend[5] | dividend[6] | dividend[7] != 0 {
        let high = U256::from_limbs([dividend[4], dividend[5], dividend[6], dividend[7]]);
        if high >= divisor {
            return None;
        }
    }
    Some(match *divisor.as_limbs() {
        [d, 0, 0, 0] => by_one(dividend, d),
        [d0, d1, 0, 0] => by_two(dividend, d0, d1),
        [d0, d1, d2, 0] => by_many(dividend, [d0, d1, d2]),
        limbs => by_many(dividend, limbs),
    })
}

/// By one limb; the dividend is below `divisor * 2^256`.
#[inline(always)]
fn by_one(dividend: &[u64; 8], divisor: u64) -> (U256, bool) {
    let [l0, l1, l2, l3, l4, ..] = *dividend;
    let (q3, rest) = div_2x1(l4, l3, divisor);
    let (q2, rest) = div_2x1(rest, l2, divisor);
    let (q1, rest) = div_2x1(rest, l1, divisor);
    let (q0, rest) = div_2x1(rest, l0, divisor);
    (U256::from_limbs([q0, q1, q2, q3]), rest != 0)
}

/// By two limbs, the higher one not zero; the dividend is below `divisor * 2^256`.
fn by_two(dividend: &[u64; 8], d0: u64, d1: u64) -> (U256, bool) {
    let shift = d1.leading_zeros();
    let divisor = join(d0, d1) << shift;
    let reciprocal = reciprocal_2(divisor);
    let mut quotient = [0; 4];
    let dividend: [u64; 6] = shifted(dividend, shift);
    let mut rest = join(dividend[4], dividend[5]);
    for (digit, &limb) in quotient.iter_mut().zip(&dividend).rev() {
        if split(rest).1 == 0 && join(limb, rest as u64) < divisor {
            rest = join(limb, rest as u64);
            continue;
        }
        (*digit, rest) = div_3x2(rest, limb, divisor, reciprocal);
    }
    (U256::from_limbs(quotient), rest != 0)
}

/// By three limbs or more, the highest not zero; the dividend is below `divisor * 2^256`.
fn by_many<const N: usize>(dividend: &[u64; 8], divisor: [u64; N]) -> (U256, bool) {
    let shift = divisor[N - 1].leading_zeros();
    let mut normal = [0; N];
    let mut below = 0;
    for (slot, limb) in normal.iter_mut().zip(divisor) {
        *slot = shift_limb(limb, below, shift);
        below = limb;
    }
    let leading = join(normal[N - 2], normal[N - 1]);
    let reciprocal = reciprocal_2(leading);
    let mut rest: [u64; 8] = shifted(dividend, shift);
    let mut quotient = [0; 4];
    for (j, digit) in quotient.iter_mut().enumerate().rev() {
        let Some((low, high)) = rest
            .get_mut(j..=j + N)
            .and_then(|window| window.split_at_mut_checked(N))
        else {
            continue;
        };
        let Some(high) = high.first_mut() else { continue };
        if *high == 0 && low[N - 1] < normal[N - 1] {
            continue;
        }
        *digit = digit_of(low, high, &normal, leading, reciprocal);
    }
    (U256::from_limbs(quotient), rest.iter().take(N).any(|&limb| limb != 0))
}

/// One digit of a long division, whose multiple of the divisor is taken off `(low, high)`.
#[inline(always)]
fn digit_of<const N: usize>(
    low: &mut [u64],
    high: &mut u64,
    divisor: &[u64; N],
    leading: u128,
    reciprocal: u64,
) -> u64 {
    let top = join(low[N - 1], *high);
    // The digit as the leading limbs have it, and what it leaves of them: at most one too large, then what is left of the
    // lower limbs borrows. Where the leading limbs are alike, what is left may need one more bit.
    let (mut digit, mut left, excess) = if top >= leading {
        let (left, excess) = leading.overflowing_add(u128::from(low[N - 2]));
        (u64::MAX, left, excess)
    } else {
        let (digit, left) = div_3x2(top, low[N - 2], leading, reciprocal);
        (digit, left, false)
    };
    let (mut carry, mut borrow) = (0, false);
    for (slot, &limb) in low.iter_mut().zip(&divisor[..N - 2]) {
        let product;
        (product, carry) = split(u128::from(digit) * u128::from(limb) + u128::from(carry));
        (*slot, borrow) = sub_borrow(*slot, product, borrow);
    }
    (left, borrow) = left.overflowing_sub(u128::from(carry) + u128::from(borrow));
    if borrow != excess {
        digit = digit.wrapping_sub(1);
        let mut carry = false;
        for (slot, &limb) in low.iter_mut().zip(&divisor[..N - 2]) {
            let (sum, first) = slot.overflowing_add(limb);
            let (sum, second) = sum.overflowing_add(u64::from(carry));
            (*slot, carry) = (sum, first | second);
        }
        left = left.wrapping_add(leading).wrapping_add(u128::from(carry));
    }
    (low[N - 2], low[N - 1]) = split(left);
    *high = 0;
    digit
}

/// The lowest limbs of `limbs * 2^shift`, for a shift below 64.
#[inline(always)]
fn shifted<const N: usize>(limbs: &[u64; 8], shift: u32) -> [u64; N] {
    let mut out = [0; N];
    let mut below = 0;
    for (slot, &limb) in out.iter_mut().zip(limbs) {
        *slot = shift_limb(limb, below, shift);
        below = limb;
    }
    out
}

/// A limb shifted up, filled with what comes out of the one below.
#[inline(always)]
fn shift_limb(limb: u64, below: u64, shift: u32) -> u64 {
    split(join(below, limb) << shift).1
}

/// `floor((2^128 - 1) / divisor) - 2^64` for a normalised divisor.
#[inline(always)]
fn reciprocal(divisor: u64) -> u64 {
    div_2x1(!divisor, u64::MAX, divisor).0
}

/// `floor((2^192 - 1) / divisor) - 2^64` for a normalised divisor of two limbs: algorithm 6.
#[inline]
fn reciprocal_2(divisor: u128) -> u64 {
    let (d0, d1) = split(divisor);
    let mut v = reciprocal(d1);
    let mut p = d1.wrapping_mul(v).wrapping_add(d0);
    if p < d0 {
        v = v.wrapping_sub(1);
        if p >= d1 {
            v = v.wrapping_sub(1);
            p = p.wrapping_sub(d1);
        }
        p = p.wrapping_sub(d1);
    }
    let (t0, t1) = split(u128::from(v) * u128::from(d0));
    let (sum, carry) = p.overflowing_add(t1);
    if carry {
        v = v.wrapping_sub(1);
        if join(t0, sum) >= divisor {
            v = v.wrapping_sub(1);
        }
    }
    v
}

/// Quotient and remainder of `high * 2^64 + low` by a divisor above `high`: what most processors have an instruction for.
#[inline(always)]
fn div_2x1(high: u64, low: u64, divisor: u64) -> (u64, u64) {
    let quotient = (join(low, high) / u128::from(divisor)) as u64;
    (quotient, low.wrapping_sub(quotient.wrapping_mul(divisor)))
}

/// Quotient and remainder of `high * 2^64 + low` by a normalised divisor of two limbs above `high`: algorithm 5.
#[inline(always)]
fn div_3x2(high: u128, low: u64, divisor: u128, reciprocal: u64) -> (u64, u128) {
    let (u1, u2) = split(high);
    let (d0, d1) = split(divisor);
    let (q0, q1) = split((u128::from(reciprocal) * u128::from(u2)).wrapping_add(high));
    let mut rest = join(low, u1.wrapping_sub(q1.wrapping_mul(d1)))
        .wrapping_sub(u128::from(d0) * u128::from(q1))
        .wrapping_sub(divisor);
    let mut quotient = q1.wrapping_add(1);
    if split(rest).1 >= q0 {
        quotient = quotient.wrapping_sub(1);
        rest = rest.wrapping_add(divisor);
    }
    if rest >= divisor {
        quotient = quotient.wrapping_add(1);
        rest -= divisor;
    }
    (quotient, rest)
}

#[inline(always)]
fn split(value: u128) -> (u64, u64) {
    (value as u64, (value >> 64) as u64)
}

#[inline(always)]
fn join(low: u64, high: u64) -> u128 {
    u128::from(high) << 64 | u128::from(low)
}

#[inline(always)]
fn sub_borrow(a: u64, b: u64, borrow: bool) -> (u64, bool) {
    let (rest, first) = a.overflowing_sub(b);
    let (rest, second) = rest.overflowing_sub(u64::from(borrow));
    (rest, first | second)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy_primitives::U512;
    use proptest::prelude::*;

    /// Limbs that are often all zeros or all ones, where carries and corrected digits live.
    fn limb() -> impl Strategy<Value = u64> {
        prop_oneof![3 => any::<u64>(), 2 => Just(0), 1 => Just(u64::MAX), 1 => Just(1), 1 => Just(1 << 63), 1 => Just(u64::MAX >> 1)]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        #[test]
        fn quotients_agree_with_an_independent_integer(dividend: [u64; 8], special in prop::array::uniform8(limb()),
            mixed: u8, divisor in prop::array::uniform4(limb())) {
            let dividend: [u64; 8] = core::array::from_fn(|i| if mixed >> i & 1 != 0 { special[i] } else { dividend[i] });
            let (wide, divisor) = (U512::from_limbs(dividend), U256::from_limbs(divisor));
            prop_assume!(!divisor.is_zero());
            let by = U512::from(divisor);
            // As it is, which mostly overflows, and with a quotient that just fits or is shorter.
            let fitting = wide % (by << 256);
            for value in [wide, fitting, fitting >> 64, fitting >> 200, by * U512::from(fitting.as_limbs()[0])] {
                let (quotient, rest) = value.div_rem(by);
                let expected = (quotient.bit_len() <= 256).then(|| (quotient.to::<U256>(), !rest.is_zero()));
                prop_assert_eq!(divide(value.as_limbs(), divisor), expected);
            }
        }

        #[test]
        fn products_agree_with_an_independent_integer(a in prop::array::uniform4(limb()), b in prop::array::uniform4(limb())) {
            let (a, b) = (U256::from_limbs(a), U256::from_limbs(b));
            let expected: U512 = a.widening_mul(b);
            prop_assert_eq!(&product(a, b), expected.as_limbs());
        }

        #[test]
        fn reciprocals_are_the_floor(limb in limb(), next in limb()) {
            let divisor = limb | 1 << 63;
            prop_assert_eq!(u128::from(reciprocal(divisor)), u128::MAX / u128::from(divisor) - (1 << 64));
            let divisor = join(next, divisor);
            let expected = (U256::MAX >> 64) / U256::from(divisor) - (U256::from(1) << 64);
            prop_assert_eq!(U256::from(reciprocal_2(divisor)), expected);
        }
    }
}
