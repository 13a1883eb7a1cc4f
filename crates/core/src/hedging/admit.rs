//! Which terms of a hedge anybody may set.

use super::terms::{HedgeRule, Kind, Terms};
use crate::policy::{DAY, Defect, Fields, Guards, MILLION, YEAR, payment_and_chain, times_and_losses};
use crate::tick::check_sqrt_price;

/// The number that stands for `HedgeTerms` where a defect names a rule's.
pub const TERMS: u8 = 254;
/// The number that stands for `HedgeRule`.
pub const RULE: u8 = 253;

/// The least health that anybody may ask for: 1.05.
const LEAST_HEALTH: u64 = 1_050;
/// The most: 100.
const MOST_HEALTH: u64 = 100_000;

/// Whether a keeper's policy for a hedge may be set at the timestamp `now` on the chain `chain_id`.
///
/// The first defect is reported, of the guards first (their limits are those of [`crate::policy::admit`]), then of the terms
/// ([`admit_terms`]), then of the rule: a target of one of the two deltas, a share above nothing; a band of 0.1 % at least, and its
/// inner end below it; `low_health` from `min_health` on and below `health`; a `close_rate` not below `max_borrow_rate`, which has to be
/// there: else a hedge would be closed and opened in turn.
pub fn admit_hedge(guards: &Guards, terms: &Terms, rule: &HedgeRule, now: u64, chain_id: u64) -> Result<(), Defect> {
    times_and_losses(guards, now)?;
    payment_and_chain(guards, false, chain_id)?;
    admit_terms(terms, now)?;
    let of = Fields(RULE);
    of.valid(0, matches!(rule.target, Kind::Delta | Kind::IlDelta))?;
    of.between(1, rule.share.into(), 1, MILLION.into())?;
    of.between(2, rule.band.into(), 1_000, MILLION.into())?;
    of.valid(3, rule.inner < rule.band)?;
    of.between(4, rule.il.into(), 0, MILLION.into())?;
    of.between(6, rule.elapsed.into(), 0, YEAR)?;
    of.valid(7, rule.low_health >= terms.min_health && rule.low_health < terms.health)?;
    let limit = terms.max_borrow_rate;
    of.valid(8, rule.close_rate == 0 || (limit != 0 && limit <= rule.close_rate))
}

/// Whether a hedge may be opened or changed on these terms at the timestamp `now`.
///
/// Ceilings, all inclusive: `min_health` and `health` of 1.05 to 100; an oracle's deviation of 10 % and age of seven days; a horizon of
/// an hour to 366 days; a margin of the whole value; volatility of 600 to 604,800 seconds.
pub fn admit_terms(terms: &Terms, now: u64) -> Result<(), Defect> {
    let of = Fields(TERMS);
    of.between(0, terms.min_health.into(), LEAST_HEALTH, MOST_HEALTH)?;
    of.valid(1, terms.health >= terms.min_health)?;
    of.between(1, terms.health.into(), 0, MOST_HEALTH)?;
    of.between(4, terms.max_oracle_deviation.into(), 0, 100_000)?;
    of.between(5, terms.max_oracle_age.into(), 0, 7 * DAY)?;
    of.between(7, terms.horizon.into(), 3_600, YEAR)?;
    of.between(8, terms.margin.unsigned_abs().into(), 0, MILLION.into())?;
    of.between(9, terms.vol_window.into(), 600, 7 * DAY)?;
    of.valid(11, terms.fees_since <= now)?;
    let entry = terms.entry_sqrt_price;
    of.valid(14, entry.is_zero() || check_sqrt_price(entry).is_ok())
}
