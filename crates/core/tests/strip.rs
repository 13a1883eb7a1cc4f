//! Strips and strangles against high-precision vectors and the published table, and what a strip promises between its strikes.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;
mod reference;

use common::options::{Random, wad};
use common::{i256, vectors};
use hedgerow_core::black_scholes::{Market, Terms, price_and_delta};
use hedgerow_core::curve::{Curve, Stake, figures};
use hedgerow_core::strangle::{Wings, strangle};
use hedgerow_core::strip::{Leg, Strip};
use hedgerow_core::{Error, I256, Real, U256, WAD, Wad};
use reference::{BlackScholes, Cases, Num, SECONDS_PER_YEAR};
use serde_json::Value;

const ONE: u128 = WAD as u128;

fn int(value: i128) -> I256 {
    I256::try_from(value).unwrap()
}

fn wads(list: &Value) -> Vec<Wad> {
    list.as_array().unwrap().iter().map(|item| Wad(i256(item))).collect()
}

fn stake(input: &Value) -> Stake {
    let field = |name: &str| Wad(i256(&input[name]));
    let curve = match input["kind"].as_str().unwrap() {
        "v2" => Curve::ConstantProduct,
        _ => Curve::Concentrated {
            lower: field("pa"),
            upper: field("pb"),
        },
    };
    Stake::new(curve, field("L")).unwrap()
}

fn market(input: &Value) -> Market {
    Market {
        spot: Wad(i256(&input["p0"])),
        volatility: Wad(i256(&input["sigma"])),
        seconds: input["secs"].as_str().unwrap().parse().unwrap(),
        rate: Wad(i256(&input["r"])),
    }
}

#[test]
fn strips_match_the_vectors_sizes_and_premium_rounded_up() {
    for case in vectors(include_str!("vectors/carr_madan.json")) {
        let (input, out) = (&case["in"], &case["out"]);
        let (stake, strikes) = (stake(input), wads(&input["strikes"]));
        let strip = Strip::new(&stake, Wad(i256(&input["p0"])), &strikes).unwrap();
        let mut legs = vec![Leg::default(); strikes.len()];
        strip.sizes(&mut legs).unwrap();
        for (place, leg) in legs.iter().enumerate() {
            assert_eq!(leg.put.0, i256(&out["put"][place]["c18"]), "put {place}");
            assert_eq!(leg.call.0, i256(&out["call"][place]["c18"]), "call {place}");
        }
        let premium = strip.premium(&market(input)).unwrap();
        assert_eq!(premium.0, i256(&out["premium"]["c18"]));
        let mut again = vec![Leg::default(); strikes.len()];
        assert_eq!(strip.sizes_and_premium(&market(input), &mut again), Ok(premium));
        assert_eq!(again, legs);
        for (price, residual) in wads(&input["test_prices"])
            .into_iter()
            .zip(out["residual"].as_array().unwrap())
        {
            let got = strip.residual(price).unwrap().0;
            assert!(
                got == i256(&residual["f18"]) || got == i256(&residual["c18"]),
                "{price:?}: {got}"
            );
        }
    }
}

#[test]
fn strangles_match_the_vectors() {
    for case in vectors(include_str!("vectors/strangle.json")) {
        let (input, out) = (&case["in"], &case["out"]);
        let field = |name: &str| Wad(i256(&input[name]));
        let wings = Wings {
            low: field("s_dn"),
            put_strike: field("kp"),
            call_strike: field("kc"),
            high: field("s_up"),
        };
        let sized = strangle(&stake(input), field("p0"), &wings, &market(input)).unwrap();
        for (got, name, rounding) in [
            (sized.puts, "n_put", "c18"),
            (sized.calls, "n_call", "c18"),
            (sized.premium, "premium", "c18"),
            (sized.il_low, "il_dn", "f18"),
            (sized.il_high, "il_up", "f18"),
        ] {
            assert_eq!(got.0, i256(&out[name][rounding]), "{name}");
        }
    }
}

/// Log-spaced strikes over `[1/4, 4]` with 1 in the middle: `4^(2 i / (count - 1) - 1)`.
fn log_spaced(count: u32) -> Vec<Wad> {
    let step = Real::LN_2.double() / Real::from_i64(i64::from(count - 1));
    (0..count)
        .map(|i| {
            let exponent = step * Real::from_i64(i64::from(2 * i) - i64::from(count - 1));
            exponent.exp().to_wad(hedgerow_core::Rounding::Nearest).unwrap()
        })
        .collect()
}

/// The largest of the residuals in `[0.3, 3.3]`, over the constant product's value 2 L.
fn largest_residual(curve: Curve, strikes: &[Wad]) -> f64 {
    let stake = Stake::new(curve, Wad::ONE).unwrap();
    let strip = Strip::new(&stake, Wad::ONE, strikes).unwrap();
    let prices = (300..=3300).map(|thousandths| wad(thousandths * ONE / 1000));
    let residuals = prices.map(|price| strip.residual(price).unwrap().0);
    let worst = residuals
        .inspect(|residual| assert!(!residual.is_negative()))
        .max()
        .unwrap();
    worst.to_string().parse::<f64>().unwrap() / 2e18
}

#[test]
fn the_residual_falls_fourfold_when_the_strikes_double() {
    let range = Curve::Concentrated {
        lower: wad(ONE / 2),
        upper: wad(2 * ONE),
    };
    let weighted = Curve::Weighted {
        weight0: wad(8 * ONE / 10),
    };
    for curve in [Curve::ConstantProduct, weighted, range] {
        let mut last = largest_residual(curve, &log_spaced(41));
        for count in [81, 161, 321] {
            let next = largest_residual(curve, &log_spaced(count));
            let factor = last / next;
            assert!((3.75..4.05).contains(&factor), "{count} strikes: {factor}");
            last = next;
        }
    }
}

/// Chords do better than the published table's trapezoid rule on the same strikes, at every number of them.
#[test]
fn chords_leave_less_than_the_published_quadrature() {
    for (count, published) in [
        (9, 0.01443),
        (21, 0.002259),
        (41, 0.000535),
        (101, 0.0000897),
        (401, 5.66e-6),
    ] {
        let residual = largest_residual(Curve::ConstantProduct, &log_spaced(count));
        assert!(residual < published / 1.9, "{count} strikes: {residual}");
    }
}

#[test]
fn strikes_that_do_not_make_a_strip_are_refused() {
    let stake = Stake::new(Curve::ConstantProduct, Wad::ONE).unwrap();
    let list = |prices: &[u128]| prices.iter().map(|&price| wad(price)).collect::<Vec<_>>();
    let build = |strikes: &[Wad]| Strip::new(&stake, wad(5), strikes).map(|_| ());
    assert_eq!(build(&list(&[3, 5, 9])), Ok(()));
    assert_eq!(build(&list(&[3, 5, 5])), Err(Error::StrikesNotAscending(2)));
    assert_eq!(build(&list(&[5, 3])), Err(Error::StrikesNotAscending(1)));
    assert_eq!(build(&list(&[3, 9])), Err(Error::EntryNotAStrike(int(5))));
    assert_eq!(build(&[]), Err(Error::EntryNotAStrike(int(5))));
    assert_eq!(build(&list(&[0, 5])), Err(Error::PriceOutOfRange(int(0))));
    let strikes = list(&[3, 5, 9]);
    let strip = Strip::new(&stake, wad(5), &strikes).unwrap();
    assert_eq!(strip.sizes(&mut [Leg::default()]), Err(Error::WrongLength(1, 3)));
    let wings = |low, put, call, high| Wings {
        low: wad(low),
        put_strike: wad(put),
        call_strike: wad(call),
        high: wad(high),
    };
    let market = Market {
        spot: wad(5),
        volatility: Wad::ONE,
        seconds: 1,
        rate: Wad::ZERO,
    };
    for (wings, misplaced) in [(wings(4, 4, 5, 6), 4), (wings(3, 6, 5, 7), 6), (wings(3, 4, 7, 7), 7)] {
        assert_eq!(
            strangle(&stake, wad(5), &wings, &market),
            Err(Error::StrangleOutOfOrder(int(misplaced)))
        );
    }
}

/// The rounded sizes pay at least the loss wherever the strikes reach, beyond it for a range that they span, and cost at least the
/// premium.
#[test]
fn rounded_sizes_cover_the_loss() {
    let mut random = Random(11);
    for _ in 0..2_000 {
        let entry = random.spread(ONE / 1000, 1_000_000 * ONE);
        let mut strikes: Vec<u128> = (0..16)
            .map(|_| random.spread(entry / 8, entry * 8))
            .chain([entry])
            .collect();
        strikes.sort_unstable();
        strikes.dedup();
        let (lower, upper) = (strikes[0], strikes[strikes.len() - 1]);
        let strikes: Vec<Wad> = strikes.into_iter().map(wad).collect();
        let curve = match random.next() % 3 {
            0 => Curve::ConstantProduct,
            1 => Curve::Weighted {
                weight0: wad(random.between(1, ONE as i128 - 1) as u128),
            },
            _ => Curve::Concentrated {
                lower: wad(lower),
                upper: wad(upper),
            },
        };
        let stake = Stake::new(curve, wad(random.spread(ONE, 1_000_000 * ONE))).unwrap();
        let strip = Strip::new(&stake, wad(entry), &strikes).unwrap();
        let mut legs = vec![Leg::default(); strikes.len()];
        strip.sizes(&mut legs).unwrap();
        let price = random.spread(lower, upper);
        let paid = strikes.iter().zip(&legs).fold(U256::ZERO, |paid, (strike, leg)| {
            let (strike, price) = (strike.0.unsigned_abs(), U256::from(price));
            paid + leg.put.0.unsigned_abs() * strike.saturating_sub(price)
                + leg.call.0.unsigned_abs() * price.saturating_sub(strike)
        });
        let loss = figures(&stake, wad(entry), wad(price)).unwrap().il_abs.0.unsigned_abs();
        assert!(
            paid / U256::from(WAD) + U256::from(1) >= loss,
            "{curve:?} {entry} {price}"
        );
        let market = Market {
            spot: wad(entry),
            volatility: wad(random.spread(ONE / 100, 3 * ONE)),
            seconds: random.spread(3600, 63_072_000) as u64,
            rate: Wad::ZERO,
        };
        let cost = strikes.iter().zip(&legs).fold(U256::ZERO, |cost, (&strike, leg)| {
            let terms = Terms {
                spot: market.spot,
                strike,
                volatility: market.volatility,
                seconds: market.seconds,
                rate: market.rate,
            };
            let priced = price_and_delta(&terms).unwrap();
            cost + leg.put.0.unsigned_abs() * priced.put.0.unsigned_abs()
                + leg.call.0.unsigned_abs() * priced.call.0.unsigned_abs()
        }) / U256::from(WAD);
        // Each of the prices and sizes is rounded by up to a unit.
        let premium = strip.premium(&market).unwrap().0.unsigned_abs();
        let sizes: U256 = legs
            .iter()
            .map(|leg| (leg.put.0 + leg.call.0).unsigned_abs() + market.spot.0.unsigned_abs())
            .sum();
        assert!(
            premium.abs_diff(cost) <= sizes / U256::from(WAD) + U256::from(2 * legs.len()),
            "{premium} {cost}"
        );
    }
}

/// Whatever the size: the price of a leg far out of the money is known to a fraction of the spot, not of itself.
#[test]
fn premiums_are_never_below_the_reference() {
    Cases::new("premium of a strip").divided(20).run(|random| {
        let entry = random.log_wad(0, 6);
        let mut price = |low: u64, high: u64| entry * U256::from(low + random.below(high - low)) / U256::from(1000);
        let prices = [
            price(300, 800),
            price(850, 990),
            entry,
            price(1010, 1200),
            price(1300, 3000),
        ];
        let liquidity = random.log_wad(0, 12);
        let market = Market {
            spot: Wad::from_unsigned(entry).unwrap(),
            volatility: Wad::from_unsigned(U256::from(WAD / 5 + random.below(WAD))).unwrap(),
            seconds: random.log_uniform(U256::from(3600), U256::from(31_536_000)).to(),
            rate: Wad::ZERO,
        };
        // A constant product loses L (sqrt(P) - sqrt(P0))^2 / sqrt(P0).
        let numbers = prices.map(Num::uwad);
        let root = numbers[2].sqrt();
        let loss = |at: &Num| Num::uwad(liquidity) * (at.sqrt() - &root).square() / &root;
        let option = |strike: &Num| {
            let years = Num::ratio(market.seconds, SECONDS_PER_YEAR);
            BlackScholes::new(
                numbers[2].clone(),
                strike.clone(),
                years,
                Num::wad(market.volatility.0),
                Num::int(0),
            )
        };
        let notional = Num::uwad(liquidity) * &root;
        let assert_rounded_up = |got: Wad, exact: &Num| {
            let error = exact.error_of(got.0, 18);
            let allowed = 1.001 + notional.to_f64() * 1e18 * 2_f64.powi(-95);
            assert!(
                (0.0..=allowed).contains(&error),
                "{error} units off: {market:?} {prices:?} {liquidity}"
            );
        };
        let [low, put, _, call, high] = &numbers;
        let (puts, calls) = (loss(low) / (put - low), loss(high) / (high - call));
        let wings = prices.map(|price| Wad::from_unsigned(price).unwrap());
        let stake = Stake::new(Curve::ConstantProduct, Wad::from_unsigned(liquidity).unwrap()).unwrap();
        let got = strangle(
            &stake,
            market.spot,
            &Wings {
                low: wings[0],
                put_strike: wings[1],
                call_strike: wings[3],
                high: wings[4],
            },
            &market,
        )
        .unwrap();
        assert_rounded_up(got.premium, &(puts * option(put).put() + calls * option(call).call()));

        // The strip over the same five: chords inside, tangents L (1 / sqrt(P0) - 1 / sqrt(P)) outside.
        let tangent = |at: &Num| Num::uwad(liquidity) * (Num::int(1) / &root - Num::int(1) / at.sqrt());
        let chord = |a: &Num, b: &Num| (loss(b) - loss(a)) / (b - a);
        let mut slopes = vec![tangent(low)];
        slopes.extend(numbers.windows(2).map(|pair| chord(&pair[0], &pair[1])));
        slopes.push(tangent(high));
        let mut exact = -&slopes[2] * option(&numbers[2]).put() + &slopes[3] * option(&numbers[2]).call();
        for at in [0, 1] {
            exact = exact + (&slopes[at + 1] - &slopes[at]) * option(&numbers[at]).put();
        }
        for at in [3, 4] {
            exact = exact + (&slopes[at + 1] - &slopes[at]) * option(&numbers[at]).call();
        }
        let strip = Strip::new(&stake, market.spot, &wings).unwrap();
        assert_rounded_up(strip.premium(&market).unwrap(), &exact);
    });
}
