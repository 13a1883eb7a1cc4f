//! Realised and forecast volatility.

use alloc::vec::Vec;
use hedgerow_core::{
    garch::{self, Model},
    volatility::{self, Bar, Estimator, Volatility},
};
use hedgerow_program::{
    abi::{Call, Malformed, Revert, encode, strict},
    listed,
    terms::wads,
    words,
};

fn answered(volatility: hedgerow_core::Result<Volatility>) -> Result<Vec<u8>, Revert> {
    let volatility = volatility?;
    Ok(encode(&words![volatility.variance, volatility.yearly]))
}

/// `realisedVolatility(prices, periods)`.
pub fn close_to_close(call: &Call<'_>) -> Result<Vec<u8>, Revert> {
    let [_, periods] = call.head()?;
    answered(volatility::close_to_close(
        &wads(call.rows(0)?)?,
        strict::uint64(periods)?,
    ))
}

/// `realisedVolatilityZeroMean(prices, periods)`.
pub fn zero_mean(call: &Call<'_>) -> Result<Vec<u8>, Revert> {
    let [_, periods] = call.head()?;
    answered(volatility::zero_mean(&wads(call.rows(0)?)?, strict::uint64(periods)?))
}

/// `ewma(prices, decay, periods)`.
pub fn ewma(call: &Call<'_>) -> Result<Vec<u8>, Revert> {
    let [_, decay, periods] = call.head()?;
    let decay = strict::unsigned_wad(decay)?;
    answered(volatility::ewma(&wads(call.rows(0)?)?, decay, strict::uint64(periods)?))
}

/// `rangeVolatility(estimator, bars, periods)`.
pub fn range_based(call: &Call<'_>) -> Result<Vec<u8>, Revert> {
    let [estimator, _, periods] = call.head()?;
    let estimator = match strict::uint8(estimator)? {
        0 => Estimator::Parkinson,
        1 => Estimator::GarmanKlass,
        2 => Estimator::RogersSatchell,
        _ => return Err(Malformed.into()),
    };
    let bars = listed(call.rows(1)?, |[open, high, low, close]| {
        Ok::<_, Revert>(Bar {
            open: strict::unsigned_wad(open)?,
            high: strict::unsigned_wad(high)?,
            low: strict::unsigned_wad(low)?,
            close: strict::unsigned_wad(close)?,
        })
    })?;
    answered(volatility::range_based(estimator, &bars, strict::uint64(periods)?))
}

/// `garch(model, prices, horizon, periods)`.
pub fn garch(call: &Call<'_>) -> Result<Vec<u8>, Revert> {
    let [omega, alpha, beta, _, horizon, periods] = call.head()?;
    let model = Model {
        omega: strict::unsigned_wad(omega)?,
        alpha: strict::unsigned_wad(alpha)?,
        beta: strict::unsigned_wad(beta)?,
    };
    let prices = wads(call.rows(3)?)?;
    let forecast = garch::forecast(&model, &prices, strict::uint64(horizon)?, strict::uint64(periods)?)?;
    Ok(encode(&words![
        forecast.next_variance,
        forecast.variance_h,
        forecast.avg_variance,
        forecast.long_run,
        forecast.vol,
    ]))
}
