//! Spacing, bitmap and mean-tick helpers, and the price guard.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use hedgerow_core::guard::within_deviation;
use hedgerow_core::tick::{
    MAX_TICK, MIN_TICK, bitmap_position, floor_to_spacing, is_usable_range, mean_tick, next_in_word, range_sqrt_prices,
    usable_limits,
};
use hedgerow_core::{Error, U256};
use proptest::prelude::*;
use std::collections::HashMap;
use uniswap_v3_math::tick_bitmap;

#[test]
fn mean_tick_rounds_towards_minus_infinity() {
    assert_eq!(mean_tick(0, 100, 10), Ok(10));
    assert_eq!(mean_tick(0, 109, 10), Ok(10));
    assert_eq!(mean_tick(0, -100, 10), Ok(-10));
    assert_eq!(mean_tick(0, -101, 10), Ok(-11));
    assert_eq!(mean_tick(500, 499, 1800), Ok(-1));
    assert_eq!(mean_tick(5, 5, 0), Err(Error::ZeroDenominator));
    // The int56 accumulator wraps from its greatest to its least value.
    let (greatest, least) = ((1_i64 << 55) - 1, -(1_i64 << 55));
    assert_eq!(mean_tick(greatest - 9, least, 10), Ok(1));
}

#[test]
fn ranges_are_usable_on_the_spacing_and_inside_the_limits() {
    assert!(is_usable_range(-60, 60, 60));
    assert!(is_usable_range(MIN_TICK, MAX_TICK, 1));
    for (lower, upper, spacing) in [
        (60, 60, 60),
        (60, -60, 60),
        (-61, 60, 60),
        (-60, 61, 60),
        (-887280, 0, 60),
        (0, 887280, 60),
        (0, 60, 0),
        (0, 60, -60),
    ] {
        assert!(
            !is_usable_range(lower, upper, spacing),
            "[{lower}, {upper}] on {spacing}"
        );
    }
    for (spacing, greatest) in [(1, 887272), (10, 887270), (60, 887220), (200, 887200)] {
        assert_eq!(usable_limits(spacing), (-greatest, greatest));
    }
    assert_eq!(
        [-121, -120, -61, -1, 0, 59, 60].map(|tick| floor_to_spacing(tick, 60)),
        [-180, -120, -120, -60, 0, 0, 60]
    );
    assert_eq!((usable_limits(0), floor_to_spacing(61, 0)), ((0, 0), 0));
    assert_eq!(range_sqrt_prices(10, 10), Err(Error::EmptyRange(10, 10)));
}

#[test]
fn deviation_counts_both_ways_and_includes_its_limit() {
    assert!(within_deviation(100, 100, 0));
    assert!(within_deviation(150, 100, 50) && within_deviation(50, 100, 50));
    assert!(!within_deviation(151, 100, 50) && !within_deviation(49, 100, 50));
    assert!(within_deviation(MIN_TICK, MAX_TICK, 1_774_544) && !within_deviation(MIN_TICK, MAX_TICK, 1_774_543));
    assert!(within_deviation(i32::MIN, i32::MAX, u32::MAX));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn bitmap_steps_agree_with_an_independent_implementation(
        tick in -50_000..50_000_i32, spacing in prop_oneof![Just(1), Just(10), Just(60), Just(200)],
        set in prop::collection::vec(-300..300_i32, 0..8), zero_for_one: bool,
    ) {
        let mut words = HashMap::new();
        for offset in set {
            let initialised = (tick.div_euclid(spacing) + offset) * spacing;
            tick_bitmap::flip_tick(&mut words, initialised, spacing).unwrap();
        }
        let (index, _) = bitmap_position(tick, spacing, zero_for_one);
        let word = words.get(&index).copied().unwrap_or(U256::ZERO);
        let expected =
            tick_bitmap::next_initialized_tick_within_one_word(&words, tick, spacing, zero_for_one).unwrap();
        prop_assert_eq!(next_in_word(word, tick, spacing, zero_for_one), expected);
    }
}
