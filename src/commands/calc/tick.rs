//! `hedgerow calc tick`.

use super::{refused, report::Report};
use crate::{
    decimal::Decimal,
    error::{Error, Result},
    price,
};
use clap::Args;
use hedgerow_core::tick;

/// Arguments of `hedgerow calc tick`.
#[derive(Args, Debug)]
#[command(after_help = "\
Example, WETH (18 decimals) against USDC (6):
  hedgerow calc tick --price 3000 --decimals0 18 --decimals1 6 --spacing 60")]
pub struct TickArgs {
    /// The price to find the tick of, whole token1 per whole token0
    #[arg(
        long,
        value_name = "PRICE",
        required_unless_present = "tick",
        conflicts_with = "tick"
    )]
    pub price: Option<Decimal>,
    /// The tick to find the price of
    #[arg(long, value_name = "TICK", allow_hyphen_values = true)]
    pub tick: Option<i32>,
    /// token0's decimals
    #[arg(long, value_name = "N", default_value_t = 18)]
    pub decimals0: u8,
    /// token1's decimals
    #[arg(long, value_name = "N", default_value_t = 18)]
    pub decimals1: u8,
    /// The pool's tick spacing
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(i32).range(1..=32767))]
    pub spacing: i32,
    /// Print one JSON document
    #[arg(long)]
    pub json: bool,
}

/// Prints a tick, its sqrt price and its price, and the ticks beside it that the pool can use.
pub fn run(args: &TickArgs) -> Result<()> {
    for (what, decimals) in [("--decimals0", args.decimals0), ("--decimals1", args.decimals1)] {
        if decimals > 36 {
            return Err(Error::invalid(what, decimals, "give at most 36"));
        }
    }
    let shown = |tick| price::price_at_tick(tick, args.decimals0, args.decimals1);
    let mut report = Report::new("tick");
    let tick = match (&args.price, args.tick) {
        (Some(given), _) => {
            let sqrt_price = price::sqrt_price_from("--price", given, args.decimals0, args.decimals1)?;
            report
                .given("price", given)
                .text("sqrtPriceX96", "sqrtPriceX96 of the price", sqrt_price);
            tick::tick_at_sqrt_price(sqrt_price).map_err(refused("the tick"))?
        }
        (None, tick) => tick.unwrap_or_default(),
    };
    let at_tick = tick::sqrt_price_at_tick(tick).map_err(|error| Error::invalid("--tick", tick, error.to_string()))?;
    let below = tick::floor_to_spacing(tick, args.spacing);
    report
        .text("tick", "tick", tick)
        .text("tickSqrtPriceX96", "sqrtPriceX96 at the tick", at_tick)
        .text("tickPrice", "price at the tick", shown(tick)?);
    for (label, key, price_key, usable) in [
        ("usable tick at or below", "usableBelow", "usableBelowPrice", below),
        (
            "usable tick above",
            "usableAbove",
            "usableAbovePrice",
            below.saturating_add(args.spacing),
        ),
    ] {
        // At the ends of the ticks there is none.
        if let Ok(price) = shown(usable) {
            report.text(key, label, usable).text(price_key, "  its price", price);
        }
    }
    report.print(args.json)
}
