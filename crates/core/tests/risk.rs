//! Probabilities of a range and tails of returns against the published figures, the reference and other formulas for the same.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;
mod reference;

use common::assert_printed;
use hedgerow_core::black_scholes::Market;
use hedgerow_core::risk::{TailLoss, historical, in_range, lognormal, max_drawdown, normal, stays_in_range};
use hedgerow_core::{Error, I256, U256, WAD, Wad};
use proptest::prelude::*;
use reference::{Cases, Num, Random, pi};

const DAY: u64 = 86_400;
const YEAR: u64 = 365 * DAY;

fn wad(value: i128) -> Wad {
    Wad(I256::try_from(value).unwrap())
}

fn percent(value: i128) -> Wad {
    wad(value * WAD as i128 / 100)
}

fn unsigned(value: U256) -> Wad {
    Wad::from_unsigned(value).unwrap()
}

fn market(spot: Wad, volatility: Wad, seconds: u64) -> Market {
    Market {
        spot,
        volatility,
        seconds,
        rate: Wad::ZERO,
    }
}

#[test]
fn probabilities_in_range_come_out_as_printed() {
    for (lower, upper, volatility, days, printed) in [
        (70, 130, 60, 30, "0.923004398482"),
        (90, 110, 60, 30, "0.439672793136"),
        (90, 110, 60, 7, "0.772690961919"),
        (50, 150, 80, 90, "0.827611509031"),
    ] {
        let market = market(Wad::ONE, percent(volatility), days * DAY);
        let got = in_range(&market, percent(lower), percent(upper)).unwrap();
        assert_printed(got.0, printed);
    }
}

/// A market and a range about it, the range's ends some deviations away.
fn drawn(random: &mut Random, widest: u64) -> (Market, Wad, Wad) {
    let spot = random.log_wad(-3, 9);
    let volatility = random.log_wad(-3, 1);
    let seconds = 60 + random.below(5 * YEAR);
    let deviation = {
        let time = U256::from(seconds) * U256::from(1_000_000) / U256::from(YEAR);
        volatility * hedgerow_core::full_math::sqrt(time) / U256::from(1000)
    };
    let mut end = |away: bool| {
        let distance = deviation * U256::from(random.below(widest * 1000)) / U256::from(1000);
        let factor = U256::from(WAD) + distance.min(U256::from(WAD) * U256::from(1_000_000));
        if away {
            spot * factor / U256::from(WAD)
        } else {
            spot * U256::from(WAD) / factor
        }
    };
    let (lower, upper) = (end(false), end(true));
    let rate = random.uniform(-(WAD as i128) / 2, WAD as i128 / 2);
    let market = Market {
        rate: Wad(if random.one_in(2) { I256::ZERO } else { rate }),
        ..market(unsigned(spot), unsigned(volatility), seconds)
    };
    let lower = lower.max(U256::from(1));
    (market, unsigned(lower), unsigned(upper.max(lower + U256::from(1))))
}

/// The log return's mean and deviation.
fn motion(market: &Market) -> (Num, Num) {
    let time = Num::ratio(market.seconds, YEAR);
    let deviation = Num::wad(market.volatility.0) * time.sqrt();
    let mean = Num::wad(market.rate.0) * time - deviation.square() / 2;
    (mean, deviation)
}

fn log(price: Wad, spot: Wad) -> Num {
    Num::wad(price.0).ln_over(&Num::wad(spot.0))
}

#[test]
fn probabilities_in_range_agree_with_the_reference() {
    Cases::new("in range").run(|random| {
        let (market, lower, upper) = drawn(random, 6);
        let (mean, deviation) = motion(&market);
        let below = |price: Wad| ((log(price, market.spot) - &mean) / &deviation).cdf();
        let exact = below(upper) - below(lower);
        let error = exact.error_of(in_range(&market, lower, upper).unwrap().0, 18);
        assert!(
            error.abs() <= 0.501,
            "{error} units off: {market:?} {lower:?} {upper:?}"
        );
    });
}

#[test]
fn adjacent_ranges_share_the_probability() {
    Cases::new("adjacent ranges").divided(10).run(|random| {
        let (market, lower, upper) = drawn(random, 6);
        if lower >= market.spot || market.spot >= upper {
            return;
        }
        let part = |lower, upper| in_range(&market, lower, upper).unwrap().0;
        let whole = part(lower, upper);
        let parts = part(lower, market.spot) + part(market.spot, upper);
        assert!((whole - parts).unsigned_abs() <= U256::from(2));
        if market.volatility > Wad::ONE {
            return;
        }
        // What lies beyond is more than nine deviations away.
        let (least, most) = (wad(1), unsigned((U256::from(1) << 128) - U256::from(1)));
        let everywhere = part(least, lower) + whole + part(upper, most);
        assert!(
            (Wad::ONE.0 - everywhere).unsigned_abs() <= U256::from(2),
            "{everywhere}"
        );
    });
}

fn sine(x: &Num) -> Num {
    let (square, mut term, mut sum) = (x.square(), x.clone(), x.clone());
    for n in 1..60 {
        term = -(term * &square) / (2 * n * (2 * n + 1));
        sum = sum + &term;
    }
    sum
}

/// The same probability by separation of variables: a sine series of the density killed at both ends, integrated over the range.
/// Converges where the images do not and the other way about.
fn by_sines(market: &Market, lower: Wad, upper: Wad) -> Num {
    let (mean, deviation) = motion(market);
    let (start, width) = (
        -log(lower, market.spot),
        log(upper, market.spot) - log(lower, market.spot),
    );
    let tilt = &mean / deviation.square();
    let end = (&tilt * &width).exp();
    let share = pi() * (&start / &width);
    // sin(n a) by the recurrence sin((n + 1) a) = 2 cos(a) sin(n a) - sin((n - 1) a).
    let cosine = Num::int(1) - sine(&(&share / 2)).square() * 2;
    let (mut before, mut now) = (Num::int(0), sine(&share));
    let mut sum = Num::int(0);
    for n in 1_i64.. {
        let frequency = pi() * n / &width;
        let kept = (-(&frequency * &deviation).square() / 2).exp();
        if kept.is_zero() || kept.exponent() < -220 {
            break;
        }
        let last = if n % 2 == 0 {
            Num::int(1) - &end
        } else {
            Num::int(1) + &end
        };
        sum = sum + kept * &now * &frequency * last / (tilt.square() + frequency.square());
        (before, now) = (now.clone(), &cosine * 2 * &now - before);
    }
    (-(&tilt * &start) - (&tilt * &deviation).square() / 2).exp() * sum * 2 / width
}

#[test]
fn probabilities_of_staying_agree_with_the_sine_series() {
    Cases::new("staying").divided(40).run(|random| {
        let (market, lower, upper) = drawn(random, 4);
        if lower >= market.spot || market.spot >= upper {
            assert_eq!(stays_in_range(&market, lower, upper), Ok(Wad::ZERO));
            return;
        }
        let Ok(got) = stays_in_range(&market, lower, upper) else {
            panic!("{market:?} {lower:?} {upper:?}");
        };
        let width = log(upper, lower) / motion(&market).1;
        // Below this the series takes hundreds of terms or loses its digits to the tilt.
        if width < Num::ratio(1, 20)
            || (motion(&market).0 / motion(&market).1.square() * log(upper, lower)).abs() > Num::int(60)
        {
            return;
        }
        let error = by_sines(&market, lower, upper).error_of(got.0, 18);
        assert!(
            error.abs() <= 0.501,
            "{error} units off: {market:?} {lower:?} {upper:?}"
        );
    });
}

/// With the upper end out of reach: `cdf((x + m) / v) - e^(-2 m x / v^2) cdf((m - x) / v)`.
#[test]
fn one_barrier_alone_follows_its_closed_form() {
    Cases::new("one barrier").run(|random| {
        let (market, lower, _) = drawn(random, 5);
        if lower >= market.spot
            || market.volatility > wad(WAD as i128)
            || market.seconds > YEAR
            || market.volatility < wad(WAD as i128 / 10)
        {
            return;
        }
        let far = unsigned((U256::from(1) << 128) - U256::from(1));
        let (mean, deviation) = motion(&market);
        let start = log(market.spot, lower);
        let weight = (-(&mean * &start * 2) / deviation.square()).exp();
        let exact = ((&start + &mean) / &deviation).cdf() - weight * ((&mean - &start) / &deviation).cdf();
        let error = exact.error_of(stays_in_range(&market, lower, far).unwrap().0, 18);
        assert!(error.abs() <= 0.501, "{error} units off: {market:?} {lower:?}");
    });
}

#[test]
fn staying_is_rarer_than_ending_inside_and_in_a_wider_range_likelier() {
    let market = market(wad(2000), percent(60), 30 * DAY);
    let mut before = Wad::ZERO;
    for half in 1..1999 {
        let (lower, upper) = (wad(2000 - half), wad(2000 + half));
        let (stays, ends) = (
            stays_in_range(&market, lower, upper).unwrap(),
            in_range(&market, lower, upper).unwrap(),
        );
        assert!(
            before <= stays && stays <= ends,
            "{half}: {before:?} {stays:?} {ends:?}"
        );
        before = stays;
    }
    assert!(before > percent(99));
}

#[test]
fn without_volatility_or_time_the_path_is_certain() {
    let (lower, upper) = (percent(90), percent(110));
    for (volatility, seconds) in [(0, YEAR), (50, 0), (0, 0)] {
        for (spot, ends, stays) in [
            (89, 0, 0),
            (90, 1, 0),
            (100, 1, 1),
            (109, 1, 1),
            (110, 0, 0),
            (111, 0, 0),
        ] {
            let market = market(percent(spot), percent(volatility), seconds);
            assert_eq!(in_range(&market, lower, upper), Ok(percent(100 * ends)), "{spot}");
            assert_eq!(
                stays_in_range(&market, lower, upper),
                Ok(percent(100 * stays)),
                "{spot}"
            );
        }
    }
    // Grows by e^0.5 in half a year.
    let grows = Market {
        rate: Wad::ONE,
        ..market(Wad::ONE, Wad::ZERO, YEAR / 2)
    };
    assert_eq!(in_range(&grows, percent(164), percent(165)), Ok(Wad::ONE));
    assert_eq!(stays_in_range(&grows, percent(99), percent(165)), Ok(Wad::ONE));
    assert_eq!(stays_in_range(&grows, percent(99), percent(164)), Ok(Wad::ZERO));
}

#[test]
fn ranges_and_drifts_that_tell_nothing_are_refused() {
    let good = market(Wad::ONE, percent(50), YEAR);
    for measure in [in_range, stays_in_range] {
        assert_eq!(
            measure(&good, wad(5), wad(5)),
            Err(Error::EmptyPriceRange(wad(5).0, wad(5).0))
        );
        assert_eq!(
            measure(&good, Wad::ZERO, wad(5)),
            Err(Error::PriceOutOfRange(I256::ZERO))
        );
        assert_eq!(
            measure(&good, wad(5), Wad(I256::MAX)),
            Err(Error::PriceOutOfRange(I256::MAX))
        );
        let minus = market(Wad::ONE, wad(-1), YEAR);
        assert_eq!(
            measure(&minus, wad(5), wad(6)),
            Err(Error::VolatilityOutOfRange(wad(-1).0))
        );
    }
    let steep = Market {
        rate: Wad::ONE,
        ..market(Wad::ONE, wad(1), YEAR)
    };
    assert_eq!(
        stays_in_range(&steep, percent(50), percent(200)),
        Err(Error::DriftOverwhelms(wad(1).0))
    );
    assert_eq!(
        stays_in_range(&market(Wad::ONE, wad(1), YEAR), percent(50), percent(200)),
        Ok(Wad::ONE)
    );
}

#[test]
fn textbook_quantiles_give_the_tail_of_a_normal_return() {
    for (confidence, quantile, shortfall) in [
        (95, "1.644853626951472715", "2.062712807507426019"),
        (99, "2.326347874040841101", "2.665214220345804813"),
    ] {
        let tail = normal(Wad::ZERO, Wad::ONE, percent(confidence)).unwrap();
        assert_printed(tail.value_at_risk.0, quantile);
        assert_printed(tail.conditional.0, shortfall);
    }
    let certain = normal(wad(-7), Wad::ZERO, percent(95)).unwrap();
    assert_eq!(
        certain,
        TailLoss {
            value_at_risk: wad(7),
            conditional: wad(7)
        }
    );
    assert_eq!(
        lognormal(Wad::ZERO, Wad::ZERO, percent(95)),
        Ok(TailLoss {
            value_at_risk: Wad::ZERO,
            conditional: Wad::ZERO
        })
    );
}

/// Never below the exact value, and one unit at most above the ceiling.
fn assert_rounded_up(got: Wad, exact: &Num) {
    let error = exact.error_of(got.0, 18);
    assert!((0.0..=1.01).contains(&error), "{got:?} is {error} units off");
}

#[test]
fn parametric_tails_agree_with_the_reference() {
    // Ten returns each share a confidence, whose quantile takes the reference longest.
    Cases::new("parametric tails").divided(10).run(|random| {
        let confidence = unsigned(random.fraction());
        let tail = Num::int(1) - Num::wad(confidence.0);
        let z = -tail.inverse_cdf();
        let shortfall = z.pdf() / &tail;
        for _ in 0..10 {
            let mean = random.uniform(-(WAD as i128), WAD as i128);
            let deviation = random.log_wad(-9, 1);
            let (m, s) = (Num::wad(mean), Num::uwad(deviation));
            let got = normal(Wad(mean), unsigned(deviation), confidence).unwrap();
            assert_rounded_up(got.value_at_risk, &(&z * &s - &m));
            assert_rounded_up(got.conditional, &(&shortfall * &s - &m));
            assert!(got.conditional >= got.value_at_risk);
            let quantile = &m - &z * &s;
            if quantile > Num::int(5) {
                continue;
            }
            let got = lognormal(Wad(mean), unsigned(deviation), confidence).unwrap();
            assert_rounded_up(got.value_at_risk, &-quantile.exp_m1());
            let expected = (&m + s.square() / 2).exp() * (-(&z + &s)).cdf() / &tail;
            assert_rounded_up(got.conditional, &(Num::int(1) - expected));
            assert!(got.conditional >= got.value_at_risk);
        }
    });
}

/// By the definitions: the least loss whose share is reached, and Rockafellar and Uryasev's minimum
/// `min over c of c + sum (loss - c)^+ / ((1 - confidence) n)`, which is attained at one of the losses.
fn by_definition(returns: &[i64], confidence: u64) -> (i64, Num) {
    let losses: Vec<i64> = returns.iter().map(|r| -r).collect();
    let n = losses.len() as u128;
    let reached = |loss: i64| losses.iter().filter(|&&other| other <= loss).count() as u128;
    let at_risk = losses
        .iter()
        .copied()
        .filter(|&loss| reached(loss) * u128::from(WAD) >= u128::from(confidence) * n)
        .min()
        .unwrap();
    let share = Num::ratio(u128::from(WAD - confidence) * n, WAD);
    let objective = |c: i64| {
        let excess: i128 = losses.iter().map(|&loss| i128::from(loss - c).max(0)).sum();
        Num::int(c) + Num::int(excess) / &share
    };
    let least = losses.iter().map(|&c| objective(c)).reduce(Num::min).unwrap();
    (at_risk, least)
}

#[test]
fn the_worst_of_a_hundred_losses_make_the_tail() {
    let mut returns: Vec<Wad> = (1..=100).map(|loss| percent(-(loss * 37 % 101))).collect();
    let tail = historical(&mut returns, percent(95)).unwrap();
    assert_eq!(
        tail,
        TailLoss {
            value_at_risk: percent(95),
            conditional: percent(98)
        }
    );
    returns.sort();
    assert_eq!(returns, (1..=100).rev().map(|loss| percent(-loss)).collect::<Vec<_>>());
    // Of the two worst and half of the third: (100 + 99 + 98 / 2) / 2.5 = 99.2.
    assert_eq!(
        historical(&mut returns, wad(975 * WAD as i128 / 1000)),
        Ok(TailLoss {
            value_at_risk: percent(98),
            conditional: wad(992 * WAD as i128 / 1000)
        })
    );
    assert_eq!(
        historical(&mut [percent(3)], wad(1)),
        Ok(TailLoss {
            value_at_risk: percent(-3),
            conditional: percent(-3)
        })
    );
}

#[test]
fn tails_that_have_no_value_are_refused() {
    for confidence in [I256::ZERO, Wad::ONE.0, I256::MIN, I256::MAX].map(Wad) {
        let refusal = Err(Error::ProbabilityOutOfRange(confidence.0));
        assert_eq!(normal(Wad::ZERO, Wad::ONE, confidence), refusal);
        assert_eq!(lognormal(Wad::ZERO, Wad::ONE, confidence), refusal);
        assert_eq!(historical(&mut [Wad::ONE], confidence), refusal);
    }
    let half = percent(50);
    assert_eq!(historical(&mut [], half), Err(Error::TooFew(0, 1)));
    assert_eq!(historical(&mut [Wad(I256::MIN)], half), Err(Error::Overflow));
    assert_eq!(normal(Wad::ZERO, wad(-1), half), Err(Error::NegativeInput(wad(-1).0)));
    assert_eq!(
        lognormal(Wad::ZERO, wad(-1), half),
        Err(Error::NegativeInput(wad(-1).0))
    );
    assert_eq!(normal(Wad(I256::MIN), Wad::ONE, half), Err(Error::Overflow));
    assert_eq!(lognormal(Wad(I256::MAX), Wad::ONE, half), Err(Error::Overflow));
}

#[test]
fn the_deepest_fall_is_from_a_peak_before_it() {
    let drawdown = |prices: &[i128]| max_drawdown(&prices.iter().map(|&price| wad(price)).collect::<Vec<_>>());
    assert_eq!(drawdown(&[100, 80, 120, 90, 110, 60, 200]), Ok(percent(50)));
    assert_eq!(drawdown(&[1, 2, 3]), Ok(Wad::ZERO));
    assert_eq!(drawdown(&[3, 2]), Ok(wad(333_333_333_333_333_334)));
    assert_eq!(drawdown(&[]), Err(Error::TooFew(0, 1)));
    assert_eq!(drawdown(&[1, 0]), Err(Error::PriceNotPositive(I256::ZERO)));
}

fn word() -> impl Strategy<Value = Wad> {
    (any::<[u64; 4]>(), 0_usize..256).prop_map(|(limbs, cut)| Wad(I256::from_raw(U256::from_limbs(limbs)).asr(cut)))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn historical_tails_follow_the_definitions(
        mut returns in prop::collection::vec(-1_000_i64..1_000, 1..40), confidence in 1..WAD,
    ) {
        let (at_risk, conditional) = by_definition(&returns, confidence);
        let mut wads: Vec<Wad> = returns.iter().map(|&r| wad(i128::from(r) * WAD as i128)).collect();
        let got = historical(&mut wads, wad(confidence.into())).unwrap();
        prop_assert_eq!(got.value_at_risk, wad(i128::from(at_risk) * WAD as i128));
        prop_assert_eq!(got.conditional.0, conditional.ceil(18));
        wads.sort();
        returns.sort();
        prop_assert_eq!(wads, returns.into_iter().map(|r| wad(i128::from(r) * WAD as i128)).collect::<Vec<_>>());
    }

    #[test]
    fn whatever_the_inputs_nothing_panics(
        [spot, volatility, rate, lower, upper] in prop::array::uniform5(word()), seconds in 0..100 * YEAR, wild: bool,
        mut returns in prop::collection::vec(word(), 0..9), confidence in 0..=WAD,
    ) {
        let tame = |input: Wad, bits: usize| if wild { input } else { Wad(input.0.saturating_abs().asr(bits)) };
        let market = Market {
            spot: tame(spot, 127),
            volatility: tame(volatility, 176),
            seconds,
            rate: if wild { rate } else { Wad(rate.0.asr(195)) },
        };
        let (lower, upper) = (tame(lower, 127), tame(upper, 127));
        for measure in [in_range, stays_in_range] {
            if let Ok(probability) = measure(&market, lower.min(upper), lower.max(upper)) {
                prop_assert!(Wad::ZERO <= probability && probability <= Wad::ONE);
            }
        }
        let confidence = wad(confidence.into());
        for tail in [
            normal(spot, volatility, confidence),
            normal(spot, Wad(volatility.0.saturating_abs()), confidence),
            lognormal(spot, volatility, confidence),
            lognormal(spot, Wad(volatility.0.saturating_abs()), confidence),
            historical(&mut returns, confidence),
        ]
        .into_iter()
        .flatten()
        {
            prop_assert!(tail.conditional >= tail.value_at_risk);
        }
        if let Ok(fall) = max_drawdown(&returns) {
            prop_assert!(Wad::ZERO <= fall && fall <= Wad::ONE);
        }
    }
}
