//! `hedgerow calc il`.

use super::{
    plot::{self, PlotArgs},
    pool::PoolArgs,
    refused,
};
use crate::{
    decimal::{Decimal, format_percent, format_signed},
    error::{Error, Result},
    output::{self, decimal_string},
    price,
};
use alloy::primitives::I256;
use clap::Args;
use hedgerow_core::{curve::Curve, il};
use serde::Serialize;

/// Arguments of `hedgerow calc il`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  hedgerow calc il --entry-price 2000 --price 3000
  hedgerow calc il --entry-price 2000 --price 3000 --weight 0.8
  hedgerow calc il --entry-price 2000 --range-lower 1600 --range-upper 2500 --plot --svg loss.svg")]
pub struct IlArgs {
    /// Price at entry, token1 per token0
    #[arg(long, value_name = "PRICE")]
    pub entry_price: Decimal,
    /// Price now; may be left out of a drawing
    #[arg(long, value_name = "PRICE", required_unless_present_any = ["plot", "svg"])]
    pub price: Option<Decimal>,
    /// Which pool.
    #[command(flatten)]
    pub pool: PoolArgs,
    /// The drawing.
    #[command(flatten)]
    pub plot: PlotArgs,
    /// Print one JSON document
    #[arg(long, conflicts_with = "plot")]
    pub json: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    pool: &'static str,
    entry_price: String,
    price: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    weight: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    range: Option<[String; 2]>,
    /// wad, rounded towards minus infinity
    #[serde(with = "decimal_string")]
    il_wad: I256,
    il: String,
}

/// Prints the loss, the curve, or both.
pub fn run(args: &IlArgs) -> Result<()> {
    let entry = &args.entry_price;
    for (what, price) in [("--entry-price", Some(entry)), ("--price", args.price.as_ref())] {
        if let Some(price) = price.filter(|price| price.is_zero()) {
            return Err(Error::invalid(what, price, "a price must be above zero"));
        }
    }
    // Refuses an empty range or a weight that is none before anything is drawn.
    args.pool.curve()?;
    if args.plot.wanted() {
        plot::draw(&args.plot, &args.pool, entry, args.price.as_ref())?;
    }
    match &args.price {
        Some(price) => print_loss(args, price),
        None => Ok(()),
    }
}

fn print_loss(args: &IlArgs, price: &Decimal) -> Result<()> {
    let wad = loss(args, price)?;
    let pool = &args.pool;
    let report = Report {
        pool: pool.name(),
        entry_price: args.entry_price.to_string(),
        price: price.to_string(),
        weight: pool.weight.as_ref().map(ToString::to_string),
        range: pool
            .range_lower
            .as_ref()
            .zip(pool.range_upper.as_ref())
            .map(|(a, b)| [a.to_string(), b.to_string()]),
        il_wad: wad,
        il: format_signed(wad, 18),
    };
    if args.json {
        return output::print_json(&report);
    }
    output::print(&format!(
        "{} against holding: {} ({}; price {} -> {})",
        format_percent(wad, 6),
        report.il,
        pool.description(),
        report.entry_price,
        report.price
    ))
}

/// The loss to its last digit: exact integers where the core has them.
fn loss(args: &IlArgs, price: &Decimal) -> Result<I256> {
    let entry = &args.entry_price;
    let loss = match args.pool.curve()? {
        Curve::Concentrated { .. } => return concentrated(args, price),
        Curve::ConstantProduct => {
            let (entry, now) = Decimal::common("the prices", entry, price)?;
            il::constant_product(entry, now)
        }
        Curve::Weighted { weight0 } => {
            let (entry, now) = Decimal::common("the prices", entry, price)?;
            il::weighted(entry, now, weight0.0.into_raw())
        }
    };
    loss.map_err(refused("the impermanent loss"))
}

fn concentrated(args: &IlArgs, price: &Decimal) -> Result<I256> {
    let (Some(lower), Some(upper)) = (&args.pool.range_lower, &args.pool.range_upper) else {
        return Err(Error::missing("the range", "give --range-lower and --range-upper"));
    };
    let root = |what, price| price::sqrt_price_from(what, price, 0, 0);
    il::concentrated_between(
        root("--entry-price", &args.entry_price)?,
        root("--price", price)?,
        root("--range-lower", lower)?,
        root("--range-upper", upper)?,
    )
    .map_err(refused("the impermanent loss"))
}
