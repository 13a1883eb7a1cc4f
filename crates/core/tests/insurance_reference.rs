//! Premiums, strips and strangles over 10^5 random inputs (10^7 with `HEDGEROW_LONG`) against the reference.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;
mod reference;

use common::options::{REALISTIC, WIDE, wad};
use hedgerow_core::black_scholes::{Market, Terms};
use hedgerow_core::curve::{Curve, Stake};
use hedgerow_core::premium::fair;
use hedgerow_core::strangle::{Wings, strangle};
use hedgerow_core::strip::{Leg, Strip};
use hedgerow_core::{I256, WAD, Wad};
use reference::{Cases, Num, Random, SECONDS_PER_YEAR};

const ONE: u128 = WAD as u128;

fn num(wad: Wad) -> Num {
    Num::wad(wad.0)
}

/// A position as the textbooks have it.
struct Position {
    curve: Curve,
    liquidity: Num,
    /// The value of a weighted position at price one.
    unit: Num,
}

impl Position {
    fn new(curve: Curve, liquidity: Wad) -> Self {
        let liquidity = num(liquidity);
        let unit = match curve {
            Curve::Weighted { weight0 } => {
                let (w0, w1) = (num(weight0), Num::int(1) - num(weight0));
                &liquidity / (w0.pow(&w0) * w1.pow(&w1))
            }
            _ => Num::int(0),
        };
        Self { curve, liquidity, unit }
    }

    fn amounts(&self, price: &Num) -> (Num, Num) {
        let product = |root: Num, lower: Num, over_upper: Num| {
            let token0 = Num::int(1) / &root - over_upper;
            (&self.liquidity * token0, &self.liquidity * (root - lower))
        };
        match self.curve {
            Curve::ConstantProduct => product(price.sqrt(), Num::int(0), Num::int(0)),
            Curve::Concentrated { lower, upper } => {
                let (lower, upper) = (num(lower), num(upper));
                let inside = price.clone().max(lower.clone()).min(upper.clone());
                product(inside.sqrt(), lower.sqrt(), Num::int(1) / upper.sqrt())
            }
            Curve::Weighted { weight0 } => {
                let value = &self.unit * price.pow(&num(weight0));
                let (w0, w1) = (num(weight0), Num::int(1) - num(weight0));
                (&value * w0 / price, value * w1)
            }
        }
    }

    fn loss(&self, entry: &Num, price: &Num) -> Num {
        let ((x0, y0), (x, y)) = (self.amounts(entry), self.amounts(price));
        (x0 - x) * price + y0 - y
    }

    /// The discounted expectation of the value, from the moments of order 0, ½ and 1 or of order w.
    fn expected(&self, market: &Lognormal) -> Num {
        match self.curve {
            Curve::ConstantProduct => (&self.liquidity * market.moment(&Num::ratio(1, 2))).shifted(1),
            Curve::Weighted { weight0 } => &self.unit * market.moment(&num(weight0)),
            Curve::Concentrated { lower, upper } => {
                let (a, b) = (num(lower), num(upper));
                let moments = [
                    (-&market.drift).exp(),
                    market.moment(&Num::ratio(1, 2)),
                    market.spot.clone(),
                ];
                // What of each moment lies above a strike.
                let above = |strike: &Num| {
                    let middle = (market.spot.ln_over(strike) + &market.drift) / &market.deviation;
                    let half = market.deviation.shifted(-1);
                    [&middle - &half, middle.clone(), &middle + &half].map(|d| d.cdf())
                };
                let ([a0, a1, a2], [b0, b1, b2]) = (above(&a), above(&b));
                let (a, b) = (a.sqrt(), b.sqrt());
                let below = &moments[2] * (Num::int(1) - &a2) * (Num::int(1) / &a - Num::int(1) / &b);
                let within =
                    (&moments[1] * (a1 - b1)).shifted(1) - &moments[2] * (a2 - b2) / &b - &moments[0] * (a0 - &b0) * &a;
                let beyond = &moments[0] * b0 * (&b - &a);
                &self.liquidity * (below + within + beyond)
            }
        }
    }
}

/// The distribution of the price at expiry.
struct Lognormal {
    spot: Num,
    drift: Num,
    deviation: Num,
}

impl Lognormal {
    fn new(market: &Market) -> Self {
        let years = Num::int(market.seconds) / SECONDS_PER_YEAR;
        Self {
            spot: num(market.spot),
            drift: num(market.rate) * &years,
            deviation: num(market.volatility) * years.sqrt(),
        }
    }

    /// `e^(-rT) E[S^k] = S^k e^((k - 1) r T + k (k - 1) v^2 / 2)`.
    fn moment(&self, order: &Num) -> Num {
        let less = order - &Num::int(1);
        let exponent = &less * &self.drift + (order * &less * self.deviation.square()).shifted(-1);
        self.spot.pow(order) * exponent.exp()
    }
}

/// Never below the exact value, above it by at most a unit and what it was raised by.
fn assert_up(exact: &Num, got: Wad, magnitude: f64, what: &str, about: &dyn std::fmt::Debug) {
    let error = exact.error_of(got.0, 18);
    let allowance = magnitude * 1e18 * 2_f64.powi(-97);
    assert!(
        (-1e-30..=1.0 + 1e-9 + allowance).contains(&error),
        "{what} of {about:?}: {got:?} is {error} units off"
    );
}

fn curve(random: &mut Random, entry: u128) -> Curve {
    match random.below(3) {
        0 => Curve::ConstantProduct,
        1 => Curve::Weighted {
            weight0: Wad(I256::from_raw(random.fraction())),
        },
        _ => {
            let mut edge = || 1 + u128::from(random.below(4_000_000)) * entry / 2_000_000;
            let (a, b) = (edge(), edge());
            Curve::Concentrated {
                lower: wad(a.min(b)),
                upper: wad(a.max(b) + 1 + entry / 1000),
            }
        }
    }
}

fn market(terms: &Terms) -> Market {
    terms.market()
}

#[test]
fn premiums_are_never_below_the_expectation() {
    Cases::new("premium").run(|random| {
        let ranges = random.pick(&[&REALISTIC, &WIDE]);
        // The strike is the entry.
        let terms = ranges.draw(&mut common::options::Random(random.bits()));
        let (market, entry) = (market(&terms), terms.strike);
        let price: i128 = entry.0.try_into().unwrap();
        let curve = curve(random, price as u128);
        let liquidity = wad(ONE + u128::from(random.bits()) * u128::from(random.below(1 << 20)));
        let stake = Stake::new(curve, liquidity).unwrap();
        let position = Position::new(curve, liquidity);
        let at_entry = num(entry);
        let (x, y) = position.amounts(&at_entry);
        let lognormal = Lognormal::new(&market);
        let hold = &x * &lognormal.spot + &y * (-&lognormal.drift).exp();
        let held = hold.to_f64();
        let exact = hold - position.expected(&lognormal);
        let got = fair(&stake, entry, &market).unwrap();
        let roots = lognormal.spot.to_f64().sqrt() + at_entry.to_f64().sqrt();
        let scale = position.liquidity.to_f64() * roots + held;
        let invested = x * &at_entry + y;
        let share = scale / invested.to_f64();
        assert_up(&exact, got.value, scale, "premium", &(curve, entry, market));
        assert_up(
            &(exact / invested),
            got.fraction,
            share,
            "fraction",
            &(curve, entry, market),
        );
    });
}

#[test]
fn strips_and_strangles_are_sized_to_the_loss() {
    const STRIKES: usize = 9;
    Cases::new("strip").divided(STRIKES as u64).run(|random| {
        let ranges = random.pick(&[&REALISTIC, &WIDE]);
        let terms = ranges.draw(&mut common::options::Random(random.bits()));
        let entry: i128 = terms.spot.0.try_into().unwrap();
        let entry = entry as u128;
        // A position that a wad describes to 2^-30 at least: no dust of prices.
        let middle = random.below(STRIKES as u64) as usize;
        let mut below = entry;
        let mut above = entry;
        let mut strikes = [wad(entry); STRIKES];
        for place in (0..middle).rev() {
            below -= below / (2 + u128::from(random.below(1000)));
            strikes[place] = wad(below);
        }
        for slot in &mut strikes[middle + 1..] {
            above += 1 + above / (1 + u128::from(random.below(1000)));
            *slot = wad(above);
        }
        let curve = curve(random, entry);
        let liquidity = wad(ONE + u128::from(random.bits()) * u128::from(random.below(1 << 20)));
        let stake = Stake::new(curve, liquidity).unwrap();
        let position = Position::new(curve, liquidity);
        let at_entry = num(wad(entry));
        let strip = Strip::new(&stake, wad(entry), &strikes).unwrap();
        let mut legs = [Leg::default(); STRIKES];
        strip.sizes(&mut legs).unwrap();
        let prices = strikes.map(num);
        let held = position.amounts(&at_entry).0;
        let tangent = |price: &Num| &held - position.amounts(price).0;
        let losses = prices.each_ref().map(|price| position.loss(&at_entry, price));
        let chord = |place: usize| (&losses[place + 1] - &losses[place]) / (&prices[place + 1] - &prices[place]);
        let mut before = tangent(&prices[0]);
        for (place, leg) in legs.iter().enumerate() {
            let price = &prices[place];
            let after = if place + 1 == STRIKES {
                tangent(price)
            } else {
                chord(place)
            };
            let scale = before.to_f64().abs() + after.to_f64().abs();
            let (put, call) = match place.cmp(&middle) {
                std::cmp::Ordering::Less => (&after - &before, Num::int(0)),
                std::cmp::Ordering::Equal => (-&before, after.clone()),
                std::cmp::Ordering::Greater => (Num::int(0), &after - &before),
            };
            for (exact, got, what) in [(put, leg.put, "put"), (call, leg.call, "call")] {
                // What is no more than rounding counts as nothing.
                if exact.to_f64() <= scale * 2_f64.powi(-99) {
                    assert_eq!(got, Wad::ZERO, "{what} {place} of {curve:?} {strikes:?}");
                } else {
                    assert_up(&exact, got, scale, what, &(curve, strikes, place));
                }
            }
            before = after;
        }
        let wings = Wings {
            low: strikes[0],
            put_strike: strikes[1],
            call_strike: strikes[STRIKES - 2],
            high: strikes[STRIKES - 1],
        };
        let sized = strangle(&stake, wad(entry), &wings, &market(&terms)).unwrap();
        let puts = &losses[0] / (&prices[1] - &prices[0]);
        let calls = &losses[STRIKES - 1] / (&prices[STRIKES - 1] - &prices[STRIKES - 2]);
        assert_up(&puts, sized.puts, puts.to_f64(), "puts", &(curve, wings));
        assert_up(&calls, sized.calls, calls.to_f64(), "calls", &(curve, wings));
    });
}
