//! `hedgerow calc hedge`.

use super::{
    input::{Number, price},
    pool::{PoolArgs, SizeArgs},
    refused,
    report::Report,
};
use crate::{decimal::Decimal, error::Result};
use clap::Args;
use hedgerow_core::hedge::{delta_hedge, scaled};

/// Arguments of `hedgerow calc hedge`.
#[derive(Args, Debug)]
#[command(after_help = "\
Example:
  hedgerow calc hedge --entry-price 2000 --price 2300 \\
      --range-lower 1500 --range-upper 2500 --value 10000
A hedge set once keeps the loss of every later move; only resetting it, or owning options, removes that.")]
pub struct HedgeArgs {
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
    /// Scale both sizes, such as by forecast over usual volatility
    #[arg(long, value_name = "RATIO", default_value = "1")]
    pub scale: Number,
    /// Print one JSON document
    #[arg(long)]
    pub json: bool,
}

/// Prints how much token0 to short.
pub fn run(args: &HedgeArgs) -> Result<()> {
    let entry = price("--entry-price", &args.entry_price)?;
    let now = price("--price", &args.price)?;
    let scale = args.scale.non_negative("--scale")?;
    let (stake, liquidity) = args.size.stake(args.pool.curve()?, entry)?;
    let hedge = delta_hedge(&stake, entry, now).map_err(refused("the hedge"))?;
    let subject = format!("{}; {} -> {}", args.pool.description(), args.entry_price, args.price);
    let mut report = Report::new(subject);
    args.pool.give(&mut report);
    report
        .given("entryPrice", &args.entry_price)
        .given("price", &args.price)
        .number("liquidity", "liquidity", liquidity)
        .number("shortValue", "token0 to short to keep the value", hedge.short_value)
        .number(
            "shortIl",
            "token0 to short to keep value - hold (below zero: to buy)",
            hedge.short_il,
        );
    if scale != hedgerow_core::Wad::ONE {
        let scaled = |size| scaled(size, scale).map_err(refused("the scaled hedge"));
        report
            .given("scale", &args.scale)
            .number(
                "scaledShortValue",
                &format!("the first, times {}", args.scale),
                scaled(hedge.short_value)?,
            )
            .number(
                "scaledShortIl",
                &format!("the second, times {}", args.scale),
                scaled(hedge.short_il)?,
            );
    }
    report
        .percent("hedgeRatio", "share of the value exposed to token0", hedge.hedge_ratio)
        .number("gamma", "gamma: token0 less per unit of price", hedge.gamma)
        .print(args.json)
}
