//! `hedgerow calc position`.

use super::{
    input::price,
    pool::{PoolArgs, SizeArgs},
    refused,
    report::Report,
};
use crate::{decimal::Decimal, error::Result};
use clap::Args;
use hedgerow_core::curve;

/// Arguments of `hedgerow calc position`.
#[derive(Args, Debug)]
#[command(after_help = "\
Example, 2 ETH and 4,000 USD at 2,000 in a range that ends at 3,000:
  hedgerow calc position --entry-price 2000 --price 2500 \\
      --range-lower 1333.33 --range-upper 3000 --liquidity 487.417")]
pub struct PositionArgs {
    /// Price at entry, token1 per token0
    #[arg(long, value_name = "PRICE")]
    pub entry_price: Decimal,
    /// Price now
    #[arg(long, value_name = "PRICE")]
    pub price: Decimal,
    /// Which pool.
    #[command(flatten)]
    pub pool: PoolArgs,
    /// How much.
    #[command(flatten)]
    pub size: SizeArgs,
    /// Print one JSON document
    #[arg(long)]
    pub json: bool,
}

/// Prints what the position holds, is worth and has lost, and how it moves with the price.
pub fn run(args: &PositionArgs) -> Result<()> {
    let entry = price("--entry-price", &args.entry_price)?;
    let now = price("--price", &args.price)?;
    let (stake, liquidity) = args.size.stake(args.pool.curve()?, entry)?;
    let figures = curve::figures(&stake, entry, now).map_err(refused("the position"))?;
    let subject = format!("{}; {} -> {}", args.pool.description(), args.entry_price, args.price);
    let mut report = Report::new(subject);
    args.pool.give(&mut report);
    report
        .given("entryPrice", &args.entry_price)
        .given("price", &args.price)
        .number("liquidity", "liquidity", liquidity)
        .number("amount0", "token0 held", figures.amount0)
        .number("amount1", "token1 held", figures.amount1)
        .number("value", "value, in token1", figures.value)
        .number("hold", "value had it been held", figures.hold)
        .percent("il", "IL", figures.il)
        .number("ilAbs", "IL, in token1", figures.il_abs)
        .number("delta", "delta, in token0", figures.delta)
        .number("gamma", "gamma", figures.gamma)
        .number("dollarDelta", "price x delta, in token1", figures.dollar_delta)
        .number("dollarGamma", "price^2 x gamma, in token1", figures.dollar_gamma)
        .percent("deltaRatio", "price x delta / value", figures.delta_ratio)
        .percent("gammaRatio", "price^2 x gamma / value", figures.gamma_ratio)
        .number("ilDelta", "delta of the IL, in token0", figures.il_delta)
        .print(args.json)
}
