//! The figures of a position against vectors, published positions and the textbook formulas in wide rational arithmetic.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use common::{i256, sqrt_price_of, sqrt_prices, u256, vectors};
use hedgerow_core::position::{Figures, figures};
use hedgerow_core::tick::{MAX_SQRT_PRICE, MAX_TICK, MIN_SQRT_PRICE, MIN_TICK, range_sqrt_prices, sqrt_price_at_tick};
use hedgerow_core::{Error, I256, U256, WAD, fees};
use proptest::prelude::*;

/// Wide enough for every product of the unsimplified formulas.
type Wide = alloy_primitives::Uint<2048, 32>;

#[test]
fn figures_match_the_vectors_to_the_last_digit() {
    for case in vectors(include_str!("vectors/v3_position.json")) {
        let (given, out) = (&case["in"], &case["out"]);
        let tick = |name: &str| given[name].as_i64().unwrap() as i32;
        let got = figures(
            given["L"].as_str().unwrap().parse().unwrap(),
            u256(&given["sqrtP0"]),
            u256(&given["sqrtP1"]),
            tick("tickLower"),
            tick("tickUpper"),
        )
        .unwrap();
        assert_eq!(got.amount0, u256(&out["amount0_floor"]));
        assert_eq!(got.amount1, u256(&out["amount1_floor"]));
        assert_eq!(got.value, u256(&out["value"]["f18"]));
        assert_eq!(got.hold, u256(&out["hold"]["f18"]));
        assert_eq!(got.il, i256(&out["il"]["f18"]));
        assert_eq!(got.delta, u256(&out["amount0"]["f18"]));
        assert_eq!(got.dollar_gamma, i256(&out["dollar_gamma"]["f18"]));
    }
}

#[test]
fn figures_match_the_published_worked_position() {
    // 2 ETH and 4000 USDC at 2000 in [1333.33, 3000], both with 18 decimals: values as published to 1e-9 and better.
    let at = |price: u64| sqrt_price_of(U256::from(price), U256::from(1));
    let tick = |price: u64| hedgerow_core::tick::tick_at_sqrt_price(at(price)).unwrap();
    let liquidity = 487_417_180_302_041_000_000;
    let (lower, upper) = (tick(1333), tick(3000));
    let close = |got: U256, expected: f64, tolerance: f64| {
        let got: f64 = got.to_string().parse::<f64>().unwrap() / 1e36;
        assert!((got / expected - 1.0).abs() < tolerance, "{got} is not {expected}");
    };
    let now = figures(liquidity, at(2000), at(2000), lower, upper).unwrap();
    // The range is rounded to ticks, a basis point each, which moves value and delta by as much.
    close(now.value, 8000.0, 2e-3);
    close(now.delta, 2.0, 2e-3);
    assert_eq!(now.il, I256::ZERO);
    assert_eq!(now.value, now.hold);
    let gamma: f64 = now.gamma.to_string().parse::<f64>().unwrap() / 1e36;
    assert!((gamma / -0.00272474487139 - 1.0).abs() < 1e-12, "{gamma}");
    let higher = figures(liquidity, at(2000), at(2500), lower, upper).unwrap();
    close(higher.value, 8696.3103451555, 2e-3);
    close(higher.delta, 0.84936412047447, 2e-3);
    assert!((higher.il.to_string().parse::<f64>().unwrap() / 1e18 + 0.0337432949827202).abs() < 1e-4);
}

#[test]
fn out_of_range_position_holds_one_token() {
    let (lower, upper) = (-600, 600);
    let entry = sqrt_price_at_tick(0).unwrap();
    let at = |tick| figures(1 << 100, entry, sqrt_price_at_tick(tick).unwrap(), lower, upper).unwrap();
    for tick in [-5000, -600] {
        let below = at(tick);
        assert!(!below.amount0.is_zero() && below.amount1.is_zero());
        assert_eq!(below.delta / U256::from(WAD), below.amount0);
    }
    for tick in [600, 5000] {
        let above = at(tick);
        assert!(above.amount0.is_zero() && !above.amount1.is_zero());
        assert_eq!((above.delta, above.value), (U256::ZERO, at(600).value));
    }
    assert_eq!(
        (at(-601).gamma, at(600).gamma, at(5000).dollar_gamma),
        (I256::ZERO, I256::ZERO, I256::ZERO)
    );
    assert!(at(-600).gamma.is_negative() && at(599).gamma.is_negative());
    assert_eq!(at(-5000).delta, at(-600).delta);
}

#[test]
fn figures_that_cannot_be_are_refused_and_a_gamma_that_does_not_fit_says_so() {
    let one = sqrt_price_at_tick(0).unwrap();
    assert_eq!(figures(1, one, one, 5, 5), Err(Error::EmptyRange(5, 5)));
    assert_eq!(
        figures(1, one, one, 0, MAX_TICK + 1),
        Err(Error::TickOutOfRange(MAX_TICK + 1))
    );
    assert_eq!(
        figures(1, one, MAX_SQRT_PRICE, 0, 5),
        Err(Error::SqrtPriceOutOfRange(MAX_SQRT_PRICE))
    );
    assert_eq!(
        figures(1, U256::ZERO, one, 0, 5),
        Err(Error::SqrtPriceOutOfRange(U256::ZERO))
    );
    let top = MAX_SQRT_PRICE - U256::from(1);
    assert_eq!(
        figures(u128::MAX, MIN_SQRT_PRICE, top, MIN_TICK, MAX_TICK),
        Err(Error::Overflow)
    );
    let lowest = figures(u128::MAX, MIN_SQRT_PRICE, MIN_SQRT_PRICE, MIN_TICK, MAX_TICK).unwrap();
    assert_eq!(lowest.gamma, I256::MIN);
    assert!(lowest.dollar_gamma.is_negative() && lowest.dollar_gamma > I256::MIN);
    let none = figures(0, one, one, -5, 5).unwrap();
    let zero = (U256::ZERO, U256::ZERO, I256::ZERO, I256::ZERO);
    assert_eq!((none.value, none.delta, none.gamma, none.il), zero);
}

/// The figures by the textbook: amounts as rational numbers over common denominators, nothing cancelled.
fn textbook(liquidity: u128, entry: U256, now: U256, a: U256, b: U256) -> Option<Figures> {
    let big = |value: U256| Wide::from(value);
    let (l, q96) = (Wide::from(liquidity), Wide::from(1) << 96_usize);
    let amounts = |at: U256| {
        let s = big(at.clamp(a, b));
        // x = L * 2^96 * (1/s - 1/b), y = L * (s - a) / 2^96, as (numerator, denominator).
        ((l * q96 * (big(b) - s), s * big(b)), (l * (s - big(a)), q96))
    };
    let price = (big(now) * big(now), q96 * q96);
    let worth = |at: U256| {
        let ((x, dx), (y, dy)) = amounts(at);
        (x * price.0 * dy + y * dx * price.1, dx * price.1 * dy)
    };
    let wad = Wide::from(WAD);
    let narrow = |value: Wide| (value.bit_len() <= 256).then(|| U256::from(value));
    let signed = |value: Wide| {
        narrow(value)
            .and_then(|value| I256::try_from(value).ok())
            .map(|value| -value)
    };
    let ((x, dx), (y, dy)) = amounts(now);
    let (value, hold) = (worth(now), worth(entry));
    let loss = if liquidity == 0 {
        I256::ZERO
    } else {
        let (v, h) = (value.0 * hold.1, hold.0 * value.1);
        signed(((h - v) * wad).div_ceil(h)).unwrap()
    };
    let inside = a <= now && now < b;
    let s = big(now);
    Some(Figures {
        amount0: narrow(x / dx)?,
        amount1: narrow(y / dy)?,
        value: narrow(value.0 * wad / value.1)?,
        hold: narrow(hold.0 * wad / hold.1)?,
        il: loss,
        delta: narrow(x * wad / dx)?,
        // -L / 2 * P^(-3/2) with sqrt(P) = s / 2^96, and P^2 times that.
        gamma: if inside {
            signed((l * wad * q96 * q96 * q96).div_ceil(Wide::from(2) * s * s * s)).unwrap_or(I256::MIN)
        } else {
            I256::ZERO
        },
        dollar_gamma: if inside {
            signed((l * wad * s).div_ceil(Wide::from(2) * q96))?
        } else {
            I256::ZERO
        },
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn figures_are_the_textbook_formulas_rounded_once(
        liquidity in 1..=u128::MAX, shift in 0_u32..128, entry in sqrt_prices(), now in sqrt_prices(),
        lower in MIN_TICK..MAX_TICK, width in prop_oneof![1..1000_i32, 1..800_000_i32],
    ) {
        let upper = (lower + width).min(MAX_TICK);
        let (a, b) = range_sqrt_prices(lower, upper).unwrap();
        let liquidity = (liquidity >> shift).max(1);
        prop_assert_eq!(figures(liquidity, entry, now, lower, upper).ok(), textbook(liquidity, entry, now, a, b));
    }

    /// As before, with both prices near the range, where most positions live.
    #[test]
    fn figures_near_the_range_are_the_textbook_formulas(
        liquidity in 1..=u128::MAX, shift in 0_u32..128, lower in -300_000..300_000_i32, width in 1..20_000_i32,
        entry in -100..200_i32, now in -100..200_i32,
    ) {
        let (upper, liquidity) = (lower + width, (liquidity >> shift).max(1));
        let at = |percent: i32| sqrt_price_at_tick(lower + width * percent / 100).unwrap();
        let (a, b) = range_sqrt_prices(lower, upper).unwrap();
        let got = figures(liquidity, at(entry), at(now), lower, upper).ok();
        prop_assert_eq!(got, textbook(liquidity, at(entry), at(now), a, b));
        prop_assert!(got.unwrap().value <= got.unwrap().hold);
    }

    /// Delta is the slope of value: the chord over a small step lies between the deltas at its ends.
    #[test]
    fn delta_is_the_slope_of_value(lower in -200_000..200_000_i32, width in 100..20_000_i32, now in -50..150_i32) {
        let tick = lower + width * now / 100;
        let [p, q] = [tick, tick + 10].map(|tick| sqrt_price_at_tick(tick).unwrap());
        let [f, g] = [p, q].map(|at| figures(1 << 110, p, at, lower, lower + width).unwrap());
        // value(q) - value(p) between delta(q) and delta(p) times q^2 - p^2, all over 2^192; two units of rounding.
        let rise = (Wide::from(g.value - f.value)) << 192_usize;
        let run = Wide::from(q) * Wide::from(q) - Wide::from(p) * Wide::from(p);
        let slack = Wide::from(2) << 192_usize;
        prop_assert!(Wide::from(g.delta) * run <= rise + slack);
        prop_assert!(rise <= (Wide::from(f.delta) + Wide::from(1)) * run + slack);
    }
}

#[test]
fn fees_are_the_growth_inside_times_liquidity() {
    let u = |value: u64| U256::from(value);
    let q128 = U256::from(1) << 128;
    // Three units of growth inside, by hand: global 10, of which 4 happened below the range and 3 above it.
    for (tick, lower, upper) in [(0, 4, 3), (-60, 4, 3), (59, 4, 3), (60, 4, 7), (-61, 6, 3)] {
        assert_eq!(
            fees::growth_inside(tick, -60, 60, u(10), u(lower), u(upper)),
            u(3),
            "tick {tick}"
        );
    }
    assert_eq!(fees::earned(q128 * u(5), q128 * u(2), 1_000_000), 3_000_000);
    // 1.5 * 3 is rounded down.
    assert_eq!(fees::earned(q128 + (q128 >> 1), U256::ZERO, 3), 4);
    // Growth wraps around: from five below zero to two above is seven.
    assert_eq!(
        fees::earned(u(2).wrapping_mul(q128), u(5).wrapping_mul(q128).wrapping_neg(), 10),
        70
    );
    let wrapped = fees::growth_inside(0, -60, 60, u(1), u(2), u(3));
    assert_eq!(wrapped, u(4).wrapping_neg());
    assert_eq!(fees::earned(wrapped, u(5).wrapping_neg(), u128::MAX), 0);
    assert_eq!(fees::earned(wrapped.wrapping_add(q128), wrapped, u128::MAX), u128::MAX);
}
