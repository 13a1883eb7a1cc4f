//! Whether what came of an action keeps within the guards, and what is remembered of it.

use super::decide::Decision;
use super::market::{Scale, Snapshot, raw, share};
use super::state::{State, Status};
use super::terms::{Action, Guards};
use super::{DAY, MILLION};
use crate::WAD;
use crate::tick::sqrt_price_at_tick;
use crate::wide::Wide;
use alloy_primitives::{I256, U256};

/// What an action left, as the account measures it from the pool and the tokens themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct After {
    /// The position's ticks.
    pub range: (i32, i32),
    /// The position's liquidity; zero after an exit.
    pub liquidity: u128,
    /// Raw token0 and token1 that the position is still owed.
    pub fees: [u128; 2],
    /// The account's balances: `balances[0]` are token0's and token1's before the action, `balances[1]` after it, when the keeper
    /// had been paid.
    pub balances: [[U256; 2]; 2],
    /// What the keeper was paid, in raw fee token.
    pub fee: U256,
}

/// What an action did that the policy does not allow. All in millionths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Violation {
    /// It cost more than one action may.
    #[error("the action cost {loss} millionths of the value, the policy allows {maximum}; run it at a better price")]
    Loss {
        /// What it cost; rounded up.
        loss: u32,
        /// What one action may cost.
        maximum: u32,
    },
    /// With it the period's actions cost more than they may.
    #[error("the period's actions cost {loss} millionths, the policy allows {maximum}; wait for the next period")]
    PeriodLoss {
        /// What the period's actions cost together, this one included; rounded up.
        loss: u32,
        /// What they may cost.
        maximum: u32,
    },
    /// Too little of the value is liquidity afterwards; or a compound left less liquidity than there was.
    #[error("{deployed} millionths are liquidity, the policy asks for {minimum}; run it at a better price")]
    Deployed {
        /// What is liquidity of what was to be deployed; rounded down. After a compound: of the liquidity from before.
        deployed: u32,
        /// What must be.
        minimum: u32,
    },
}

/// What an action that keeps within the guards comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settlement {
    /// What is to be stored.
    pub state: State,
    /// Raw token1, at the mean price: liquidity, fees still owed, what came to the account, and the keeper's fee; rounded down.
    pub value_after: U256,
    /// Millionths of the value before that the action cost, without the keeper's fee; rounded up.
    pub loss: u32,
}

/// What the action decided upon comes to, valued at the decision's mean price.
///
/// `loss = (before − after) / before`, with liquidity and fees before, and liquidity, fees left, what the account's balances rose by,
/// less what they fell by, and the keeper's fee after. It is the ceiling of a quotient whose principals are rounded against the
/// action, each by less than 2^-192 of a raw unit; liquidity that did not change cancels exactly.
///
/// Errors: [`Violation`], the first of the three in their order. An exit that costs no more than a unit of either token, which is what
/// a pool's rounding may take at whatever price, is never refused.
pub fn settle(
    guards: &Guards,
    state: &State,
    snapshot: &Snapshot,
    decision: &Decision,
    after: &After,
) -> Result<Settlement, Violation> {
    let Ok(sqrt_price) = sqrt_price_at_tick(decision.mean_tick) else {
        // No decision has such a tick; nothing can be valued at it.
        return Err(Violation::Loss {
            loss: u32::MAX,
            maximum: guards.max_loss,
        });
    };
    let scale = Scale::new(sqrt_price);
    let principals = principals(&scale, snapshot, after);
    let [spent, gained] = after.balances.map(|balances| scale.worth(&balances));
    let paid = match guards.fee_token {
        0 => [after.fee, U256::ZERO],
        _ => [U256::ZERO, after.fee],
    };
    let before = principals.0.add(&scale.worth_of_fees(&snapshot.fees));
    let left = principals.1.add(&scale.worth_of_fees(&after.fees));
    let kept = left.add(&gained);
    let total = kept.add(&scale.worth(&paid));
    let owed = before.add(&spent);
    let missing = less(&owed, &total);
    let loss = ppm(&missing, &before, true);
    // A pool pays out whole units: what that takes of an exit must not keep the owner's money in.
    let rounded = decision.action == Action::Exit && missing <= scale.worth(&[U256::from(1); 2]);
    let rounding = rounded && !before.is_zero();
    if loss > guards.max_loss && !rounding {
        return Err(Violation::Loss {
            loss,
            maximum: guards.max_loss,
        });
    }
    let (period_start, lost) = state.period_of(snapshot.now, guards.period);
    let period_loss = lost.saturating_add(loss);
    if period_loss > guards.max_period_loss && !rounding {
        return Err(Violation::PeriodLoss {
            loss: period_loss,
            maximum: guards.max_period_loss,
        });
    }
    deployment(guards, snapshot, decision, after, &scale, &principals.1)?;
    let mut state = remembered(guards, state, snapshot, decision, scale.sqrt_price);
    (state.period_start, state.period_loss) = (period_start, period_loss);
    state.share = share(after.liquidity, after.range, scale.sqrt_price);
    Ok(Settlement {
        state,
        value_after: raw(&less(&total, &spent)),
        loss,
    })
}

/// What the liquidity is worth before, rounded up, and after, rounded down; the same where it did not change.
fn principals(scale: &Scale, snapshot: &Snapshot, after: &After) -> (Wide, Wide) {
    let (floor, remains) = scale.principal(snapshot.liquidity, snapshot.range);
    let before = floor.add(&Wide::from(u64::from(remains)));
    if (after.liquidity, after.range) == (snapshot.liquidity, snapshot.range) {
        return (before, before);
    }
    (before, scale.principal(after.liquidity, after.range).0)
}

/// Whether enough is liquidity again. A rebalance deploys all that came of the position but the keeper's fee. A walk deploys the one
/// token that its range takes; fees in the other stay with the account. A compound must not cost liquidity.
fn deployment(
    guards: &Guards,
    snapshot: &Snapshot,
    decision: &Decision,
    after: &After,
    scale: &Scale,
    principal: &Wide,
) -> Result<(), Violation> {
    let mut balances = after.balances;
    let (deployed, minimum) = match decision.action {
        Action::Exit | Action::Harvest => return Ok(()),
        Action::Compound => {
            let [now, then] = [after.liquidity, snapshot.liquidity].map(Wide::from);
            (ppm(&now, &then, false), MILLION)
        }
        Action::Rebalance | Action::Walk => {
            if decision.action == Action::Walk {
                // Only the token that the range takes.
                let above = decision.tick < decision.range.0;
                for [amount0, amount1] in &mut balances {
                    *(if above { amount1 } else { amount0 }) = U256::ZERO;
                }
            }
            let [spent, gained] = balances.map(|balances| scale.worth(&balances));
            let idle = less(&gained, &spent).add(&scale.worth_of_fees(&after.fees));
            (ppm(principal, &principal.add(&idle), false), guards.min_deployed)
        }
    };
    if deployed < minimum {
        return Err(Violation::Deployed { deployed, minimum });
    }
    Ok(())
}

/// What the state becomes by the action, but for its losses and the share.
fn remembered(guards: &Guards, state: &State, snapshot: &Snapshot, decision: &Decision, sqrt_price: U256) -> State {
    let mut next = counted(state, snapshot.now);
    if decision.action.re_ranges() {
        next.entry_sqrt_price = sqrt_price;
        next.factor = if guards.keep_entry {
            left_of_holding(decision.il)
        } else {
            WAD
        };
    }
    if decision.action == Action::Exit {
        next.status = Status::Ended;
    }
    next
}

/// The state with one action more.
pub(crate) fn counted(state: &State, now: u64) -> State {
    let mut next = *state;
    next.runs_today = state.runs_on_day_of(now).saturating_add(1);
    next.day = u32::try_from(now / DAY).unwrap_or(u32::MAX);
    next.runs = state.runs.saturating_add(1);
    next.last_run = now;
    next
}

/// `1 + il`, a wad; nothing where it does not fit.
fn left_of_holding(il: I256) -> u64 {
    match il.into_raw().wrapping_add(U256::from(WAD)).into_limbs() {
        [left, 0, 0, 0] => left,
        _ => 0,
    }
}

/// `a - b`, or nothing.
pub(crate) fn less(a: &Wide, b: &Wide) -> Wide {
    if a > b { a.sub(b) } else { Wide::ZERO }
}

/// Millionths that `part` is of `whole`, rounded up or down; all there can be where the whole is nothing or the result does not fit.
#[inline(never)]
pub(crate) fn ppm(part: &Wide, whole: &Wide, up: bool) -> u32 {
    if whole.is_zero() {
        return if up { u32::MAX } else { 0 };
    }
    let (quotient, remains) = part.mul(&Wide::from(u64::from(MILLION))).div(whole);
    let quotient = quotient
        .to_u128()
        .and_then(|ppm| u32::try_from(ppm).ok())
        .unwrap_or(u32::MAX);
    quotient.saturating_add(u32::from(up && remains))
}
