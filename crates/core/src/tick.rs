//! Ticks and sqrt prices, exactly as Uniswap v3 computes them; spacing, bitmap and mean-tick helpers.

use crate::limbs::{self, Limbs};
use crate::{Error, Result, division};
use alloy_primitives::{U256, uint};

/// Least tick: the price 1.0001^-887272 is just above 2^-128.
pub const MIN_TICK: i32 = -887_272;
/// Greatest tick.
pub const MAX_TICK: i32 = 887_272;
/// `sqrt_price_at_tick(MIN_TICK)`: the least sqrt price.
pub const MIN_SQRT_PRICE: U256 = uint!(4295128739_U256);
/// `sqrt_price_at_tick(MAX_TICK)`: pools stay below it.
pub const MAX_SQRT_PRICE: U256 = uint!(1461446703485210103287273052203988822378723970342_U256);

/// `1.0001^(-2^i / 2)` as Q128, for i = 0..20.
const POWERS: [u128; 20] = [
    0xfffcb933bd6fad37aa2d162d1a594001,
    0xfff97272373d413259a46990580e213a,
    0xfff2e50f5f656932ef12357cf3c7fdcc,
    0xffe5caca7e10e4e61c3624eaa0941cd0,
    0xffcb9843d60f6159c9db58835c926644,
    0xff973b41fa98c081472e6896dfb254c0,
    0xff2ea16466c96a3843ec78b326b52861,
    0xfe5dee046a99a2a811c461f1969c3053,
    0xfcbe86c7900a88aedcffc83b479aa3a4,
    0xf987a7253ac413176f2b074cf7815e54,
    0xf3392b0822b70005940c7a398e4b70f3,
    0xe7159475a2c29b7443b29c7fa6e889d9,
    0xd097f3bdfd2022b8845ad8f792aa5825,
    0xa9f746462d870fdf8a65dc1f90e061e5,
    0x70d869a156d2a1b890bb3df62baf32f7,
    0x31be135f97d08fd981231505542fcfa6,
    0x9aa508b5b7a84e1c677de54f3e99bc9,
    0x5d6af8dedb81196699c329225ee604,
    0x2216e584f5fa1ea926041bedfe98,
    0x48a170391f7dc42444e8fa2,
];

/// `2^256 - 1`, whose quotient by an inverse ratio is the ratio.
const MAX_256: [u64; 8] = [u64::MAX, u64::MAX, u64::MAX, u64::MAX, 0, 0, 0, 0];

/// Bits of a tick whose product of powers is looked up natively. The programs multiply: static data costs them gas on every
/// entry.
const LOOKED_UP: usize = 8;

/// Products of the powers that each value of the lowest bits selects; the first is never used.
static LOW_POWERS: [u128; 1 << LOOKED_UP] = low_powers();

const fn low_powers() -> [u128; 1 << LOOKED_UP] {
    let mut out = [0; 1 << LOOKED_UP];
    let mut steps = 1;
    while steps < out.len() {
        // As Uniswap multiplies: from the lowest bit up, so the product without the highest bit comes first.
        let highest = steps.ilog2() as usize;
        let without = steps ^ 1 << highest;
        out[steps] = if without == 0 {
            POWERS[highest]
        } else {
            mul_high(out[without], POWERS[highest])
        };
        steps += 1;
    }
    out
}

/// `sqrt(1.0001^tick) * 2^96`, rounded up as Uniswap rounds it.
///
/// Domain: `[MIN_TICK, MAX_TICK]`. Errors: [`Error::TickOutOfRange`]. Source: v3-core `TickMath.getSqrtRatioAtTick`, same
/// results; relative error 2e-10 at `MIN_TICK`, at most 3e-20 in the usual range.
pub fn sqrt_price_at_tick(tick: i32) -> Result<U256> {
    let steps = tick.unsigned_abs();
    if steps > MAX_TICK.unsigned_abs() {
        return Err(Error::TickOutOfRange(tick));
    }
    let Some(ratio) = inverse_ratio(steps) else {
        return Ok(U256::from(1) << 96);
    };
    if !cfg!(target_arch = "wasm32") {
        let ratio = if tick > 0 {
            division::divide(&MAX_256, U256::from(ratio)).ok_or(Error::Overflow)?.0
        } else {
            U256::from(ratio)
        };
        let rounded_up = ratio.as_limbs()[0] as u32 != 0;
        return Ok((ratio >> 32) + U256::from(rounded_up));
    }
    as_programs_round(ratio, tick > 0)
}

/// `ratio`, or its inverse, as a sqrt price rounded up: by what costs a program least.
fn as_programs_round(ratio: u128, invert: bool) -> Result<U256> {
    if invert {
        return inverted(ratio);
    }
    let rounded_up = ratio as u32 != 0;
    let rounded = (ratio >> 32) + u128::from(rounded_up);
    Ok(U256::from_limbs([rounded as u64, (rounded >> 64) as u64, 0, 0]))
}

/// `ceil(floor((2^256 - 1) / ratio) / 2^32)`, as the programs divide.
fn inverted(ratio: u128) -> Result<U256> {
    /// 2^256 - 1.
    const MAX: Limbs<10> = {
        let mut limbs = [(1 << limbs::BITS) - 1; 10];
        limbs[9] = 15;
        limbs
    };
    let (divisor, raised) = limbs::normalised(&[ratio as u64, (ratio >> 64) as u64, 0]);
    let quotient = limbs::div::<10, 6, 17>(&MAX, raised as isize, &divisor);
    let [w0, w1, w2, w3] = *quotient.to_u256().ok_or(Error::Overflow)?.as_limbs();
    let shifted = |low: u64, high: u64| low >> 32 | high << 32;
    let floor = [shifted(w0, w1), shifted(w1, w2), shifted(w2, w3), w3 >> 32];
    let lost = w0 as u32 != 0;
    let (low, carry) = floor[0].overflowing_add(u64::from(lost));
    if carry {
        return Ok(U256::from_limbs(floor) + U256::from(1));
    }
    Ok(U256::from_limbs([low, floor[1], floor[2], floor[3]]))
}

/// `1.0001^(-steps / 2)` as Q128, truncated after every multiplication as Uniswap does; `None` stands for one, which alone
/// would need a 129th bit.
fn inverse_ratio(steps: u32) -> Option<u128> {
    let low = steps as usize % LOW_POWERS.len();
    if !cfg!(target_arch = "wasm32") && low != 0 {
        let mut ratio = LOW_POWERS[low];
        // From one set bit to the next: a test of every bit would be guessed wrong half the time.
        let mut rest = steps >> LOOKED_UP;
        while let Some(&power) = POWERS.get(LOOKED_UP + rest.trailing_zeros() as usize) {
            ratio = mul_high(ratio, power);
            rest &= rest - 1;
        }
        return Some(ratio);
    }
    multiplied(steps)
}

/// As [`inverse_ratio`], one power after the other.
fn multiplied(steps: u32) -> Option<u128> {
    let mut rest = steps;
    let mut ratio = limbs_of(*POWERS.get(rest.trailing_zeros() as usize)?, 0);
    rest &= rest - 1;
    while let Some(&power) = POWERS.get(rest.trailing_zeros() as usize) {
        // Five limbs have 12 bits more than the 128 fractional ones, which go to the power; so the upper limbs are the result.
        let product: Limbs<10> = limbs::product(&ratio, &limbs_of(power, 12));
        let [.., l5, l6, l7, l8, l9] = product;
        ratio = [l5, l6, l7, l8, l9];
        rest &= rest - 1;
    }
    let [l0, l1, l2, l3, l4] = ratio.map(u128::from);
    Some(l0 | l1 << 28 | l2 << 56 | l3 << 84 | l4 << 112)
}

/// `x * 2^shift` of a shift of at most 12.
#[inline(always)]
fn limbs_of(x: u128, shift: usize) -> Limbs<5> {
    let (low, high) = (x as u64, (x >> 64) as u64);
    let above = |word: u64| word >> 1 >> (63 - shift);
    limbs::from_words(&[low << shift, high << shift | above(low), above(high)])
}

/// The greatest tick whose sqrt price is at most `sqrt_price`.
///
/// Domain: `[MIN_SQRT_PRICE, MAX_SQRT_PRICE)`. Errors: [`Error::SqrtPriceOutOfRange`]. Source: v3-core
/// `TickMath.getTickAtSqrtRatio`, same results by another way: a logarithm good to a two-thousandth of a tick, and where that
/// leaves two candidates, the greater one's own sqrt price.
pub fn tick_at_sqrt_price(sqrt_price: U256) -> Result<i32> {
    /// How far the logarithm can be off, together with the rounding of sqrt prices (4.7e-6 of a tick at `MIN_TICK`): 2^-11.
    const UNCERTAINTY: i64 = 1 << 21;
    check_sqrt_price(sqrt_price)?;
    let logarithm = logarithm(sqrt_price);
    let tick = ((logarithm - UNCERTAINTY) >> 32) as i32;
    let above = ((logarithm + UNCERTAINTY) >> 32) as i32;
    if tick != above && sqrt_price_at_tick(above)? <= sqrt_price {
        return Ok(above);
    }
    Ok(tick)
}

/// The logarithm of a sqrt price to the base `sqrt(1.0001)`: its tick with 32 fractional bits, within 3.6e-4 ticks.
///
/// With the leading bit taken off, `ln(1 + f) / f` is a polynomial of degree nine, good to 1.05e-4 ticks (coefficients by
/// Chebyshev interpolation on [0, 1]); each of its nine steps truncates less than 2^-16, rounded coefficients add half of that
/// each, and the 32 bits that are kept of `f` leave out 4.7e-6.
#[inline(never)]
fn logarithm(sqrt_price: U256) -> i64 {
    /// `1 / log2(sqrt(1.0001))` with 32 fractional bits: ticks from one power of two to the next.
    const TICKS_PER_DOUBLING: i64 = 59_543_866_431_248;
    /// With 16 fractional bits, highest power first.
    const COEFFICIENTS: [i64; 10] = [
        -4163130, 25616062, -73893716, 138204296, -200152587, 257743355, -327062177, 436881024, -655391360, 1310785528,
    ];
    let [l0, l1, l2, _] = *sqrt_price.as_limbs();
    let (high, low, below) = match (l2, l1) {
        (0, 0) => (l0, 0, 0),
        (0, _) => (l1, l0, 64),
        _ => (l2, l1, 128),
    };
    let zeros = high.leading_zeros();
    let mantissa = high << zeros | low >> 1 >> (63 - zeros);
    let exponent = below + 63 - i64::from(zeros) - 96;
    let fraction = (mantissa << 1 >> 32) as i64;
    let mut polynomial = 0;
    for coefficient in COEFFICIENTS {
        polynomial = coefficient + ((polynomial * fraction) >> 32);
    }
    exponent * TICKS_PER_DOUBLING + ((polynomial * fraction) >> 16)
}

/// Checks that a sqrt price is one a pool can have: `[MIN_SQRT_PRICE, MAX_SQRT_PRICE)`.
pub fn check_sqrt_price(sqrt_price: U256) -> Result<()> {
    if (MIN_SQRT_PRICE..MAX_SQRT_PRICE).contains(&sqrt_price) {
        Ok(())
    } else {
        Err(Error::SqrtPriceOutOfRange(sqrt_price))
    }
}

/// The sqrt prices at both ends of a range.
///
/// Errors: [`Error::EmptyRange`] unless `lower < upper`; [`Error::TickOutOfRange`].
pub fn range_sqrt_prices(lower: i32, upper: i32) -> Result<(U256, U256)> {
    let ends = (sqrt_price_at_tick(lower)?, sqrt_price_at_tick(upper)?);
    if lower < upper {
        Ok(ends)
    } else {
        Err(Error::EmptyRange(lower, upper))
    }
}

/// Whether a pool accepts `[lower, upper]`: in order, inside the limits, and on multiples of a positive `spacing`.
pub fn is_usable_range(lower: i32, upper: i32, spacing: i32) -> bool {
    spacing > 0
        && MIN_TICK <= lower
        && lower < upper
        && upper <= MAX_TICK
        && lower % spacing == 0
        && upper % spacing == 0
}

/// The least and greatest ticks that a pool with this positive `spacing` accepts; zero where it is zero.
pub fn usable_limits(spacing: i32) -> (i32, i32) {
    let greatest = MAX_TICK.checked_div(spacing).unwrap_or(0) * spacing;
    (-greatest, greatest)
}

/// The greatest multiple of a positive `spacing` at or below `tick`; zero where it is zero.
pub fn floor_to_spacing(tick: i32, spacing: i32) -> i32 {
    compressed(tick, spacing, true) * spacing
}

/// The mean tick between two readings of a pool's tick accumulator, `seconds` apart, rounded towards minus infinity.
///
/// The accumulator may wrap in its int56, as v3-core allows. Errors: [`Error::ZeroDenominator`] where `seconds` is zero.
/// Source: v3-periphery `OracleLibrary.consult`.
pub fn mean_tick(earlier: i64, later: i64, seconds: u32) -> Result<i32> {
    if seconds == 0 {
        return Err(Error::ZeroDenominator);
    }
    let delta = later.wrapping_sub(earlier) << 8 >> 8;
    Ok(delta.div_euclid(i64::from(seconds)) as i32)
}

/// A tick bitmap's word index and bit for `tick`, as v3-core's `TickBitmap.position` has them for the compressed tick.
///
/// `zero_for_one` looks at and below the tick, otherwise strictly above it. `spacing` is positive.
pub fn bitmap_position(tick: i32, spacing: i32, zero_for_one: bool) -> (i16, u8) {
    let compressed = compressed(tick, spacing, zero_for_one);
    ((compressed >> 8) as i16, compressed as u8)
}

/// The next tick that a pool's swap steps to, and whether it is initialised.
///
/// `word` is the bitmap's word at [`bitmap_position`]. Without a set bit in the direction of the swap, the answer is the
/// word's last tick, as v3-core steps there too. Source: `TickBitmap.nextInitializedTickWithinOneWord`, same results.
pub fn next_in_word(word: U256, tick: i32, spacing: i32, zero_for_one: bool) -> (i32, bool) {
    let compressed = compressed(tick, spacing, zero_for_one);
    let bit = compressed & 255;
    let (next, found) = if zero_for_one {
        let ahead = word << (255 - bit as usize);
        let found = !ahead.is_zero();
        (
            compressed - if found { ahead.leading_zeros() as i32 } else { bit },
            found,
        )
    } else {
        let ahead = word >> bit as usize;
        let found = !ahead.is_zero();
        (
            compressed
                + if found {
                    ahead.trailing_zeros() as i32
                } else {
                    255 - bit
                },
            found,
        )
    };
    (next * spacing, found)
}

fn compressed(tick: i32, spacing: i32, zero_for_one: bool) -> i32 {
    tick.checked_div_euclid(spacing).unwrap_or(0) + i32::from(!zero_for_one)
}

/// `floor(a * b / 2^128)`.
#[inline(always)]
const fn mul_high(a: u128, b: u128) -> u128 {
    const LOW: u128 = u64::MAX as u128;
    let (a0, a1, b0, b1) = (a & LOW, a >> 64, b & LOW, b >> 64);
    let middle = a0 * b1 + ((a0 * b0) >> 64);
    let other = a1 * b0 + (middle & LOW);
    a1 * b1 + (middle >> 64) + (other >> 64)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// Natively other code runs than in the programs; both must agree.
    #[test]
    fn the_programs_find_the_same_sqrt_prices() {
        let ticks = (MIN_TICK..=MAX_TICK).step_by(61).chain(-2_000..2_000);
        for tick in ticks.chain([MIN_TICK, MAX_TICK]) {
            let Some(ratio) = multiplied(tick.unsigned_abs()) else {
                assert_eq!(tick, 0);
                continue;
            };
            assert_eq!(Some(ratio), inverse_ratio(tick.unsigned_abs()));
            assert_eq!(as_programs_round(ratio, tick > 0), sqrt_price_at_tick(tick), "{tick}");
        }
    }
}
