//! Black–Scholes against published rows, high-precision vectors, the reference, and what must hold between its values.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

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
