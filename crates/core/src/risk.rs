//! What may happen to a position: whether its range holds, and how much a period's return may lose.
//!
//! The price follows a geometric Brownian motion whose drift is the market's `rate`: `E[S_T] = S e^(rate T)`, so with
//! `v = sigma sqrt(T)` the log return is normal with the mean `m = rate T - v^2 / 2` and the deviation `v`. Without drift means a rate
//! of nought: the expected price stays where it is, and the median falls.

mod tail;

pub use tail::{TailLoss, historical, lognormal, max_drawdown, normal};

use crate::black_scholes::{Chain, Market, strike};
use crate::volatility::log_return;
use crate::{Error, Real, Result, Rounding, Wad};

/// Where the images' weights would lose too many digits: `|a| w` of [`stays_in_range`].
const STEEPEST: Real = Real::power_of_two(36);
/// A range less than 5/16 of the deviation wide holds with a probability below 1e-20.
const NARROWEST: Real = Real::from_i64(5).scaled(-4);
/// Images beyond the k-th weigh less than `e^(-2 k^2 w^2 / v^2)`; this much is below 2^-120.
const NEGLIGIBLE: Real = Real::from_i64(42);
/// A density that adds nothing.
const FAINT: Real = Real::power_of_two(-120);

/// The probability that the price lies in `[lower, upper)` at the market's expiry:
/// `cdf((ln(upper / S) - m) / v) - cdf((ln(lower / S) - m) / v)`.
///
/// To the nearest unit, from a value with an error below 2^-100. Without volatility or time it is one or nought. Domain: prices,
/// volatility, time and rate as [`crate::black_scholes`]. Errors: as [`crate::black_scholes::price_and_delta`],
/// [`Error::EmptyPriceRange`].
pub fn in_range(market: &Market, lower: Wad, upper: Wad) -> Result<Wad> {
    let (chain, below, above) = range(market, lower, upper)?;
    let Some(spread) = chain.spread else {
        return Ok(certainly(below <= chain.growth && chain.growth < above));
    };
    let mean = chain.growth - spread.total.square().half();
    let (low, high) = ((below - mean) / spread.total, (above - mean) / spread.total);
    weighted(Real::ZERO, low, high).to_wad(Rounding::Nearest)
}

/// The probability that the price stays strictly between `lower` and `upper` from now to the market's expiry.
///
/// With `x = ln(S / lower)`, `w = ln(upper / lower)`, `a = 2 m / v^2` and `N(u) = cdf((u + w - m) / v) - cdf((u - m) / v)` it is the
/// sum over all integers k of `e^(a k w) N(-x - 2kw) - e^(a (k w - x)) N(x - 2kw)`: the reflection principle, each barrier's image in
/// the other included. To the nearest unit, from a value with an error below 2^-70. Nought on the range's ends and outside; without
/// volatility or time one or nought. Domain and errors: as [`in_range`], and [`Error::DriftOverwhelms`] where `|a| w` exceeds
/// 2^36: a drift that high beside the volatility decides alone. Source: Cox and Miller (1965), section 5.7.
pub fn stays_in_range(market: &Market, lower: Wad, upper: Wad) -> Result<Wad> {
    let (chain, below, above) = range(market, lower, upper)?;
    if !below.is_negative() || !above.is_positive() {
        return Ok(Wad::ZERO);
    }
    let Some(spread) = chain.spread else {
        return Ok(certainly(below < chain.growth && chain.growth < above));
    };
    let variance = spread.total.square();
    let mean = chain.growth - variance.half();
    let (start, width) = (-below, log_return(lower, upper));
    let slope = mean.double() / variance;
    if slope.abs() * width > STEEPEST {
        return Err(Error::DriftOverwhelms(market.volatility.0));
    }
    let widths = width / spread.total;
    if widths < NARROWEST {
        return Ok(Wad::ZERO);
    }
    let within = |weight: Real, from: Real| {
        let low = (from - mean) / spread.total;
        weighted(slope * weight, low, low + widths)
    };
    let image = |k: i64| {
        let shift = width * Real::from_i64(k);
        within(shift, -start - shift.double()) - within(shift - start, start - shift.double())
    };
    let mut sum = image(0);
    for k in 1.. {
        sum = sum + (image(k) + image(-k));
        if (widths * Real::from_i64(k)).square() > NEGLIGIBLE {
            break;
        }
    }
    Ok(sum.to_wad(Rounding::Nearest)?.max(Wad::ZERO).min(Wad::ONE))
}

/// What the market makes of time, and the logarithms of the range's ends over the spot.
fn range(market: &Market, lower: Wad, upper: Wad) -> Result<(Chain, Real, Real)> {
    for end in [lower, upper] {
        strike(end)?;
    }
    if lower >= upper {
        return Err(Error::EmptyPriceRange(lower.0, upper.0));
    }
    let chain = Chain::new(market)?;
    Ok((chain, log_return(market.spot, lower), log_return(market.spot, upper)))
}

/// `e^exponent (cdf(high) - cdf(low))`, where the product is not much above one however large the exponent.
fn weighted(exponent: Real, low: Real, high: Real) -> Real {
    // What lies above the middle is mirrored below it, where the tails keep their digits.
    let (low, high) = if low.is_negative() { (low, high) } else { (-high, -low) };
    if high.is_positive() {
        return exponent.exp() * (high.cdf() - low.cdf());
    }
    // Each tail is mills * pdf, whose exponent takes the weight's in before anything overflows.
    let tail = |x: Real| {
        let density = (exponent - x.square().half()).exp();
        if density < FAINT {
            return Real::ZERO;
        }
        density * x.mills() / Real::SQRT_2PI
    };
    tail(high) - tail(low)
}

fn certainly(holds: bool) -> Wad {
    if holds { Wad::ONE } else { Wad::ZERO }
}
