//! The other forms of impermanent loss: more decimals, a ratio, reserves, amounts, many assets, a deposit, an expectation.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;
mod reference;

use common::{assert_printed, i256, u256, vectors};
use hedgerow_core::il::{
    Expected, calculator, constant_product, constant_product_position, constant_product_ray, expected, expected_loss,
    from_amounts, from_ratio, from_reserves, many, weighted,
};
use hedgerow_core::{Bps, Error, I256, Ray, U256, WAD, Wad};
use reference::{Cases, Num, Random};

fn bps(value: i64) -> Bps {
    Bps(I256::try_from(value).unwrap())
}

fn wad(value: I256) -> Wad {
    Wad(value)
}

fn wads(value: &serde_json::Value) -> Vec<Wad> {
    value.as_array().unwrap().iter().map(|x| wad(i256(x))).collect()
}

/// Hundredths as wads.
fn hundredths<const N: usize>(values: [i64; N]) -> [Wad; N] {
    values.map(|value| Wad(I256::try_from(i128::from(value) * (WAD / 100) as i128).unwrap()))
}

/// The exact floor, and so never above.
fn assert_floor(exact: &Num, got: I256, decimals: u32, slack: f64) {
    let error = exact.error_of(got, decimals);
    assert!(
        error <= 1e-30 && error >= -1.0 - slack,
        "{got} is {error} units from {}",
        exact.to_f64()
    );
}

/// `-(sqrt(p1) - sqrt(p0))^2 / (p0 + p1)`, which does not cancel.
fn loss(p0: &Num, p1: &Num) -> Num {
    -((p1 - p0) / (p1.sqrt() + p0.sqrt())).square() / (p0 + p1)
}

#[test]
fn the_calculator_says_what_the_widely_copied_one_should() {
    // The floors of -571.9, -2000, -8019.8 and nothing.
    let table = [
        (1_000, 2_000, -572),
        (2_000, 1_000, -572),
        (1, 4, -2_000),
        (1, 100, -8_020),
        (7, 7, 0),
    ];
    for (initial, current, expected) in table {
        assert_eq!(calculator(U256::from(initial), U256::from(current)), Ok(bps(expected)));
    }
    // However small, a loss is not nothing; however large, it is not more than everything.
    let large = U256::from(u128::MAX);
    assert_eq!(calculator(large, large - U256::from(1)), Ok(bps(-1)));
    assert_eq!(calculator(U256::MAX, U256::from(1)), Ok(bps(-10_000)));
    assert_eq!(calculator(U256::ZERO, large), Err(Error::ZeroPrice));
    assert_eq!(calculator(large, U256::ZERO), Err(Error::ZeroPrice));
}

#[test]
fn twenty_seven_decimals_and_ratios_match_the_vectors() {
    for case in vectors(include_str!("vectors/il_v2.json")) {
        let got = constant_product_ray(u256(&case["in"]["p0"]), u256(&case["in"]["p1"]));
        assert_eq!(got, Ok(Ray(i256(&case["out"]["il"]["f27"]))));
    }
    for case in vectors(include_str!("vectors/il_v2_ratio.json")) {
        let ratio = u256(&case["in"]["d"]);
        assert_eq!(from_ratio(ratio), Ok(i256(&case["out"]["il"]["f18"])));
        let ray = constant_product_ray(U256::from(WAD), ratio);
        assert_eq!(ray, Ok(Ray(i256(&case["out"]["il"]["f27"]))));
    }
    assert_eq!(from_ratio(U256::ZERO), Err(Error::ZeroPrice));
    assert_eq!(
        constant_product_ray(U256::MAX, U256::MAX - U256::from(1)),
        Ok(Ray(I256::MINUS_ONE))
    );
}

#[test]
fn constant_product_forms_are_floors() {
    Cases::new("il constant product forms").run(|random| {
        let one = U256::from(1);
        let entry = random.log_uniform(one, U256::from(u128::MAX));
        let price = if random.one_in(2) {
            random.log_uniform(one, U256::from(u128::MAX))
        } else {
            random.near(entry)
        };
        let exact = loss(&Num::u256(entry), &Num::u256(price));
        assert_floor(&exact, constant_product_ray(entry, price).unwrap().0, 27, 0.0);
        assert_floor(&exact, calculator(entry, price).unwrap().0, 4, 0.0);
        assert_floor(
            &loss(&Num::int(WAD), &Num::u256(price)),
            from_ratio(price).unwrap(),
            18,
            0.0,
        );
    });
}

#[test]
fn reserves_lose_by_their_prices_and_amounts_by_their_worth() {
    Cases::new("il amounts").run(|random| {
        let mut amount = || random.log_uniform(U256::from(1), U256::from(u128::MAX)).to::<u128>();
        let (entry, now) = ((amount(), amount()), (amount(), amount()));
        let price = |(x, y): (u128, u128)| Num::ratio(y, x);
        let exact = loss(&price(entry), &price(now));
        assert_floor(&exact, from_reserves(entry, now).unwrap(), 18, 0.0);

        let wide = |(x, y): (u128, u128)| (U256::from(x), U256::from(y));
        let price = random.log_wad(-18, 18);
        let got = from_amounts(wide(entry), wide(now), price).unwrap();
        let worth = |(x, y): (u128, u128)| Num::int(x) * Num::uwad(price) + Num::int(y);
        let exact = worth(now) / worth(entry) - 1;
        let error = exact.error_of(got.0, 18);
        assert!((-1.0 - 1e-18..=1e-18).contains(&error), "{error}");
    });
}

#[test]
fn reserves_with_fees_lose_what_their_prices_say_and_amounts_may_gain() {
    // 1 and 100 became 2 and 50 at a quarter of the price; with 1 % of fees in both reserves nothing changes.
    let by_price = constant_product(U256::from(100), U256::from(25)).unwrap();
    assert_eq!(from_reserves((1_000, 100_000), (2_000, 50_000)), Ok(by_price));
    assert_eq!(from_reserves((1_000, 100_000), (2_020, 50_500)), Ok(by_price));
    let uint = |x: u64, y: u64| (U256::from(x), U256::from(y));
    let price = U256::from(25) * U256::from(WAD);
    let held = from_amounts(uint(1_000, 100_000), uint(2_000, 50_000), price).unwrap();
    assert_eq!(held.0, by_price);
    // Fees of 25 % in both: 125,000 against 125,000 held.
    let with_fees = from_amounts(uint(1_000, 100_000), uint(2_500, 62_500), price).unwrap();
    assert_eq!(with_fees, Wad::ZERO);
    assert_eq!(from_reserves((0, 1), (1, 1)), Err(Error::ZeroPrice));
    assert_eq!(from_reserves((1, 1), (1, 0)), Err(Error::ZeroPrice));
    assert_eq!(from_amounts(uint(0, 0), uint(1, 1), price), Err(Error::ZeroDenominator));
    assert_eq!(
        from_amounts(uint(0, 1), (U256::MAX, U256::MAX), price),
        Err(Error::Overflow)
    );
}

#[test]
fn deposits_match_the_vectors() {
    for case in vectors(include_str!("vectors/il_v2_position.json")) {
        let given = |name: &str| wad(i256(&case["in"][name]));
        let floor = |name: &str| wad(i256(&case["out"][name]["f18"]));
        let got = constant_product_position(given("p0"), given("p1"), given("x0")).unwrap();
        assert_eq!((got.value, got.hold), (floor("lp"), floor("hold")));
        assert_eq!((got.il_abs, got.il), (floor("il_abs"), floor("il")));
    }
    let one = Wad::ONE;
    let minus = Wad(-one.0);
    assert_eq!(
        constant_product_position(Wad::ZERO, one, one),
        Err(Error::PriceNotPositive(I256::ZERO))
    );
    assert_eq!(
        constant_product_position(one, minus, one),
        Err(Error::PriceNotPositive(minus.0))
    );
    assert_eq!(
        constant_product_position(one, one, minus),
        Err(Error::NegativeAmount(minus.0))
    );
    let most = Wad(I256::MAX);
    assert_eq!(constant_product_position(most, most, most), Err(Error::Overflow));
}

#[test]
fn deposits_are_floors() {
    Cases::new("il deposit").run(|random| {
        let p0 = random.log_wad(-18, 19);
        let p1 = if random.one_in(3) {
            random.near(p0)
        } else {
            random.log_wad(-18, 19)
        };
        let x0 = random.log_wad(-18, 19);
        let signed = |x: U256| Wad(I256::from_raw(x));
        let got = constant_product_position(signed(p0), signed(p1), signed(x0)).unwrap();
        let (p0, p1, x0) = (Num::uwad(p0), Num::uwad(p1), Num::uwad(x0));
        let value = &x0 * (&p0 * &p1).sqrt() * 2;
        let hold = &x0 * (&p0 + &p1);
        assert_floor(&value, got.value.0, 18, 1e-30);
        assert_floor(&hold, got.hold.0, 18, 0.0);
        assert_floor(&(loss(&p0, &p1) * hold), got.il_abs.0, 18, 1e-30);
        assert_floor(&loss(&p0, &p1), got.il.0, 18, 0.0);
    });
}

#[test]
fn pools_of_many_assets_match_tables_and_vectors() {
    for case in vectors(include_str!("vectors/il_multi3.json")) {
        let got = many(&wads(&case["in"]["d"]), &wads(&case["in"]["w"]));
        assert_eq!(got, Ok(wad(i256(&case["out"]["il"]["f18"]))));
    }
    let three = many(&hundredths([200, 115, 100]), &hundredths([50, 25, 25])).unwrap();
    assert_printed(three.0, "-0.047479495162722007504");
    let four = many(&hundredths([300, 50, 120, 100]), &hundredths([40, 30, 20, 10])).unwrap();
    assert_printed(four.0, "-0.226448829200147563515");
}

#[test]
fn pools_that_are_none_are_refused() {
    let half = hundredths([50, 50]);
    assert_eq!(many(&hundredths([100]), &half), Err(Error::LengthsDiffer(1, 2)));
    assert_eq!(many(&hundredths([100, 0]), &half), Err(Error::NotPositive(I256::ZERO)));
    let [zero, _] = hundredths([0, 100]);
    assert_eq!(
        many(&hundredths([100, 200]), &hundredths([0, 100])),
        Err(Error::WeightOutOfRange(zero.0.into_raw()))
    );
    let [all] = hundredths([101]);
    assert_eq!(
        many(&hundredths([100, 200]), &hundredths([50, 51])),
        Err(Error::WeightsNotOne(all.0))
    );
    assert_eq!(many(&[], &[]), Err(Error::WeightsNotOne(I256::ZERO)));
    assert_eq!(many(&hundredths([7]), &hundredths([100])), Ok(Wad::ZERO));
    assert_eq!(many(&hundredths([7, 7]), &half), Ok(Wad::ZERO));
}

/// Weights of `n` assets that sum to one.
fn weights(random: &mut Random, n: usize) -> Vec<Wad> {
    let mut cuts: Vec<u64> = (1..n).map(|_| 1 + random.below(WAD - 1)).collect();
    cuts.extend([0, WAD]);
    cuts.sort_unstable();
    cuts.windows(2)
        .map(|pair| Wad(I256::try_from(pair[1] - pair[0]).unwrap()))
        .collect()
}

#[test]
fn many_assets_lose_the_floor_or_a_2_to_the_40th_below() {
    Cases::new("il many").run(|random| {
        let n = 2 + random.below(4) as usize;
        let first = random.log_wad(-18, 30);
        let near = random.one_in(2);
        let ratios: Vec<Wad> = (0..n)
            .map(|_| {
                let ratio = if near {
                    random.near(first)
                } else {
                    random.log_wad(-18, 30)
                };
                Wad(I256::from_raw(ratio))
            })
            .collect();
        let shares = weights(random, n);
        if shares.iter().any(|share| share.0.is_zero()) {
            return;
        }
        let got = many(&ratios, &shares).unwrap();
        // Relative to the first, so that nothing cancels where the ratios are near each other.
        let base = Num::wad(ratios[0].0);
        let (mut logs, mut change) = (Num::int(0), Num::int(0));
        for (ratio, share) in ratios.iter().zip(&shares) {
            let (change_of, share) = ((Num::wad(ratio.0) - &base) / &base, Num::wad(share.0));
            logs = logs + change_of.ln_1p() * &share;
            change = change + change_of * share;
        }
        let exact = (logs - change.ln_1p()).exp_m1();
        assert_floor(&exact, got.0, 18, 2_f64.powi(-39));
        if n == 2 {
            let [p0, p1] = [ratios[1], ratios[0]].map(|ratio| ratio.0.into_raw());
            let two = weighted(p0, p1, shares[0].0.into_raw()).unwrap();
            assert!((two - got.0).unsigned_abs() <= U256::from(1));
        }
    });
}

#[test]
fn expectations_match_the_vectors() {
    for case in vectors(include_str!("vectors/il_v2_expected.json")) {
        let given = |name: &str| wad(i256(&case["in"][name]));
        let floor = |name: &str| wad(i256(&case["out"][name]["f18"]));
        let got = expected(given("sigma"), given("T"), given("mu")).unwrap();
        assert_eq!(got.il_abs, floor("il_abs_over_v0"));
        assert_eq!(expected_loss(given("sigma"), given("T"), given("mu")), Ok(got.il_abs));
        assert_eq!(got.il, floor("il_pct"));
    }
}

#[test]
fn without_time_nothing_is_lost_and_without_volatility_the_drift_decides() {
    let zero = Expected {
        il_abs: Wad::ZERO,
        il: Wad::ZERO,
    };
    let [one, minus] = hundredths([100, -100]);
    assert_eq!(expected(one, Wad::ZERO, one), Ok(zero));
    assert_eq!(expected(Wad::ZERO, one, Wad::ZERO), Ok(zero));
    assert_eq!(expected(minus, one, one), Err(Error::NegativeInput(minus.0)));
    assert_eq!(expected(one, minus, one), Err(Error::NegativeInput(minus.0)));
    // e^(ln 4) = 4: the loss of a price that has grown fourfold, -0.2, and (2 - 1)^2 / 2 of the value.
    let ln_4 = Wad(I256::try_from(1_386_294_361_119_890_619_i64).unwrap());
    let grown = expected(Wad::ZERO, one, ln_4).unwrap();
    assert_printed(grown.il.0, "-0.2");
    assert_printed(grown.il_abs.0, "-0.5");
    // Almost surely almost everything: a volatility of 3,000 %.
    let [wild] = hundredths([300_000]);
    assert_eq!(expected(wild, one, Wad::ZERO).unwrap().il, Wad(-Wad::ONE.0));
    let huge = Wad(I256::try_from(200 * i128::from(WAD)).unwrap());
    assert_eq!(expected(Wad::ZERO, one, huge), Err(Error::Overflow));
}

#[test]
fn the_expected_loss_is_the_floor_of_its_closed_form() {
    Cases::new("il expected").run(|random| {
        let volatility = random.log_wad(-6, 1);
        let years = random.log_wad(-6, 1);
        let drift = random.uniform(-2 * WAD as i128, 2 * WAD as i128);
        let signed = |x: U256| Wad(I256::from_raw(x));
        let got = expected_loss(signed(volatility), signed(years), Wad(drift)).unwrap();
        let (s, t, mu) = (Num::uwad(volatility), Num::uwad(years), Num::wad(drift));
        let growth = &mu * &t;
        let value = ((growth.shifted(-1)) - s.square() * &t / 8).exp();
        let exact = value - (growth.exp() + 1).shifted(-1);
        assert_floor(&exact, got.0, 18, 2_f64.powi(-30));
    });
}

/// The mean of `sech(x / 2) - 1` by Simpson's rule on a fine grid: another rule, other points, other tails.
#[test]
fn the_expected_ratio_is_what_a_finer_sum_of_another_rule_gives() {
    Cases::new("il expected ratio").divided(5_000).run(|random| {
        let volatility = random.log_wad(-2, 1);
        let years = random.log_wad(-3, 0);
        let drift = random.uniform(-(WAD as i128), WAD as i128);
        let signed = |x: U256| Wad(I256::from_raw(x));
        let got = expected(signed(volatility), signed(years), Wad(drift)).unwrap();
        let (s, t, mu) = (Num::uwad(volatility), Num::uwad(years), Num::wad(drift));
        let deviation = &s * t.sqrt();
        let mean = (mu - s.square().shifted(-1)) * &t;
        // Steps narrow enough for the poles of sech at the largest deviations.
        let steps_per_unit = 16 * (1 + deviation.to_f64() as i64);
        let (mut sum, step) = (Num::int(0), Num::ratio(1, steps_per_unit));
        for k in -13 * steps_per_unit..=13 * steps_per_unit {
            let z = &step * k;
            let half = (&mean + &deviation * &z).shifted(-1);
            let weight = if k % 2 == 0 { 2 } else { 4 };
            let sech = Num::int(2) / (half.exp() + (-half).exp());
            sum = sum + z.pdf() * (sech - 1) * weight;
        }
        let exact = sum * step / 3;
        assert_floor(&exact, got.il.0, 18, 1e-9);
    });
}
