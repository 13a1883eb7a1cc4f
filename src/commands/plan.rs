//! `hedgerow plan`: ways to hedge a position, compared before anything is done.

mod chain;
mod file;

use super::calc::input::{Duration, Number};
use crate::{
    cli::{NodeArgs, OwnerArgs, PositionManagerArgs, RecordArgs},
    commands::hedge::{GuardArgs, VenueArgs},
    error::{Error, Result},
    hedge::growth::Since,
    output,
    plan::{Advice, Comparison, Given, Line, compare, given::trimmed},
    position::Place,
};
use clap::Args;
use hedgerow_core::scorecard::Verdict;
use serde_json::{Value, json};
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  hedgerow plan 1 --market 0x… --share 50% --write hedge.toml
  hedgerow plan --value 10000 --price 2000 --range-lower 1500 --range-upper 2500 --volatility 60% --fee-apr 25% \\
      --borrow-rate 3% --supply-rate 2% --threshold 78%
  hedgerow plan --given figures.toml --json

Without POSITION nothing is read from a chain: prices are of the volatile token, values in the other one. A file of --given has the
same names as the options, as in `volatility = \"60%\"`; options come before it, and figures from the chain last.";

/// Arguments of `hedgerow plan`.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct PlanArgs {
    /// The position: the number of an NFT, or POOL:TICK_LOWER:TICK_UPPER for liquidity that its owner holds in the pool itself
    #[arg(value_name = "POSITION")]
    place: Option<Place>,
    /// Figures from a file
    #[arg(long, value_name = "FILE")]
    given: Option<PathBuf>,
    #[command(flatten)]
    figures: Figures,
    /// Write the first hedge's policy, or the one that --choose names, to a file that `policy set` accepts; one that is there already is
    /// not touched
    #[arg(long, value_name = "FILE", requires = "place")]
    write: Option<PathBuf>,
    /// Which hedge is written: a share of the delta (full is 100%), or il for impermanent loss only
    #[arg(long, value_name = "full|SHARE|il", requires = "write")]
    choose: Option<String>,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
    /// Since when the pool's fees are counted: a time before now, or a block's number; the node has to keep its state
    #[arg(long, value_name = "TIME|BLOCK", default_value = crate::hedge::defaults::FEES_SINCE)]
    fees_since: Since,
    #[command(flatten)]
    venue: VenueArgs,
    #[command(flatten)]
    guard: GuardArgs,
    #[command(flatten)]
    owner: OwnerArgs,
    #[command(flatten)]
    manager: PositionManagerArgs,
    #[command(flatten)]
    node: NodeArgs,
    #[command(flatten)]
    record: RecordArgs,
}

/// What a plan is made from, as it is written.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Figures")]
pub struct Figures {
    /// What the position is worth
    #[arg(long, value_name = "AMOUNT", conflicts_with = "capital")]
    pub value: Option<Number>,
    /// What there is for position and hedge together; it is parted so that each hedge takes all of it
    #[arg(long, value_name = "AMOUNT")]
    pub capital: Option<Number>,
    /// The volatile token's price
    #[arg(long, value_name = "PRICE")]
    pub price: Option<Number>,
    /// Lower end of the range; without a range there is liquidity at every price
    #[arg(long, value_name = "PRICE")]
    pub range_lower: Option<Number>,
    /// Upper end of the range
    #[arg(long, value_name = "PRICE")]
    pub range_upper: Option<Number>,
    /// Yearly volatility of the price; with POSITION, by default the pool's own over its last day
    #[arg(long, value_name = "VOLATILITY")]
    pub volatility: Option<Number>,
    /// Fees a year as a share of the position's value; with POSITION, by default what the pool earned it since --fees-since
    #[arg(long, value_name = "RATE")]
    pub fee_apr: Option<Number>,
    /// What borrowing the volatile token costs a year
    #[arg(long, value_name = "RATE")]
    pub borrow_rate: Option<Number>,
    /// What the collateral earns a year
    #[arg(long, value_name = "RATE")]
    pub supply_rate: Option<Number>,
    /// Share of the collateral's worth at which a debt is liquidated
    #[arg(long, value_name = "SHARE")]
    pub threshold: Option<Number>,
    /// Health factor that collateral is paid in for (2 by default)
    #[arg(long, value_name = "FACTOR")]
    pub health: Option<Number>,
    /// The pool's fee (0.05% by default; with POSITION, its own)
    #[arg(long, value_name = "SHARE")]
    pub pool_fee: Option<Number>,
    /// Share of the position's delta that the debt may be off (10% by default)
    #[arg(long, value_name = "SHARE")]
    pub band: Option<Number>,
    /// Share of it to within which it is adjusted then (2% by default)
    #[arg(long, value_name = "SHARE")]
    pub inner: Option<Number>,
    /// Share of the value by which the gate's fees must exceed the costs (0% by default)
    #[arg(long, value_name = "SHARE", allow_hyphen_values = true)]
    pub gate_margin: Option<Number>,
    /// How far the plan looks ahead (30d by default)
    #[arg(long, value_name = "TIME")]
    pub horizon: Option<Duration>,
    /// A share of the delta to hedge; may be given several times (100%, 75%, 50% and 25% by default)
    #[arg(long, value_name = "SHARE")]
    pub share: Vec<Number>,
    /// Lowest price at which the worst case is looked for (two standard deviations below by default)
    #[arg(long, value_name = "PRICE")]
    pub price_low: Option<Number>,
    /// Highest one (two standard deviations above by default)
    #[arg(long, value_name = "PRICE")]
    pub price_high: Option<Number>,
    /// What a standard deviation less is worth of the expected result (0.1 of it by default)
    #[arg(long, value_name = "NUMBER")]
    pub risk_price: Option<Number>,
}

/// A range's ends, of prices or of nothing.
const RANGE: &str = "give --range-lower and --range-upper, or neither for liquidity at every price";
/// Standard deviations within which the worst is looked for.
const WORST: f64 = 2.0;

/// Reads, compares, tells, and writes.
pub async fn run(args: PlanArgs) -> Result<()> {
    let mut figures = args.figures.clone();
    if let Some(path) = &args.given {
        figures.complete(file::read(path)?);
    }
    if args.place.is_some() {
        return chain::run(&args, figures).await;
    }
    let (given, shares) = (figures.resolve()?, figures.shares()?);
    report(&compare(&given, &shares)?, &given, args.json, Value::Null)
}

impl Figures {
    /// Takes from the others what is not given.
    pub fn complete(&mut self, other: Self) {
        if self.value.is_none() && self.capital.is_none() {
            (self.value, self.capital) = (other.value, other.capital);
        }
        if self.share.is_empty() {
            self.share = other.share;
        }
        self.horizon = self.horizon.or(other.horizon);
        let fields = [
            (&mut self.price, other.price),
            (&mut self.range_lower, other.range_lower),
            (&mut self.range_upper, other.range_upper),
            (&mut self.volatility, other.volatility),
            (&mut self.fee_apr, other.fee_apr),
            (&mut self.borrow_rate, other.borrow_rate),
            (&mut self.supply_rate, other.supply_rate),
            (&mut self.threshold, other.threshold),
            (&mut self.health, other.health),
            (&mut self.pool_fee, other.pool_fee),
            (&mut self.band, other.band),
            (&mut self.inner, other.inner),
            (&mut self.gate_margin, other.gate_margin),
            (&mut self.price_low, other.price_low),
            (&mut self.price_high, other.price_high),
            (&mut self.risk_price, other.risk_price),
        ];
        for (field, otherwise) in fields {
            *field = field.take().or(otherwise);
        }
    }

    /// The figures as the planner takes them.
    pub fn resolve(&self) -> Result<Given> {
        let value = match (&self.value, &self.capital) {
            (Some(value), None) => float("--value", value)?,
            (None, Some(capital)) => float("--capital", capital)?,
            (Some(_), Some(capital)) => {
                let remedy = "give the position's value, or the capital for position and hedge, not both";
                return Err(Error::invalid("--capital", capital, remedy));
            }
            (None, None) => {
                return Err(missing(
                    "what the position is worth",
                    "--value AMOUNT, or --capital AMOUNT",
                ));
            }
        };
        let price = needed("the volatile token's price", "--price PRICE", self.price.as_ref())?;
        let range = match (&self.range_lower, &self.range_upper) {
            (Some(lower), Some(upper)) => Some((float("--range-lower", lower)?, float("--range-upper", upper)?)),
            (None, None) => None,
            _ => return Err(Error::missing("the range's other end", RANGE)),
        };
        let volatility = needed(
            "the price's volatility",
            "--volatility VOLATILITY",
            self.volatility.as_ref(),
        )?;
        let days = self.horizon.map_or(30.0, |horizon| horizon.seconds as f64 / 86_400.0);
        let horizon = days / 365.0;
        let reach = (WORST * volatility * horizon.sqrt()).exp();
        let or = |what, number: Option<&Number>, otherwise: f64| number.map_or(Ok(otherwise), |it| float(what, it));
        Ok(Given {
            value,
            is_total: self.capital.is_some(),
            price,
            range,
            volatility,
            fee_apr: needed("what fees the position earns", "--fee-apr RATE", self.fee_apr.as_ref())?,
            horizon,
            borrow_rate: needed("what borrowing costs", "--borrow-rate RATE", self.borrow_rate.as_ref())?,
            supply_rate: needed(
                "what the collateral earns",
                "--supply-rate RATE",
                self.supply_rate.as_ref(),
            )?,
            threshold: needed(
                "the liquidation threshold",
                "--threshold SHARE",
                self.threshold.as_ref(),
            )?,
            health: or("--health", self.health.as_ref(), 2.0)?,
            pool_fee: or("--pool-fee", self.pool_fee.as_ref(), 0.000_5)?,
            band: or("--band", self.band.as_ref(), 0.1)?,
            inner: or("--inner", self.inner.as_ref(), 0.02)?,
            margin: or("--gate-margin", self.gate_margin.as_ref(), 0.0)?,
            between: (
                or("--price-low", self.price_low.as_ref(), price / reach)?,
                or("--price-high", self.price_high.as_ref(), price * reach)?,
            ),
            risk_price: or("--risk-price", self.risk_price.as_ref(), 0.1)?,
            management: None,
        })
    }

    /// The shares of the delta that are compared.
    pub fn shares(&self) -> Result<Vec<f64>> {
        if self.share.is_empty() {
            return Ok(vec![1.0, 0.75, 0.5, 0.25]);
        }
        self.share.iter().map(share).collect()
    }
}

/// A share of the delta.
fn share(number: &Number) -> Result<f64> {
    let share = float("--share", number)?;
    if share > 0.0 && share <= 1.0 {
        return Ok(share);
    }
    Err(Error::invalid(
        "--share",
        number,
        "give a share above zero and at most 100%",
    ))
}

fn float(what: &'static str, number: &Number) -> Result<f64> {
    let digits = number.wad(what)?.0.to_string();
    let wad: f64 = digits
        .parse()
        .map_err(|_| Error::invalid(what, number, "it is too large"))?;
    Ok(wad / 1e18)
}

fn needed(what: &'static str, flag: &str, number: Option<&Number>) -> Result<f64> {
    match number {
        Some(number) => float(what, number),
        None => Err(missing(what, flag)),
    }
}

fn missing(what: &'static str, flag: &str) -> Error {
    Error::missing(what, format!("give {flag}, a file with --given, or a POSITION"))
}

/// Tells what was compared.
fn report(comparison: &Comparison, given: &Given, as_json: bool, more: Value) -> Result<()> {
    if as_json {
        let mut document = json!({
            "given": figures(given),
            "advice": word(comparison.advice),
            "plans": comparison.lines.iter().map(document).collect::<Vec<_>>(),
        });
        if let (Value::Object(all), Value::Object(more)) = (&mut document, more) {
            all.extend(more);
        }
        return output::print_json(&document);
    }
    let heading: Vec<String> = ["".to_owned()]
        .into_iter()
        .chain(
            comparison
                .lines
                .iter()
                .map(|line| format!("{}. {}", line.rank, line.choice.name())),
        )
        .collect();
    let heading: Vec<&str> = heading.iter().map(String::as_str).collect();
    output::print(&output::figures(&heading, rows(&comparison.lines)))?;
    for line in &comparison.lines {
        output::print(&format!("{}. {}: {}.", line.rank, line.choice.name(), line.reason))?;
    }
    output::print(sentence(comparison.advice))
}

type Cell = fn(&Line) -> String;

fn rows(lines: &[Line]) -> Vec<Vec<String>> {
    let cells: [(&str, Cell); 19] = [
        ("position's value", |line| amount(line.value)),
        ("debt to begin with", |line| trimmed(line.debt)),
        ("collateral to begin with", |line| amount(line.collateral)),
        ("capital beside the position", |line| amount(line.capital)),
        ("at most, on the way", |line| amount(line.capital_at_most)),
        ("fees expected", |line| amount(line.fees)),
        ("loss versus rebalancing", |line| amount(-line.loss)),
        ("carry", |line| amount(-line.carry)),
        ("trading", |line| amount(-line.trading)),
        ("expected result", |line| amount(line.expected)),
        ("standard deviation left", |line| amount(line.deviation)),
        ("variance left", |line| trimmed(line.deviation * line.deviation)),
        ("worst case, at once", |line| amount(line.gap)),
        ("worst case, steadily", |line| amount(line.drift)),
        ("liquidated at a price of", |line| {
            line.liquidation.map_or("-".into(), trimmed)
        }),
        ("break-even volatility", |line| {
            line.break_even.map_or("-".into(), percent)
        }),
        ("the gate leaves", |line| match line.choice {
            crate::plan::Choice::None => "-".into(),
            _ => amount(line.gate),
        }),
        ("risk, of 25", |line| line.score.total.to_string()),
        ("verdict", |line| verdict(line.score.verdict).into()),
    ];
    let row = |(name, cell): (&str, Cell)| [name.to_owned()].into_iter().chain(lines.iter().map(cell)).collect();
    cells.into_iter().map(row).collect()
}

/// An amount to two places, or to six digits where it is small.
fn amount(figure: f64) -> String {
    // Nothing has no sign.
    let figure = figure + 0.0;
    if figure.abs() >= 100.0 || figure == 0.0 {
        format!("{figure:.2}")
    } else {
        trimmed((figure * 1e6).round() / 1e6)
    }
}

fn percent(share: f64) -> String {
    format!("{}%", trimmed((share * 10_000.0).round() / 100.0))
}

const fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Low => "low",
        Verdict::Moderate => "moderate",
        Verdict::High => "high",
        Verdict::Extreme => "extreme",
    }
}

const fn word(advice: Advice) -> &'static str {
    match advice {
        Advice::Hedge => "hedge",
        Advice::Hold => "hold",
        Advice::Exit => "exit",
    }
}

const fn sentence(advice: Advice) -> &'static str {
    match advice {
        Advice::Hedge => "Hedge: the first of these is worth what it costs.",
        Advice::Hold => "Hold: the position earns its fees, and no hedge is worth what it costs.",
        Advice::Exit => "Leave: the position is not expected to earn anything, hedged or not.",
    }
}

fn figures(given: &Given) -> Value {
    json!({
        (if given.is_total { "capital" } else { "value" }): given.value,
        "price": given.price,
        "rangeLower": given.range.map(|range| range.0),
        "rangeUpper": given.range.map(|range| range.1),
        "volatility": given.volatility,
        "feeApr": given.fee_apr,
        "horizonYears": given.horizon,
        "borrowRate": given.borrow_rate,
        "supplyRate": given.supply_rate,
        "threshold": given.threshold,
        "health": given.health,
        "poolFee": given.pool_fee,
        "band": given.band,
        "inner": given.inner,
        "gateMargin": given.margin,
        "priceLow": given.between.0,
        "priceHigh": given.between.1,
        "riskPrice": given.risk_price,
    })
}

fn document(line: &Line) -> Value {
    json!({
        "rank": line.rank,
        "hedge": line.choice.name(),
        "reason": line.reason,
        "value": line.value,
        "debt": line.debt,
        "collateral": line.collateral,
        "capital": line.capital,
        "capitalAtMost": line.capital_at_most,
        "fees": line.fees,
        "loss": line.loss,
        "carry": line.carry,
        "trading": line.trading,
        "expected": line.expected,
        "deviation": line.deviation,
        "variance": line.deviation * line.deviation,
        "worstAtOnce": line.gap,
        "worstSteadily": line.drift,
        "liquidationPrice": line.liquidation,
        "breakEvenVolatility": line.break_even,
        "gate": line.gate,
        "refused": line.refused(),
        "score": {
            "volatility": line.score.volatility,
            "correlation": line.score.correlation,
            "fees": line.score.fees,
            "management": line.score.management,
            "width": line.score.width,
            "total": line.score.total,
            "verdict": verdict(line.score.verdict),
        },
    })
}
