//! Realised volatility against the vectors, the printed bar, the reference and what must hold whatever the prices.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;
mod reference;

use common::{assert_printed, i256, vectors};
use hedgerow_core::volatility::{Bar, Estimator, Volatility, close_to_close, ewma, range_based, zero_mean};
use hedgerow_core::{Error, I256, Result, U256, WAD, Wad};
use proptest::prelude::*;
use reference::{Cases, Num, Random};
use serde_json::Value;

const ESTIMATORS: [Estimator; 3] = [Estimator::Parkinson, Estimator::GarmanKlass, Estimator::RogersSatchell];

fn wad(value: i128) -> Wad {
    Wad(I256::try_from(value).unwrap())
}

fn prices(case: &Value) -> Vec<Wad> {
    case["prices"]
        .as_array()
        .unwrap()
        .iter()
        .map(|price| Wad(i256(price)))
        .collect()
}

fn periods(case: &Value) -> u64 {
    case["periods"]
        .as_str()
        .map_or_else(|| case["periods"].as_u64().unwrap(), |text| text.parse().unwrap())
}

/// Rounded to the nearest unit, so one of the two neighbours.
fn assert_neighbour(got: Wad, out: &Value) {
    let (floor, ceiling) = (i256(&out["f18"]), i256(&out["c18"]));
    assert!(
        got.0 == floor || got.0 == ceiling,
        "{} is not {floor} or {ceiling}",
        got.0
    );
}

/// Not further from the exact value than half a unit and what the computation may add.
fn assert_nearest(got: Wad, exact: &Num) {
    let error = exact.error_of(got.0, 18);
    assert!(error.abs() <= 0.501, "{got:?} is {error} units off");
}

#[test]
fn volatilities_match_the_vectors() {
    for case in vectors(include_str!("vectors/realized_vol.json")) {
        let (prices, periods, out) = (prices(&case["in"]), periods(&case["in"]), &case["out"]);
        assert_neighbour(close_to_close(&prices, periods).unwrap().yearly, &out["vol"]);
        assert_neighbour(zero_mean(&prices, periods).unwrap().yearly, &out["vol_zero_mean"]);
    }
    for case in vectors(include_str!("vectors/ewma.json")) {
        let (prices, periods, out) = (prices(&case["in"]), periods(&case["in"]), &case["out"]);
        let average = ewma(&prices, Wad(i256(&case["in"]["lambda"])), periods).unwrap();
        assert_neighbour(average.variance, &out["variance"]);
        assert_neighbour(average.yearly, &out["vol"]);
    }
}

#[test]
fn one_bar_comes_out_as_printed() {
    let bar = Bar {
        open: wad(100),
        high: wad(110),
        low: wad(90),
        close: wad(105),
    };
    for (estimator, printed) in
        ESTIMATORS
            .into_iter()
            .zip(["0.0145238735533531", "0.0192147979616413", "0.0206752261702661"])
    {
        assert_printed(range_based(estimator, &[bar], 365).unwrap().variance.0, printed);
        let twice = range_based(estimator, &[bar, bar], 365).unwrap();
        assert_eq!(range_based(estimator, &[bar], 365), Ok(twice));
    }
}

/// A walk of two to twelve prices whose steps span a billionth of a percent to a factor of a million.
fn walk(random: &mut Random) -> (Vec<Wad>, Vec<Num>) {
    let length = 3 + random.below(10) as usize;
    let step = random.log_wad(-11, 6);
    let mut price = random.log_wad(-6, 9);
    let mut walk = Vec::new();
    for _ in 0..length {
        walk.push(price);
        let move_by = U256::from(WAD) + random.uniform_u256(U256::ZERO, step);
        price = if random.one_in(2) {
            price * move_by / U256::from(WAD)
        } else {
            price * U256::from(WAD) / move_by
        }
        .clamp(U256::from(1), U256::from(1) << 180);
    }
    let numbers = walk.iter().map(|&price| Num::u256(price)).collect();
    (
        walk.into_iter()
            .map(|price| Wad::from_unsigned(price).unwrap())
            .collect(),
        numbers,
    )
}

fn log_returns(prices: &[Num]) -> Vec<Num> {
    prices.windows(2).map(|pair| pair[1].ln_over(&pair[0])).collect()
}

fn sum(numbers: impl Iterator<Item = Num>) -> Num {
    numbers.fold(Num::int(0), |sum, x| sum + x)
}

#[test]
fn closing_prices_agree_with_the_reference() {
    Cases::new("closing prices").divided(10).run(|random| {
        let (prices, exact) = walk(random);
        let returns = log_returns(&exact);
        let (n, periods) = (returns.len() as i64, 1 + random.below(1 << 24));
        let mean = sum(returns.iter().cloned()) / n;
        let squares = sum(returns.iter().map(|r| (r - &mean).square()));
        let sample = &squares / (n - 1);
        let plain = sum(returns.iter().map(Num::square)) / n;
        for (got, variance) in [
            (close_to_close(&prices, periods).unwrap(), sample),
            (zero_mean(&prices, periods).unwrap(), plain),
        ] {
            assert_nearest(got.variance, &variance);
            assert_nearest(got.yearly, &(variance * periods as i64).sqrt());
        }
        let decay = random.fraction();
        let (kept, taken) = (Num::uwad(decay), Num::uwad(U256::from(WAD) - decay));
        let weighted = returns[1..].iter().fold(returns[0].square(), |variance, r| {
            &kept * variance + &taken * r.square()
        });
        let got = ewma(&prices, Wad::from_unsigned(decay).unwrap(), periods).unwrap();
        assert_nearest(got.variance, &weighted);
        assert_nearest(got.yearly, &(weighted * periods as i64).sqrt());
    });
}

/// The estimators as printed, of the bar's four prices.
fn printed_formula(estimator: Estimator, [open, high, low, close]: &[Num; 4]) -> Num {
    let ln = |a: &Num, b: &Num| a.ln_over(b);
    let two_ln_2 = reference::ln_2() * 2;
    match estimator {
        Estimator::Parkinson => ln(high, low).square() / (two_ln_2 * 2),
        Estimator::GarmanKlass => ln(high, low).square() / 2 - (two_ln_2 - 1) * ln(close, open).square(),
        Estimator::RogersSatchell => ln(high, close) * ln(high, open) + ln(low, close) * ln(low, open),
    }
}

#[test]
fn bars_agree_with_the_reference() {
    Cases::new("bars").divided(4).run(|random| {
        let count = 1 + random.below(4);
        let mut bars = Vec::new();
        let mut exact = Vec::new();
        for _ in 0..count {
            let anchor = random.log_wad(-6, 12);
            let mut drawn = [0; 4].map(|_| random.near(anchor));
            drawn.sort();
            let [low, first, second, high] = drawn;
            let [open, close] = if random.one_in(2) {
                [first, second]
            } else {
                [second, first]
            };
            let signed = |price| Wad::from_unsigned(price).unwrap();
            exact.push([open, high, low, close].map(Num::u256));
            bars.push(Bar {
                open: signed(open),
                high: signed(high),
                low: signed(low),
                close: signed(close),
            });
        }
        for estimator in ESTIMATORS {
            let variance = sum(exact.iter().map(|bar| printed_formula(estimator, bar))) / count as i64;
            let got = range_based(estimator, &bars, 365).unwrap();
            assert_nearest(got.variance, &variance);
            assert_nearest(got.yearly, &(variance * 365).sqrt());
        }
    });
}

#[test]
fn even_growth_has_no_volatility_about_its_mean() {
    let doubling: Vec<Wad> = (0..20).map(|k| wad(3 << k)).collect();
    assert_eq!(
        close_to_close(&doubling, 365),
        Ok(Volatility {
            variance: Wad::ZERO,
            yearly: Wad::ZERO
        })
    );
    let plain = zero_mean(&doubling, 1).unwrap();
    assert_nearest(plain.yearly, reference::ln_2());
    assert_nearest(
        ewma(&doubling, wad(94 * WAD as i128 / 100), 1).unwrap().yearly,
        reference::ln_2(),
    );
}

#[test]
fn a_bar_that_only_trends_has_no_rogers_satchell_variance() {
    let bar = Bar {
        open: wad(90),
        high: wad(110),
        low: wad(90),
        close: wad(110),
    };
    assert_eq!(
        range_based(Estimator::RogersSatchell, &[bar], 365).unwrap().yearly,
        Wad::ZERO
    );
    assert!(
        range_based(Estimator::GarmanKlass, &[bar], 365)
            .unwrap()
            .yearly
            .is_positive()
    );
}

#[test]
fn prices_and_bars_that_cannot_be_are_refused() {
    let one = Wad::ONE;
    assert_eq!(close_to_close(&[one, one], 365), Err(Error::TooFew(2, 3)));
    assert_eq!(zero_mean(&[one], 365), Err(Error::TooFew(1, 2)));
    assert_eq!(ewma(&[], wad(1), 365), Err(Error::TooFew(0, 2)));
    assert_eq!(range_based(Estimator::Parkinson, &[], 365), Err(Error::TooFew(0, 1)));
    assert_eq!(zero_mean(&[one, one], 0), Err(Error::NotPositive(I256::ZERO)));
    for bad in [I256::ZERO, I256::MINUS_ONE, I256::MIN] {
        assert_eq!(
            close_to_close(&[one, Wad(bad), one], 365),
            Err(Error::PriceNotPositive(bad))
        );
        let bar = Bar {
            open: one,
            high: one,
            low: Wad(bad),
            close: one,
        };
        assert_eq!(
            range_based(Estimator::Parkinson, &[bar], 365),
            Err(Error::PriceNotPositive(bad))
        );
    }
    for decay in [I256::ZERO, Wad::ONE.0, I256::MINUS_ONE, I256::MAX] {
        assert_eq!(ewma(&[one, one], Wad(decay), 365), Err(Error::DecayOutOfRange(decay)));
    }
    let good = Bar {
        open: wad(5),
        high: wad(9),
        low: wad(4),
        close: wad(8),
    };
    for bad in [
        Bar { high: wad(3), ..good },
        Bar { open: wad(10), ..good },
        Bar { close: wad(3), ..good },
        Bar { low: wad(6), ..good },
    ] {
        for estimator in ESTIMATORS {
            assert_eq!(range_based(estimator, &[good, bad], 365), Err(Error::ImpossibleBar(1)));
        }
    }
}

fn word() -> impl Strategy<Value = Wad> {
    (any::<[u64; 4]>(), 0_usize..256).prop_map(|(limbs, cut)| {
        let word = I256::from_raw(U256::from_limbs(limbs));
        Wad(word.asr(cut))
    })
}

fn finite(result: Result<Volatility>) -> std::result::Result<(), TestCaseError> {
    match result {
        Ok(told) => prop_assert!(told.variance >= Wad::ZERO && told.yearly >= Wad::ZERO),
        Err(error) => prop_assert_ne!(error, Error::Overflow),
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn whatever_the_prices_nothing_overflows(prices in prop::collection::vec(word(), 0..6), decay in word(), periods: u64) {
        let positive: Vec<Wad> = prices.iter().map(|price| Wad(price.0.saturating_abs() | I256::ONE)).collect();
        for prices in [prices, positive] {
            finite(close_to_close(&prices, periods))?;
            finite(zero_mean(&prices, periods))?;
            finite(ewma(&prices, decay, periods))?;
            for four in prices.windows(4) {
                let sorted = {
                    let mut sorted = four.to_vec();
                    sorted.sort();
                    Bar { low: sorted[0], open: sorted[1], close: sorted[2], high: sorted[3] }
                };
                let raw = Bar { low: four[0], open: four[1], close: four[2], high: four[3] };
                for estimator in ESTIMATORS {
                    finite(range_based(estimator, &[sorted, raw], periods))?;
                    finite(range_based(estimator, &[sorted], periods))?;
                }
            }
        }
    }

    #[test]
    fn the_unit_of_the_prices_does_not_matter(
        prices in prop::collection::vec(1_u64.., 3..9), power in 0_usize..64, factor in 1_u64..,
    ) {
        let scaled = |factor: U256| -> Vec<Wad> {
            prices.iter().map(|&price| Wad::from_unsigned(U256::from(price) * factor).unwrap()).collect()
        };
        let (plain, other) = (scaled(U256::from(1)), scaled(U256::from(factor)));
        let doubled = scaled(U256::from(1) << power);
        for measure in [close_to_close, zero_mean] {
            prop_assert_eq!(measure(&plain, 365), measure(&doubled, 365));
            let (a, b) = (measure(&plain, 365).unwrap(), measure(&other, 365).unwrap());
            prop_assert!((a.yearly.0 - b.yearly.0).unsigned_abs() <= U256::from(1));
        }
    }
}
