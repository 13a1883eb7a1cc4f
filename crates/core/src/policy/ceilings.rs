//! Which terms anybody may set: what makes no sense is refused, and so is what the code allows nobody.

use super::terms::{Action, Guards, RangeKind, Rule};
use super::{DAY, MILLION};
use crate::tick::{MAX_TICK, MIN_TICK, check_sqrt_price};
use alloy_primitives::{Address, address};

/// The number that stands for the guards where a rule's is asked for.
pub const GUARDS: u8 = 255;
/// The field of [`GUARDS`] that stands for the list of rules: the one after the last.
pub const FIELD_RULES: u8 = 21;
/// The field of a rule that stands for its triggers together: the one after the last.
pub const FIELD_TRIGGERS: u8 = 18;
/// The most rules of a policy.
pub const MAX_RULES: usize = 8;
/// Chainlink's uptime feed of Arbitrum One's sequencer, which a policy there must heed.
/// Source: Chainlink's documentation, "L2 Sequencer Uptime Feeds".
pub const SEQUENCER_FEED_OF_ARBITRUM_ONE: Address = address!("FdB631F5EE196F0ed6FAa767959853A9F217697D");

const ARBITRUM_ONE: u64 = 42_161;
/// A leap year.
pub(crate) const YEAR: u64 = 366 * DAY;
/// From the least tick to the greatest.
const ALL_TICKS: u32 = 2 * MAX_TICK.unsigned_abs();

/// What is wrong with terms. `rule` counts from zero, or is [`GUARDS`]; `field` is the field's place in its Solidity struct, where
/// a rule's band takes two, or [`FIELD_RULES`], or [`FIELD_TRIGGERS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Defect {
    /// The field makes no sense, alone or beside the others.
    #[error("field {field} of rule {rule} (255: the guards) makes no sense; see its comment in IPolicies.sol")]
    Invalid {
        /// Which rule.
        rule: u8,
        /// Which field.
        field: u8,
    },
    /// The field lies beyond what anybody may set, upwards or downwards.
    #[error(
        "field {field} of rule {rule} (255: the guards) lies beyond its limit {limit}; set it to that or less extreme"
    )]
    Ceiling {
        /// Which rule.
        rule: u8,
        /// Which field.
        field: u8,
        /// The nearest value that is allowed; of a number below zero its magnitude.
        limit: u128,
    },
}

/// Fields of one struct as they are checked.
#[derive(Clone, Copy)]
pub(crate) struct Fields(pub u8);

impl Fields {
    pub fn valid(self, field: u8, holds: bool) -> Result<(), Defect> {
        if holds {
            Ok(())
        } else {
            Err(Defect::Invalid { rule: self.0, field })
        }
    }

    #[inline(never)]
    pub fn between(self, field: u8, value: u64, least: u64, most: u64) -> Result<(), Defect> {
        let limit = if value < least {
            least
        } else if value > most {
            most
        } else {
            return Ok(());
        };
        Err(Defect::Ceiling {
            rule: self.0,
            field,
            limit: limit.into(),
        })
    }
}

/// Whether these terms may be set at the timestamp `now` on the chain `chain_id`, for a pool of this tick spacing.
///
/// The first defect in the order of the fields is reported, of the guards first. Ceilings, all inclusive: expiry in 366 days;
/// mean price of 60 to 86,400 seconds; deviation of 1 to 500 ticks; loss of 3 %, in a period of one day to 366 of 10 %; cooldown
/// of 60 seconds to 366 days; 1 to 24 actions a day; 90 % deployed where a rule re-ranges; a keeper's share of 50 % of the fees;
/// a grace of 600 to 86,400 seconds where there is a sequencer's feed; 1 to 8 rules; out of range for at most 7 days; volatility
/// of 600 to 604,800 seconds, scaled to at most 366 days; a bias of half the width.
pub fn admit(guards: &Guards, rules: &[Rule], now: u64, chain_id: u64, spacing: i32) -> Result<(), Defect> {
    times_and_losses(guards, now)?;
    let re_ranges = rules.iter().any(|rule| rule.action.re_ranges());
    payment_and_chain(guards, re_ranges, chain_id)?;
    let of = Fields(GUARDS);
    of.valid(FIELD_RULES, !rules.is_empty())?;
    of.between(FIELD_RULES, rules.len() as u64, 0, MAX_RULES as u64)?;
    for (number, rule) in (0..GUARDS).zip(rules) {
        triggers(Fields(number), guards, rule)?;
        ranges(Fields(number), rule, spacing)?;
    }
    Ok(())
}

pub(crate) fn times_and_losses(guards: &Guards, now: u64) -> Result<(), Defect> {
    let of = Fields(GUARDS);
    of.valid(1, guards.expiry >= now)?;
    of.between(1, guards.expiry, 0, now.saturating_add(YEAR))?;
    of.between(2, guards.twap_window.into(), 60, DAY)?;
    of.between(3, guards.max_deviation.into(), 1, 500)?;
    of.between(4, guards.max_loss.into(), 0, 30_000)?;
    of.valid(5, guards.max_period_loss >= guards.max_loss)?;
    of.between(5, guards.max_period_loss.into(), 0, 100_000)?;
    of.between(6, guards.period.into(), DAY, YEAR)?;
    of.between(7, guards.cooldown.into(), 60, YEAR)?;
    of.between(8, guards.max_per_day.into(), 1, 24)
}

pub(crate) fn payment_and_chain(guards: &Guards, re_ranges: bool, chain_id: u64) -> Result<(), Defect> {
    let of = Fields(GUARDS);
    let least_deployed = if re_ranges { 900_000 } else { 0 };
    of.between(10, guards.min_deployed.into(), least_deployed, MILLION.into())?;
    of.valid(12, guards.fee_token <= 1)?;
    of.between(14, guards.max_fee_share.into(), 0, 500_000)?;
    of.valid(15, guards.native_token <= 2)?;
    let feed = guards.sequencer_feed;
    of.valid(16, chain_id != ARBITRUM_ONE || feed == SEQUENCER_FEED_OF_ARBITRUM_ONE)?;
    if feed.is_zero() {
        of.valid(17, guards.sequencer_grace == 0)?;
    } else {
        of.between(17, guards.sequencer_grace.into(), 600, DAY)?;
    }
    let entry = guards.entry_sqrt_price;
    of.valid(19, entry.is_zero() || check_sqrt_price(entry).is_ok())
}

fn triggers(of: Fields, guards: &Guards, rule: &Rule) -> Result<(), Defect> {
    of.valid(1, rule.out_seconds != 0 || rule.out_ticks == 0)?;
    of.between(1, rule.out_ticks.into(), 0, ALL_TICKS.into())?;
    of.between(2, rule.out_seconds.into(), 0, 7 * DAY)?;
    of.between(3, rule.il.into(), 0, MILLION.into())?;
    let (lower, upper) = rule.band;
    of.valid(4, lower >= MIN_TICK)?;
    of.valid(5, lower <= upper && upper <= MAX_TICK)?;
    of.valid(7, rule.fees_gas_multiple == 0 || guards.native_token != 0)?;
    of.between(9, rule.delta_drift.into(), 0, MILLION.into())?;
    let numbers = rule.out_seconds | rule.il | rule.elapsed | rule.delta_drift | u32::from(rule.fees_gas_multiple);
    of.valid(FIELD_TRIGGERS, numbers != 0 || rule.fees_value != 0 || lower != upper)
}

fn ranges(of: Fields, rule: &Rule, spacing: i32) -> Result<(), Defect> {
    if !rule.action.re_ranges() {
        return Ok(());
    }
    let scaled = rule.range_kind == RangeKind::Volatility;
    let walks = rule.action == Action::Walk;
    of.valid(10, !(walks && scaled))?;
    of.between(
        11,
        rule.width.into(),
        spacing.max(1).unsigned_abs().into(),
        ALL_TICKS.into(),
    )?;
    if scaled {
        of.valid(12, rule.max_width >= rule.width)?;
        of.between(12, rule.max_width.into(), 0, ALL_TICKS.into())?;
    }
    let most_bias = if walks { 0 } else { rule.width / 2 };
    of.between(13, rule.bias.unsigned_abs().into(), 0, most_bias.into())?;
    if scaled {
        of.valid(14, rule.vol_multiple != 0)?;
        of.between(15, rule.vol_window.into(), 600, 7 * DAY)?;
        of.valid(16, rule.vol_horizon != 0)?;
        of.between(16, rule.vol_horizon.into(), 0, YEAR)?;
    }
    Ok(())
}
