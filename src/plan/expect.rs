//! Means over prices to come: a geometric Brownian motion without drift, so that what is expected is nobody's view of the market.

/// Standard deviations to either side.
const REACH: f64 = 8.0;
/// Prices at each moment.
const PRICES: u32 = 320;
/// Prices of a mean within a mean.
const FEW_PRICES: u32 = 96;
/// Moments of a horizon.
const MOMENTS: u32 = 24;

/// The mean of `f` over the price after `years`.
pub fn mean(price: f64, volatility: f64, years: f64, f: impl Fn(f64) -> f64) -> f64 {
    mean_of(PRICES, price, volatility, years, f)
}

/// The same from fewer prices: good to some millionths.
pub fn rough_mean(price: f64, volatility: f64, years: f64, f: impl Fn(f64) -> f64) -> f64 {
    mean_of(FEW_PRICES, price, volatility, years, f)
}

fn mean_of(prices: u32, price: f64, volatility: f64, years: f64, f: impl Fn(f64) -> f64) -> f64 {
    let deviation = volatility * years.sqrt();
    let step = 2.0 * REACH / f64::from(prices);
    let (mut sum, mut weights) = (0.0, 0.0);
    for node in 0..=prices {
        let z = step.mul_add(f64::from(node), -REACH);
        let weight = (-0.5 * z * z).exp();
        weights += weight;
        sum += weight * f(price * deviation.mul_add(z, -0.5 * deviation * deviation).exp());
    }
    // The weights' own sum: what the step leaves of their integral cancels.
    sum / weights
}

/// The integral over the next `years` of the mean of `f` over the price; `f` is told the years that have passed and the price.
pub fn over_time(price: f64, volatility: f64, years: f64, f: impl Fn(f64, f64) -> f64) -> f64 {
    // What changes goes with the root of time: moments lie closer at the beginning.
    (0..MOMENTS)
        .map(|node| {
            let u = (f64::from(node) + 0.5) / f64::from(MOMENTS);
            let passed = years * u * u;
            mean(price, volatility, passed, |p| f(passed, p)) * 2.0 * u * years / f64::from(MOMENTS)
        })
        .sum()
}
