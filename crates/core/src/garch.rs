//! The GARCH(1,1) forecast of volatility, and a hedge scaled by it.
//!
//! Each period's variance follows from the last one's and the last return's square: `v = omega + alpha r^2 + beta v`, from the
//! long-run variance `V = omega / (1 - alpha - beta)` on. The expected variance `h` periods ahead is
//! `V + (alpha + beta)^(h-1) (v - V)`. Source: Bollerslev (1986).

use crate::full_math::mul_div_ceil;
use crate::volatility::{annualised, check, returns};
use crate::{Error, I256, Real, Result, Rounding, U256, Wad};

/// Up to this many reversions of the mean, the binomial series takes over.
const NEARLY_CONSTANT: Real = Real::power_of_two(-5);
/// Its last term: less than 2^-5 to the 16th power over 17 factorial, 2^-128, of the first.
const LAST_TERM: i64 = 18;

/// The model's parameters, wads: `omega` above zero, `alpha` and `beta` not below, their sum below one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Model {
    /// The variance that each period adds.
    pub omega: Wad,
    /// The weight of the last squared return.
    pub alpha: Wad,
    /// The weight of the last variance.
    pub beta: Wad,
}

/// What the model expects; variances per period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forecast {
    /// Of the next period.
    pub next_variance: Wad,
    /// Of the horizon's last period.
    pub variance_h: Wad,
    /// The mean over the horizon's periods.
    pub avg_variance: Wad,
    /// What forecasts far ahead tend to.
    pub long_run: Wad,
    /// The yearly volatility over the horizon: `sqrt(avg_variance * periods)`.
    pub vol: Wad,
}

/// The variances that follow from the prices' log returns, forecast for `horizon` periods of which a year has `periods`.
///
/// Each figure is rounded to the nearest unit of 1e-18, from a value with a relative error below 2^-100. Domain: the parameters as
/// [`Model`] says; prices above zero, two or more; a horizon and periods of one or more. Errors: [`Error::NotPositive`] for omega,
/// horizon and periods; [`Error::NegativeInput`] for alpha and beta; [`Error::NotStationary`]; [`Error::TooFew`],
/// [`Error::PriceNotPositive`]; [`Error::Overflow`] where a variance exceeds a wad.
pub fn forecast(model: &Model, prices: &[Wad], horizon: u64, periods: u64) -> Result<Forecast> {
    if horizon == 0 {
        return Err(Error::NotPositive(I256::ZERO));
    }
    check(prices, 2)?;
    let filter = Filter::new(model)?;
    let next = filter.next(prices);
    // Sums of positive terms, so that nothing cancels however close to one alpha + beta comes.
    let (last, until_last) = filter.power(horizon - 1);
    let (kept, added) = filter.average(horizon);
    let average = annualised(next * kept + filter.omega * added, periods)?;
    let nearest = |variance: Real| variance.to_wad(Rounding::Nearest);
    Ok(Forecast {
        next_variance: nearest(next)?,
        variance_h: nearest(next * last + filter.omega * until_last)?,
        avg_variance: average.variance,
        long_run: nearest(filter.long_run)?,
        vol: average.yearly,
    })
}

/// A hedge ratio scaled by the volatility expected: `base * forecast / reference`, kept within `[floor, cap]`.
///
/// All are wads. `reference` is the volatility that `base` was chosen for, usually the long-run one; the forecast is in the same
/// unit. Rounded up: what is hedged is never less than asked for. Exact. Domain: base, forecast and floor not below zero, reference
/// above, floor <= cap. Errors: [`Error::NegativeInput`], [`Error::NotPositive`], [`Error::BoundsExchanged`].
pub fn hedge_ratio(base: Wad, forecast: Wad, reference: Wad, floor: Wad, cap: Wad) -> Result<Wad> {
    let unsigned = |input: Wad| U256::try_from(input.0).map_err(|_| Error::NegativeInput(input.0));
    let (base, forecast) = (unsigned(base)?, unsigned(forecast)?);
    unsigned(floor)?;
    if !reference.is_positive() {
        return Err(Error::NotPositive(reference.0));
    }
    if floor > cap {
        return Err(Error::BoundsExchanged(floor.0, cap.0));
    }
    // A ratio that no wad holds lies above any cap.
    let scaled = mul_div_ceil(base, forecast, unsigned(reference)?).and_then(Wad::from_unsigned);
    Ok(scaled.unwrap_or(cap).clamp(floor, cap))
}

/// The parameters of a valid model as numbers.
struct Filter {
    omega: Real,
    alpha: Real,
    beta: Real,
    /// `1 - alpha - beta`, exactly from the wads.
    reversion: Real,
    long_run: Real,
}

impl Filter {
    fn new(model: &Model) -> Result<Self> {
        if !model.omega.is_positive() {
            return Err(Error::NotPositive(model.omega.0));
        }
        for weight in [model.alpha, model.beta] {
            if weight < Wad::ZERO {
                return Err(Error::NegativeInput(weight.0));
            }
        }
        let persistence = model.alpha.0.saturating_add(model.beta.0);
        if persistence >= Wad::ONE.0 {
            return Err(Error::NotStationary(persistence));
        }
        let omega = Real::from_wad(model.omega);
        let reversion = Real::from_wad(Wad(Wad::ONE.0 - persistence));
        Ok(Self {
            omega,
            alpha: Real::from_wad(model.alpha),
            beta: Real::from_wad(model.beta),
            reversion,
            long_run: omega / reversion,
        })
    }

    /// The variance of the period after the last price.
    fn next(&self, prices: &[Wad]) -> Real {
        returns(prices).fold(self.long_run, |variance, r| {
            self.omega + (self.alpha * r.square() + self.beta * variance)
        })
    }

    /// With `p = alpha + beta`: `p^n`, and the sum of the powers before it, `(1 - p^n) / (1 - p)`.
    fn power(&self, n: u64) -> (Real, Real) {
        if n == 0 {
            return (Real::ONE, Real::ZERO);
        }
        if self.reversion == Real::ONE {
            return (Real::ZERO, Real::ONE);
        }
        let exponent = self.reversion.neg().ln_1p() * Real::from_u128(n.into());
        (exponent.exp(), exponent.exp_m1().neg() / self.reversion)
    }

    /// What the next variance and omega contribute to the mean of `n` variances: the mean of `p^0 ... p^(n-1)`, and the mean of the
    /// sums of the powers before each, `(n - (1 - p^n) / (1 - p)) / (n (1 - p))`.
    fn average(&self, n: u64) -> (Real, Real) {
        let number = Real::from_u128(n.into());
        let (_, sum) = self.power(n);
        let kept = sum / number;
        if number * self.reversion > NEARLY_CONSTANT {
            return (kept, (number - sum) / (number * self.reversion));
        }
        // The difference would cancel; its binomial series does not: C(n, 2) / n - C(n, 3) / n (1 - p) + ...
        let mut term = (number - Real::ONE).half();
        let mut added = term;
        for k in 2..LAST_TERM {
            let factor = (number - Real::from_i64(k)) / Real::from_i64(k + 1);
            term = -(term * factor * self.reversion);
            added = added + term;
        }
        (kept, added)
    }
}
