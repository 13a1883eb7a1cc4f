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
//! cannot diverge; after `NEWTON_STEPS` it halves alone, and it ends after `ALL_STEPS` at the latest.

use crate::black_scholes::{Chain, Kind, Market, Terms, strike};
use crate::{Error, Real, Result, Rounding, Wad};
use core::cmp::Ordering;

/// Steps by Newton's iteration; it needs 3 to 11.
const NEWTON_STEPS: u32 = 24;
/// Steps in all: each of the last 96 doubles the volatility while it is too low, or halves the bracket around the solution.
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
    let solution = Solution::new(moneyness.abs(), value / bound, rest / bound).find();
    (solution / chain.time.sqrt()).to_wad(Rounding::Nearest)
}

/// The total volatility sought, and what each step towards it needs.
struct Solution {
    /// `y = |ln(S / D)|`.
    distance: Real,
    /// Where the price turns from convex to concave: `sqrt(2 y)`.
    inflection: Real,
    /// The price sought, as a fraction of its upper bound, and what it lacks to one.
    price: Real,
    rest: Real,
    branch: Branch,
}

/// The side of the inflection that the solution lies on, with the straightened price sought.
enum Branch {
    /// The price at the inflection, and `1/2 + ln(it / price)`.
    Lower(Real, Real),
    /// `1 - price` at the inflection, its logarithmic slope `s` squared, and `sqrt(s^2 + u / 2)` with `u` the growth of
    /// `-ln(1 - price)` from there.
    Upper(Real, Real, Real),
}

impl Solution {
    /// The price and `rest = 1 - price`, both above zero.
    fn new(distance: Real, price: Real, rest: Real) -> Self {
        let inflection = distance.double().sqrt();
        let (middle, beyond) = (Real::ZERO.mills(), inflection.mills());
        let turning = Real::ZERO.pdf() * (middle - beyond);
        let branch = if price < turning {
            Branch::Lower(turning, log_of(turning, price))
        } else {
            let slope = Real::ONE / (middle + beyond);
            let rest_there = Real::ONE - turning;
            // Where little of one is used up the price is the better known of the two.
            let used = if price < Real::ONE.half() {
                rest_there.ln() - (-price).ln_1p()
            } else {
                Real::ln_ratio(rest_there, rest)
            };
            Branch::Upper(rest_there, slope.square(), (slope.square() + used.half()).sqrt())
        };
        Self {
            distance,
            inflection,
            price,
            rest,
            branch,
        }
    }

    /// Where to start.
    fn guess(&self) -> Real {
        match self.branch {
            Branch::Lower(turning, target) => {
                // Hermite's cubic for v in t = 1 / sqrt(2 target), from the values and slopes at v = 0 and at the inflection,
                // where t is 0 and 1: 0 and y, sqrt(2 y) and the price over its derivative.
                let t = Real::ONE / target.double().sqrt();
                let slope = turning / Real::ZERO.pdf();
                let cubic = self.distance + slope - self.inflection.double();
                let square = self.inflection - self.distance - cubic;
                let guess = t * (self.distance + t * (square + t * cubic));
                // Far out of the money the cubic leaves the branch.
                if guess.is_positive() && guess < self.inflection {
                    guess
                } else {
                    self.inflection * t
                }
            }
            Branch::Upper(_, slope, target) => self.inflection + (target - slope.sqrt()).scaled(2),
        }
    }

    /// Newton's iteration inside a bracket.
    fn find(&self) -> Real {
        let (mut low, mut high) = match self.branch {
            Branch::Lower(..) => (Real::ZERO, Some(self.inflection)),
            Branch::Upper(..) => (self.inflection, None),
        };
        let mut v = self.guess();
        for taken in 0..ALL_STEPS {
            let (step, excess) = self.step(v);
            match excess.compare(&Real::ZERO) {
                Ordering::Less => low = v,
                Ordering::Greater => high = Some(v),
                Ordering::Equal => return v,
            }
            let next = v + step;
            let inside = next > low && high.is_none_or(|high| next < high);
            // Each step squares the error, so what it leaves of one below 2^-40 is below the result's unit.
            let settled = step.abs() < v.scaled(-40);
            if settled || excess.abs() < Real::power_of_two(NOISE) {
                return if settled && inside { next } else { v };
            }
            v = if inside && taken < NEWTON_STEPS {
                next
            } else {
                high.map_or(low.double(), |high| (low + high).half())
            };
        }
        v
    }

    /// The step to take from a volatility, and the price's excess there over the price sought.
    fn step(&self, v: Real) -> (Real, Real) {
        let (middle, half) = (self.distance / v, v.half());
        let (a, b) = (middle - half, middle + half);
        let (near, far, density) = (a.mills(), b.mills(), a.pdf());
        match self.branch {
            Branch::Lower(turning, target) => {
                let slope = near - far;
                let price = density * slope;
                let log = log_of(turning, price);
                let step = slope * log.double() * ((log / target).sqrt() - Real::ONE);
                (step, price - self.price)
            }
            Branch::Upper(rest_there, steepness, target) => {
                let slope = near + far;
                let rest = density * slope;
                let root = (steepness + Real::ln_ratio(rest_there, rest).half()).sqrt();
                (((target - root) * root * slope).scaled(2), self.rest - rest)
            }
        }
    }
}

/// `1/2 + ln(turning / price)`.
fn log_of(turning: Real, price: Real) -> Real {
    Real::ln_ratio(turning, price) + Real::ONE.half()
}
