//! `hedgerow calc volatility`.

use super::{
    input::{Duration, Number},
    prices::PricesArgs,
    refused,
    report::Report,
};
use crate::error::{Error, Result};
use clap::Args;
use hedgerow_core::{
    Wad,
    black_scholes::YEAR,
    garch::{self, Model},
    risk::max_drawdown,
    volatility::{Estimator, Volatility, close_to_close, ewma, range_based, zero_mean},
};
use std::str::FromStr;

/// The model's three parameters, separated by commas.
#[derive(Clone, Debug)]
pub struct GarchArg([Number; 3]);

impl FromStr for GarchArg {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let numbers = text.split(',').map(str::parse).collect::<Result<Vec<Number>, _>>();
        let numbers = numbers.map_err(|error| error.to_string())?;
        let three = <[Number; 3]>::try_from(numbers);
        three
            .map(Self)
            .map_err(|_| "write three numbers, such as 0.000002,0.08,0.9".into())
    }
}

/// Arguments of `hedgerow calc volatility`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  hedgerow calc volatility 100 102 101 105 103
  hedgerow calc volatility --file prices.csv --interval 1h --garch 0.000002,0.08,0.9 --horizon 24
  hedgerow calc volatility --interval 1d < prices.csv")]
pub struct VolatilityArgs {
    /// The prices.
    #[command(flatten)]
    pub prices: PricesArgs,
    /// Time between two prices; a year must hold a whole number of them
    #[arg(long, value_name = "TIME", default_value = "1d")]
    pub interval: Duration,
    /// How much of the moving average a new return leaves
    #[arg(long, value_name = "LAMBDA", default_value = "0.94")]
    pub decay: Number,
    /// GARCH(1,1): the variance that each interval adds, the last return's weight, the last variance's weight
    #[arg(long, value_name = "OMEGA,ALPHA,BETA")]
    pub garch: Option<GarchArg>,
    /// Intervals that the GARCH forecast reaches
    #[arg(long, value_name = "N", default_value_t = 1, requires = "garch")]
    pub horizon: u64,
    /// Print one JSON document
    #[arg(long)]
    pub json: bool,
}

/// Prints what the prices' moves amount to in a year, by each estimator.
pub fn run(args: &VolatilityArgs) -> Result<()> {
    let periods = periods(args.interval)?;
    let prices = args.prices.read()?;
    let closes = &prices.closes;
    let refused_volatility = refused("the volatility");
    let mut report = Report::with_columns(
        format!("{} prices, every {}", closes.len(), args.interval),
        &["per year", "variance per interval"],
    );
    report
        .given("prices", closes.len())
        .given("intervalSeconds", args.interval.seconds)
        .given("periods", periods);
    // Deviations from a mean take two returns.
    if closes.len() > 2 {
        let sample = close_to_close(closes, periods).map_err(&refused_volatility)?;
        add(
            &mut report,
            ("closeToClose", "closeToCloseVariance", "close to close"),
            sample,
        );
    }
    if closes.len() > 1 || prices.bars.is_empty() {
        let squares = zero_mean(closes, periods).map_err(&refused_volatility)?;
        add(
            &mut report,
            ("zeroMean", "zeroMeanVariance", "close to close, mean zero"),
            squares,
        );
        let average = ewma(closes, args.decay.wad("--decay")?, periods).map_err(&refused_volatility)?;
        add(
            &mut report,
            ("ewma", "ewmaVariance", &format!("moving average, {}", args.decay)),
            average,
        );
    }
    if !prices.bars.is_empty() {
        for (keys, estimator) in [
            (("parkinson", "parkinsonVariance", "Parkinson"), Estimator::Parkinson),
            (
                ("garmanKlass", "garmanKlassVariance", "Garman-Klass"),
                Estimator::GarmanKlass,
            ),
            (
                ("rogersSatchell", "rogersSatchellVariance", "Rogers-Satchell"),
                Estimator::RogersSatchell,
            ),
        ] {
            let estimate = range_based(estimator, &prices.bars, periods).map_err(&refused_volatility)?;
            add(&mut report, keys, estimate);
        }
    }
    forecast(args, closes, periods, &mut report)?;
    let fall = max_drawdown(closes).map_err(refused("the greatest fall"))?;
    report.percent("maxDrawdown", "greatest fall", fall).print(args.json)
}

/// How many intervals a year has.
fn periods(interval: Duration) -> Result<u64> {
    match YEAR.checked_rem(interval.seconds) {
        Some(0) => Ok(YEAR / interval.seconds),
        _ => Err(Error::invalid(
            "--interval",
            interval,
            "a year of 365 days must hold a whole number of intervals: 1d, 1h, 5m, 1s",
        )),
    }
}

fn add(report: &mut Report, (key, variance_key, label): (&'static str, &'static str, &str), volatility: Volatility) {
    report.row(
        label,
        &[
            &super::report::percent(volatility.yearly),
            &super::report::readable(volatility.variance),
        ],
    );
    report
        .exact(key, volatility.yearly)
        .exact(variance_key, volatility.variance);
}

fn forecast(args: &VolatilityArgs, closes: &[Wad], periods: u64, report: &mut Report) -> Result<()> {
    let Some(GarchArg([omega, alpha, beta])) = &args.garch else {
        return Ok(());
    };
    let model = Model {
        omega: omega.wad("--garch")?,
        alpha: alpha.wad("--garch")?,
        beta: beta.wad("--garch")?,
    };
    let forecast = garch::forecast(&model, closes, args.horizon, periods).map_err(refused("the forecast"))?;
    let shown = |variance| super::report::readable(variance);
    report
        .given("horizon", args.horizon)
        .row(
            &format!("GARCH, mean of the next {}", args.horizon),
            &[&super::report::percent(forecast.vol), &shown(forecast.avg_variance)],
        )
        .row("GARCH, next", &["", &shown(forecast.next_variance)])
        .row("GARCH, at the horizon", &["", &shown(forecast.variance_h)])
        .row("GARCH, in the long run", &["", &shown(forecast.long_run)])
        .exact("garch", forecast.vol)
        .exact("garchVariance", forecast.avg_variance)
        .exact("garchNextVariance", forecast.next_variance)
        .exact("garchHorizonVariance", forecast.variance_h)
        .exact("garchLongRunVariance", forecast.long_run);
    Ok(())
}
