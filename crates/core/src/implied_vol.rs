//! Implied volatility: the volatility at which Black–Scholes gives an option's price.
//!
//! Put–call parity takes the price to the side that is out of the money forward, and dividing by the smaller of spot and
//! discounted strike leaves one function of two numbers, `c(y, v) = cdf(-a) - e^y cdf(-b)`, with `y = |ln(S / D)|`,
//! `a = y / v - v / 2` and `b = a + v`. It rises from 0 to 1 with the total volatility v, convex below `v = sqrt(2 y)` and
//! concave above. Newton's iteration runs on what is nearly straight in v: below the inflection the root of
//! `1 / ln(c_inflection / c)`, above it a root of `-ln(1 - c)`. Both logarithmic derivatives are Mills's ratios alone:
//! `c' / c = 1 / (mills(a) - mills(b))` and `c' / (1 - c) = 1 / (mills(-a) + mills(b))`. Own derivation, after Jäckel's idea
//! ("Let's be rational", 2015) of transforming the price on either side of the inflection.
//!
//! A bracket closes around the solution at every step and a step that would leave it is replaced by halving, so the iteration
//! cannot diverge; from [`NEWTON_STEPS`] on it halves alone, and ends after [`ALL_STEPS`] at the latest.

use crate::black_scholes::{Chain, Kind, Market, Terms, YEAR, strike};
use crate::{Error, Real, Result, Rounding, U256, Wad};
use core::cmp::Ordering;

/// Steps by Newton's iteration; it needs 3 to 11.
const NEWTON_STEPS: u32 = 24;
/// Steps in all: each of the last ones halves the bracket, whose ends differ by a factor below 2^64 by then, in its exponent.
const ALL_STEPS: u32 = NEWTON_STEPS + 96;
/// What is below this is no more than rounding: prices are fractions of the smaller of spot and discounted strike.
const NOISE: i32 = -108;
/// What the two ends of a price may be off by, as a power of two of what it is made of.
const SLACK: i32 = -100;

/// The yearly volatility that an option's price implies, to the nearest unit of 1e-18.
///
/// `price` is the option's price on the terms' spot, strike, time and rate; their volatility is not looked at. Domain: as
/// [`crate::black_scholes`], with time above zero. The exact solution for the exact price, to one unit where a unit of the price
/// determines it; always one that reprices to within half a unit of 1e-18, plus what half a unit of volatility is worth: below
/// 2e-18 of the spot over a century. A price within half a unit of its bounds is taken for one rounded onto them: on the value
/// without volatility that is volatility zero, on the upper bound one that leaves less than a hundredth of a unit. Errors:
/// [`Error::BelowIntrinsic`], [`Error::AboveUpperBound`] where no volatility gives the price; [`Error::NoUncertainty`] without
/// time; and those of [`crate::black_scholes::price_and_delta`].
pub fn implied_volatility(kind: Kind, price: Wad, terms: &Terms) -> Result<Wad> {
    let market = Market {
        volatility: Wad::ZERO,
        ..terms.market()
    };
    let chain = Chain::new(&market)?;
    if market.seconds == 0 {
        return Err(Error::NoUncertainty);
    }
    let strike = strike(terms.strike)?;
    let discounted = strike * chain.discount;
    let moneyness = Real::ln_ratio(chain.spot, strike) + chain.growth;
    let call_is_out = !moneyness.is_positive();
    let intrinsic = match (kind, call_is_out) {
        (Kind::Call, false) => chain.spot - discounted,
        (Kind::Put, true) => discounted - chain.spot,
        _ => Real::ZERO,
    };
    let bound = if call_is_out { chain.spot } else { discounted };
    let unit = Real::from_wad(Wad(crate::I256::ONE));
    // A price may be off by its rounding, and by that of its parts where these are far longer than a unit.
    let parts = if intrinsic.is_zero() {
        bound
    } else {
        chain.spot + discounted
    };
    let slack = unit.half() + parts.scaled(SLACK);
    let value = Real::from_wad(price) - intrinsic;
    if !value.is_positive() {
        return if value + slack < Real::ZERO {
            Err(Error::BelowIntrinsic(price.0))
        } else {
            Ok(Wad::ZERO)
        };
    }
    if value - slack > bound {
        return Err(Error::AboveUpperBound(price.0));
    }
    // What is left to the upper bound; a hundredth of a unit where the price was rounded onto it.
    let rest = bound - value;
    let rest = if rest.is_positive() { rest } else { unit.scaled(-7) };
    let total = Normalised::new(moneyness.abs()).solve(value / bound, rest / bound);
    let root_time = Real::quotient(U256::from(market.seconds), U256::from(YEAR)).sqrt();
    (total / root_time).to_wad(Rounding::Nearest)
}

/// The price out of the money over its upper bound, as a function of the total volatility alone.
struct Normalised {
    /// `y = |ln(S / D)|`.
    distance: Real,
    /// Where the price turns from convex to concave: `sqrt(2 y)`.
    inflection: Real,
    /// The price there.
    price: Real,
    /// Price over its derivative there.
    lower_slope: Real,
    /// What is left to one over the price's derivative there.
    upper_slope: Real,
}

/// A step's view of the function at one volatility.
struct Sample {
    /// Price (lower branch) or what it lacks to one (upper branch).
    size: Real,
    /// Its size over the derivative of the price.
    slope: Real,
}

impl Normalised {
    fn new(distance: Real) -> Self {
        let inflection = distance.double().sqrt();
        let (at_zero, beyond) = (Real::ZERO.mills(), inflection.mills());
        let lower_slope = at_zero - beyond;
        Self {
            distance,
            inflection,
            price: Real::ZERO.pdf() * lower_slope,
            lower_slope,
            upper_slope: at_zero + beyond,
        }
    }

    /// The total volatility at which the price is `price`, given with `rest = 1 - price`, both above zero.
    fn solve(&self, price: Real, rest: Real) -> Real {
        if price < self.price {
            self.solve_lower(price)
        } else {
            self.solve_upper(price, rest)
        }
    }

    /// Below the inflection: straight is `g = 1 / sqrt(1/2 + ln(price at the inflection / price))`, near zero `sqrt(2) v / y`.
    fn solve_lower(&self, price: Real) -> Real {
        let log_of = |price: Real| Real::ln_ratio(self.price, price) + Real::ONE.half();
        let target = log_of(price);
        // Hermite's cubic for v in g, from the values and slopes at v = 0 and at the inflection, where g = sqrt(2).
        let t = target.double().sqrt();
        let t = Real::ONE / t;
        let (square, cube) = (t.square(), t.square() * t);
        let slope = self.lower_slope;
        let guess = (square.double() + square - cube.double()) * self.inflection
            + (cube - square.double() + t) * self.distance
            + (cube - square) * slope;
        // Far out of the money the cubic leaves the branch.
        let guess = if guess.is_positive() && guess < self.inflection {
            guess
        } else {
            self.inflection * t
        };
        self.iterate(guess, Real::ZERO, Some(self.inflection), |v| {
            let sample = self.sample_lower(v);
            let log = log_of(sample.size);
            let step = sample.slope * log.double() * ((log / target).sqrt() - Real::ONE);
            (step, sample.size - price)
        })
    }

    /// Above the inflection: straight is `sqrt(s^2 + u / 2)`, with `u` the growth of `-ln(1 - price)` from the inflection, where
    /// its derivative is `s`.
    fn solve_upper(&self, price: Real, rest: Real) -> Real {
        let first = (Real::ONE - self.price).ln();
        let slope = Real::ONE / self.upper_slope;
        let root_of = |log: Real| (slope.square() + (first - log).half()).sqrt();
        // Where little of one is used up the price is the better known of the two.
        let log_rest = if price < Real::ONE.half() {
            (-price).ln_1p()
        } else {
            rest.ln()
        };
        let target = root_of(log_rest);
        let guess = self.inflection + (target - slope).scaled(2);
        self.iterate(guess, self.inflection, None, |v| {
            let sample = self.sample_upper(v);
            let root = root_of(sample.size.ln());
            let step = (target - root) * root * sample.slope;
            (step.scaled(2), rest - sample.size)
        })
    }

    /// Newton's iteration inside a bracket. `step_at` gives the step to take and the price's excess over the target.
    fn iterate(&self, guess: Real, low: Real, high: Option<Real>, step_at: impl Fn(Real) -> (Real, Real)) -> Real {
        let (mut low, mut high, mut v) = (low, high, guess);
        for taken in 0..ALL_STEPS {
            let (step, excess) = step_at(v);
            let next = v + step;
            match excess.compare(&Real::ZERO) {
                Ordering::Less => low = v,
                Ordering::Greater => high = Some(v),
                Ordering::Equal => return v,
            }
            // Each step squares the error, so what it leaves of one below 2^-40 is below the result's unit.
            let settled = step.abs() < v.scaled(-40);
            let below = high.is_none_or(|high| next < high);
            if settled && next > low && below {
                return next;
            }
            if settled || excess.abs() < Real::power_of_two(NOISE) {
                return v;
            }
            v = if taken < NEWTON_STEPS && next > low && below {
                next
            } else {
                high.map_or(low.double(), |high| (low + high).half())
            };
        }
        v
    }

    /// The two distances of a volatility.
    fn distances(&self, v: Real) -> (Real, Real) {
        let (middle, half) = (self.distance / v, v.half());
        (middle - half, middle + half)
    }

    /// The price, for a volatility below the inflection.
    fn sample_lower(&self, v: Real) -> Sample {
        let (a, b) = self.distances(v);
        let slope = a.mills() - b.mills();
        Sample {
            size: a.pdf() * slope,
            slope,
        }
    }

    /// One less the price, for a volatility above the inflection.
    fn sample_upper(&self, v: Real) -> Sample {
        let (a, b) = self.distances(v);
        let slope = (-a).mills() + b.mills();
        Sample {
            size: a.pdf() * slope,
            slope,
        }
    }
}
