//! Impermanent loss against published tables, closed forms and high-precision vectors.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use common::{assert_printed, i256, sqrt_price_of, sqrt_prices, u256, vectors};
use hedgerow_core::il::{concentrated, concentrated_between, concentrated_compactly, constant_product, weighted};
use hedgerow_core::tick::{MAX_TICK, MIN_TICK, sqrt_price_at_tick};
use hedgerow_core::{Error, I256, U256, WAD};
use proptest::prelude::*;

fn int(value: i128) -> I256 {
    I256::try_from(value).unwrap()
}

fn uint(value: u128) -> U256 {
    U256::from(value)
}

#[test]
fn constant_product_loss_matches_the_published_table() {
    let rows = [
        (11, 10, "-0.00113443031414138"),
        (9, 10, "-0.00138600205209074"),
        (5, 4, "-0.00619201000009347"),
        (3, 2, "-0.0202041028867288"),
        (2, 1, "-0.057190958417936634"),
        (4, 1, "-0.2"),
        (5, 1, "-0.254644007500070"),
        (10, 1, "-0.42504042542393103"),
        (100, 1, "-0.801980198019802"),
        (3, 1, "-0.133974596215561"),
    ];
    for (now, entry, printed) in rows {
        let il = constant_product(uint(entry), uint(now)).unwrap();
        assert_printed(il, printed);
        assert_eq!(
            constant_product(uint(now), uint(entry)),
            Ok(il),
            "r and 1/r lose the same"
        );
    }
    assert_eq!(constant_product(uint(1), uint(4)), Ok(int(-200_000_000_000_000_000)));
    // -81/101, rounded down.
    assert_eq!(constant_product(uint(1), uint(100)), Ok(int(-801_980_198_019_801_981)));
}

#[test]
fn constant_product_loss_is_the_exact_floor() {
    for case in vectors(include_str!("vectors/il_v2.json")) {
        let il = constant_product(u256(&case["in"]["p0"]), u256(&case["in"]["p1"]));
        assert_eq!(il, Ok(i256(&case["out"]["il"]["f18"])));
    }
    for case in vectors(include_str!("vectors/il_v2_ratio.json")) {
        let il = constant_product(U256::from(WAD), u256(&case["in"]["d"]));
        assert_eq!(il, Ok(i256(&case["out"]["il"]["f18"])));
    }
    // The ends of the domain: 2 * 2^128 / 2^256 is far below a wad's unit.
    assert_eq!(constant_product(uint(1), U256::MAX), Ok(int(-(WAD as i128))));
    assert_eq!(constant_product(U256::MAX, U256::MAX), Ok(I256::ZERO));
    assert_eq!(constant_product(U256::MAX, U256::MAX - uint(1)), Ok(int(-1)));
}

#[test]
fn prices_of_zero_and_weights_outside_are_refused() {
    assert_eq!(constant_product(U256::ZERO, uint(1)), Err(Error::ZeroPrice));
    assert_eq!(constant_product(uint(1), U256::ZERO), Err(Error::ZeroPrice));
    assert_eq!(weighted(U256::ZERO, uint(1), uint(1)), Err(Error::ZeroPrice));
    for weight in [U256::ZERO, U256::from(WAD), U256::MAX] {
        assert_eq!(weighted(uint(1), uint(2), weight), Err(Error::WeightOutOfRange(weight)));
    }
    let (low, high) = (sqrt_price_at_tick(-10).unwrap(), sqrt_price_at_tick(10).unwrap());
    assert_eq!(concentrated(low, high, 5, 5), Err(Error::EmptyRange(5, 5)));
    assert_eq!(concentrated(low, high, 6, 5), Err(Error::EmptyRange(6, 5)));
    assert_eq!(
        concentrated(low, high, MIN_TICK - 1, 5),
        Err(Error::TickOutOfRange(MIN_TICK - 1))
    );
    assert_eq!(
        concentrated(U256::ZERO, high, 0, 5),
        Err(Error::SqrtPriceOutOfRange(U256::ZERO))
    );
    assert_eq!(
        concentrated(low, U256::MAX, 0, 5),
        Err(Error::SqrtPriceOutOfRange(U256::MAX))
    );
    assert_eq!(
        concentrated_between(low, high, high, low),
        Err(Error::SqrtPriceOutOfRange(low))
    );
}

#[test]
fn weighted_loss_matches_the_published_table() {
    let rows = [
        (2, 1, 20, "-0.042751370835804"),
        (2, 1, 80, "-0.03272159633764"),
        (2, 1, 95, "-0.0092960728975943"),
        (2, 1, 98, "-0.0038053489966069"),
        (1, 2, 80, "-0.042751370835804"),
        (4, 1, 80, "-0.10840201969977"),
        (4, 1, 95, "-0.030615073727992"),
        (10, 1, 80, "-0.23053982380464"),
        // The Balancer article: COMP doubles while WETH gains 15 %.
        (200, 115, 50, "-0.03709518"),
        (200, 115, 80, "-0.02160894"),
        (4, 1, 50, "-0.2"),
    ];
    for (now, entry, percent, printed) in rows {
        assert_printed(
            weighted(uint(entry), uint(now), uint(percent * 10_u128.pow(16))).unwrap(),
            printed,
        );
    }
}

#[test]
fn weighted_loss_is_the_floor_over_its_whole_domain() {
    for case in vectors(include_str!("vectors/il_weighted.json")) {
        let [p0, p1, w] = ["p0", "p1", "w"].map(|name| u256(&case["in"][name]));
        assert_eq!(weighted(p0, p1, w), Ok(i256(&case["out"]["il"]["f18"])));
    }
    for case in vectors(include_str!("vectors/il_weighted_wide.json")) {
        let [p0, p1, w] = ["p0", "p1", "w"].map(|name| u256(&case["in"][name]));
        assert_eq!(weighted(p0, p1, w), Ok(i256(&case["out"]["f18"])), "{p0} {p1} {w}");
    }
}

#[test]
fn concentrated_loss_matches_the_published_table() {
    // Entry price 1; lower, upper and current price in thousandths.
    let rows = [
        (900, 1100, 900, "-0.0282552939753"),
        (900, 1100, 1100, "-0.0232402062073"),
        (900, 1100, 950, "-0.0067114995"),
        (900, 1100, 1050, "-0.0060874508"),
        (700, 1300, 800, "-0.0425903414837"),
        (700, 1300, 900, "-0.00961139262775"),
        (700, 1300, 1100, "-0.00797888123991"),
        (700, 1300, 1200, "-0.0293040811728"),
        (700, 1300, 500, "-0.29235971273"),
        (700, 1300, 2000, "-0.258314647028"),
        (500, 1500, 500, "-0.223027606252"),
        (500, 1500, 1500, "-0.0889032898644"),
        (500, 1500, 2000, "-0.215581079669"),
        (800, 1250, 800, "-0.0586515605556"),
        (800, 1250, 1250, "-0.0586515605556"),
        // Belford's caps at the edges of 70-130.
        (700, 1300, 700, "-0.106976805943"),
        (700, 1300, 1300, "-0.0608023061348"),
    ];
    let thousandths = |price: u128| sqrt_price_of(uint(price), uint(1000));
    for (lower, upper, now, printed) in rows {
        let [entry, now, lower, upper] = [1000, now, lower, upper].map(thousandths);
        assert_printed(concentrated_between(entry, now, lower, upper).unwrap(), printed);
        assert_printed(concentrated_compactly(entry, now, lower, upper), printed);
    }
}

#[test]
fn concentrated_loss_in_wad_prices_is_the_floor_up_to_the_root() {
    for case in vectors(include_str!("vectors/v3_position_wad.json")) {
        let at = |name: &str| sqrt_price_of(u256(&case["in"][name]), U256::from(WAD));
        let il = concentrated_between(at("p0"), at("p"), at("pa"), at("pb")).unwrap();
        assert_eq!(concentrated_compactly(at("p0"), at("p"), at("pa"), at("pb")), il);
        // The vectors' prices are wads, whose Q96 roots are themselves rounded.
        let difference = il - i256(&case["out"]["il"]["f18"]);
        assert!(difference.unsigned_abs() <= uint(1), "{case}: {il}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn loss_is_never_a_gain_and_only_a_moved_price_loses(p0: [u64; 4], p1: [u64; 4], cut in 0_usize..255, w in 1_u64..WAD) {
        let p0 = (U256::from_limbs(p0) >> cut).max(uint(1));
        let p1 = (U256::from_limbs(p1) >> cut).max(uint(1));
        let w = U256::from(w);
        let half = constant_product(p0, p1).unwrap();
        let il = weighted(p0, p1, w).unwrap();
        prop_assert_eq!(half.is_zero(), p0 == p1);
        prop_assert_eq!(il.is_zero(), p0 == p1);
        prop_assert!(!half.is_positive() && !il.is_positive() && il >= int(-(WAD as i128)));
        prop_assert_eq!(constant_product(p1, p0), Ok(half));
        // IL(r, w) = IL(1/r, 1 - w), and half weights are the constant product, each up to the rounding.
        let mirrored = weighted(p1, p0, U256::from(WAD) - w).unwrap();
        prop_assert!((il - mirrored).unsigned_abs() <= uint(1));
        let halves = weighted(p0, p1, U256::from(WAD / 2)).unwrap();
        prop_assert!((half - halves).unsigned_abs() <= uint(1));
    }

    #[test]
    fn concentrated_loss_is_never_a_gain(
        entry in sqrt_prices(), now in sqrt_prices(), lower in MIN_TICK..MAX_TICK, width in 1..400_000_i32,
    ) {
        let upper = (lower + width).min(MAX_TICK);
        let il = concentrated(entry, now, lower, upper).unwrap();
        prop_assert!(!il.is_positive() && il >= int(-(WAD as i128)));
        prop_assert_eq!(concentrated(entry, entry, lower, upper), Ok(I256::ZERO));
    }

    /// From the same entry inside its range, a narrower range loses at least what a constant product loses; and the whole range
    /// loses no more than that again.
    #[test]
    fn concentration_amplifies_the_loss(entry in -100_000..100_000_i32, move_by in -30_000..30_000_i32, half in 1..50_000_i32) {
        let at = |tick| sqrt_price_at_tick(tick).unwrap();
        let (p0, p1) = (at(entry), at(entry + move_by));
        let narrow = concentrated(p0, p1, entry - half, entry + half).unwrap();
        let whole = concentrated(p0, p1, MIN_TICK, MAX_TICK).unwrap();
        // IL depends on the ratio of prices alone, and price is the square of the sqrt price.
        let squared = |p: U256| alloy_primitives::U512::from(p) * alloy_primitives::U512::from(p);
        let v2 = constant_product(U256::from(squared(p0) >> 100_usize), U256::from(squared(p1) >> 100_usize)).unwrap();
        prop_assert!(narrow <= v2 + int(1));
        // Full range differs from v2 by the parts beyond the outermost ticks, below 2^-40 here.
        prop_assert!((whole - v2).unsigned_abs() <= uint(1_000_000));
    }
}
