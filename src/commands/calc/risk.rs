//! `hedgerow calc risk`.

use super::{
    input::{Duration, Number, price},
    refused,
    report::Report,
};
use crate::{
    decimal::Decimal,
    error::{Error, Result},
};
use clap::Args;
use hedgerow_core::{
    Real, Rounding, Wad,
    black_scholes::{Market, YEAR},
    risk::{in_range, lognormal, stays_in_range},
};

/// Arguments of `hedgerow calc risk`.
#[derive(Args, Debug)]
#[command(after_help = "\
Example:
  hedgerow calc risk --price 2000 --range-lower 1500 --range-upper 2500 \\
      --volatility 80% --horizon 30d
The price follows a geometric Brownian motion whose expectation grows by --drift a year.")]
pub struct RiskArgs {
    /// Price now, token1 per token0
    #[arg(long, value_name = "PRICE")]
    pub price: Decimal,
    /// Lower end of the range
    #[arg(long, value_name = "PRICE", requires = "range_upper")]
    pub range_lower: Option<Decimal>,
    /// Upper end of the range
    #[arg(long, value_name = "PRICE", requires = "range_lower")]
    pub range_upper: Option<Decimal>,
    /// Yearly volatility, such as 80%
    #[arg(long, value_name = "VOLATILITY")]
    pub volatility: Number,
    /// How far to look ahead, such as 30d
    #[arg(long, value_name = "TIME")]
    pub horizon: Duration,
    /// Yearly growth of the expected price, continuously compounded
    #[arg(long, value_name = "RATE", default_value = "0", allow_hyphen_values = true)]
    pub drift: Number,
    /// How sure VaR is to be
    #[arg(long, value_name = "SHARE", default_value = "95%")]
    pub confidence: Number,
    /// Print one JSON document
    #[arg(long)]
    pub json: bool,
}

/// Prints how likely the range holds, and what holding token0 may lose.
pub fn run(args: &RiskArgs) -> Result<()> {
    let market = Market {
        spot: price("--price", &args.price)?,
        volatility: args.volatility.non_negative("--volatility")?,
        seconds: args.horizon.seconds,
        rate: args.drift.wad("--drift")?,
    };
    let mut report = Report::new(format!(
        "{} over {}, from {}",
        args.volatility, args.horizon, args.price
    ));
    report
        .given("price", &args.price)
        .given("volatility", &args.volatility)
        .given("seconds", args.horizon.seconds)
        .given("drift", &args.drift)
        .given("confidence", &args.confidence);
    if let (Some(lower), Some(upper)) = (&args.range_lower, &args.range_upper) {
        let ends = (price("--range-lower", lower)?, price("--range-upper", upper)?);
        if ends.0 >= ends.1 {
            let given = format!("{lower} to {upper}");
            return Err(Error::invalid(
                "the range",
                given,
                "it is empty: the lower end must be below the upper",
            ));
        }
        let refused = refused("the probability");
        let at_horizon = in_range(&market, ends.0, ends.1).map_err(&refused)?;
        let throughout = stays_in_range(&market, ends.0, ends.1).map_err(&refused)?;
        report
            .value("range", vec![lower.to_string(), upper.to_string()].into())
            .percent(
                "inRange",
                &format!("chance to be within {lower} to {upper} at the end"),
                at_horizon,
            )
            .percent("staysInRange", "chance never to leave it", throughout);
    }
    let (mean, deviation) = log_return(&market)?;
    let confidence = args.confidence.wad("--confidence")?;
    let tail = lognormal(mean, deviation, confidence).map_err(refused("the tail loss"))?;
    report
        .percent(
            "valueAtRisk",
            &format!("VaR of holding token0, {}", args.confidence),
            tail.value_at_risk,
        )
        .percent(
            "conditionalValueAtRisk",
            "CVaR: the mean loss beyond it",
            tail.conditional,
        )
        .print(args.json)
}

/// Mean and deviation of the log return: `(rate - sigma^2 / 2) T` and `sigma sqrt(T)`.
fn log_return(market: &Market) -> Result<(Wad, Wad)> {
    let years = Real::from_u128(market.seconds.into()) / Real::from_u128(YEAR.into());
    let volatility = Real::from_wad(market.volatility);
    let mean = (Real::from_wad(market.rate) - volatility.square().half()) * years;
    let deviation = volatility * years.sqrt();
    let wad = |x: Real| x.to_wad(Rounding::Nearest).map_err(refused("the return"));
    Ok((wad(mean)?, wad(deviation)?))
}
