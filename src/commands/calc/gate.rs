//! `hedgerow calc gate`.

use super::{
    input::{Duration, Number, wad},
    refused,
    report::Report,
};
use crate::{
    decimal::Decimal,
    error::{Error, Result},
};
use clap::Args;
use hedgerow_core::{
    Wad,
    carry::{Action, Carry, Cover, Verdict, cover, gate},
};

/// Arguments of `hedgerow calc gate`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples, insurance by options for 30 days, and a delta hedge on a perpetual:
  hedgerow calc gate --value 10000 --fee-apr 15.7% --lvr-apr 2.1% --horizon 30d --premium 60
  hedgerow calc gate --value 10000 --fee-apr 40% --lvr-apr 8% --horizon 30d --funding-apr 10% \\
      --hedge-notional 5000 --dollar-gamma -2500 --volatility 80% --rebalances 365 \\
      --trading-cost 0.05%")]
pub struct GateArgs {
    /// What the position is worth, in token1
    #[arg(long, value_name = "AMOUNT")]
    pub value: Decimal,
    /// Fees expected per year, as a share of the value
    #[arg(long, value_name = "YIELD")]
    pub fee_apr: Number,
    /// Loss versus rebalancing expected per year, as a share of the value: `hedgerow calc lvr`
    #[arg(long, value_name = "RATE")]
    pub lvr_apr: Number,
    /// How long the hedge is to be held
    #[arg(long, value_name = "TIME")]
    pub horizon: Duration,
    /// What its options cost for that time, in token1; none for a delta hedge
    #[arg(long, value_name = "AMOUNT", default_value = "0")]
    pub premium: Decimal,
    /// What the hedge's notional pays per year for being held; below zero where it is paid
    #[arg(long, value_name = "RATE", default_value = "0", allow_hyphen_values = true)]
    pub funding_apr: Number,
    /// What is held short, in token1
    #[arg(long, value_name = "AMOUNT", default_value = "0")]
    pub hedge_notional: Decimal,
    /// Price squared times gamma of the position, in token1: `hedgerow calc position`
    #[arg(long, value_name = "AMOUNT", default_value = "0", allow_hyphen_values = true)]
    pub dollar_gamma: Number,
    /// Yearly volatility
    #[arg(long, value_name = "VOLATILITY", default_value = "0")]
    pub volatility: Number,
    /// How often a year the hedge is adjusted
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub rebalances: u64,
    /// What trading costs, as a share of what is traded
    #[arg(long, value_name = "SHARE", default_value = "0")]
    pub trading_cost: Number,
    /// The least that the position must yield per year
    #[arg(long, value_name = "YIELD", default_value = "0", allow_hyphen_values = true)]
    pub min_net_apr: Number,
    /// Print one JSON document
    #[arg(long)]
    pub json: bool,
}

impl GateArgs {
    fn carry(&self) -> Result<Carry> {
        if self.value.is_zero() {
            return Err(Error::invalid(
                "--value",
                &self.value,
                "a position worth nothing needs no hedge",
            ));
        }
        if self.horizon.seconds == 0 {
            return Err(Error::invalid("--horizon", self.horizon, "give a time above zero"));
        }
        Ok(Carry {
            value: wad("--value", &self.value)?,
            fee_apr: self.fee_apr.non_negative("--fee-apr")?,
            lvr_apr: self.lvr_apr.non_negative("--lvr-apr")?,
            horizon: self.horizon.years(),
            premium: wad("--premium", &self.premium)?,
            funding_apr: self.funding_apr.wad("--funding-apr")?,
            hedge_notional: wad("--hedge-notional", &self.hedge_notional)?,
            dollar_gamma: self.dollar_gamma.wad("--dollar-gamma")?,
            sigma: self.volatility.non_negative("--volatility")?,
            rebalances: self.rebalances,
            trading_cost: self.trading_cost.non_negative("--trading-cost")?,
            min_net_apr: self.min_net_apr.wad("--min-net-apr")?,
        })
    }
}

/// Prints whether the hedge is worth its cost, and by how much.
pub fn run(args: &GateArgs) -> Result<()> {
    let carry = args.carry()?;
    let refused = refused("the gate");
    let verdict = gate(&carry).map_err(&refused)?;
    let mut report = Report::new(format!(
        "{} for {}, fees {} a year",
        args.value, args.horizon, args.fee_apr
    ));
    put_verdict(&mut report, &verdict);
    // A hedge that is paid for being held needs no cover.
    if verdict.cost > Wad::ZERO {
        let days = Wad(carry.horizon.0.saturating_mul(DAYS));
        put_cover(&mut report, &cover(verdict.fee, verdict.cost, days).map_err(&refused)?);
    }
    report.print(args.json)
}

const DAYS: alloy::primitives::I256 =
    alloy::primitives::I256::from_raw(alloy::primitives::U256::from_limbs([365, 0, 0, 0]));

fn put_verdict(report: &mut Report, verdict: &Verdict) {
    let (action, said) = match verdict.action {
        Action::Hedge => ("hedge", "hedge: it pays"),
        Action::HoldUnhedged => ("hold_unhedged", "hold without a hedge"),
        Action::Exit => ("exit", "close the position"),
    };
    report
        .row("decision", &[said])
        .value("action", action.into())
        .percent("margin", "net yield above the least asked for", verdict.margin)
        .percent("netHedgedApr", "net yield with the hedge", verdict.net_hedged_apr)
        .percent("netUnhedgedApr", "net yield without it", verdict.net_unhedged_apr)
        .percent("costApr", "cost per year", verdict.cost_apr)
        .number("cost", "cost for the time, in token1", verdict.cost)
        .number("fee", "fees for the time, in token1", verdict.fee)
        .number("lvr", "LVR for the time, in token1", verdict.lvr)
        .number("turnover", "traded by the hedge per year, in token1", verdict.turnover);
}

fn put_cover(report: &mut Report, cover: &Cover) {
    report.flag("feesCoverCost", "fees cover the cost", cover.passes);
    if let Some(ratio) = cover.ratio {
        report.number("cover", "fees / cost", ratio);
    }
    if let Some(days) = cover.break_even {
        report.number("breakEvenDays", "days of fees that pay the cost", days);
    }
}
