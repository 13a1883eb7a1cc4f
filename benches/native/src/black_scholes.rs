//! Options: integers correct to 1e-18 beside floating point.

use crate::{
    inputs::many,
    report::Group,
    timing::{Contestant, Effort},
};
use alloy_primitives::I256;
use hedgerow_core::{
    Wad,
    black_scholes::{Terms, YEAR, price_and_delta},
};

const SQRT_HALF: f64 = std::f64::consts::FRAC_1_SQRT_2;

/// All of them.
pub fn groups(effort: Effort) -> Vec<Group> {
    let options = many(5, |random| {
        let spot = random.between(100.0, 10_000.0);
        let strike = spot * random.between(0.5, 2.0);
        let seconds = random.between(86_400.0, 31_536_000.0) as u64;
        (
            spot,
            strike,
            random.between(0.2, 1.5),
            seconds,
            random.between(0.0, 0.1),
        )
    });
    let terms: Vec<Terms> = options
        .iter()
        .map(|&(spot, strike, volatility, seconds, rate)| Terms {
            spot: wad(spot),
            strike: wad(strike),
            volatility: wad(volatility),
            seconds,
            rate: wad(rate),
        })
        .collect();
    let years = |seconds: u64| seconds as f64 / YEAR as f64;
    let mut contestants = [
        Contestant::new("hedgerow, correct to 1e-18", &terms, |terms| {
            price_and_delta(&terms).map_or(0, |all| {
                let words = [all.call, all.put, all.delta].map(|wad| wad.0.into_raw().as_limbs()[0]);
                words.into_iter().fold(0, u64::wrapping_add)
            })
        }),
        Contestant::new(
            "black_scholes, f64",
            &options,
            |(spot, strike, volatility, seconds, rate)| {
                let years = years(seconds);
                let call = black_scholes::call(spot, strike, rate, volatility, years);
                let put = black_scholes::put(spot, strike, rate, volatility, years);
                (call + put + black_scholes::call_delta(spot, strike, rate, volatility, years)).to_bits()
            },
        ),
        Contestant::new(
            "f64 by hand over libm",
            &options,
            |(spot, strike, volatility, seconds, rate)| {
                let (call, put, delta) = by_hand(spot, strike, volatility, years(seconds), rate);
                (call + put + delta).to_bits()
            },
        ),
    ];
    let of = "strikes 0.5 to 2 times spot, a day to a year";
    vec![Group::race(
        effort,
        "Black–Scholes call, put and delta",
        of,
        &mut contestants,
    )]
}

fn wad(value: f64) -> Wad {
    Wad(I256::try_from((value * 1e18) as i128).unwrap_or_default())
}

fn by_hand(spot: f64, strike: f64, volatility: f64, years: f64, rate: f64) -> (f64, f64, f64) {
    let total = volatility * years.sqrt();
    let discounted = strike * (-rate * years).exp();
    let d1 = (spot / discounted).ln() / total + total / 2.0;
    let cdf = |x: f64| libm::erfc(-x * SQRT_HALF) / 2.0;
    let (delta, exercised) = (cdf(d1), cdf(d1 - total));
    let call = spot * delta - discounted * exercised;
    (call, call + discounted - spot, delta)
}
