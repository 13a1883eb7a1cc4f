//! `hedgerow calc`: the core's figures without a chain.

use super::refused;
use crate::{
    decimal::{Decimal, format_percent, format_signed},
    error::{Error, Result},
    output::{self, decimal_string},
    price,
};
use alloy::primitives::{I256, U256};
use clap::Args;
use hedgerow_core::il;
use serde::Serialize;

/// Arguments of `hedgerow calc il`.
#[derive(Args, Debug)]
pub struct IlArgs {
    /// Price at entry, token1 per token0
    #[arg(long, value_name = "PRICE")]
    pub entry_price: Decimal,
    /// Price now
    #[arg(long, value_name = "PRICE")]
    pub price: Decimal,
    /// token0's weight in a weighted pool, between 0 and 1
    #[arg(long, value_name = "WEIGHT", conflicts_with_all = ["range_lower", "range_upper"])]
    pub weight: Option<Decimal>,
    /// Lower end of a concentrated range, as a price
    #[arg(long, value_name = "PRICE", requires = "range_upper")]
    pub range_lower: Option<Decimal>,
    /// Upper end of a concentrated range, as a price
    #[arg(long, value_name = "PRICE", requires = "range_lower")]
    pub range_upper: Option<Decimal>,
    /// Print one JSON document
    #[arg(long)]
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

/// Prints it.
pub fn run(args: &IlArgs) -> Result<()> {
    for (what, price) in [("--entry-price", &args.entry_price), ("--price", &args.price)] {
        if price.is_zero() {
            return Err(Error::invalid(what, price, "a price must be above zero"));
        }
    }
    let (pool, wad) = match (&args.weight, &args.range_lower, &args.range_upper) {
        (Some(weight), ..) => ("weighted", weighted(args, weight)?),
        (None, Some(lower), Some(upper)) => ("concentrated", concentrated(args, lower, upper)?),
        _ => ("constant product", constant_product(args)?),
    };
    let report = Report {
        pool,
        entry_price: args.entry_price.to_string(),
        price: args.price.to_string(),
        weight: args.weight.as_ref().map(ToString::to_string),
        range: args
            .range_lower
            .as_ref()
            .zip(args.range_upper.as_ref())
            .map(|(a, b)| [a.to_string(), b.to_string()]),
        il_wad: wad,
        il: format_signed(wad, 18),
    };
    if args.json {
        return output::print_json(&report);
    }
    let of = match (&report.weight, &report.range) {
        (Some(weight), _) => format!("weighted pool, {weight} of token0"),
        (_, Some([lower, upper])) => format!("concentrated from {lower} to {upper}"),
        _ => "constant product, 50/50".into(),
    };
    output::print(&format!(
        "{} against holding: {} ({of}; price {} -> {})",
        format_percent(wad, 6),
        report.il,
        report.entry_price,
        report.price
    ))
}

fn constant_product(args: &IlArgs) -> Result<I256> {
    let (entry, now) = Decimal::common("the prices", &args.entry_price, &args.price)?;
    il::constant_product(entry, now).map_err(refused("the impermanent loss"))
}

fn weighted(args: &IlArgs, weight: &Decimal) -> Result<I256> {
    let wad = weight.scaled("--weight", 18)?;
    if wad.is_zero() || wad >= U256::from(hedgerow_core::WAD) {
        return Err(Error::invalid(
            "--weight",
            weight,
            "give token0's share, strictly between 0 and 1",
        ));
    }
    let (entry, now) = Decimal::common("the prices", &args.entry_price, &args.price)?;
    il::weighted(entry, now, wad).map_err(refused("the impermanent loss"))
}

fn concentrated(args: &IlArgs, lower: &Decimal, upper: &Decimal) -> Result<I256> {
    let root = |what, price| price::sqrt_price_from(what, price, 0, 0);
    let (a, b) = (root("--range-lower", lower)?, root("--range-upper", upper)?);
    if a >= b {
        let range = format!("{lower} to {upper}");
        return Err(Error::invalid(
            "the range",
            range,
            "it is empty: the lower end must be below the upper",
        ));
    }
    il::concentrated_between(
        root("--entry-price", &args.entry_price)?,
        root("--price", &args.price)?,
        a,
        b,
    )
    .map_err(refused("the impermanent loss"))
}
