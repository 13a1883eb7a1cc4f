//! What everybody is asked, the same in every run: ranges that occur in practice. An input is its ABI words.

use crate::reference::Random;
use alloy::primitives::{I256, U256};
use hedgerow_core::tick;

/// The words of one call's arguments.
pub type Input = Vec<U256>;

const WAD: u64 = 1_000_000_000_000_000_000;

/// `count` inputs.
pub fn many(name: &str, count: usize, one: impl Fn(&mut Random) -> Input) -> Vec<Input> {
    let mut random = Random::new(name, 0);
    (0..count).map(|_| one(&mut random)).collect()
}

/// A wad between two multiples of a thousandth.
fn between(random: &mut Random, low: u64, high: u64) -> U256 {
    let thousandth = U256::from(WAD / 1_000);
    random.uniform_u256(U256::from(low) * thousandth, U256::from(high) * thousandth)
}

fn times(a: U256, wad: U256) -> U256 {
    a * wad / U256::from(WAD)
}

/// Entry price of 0.01 to 100,000, price now a fifth to five times that.
pub fn prices(random: &mut Random) -> Input {
    let entry = random.log_wad(-2, 5);
    let price = times(entry, between(random, 200, 5_000));
    vec![entry, price]
}

/// The same, and a weight of 0.2 to 0.8.
pub fn weighted(random: &mut Random) -> Input {
    let mut input = prices(random);
    input.push(between(random, 200, 800));
    input
}

/// A position of about 1 to 1,000,000 units of token1 with 18 decimals, in a range of ±2 to ±60 % around a price of 0.001 to
/// 1,000, entered within it; the price now may have left it.
pub fn position(random: &mut Random) -> Input {
    let centre = random.below(138_000) as i32 - 69_000;
    let half = 200 + random.below(4_800) as i32;
    let entry = centre - half + random.below(2 * half as u64) as i32;
    let now = entry - half + random.below(2 * half as u64) as i32;
    let price = |at: i32| tick::sqrt_price_at_tick(at).unwrap_or_default();
    let liquidity = random.log_wad(1, 7);
    let signed = |at: i32| I256::try_from(at).unwrap_or_default().into_raw();
    vec![
        liquidity,
        price(entry),
        price(now),
        signed(centre - half),
        signed(centre + half),
    ]
}

/// Spot of 100 to 100,000, strike half to twice that, volatility 20 to 150 %, a day to a year, rate 0 to 10 %.
pub fn option(random: &mut Random) -> Input {
    let spot = random.log_wad(2, 5);
    let strike = times(spot, between(random, 500, 2_000));
    let volatility = between(random, 200, 1_500);
    let seconds = U256::from(86_400 + random.below(364 * 86_400));
    vec![spot, strike, volatility, seconds, between(random, 0, 100)]
}

/// -20 to 20.
pub fn exponent(random: &mut Random) -> Input {
    vec![between(random, 0, 40_000).wrapping_sub(U256::from(20 * u128::from(WAD)))]
}

/// 1e-6 to 1e12.
pub fn positive(random: &mut Random) -> Input {
    vec![random.log_wad(-6, 12)]
}

/// A base of 0.01 to 100 to a power of 0.1 to 3.
pub fn power(random: &mut Random) -> Input {
    vec![random.log_wad(-2, 2), between(random, 100, 3_000)]
}

/// -6 to 6.
pub fn deviation(random: &mut Random) -> Input {
    vec![between(random, 0, 12_000).wrapping_sub(U256::from(6 * u128::from(WAD)))]
}

/// A product of 400 bits, and a divisor that leaves less than 256 of them.
pub fn product(random: &mut Random) -> Input {
    let bits = |random: &mut Random, bits: usize| random.word() >> (256 - bits) | U256::from(1) << (bits - 1);
    vec![bits(random, 200), bits(random, 200), bits(random, 170)]
}

/// The words of a strip's arguments: a v3 position of a thousand units of liquidity from 1,500 to 2,500, entered at 2,000; a strike
/// every 25 of that; thirty days at 60 % and 3 %.
pub fn strip() -> Vec<U256> {
    let wads = |thousandths: u64| U256::from(thousandths) * U256::from(WAD / 1_000);
    let entry = wads(2_000_000);
    let concentrated = [
        U256::from(2),
        wads(1_000_000),
        U256::ZERO,
        wads(1_500_000),
        wads(2_500_000),
    ];
    let market = [entry, wads(600), U256::from(30 * 86_400), wads(30)];
    let strikes = (0..41).map(|i| wads(1_500_000 + 25_000 * i));
    // The strikes follow the eleven words of the rest: five, one, their place, and four.
    let mut words = concentrated.to_vec();
    words.extend([entry, U256::from(11 * 32)]);
    words.extend(market);
    words.push(U256::from(41));
    words.extend(strikes);
    words
}
