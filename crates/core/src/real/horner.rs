//! Polynomials by Horner's rule in fixed point, on four signed digits of 30 bits.
//!
//! A product of two digits has 60 bits, so a column of products adds up in 64 bits without carries: ten multiplications and three
//! carries give a product of 120 bits, and neither target needs a 128-bit multiplication. A polynomial's higher terms are
//! small: they run on the lowest digits alone, and the coefficients are part of the code, because a program pays for every byte
//! of data whenever it is entered. Each step drops what lies below the last digit, 1¼ units of it on average; the
//! coefficients are raised by one unit to make up for it.

/// Bits of a digit.
const DIGIT: u32 = 30;
const MASK: i64 = (1 << DIGIT) - 1;

/// A number as `sum(digit[i] 2^(30 (i - 4)))`: 120 fractional bits. The highest digit has the sign and may exceed 30 bits a little.
pub(super) type Digits = [i64; 4];

/// The digits of a number below 4 with 120 fractional bits.
#[inline(always)]
pub(super) const fn digits(high: i64, low: u64) -> Digits {
    [
        low as i64 & MASK,
        (low >> DIGIT) as i64 & MASK,
        (low >> 60) as i64 | (high << 4) & MASK,
        high >> 26,
    ]
}

/// The number of 120 fractional bits that the digits stand for, not below zero.
#[inline(always)]
pub(super) const fn joined(d: Digits) -> u128 {
    let low = d[0] as u64 | (d[1] as u64) << DIGIT | (d[2] as u64) << 60;
    let high = (d[2] >> 4) as u64 + ((d[3] as u64) << 26);
    (high as u128) << 64 | low as u128
}

/// A digit of a coefficient with 120 fractional bits; the `last` one has the sign.
pub(super) const fn digit(coefficient: i128, place: u32, last: u32) -> i64 {
    let rest = (coefficient >> (DIGIT * place)) as i64;
    if place == last { rest } else { rest & MASK }
}

/// `c + t s` for |s| below 2^-88.
#[inline(always)]
pub(super) const fn step_1(s: i64, t: Digits, c: i64) -> i64 {
    ((t[3] * s) >> DIGIT) + c
}

/// `c + t s` for |s| below 2^-58.
#[inline(always)]
pub(super) const fn step_2(s: [i64; 2], t: Digits, c: [i64; 2]) -> [i64; 2] {
    let first = t[2] * s[1] + t[3] * s[0];
    let second = t[3] * s[1] + (first >> DIGIT) + c[0];
    [second & MASK, (second >> DIGIT) + c[1]]
}

/// `c + t s` for |s| below 2^-28.
#[inline(always)]
pub(super) const fn step_3(s: [i64; 3], t: Digits, c: [i64; 3]) -> [i64; 3] {
    let first = t[1] * s[2] + t[2] * s[1] + t[3] * s[0];
    let second = t[2] * s[2] + t[3] * s[1] + (first >> DIGIT) + c[0];
    let third = t[3] * s[2] + (second >> DIGIT) + c[1];
    [second & MASK, third & MASK, (third >> DIGIT) + c[2]]
}

/// `c + t s`.
#[inline(always)]
pub(super) const fn step_4(s: Digits, t: Digits, c: Digits) -> Digits {
    let first = t[0] * s[3] + t[1] * s[2] + t[2] * s[1] + t[3] * s[0];
    let second = t[1] * s[3] + t[2] * s[2] + t[3] * s[1] + (first >> DIGIT) + c[0];
    let third = t[2] * s[3] + t[3] * s[2] + (second >> DIGIT) + c[1];
    let fourth = t[3] * s[3] + (third >> DIGIT) + c[2];
    [second & MASK, third & MASK, fourth & MASK, (fourth >> DIGIT) + c[3]]
}

/// A polynomial in `t`, |t| <= 1, from the highest coefficient down, in four groups: those that need one digit, two, three, four.
macro_rules! horner {
    ($t:expr; [$($a:expr),* $(,)?]; [$($b:expr),* $(,)?]; [$($c:expr),* $(,)?]; [$($d:expr),* $(,)?]) => {{
        #[allow(unused_imports)]
        use $crate::real::horner::{digit, step_1, step_2, step_3, step_4};
        let t = $t;
        let s = 0;
        $(let s = step_1(s, t, const { digit($a, 0, 0) });)*
        let s = [s, 0];
        $(let s = step_2(s, t, const { [digit($b, 0, 1), digit($b, 1, 1)] });)*
        let s = [s[0], s[1], 0];
        $(let s = step_3(s, t, const { [digit($c, 0, 2), digit($c, 1, 2), digit($c, 2, 2)] });)*
        let s = [s[0], s[1], s[2], 0];
        $(let s = step_4(s, t, const { [digit($d, 0, 3), digit($d, 1, 3), digit($d, 2, 3), digit($d, 3, 3)] });)*
        s
    }};
}
pub(super) use horner;
