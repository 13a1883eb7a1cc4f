//! 128-bit integers as pairs of words: the compiler's own shifts and products of them are calls on wasm32.

#[inline(always)]
pub(super) const fn high(x: u128) -> u64 {
    (x >> 64) as u64
}

#[inline(always)]
pub(super) const fn low(x: u128) -> u64 {
    x as u64
}

#[inline(always)]
pub(super) const fn join(high: u64, low: u64) -> u128 {
    (high as u128) << 64 | low as u128
}

/// All ones where the bit is set. What is chosen with masks costs a program less than branches and the compiler's selections.
#[inline(always)]
pub(super) const fn bit_mask(x: u32, bit: u32) -> u64 {
    (((x as u64) << (63 - bit)) as i64 >> 63) as u64
}

/// All ones where `x` is below the bound.
#[inline(always)]
pub(super) const fn below_mask(x: u32, bound: u32) -> u64 {
    ((x as i64 - bound as i64) >> 63) as u64
}

/// `a` where the mask is all ones, `b` where it is zero.
#[inline(always)]
pub(super) const fn chosen(mask: u64, a: u64, b: u64) -> u64 {
    b ^ (a ^ b) & mask
}

/// `x / 2^bits`, floored.
#[inline(always)]
pub(super) const fn shifted_right(x: u128, bits: u32) -> u128 {
    let part = bits & 63;
    let upper = high(x) >> part;
    let lower = low(x) >> part | (high(x) << 1) << (63 - part);
    let (whole, any) = (bit_mask(bits, 6), below_mask(bits, 128));
    join(upper & !whole & any, chosen(whole, upper, lower) & any)
}

const HALF: u64 = 0xffff_ffff;

/// The leading 128 bits of a product of two normalised mantissas, normalised, and 1 where the product reaches
/// 2^255, else 0.
///
/// Of the sixteen products of 32-bit halves the six lowest are left out: wrong by less than 2^-124, exact where the product
/// has at most 128 significant bits.
#[inline(never)]
pub(super) const fn product(a: u128, b: u128) -> (u128, u64) {
    inlined_product(a, b)
}

/// As [`product`], in place.
#[inline(always)]
pub(super) const fn inlined_product(a: u128, b: u128) -> (u128, u64) {
    let (a0, a1, a2, a3) = (low(a) & HALF, low(a) >> 32, high(a) & HALF, high(a) >> 32);
    let (b0, b1, b2, b3) = (low(b) & HALF, low(b) >> 32, high(b) & HALF, high(b) >> 32);
    let (p03, p12, p21, p30) = (a0 * b3, a1 * b2, a2 * b1, a3 * b0);
    let (p13, p22, p31) = (a1 * b3, a2 * b2, a3 * b1);
    let (p23, p32) = (a2 * b3, a3 * b2);
    let below = (p03 & HALF) + (p12 & HALF) + (p21 & HALF) + (p30 & HALF);
    let first = (p03 >> 32) + (p12 >> 32) + (p21 >> 32) + (p30 >> 32) + (below >> 32);
    let first = first + (p13 & HALF) + (p22 & HALF) + (p31 & HALF);
    let second = (p13 >> 32) + (p22 >> 32) + (p31 >> 32) + (p23 & HALF) + (p32 & HALF) + (first >> 32);
    let high = a3 * b3 + (p23 >> 32) + (p32 >> 32) + (second >> 32);
    let low = second << 32 | first & HALF;
    let full = high >> 63;
    let short = full ^ 1;
    let high = high << short | (low >> 63) & short;
    let low = low << short | (below >> 31) & short;
    (join(high, low), full)
}
