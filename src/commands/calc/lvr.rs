//! `hedgerow calc lvr`.

use super::{
    input::{Number, price},
    pool::PoolArgs,
    refused,
    report::Report,
};
use crate::{decimal::Decimal, error::Result};
use clap::Args;
use hedgerow_core::{
    Real, Rounding, Wad,
    black_scholes::YEAR,
    curve::{Curve, Stake},
    efficiency, lvr,
};

/// Arguments of `hedgerow calc lvr`.
#[derive(Args, Debug)]
#[command(after_help = "\
Example, a 0.05 % pool on a chain with blocks of 250 ms:
  hedgerow calc lvr --price 2000 --range-lower 1500 --range-upper 2500 \\
      --volatility 80% --fee 0.05% --block-time 0.25")]
pub struct LvrArgs {
    /// Price now, token1 per token0
    #[arg(long, value_name = "PRICE")]
    pub price: Decimal,
    /// Which pool.
    #[command(flatten)]
    pub pool: PoolArgs,
    /// Yearly volatility, such as 80%
    #[arg(long, value_name = "VOLATILITY")]
    pub volatility: Number,
    /// The pool's fee, such as 0.3%
    #[arg(long, value_name = "FEE")]
    pub fee: Option<Number>,
    /// Seconds between two blocks
    #[arg(long, value_name = "SECONDS", requires = "fee")]
    pub block_time: Option<Number>,
    /// The yearly fee yield that the pool pays, such as 15%: prints the volatility that it makes up for
    #[arg(long, value_name = "YIELD")]
    pub fee_apr: Option<Number>,
    /// Print one JSON document
    #[arg(long)]
    pub json: bool,
}

/// Prints what liquidity loses to arbitrage, and the fees that make up for it.
pub fn run(args: &LvrArgs) -> Result<()> {
    let now = price("--price", &args.price)?;
    let volatility = args.volatility.positive("--volatility")?;
    let curve = args.pool.curve()?;
    // A rate does not depend on how much liquidity there is.
    let stake = Stake::new(curve, Wad::ONE).map_err(refused("the position"))?;
    let refused_lvr = refused("the loss versus rebalancing");
    let rate = lvr::of_stake(volatility, &stake, now).map_err(&refused_lvr)?;
    let mut report = Report::new(format!(
        "{} at {}; {}",
        args.pool.description(),
        args.price,
        args.volatility
    ));
    args.pool.give(&mut report);
    report
        .given("price", &args.price)
        .given("volatility", &args.volatility)
        .percent("lvrApr", "LVR per year = fee yield to break even", rate);
    if let Curve::Concentrated { lower, upper } = curve
        && lower <= now
        && now <= upper
    {
        let factor = efficiency::between(lower, upper, now).map_err(refused("the capital efficiency"))?;
        report.number("capitalEfficiency", "capital efficiency of the range", factor);
    }
    if let Some(fee) = &args.fee {
        let turnover = lvr::break_even_turnover(rate, fee.positive("--fee")?).map_err(&refused_lvr)?;
        report
            .given("fee", fee)
            .number("turnover", "yearly volume / value to break even", turnover);
    }
    arbitrage(args, volatility, rate, &mut report)?;
    if let Some(fee_apr) = &args.fee_apr {
        let implied = lvr::implied_volatility_of_stake(fee_apr.non_negative("--fee-apr")?, &stake, now);
        report.given("feeApr", fee_apr).percent(
            "feeImpliedVolatility",
            "volatility that the fee yield makes up for",
            implied.map_err(&refused_lvr)?,
        );
    }
    report.print(args.json)
}

/// What the fee leaves to arbitrageurs.
fn arbitrage(args: &LvrArgs, volatility: Wad, rate: Wad, report: &mut Report) -> Result<()> {
    let (Some(fee), Some(block_time)) = (&args.fee, &args.block_time) else {
        return Ok(());
    };
    let (fee, seconds) = (fee.positive("--fee")?, block_time.positive("--block-time")?);
    // The unit of time is the second: a block is too short for eighteen digits of a year.
    let per_second = Real::from_wad(volatility) / Real::from_u128(YEAR.into()).sqrt();
    let per_second = per_second
        .to_wad(Rounding::Nearest)
        .map_err(refused("the volatility of a second"))?;
    let refused = refused("the arbitrage");
    let probability = lvr::trade_probability(per_second, fee, seconds).map_err(&refused)?;
    let paid = lvr::arbitrage_rate(rate, per_second, fee, seconds).map_err(&refused)?;
    report
        .given("blockTime", block_time)
        .percent("tradeProbability", "blocks with an arbitrage trade", probability)
        .percent("arbitrageApr", "what arbitrage takes per year, the fee paid", paid);
    Ok(())
}
