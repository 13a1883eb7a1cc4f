//! The GARCH(1,1) forecast against the vectors, a period-by-period reference, and its limits.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;
mod reference;

use common::{i256, vectors};
use hedgerow_core::garch::{Forecast, Model, forecast, hedge_ratio};
use hedgerow_core::{Error, I256, U256, WAD, Wad};
use proptest::prelude::*;
use reference::{Cases, Num, Random};

fn wad(value: i128) -> Wad {
    Wad(I256::try_from(value).unwrap())
}

fn unsigned(value: U256) -> Wad {
    Wad::from_unsigned(value).unwrap()
}

#[test]
fn forecasts_match_the_vectors() {
    for case in vectors(include_str!("vectors/garch.json")) {
        let (given, out) = (&case["in"], &case["out"]);
        let prices: Vec<Wad> = given["prices"]
            .as_array()
            .unwrap()
            .iter()
            .map(|price| Wad(i256(price)))
            .collect();
        let input = |name: &str| Wad(i256(&given[name]));
        let count = |name: &str| given[name].to_string().trim_matches('"').parse::<u64>().unwrap();
        let model = Model {
            omega: input("omega"),
            alpha: input("alpha"),
            beta: input("beta"),
        };
        let got = forecast(&model, &prices, count("h"), count("periods")).unwrap();
        for (name, figure) in [
            ("next_variance", got.next_variance),
            ("variance_h", got.variance_h),
            ("avg_variance", got.avg_variance),
            ("long_run", got.long_run),
            ("vol", got.vol),
        ] {
            let (floor, ceiling) = (i256(&out[name]["f18"]), i256(&out[name]["c18"]));
            assert!(
                figure.0 == floor || figure.0 == ceiling,
                "{name}: {} is not {floor} or {ceiling}",
                figure.0
            );
        }
    }
}

fn model(random: &mut Random) -> Model {
    // Half of them nearly all or nothing: as little as a unit of 1e-18 less than one.
    let persistence = random.fraction();
    let alpha = random.uniform_u256(U256::ZERO, persistence);
    Model {
        omega: unsigned(random.log_wad(-9, 0)),
        alpha: unsigned(alpha),
        beta: unsigned(persistence - alpha),
    }
}

/// The recurrence, one period after the other: no powers, no sums in closed form.
#[test]
fn forecasts_agree_with_stepping_through_the_periods() {
    Cases::new("garch").divided(10).run(|random| {
        let model = model(random);
        let prices: Vec<U256> = (0..2 + random.below(9)).map(|_| random.log_wad(-1, 1)).collect();
        let (horizon, periods) = (1 + random.below(40), 1 + random.below(10_000));
        let [omega, alpha, beta] = [model.omega, model.alpha, model.beta].map(|parameter| Num::wad(parameter.0));
        let long_run = &omega / (Num::int(1) - &alpha - &beta);
        let mut variance = long_run.clone();
        for pair in prices.windows(2) {
            let squared = Num::u256(pair[1]).ln_over(&Num::u256(pair[0])).square();
            variance = &omega + &alpha * squared + &beta * variance;
        }
        let next = variance.clone();
        let (mut total, mut last) = (Num::int(0), variance.clone());
        for _ in 0..horizon {
            total = total + &variance;
            last = variance.clone();
            variance = &omega + (&alpha + &beta) * variance;
        }
        let average = total / horizon as i64;
        let prices: Vec<Wad> = prices.into_iter().map(unsigned).collect();
        let got = forecast(&model, &prices, horizon, periods).unwrap();
        for (figure, exact) in [
            (got.next_variance, &next),
            (got.variance_h, &last),
            (got.avg_variance, &average),
            (got.long_run, &long_run),
            (got.vol, &(&average * periods as i64).sqrt()),
        ] {
            let error = exact.error_of(figure.0, 18);
            // Half a unit, and 2^-100 of the many units that a large variance has.
            assert!(
                error.abs() <= 0.501 + exact.to_f64() * 1e18 * 2_f64.powi(-100),
                "{figure:?} is {error} units off: {model:?} {horizon}"
            );
        }
    });
}

fn example() -> (Model, [Wad; 3]) {
    let e15 = WAD as i128 / 1000;
    let model = Model {
        omega: wad(e15 / 100),
        alpha: wad(100 * e15),
        beta: wad(850 * e15),
    };
    (model, [wad(100), wad(130), wad(90)])
}

#[test]
fn forecasts_fall_to_the_long_run_variance() {
    let (model, prices) = example();
    let at = |horizon| forecast(&model, &prices, horizon, 365).unwrap();
    // 1e-5 / 0.05.
    assert_eq!(at(1).long_run, wad(WAD as i128 / 5000));
    assert_eq!(
        (at(1).variance_h, at(1).avg_variance),
        (at(1).next_variance, at(1).next_variance)
    );
    let mut before = at(1);
    for horizon in 2..800 {
        let now = at(horizon);
        assert!(now.variance_h <= before.variance_h && now.avg_variance < before.avg_variance);
        assert!(now.variance_h < now.avg_variance && now.avg_variance < now.next_variance);
        before = now;
    }
    for horizon in [10_000, 1 << 40, u64::MAX] {
        assert_eq!(at(horizon).variance_h, at(horizon).long_run);
    }
    let calm = at(u64::MAX);
    assert!((calm.avg_variance.0 - calm.long_run.0).unsigned_abs() <= U256::from(1));
}

#[test]
fn without_memory_every_period_is_alike() {
    let (_, prices) = example();
    let model = Model {
        omega: wad(777),
        alpha: Wad::ZERO,
        beta: Wad::ZERO,
    };
    for horizon in [1, 2, 30, u64::MAX] {
        let got = forecast(&model, &prices, horizon, 1).unwrap();
        let same = wad(777);
        let vol = got.vol;
        assert_eq!(
            got,
            Forecast {
                next_variance: same,
                variance_h: same,
                avg_variance: same,
                long_run: same,
                vol
            }
        );
    }
}

#[test]
fn models_that_have_no_long_run_are_refused() {
    let (good, prices) = example();
    let told = |model: Model| forecast(&model, &prices, 30, 365);
    let one = Wad::ONE;
    assert_eq!(
        told(Model {
            beta: Wad(one.0 - good.alpha.0),
            ..good
        }),
        Err(Error::NotStationary(one.0))
    );
    assert_eq!(
        told(Model {
            beta: Wad(I256::MAX),
            ..good
        }),
        Err(Error::NotStationary(I256::MAX))
    );
    assert!(
        told(Model {
            beta: Wad(one.0 - good.alpha.0 - I256::ONE),
            ..good
        })
        .is_ok()
    );
    for bad in [I256::MINUS_ONE, I256::MIN] {
        assert_eq!(
            told(Model {
                alpha: Wad(bad),
                ..good
            }),
            Err(Error::NegativeInput(bad))
        );
        assert_eq!(told(Model { beta: Wad(bad), ..good }), Err(Error::NegativeInput(bad)));
        assert_eq!(
            told(Model {
                omega: Wad(bad),
                ..good
            }),
            Err(Error::NotPositive(bad))
        );
    }
    assert_eq!(
        told(Model {
            omega: Wad::ZERO,
            ..good
        }),
        Err(Error::NotPositive(I256::ZERO))
    );
    assert_eq!(forecast(&good, &prices, 0, 365), Err(Error::NotPositive(I256::ZERO)));
    assert_eq!(forecast(&good, &prices, 1, 0), Err(Error::NotPositive(I256::ZERO)));
    assert_eq!(forecast(&good, &prices[..1], 1, 365), Err(Error::TooFew(1, 2)));
    assert_eq!(
        forecast(&good, &[wad(1), wad(0)], 1, 365),
        Err(Error::PriceNotPositive(I256::ZERO))
    );
}

#[test]
fn hedges_follow_the_forecast_within_their_bounds() {
    let percent = |n: i128| wad(n * WAD as i128 / 100);
    let scaled = |forecast| hedge_ratio(percent(80), percent(forecast), percent(60), percent(50), percent(120));
    assert_eq!(scaled(60), Ok(percent(80)));
    assert_eq!(scaled(45), Ok(percent(60)));
    assert_eq!(scaled(75), Ok(percent(100)));
    assert_eq!(scaled(30), Ok(percent(50)));
    assert_eq!(scaled(200), Ok(percent(120)));
    // 0.8 * 0.5 / 0.6 = 0.666…, rounded up.
    assert_eq!(scaled(50), Ok(wad(666_666_666_666_666_667)));
    let (most, one) = (Wad(I256::MAX), Wad::ONE);
    assert_eq!(hedge_ratio(most, most, wad(1), Wad::ZERO, one), Ok(one));
    assert_eq!(hedge_ratio(most, most, most, Wad::ZERO, most), Ok(most));
    let minus = Wad(I256::MINUS_ONE);
    for (base, forecast, floor) in [(minus, one, one), (one, minus, one), (one, one, minus)] {
        assert_eq!(
            hedge_ratio(base, forecast, one, floor, one),
            Err(Error::NegativeInput(minus.0))
        );
    }
    assert_eq!(
        hedge_ratio(one, one, Wad::ZERO, one, one),
        Err(Error::NotPositive(I256::ZERO))
    );
    assert_eq!(
        hedge_ratio(one, one, one, wad(2), wad(1)),
        Err(Error::BoundsExchanged(wad(2).0, wad(1).0))
    );
}

fn word() -> impl Strategy<Value = Wad> {
    (any::<[u64; 4]>(), 0_usize..256).prop_map(|(limbs, cut)| Wad(I256::from_raw(U256::from_limbs(limbs)).asr(cut)))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn whatever_the_inputs_nothing_panics(
        [omega, alpha, beta, floor, cap] in prop::array::uniform5(word()),
        weights in prop::array::uniform2(0..WAD),
        prices in prop::collection::vec(word(), 0..5),
        horizon: u64, periods: u64,
    ) {
        let wild = Model { omega, alpha, beta };
        let tame = Model { omega: Wad(omega.0.saturating_abs()), alpha: wad(weights[0].into()), beta: wad(weights[1].into()) };
        let positive: Vec<Wad> = prices.iter().map(|price| Wad(price.0.saturating_abs() | I256::ONE)).collect();
        for model in [wild, tame] {
            for prices in [&prices, &positive] {
                if let Ok(told) = forecast(&model, prices, horizon, periods) {
                    prop_assert!(told.next_variance >= Wad::ZERO && told.avg_variance >= Wad::ZERO && told.vol >= Wad::ZERO);
                }
            }
        }
        if let Ok(ratio) = hedge_ratio(omega, alpha, beta, floor, cap) {
            prop_assert!(floor <= ratio && ratio <= cap);
        }
    }
}
