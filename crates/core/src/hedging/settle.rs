//! Whether what came of a change keeps within the guards, and what is remembered of it.

use super::decide::HedgeDecision;
use super::market::{Market, Pool, worth_of_collateral, worth_of_volatile};
use crate::policy::{Guards, Reason, Scale, Settlement, Snapshot, State, Status, Violation, counted, less, ppm, raw};
use crate::tick::sqrt_price_at_tick;
use crate::wide::Wide;
use alloy_primitives::{I256, U256};

/// What a change left, as the account measures it from the venue and the tokens themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HedgeAfter {
    /// Raw volatile token that is owed.
    pub debt: u128,
    /// Raw collateral that is there.
    pub collateral: u128,
    /// The account's balances: `balances[0]` are token0's and token1's before the change, `balances[1]` after it, when the keeper had
    /// been paid.
    pub balances: [[U256; 2]; 2],
    /// What the keeper was paid, in raw collateral.
    pub fee: U256,
}

/// What the change decided upon comes to, valued at the decision's mean price; `market` is the venue before it.
///
/// `loss = (before - after) / value`: collateral and what the account holds, less what is owed, before and after, the keeper's fee
/// counted as if it were still there, over the position's value; rounded up. Of a hedge without position it is over the collateral
/// before. `value_after` is the position's value and what the hedge is worth afterwards, with what came to the account and the fee: to
/// be held against the decision's `value + equity`.
///
/// Errors: [`Violation::Loss`], [`Violation::PeriodLoss`]. A hedge without position ends its policy once
/// nothing is owed any more.
pub fn settle_hedge(
    guards: &Guards,
    state: &State,
    snapshot: &Snapshot,
    decision: &HedgeDecision,
    market: &Market,
    pool: &Pool,
    after: &HedgeAfter,
) -> Result<Settlement, Violation> {
    let Ok(sqrt_price) = sqrt_price_at_tick(decision.mean_tick) else {
        return Err(Violation::Loss {
            loss: u32::MAX,
            maximum: guards.max_loss,
        });
    };
    let scale = Scale::new(sqrt_price);
    let [spent, gained] = after.balances.map(|balances| scale.worth(&balances));
    let fee = if pool.volatile == 0 {
        [U256::ZERO, after.fee]
    } else {
        [after.fee, U256::ZERO]
    };
    let held = worth_of_collateral(&scale, pool, market.collateral);
    // What is owed counts on the other side, so that nothing is below zero.
    let before = held.add(&spent).add(&worth_of_volatile(&scale, pool, after.debt));
    let left = worth_of_collateral(&scale, pool, after.collateral).add(&gained);
    let total = left
        .add(&scale.worth(&fee))
        .add(&worth_of_volatile(&scale, pool, market.debt));
    let missing = less(&before, &total);
    let value = Wide::from(decision.value).shl(192);
    let base = if value.is_zero() { &held } else { &value };
    let loss = if missing.is_zero() {
        0
    } else {
        ppm(&missing, base, true)
    };
    if loss > guards.max_loss {
        return Err(Violation::Loss {
            loss,
            maximum: guards.max_loss,
        });
    }
    let (period_start, lost) = state.period_of(snapshot.now, guards.period);
    let period_loss = lost.saturating_add(loss);
    if period_loss > guards.max_period_loss {
        return Err(Violation::PeriodLoss {
            loss: period_loss,
            maximum: guards.max_period_loss,
        });
    }
    let mut state = counted(state, snapshot.now);
    (state.period_start, state.period_loss) = (period_start, period_loss);
    if decision.reason == Reason::PositionGone && after.debt == 0 {
        state.status = Status::Ended;
    }
    Ok(Settlement {
        state,
        value_after: remaining(&value, decision.equity, &total, &before),
        loss,
    })
}

/// `value + equity + (total - before)`, rounded down; nothing where it is below zero.
fn remaining(value: &Wide, equity: I256, total: &Wide, before: &Wide) -> U256 {
    let size = Wide::from(equity.unsigned_abs()).shl(192);
    let (mut there, mut gone) = (value.add(total), *before);
    if equity.is_negative() {
        gone = gone.add(&size);
    } else {
        there = there.add(&size);
    }
    raw(&less(&there, &gone))
}
