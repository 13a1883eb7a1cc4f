//! Where an action takes the position.

use super::market::{Oracle, TooShort};
use super::reason::Reason;
use super::terms::{RangeKind, Rule};
use crate::full_math::{mul_div, sqrt};
use crate::tick::{MAX_TICK, MIN_TICK, floor_to_spacing, usable_limits};
use alloy_primitives::U256;

/// How many means volatility is told from.
const MEANS: usize = 8;

/// The range of a rebalance: the rule's width around the mean tick and the bias, on the pool's spacing.
///
/// Width and lower end go to the nearest multiples, the width to one at least; then the range moves by what it takes to contain
/// the mean tick and to lie within the pool's limits. Errors: [`Reason::OracleTooShort`] of a width scaled by volatility;
/// [`Reason::NoRange`] where the spacing is none of a pool's.
pub(super) fn around<O: Oracle>(
    rule: &Rule,
    mean_tick: i32,
    spacing: i32,
    oracle: &mut O,
) -> Result<(i32, i32), Reason> {
    check(spacing)?;
    let width = match rule.range_kind {
        RangeKind::Fixed => rule.width,
        RangeKind::Volatility => scaled_width(rule, oracle).map_err(|_| Reason::OracleTooShort)?,
    };
    let width = whole(width, spacing);
    let middle = mean_tick.saturating_add(rule.bias).clamp(MIN_TICK, MAX_TICK);
    let nearest = floor_to_spacing(middle - width / 2 + spacing / 2, spacing);
    let highest = floor_to_spacing(mean_tick, spacing);
    let lower = nearest.max(highest - width + spacing).min(highest);
    within_limits(lower, width, spacing)
}

/// The range of a walk: the rule's width beside spot, on the side on which the position holds its one token.
///
/// Errors: [`Reason::NotOneSided`]; [`Reason::NotNearer`] where its end would not lie nearer to the price than now;
/// [`Reason::NoRange`].
pub(super) fn beside(rule: &Rule, tick: i32, range: (i32, i32), spacing: i32) -> Result<(i32, i32), Reason> {
    check(spacing)?;
    let width = whole(rule.width, spacing);
    let floor = floor_to_spacing(tick.clamp(MIN_TICK, MAX_TICK), spacing);
    let (lower, nearer) = if tick < range.0 {
        // Token0, above the price: the first multiple that the tick lies below.
        (floor + spacing, floor + spacing < range.0)
    } else if tick >= range.1 {
        (floor - width, floor > range.1)
    } else {
        return Err(Reason::NotOneSided);
    };
    if !nearer {
        return Err(Reason::NotNearer);
    }
    let (least, most) = usable_limits(spacing);
    // Moving it into the limits would bring it over the price.
    if lower < least || lower + width > most {
        return Err(Reason::NoRange);
    }
    Ok((lower, lower + width))
}

fn check(spacing: i32) -> Result<(), Reason> {
    if (1..=MAX_TICK).contains(&spacing) {
        Ok(())
    } else {
        Err(Reason::NoRange)
    }
}

/// The width as the nearest multiple of the spacing that a pool has, one at least.
fn whole(width: u32, spacing: i32) -> i32 {
    let (least, most) = usable_limits(spacing);
    let width = i32::try_from(width).unwrap_or(i32::MAX).min(most - least);
    floor_to_spacing(width + spacing / 2, spacing)
        .min(most - least)
        .max(spacing)
}

fn within_limits(lower: i32, width: i32, spacing: i32) -> Result<(i32, i32), Reason> {
    let (least, most) = usable_limits(spacing);
    let lower = lower.min(most - width).max(least);
    Ok((lower, lower + width))
}

/// Twice `vol_multiple / 100` standard deviations of the tick over `vol_horizon` seconds, between `width` and `max_width`; rounded
/// down.
///
/// Of eight means of adjacent windows of `h = vol_window / 8` seconds, the seven differences' mean square is 2/3 of the variance of
/// `h` seconds where the tick is a Brownian path: `sigma^2 = 3/2 mean(difference^2) / h` per second. The differences are taken of
/// the accumulators, so that nothing is rounded before the one square root.
fn scaled_width<O: Oracle>(rule: &Rule, oracle: &mut O) -> Result<u32, TooShort> {
    let (squares, step) = moves(rule.vol_window, oracle)?;
    // (2 m / 100)^2 * 3/2 / 7, over h^2 of the means and h of the variance.
    let over = |x: u32| U256::from(x);
    let multiple = over(3 * u32::from(rule.vol_multiple)) * over(rule.vol_multiple.into()) * over(rule.vol_horizon);
    let divisor = over(35_000) * over(step) * over(step) * over(step);
    let width = mul_div(U256::from(squares), multiple, divisor).map_or(U256::MAX, sqrt);
    let width = u32::try_from(width).unwrap_or(u32::MAX);
    Ok(width.min(rule.max_width).max(rule.width))
}

/// The seven differences of eight adjacent windows' sums of ticks, squared and summed, and the seconds `h` of a window. Of the
/// means the sum of squares is `h^2` times smaller: the variance of a second is `3/14` of it, over `h^3`.
pub(crate) fn moves<O: Oracle>(window: u32, oracle: &mut O) -> Result<(u128, u32), TooShort> {
    let step = window / MEANS as u32;
    let (mut ago, mut read) = ([0; MEANS + 1], [0; MEANS + 1]);
    for (slot, steps) in ago.iter_mut().rev().zip(0..) {
        *slot = step * steps;
    }
    oracle.accumulators(&ago, &mut read)?;
    // The accumulator may wrap in its int56.
    let sums = |pair: &[i64]| match *pair {
        [earlier, later] => later.wrapping_sub(earlier) << 8 >> 8,
        _ => 0,
    };
    let (mut squares, mut last) = (0_u128, None::<i64>);
    for sum in read.windows(2).map(sums) {
        let difference = last.map_or(0, |last| sum - last);
        squares += u128::from(difference.unsigned_abs()).pow(2);
        last = Some(sum);
    }
    Ok((squares, step))
}
