//! Value at risk and expected shortfall.

use crate::full_math::{mul_div, mul_div_ceil};
use crate::volatility::check;
use crate::{Error, Real, Result, Rounding, U256, Wad};
use core::mem::swap;

/// Binary digits of the magnitudes involved that a loss may be wrong in.
const ALLOWANCE: i32 = -96;

/// Losses as fractions of what is held; negative where they are gains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TailLoss {
    /// VaR: what the loss does not exceed, with the confidence asked for.
    pub value_at_risk: Wad,
    /// CVaR, or expected shortfall: the mean loss of the worst cases, as large a share as the confidence leaves. Not below VaR.
    pub conditional: Wad,
}

/// The tail of a return that is normal: with `z = inverse_cdf(confidence)`, `VaR = z deviation - mean` and
/// `CVaR = pdf(z) / (1 - confidence) deviation - mean`.
///
/// `mean` and `deviation` are the return's over the period in question. Rounded up; above the exact value by at most a unit of 1e-18
/// and 2^-95 of the deviation's multiples. Domain: deviation >= 0, 0 < confidence < 1. Errors: [`Error::NegativeInput`],
/// [`Error::ProbabilityOutOfRange`], [`Error::Overflow`]. Source: Rockafellar and Uryasev (2000).
pub fn normal(mean: Wad, deviation: Wad, confidence: Wad) -> Result<TailLoss> {
    let quantile = Quantile::new(deviation, confidence)?;
    let loss = |multiple: Real| {
        let spread = quantile.deviation * multiple;
        let above = (spread + spread.abs().scaled(ALLOWANCE)).to_wad(Rounding::Up)?;
        above.0.checked_sub(mean.0).map(Wad).ok_or(Error::Overflow)
    };
    Ok(TailLoss {
        value_at_risk: loss(quantile.z)?,
        conditional: loss(quantile.z.pdf() / quantile.tail)?,
    })
}

/// The tail of a return whose logarithm is normal: with `q = mean - z deviation`, `VaR = 1 - e^q` and
/// `CVaR = 1 - e^(mean + deviation^2 / 2) cdf(-z - deviation) / (1 - confidence)`.
///
/// `mean` and `deviation` are the log return's: under a geometric Brownian motion without drift `-sigma^2 T / 2` and
/// `sigma sqrt(T)`. Rounded up; above the exact value by at most a unit of 1e-18 and 2^-95 of the magnitudes involved; never
/// above one, all that can be lost. Domain and errors: as [`normal`].
pub fn lognormal(mean: Wad, deviation: Wad, confidence: Wad) -> Result<TailLoss> {
    let quantile = Quantile::new(deviation, confidence)?;
    let (mean, deviation, z) = (Real::from_wad(mean), quantile.deviation, quantile.z);
    let exponent = mean - z * deviation;
    // The exponent's magnitudes: an error in it is one of the exponential's, times that.
    let scale = mean.abs() + z.abs() * deviation + deviation;
    let (kept, change) = (exponent.exp(), exponent.exp_m1());
    let rounded = |loss: Real, scale: Real| {
        let above = (loss + scale.scaled(ALLOWANCE)).to_wad(Rounding::Up)?;
        Ok(above.min(Wad::ONE))
    };
    let value_at_risk = rounded(-change, scale * kept + change.abs())?;
    if deviation.is_zero() {
        return Ok(TailLoss {
            value_at_risk,
            conditional: value_at_risk,
        });
    }
    let distance = z + deviation;
    // e^(mean + deviation^2 / 2) cdf(-distance), in the form whose factors stay within bounds.
    let partial = if distance.is_negative() {
        (mean + deviation.square().half()).exp() * distance.neg().cdf()
    } else {
        kept * z.pdf() * distance.mills()
    };
    let expected = partial / quantile.tail;
    let conditional = rounded(Real::ONE - expected, scale * expected + expected + Real::ONE)?;
    Ok(TailLoss {
        value_at_risk,
        conditional: conditional.max(value_at_risk),
    })
}

/// The tail of returns that were seen; it leaves them in another order.
///
/// Of `n` losses in ascending order VaR is number `ceil(confidence n)`, the least loss that at least the share `confidence` of them
/// does not exceed (the inverse of the empirical distribution function). CVaR is `VaR + sum of the excesses over it / ((1 - confidence) n)`:
/// the mean of the worst `(1 - confidence) n`, of which the last may count in part. VaR is exact, CVaR rounded up. Domain: at least one
/// return, 0 < confidence < 1. Errors: [`Error::TooFew`], [`Error::ProbabilityOutOfRange`], [`Error::Overflow`]. Source:
/// Rockafellar and Uryasev (2002).
pub fn historical(returns: &mut [Wad], confidence: Wad) -> Result<TailLoss> {
    if returns.is_empty() {
        return Err(Error::TooFew(0, 1));
    }
    let tail = tail_of(confidence)?;
    let (unit, number) = (U256::from(crate::WAD), U256::from(returns.len()));
    // n less ceil(confidence n) is floor((1 - confidence) n) < n: as many losses come after VaR in their order.
    let beyond = mul_div(tail, number, unit)?.saturating_to::<usize>();
    worst_last(returns, beyond + 1);
    let (milder, worse) = returns
        .split_at_checked(returns.len().saturating_sub(beyond))
        .unwrap_or_default();
    let quantile = milder.last().ok_or(Error::TooFew(0, 1))?.0;
    let mut excess = U256::ZERO;
    for loss in worse {
        // The worse return is the lower one; their distance fits 256 bits.
        let distance = quantile.into_raw().wrapping_sub(loss.0.into_raw());
        excess = excess.checked_add(distance).ok_or(Error::Overflow)?;
    }
    let mean_excess = Wad::from_unsigned(mul_div_ceil(excess, unit, tail * number)?)?;
    let value_at_risk = quantile.checked_neg().ok_or(Error::Overflow)?;
    let conditional = value_at_risk.checked_add(mean_excess.0).ok_or(Error::Overflow)?;
    Ok(TailLoss {
        value_at_risk: Wad(value_at_risk),
        conditional: Wad(conditional),
    })
}

/// The largest fall from a price to a later one, as a fraction of the former; rounded up.
///
/// Domain: at least one price, all above zero. Errors: [`Error::TooFew`], [`Error::PriceNotPositive`].
pub fn max_drawdown(prices: &[Wad]) -> Result<Wad> {
    check(prices, 1)?;
    let (mut peak, mut deepest) = (prices[0], U256::ZERO);
    for &price in prices {
        peak = peak.max(price);
        let fall = mul_div_ceil((peak.0 - price.0).into_raw(), U256::from(crate::WAD), peak.0.into_raw())?;
        deepest = deepest.max(fall);
    }
    Wad::from_unsigned(deepest)
}

/// A confidence's place in the normal distribution.
struct Quantile {
    deviation: Real,
    z: Real,
    /// `1 - confidence`.
    tail: Real,
}

impl Quantile {
    fn new(deviation: Wad, confidence: Wad) -> Result<Self> {
        if deviation < Wad::ZERO {
            return Err(Error::NegativeInput(deviation.0));
        }
        let tail = Real::from_wad(Wad::from_unsigned(tail_of(confidence)?)?);
        Ok(Self {
            deviation: Real::from_wad(deviation),
            z: Real::inverse_cdf(tail).neg(),
            tail,
        })
    }
}

/// `1 - confidence`. Errors: [`Error::ProbabilityOutOfRange`].
fn tail_of(confidence: Wad) -> Result<U256> {
    if !confidence.is_positive() || confidence >= Wad::ONE {
        return Err(Error::ProbabilityOutOfRange(confidence.0));
    }
    Ok((Wad::ONE.0 - confidence.0).into_raw())
}

/// Sorts the `count` lowest returns to the end, the lowest last: heapsort, left off when that much is sorted.
fn worst_last(returns: &mut [Wad], count: usize) {
    for root in (0..returns.len() / 2).rev() {
        sift_down(returns, root);
    }
    let mut heap = returns;
    for _ in 0..count {
        let Some((last, rest)) = heap.split_last_mut() else {
            return;
        };
        if let Some(lowest) = rest.first_mut() {
            swap(lowest, last);
        }
        sift_down(rest, 0);
        heap = rest;
    }
}

/// Moves an item down until neither child is lower.
fn sift_down(heap: &mut [Wad], mut root: usize) {
    loop {
        let left = 2 * root + 1;
        let child = match heap.get(left..) {
            Some([one, other, ..]) if other < one => left + 1,
            _ => left,
        };
        let Some((above, below)) = heap.split_at_mut_checked(child) else {
            return;
        };
        match (above.get_mut(root), below.first_mut()) {
            (Some(parent), Some(lower)) if *lower < *parent => swap(parent, lower),
            _ => return,
        }
        root = child;
    }
}
