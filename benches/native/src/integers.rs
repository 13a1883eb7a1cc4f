//! Ticks, quotients and roots.

use crate::{
    inputs::many,
    report::Group,
    timing::{Contestant, Effort},
};
use alloy_primitives::{
    U256, U512,
    aliases::{I24, U160},
};
use hedgerow_core::{full_math, tick};

/// All of them.
pub fn groups(effort: Effort) -> Vec<Group> {
    vec![
        tick_to_sqrt_price(effort),
        sqrt_price_to_tick(effort),
        mul_div(effort, 240),
        mul_div(effort, 400),
        sqrt(effort),
    ]
}

fn low(value: U256) -> u64 {
    value.as_limbs()[0]
}

fn tick_to_sqrt_price(effort: Effort) -> Group {
    let ticks = many(1, |random| (random.bits64() % 1_774_545) as i32 - 887_272);
    let mut contestants = [
        Contestant::new("hedgerow", &ticks, |t| {
            low(tick::sqrt_price_at_tick(t).unwrap_or_default())
        }),
        Contestant::new("uniswap-v3-sdk", &ticks, |t| {
            let tick = I24::try_from(t).unwrap_or_default();
            uniswap_v3_sdk::prelude::get_sqrt_ratio_at_tick(tick).map_or(0, |price| price.as_limbs()[0])
        }),
        Contestant::new("uniswap_v3_math", &ticks, |t| {
            uniswap_v3_math::tick_math::get_sqrt_ratio_at_tick(t).map_or(0, low)
        }),
    ];
    Group::race(effort, "sqrt price at tick", "the whole range", &mut contestants)
}

fn sqrt_price_to_tick(effort: Effort) -> Group {
    let prices = many(2, |random| {
        let t = (random.bits64() % 1_774_000) as i32 - 887_000;
        // Anywhere between this tick and the next.
        let price = tick::sqrt_price_at_tick(t).unwrap_or_default();
        price + price * U256::from(random.bits64() % 50_000) / U256::from(1_000_000_000)
    });
    let mut contestants = [
        Contestant::new("hedgerow", &prices, |p| {
            tick::tick_at_sqrt_price(p).unwrap_or_default() as u64
        }),
        Contestant::new("uniswap-v3-sdk", &prices, |p| {
            uniswap_v3_sdk::prelude::get_tick_at_sqrt_ratio(p.to::<U160>()).map_or(0, |t| t.as_i32() as u64)
        }),
        Contestant::new("uniswap_v3_math", &prices, |p| {
            uniswap_v3_math::tick_math::get_tick_at_sqrt_ratio(p).map_or(0, |t| t as u64)
        }),
    ];
    Group::race(effort, "tick at sqrt price", "the whole range", &mut contestants)
}

/// The product has `bits` bits and the quotient fits.
fn mul_div(effort: Effort, bits: usize) -> Group {
    let cases = many(3, |random| {
        let (a, b) = (random.of_bits(bits / 2), random.of_bits(bits / 2));
        let least = if bits > 256 { bits - 250 } else { 1 };
        let span = bits / 2 - least;
        let divisor = random.bits64() as usize % span + least;
        (a, b, random.of_bits(divisor))
    });
    let mut contestants = [
        Contestant::new("hedgerow", &cases, |(a, b, d)| {
            low(full_math::mul_div(a, b, d).unwrap_or_default())
        }),
        Contestant::new("ruint, 512-bit product and division", &cases, |(a, b, d)| {
            let product: U512 = a.widening_mul(b);
            (product / U512::from(d)).as_limbs()[0]
        }),
        Contestant::new("uniswap-v3-sdk", &cases, |(a, b, d)| {
            uniswap_v3_sdk::prelude::mul_div(a, b, d).map_or(0, low)
        }),
        Contestant::new("uniswap_v3_math", &cases, |(a, b, d)| {
            uniswap_v3_math::full_math::mul_div(a, b, d).map_or(0, low)
        }),
    ];
    let of = format!("products of {bits} bits, divisors of every size whose quotient fits");
    Group::race(effort, "mul_div", &of, &mut contestants)
}

fn sqrt(effort: Effort) -> Group {
    let values = many(4, |random| random.of_bits(180));
    let mut contestants = [
        Contestant::new("hedgerow", &values, |x| low(full_math::sqrt(x))),
        Contestant::new("ruint", &values, |x| low(x.root(2))),
    ];
    Group::race(effort, "integer square root", "180 bits", &mut contestants)
}
