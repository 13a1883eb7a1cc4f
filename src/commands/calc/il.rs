//! `hedgerow calc il`.

use super::{
    input::wad,
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
  hedgerow calc il --ratios 2,1.15,1 --weights 0.5,0.25,0.25
  hedgerow calc il --entry-price 2000 --range-lower 1600 --range-upper 2500 --plot --svg loss.svg")]
pub struct IlArgs {
    /// Price at entry, token1 per token0
    #[arg(long, value_name = "PRICE", required_unless_present = "ratios")]
    pub entry_price: Option<Decimal>,
    /// Price now; may be left out of a drawing
    #[arg(long, value_name = "PRICE", required_unless_present_any = ["plot", "svg", "ratios"])]
    pub price: Option<Decimal>,
    /// Of a pool of several assets: what each one's price now is of its price at entry
    #[arg(
        long,
        value_name = "RATIOS",
        value_delimiter = ',',
        requires = "weights",
        conflicts_with_all = ["entry_price", "price", "weight", "range_lower", "plot", "svg"]
    )]
    pub ratios: Vec<Decimal>,
    /// And their weights, which sum to one
    #[arg(long, value_name = "WEIGHTS", value_delimiter = ',', requires = "ratios")]
    pub weights: Vec<Decimal>,
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

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ManyReport {
    pool: &'static str,
    ratios: Vec<String>,
    weights: Vec<String>,
    /// wad, rounded towards minus infinity
    #[serde(with = "decimal_string")]
    il_wad: I256,
    il: String,
}

/// Prints the loss, the curve, or both.
pub fn run(args: &IlArgs) -> Result<()> {
    // Without an entry price there are ratios, by the arguments' rules.
    let Some(entry) = &args.entry_price else {
        return print_many(args);
    };
    for (what, price) in [("--entry-price", Some(entry)), ("--price", args.price.as_ref())] {
        if let Some(price) = price.filter(|price| price.is_zero()) {
            return Err(Error::invalid(what, price, "a price must be above zero"));
        }
    }
    // Refuses an empty range or a weight that is none before anything is drawn.
    args.pool.curve()?;
    plot::draw(&args.plot, &args.pool, entry, args.price.as_ref())?;
    match &args.price {
        Some(price) => print_loss(args, entry, price),
        None => Ok(()),
    }
}

fn print_many(args: &IlArgs) -> Result<()> {
    let wads = |what, list: &[Decimal]| list.iter().map(|item| wad(what, item)).collect::<Result<Vec<_>>>();
    let (ratios, weights) = (wads("--ratios", &args.ratios)?, wads("--weights", &args.weights)?);
    let loss = il::many(&ratios, &weights).map_err(refused("the impermanent loss"))?.0;
    let words = |list: &[Decimal]| list.iter().map(ToString::to_string).collect::<Vec<_>>();
    let (ratios, weights) = (words(&args.ratios), words(&args.weights));
    if args.json {
        return output::print_json(&ManyReport {
            pool: "weighted",
            il: format_signed(loss, 18),
            il_wad: loss,
            ratios,
            weights,
        });
    }
    output::print(&format!(
        "{} against holding: {} (weighted pool, {} of assets at {} of their entry prices)",
        format_percent(loss, 6),
        format_signed(loss, 18),
        weights.join("/"),
        ratios.join("/")
    ))
}

fn print_loss(args: &IlArgs, entry: &Decimal, price: &Decimal) -> Result<()> {
    let wad = loss(args, entry, price)?;
    let pool = &args.pool;
    let report = Report {
        pool: pool.name(),
        entry_price: entry.to_string(),
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
fn loss(args: &IlArgs, entry: &Decimal, price: &Decimal) -> Result<I256> {
    let loss = match args.pool.curve()? {
        Curve::Concentrated { .. } => return concentrated(args, entry, price),
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

fn concentrated(args: &IlArgs, entry: &Decimal, price: &Decimal) -> Result<I256> {
    let (Some(lower), Some(upper)) = (&args.pool.range_lower, &args.pool.range_upper) else {
        return Err(Error::missing("the range", "give --range-lower and --range-upper"));
    };
    let root = |what, price| price::sqrt_price_from(what, price, 0, 0);
    il::concentrated_between(
        root("--entry-price", entry)?,
        root("--price", price)?,
        root("--range-lower", lower)?,
        root("--range-upper", upper)?,
    )
    .map_err(refused("the impermanent loss"))
}
