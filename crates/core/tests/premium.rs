//! The fair premium against the published tables, and against a strip dense enough to be the integral.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use common::options::wad;
use hedgerow_core::black_scholes::Market;
use hedgerow_core::curve::{Curve, Stake};
use hedgerow_core::premium::{Premium, fair};
use hedgerow_core::strip::Strip;
use hedgerow_core::{I256, WAD, Wad};

const ONE: u128 = WAD as u128;
const DAY: u64 = 86_400;

/// A printed decimal as a wad, and the unit of its last digit, at least two wads' units.
fn printed(text: &str) -> (I256, I256) {
    let (whole, digits) = text.split_once('.').unwrap();
    let kept = digits.len().min(18);
    let unit = 10_i128.pow(18 - kept as u32);
    let value = whole.parse::<i128>().unwrap() * ONE as i128 + digits[..kept].parse::<i128>().unwrap() * unit;
    (I256::try_from(value).unwrap(), I256::try_from(unit.max(2)).unwrap())
}

fn assert_printed(got: Wad, text: &str) {
    let (value, unit) = printed(text);
    assert!(
        (got.0 - value).unsigned_abs() <= unit.unsigned_abs(),
        "{got:?} is not {text}"
    );
}

fn market(spot: u128, volatility: u128, seconds: u64) -> Market {
    Market {
        spot: wad(spot),
        volatility: wad(volatility),
        seconds,
        rate: Wad::ZERO,
    }
}

#[test]
fn constant_product_premiums_come_out_as_printed() {
    for (percent, days, text) in [
        (50, 30, "0.00256519739446532"),
        (80, 30, "0.00655377220466104"),
        (76, 30, "0.00591667371188526"),
        (60, 7, "0.000862641409412725"),
        (60, 90, "0.0110345580741813"),
        (100, 365, "0.117503097415405"),
    ] {
        let market = market(2000 * ONE, percent * ONE / 100, days * DAY);
        let stake = Stake::new(Curve::ConstantProduct, wad(7 * ONE)).unwrap();
        let halves = Stake::new(Curve::Weighted { weight0: wad(ONE / 2) }, wad(7 * ONE)).unwrap();
        let premium = fair(&stake, market.spot, &market).unwrap();
        assert_printed(premium.fraction, text);
        let weighted = fair(&halves, market.spot, &market).unwrap();
        assert!((weighted.fraction.0 - premium.fraction.0).unsigned_abs() <= wad(1).0.unsigned_abs());
    }
}

#[test]
fn concentrated_premiums_come_out_as_printed() {
    let (e17, e14) = (ONE / 10, ONE / 10_000);
    for (spot, lower, upper, volatility, days, text) in [
        (
            2200 * ONE,
            2000 * ONE,
            2400 * ONE,
            486_178_589_193_953_500,
            10,
            "0.0161210952982454",
        ),
        (2200 * ONE, 2000 * ONE, 2400 * ONE, 5 * e17, 10, "0.0168908549849865"),
        (2000 * ONE, 1500 * ONE, 2500 * ONE, 8 * e17, 30, "0.0480543798987841"),
        (ONE, 7 * e17, 13 * e17, 6 * e17, 30, "0.0251202855495458"),
        (ONE, 5 * e17, 15 * e17, 6 * e17, 30, "0.0154691250268966"),
        (ONE, 7 * e17, 13 * e17, 4100 * e14, 30, "0.0120184785176243"),
    ] {
        let curve = Curve::Concentrated {
            lower: wad(lower),
            upper: wad(upper),
        };
        let stake = Stake::new(curve, wad(1_000_000 * ONE)).unwrap();
        let market = market(spot, volatility, days * DAY);
        assert_printed(fair(&stake, market.spot, &market).unwrap().fraction, text);
    }
}

/// A strip pays the loss and, between its strikes, a little more: its premium exceeds the fair one by what falls with the square of
/// the number of strikes. The two share no formula but Black–Scholes.
#[test]
fn a_dense_strip_costs_the_fair_premium_and_a_little_more() {
    let concentrated = Curve::Concentrated {
        lower: wad(ONE / 2),
        upper: wad(2 * ONE),
    };
    let weighted = Curve::Weighted { weight0: wad(ONE / 4) };
    for curve in [concentrated, Curve::ConstantProduct, weighted] {
        for (spot, volatility, rate) in [
            (ONE, ONE / 2, 0),
            (9 * ONE / 10, ONE, ONE / 10),
            (12 * ONE / 10, ONE / 4, ONE / 20),
        ] {
            let stake = Stake::new(curve, wad(1000 * ONE)).unwrap();
            let market = Market {
                rate: wad(rate),
                ..market(spot, volatility, 90 * DAY)
            };
            let fair = fair(&stake, Wad::ONE, &market).unwrap().value;
            let cost = |count: u128| {
                // From 1/10 to 10, beyond which nothing is left at these volatilities, or over the range itself.
                let (low, high) = if curve == concentrated { (5, 20) } else { (1, 100) };
                let below = (0..count).map(|i| ONE / 10 * low + (ONE - ONE / 10 * low) * i / count);
                let above = (0..=count).map(|i| ONE + (ONE / 10 * high - ONE) * i / count);
                let strikes: Vec<Wad> = below.chain(above).map(wad).collect();
                Strip::new(&stake, Wad::ONE, &strikes)
                    .unwrap()
                    .premium(&market)
                    .unwrap()
                    .0
                    - fair.0
            };
            let (coarse, fine) = (cost(100), cost(200));
            assert!(fine.is_positive() && coarse > fine, "{curve:?}: {coarse} {fine}");
            let parts = (coarse.unsigned_abs() << 8_usize) / fine.unsigned_abs();
            assert!(
                (3 * 256..5 * 256).contains(&parts.to::<i32>()),
                "{curve:?}: {coarse} {fine}"
            );
        }
    }
}

#[test]
fn without_volatility_the_premium_is_the_forward_loss() {
    let concentrated = Curve::Concentrated {
        lower: wad(ONE / 2),
        upper: wad(2 * ONE),
    };
    let none = Premium {
        value: Wad::ZERO,
        fraction: Wad::ZERO,
    };
    for curve in [concentrated, Curve::ConstantProduct] {
        let stake = Stake::new(curve, Wad::ONE).unwrap();
        for (volatility, days) in [(0, 30), (ONE, 0)] {
            let still = market(ONE, volatility, days * DAY);
            assert_eq!(fair(&stake, Wad::ONE, &still), Ok(none));
            // From 1 to 4 a constant product of 1 and 1 loses 1: 5 held, 4 left; half of the 2 invested.
            let moved = Market {
                spot: wad(4 * ONE),
                ..still
            };
            if curve == Curve::ConstantProduct {
                let lost = Premium {
                    value: Wad::ONE,
                    fraction: wad(ONE / 2),
                };
                assert_within_a_unit(fair(&stake, Wad::ONE, &moved).unwrap(), lost);
            }
        }
        let empty = Stake::new(curve, Wad::ZERO).unwrap();
        assert_eq!(fair(&empty, Wad::ONE, &market(4 * ONE, ONE, DAY)), Ok(none));
    }
}

/// Raised before it was rounded up, so an exact value gains a unit.
fn assert_within_a_unit(got: Premium, exact: Premium) {
    for (got, exact) in [(got.value, exact.value), (got.fraction, exact.fraction)] {
        assert!(got.0 == exact.0 || got.0 == exact.0 + wad(1).0, "{got:?} {exact:?}");
    }
}
