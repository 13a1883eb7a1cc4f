//! Black–Scholes against published rows, high-precision vectors, the reference, and what must hold between its values.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use common::options::{REALISTIC, Random, Ranges, WIDE, WIDEST, cases, wad};
use common::{i256, vectors};
use hedgerow_core::black_scholes::{PriceAndDelta, Terms, YEAR, call, price_and_delta, put, quote};
use hedgerow_core::{Error, I256, WAD, Wad};
use serde_json::Value;

const UNIT: i128 = WAD as i128;

fn int(value: i128) -> I256 {
    I256::try_from(value).unwrap()
}

fn terms(case: &Value) -> Terms {
    let wad = |name: &str| Wad(i256(&case[name]));
    Terms {
        spot: wad("S"),
        strike: wad("K"),
        volatility: wad("sigma"),
        seconds: case["secs"].as_str().unwrap().parse().unwrap(),
        rate: wad("r"),
    }
}

/// Rounded to the nearest unit, so one of the two neighbours.
fn assert_within(got: Wad, out: &Value, name: &str) {
    let (floor, ceiling) = (i256(&out[name]["f18"]), i256(&out[name]["c18"]));
    assert!(
        got.0 == floor || got.0 == ceiling,
        "{name}: {} is not {floor} or {ceiling}",
        got.0
    );
}

#[test]
fn prices_and_derivatives_match_the_vectors() {
    for case in vectors(include_str!("vectors/bs.json")) {
        let (terms, out) = (terms(&case["in"]), &case["out"]);
        let quote = quote(&terms).unwrap();
        for (name, got) in [
            ("d1", quote.d1),
            ("d2", quote.d2),
            ("call", quote.call),
            ("put", quote.put),
            ("delta_call", quote.delta_call),
            ("delta_put", quote.delta_put),
            ("gamma", quote.gamma),
            ("vega", quote.vega),
            ("theta_call", quote.theta_call),
            ("theta_put", quote.theta_put),
            ("rho_call", quote.rho_call),
            ("rho_put", quote.rho_put),
            ("vanna", quote.vanna),
            ("volga", quote.volga),
        ] {
            assert_within(got, out, name);
        }
        let priced = price_and_delta(&terms).unwrap();
        let expected = PriceAndDelta {
            call: quote.call,
            put: quote.put,
            delta: quote.delta_call,
        };
        assert_eq!(priced, expected);
        assert_eq!(call(&terms), Ok(quote.call));
        assert_eq!(put(&terms), Ok(quote.put));
    }
}

#[test]
fn textbook_rows_come_out_as_printed() {
    let row = |spot: i128, strike: i128, percent: i128, seconds, rate_percent: i128| Terms {
        spot: Wad(int(spot * UNIT)),
        strike: Wad(int(strike * UNIT)),
        volatility: Wad(int(percent * UNIT / 100)),
        seconds,
        rate: Wad(int(rate_percent * UNIT / 100)),
    };
    let textbook = quote(&row(100, 100, 20, YEAR, 5)).unwrap();
    // The last printed digit of each may be rounded.
    for (got, printed, unit) in [
        (textbook.call, 10_450_583_572_185_567_000, 1000),
        (textbook.put, 5_573_526_022_256_968_000, 1000),
        (textbook.delta_call, 636_830_651_175_619_000, 1000),
        (textbook.gamma, 18_762_017_345_846_894, 1),
        (textbook.vega, 37_524_034_691_693_790_000, 10_000),
    ] {
        assert!(
            (got.0 - int(printed)).unsigned_abs() <= int(unit).unsigned_abs(),
            "{got:?}"
        );
    }
    let (month, put_strike, call_strike) = (30 * 86_400, 1800, 2200);
    let put = put(&row(2000, put_strike, 80, month, 0)).unwrap();
    let call = call(&row(2000, call_strike, 80, month, 0)).unwrap();
    assert!((put.0 - int(91_355_902_666_042_200_000)).unsigned_abs() <= int(100_000).unsigned_abs());
    assert!((call.0 - int(107_960_470_893_770_000_000)).unsigned_abs() <= int(1_000_000).unsigned_abs());
}

#[test]
fn terms_outside_the_domain_are_refused() {
    let terms = Terms {
        spot: Wad::ONE,
        strike: Wad::ONE,
        volatility: Wad::ONE,
        seconds: YEAR,
        rate: Wad::ZERO,
    };
    for price in [
        int(0),
        int(-1),
        I256::MIN,
        I256::MAX,
        int(i128::MAX) + int(i128::MAX) + int(2),
    ] {
        let spot = Terms {
            spot: Wad(price),
            ..terms
        };
        let strike = Terms {
            strike: Wad(price),
            ..terms
        };
        assert_eq!(price_and_delta(&spot), Err(Error::PriceOutOfRange(price)));
        assert_eq!(quote(&strike), Err(Error::PriceOutOfRange(price)));
    }
    for volatility in [int(-1), int(1_000_000 * UNIT + 1), I256::MIN, I256::MAX] {
        let wild = Terms {
            volatility: Wad(volatility),
            ..terms
        };
        assert_eq!(price_and_delta(&wild), Err(Error::VolatilityOutOfRange(volatility)));
    }
    let long = Terms {
        seconds: 100 * YEAR + 1,
        ..terms
    };
    assert_eq!(price_and_delta(&long), Err(Error::TermOutOfRange(100 * YEAR + 1)));
    for rate in [int(-UNIT - 1), int(4 * UNIT + 1), I256::MIN, I256::MAX] {
        let dear = Terms {
            rate: Wad(rate),
            ..terms
        };
        assert_eq!(price_and_delta(&dear), Err(Error::RateOutOfRange(rate)));
    }
}

#[test]
fn without_volatility_or_time_only_the_discounted_forward_counts() {
    let terms = |strike: i128, volatility, seconds, rate| Terms {
        spot: Wad(int(100 * UNIT)),
        strike: Wad(int(strike * UNIT)),
        volatility: Wad(int(volatility)),
        seconds,
        rate: Wad(int(rate)),
    };
    let priced = |call: i128, put: i128, delta: i128| {
        Ok(PriceAndDelta {
            call: Wad(int(call)),
            put: Wad(int(put)),
            delta: Wad(int(delta)),
        })
    };
    for (volatility, seconds) in [(0, YEAR), (UNIT, 0), (0, 0)] {
        assert_eq!(
            price_and_delta(&terms(90, volatility, seconds, 0)),
            priced(10 * UNIT, 0, UNIT)
        );
        assert_eq!(
            price_and_delta(&terms(110, volatility, seconds, 0)),
            priced(0, 10 * UNIT, 0)
        );
        assert_eq!(
            price_and_delta(&terms(100, volatility, seconds, 0)),
            priced(0, 0, UNIT / 2)
        );
        assert_eq!(quote(&terms(110, volatility, seconds, 0)), Err(Error::NoUncertainty));
    }
    // 100 - 100 / e, rounded.
    assert_eq!(
        price_and_delta(&terms(100, 0, YEAR, UNIT)),
        priced(63_212_055_882_855_767_840, 0, UNIT)
    );
}

/// Everything that the domain admits, ends included.
fn anything(random: &mut Random) -> Terms {
    let price = |random: &mut Random| match random.next() % 16 {
        0 => 1,
        1 => u128::MAX,
        _ => random.spread(1, u128::MAX),
    };
    let highest = 1_000_000 * UNIT as u128;
    let spot = price(random);
    Terms {
        spot: wad(spot),
        strike: wad(match random.next() % 4 {
            0 => spot,
            1 => spot.saturating_add(random.spread(1, spot)),
            _ => price(random),
        }),
        volatility: wad(match random.next() % 16 {
            0 => 0,
            1 => highest,
            _ => random.spread(1, highest),
        }),
        seconds: match random.next() % 16 {
            0 => 0,
            1 => 100 * YEAR,
            _ => random.spread(1, u128::from(100 * YEAR)) as u64,
        },
        rate: Wad(int(match random.next() % 8 {
            0 => 0,
            1 => -UNIT,
            2 => 4 * UNIT,
            3 => random.between(-1000, 1000),
            _ => random.between(-UNIT, 4 * UNIT),
        })),
    }
}

/// Nothing in the domain panics, and a price keeps inside its bounds: `max(S - D, 0) <= call <= S` and
/// `max(D - S, 0) <= put`, put–call parity to the unit where the numbers are shorter than their precision.
#[test]
fn no_terms_of_the_domain_break_the_bounds() {
    let mut random = Random(5);
    for _ in 0..cases(100_000) {
        let terms = anything(&mut random);
        let priced = match price_and_delta(&terms) {
            Ok(priced) => priced,
            // A put far out, at a rate below zero.
            Err(error) => {
                assert_eq!(error, Error::Overflow, "{terms:?}");
                assert!(terms.rate.0.is_negative());
                continue;
            }
        };
        let certain = price_and_delta(&Terms {
            volatility: Wad::ZERO,
            ..terms
        })
        .unwrap();
        // A price of 2^128 is known to 2^-100 of itself, and a unit.
        let slack = I256::from_raw((terms.spot.0.max(certain.put.0).into_raw() >> 99) + hedgerow_core::U256::from(2));
        assert!(
            priced.call.0 + slack >= certain.call.0 && priced.call.0 <= terms.spot.0 + slack,
            "{terms:?} {priced:?}"
        );
        assert!(
            priced.put.0 + slack >= certain.put.0 && !priced.put.0.is_negative(),
            "{terms:?} {priced:?}"
        );
        assert!(!priced.call.0.is_negative() && !priced.delta.0.is_negative() && priced.delta <= Wad::ONE);
        let parity = (priced.call.0 - priced.put.0) - (certain.call.0 - certain.put.0);
        assert!(parity.abs() <= slack + slack, "{terms:?} {priced:?} {certain:?}");
        if let Ok(quote) = quote(&terms) {
            assert!(!quote.gamma.0.is_negative() && !quote.vega.0.is_negative());
            assert!(!quote.rho_call.0.is_negative() && !quote.rho_put.is_positive());
        }
    }
}

/// A discount of e^-9.7 once lost the digits of so large a strike.
#[test]
fn a_large_strike_keeps_its_digits_when_it_is_discounted() {
    let terms = Terms {
        spot: wad(711_240_278_277_269_740_826_127_831_591_679),
        strike: wad(u128::MAX),
        volatility: wad(207_933),
        seconds: 83_478_768,
        rate: Wad(int(3_656_285_783_678_195_923)),
    };
    let certain = price_and_delta(&Terms {
        volatility: Wad::ZERO,
        ..terms
    })
    .unwrap();
    let off = (price_and_delta(&terms).unwrap().put.0 - certain.put.0).unsigned_abs();
    assert!(off <= certain.put.0.unsigned_abs() >> 100_usize, "{off}");
}

/// The call rises with spot, volatility and time (at a rate from zero on) and falls with the strike; the put rises with strike and
/// volatility and falls with the spot: over any distance, by no more than the rounding against it.
#[test]
fn prices_move_the_way_they_must() {
    let mut random = Random(6);
    let rises = |less: Wad, more: Wad, terms: &Terms| {
        let slack = I256::from_raw((terms.spot.0.max(terms.strike.0).into_raw() >> 98) + hedgerow_core::U256::from(2));
        assert!(less.0 <= more.0 + slack, "{terms:?}: {less:?} {more:?}");
    };
    let ranges: [&Ranges; 3] = [&REALISTIC, &WIDE, &WIDEST];
    for case in 0..cases(30_000) {
        let mut terms = ranges[case as usize % 3].draw(&mut random);
        terms.rate = Wad(terms.rate.0.max(I256::ZERO));
        let grown = |wad: Wad, random: &mut Random| {
            let value: i128 = wad.0.try_into().unwrap();
            Wad(int(value + random.spread(1, value as u128) as i128))
        };
        let at = |terms: &Terms| price_and_delta(terms).unwrap();
        let base = at(&terms);
        let spot = Terms {
            spot: grown(terms.spot, &mut random),
            ..terms
        };
        rises(base.call, at(&spot).call, &spot);
        rises(at(&spot).put, base.put, &spot);
        assert!(base.delta.0 <= at(&spot).delta.0 + int(1), "{terms:?}");
        let strike = Terms {
            strike: grown(terms.strike, &mut random),
            ..terms
        };
        rises(at(&strike).call, base.call, &strike);
        rises(base.put, at(&strike).put, &strike);
        let volatility = Terms {
            volatility: grown(terms.volatility, &mut random),
            ..terms
        };
        rises(base.call, at(&volatility).call, &volatility);
        rises(base.put, at(&volatility).put, &volatility);
        let seconds = (terms.seconds + random.spread(1, u128::from(terms.seconds)) as u64).min(100 * YEAR);
        let time = Terms { seconds, ..terms };
        rises(base.call, at(&time).call, &time);
    }
}

/// Central differences of the prices themselves, which share nothing with the greeks' formulas.
#[test]
fn derivatives_are_those_of_the_prices() {
    let mut random = Random(7);
    for _ in 0..cases(30_000) {
        let terms = REALISTIC.draw(&mut random);
        let exact = quote(&terms).unwrap();
        let value = |wad: Wad| wad.0.to_string().parse::<f64>().unwrap() / 1e18;
        // A step of a ten-thousandth: the second-order error of the difference is about 1e-8 of the third derivative's scale.
        let moved = |wad: Wad, by: i128| Wad(wad.0 + wad.0 / int(10_000) * int(by));
        let spot = |by| {
            quote(&Terms {
                spot: moved(terms.spot, by),
                ..terms
            })
            .unwrap()
        };
        let volatility = |by| {
            quote(&Terms {
                volatility: moved(terms.volatility, by),
                ..terms
            })
            .unwrap()
        };
        let rate = |by| {
            quote(&Terms {
                rate: Wad(terms.rate.0 + int(by * UNIT / 100_000)),
                ..terms
            })
            .unwrap()
        };
        let (s, sigma) = (value(terms.spot), value(terms.volatility));
        // The price is steep where the volatility of the whole term is small.
        let years = terms.seconds as f64 / YEAR as f64;
        let total = sigma * years.sqrt();
        let tolerance = 1e-8 * (1.0 + 1.0 / (total * total * total));
        let (up, down) = (spot(1), spot(-1));
        let slope = |up: Wad, down: Wad, step: f64| (value(up) - value(down)) / (2.0 * step);
        let near = |got: Wad, expected: f64, scale: f64, what: &str| {
            let off = (value(got) - expected).abs();
            assert!(off <= tolerance * scale, "{what} of {terms:?}: {got:?} is {off} off");
        };
        let step = s / 1e4;
        near(exact.delta_call, slope(up.call, down.call, step), 1.0, "delta");
        near(exact.delta_put, slope(up.put, down.put, step), 1.0, "put's delta");
        near(
            exact.gamma,
            slope(up.delta_call, down.delta_call, step),
            1.0 / s / total,
            "gamma",
        );
        let (up, down, step) = (volatility(1), volatility(-1), sigma / 1e4);
        near(exact.vega, slope(up.call, down.call, step), s * years.sqrt(), "vega");
        near(
            exact.volga,
            slope(up.vega, down.vega, step),
            s * years.sqrt() / sigma / total,
            "volga",
        );
        near(
            exact.vanna,
            slope(up.delta_call, down.delta_call, step),
            1.0 / sigma / total,
            "vanna",
        );
        let (up, down) = (rate(1), rate(-1));
        near(exact.rho_call, slope(up.call, down.call, 1e-5), s * years, "rho");
        near(exact.rho_put, slope(up.put, down.put, 1e-5), s * years, "put's rho");
        // The Black–Scholes equation itself: theta + r S delta + sigma^2 S^2 gamma / 2 = r price.
        let r = value(terms.rate);
        for (price, delta, theta) in [
            (exact.call, exact.delta_call, exact.theta_call),
            (exact.put, exact.delta_put, exact.theta_put),
        ] {
            let carried = r * value(price) - r * s * value(delta) - sigma * sigma * s * s * value(exact.gamma) / 2.0;
            assert!(
                (value(theta) - carried).abs() <= 1e-12 * s * (1.0 + sigma / years.sqrt()),
                "{terms:?}"
            );
        }
    }
}
