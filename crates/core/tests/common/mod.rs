//! What the tests share: the vectors and strategies.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used)]

pub mod options;
pub mod pool;

use hedgerow_core::tick::{MAX_SQRT_PRICE, MIN_SQRT_PRICE};
use hedgerow_core::{I256, U256};
use proptest::prelude::*;
use serde_json::Value;

/// The cases of a vector file: objects with `in` and `out`.
pub fn vectors(json: &str) -> Vec<Value> {
    let file: Value = serde_json::from_str(json).unwrap();
    let cases = file["vectors"].as_array().unwrap().clone();
    assert!(!cases.is_empty());
    cases
}

pub fn u256(value: &Value) -> U256 {
    value.as_str().unwrap().parse().unwrap()
}

pub fn i256(value: &Value) -> I256 {
    value.as_str().unwrap().parse().unwrap()
}

/// Sqrt prices that a pool can have, spread evenly over their bit lengths.
pub fn sqrt_prices() -> impl Strategy<Value = U256> {
    (any::<[u64; 4]>(), 96_usize..225)
        .prop_map(|(limbs, cut)| (U256::from_limbs(limbs) >> cut).clamp(MIN_SQRT_PRICE, MAX_SQRT_PRICE - U256::from(1)))
}

/// `sqrt(price / scale) * 2^96`, rounded down.
pub fn sqrt_price_of(price: U256, scale: U256) -> U256 {
    let squared =
        (alloy_primitives::Uint::<512, 8>::from(price) << 192_usize) / alloy_primitives::Uint::<512, 8>::from(scale);
    U256::from(squared.root(2))
}

/// A wad, against a decimal as a table prints it: the last printed digit may be rounded either way.
pub fn assert_printed(wad: I256, printed: &str) {
    let (whole, digits) = printed.trim_start_matches('-').split_once('.').unwrap();
    let kept = digits.len().min(18);
    let unit = 10_i128.pow(18 - kept as u32);
    let magnitude: i128 =
        whole.parse::<i128>().unwrap() * hedgerow_core::WAD as i128 + digits[..kept].parse::<i128>().unwrap() * unit;
    let expected = if printed.starts_with('-') {
        -magnitude
    } else {
        magnitude
    };
    let difference = (wad - I256::try_from(expected).unwrap()).unsigned_abs();
    assert!(difference <= U256::from(unit), "{wad} is not {printed}");
}
