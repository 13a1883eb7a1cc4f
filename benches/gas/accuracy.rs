//! How far answers lie from the truth, in units of 1e-18, by the reference of 86 digits. An answer is its ABI words.

use crate::reference::{BlackScholes, Num, SECONDS_PER_YEAR};
use alloy::primitives::{I256, U256};

/// The distance of an answer to an input from the truth.
pub type Measure = fn(&[U256], &[U256]) -> f64;

fn signed(word: U256) -> I256 {
    I256::from_raw(word)
}

fn distance(truth: &Num, word: U256) -> f64 {
    truth.error_of(signed(word), 18).abs()
}

/// The same, of results above one as a fraction of the result.
fn scaled(truth: &Num, word: U256) -> f64 {
    let scale = truth.abs().max(Num::int(1));
    distance(truth, word) / scale.to_f64()
}

fn loss(value: Num, hold: Num) -> Num {
    value / hold - Num::int(1)
}

/// `2 sqrt(d) / (1 + d) - 1`.
pub fn constant_product(input: &[U256], answer: &[U256]) -> f64 {
    let (entry, price) = (Num::u256(input[0]), Num::u256(input[1]));
    let value = (&entry * &price).sqrt() * Num::int(2);
    distance(&loss(value, entry + price), answer[0])
}

/// `d^w / (w d + 1 - w) - 1`.
pub fn weighted(input: &[U256], answer: &[U256]) -> f64 {
    let ratio = Num::u256(input[1]) / Num::u256(input[0]);
    let weight = Num::uwad(input[2]);
    let hold = &weight * &ratio + (Num::int(1) - &weight);
    distance(&loss(ratio.pow(&weight), hold), answer[0])
}

/// The IL of the amounts as real numbers; the answer's fifth word.
pub fn position(input: &[U256], answer: &[U256]) -> f64 {
    let end = |word: U256| {
        let tick = signed(word).as_i32();
        Num::u256(hedgerow_core::tick::sqrt_price_at_tick(tick).unwrap_or_default())
    };
    let (lower, upper) = (end(input[3]), end(input[4]));
    // Per unit of liquidity, and with sqrt prices in units of 2^-96, which cancel.
    let amounts = |price: &Num| {
        let inside = price.clone().max(lower.clone()).min(upper.clone());
        (Num::int(1) / &inside - Num::int(1) / &upper, inside - &lower)
    };
    let (entry, now) = (Num::u256(input[1]), Num::u256(input[2]));
    let worth = |(amount0, amount1): (Num, Num)| amount0 * now.square() + amount1;
    distance(&loss(worth(amounts(&now)), worth(amounts(&entry))), answer[4])
}

/// Call and put as a fraction of the spot, and the call's delta: the worst of the three.
pub fn option(input: &[U256], answer: &[U256]) -> f64 {
    let spot = Num::uwad(input[0]);
    let years = Num::u256(input[3]) / Num::int(SECONDS_PER_YEAR);
    let rate = Num::wad(signed(input[4]));
    let truth = BlackScholes::new(spot.clone(), Num::uwad(input[1]), years, Num::uwad(input[2]), rate);
    let spot = spot.to_f64();
    let prices = (distance(&truth.call(), answer[0]) / spot).max(distance(&truth.put(), answer[1]) / spot);
    prices.max(distance(&truth.call_delta(), answer[2]))
}

pub fn exp(input: &[U256], answer: &[U256]) -> f64 {
    scaled(&Num::wad(signed(input[0])).exp(), answer[0])
}

pub fn ln(input: &[U256], answer: &[U256]) -> f64 {
    distance(&Num::uwad(input[0]).ln(), answer[0])
}

pub fn pow(input: &[U256], answer: &[U256]) -> f64 {
    scaled(&Num::uwad(input[0]).pow(&Num::uwad(input[1])), answer[0])
}

pub fn sqrt(input: &[U256], answer: &[U256]) -> f64 {
    scaled(&Num::uwad(input[0]).sqrt(), answer[0])
}

pub fn cdf(input: &[U256], answer: &[U256]) -> f64 {
    distance(&Num::wad(signed(input[0])).cdf(), answer[0])
}

/// Units by which the floor is missed.
pub fn mul_div(input: &[U256], answer: &[U256]) -> f64 {
    let truth = input[0].widening_mul::<256, 4, 512, 8>(input[1]) / alloy::primitives::U512::from(input[2]);
    let truth = U256::saturating_from(truth);
    Num::u256(answer[0].abs_diff(truth)).to_f64()
}
