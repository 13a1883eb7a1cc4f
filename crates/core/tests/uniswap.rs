//! The Uniswap functions, against published integers and against an independent implementation.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use common::{sqrt_prices, u256, vectors};
use hedgerow_core::full_math::{mul_div, mul_div_ceil, sqrt, sqrt_mul};
use hedgerow_core::tick::{MAX_SQRT_PRICE, MAX_TICK, MIN_SQRT_PRICE, MIN_TICK, sqrt_price_at_tick, tick_at_sqrt_price};
use hedgerow_core::{Error, I256, U256, liquidity, sqrt_price, swap};
use proptest::prelude::*;
use uniswap_v3_math as reference;

#[test]
fn full_products_divide_as_the_vectors_say() {
    for case in vectors(include_str!("vectors/mul_div.json")) {
        let [a, b, d] = ["a", "b", "d"].map(|name| u256(&case["in"][name]));
        assert_eq!(mul_div(a, b, d), Ok(u256(&case["out"]["floor"])));
        assert_eq!(mul_div_ceil(a, b, d), Ok(u256(&case["out"]["ceil"])));
    }
}

#[test]
fn division_refuses_zero_and_what_does_not_fit() {
    let (one, max) = (U256::from(1), U256::MAX);
    assert_eq!(mul_div(one, one, U256::ZERO), Err(Error::ZeroDenominator));
    assert_eq!(mul_div_ceil(U256::ZERO, one, U256::ZERO), Err(Error::ZeroDenominator));
    assert_eq!(mul_div(max, U256::from(2), one), Err(Error::Overflow));
    assert_eq!(mul_div(max, max, max), Ok(max));
    assert_eq!(mul_div(max, max, max - one), Err(Error::Overflow));
    // v3-core's own case: the floor fits, its ceiling does not.
    let (a, b, d) = (
        U256::from(535006138814359_u64),
        "432862656469423142931042426214547535783388063929571229938474969",
        "2",
    );
    assert_eq!(
        mul_div_ceil(a, b.parse().unwrap(), d.parse().unwrap()),
        Err(Error::Overflow)
    );
}

#[test]
fn roots_are_the_floor() {
    for case in vectors(include_str!("vectors/sqrt.json")) {
        assert_eq!(sqrt(u256(&case["in"]["n"])), u256(&case["out"]["isqrt_floor"]));
        // The wad root of a wad is the root of x * 1e18.
        let wad = U256::from(hedgerow_core::WAD);
        assert_eq!(sqrt_mul(u256(&case["in"]["x"]), wad), u256(&case["out"]["sqrt"]["f18"]));
    }
    assert_eq!(sqrt(U256::ZERO), U256::ZERO);
    assert_eq!(sqrt(U256::MAX), U256::from(u128::MAX));
    assert_eq!(sqrt_mul(U256::MAX, U256::MAX), U256::MAX);
}

#[test]
fn ticks_have_the_published_sqrt_prices() {
    let published = [
        (-50, "79030349367926598376800521322"),
        (50, "79426470787362580746886972461"),
        (100, "79625275426524748796330556128"),
        (0, "79228162514264337593543950336"),
        (50000, "965075977353221155028623082916"),
        (-250000, "295440463448801648376846"),
        (738203, "847134979253254120489401328389043031315994541"),
        (-887272, "4295128739"),
        (-887271, "4295343490"),
        (887272, "1461446703485210103287273052203988822378723970342"),
        (887271, "1461373636630004318706518188784493106690254656249"),
    ];
    for (tick, sqrt_price) in published {
        assert_eq!(sqrt_price_at_tick(tick).unwrap().to_string(), sqrt_price, "tick {tick}");
    }
    for case in vectors(include_str!("vectors/tick_to_sqrt.json")) {
        let tick = case["in"]["tick"].as_i64().unwrap() as i32;
        assert_eq!(sqrt_price_at_tick(tick), Ok(u256(&case["out"]["sqrtPriceX96"])));
    }
    for case in vectors(include_str!("vectors/sqrt_to_tick.json")) {
        let tick = case["out"]["tick"].as_i64().unwrap() as i32;
        assert_eq!(tick_at_sqrt_price(u256(&case["in"]["sqrtPriceX96"])), Ok(tick));
    }
}

#[test]
fn every_tick_agrees_with_an_independent_implementation_and_comes_back() {
    for tick in MIN_TICK..=MAX_TICK {
        let price = sqrt_price_at_tick(tick).unwrap();
        assert_eq!(price, reference::tick_math::get_sqrt_ratio_at_tick(tick).unwrap());
        assert!(tick == MAX_TICK || tick_at_sqrt_price(price) == Ok(tick), "tick {tick}");
        assert!(
            tick == MIN_TICK || tick_at_sqrt_price(price - U256::from(1)) == Ok(tick - 1),
            "below tick {tick}"
        );
    }
}

#[test]
fn ticks_and_prices_outside_the_limits_are_refused() {
    for tick in [MIN_TICK - 1, MAX_TICK + 1, i32::MIN, i32::MAX] {
        assert_eq!(sqrt_price_at_tick(tick), Err(Error::TickOutOfRange(tick)));
    }
    for price in [U256::ZERO, MIN_SQRT_PRICE - U256::from(1), MAX_SQRT_PRICE, U256::MAX] {
        assert_eq!(tick_at_sqrt_price(price), Err(Error::SqrtPriceOutOfRange(price)));
    }
    assert_eq!(tick_at_sqrt_price(MIN_SQRT_PRICE), Ok(MIN_TICK));
    assert_eq!(tick_at_sqrt_price(MAX_SQRT_PRICE - U256::from(1)), Ok(MAX_TICK - 1));
}

#[test]
fn amounts_between_prices_match_v3_core() {
    let (one, higher) = (
        sqrt_price_at_tick(0).unwrap(),
        "87150978765690771352898345369".parse().unwrap(),
    );
    let liquidity = 1_000_000_000_000_000_000;
    let amount0 = |up| sqrt_price::amount0_delta(one, higher, liquidity, up).unwrap();
    assert_eq!(amount0(true), U256::from(90909090909090910_u64));
    assert_eq!(amount0(false), U256::from(90909090909090909_u64));
    let amount1 = |up| sqrt_price::amount1_delta(one, higher, liquidity, up).unwrap();
    assert_eq!(amount1(true), U256::from(100000000000000000_u64));
    assert_eq!(amount1(false), U256::from(99999999999999999_u64));
    let tenth = U256::from(100000000000000000_u64);
    let next = |zero_for_one| {
        sqrt_price::next_from_input(one, liquidity, tenth, zero_for_one)
            .unwrap()
            .to_string()
    };
    assert_eq!(next(false), "87150978765690771352898345369");
    assert_eq!(next(true), "72025602285694852357767227579");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn division_agrees_with_an_independent_implementation(a: [u64; 4], b: [u64; 4], d: [u64; 4], cut in 0_usize..256) {
        let (a, b) = (U256::from_limbs(a) >> cut, U256::from_limbs(b) >> (255 - cut));
        let d = U256::from_limbs(d) >> (cut / 2);
        prop_assert_eq!(mul_div(a, b, d).ok(), reference::full_math::mul_div(a, b, d).ok());
        prop_assert_eq!(mul_div_ceil(a, b, d).ok(), reference::full_math::mul_div_rounding_up(a, b, d).ok());
        let root = sqrt_mul(a, b);
        let wide = |x: U256| alloy_primitives::U512::from(x);
        prop_assert!(wide(root) * wide(root) <= wide(a) * wide(b));
        prop_assert!(root == U256::MAX || wide(root + U256::from(1)).pow(wide(U256::from(2))) > wide(a) * wide(b));
        prop_assert_eq!(sqrt(a), a.root(2));
    }

    #[test]
    fn prices_between_ticks_agree_with_an_independent_implementation(price in sqrt_prices()) {
        let found = tick_at_sqrt_price(price).unwrap();
        prop_assert_eq!(found, reference::tick_math::get_tick_at_sqrt_ratio(price).unwrap());
        prop_assert!(sqrt_price_at_tick(found).unwrap() <= price && price < sqrt_price_at_tick(found + 1).unwrap());
    }

    #[test]
    fn deltas_and_next_prices_agree_with_an_independent_implementation(
        a in sqrt_prices(), b in sqrt_prices(), shift in 0_u32..128, liquidity: u128, amount: u128, cut in 0_u32..128,
    ) {
        use reference::sqrt_price_math as r;
        let (liquidity, amount) = (liquidity >> shift, U256::from(amount >> cut));
        for up in [true, false] {
            prop_assert_eq!(
                sqrt_price::amount0_delta(a, b, liquidity, up).ok(), r::_get_amount_0_delta(a, b, liquidity, up).ok());
            prop_assert_eq!(
                sqrt_price::amount1_delta(a, b, liquidity, up).ok(), r::_get_amount_1_delta(a, b, liquidity, up).ok());
            prop_assert_eq!(
                sqrt_price::next_from_input(a, liquidity, amount, up).ok(),
                r::get_next_sqrt_price_from_input(a, liquidity, amount, up).ok());
            // The other implementation leaves out v3-core's last check here: that the price fits a uint160.
            let next = r::get_next_sqrt_price_from_output(a, liquidity, amount, up).ok();
            prop_assert_eq!(
                sqrt_price::next_from_output(a, liquidity, amount, up).ok(), next.filter(|next| next.bit_len() <= 160));
        }
    }

    #[test]
    fn swap_steps_agree_with_an_independent_implementation(
        a in sqrt_prices(), b in sqrt_prices(), shift in 0_u32..128, liquidity: u128, amount: i128, cut in 0_u32..128,
        fee in prop_oneof![Just(100_u32), Just(500), Just(3000), Just(10000), 0_u32..1_000_000],
    ) {
        let (liquidity, amount) = (liquidity >> shift, I256::try_from(amount >> cut).unwrap());
        let ours = swap::compute_step(a, b, liquidity, amount, fee).ok();
        let theirs = reference::swap_math::compute_swap_step(a, b, liquidity, amount, fee).ok();
        prop_assert_eq!(ours.map(|s| (s.sqrt_price, s.amount_in, s.amount_out, s.fee)), theirs);
    }

    #[test]
    fn minting_what_amounts_allow_never_takes_more(
        price in sqrt_prices(), lower in MIN_TICK..MAX_TICK, width in 1..200_000_i32, x: u64, y: u64,
    ) {
        let upper = (lower + width).min(MAX_TICK);
        let (a, b) = hedgerow_core::tick::range_sqrt_prices(lower, upper).unwrap();
        let (x, y) = (U256::from(x), U256::from(y));
        if let Ok(l) = liquidity::liquidity_for_amounts(price, a, b, x, y) {
            let (taken0, taken1) = liquidity::amounts_to_mint(price, a, b, l).unwrap();
            prop_assert!(taken0 <= x && taken1 <= y);
            let (paid0, paid1) = liquidity::amounts_for_liquidity(price, a, b, l).unwrap();
            prop_assert!(paid0 <= taken0 && taken0 - paid0 <= U256::from(1));
            prop_assert!(paid1 <= taken1 && taken1 - paid1 <= U256::from(1));
        }
    }
}
