//! LVR rates, break-even yields, arbitrage under fees and capital efficiency, against vectors, tables and the reference.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;
mod reference;

use common::{assert_printed, i256, u256, vectors};
use hedgerow_core::curve::{Curve, Stake};
use hedgerow_core::tick::{MAX_SQRT_PRICE, MAX_TICK, MIN_SQRT_PRICE, MIN_TICK, range_sqrt_prices};
use hedgerow_core::{Error, I256, Rounding, SqrtPriceX96, Tick, U256, WAD, Wad, efficiency, lvr};
use reference::{Cases, Num, Random};

/// A decimal as people write it, as a wad.
fn wad(decimal: &str) -> Wad {
    let (whole, part) = decimal.split_once('.').unwrap_or((decimal, ""));
    Wad(format!("{whole}{part:0<18}").parse().unwrap())
}

fn signed(value: U256) -> Wad {
    Wad(I256::from_raw(value))
}

fn concentrated(lower: &str, upper: &str) -> Stake {
    let curve = Curve::Concentrated {
        lower: wad(lower),
        upper: wad(upper),
    };
    Stake::new(curve, Wad::ONE).unwrap()
}

/// Seconds, thousandths of them, as a fraction of a day.
fn days(milliseconds: i128) -> Wad {
    Wad(I256::try_from((milliseconds * WAD as i128) / 86_400_000).unwrap())
}

#[test]
fn rates_match_the_vectors() {
    for case in vectors(include_str!("vectors/lvr.json")) {
        let given = |name: &str| Wad(i256(&case["in"][name]));
        let tick = |name: &str| Tick::new(case["in"][name].as_i64().unwrap() as i32).unwrap();
        let ceil = |name: &str| Ok(Wad(i256(&case["out"][name]["c18"])));
        assert_eq!(lvr::weighted(given("sigma"), given("w")), ceil("v2"));
        if given("w") == wad("0.5") {
            assert_eq!(lvr::constant_product(given("sigma")), ceil("v2"));
        }
        let sqrt_price = SqrtPriceX96::new(u256(&case["in"]["sqrtP"])).unwrap();
        let got = lvr::concentrated(given("sigma"), sqrt_price, tick("tickLower"), tick("tickUpper"));
        assert_eq!(got, ceil("v3"));
    }
}

#[test]
fn rates_match_the_published_table() {
    // Yearly rates in percent.
    for (volatility, product, weighted, wide, narrow) in [
        ("0.5", "0.03125", "0.02", "0.2183", "0.6387"),
        ("1", "0.125", "0.08", "0.8733", "2.5548"),
    ] {
        let volatility = wad(volatility);
        assert_eq!(lvr::constant_product(volatility), Ok(wad(product)));
        assert_eq!(lvr::weighted(volatility, wad("0.8")), Ok(wad(weighted)));
        for (lower, upper, rate) in [("0.7", "1.3", wide), ("0.9", "1.1", narrow)] {
            let got = lvr::of_stake(volatility, &concentrated(lower, upper), Wad::ONE).unwrap();
            assert_printed(got.0, rate);
        }
    }
    for (volatility, rate) in [
        ("0.41", "0.0210125"),
        ("0.6", "0.045"),
        ("0.8", "0.08"),
        ("1.5", "0.28125"),
    ] {
        assert_eq!(lvr::constant_product(wad(volatility)), Ok(wad(rate)));
    }
    // 5 % a day: 3.125 basis points, and at a fee of 30 basis points a turnover of 10.4167 % a day.
    let daily = lvr::constant_product(wad("0.05")).unwrap();
    assert_eq!(daily, wad("0.0003125"));
    assert_printed(lvr::break_even_turnover(daily, wad("0.003")).unwrap().0, "0.104166");
    assert_printed(lvr::implied_volatility(wad("0.157")).unwrap().0, "1.120714");
}

#[test]
fn the_probability_of_an_arbitrage_matches_the_published_table() {
    // In percent, for fees of 1, 5, 10, 30 and 100 basis points at 5 % a day.
    let fees = ["0.0001", "0.0005", "0.001", "0.003", "0.01"].map(wad);
    let table = [
        (600_000, ["0.96717", "0.85492", "0.74660", "0.49548", "0.22758"]),
        (120_000, ["0.92946", "0.72491", "0.56852", "0.30517", "0.11642"]),
        (12_000, ["0.80645", "0.45455", "0.29412", "0.12195", "0.04000"]),
        (2_000, ["0.62977", "0.25385", "0.14537", "0.053659", "0.016726"]),
        (250, ["0.37555", "0.10737", "0.056729", "0.019653", "0.0059781"]),
        (50, ["0.21195", "0.051046", "0.026191", "0.0088856", "0.0026824"]),
    ];
    let volatility = wad("0.05");
    for (milliseconds, row) in table {
        for (fee, printed) in fees.into_iter().zip(row) {
            let got = lvr::trade_probability(volatility, fee, days(milliseconds)).unwrap();
            assert_printed(got.0, printed);
            let rate = lvr::arbitrage_rate(Wad::ONE, volatility, fee, days(milliseconds)).unwrap();
            assert!((rate.0 - got.0).unsigned_abs() <= U256::from(1));
        }
    }
    assert_eq!(lvr::trade_probability(volatility, Wad::ZERO, days(1)), Ok(Wad::ONE));
}

#[test]
fn arbitrage_per_block_matches_the_published_table() {
    // 5 % a day over 12 seconds. The table was made with the constant cut to 1.7164, which shifts it by up to 3e-5.
    let root = U256::from(25) * U256::from(10).pow(U256::from(32)) / U256::from(7_200);
    let per_block = signed(hedgerow_core::full_math::sqrt(root));
    let table = [
        ("0", 1.736111e-7),
        ("0.0001", 1.515405e-7),
        ("0.0005", 1.004574e-7),
        ("0.001", 7.067666e-8),
        ("0.003", 3.233439e-8),
        ("0.01", 1.115456e-8),
    ];
    for (fee, printed) in table {
        let got = Num::wad(lvr::arbitrage_per_block(per_block, wad(fee)).unwrap().0).to_f64();
        assert!((got / printed - 1.0).abs() < 3e-5, "{got} is not {printed}");
    }
}

#[test]
fn what_lies_outside_is_refused() {
    let (one, minus) = (Wad::ONE, wad("-1"));
    let wild = wad("1000001");
    let half = wad("0.5");
    let volatility = |value: Wad| Error::VolatilityOutOfRange(value.0);
    for bad in [minus, wild] {
        assert_eq!(lvr::constant_product(bad), Err(volatility(bad)));
        assert_eq!(lvr::weighted(bad, half), Err(volatility(bad)));
        assert_eq!(lvr::of_stake(bad, &concentrated("1", "2"), one), Err(volatility(bad)));
        assert_eq!(lvr::trade_probability(bad, half, one), Err(volatility(bad)));
        assert_eq!(lvr::arbitrage_per_block(bad, half), Err(volatility(bad)));
    }
    assert_eq!(lvr::weighted(half, one), Err(Error::WeightOutOfRange(one.0.into_raw())));
    let tick = |at| Tick::new(at).unwrap();
    let at = tick(5).sqrt_price().unwrap();
    assert_eq!(
        lvr::concentrated(half, at, tick(7), tick(7)),
        Err(Error::EmptyRange(7, 7))
    );
    // Outside a range nothing is lost to arbitrage, and no volatility explains a yield.
    let stake = concentrated("1", "2");
    assert_eq!(lvr::of_stake(half, &stake, wad("3")), Ok(Wad::ZERO));
    assert_eq!(
        lvr::implied_volatility_of_stake(half, &stake, wad("3")),
        Err(Error::ZeroLiquidity)
    );
    assert_eq!(
        lvr::of_stake(half, &stake, Wad::ZERO),
        Err(Error::PriceNotPositive(I256::ZERO))
    );
    assert_eq!(lvr::implied_volatility(minus), Err(Error::NegativeInput(minus.0)));
    assert_eq!(
        lvr::trade_probability(Wad::ZERO, half, one),
        Err(Error::NotPositive(I256::ZERO))
    );
    assert_eq!(
        lvr::trade_probability(half, half, Wad::ZERO),
        Err(Error::NotPositive(I256::ZERO))
    );
    assert_eq!(
        lvr::trade_probability(half, minus, one),
        Err(Error::NegativeInput(minus.0))
    );
    assert_eq!(
        lvr::break_even_turnover(one, Wad::ZERO),
        Err(Error::NotPositive(I256::ZERO))
    );
    assert_eq!(
        lvr::arbitrage_rate(minus, half, half, one),
        Err(Error::NegativeInput(minus.0))
    );
    assert_eq!(
        efficiency::between(wad("2"), one, one),
        Err(Error::EmptyPriceRange(wad("2").0, one.0))
    );
    assert_eq!(
        efficiency::between(one, wad("2"), half),
        Err(Error::PriceOutsideRange(half.0))
    );
    assert_eq!(
        efficiency::of_range(at, tick(6), tick(7)),
        Err(Error::PriceOutsideRange(I256::from_raw(at.get())))
    );
    assert_eq!(efficiency::symmetric(one), Err(Error::NotAboveOne(one.0)));
}

#[test]
fn capital_efficiency_matches_the_published_table() {
    for (lower, upper, printed) in [
        ("0.7", "1.3", "6.98611970103"),
        ("0.5", "1.5", "4.19818244074"),
        ("0.9", "1.1", "20.4385890867"),
        ("0.8", "1.25", "9.47213595500"),
        ("0.99", "1.01", "200.493762336"),
    ] {
        let got = efficiency::between(wad(lower), wad(upper), Wad::ONE).unwrap();
        assert_printed(got.0, printed);
    }
    assert_printed(efficiency::symmetric(wad("1.25")).unwrap().0, "9.47213595500");
    assert_eq!(efficiency::symmetric(wad("4")), Ok(wad("2")));
    // At an end of [1, 4]: 2 / (1 - 1/2).
    assert_eq!(efficiency::between(Wad::ONE, wad("4"), Wad::ONE), Ok(wad("4")));
    assert_eq!(efficiency::between(Wad::ONE, wad("4"), wad("4")), Ok(wad("4")));
}

/// The exact ceiling, but for what lies a hair below an integer.
fn assert_ceiling(exact: &Num, got: Wad, slack: f64) {
    let error = exact.error_of(got.0, 18);
    assert!(
        error >= -1e-30 && error <= 1.0 + slack,
        "{} is {error} units from {}",
        got.0,
        exact.to_f64()
    );
}

/// Within half a unit, and a little of numbers beyond a wad's digits.
fn assert_nearest(exact: &Num, got: Wad) {
    let error = exact.error_of(got.0, 18);
    let hair = 2_f64.powi(got.0.unsigned_abs().bit_len() as i32 - 106) + 1e-9;
    assert!(
        error.abs() <= 0.5 + hair,
        "{} is {error} units from {}",
        got.0,
        exact.to_f64()
    );
}

#[test]
fn closed_rates_are_ceilings() {
    Cases::new("lvr rates").run(|random| {
        let (volatility, weight) = (random.log_wad(-18, 6), random.fraction());
        let (s, w) = (Num::uwad(volatility), Num::uwad(weight));
        let variance = s.square();
        let got = lvr::constant_product(signed(volatility)).unwrap();
        assert_ceiling(&(&variance / 8), got, 0.0);
        let got = lvr::weighted(signed(volatility), signed(weight)).unwrap();
        let exact = (&variance * &w * (Num::int(1) - &w)).shifted(-1);
        assert_ceiling(&exact, got, 0.0);
        // And back again: the yield's root, a floor.
        let fee_yield = random.log_wad(-18, 12);
        let root = lvr::implied_volatility(signed(fee_yield)).unwrap();
        let error = (Num::uwad(fee_yield) * 8).sqrt().error_of(root.0, 18);
        assert!((-1.0..=1e-30).contains(&error));
        let fee = random.log_wad(-6, 0);
        let turnover = lvr::break_even_turnover(signed(fee_yield), signed(fee)).unwrap();
        assert_ceiling(&(Num::uwad(fee_yield) / Num::uwad(fee)), turnover, 0.0);
    });
}

/// A range with the price anywhere in it, and the three sqrt prices as numbers.
fn range(random: &mut Random) -> (SqrtPriceX96, Tick, Tick, [Num; 3]) {
    let width = 1 << random.below(20);
    let lower = MIN_TICK + random.below((MAX_TICK - MIN_TICK) as u64) as i32;
    let upper = (lower + 1 + random.below(width) as i32).min(MAX_TICK);
    let (a, b) = range_sqrt_prices(lower, upper).unwrap();
    let top = (b - U256::from(1)).min(MAX_SQRT_PRICE - U256::from(1));
    let s = random.uniform_u256(a.max(MIN_SQRT_PRICE), top);
    let numbers = [a, s, b].map(|x| Num::u256(x).shifted(-96));
    let ticks = [lower, upper].map(|at| Tick::new(at).unwrap());
    (SqrtPriceX96::new(s).unwrap(), ticks[0], ticks[1], numbers)
}

#[test]
fn ranges_have_the_rate_and_the_efficiency_of_the_textbook() {
    Cases::new("lvr ranges").run(|random| {
        let (at, lower, upper, [a, s, b]) = range(random);
        let volatility = random.log_wad(-9, 6);
        let value = &s * 2 - s.square() / &b - &a;
        let exact = Num::uwad(volatility).square() * &s / (&value * 4);
        let got = lvr::concentrated(signed(volatility), at, lower, upper).unwrap();
        assert_ceiling(&exact, got, 1e-12);
        // The same through a stake: sigma^2 P^2 |gamma| / 2V.
        let stake = Stake::of_position(1, lower, upper).unwrap();
        let rate = stake.dollar_gamma(at.price()).abs() / stake.value(at.price());
        let efficiency = &s * 2 / &value;
        assert_nearest(&efficiency, efficiency::of_range(at, lower, upper).unwrap());
        // P^2 |gamma| / V is a quarter of the efficiency.
        let error = (&efficiency / 4).error_of(rate.to_wad(Rounding::Nearest).unwrap().0, 18);
        assert!(error.abs() <= 1.0 + efficiency.to_f64() * 1e-6, "{error}");
    });
}

#[test]
fn rates_and_efficiencies_in_plain_prices() {
    Cases::new("lvr prices").run(|random| {
        let mut prices = [random.log_wad(-9, 9), random.log_wad(-9, 9), random.log_wad(-9, 9)];
        if random.one_in(2) {
            prices = prices.map(|_| random.near(prices[0]));
        }
        prices.sort_unstable();
        let [a, p, b] = prices;
        if a == b {
            return;
        }
        let numbers = prices.map(Num::uwad);
        let [ra, rp, rb] = numbers.clone().map(|price| price.sqrt());
        let difference = |high: usize, low: usize, sum: Num| (&numbers[high] - &numbers[low]) / sum;
        let value = difference(1, 0, &rp + &ra) + difference(2, 1, &rb + &rp) * &rp / &rb;
        let exact = &rp * 2 / value;
        let got = efficiency::between(signed(a), signed(b), signed(p)).unwrap();
        assert_nearest(&exact, got);
        let volatility = random.log_wad(-9, 6);
        let curve = Curve::Concentrated {
            lower: signed(a),
            upper: signed(b),
        };
        let stake = Stake::new(curve, Wad::ONE).unwrap();
        let rate = lvr::of_stake(signed(volatility), &stake, signed(p)).unwrap();
        if p == b {
            assert_eq!(rate, Wad::ZERO);
            return;
        }
        let exact_rate = Num::uwad(volatility).square() * &exact / 8;
        // A stake knows a price to 2^-125 of itself, which a narrow range magnifies by its efficiency.
        let slack = exact_rate.to_f64() * 1e18 * (exact.to_f64() * 2_f64.powi(-120) + 2_f64.powi(-105));
        let error = exact_rate.error_of(rate.0, 18);
        assert!(error >= -slack - 1e-12 && error <= 1.0 + slack + 1e-9, "{error}");
        // The volatility that explains this yield.
        if rate.0 > I256::try_from(1_000_000_000).unwrap() && exact.to_f64() < 1e6 {
            let back = lvr::implied_volatility_of_stake(rate, &stake, signed(p)).unwrap();
            let expected = (Num::wad(rate.0) * 8 / exact).sqrt();
            assert_nearest(&expected, back);
        }
    });
}

#[test]
fn arbitrage_under_fees_matches_the_reference() {
    let constant = Num::decimal("1.716451902267407303666143044446524669292");
    Cases::new("lvr fees").run(|random| {
        let [volatility, fee, time] = [(-6, 3), (-6, 0), (-12, 2)].map(|(low, high)| random.log_wad(low, high));
        let (s, g, t) = (Num::uwad(volatility), Num::uwad(fee), Num::uwad(time));
        let one = Num::int(1);
        let exact = &one / (&one + (Num::int(2) / &t).sqrt() * &g / &s);
        let got = lvr::trade_probability(signed(volatility), signed(fee), signed(time)).unwrap();
        assert_nearest(&exact, got);
        let rate = random.log_wad(-9, 3);
        let got = lvr::arbitrage_rate(signed(rate), signed(volatility), signed(fee), signed(time)).unwrap();
        assert_ceiling(&(exact * Num::uwad(rate)), got, 1e-9);
        let got = lvr::arbitrage_per_block(signed(volatility), signed(fee)).unwrap();
        let exact = s.square() / (Num::int(2) + &constant * &g / &s);
        assert_ceiling(&exact, got, 1e-9);
    });
}

#[test]
fn ticks_and_sqrt_prices_convert_into_each_other() {
    for at in [MIN_TICK, -1, 0, 1, 200_000, MAX_TICK - 1] {
        let tick = Tick::new(at).unwrap();
        assert_eq!(tick.sqrt_price().unwrap().tick(), tick);
    }
    assert_eq!(
        Tick::new(MAX_TICK).unwrap().sqrt_price(),
        Err(Error::SqrtPriceOutOfRange(MAX_SQRT_PRICE))
    );
    let price = Tick::new(0).unwrap().sqrt_price().unwrap().price();
    assert_eq!(price.to_wad(Rounding::Nearest), Ok(Wad::ONE));
}
