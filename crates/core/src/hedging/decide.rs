//! Whether a keeper's policy changes a hedge now, and to what.

use super::accounts::floor;
use super::margin::{deleveraged, health, plan};
use super::market::{Market, Pool, rate, worth_of_collateral, worth_of_volatile};
use super::outlook::outlook;
use super::record::Record;
use super::target::{exposure, of, wanted};
use super::terms::{HedgeRule, Target, Terms};
use crate::guard::within_deviation;
use crate::il::concentrated_compactly;
use crate::policy::{
    Guards, Oracle, Reason, Scale, Snapshot, State, loss, mean_price, millionths, not_before, raw, standing,
};
use crate::tick::range_sqrt_prices;
use alloy_primitives::{I256, U256};

/// What a keeper's hedge policy says now. Figures that cannot be told, because the oracle is too short, are zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HedgeDecision {
    /// Whether it acts.
    pub act: bool,
    /// Why, or why not.
    pub reason: Reason,
    /// Raw volatile token that would be owed afterwards.
    pub target: u128,
    /// Raw volatile token to sell (above zero) or to buy back.
    pub trade: i128,
    /// The pool's tick.
    pub tick: i32,
    /// The mean tick.
    pub mean_tick: i32,
    /// Raw token1, at the mean price: the position, fees owed included; rounded down.
    pub value: U256,
    /// Raw token1, at the mean price: collateral less debt; rounded down.
    pub equity: I256,
    /// A wad: LP ÷ hold − 1 since the hedge's entry, at the mean price; rounded towards minus infinity.
    pub il: I256,
    /// Thousandths.
    pub health: u32,
    /// Raw token1: what the gate weighs, of an enlargement; zero of all else.
    pub gate: I256,
    /// The timestamp before which cooldown or daily count refuse; zero for none.
    pub not_before: u64,
}

/// What a decision is made from, once there is a mean price.
struct View<'a> {
    guards: &'a Guards,
    terms: &'a Terms,
    rule: &'a HedgeRule,
    state: &'a State,
    record: &'a Record,
    market: &'a Market,
    pool: &'a Pool,
    snapshot: &'a Snapshot,
    sqrt_price: U256,
    /// Where impermanent loss is counted from.
    entry: U256,
}

/// What the terms say of the hedge now.
///
/// What holds always comes first, in the order of [`Reason`]'s numbers. A hedge without position is closed. Then the triggers, in
/// this order: the borrow rate closes it; low health reduces it until `health` is there; then, unless it is not to be opened yet, the
/// mean price out of range, the debt off its target by more than the band, the time. After drift the debt ends `inner` of the delta off its target,
/// on the side that it came from, so that a price that goes to and fro is not followed. What would be done then has
/// to be possible ([`plan`]), and an enlargement has to pass the gate ([`outlook`]). A refusal still has the figures.
#[expect(clippy::too_many_arguments, reason = "what a decision is made from is all these")]
pub fn decide_hedge<O: Oracle>(
    guards: &Guards,
    terms: &Terms,
    rule: &HedgeRule,
    state: &State,
    record: &Record,
    market: &Market,
    pool: &Pool,
    snapshot: &Snapshot,
    oracle: &mut O,
) -> HedgeDecision {
    let mut decision = HedgeDecision {
        act: false,
        reason: Reason::NoTrigger,
        target: market.debt,
        trade: 0,
        tick: snapshot.spot_tick,
        mean_tick: 0,
        value: U256::ZERO,
        equity: I256::ZERO,
        il: I256::ZERO,
        health: health(market, market.debt, market.collateral),
        gate: I256::ZERO,
        not_before: not_before(guards, state, snapshot.now),
    };
    let refused = standing(guards, state, snapshot);
    let Ok((mean_tick, sqrt_price)) = mean_price(guards, oracle) else {
        decision.reason = refused.unwrap_or(Reason::OracleTooShort);
        return decision;
    };
    let entries = [record.entry_sqrt_price, terms.entry_sqrt_price];
    let view = View {
        guards,
        terms,
        rule,
        state,
        record,
        market,
        pool,
        snapshot,
        sqrt_price,
        entry: entries.into_iter().find(|entry| !entry.is_zero()).unwrap_or(sqrt_price),
    };
    decision.mean_tick = mean_tick;
    measured(&mut decision, &view);
    if let Some(reason) = refused {
        decision.reason = reason;
    } else {
        decision.reason = match fired(&decision, &view) {
            Ok((reason, target)) => {
                decision.target = target;
                match carried_out(&mut decision, &view, oracle) {
                    Ok(()) => {
                        decision.act = true;
                        reason
                    }
                    Err(refusal) => refusal,
                }
            }
            Err(reason) => reason,
        };
    }
    decision
}

/// What position and hedge are worth at the mean price.
#[inline(never)]
fn measured(decision: &mut HedgeDecision, view: &View) {
    let (scale, snapshot) = (Scale::new(view.sqrt_price), view.snapshot);
    let principal = scale.principal(snapshot.liquidity, snapshot.range).0;
    decision.value = raw(&principal.add(&scale.worth_of_fees(&snapshot.fees)));
    decision.equity = floor(
        &worth_of_collateral(&scale, view.pool, view.market.collateral),
        &worth_of_volatile(&scale, view.pool, view.market.debt),
    );
    if let Ok((lower, upper)) = range_sqrt_prices(snapshot.range.0, snapshot.range.1) {
        decision.il = concentrated_compactly(view.entry, view.sqrt_price, lower, upper);
    }
}

/// The first trigger that fires, and what should be owed then.
fn fired(decision: &HedgeDecision, view: &View) -> Result<(Reason, u128), Reason> {
    let (rule, market, snapshot) = (view.rule, view.market, view.snapshot);
    if snapshot.liquidity == 0 {
        let open = market.debt != 0 || market.collateral != 0;
        return if open {
            Ok((Reason::PositionGone, 0))
        } else {
            Err(Reason::NoLiquidity)
        };
    }
    if rule.close_rate != 0 && market.debt != 0 && market.borrow_rate > rate(rule.close_rate) {
        return Ok((Reason::BorrowRate, 0));
    }
    if market.is_priced() && decision.health < rule.low_health {
        let target = deleveraged(view.terms, market, view.pool, view.sqrt_price);
        return Ok((Reason::HealthLow, target));
    }
    let unopened = market.debt == 0 && rule.il != 0;
    if unopened && loss(&decision.il) < millionths(rule.il) {
        return Err(Reason::NoTrigger);
    }
    let target = Target {
        kind: rule.target,
        share: rule.share,
        amount: 0,
    };
    let (liquidity, range, volatile) = (snapshot.liquidity, snapshot.range, view.pool.volatile);
    let wanted = wanted(&target, view.entry, liquidity, range, view.sqrt_price, volatile);
    let off = market.debt.abs_diff(wanted);
    let changes = off != 0 && (off >= view.terms.min_trade || wanted == 0);
    let outside = decision.mean_tick < range.0 || decision.mean_tick >= range.1;
    if rule.range_exit && outside && changes {
        return Ok((Reason::RangeLeft, wanted));
    }
    let whole = exposure(liquidity, range, view.sqrt_price, volatile);
    if off > of(whole, rule.band) {
        let inner = of(whole, rule.inner);
        let target = if market.debt > wanted {
            wanted.saturating_add(inner)
        } else {
            wanted.saturating_sub(inner)
        };
        let reason = if unopened {
            Reason::ImpermanentLoss
        } else {
            Reason::HedgeDrift
        };
        return Ok((reason, target));
    }
    let since = view.state.last_run.max(view.state.set_at).max(view.record.adjusted_at);
    let waited = snapshot.now.saturating_sub(since);
    if rule.elapsed != 0 && waited >= rule.elapsed.into() && changes {
        return Ok((Reason::Elapsed, wanted));
    }
    Err(Reason::NoTrigger)
}

/// Whether the target can be had: spot, the period's losses, the venue, and of an enlargement the gate.
fn carried_out<O: Oracle>(decision: &mut HedgeDecision, view: &View, oracle: &mut O) -> Result<(), Reason> {
    let (guards, snapshot, terms) = (view.guards, view.snapshot, view.terms);
    let plan = plan(
        decision.target,
        terms,
        view.market,
        view.pool,
        view.sqrt_price,
        view.record,
    );
    decision.trade = plan.trade;
    if !within_deviation(snapshot.spot_tick, decision.mean_tick, guards.max_deviation) {
        return Err(Reason::Deviation);
    }
    let (_, lost) = view.state.period_of(snapshot.now, guards.period);
    if lost >= guards.max_period_loss {
        return Err(Reason::PeriodLossUsed);
    }
    if plan.trade <= 0 {
        return plan.refusal.map_or(Ok(()), Err);
    }
    if decision.value < U256::from(guards.min_value) {
        return Err(Reason::BelowMinValue);
    }
    let after = plan.market_after(view.market);
    let outlook = outlook(
        terms,
        &after,
        view.pool,
        snapshot,
        view.sqrt_price,
        decision.value,
        plan.trade,
        oracle,
    );
    decision.gate = outlook.map_or(I256::ZERO, |outlook| outlook.gate);
    if let Some(refusal) = plan.refusal {
        return Err(refusal);
    }
    if terms.override_gate {
        return Ok(());
    }
    if outlook?.gate.is_negative() {
        return Err(Reason::GateClosed);
    }
    Ok(())
}
