//! Realised volatility: from closing prices, from bars, and weighted towards the present.
//!
//! The log return of two successive prices is `r = ln(P / P_before)`. Prices need no common unit but a constant one: scaling all
//! of them changes nothing. A volatility is a yearly one, `sqrt(variance per period * periods per year)`.
//!
//! Domain of everything here: prices above zero, at least one period a year. Results are rounded once, to the nearest unit of
//! 1e-18, from values with an error below 2^-70: within one unit of the exact one. Errors: [`Error::PriceNotPositive`],
//! [`Error::TooFew`], [`Error::NotPositive`] without periods.

use crate::{Error, I256, Real, Result, Rounding, Wad};

/// What a bar tells about the variance within it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Estimator {
    /// `ln(H/L)^2 / (4 ln 2)`: no drift, no jumps between bars. Source: Parkinson (1980).
    Parkinson,
    /// `ln(H/L)^2 / 2 - (2 ln 2 - 1) ln(C/O)^2`: no drift. Source: Garman and Klass (1980).
    GarmanKlass,
    /// `ln(H/C) ln(H/O) + ln(L/C) ln(L/O)`: right with any drift. Source: Rogers and Satchell (1991).
    RogersSatchell,
}

/// The four prices of a period. All above zero; open and close within `[low, high]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bar {
    /// The first price.
    pub open: Wad,
    /// The highest price.
    pub high: Wad,
    /// The lowest price.
    pub low: Wad,
    /// The last price.
    pub close: Wad,
}

/// A volatility and the variance that it stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Volatility {
    /// Per period.
    pub variance: Wad,
    /// Per year.
    pub yearly: Wad,
}

/// The sample's standard deviation of the log returns, yearly: `sqrt(sum (r - mean)^2 / (n - 1) * periods)`.
///
/// Needs three prices, two returns. Domain, rounding and errors: the module's.
pub fn close_to_close(prices: &[Wad], periods: u64) -> Result<Volatility> {
    let returns = check(prices, 3)? - 1;
    // The mean return is the whole one by their number, so one pass does.
    let mean = log_return(prices[0], prices[returns]) / count(returns);
    let squares = sum_of_squares(prices, mean);
    annualised(squares / count(returns - 1), periods)
}

/// As [`close_to_close`] for a mean known to be nought: `sqrt(sum r^2 / n * periods)`. Needs two prices.
pub fn zero_mean(prices: &[Wad], periods: u64) -> Result<Volatility> {
    let returns = check(prices, 2)? - 1;
    annualised(sum_of_squares(prices, Real::ZERO) / count(returns), periods)
}

/// The exponentially weighted moving average of squared returns: `v = r^2` of the first, then `v = decay v + (1 - decay) r^2`.
///
/// Needs two prices. Domain: 0 < decay < 1; 0.94 is customary for days. Errors: [`Error::DecayOutOfRange`], the module's.
/// Source: RiskMetrics (1996).
pub fn ewma(prices: &[Wad], decay: Wad, periods: u64) -> Result<Volatility> {
    if !decay.is_positive() || decay >= Wad::ONE {
        return Err(Error::DecayOutOfRange(decay.0));
    }
    check(prices, 2)?;
    let kept = Real::from_wad(decay);
    let taken = Real::from_wad(Wad(Wad::ONE.0 - decay.0));
    let start = log_return(prices[0], prices[1]).square();
    let variance = returns(&prices[1..]).fold(start, |variance, r| kept * variance + taken * r.square());
    annualised(variance, periods)
}

/// The mean over the bars of the estimator's variance, yearly. Needs one bar.
///
/// Domain, rounding and errors: the module's, and [`Error::ImpossibleBar`] with the bar's place, counted from nought.
pub fn range_based(estimator: Estimator, bars: &[Bar], periods: u64) -> Result<Volatility> {
    if bars.is_empty() {
        return Err(Error::TooFew(0, 1));
    }
    let mut sum = Real::ZERO;
    for (place, bar) in bars.iter().enumerate() {
        sum = sum + bar.checked(place)?.variance(estimator);
    }
    annualised(sum / count(bars.len()), periods)
}

impl Bar {
    fn checked(&self, place: usize) -> Result<&Self> {
        // The lowest decides: whatever is above a positive price is positive.
        if !self.low.is_positive() {
            return Err(Error::PriceNotPositive(self.low.0));
        }
        let within = |price: Wad| (self.low..=self.high).contains(&price);
        if within(self.open) && within(self.close) {
            return Ok(self);
        }
        Err(Error::ImpossibleBar(place))
    }

    /// The variance that the estimator tells of a valid bar. Not below zero but for what is lost in the last digits: open and close
    /// lie within low and high.
    fn variance(&self, estimator: Estimator) -> Real {
        let two_ln_2 = Real::LN_2.double();
        match estimator {
            Estimator::Parkinson => log_return(self.low, self.high).square() / two_ln_2.double(),
            Estimator::GarmanKlass => {
                let range = log_return(self.low, self.high).square().half();
                range - (two_ln_2 - Real::ONE) * log_return(self.open, self.close).square()
            }
            Estimator::RogersSatchell => {
                // Three logarithms do: ln(H/C) is ln(H/O) less ln(C/O).
                let open = Real::from_i256(self.open.0);
                let from_open = |price: Wad| Real::ln_ratio(Real::from_i256(price.0), open);
                let (high, low, close) = (from_open(self.high), from_open(self.low), from_open(self.close));
                high * (high - close) + low * (low - close)
            }
        }
    }
}

/// The number of prices. Errors: [`Error::TooFew`], [`Error::PriceNotPositive`].
pub(crate) fn check(prices: &[Wad], needed: usize) -> Result<usize> {
    if prices.len() < needed {
        return Err(Error::TooFew(prices.len(), needed));
    }
    match prices.iter().find(|price| !price.is_positive()) {
        Some(price) => Err(Error::PriceNotPositive(price.0)),
        None => Ok(prices.len()),
    }
}

/// The log returns of checked prices; each price is converted once.
pub(crate) fn returns(prices: &[Wad]) -> impl Iterator<Item = Real> + '_ {
    let mut numbers = prices.iter().map(|price| Real::from_i256(price.0));
    let mut before = numbers.next().unwrap_or(Real::ONE);
    numbers.map(move |now| {
        let log = Real::ln_ratio(now, before);
        before = now;
        log
    })
}

/// `ln(to / from)` of positive prices.
pub(crate) fn log_return(from: Wad, to: Wad) -> Real {
    Real::ln_ratio(Real::from_i256(to.0), Real::from_i256(from.0))
}

/// A variance per period and its yearly volatility. Errors: [`Error::NotPositive`] without periods.
pub(crate) fn annualised(variance: Real, periods: u64) -> Result<Volatility> {
    if periods == 0 {
        return Err(Error::NotPositive(I256::ZERO));
    }
    let yearly = (variance * Real::from_u128(periods.into())).sqrt();
    Ok(Volatility {
        variance: variance.to_wad(Rounding::Nearest)?,
        yearly: yearly.to_wad(Rounding::Nearest)?,
    })
}

/// How many, as a number.
pub(crate) fn count(items: usize) -> Real {
    Real::from_u128(items as u128)
}

fn sum_of_squares(prices: &[Wad], mean: Real) -> Real {
    returns(prices).fold(Real::ZERO, |sum, r| sum + (r - mean).square())
}
