//! `hedgerow calc scorecard`.

use super::{
    input::{Number, price},
    refused,
    report::Report,
};
use crate::{decimal::Decimal, error::Result};
use clap::{Args, ValueEnum};
use hedgerow_core::scorecard::{Factors, Management, Verdict, Width, score};

/// How often the position is looked after.
#[derive(ValueEnum, Clone, Copy, Debug)]
pub enum ManagementArg {
    /// By a keeper, whenever its policy says so
    Automated,
    /// Every day
    Daily,
    /// Every week
    Weekly,
    /// Every month
    Monthly,
    /// Not at all
    None,
}

/// Arguments of `hedgerow calc scorecard`.
#[derive(Args, Debug)]
#[command(after_help = "\
Example:
  hedgerow calc scorecard --volatility 60% --correlation 0.7 --fees 1.29% --loss 0.6% \\
      --management weekly --range-lower 1500 --range-upper 2500")]
pub struct ScorecardArgs {
    /// Yearly volatility of the pair's price
    #[arg(long, value_name = "VOLATILITY")]
    pub volatility: Number,
    /// Correlation of the two tokens' returns, -1 to 1; zero where one is the unit of account
    #[arg(long, value_name = "NUMBER", default_value = "0", allow_hyphen_values = true)]
    pub correlation: Number,
    /// Fees earned or expected
    #[arg(long, value_name = "NUMBER")]
    pub fees: Number,
    /// The loss over the same time and in the same unit, as a positive number
    #[arg(long, value_name = "NUMBER")]
    pub loss: Number,
    /// How often the position is looked after
    #[arg(long, value_name = "HOW")]
    pub management: ManagementArg,
    /// Lower end of the range; without one there is liquidity at every price
    #[arg(long, value_name = "PRICE", requires = "range_upper")]
    pub range_lower: Option<Decimal>,
    /// Upper end of the range
    #[arg(long, value_name = "PRICE", requires = "range_lower")]
    pub range_upper: Option<Decimal>,
    /// Print one JSON document
    #[arg(long)]
    pub json: bool,
}

/// Prints five factors from 1, little risk, to 5, much.
pub fn run(args: &ScorecardArgs) -> Result<()> {
    let width = match (&args.range_lower, &args.range_upper) {
        (Some(lower), Some(upper)) => Width::Range {
            lower: price("--range-lower", lower)?,
            upper: price("--range-upper", upper)?,
        },
        _ => Width::Full,
    };
    let card = score(&Factors {
        volatility: args.volatility.non_negative("--volatility")?,
        correlation: args.correlation.wad("--correlation")?,
        fees: args.fees.non_negative("--fees")?,
        loss: args.loss.non_negative("--loss")?,
        management: match args.management {
            ManagementArg::Automated => Management::Automated,
            ManagementArg::Daily => Management::Daily,
            ManagementArg::Weekly => Management::Weekly,
            ManagementArg::Monthly => Management::Monthly,
            ManagementArg::None => Management::None,
        },
        width,
    })
    .map_err(refused("the scorecard"))?;
    let verdict = match card.verdict {
        Verdict::Low => "low",
        Verdict::Moderate => "moderate",
        Verdict::High => "high",
        Verdict::Extreme => "extreme",
    };
    let mut report = Report::with_columns("risk, 1 (little) to 5 (much)", &["score"]);
    for (key, label, score) in [
        ("volatility", "volatility of the price", card.volatility),
        ("correlation", "correlation of the tokens", card.correlation),
        ("fees", "fees / loss", card.fees),
        ("management", "management", card.management),
        ("width", "width of the range", card.width),
        ("total", "total of 25", card.total),
    ] {
        report.text(key, label, score);
    }
    report.text("verdict", "risk", verdict).print(args.json)
}
