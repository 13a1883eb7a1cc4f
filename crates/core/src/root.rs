//! Floors of square roots, without the tables that the standard library's use: a program pays for data whenever it is entered.

use crate::wide::{div_2x1, mul_wide};

/// The floor of the root of `high * 2^128 + low`, for `high` of 2^126 and more: Zimmermann's Karatsuba square root.
#[inline(never)]
pub(crate) fn root_256(high: u128, low: u128) -> u128 {
    let (root, rest) = root_128(high);
    let (next, last) = ((low >> 64) as u64, low as u64);
    // Half of rest * 2^64 + next, over the root. A quotient that does not fit would be one too large.
    let half = rest << 63 | u128::from(next >> 1);
    let (half_high, half_low) = ((half >> 64) as u64, half as u64);
    if half_high >= root {
        return u128::from(root) << 64 | u128::from(u64::MAX);
    }
    let (digit, rest) = div_2x1(half_high, half_low, root);
    let rest = u128::from(rest) << 1 | u128::from(next & 1);
    let (square_low, square_high) = mul_wide(digit, digit);
    let root = u128::from(root) << 64 | u128::from(digit);
    // rest * 2^64 + last < digit^2: the digit is one too large.
    if (rest, last) < (u128::from(square_high), square_low) {
        return root - 1;
    }
    root
}

/// The floor of the root of `x` of 2^126 and more, and what remains, at most twice the root.
#[inline(always)]
fn root_128(x: u128) -> (u64, u128) {
    let (high, low) = ((x >> 64) as u64, x as u64);
    let (root, rest) = root_64(high);
    // As above: half of rest * 2^32 + next, over the root.
    let half = rest << 31 | low >> 33;
    let digit = half.checked_div(root).unwrap_or(0);
    let rest = half.wrapping_sub(digit * root) << 1 | low >> 32 & 1;
    let root = u128::from(root << 32) + u128::from(digit);
    let (square_low, square_high) = mul_wide(digit, digit);
    let rest = (u128::from(rest) << 32 | u128::from(low & 0xffff_ffff)) as i128;
    let rest = rest - (u128::from(square_high) << 64 | u128::from(square_low)) as i128;
    if rest < 0 {
        return ((root - 1) as u64, (rest + 2 * root as i128 - 1) as u128);
    }
    (root as u64, rest as u128)
}

/// The floor of the root of `x` of 2^62 and more, and what remains: a line within 5 % of it, and three of Newton's steps, which
/// leave less than one.
#[inline(always)]
fn root_64(x: u64) -> (u64, u64) {
    let mut root = (((x >> 32) * 683) >> 10) + 0x5ab0_0000;
    for _ in 0..3 {
        root = (root + x.checked_div(root).unwrap_or(0)) >> 1;
    }
    let root = root.min(0xffff_ffff);
    let root = if root * root > x { root - 1 } else { root };
    (root, x - root * root)
}
