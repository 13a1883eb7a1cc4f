//! When a rule fires.

use super::market::{Oracle, Scale, Snapshot, TooShort, mean_over};
use super::reason::Reason;
use super::state::State;
use super::terms::{Action, Guards, Rule};
use crate::wide::Wide;
use alloy_primitives::{I256, U256};

/// What a position is and is worth, as rules see it.
pub(super) struct View<'a> {
    pub guards: &'a Guards,
    pub state: &'a State,
    pub snapshot: &'a Snapshot,
    pub scale: Scale,
    pub mean_tick: i32,
    pub fees: Wide,
    /// Raw token1, rounded down.
    pub fees_value: U256,
    /// Since entry, a wad; rounded down.
    pub il: I256,
    /// Token0's, in millionths.
    pub share: u32,
}

/// The gas that an action is taken to cost, of an NFT, the transaction itself included: the dearer kind of
/// position, so that what fees must be worth is never understated.
pub const fn gas_of(action: Action) -> u64 {
    match action {
        Action::Rebalance => 1_000_000,
        Action::Walk => 900_000,
        Action::Exit => 550_000,
        Action::Compound => 750_000,
        Action::Harvest => 450_000,
    }
}

/// The first trigger of the rule that fires; nothing where none does.
///
/// Errors: [`TooShort`] where none fires that can be told, and one cannot because the pool does not remember its seconds.
pub(super) fn fired<O: Oracle>(view: &View, rule: &Rule, oracle: &mut O) -> Result<Option<Reason>, TooShort> {
    let out = out_of_range(view, rule, oracle);
    if out == Ok(true) {
        return Ok(Some(Reason::OutOfRange));
    }
    match otherwise(view, rule) {
        None => out.map(|_| None),
        fired => Ok(fired),
    }
}

fn otherwise(view: &View, rule: &Rule) -> Option<Reason> {
    let (snapshot, state) = (view.snapshot, view.state);
    if rule.il != 0 && loss(&view.il) >= millionths(rule.il) {
        return Some(Reason::ImpermanentLoss);
    }
    let (lower, upper) = rule.band;
    if lower != upper && (view.mean_tick < lower || upper < view.mean_tick) {
        return Some(Reason::PriceBand);
    }
    if rule.fees_value != 0 && view.fees_value >= U256::from(rule.fees_value) {
        return Some(Reason::Fees);
    }
    if rule.fees_gas_multiple != 0 && pays_for_gas(view, rule) {
        return Some(Reason::FeesOverGas);
    }
    let since = state.last_run.max(state.set_at);
    if rule.elapsed != 0 && snapshot.now.saturating_sub(since) >= rule.elapsed.into() {
        return Some(Reason::Elapsed);
    }
    if rule.delta_drift != 0 && view.share.abs_diff(state.share) >= rule.delta_drift {
        return Some(Reason::DeltaDrift);
    }
    None
}

/// Whether spot and then the mean lie outside by so many whole ticks, both on one side.
///
/// A tick stands for the prices from its own up to the next one's, so that the price is `n` whole ticks below the range where
/// `tick < lower - n`, and as far above it where `tick >= upper + n`.
fn out_of_range<O: Oracle>(view: &View, rule: &Rule, oracle: &mut O) -> Result<bool, TooShort> {
    let (seconds, spot) = (rule.out_seconds, view.snapshot.spot_tick);
    let (lower, upper) = view.snapshot.range;
    let by = i32::try_from(rule.out_ticks).unwrap_or(i32::MAX);
    let (least, most) = (lower.saturating_sub(by), upper.saturating_add(by));
    if seconds == 0 || (least <= spot && spot < most) {
        return Ok(false);
    }
    let mean = if seconds == view.guards.twap_window {
        view.mean_tick
    } else {
        mean_over(seconds, oracle)?
    };
    Ok(if spot < least { mean < least } else { mean >= most })
}

/// Whether the fees are worth `k / 10` times the gas at the base fee.
fn pays_for_gas(view: &View, rule: &Rule) -> bool {
    let token0 = match view.guards.native_token {
        1 => true,
        2 => false,
        _ => return false,
    };
    let tenths = gas_of(rule.action).saturating_mul(rule.fees_gas_multiple.into());
    let wei = Wide::from(view.snapshot.base_fee).mul(&Wide::from(tenths));
    view.fees.mul(&Wide::from(10_u64)) >= view.scale.worth_of_wei(&wei, token0)
}

/// Of an IL its loss, a wad; none of a gain.
pub(crate) fn loss(il: &I256) -> U256 {
    let raw = il.into_raw();
    if raw.bit(255) {
        U256::ZERO.wrapping_sub(raw)
    } else {
        U256::ZERO
    }
}

/// Millionths as a wad.
pub(crate) fn millionths(ppm: u32) -> U256 {
    U256::from(u64::from(ppm).saturating_mul(1_000_000_000_000))
}
