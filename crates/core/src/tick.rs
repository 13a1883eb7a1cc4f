//! Ticks and sqrt prices, exactly as Uniswap v3 computes them; spacing, bitmap and mean-tick helpers.

use crate::wide::{Wide, mul_128};
use crate::{Error, Result};
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

/// `sqrt(1.0001^tick) * 2^96`, rounded up as Uniswap rounds it.
///
/// Domain: `[MIN_TICK, MAX_TICK]`. Errors: [`Error::TickOutOfRange`]. Source: v3-core `TickMath.getSqrtRatioAtTick`, same
/// results; relative error 2e-10 at `MIN_TICK`, at most 3e-20 in the usual range.
pub fn sqrt_price_at_tick(tick: i32) -> Result<U256> {
    let steps = tick.unsigned_abs();
    if steps > MAX_TICK.unsigned_abs() {
        return Err(Error::TickOutOfRange(tick));
    }
    // Q128; `None` stands for one, which alone would need a 129th bit.
    let mut ratio = None;
    for (i, &power) in POWERS.iter().enumerate() {
        if steps >> i & 1 != 0 {
            ratio = Some(ratio.map_or(power, |ratio| mul_high(ratio, power)));
        }
    }
    let Some(ratio) = ratio else {
        return Ok(U256::from(1) << 96);
    };
    let ratio = Wide::from(ratio);
    let ratio = if tick > 0 {
        Wide::from(U256::MAX).div(&ratio).0
    } else {
        ratio
    };
    crate::full_math::round_shifted(&ratio, 32)
}

/// The greatest tick whose sqrt price is at most `sqrt_price`.
///
/// Domain: `[MIN_SQRT_PRICE, MAX_SQRT_PRICE)`. Errors: [`Error::SqrtPriceOutOfRange`]. Source: v3-core
/// `TickMath.getTickAtSqrtRatio`, same results.
pub fn tick_at_sqrt_price(sqrt_price: U256) -> Result<i32> {
    // 2^64 / log2(sqrt(1.0001)), and how far the truncated logarithm can be off on either side, both as Q128.
    const SCALE: u128 = 255_738_958_999_603_826_347_141;
    const BELOW: u128 = 3_402_992_956_809_132_418_596_140_100_660_247_210;
    const ABOVE: u128 = 291_339_464_771_989_622_907_027_621_153_398_088_495;
    // Keeps every intermediate value above zero: the logarithm gains 2^7, the tick 2^20.
    const TICK_OFFSET: u128 = 1 << 20;
    const LOG_OFFSET_LOW: u128 = SCALE << 71;
    const LOG_OFFSET_HIGH: u128 = SCALE >> 57;

    check_sqrt_price(sqrt_price)?;
    // The sqrt price as Q128 has its leading bit at `msb`; the mantissa keeps the 128 bits from there down.
    let bits = sqrt_price.bit_len() as u32;
    let msb = bits + 31;
    let mut mantissa = if bits > 128 {
        (sqrt_price >> (bits - 128)).to()
    } else {
        sqrt_price.to::<u128>() << (128 - bits)
    };
    let mut log = u128::from(msb) << 64;
    for bit in (50..64).rev() {
        let (high, low) = square(mantissa);
        if high >> 127 != 0 {
            log |= 1 << bit;
            mantissa = high;
        } else {
            mantissa = high << 1 | low >> 127;
        }
    }
    // floor((log2 * SCALE + bound) / 2^128) with log2 = log - 2^71, all shifted up to stay unsigned.
    let (high, low) = mul_128(log, SCALE);
    let (low, borrow) = low.overflowing_sub(LOG_OFFSET_LOW);
    let high = high + TICK_OFFSET - LOG_OFFSET_HIGH - u128::from(borrow);
    let tick = |high: u128| high as i32 - TICK_OFFSET as i32;
    let tick_low = tick(high - u128::from(low < BELOW));
    let tick_high = tick(high + u128::from(low.overflowing_add(ABOVE).1));
    if tick_low != tick_high && sqrt_price_at_tick(tick_high)? <= sqrt_price {
        return Ok(tick_high);
    }
    Ok(tick_low)
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
fn mul_high(a: u128, b: u128) -> u128 {
    mul_128(a, b).0
}

fn square(a: u128) -> (u128, u128) {
    mul_128(a, a)
}
