//! `hedgerow calc`: the core's figures without a chain. One file per subject; figures and refusals are the core's.

mod gate;
mod hedge;
mod il;
pub(crate) mod input;
mod insurance;
mod lvr;
mod option;
mod plot;
mod pool;
mod position;
mod prices;
mod refusal;
mod report;
mod risk;
mod scorecard;
mod stdin;
mod tick;
mod volatility;

use crate::error::Result;
use clap::{Args, Subcommand};
use refusal::refused;

const EXAMPLES: &str = "\
Numbers are plain decimals; shares, rates and volatilities also percentages (80%); durations have a unit (30d, 12h, 1y).
`hedgerow calc COMMAND --help` shows an example of each.";

/// Arguments of `hedgerow calc`.
#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true, arg_required_else_help = true, after_help = EXAMPLES)]
pub struct CalcArgs {
    /// Answer one JSON question a line from stdin, in order: {"fn":"il_v2","args":{"p0":"1","p1":"4"}}
    #[arg(long)]
    pub stdin: bool,
    /// List the functions that --stdin answers, with their arguments and results
    #[arg(long, conflicts_with = "stdin")]
    pub functions: bool,
    /// What to calculate.
    #[command(subcommand)]
    pub command: Option<CalcCommand>,
}

/// What to calculate.
#[derive(Subcommand, Debug)]
pub enum CalcCommand {
    /// Impermanent loss of a 50/50, a weighted, or a concentrated position
    Il(il::IlArgs),
    /// What a position holds and is worth, its delta and gamma
    Position(position::PositionArgs),
    /// Black-Scholes: a call and a put with all their derivatives
    Option(option::OptionArgs),
    /// The volatility that an option's price implies
    Iv(option::IvArgs),
    /// The strip of puts and calls that pays a position's loss
    Strip(insurance::StripArgs),
    /// The strangle that pays a position's loss at two prices
    Strangle(insurance::StrangleArgs),
    /// What insurance of a position's loss is worth
    Premium(insurance::PremiumArgs),
    /// How much to short against a position
    Hedge(hedge::HedgeArgs),
    /// Whether a hedge is worth what it costs
    Gate(gate::GateArgs),
    /// Volatility of prices by each estimator, and its forecast
    Volatility(volatility::VolatilityArgs),
    /// How likely a range holds, and what holding may lose
    Risk(risk::RiskArgs),
    /// Five factors of a position's risk, from 1 to 5
    Scorecard(scorecard::ScorecardArgs),
    /// What liquidity loses to arbitrage, and the fees that make up for it
    Lvr(lvr::LvrArgs),
    /// Uniswap's ticks and prices
    Tick(tick::TickArgs),
}

/// Dispatches.
pub fn run(args: CalcArgs) -> Result<()> {
    match args.command {
        None if args.functions => stdin::list(),
        None => stdin::serve(),
        Some(command) => command.run(),
    }
}

impl CalcCommand {
    fn run(self) -> Result<()> {
        match self {
            Self::Il(args) => il::run(&args),
            Self::Position(args) => position::run(&args),
            Self::Option(args) => option::run(&args),
            Self::Iv(args) => option::run_iv(&args),
            Self::Strip(args) => insurance::run_strip(&args),
            Self::Strangle(args) => insurance::run_strangle(&args),
            Self::Premium(args) => insurance::run_premium(&args),
            Self::Hedge(args) => hedge::run(&args),
            Self::Gate(args) => gate::run(&args),
            Self::Volatility(args) => volatility::run(&args),
            Self::Risk(args) => risk::run(&args),
            Self::Scorecard(args) => scorecard::run(&args),
            Self::Lvr(args) => lvr::run(&args),
            Self::Tick(args) => tick::run(&args),
        }
    }
}
