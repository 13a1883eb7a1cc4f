//! Whether a policy acts now, and how.

use super::market::{Oracle, Scale, Snapshot, mean_price, raw, share};
use super::range::{around, beside};
use super::reason::Reason;
use super::state::{State, Status};
use super::terms::{Action, Guards, Rule};
use super::trigger::{View, fired};
use super::{DAY, MILLION};
use crate::WAD;
use crate::full_math::mul_div;
use crate::guard::within_deviation;
use crate::il::concentrated_compactly;
use crate::tick::{range_sqrt_prices, sqrt_price_at_tick};
use crate::wide::Wide;
use alloy_primitives::{I256, U256};

/// The number of a rule where none fired.
pub const NO_RULE: u8 = 255;

/// What a policy says of its position now. Figures that cannot be told, because the oracle is too short, are zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision {
    /// Whether it acts.
    pub act: bool,
    /// Why, or why not.
    pub reason: Reason,
    /// The rule that fired, though it may not act; [`NO_RULE`].
    pub rule: u8,
    /// That rule's action; a rebalance where none fired.
    pub action: Action,
    /// The range that the position would have afterwards: of an exit `(0, 0)`, of what does not act the one it has.
    pub range: (i32, i32),
    /// The pool's tick.
    pub tick: i32,
    /// The mean tick.
    pub mean_tick: i32,
    /// Raw token1, at the mean price: liquidity and fees owed; rounded down.
    pub value: U256,
    /// Raw token1, at the mean price: fees owed; rounded down.
    pub fees_value: U256,
    /// A wad: LP ÷ hold − 1 since entry, at the mean price; rounded towards minus infinity.
    pub il: I256,
    /// The timestamp before which cooldown or daily count refuse; zero for none.
    pub not_before: u64,
}

/// What the terms say of the position now.
///
/// What holds always comes first, in the order of [`Reason`]'s numbers; then the rules, in their order. The first whose trigger
/// fires and which can be carried out acts; where none can, the first that fired tells why. Terms that were never set are judged
/// as if they were set now. A refusal still has the figures.
pub fn decide<O: Oracle>(
    guards: &Guards,
    rules: &[Rule],
    state: &State,
    snapshot: &Snapshot,
    oracle: &mut O,
) -> Decision {
    let mut decision = Decision {
        act: false,
        reason: Reason::NoTrigger,
        rule: NO_RULE,
        action: Action::Rebalance,
        range: snapshot.range,
        tick: snapshot.spot_tick,
        mean_tick: 0,
        value: U256::ZERO,
        fees_value: U256::ZERO,
        il: I256::ZERO,
        not_before: not_before(guards, state, snapshot.now),
    };
    let refused = standing(guards, state, snapshot);
    let Ok((mean_tick, sqrt_price)) = mean_price(guards, oracle) else {
        decision.reason = refused.unwrap_or(Reason::OracleTooShort);
        return decision;
    };
    let state = &current(guards, state, snapshot, sqrt_price);
    let view = view(guards, state, snapshot, mean_tick, sqrt_price);
    let value = view
        .scale
        .principal(snapshot.liquidity, snapshot.range)
        .0
        .add(&view.fees);
    decision.mean_tick = mean_tick;
    decision.value = raw(&value);
    decision.fees_value = view.fees_value;
    decision.il = view.il;
    if let Some(reason) = refused.or_else(|| worthless(&decision, guards, snapshot)) {
        decision.reason = reason;
    } else {
        choose(&mut decision, &view, rules, oracle);
    }
    decision
}

/// The most that a keeper may take for what was decided, in raw fee token: `max_fee`, and `max_fee_share` of the fees owed when the
/// action began, both tokens valued at the mean price; rounded down.
pub fn fee_limit(guards: &Guards, decision: &Decision, snapshot: &Snapshot) -> U256 {
    let Ok(sqrt_price) = sqrt_price_at_tick(decision.mean_tick) else {
        return U256::ZERO;
    };
    let scale = Scale::new(sqrt_price);
    let shared = scale
        .worth_of_fees(&snapshot.fees)
        .mul(&Wide::from(u64::from(guards.max_fee_share)));
    let shared = shared.div(&Wide::from(u64::from(MILLION))).0;
    scale
        .amount(&shared, guards.fee_token == 0)
        .min(U256::from(guards.max_fee))
}

/// The first guard that refuses whatever the market does.
pub(crate) fn standing(guards: &Guards, state: &State, snapshot: &Snapshot) -> Option<Reason> {
    let now = snapshot.now;
    let refusals = [
        (state.status == Status::None, Reason::NotSet),
        (state.status == Status::Ended, Reason::Ended),
        (!snapshot.governed, Reason::NotSet),
        (snapshot.paused, Reason::Paused),
        (now > guards.expiry, Reason::Expired),
        (now < cooled(guards, state), Reason::Cooldown),
        (state.runs_on_day_of(now) >= guards.max_per_day, Reason::DailyCount),
        (guards.max_runs != 0 && state.runs >= guards.max_runs, Reason::RunsUsed),
    ];
    let refused = refusals.into_iter().find(|(refuses, _)| *refuses);
    refused
        .map(|(_, reason)| reason)
        .or_else(|| sequencer(guards, snapshot))
}

fn sequencer(guards: &Guards, snapshot: &Snapshot) -> Option<Reason> {
    if guards.sequencer_feed.is_zero() {
        return None;
    }
    match snapshot.sequencer {
        Some(feed) if feed.up => {
            let trusted = feed.since.saturating_add(guards.sequencer_grace.into());
            (snapshot.now < trusted).then_some(Reason::SequencerGrace)
        }
        _ => Some(Reason::SequencerDown),
    }
}

fn worthless(decision: &Decision, guards: &Guards, snapshot: &Snapshot) -> Option<Reason> {
    if snapshot.liquidity == 0 {
        Some(Reason::NoLiquidity)
    } else if decision.value < U256::from(guards.min_value) {
        Some(Reason::BelowMinValue)
    } else {
        None
    }
}

/// When the cooldown is over; zero before the first action.
fn cooled(guards: &Guards, state: &State) -> u64 {
    if state.runs == 0 {
        0
    } else {
        state.last_run.saturating_add(guards.cooldown.into())
    }
}

pub(crate) fn not_before(guards: &Guards, state: &State, now: u64) -> u64 {
    let next_day = if state.runs_on_day_of(now) >= guards.max_per_day {
        (now / DAY + 1).saturating_mul(DAY)
    } else {
        0
    };
    cooled(guards, state).max(next_day)
}

/// The state, or of terms that were never set what it would begin as.
fn current(guards: &Guards, state: &State, snapshot: &Snapshot, sqrt_price: U256) -> State {
    if state.status != Status::None {
        return *state;
    }
    let entry = if guards.entry_sqrt_price.is_zero() {
        sqrt_price
    } else {
        guards.entry_sqrt_price
    };
    State::begin(
        snapshot.now,
        entry,
        share(snapshot.liquidity, snapshot.range, sqrt_price),
    )
}

fn view<'a>(
    guards: &'a Guards,
    state: &'a State,
    snapshot: &'a Snapshot,
    mean_tick: i32,
    sqrt_price: U256,
) -> View<'a> {
    let scale = Scale::new(sqrt_price);
    let fees = scale.worth_of_fees(&snapshot.fees);
    View {
        guards,
        state,
        snapshot,
        mean_tick,
        fees_value: raw(&fees),
        fees,
        il: since_entry(state, snapshot.range, sqrt_price),
        share: share(snapshot.liquidity, snapshot.range, sqrt_price),
        scale,
    }
}

/// `factor (1 + il) - 1` of this range's IL, a wad, rounded down.
fn since_entry(state: &State, range: (i32, i32), sqrt_price: U256) -> I256 {
    let Ok((lower, upper)) = range_sqrt_prices(range.0, range.1) else {
        return I256::ZERO;
    };
    let il = concentrated_compactly(state.entry_sqrt_price, sqrt_price, lower, upper);
    // Within (-1e18, 0], so that its lowest limb is all of it.
    let kept = WAD.wrapping_add(il.into_raw().as_limbs()[0]);
    let left = mul_div(U256::from(state.factor), U256::from(kept), U256::from(WAD)).unwrap_or_default();
    // Below 2^64 on either side, and no overflow that a program would have to print.
    I256::from_raw(left.wrapping_sub(U256::from(WAD)))
}

/// Lets the first rule act that fires and can be carried out.
fn choose<O: Oracle>(decision: &mut Decision, view: &View, rules: &[Rule], oracle: &mut O) {
    for (number, rule) in (0..NO_RULE).zip(rules) {
        let outcome = match fired(view, rule, oracle) {
            Ok(None) => continue,
            Ok(Some(reason)) => carried_out(decision, view, rule, oracle).map(|range| (reason, range)),
            Err(_) => Err(Reason::OracleTooShort),
        };
        if outcome.is_ok() || decision.rule == NO_RULE {
            (decision.rule, decision.action) = (number, rule.action);
            decision.reason = outcome.map_or_else(|refusal| refusal, |(reason, _)| reason);
        }
        if let Ok((_, range)) = outcome {
            (decision.act, decision.range) = (true, range);
            return;
        }
    }
}

/// The range in which the action would leave the position, or why there is nothing for it to do.
fn carried_out<O: Oracle>(decision: &Decision, view: &View, rule: &Rule, oracle: &mut O) -> Result<(i32, i32), Reason> {
    let (guards, snapshot) = (view.guards, view.snapshot);
    if !rule.only_withdraws() {
        if !within_deviation(snapshot.spot_tick, view.mean_tick, guards.max_deviation) {
            return Err(Reason::Deviation);
        }
        let (_, lost) = view.state.period_of(snapshot.now, guards.period);
        if lost >= guards.max_period_loss {
            return Err(Reason::PeriodLossUsed);
        }
    }
    match rule.action {
        Action::Rebalance => {
            let range = around(rule, view.mean_tick, snapshot.spacing, oracle)?;
            if range == snapshot.range {
                return Err(Reason::SameRange);
            }
            Ok(range)
        }
        Action::Walk => beside(rule, decision.tick, snapshot.range, snapshot.spacing),
        Action::Exit => Ok((0, 0)),
        Action::Compound | Action::Harvest => {
            if snapshot.fees == [0, 0] {
                return Err(Reason::NothingToCollect);
            }
            Ok(snapshot.range)
        }
    }
}
