//! The gate: whether the fees expected cover what a hedge is expected to cost.

use super::accounts::{floor, magnitude};
use super::market::{Market, Pool, ray, scale_at, worth_of_collateral, worth_of_volatile};
use super::terms::Terms;
use crate::policy::{MILLION, Oracle, Reason, Scale, Snapshot, moves, raw};
use crate::tick::range_sqrt_prices;
use crate::wide::Wide;
use alloy_primitives::{I256, U256};

/// What is expected over a horizon, in raw token1 at one price.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Outlook {
    /// Fees; rounded down.
    pub fees: U256,
    /// Loss versus rebalancing, which a hedged position pays; rounded up.
    pub lvr: U256,
    /// Interest paid less interest earned; rounded up.
    pub carry: I256,
    /// The pool's fee on opening and closing; rounded up.
    pub trading: U256,
    /// Fees less the other three less the margin: the gate is open from zero on.
    pub gate: I256,
}

/// Seconds that fees must have been watched for.
const WATCHED: u64 = 3_600;
/// Seconds of a year, as the venue counts them.
const YEAR: u64 = 31_536_000;
/// `ln(1.0001)^2`, a tick's variance, in 1e-18; rounded up.
const TICK_VARIANCE: u64 = 9_999_000_092;

/// What is expected of a position over the terms' horizon, where its hedge is as `market` says and `trade` was sold for it.
///
/// With liquidity `L`, sqrt price `S` and the position worth `value`:
/// - fees: `L` times what the pool's fee growth rose by since `fees_since`, at that pace; none while the pool's tick is out of range;
/// - loss versus rebalancing: `sigma^2 / 4 * L S * horizon` (Milionis et al.), while the pool's tick or `S` is in range, the
///   variance of a second from the pool's oracle over `vol_window`, as a policy's range takes it;
/// - carry: the venue's two rates as they are;
/// - trading: twice the pool's fee on the trade.
///
/// Errors: [`Reason::FeesUnknown`] where the fee growth was watched for less than an hour, never, or fell;
/// [`Reason::OracleTooShort`].
#[expect(clippy::too_many_arguments, reason = "what a gate weighs is all these")]
pub fn outlook<O: Oracle>(
    terms: &Terms,
    market: &Market,
    pool: &Pool,
    snapshot: &Snapshot,
    sqrt_price: U256,
    value: U256,
    trade: i128,
    oracle: &mut O,
) -> Result<Outlook, Reason> {
    let scale = scale_at(sqrt_price);
    let fees = fees(terms, pool, snapshot, &scale)?;
    let lvr = loss(terms, snapshot, &scale, oracle)?;
    let carry = carry(terms, market, pool, &scale);
    let traded = worth_of_volatile(&scale, pool, trade.unsigned_abs());
    let trading = up(&traded.mul(&Wide::from(2 * u64::from(pool.fee_pips))), &millions());
    let required = Wide::from(value).mul(&Wide::from(u64::from(terms.margin.unsigned_abs())));
    let (margin, remains) = required.div(&Wide::from(u64::from(MILLION)));
    let margin = if terms.margin < 0 {
        I256::ZERO.saturating_sub(magnitude(&margin))
    } else {
        magnitude(&margin.add(&Wide::from(u64::from(remains))))
    };
    let signed = |value: U256| magnitude(&Wide::from(value));
    Ok(Outlook {
        fees,
        lvr,
        carry,
        trading,
        gate: signed(fees)
            .saturating_sub(signed(lvr))
            .saturating_sub(carry)
            .saturating_sub(signed(trading))
            .saturating_sub(margin),
    })
}

fn fees(terms: &Terms, pool: &Pool, snapshot: &Snapshot, scale: &Scale) -> Result<U256, Reason> {
    let watched = snapshot.now.saturating_sub(terms.fees_since);
    let mut amounts = [U256::ZERO; 2];
    let mut fell = false;
    for ((amount, now), then) in amounts.iter_mut().zip(pool.fee_growth).zip(terms.fee_growth) {
        // Growth wraps around; half of all numbers ahead is none that a pool got to.
        let growth = now.wrapping_sub(then);
        fell |= growth.bit(255);
        let earned = Wide::from(growth).mul(&Wide::from(snapshot.liquidity)).shr(128).0;
        *amount = earned.to_u256().unwrap_or(U256::MAX);
    }
    if terms.fees_since == 0 || watched < WATCHED || fell {
        return Err(Reason::FeesUnknown);
    }
    if !is_inside(snapshot.spot_tick, snapshot) {
        return Ok(U256::ZERO);
    }
    let expected = scale.worth(&amounts).mul(&Wide::from(u64::from(terms.horizon)));
    Ok(raw(&expected.div(&Wide::from(watched)).0))
}

/// `3 squares / (14 h^3)` squared ticks a second, times a tick's variance, over 4, times `L S`, for the horizon.
fn loss<O: Oracle>(terms: &Terms, snapshot: &Snapshot, scale: &Scale, oracle: &mut O) -> Result<U256, Reason> {
    let (squares, step) = moves(terms.vol_window, oracle).map_err(|_| Reason::OracleTooShort)?;
    if step == 0 {
        return Err(Reason::OracleTooShort);
    }
    let ends = range_sqrt_prices(snapshot.range.0, snapshot.range.1);
    let inside = ends.is_ok_and(|(lower, upper)| lower <= scale.sqrt_price && scale.sqrt_price < upper);
    if !inside && !is_inside(snapshot.spot_tick, snapshot) {
        return Ok(U256::ZERO);
    }
    let [step, horizon] = [step, terms.horizon].map(|seconds| Wide::from(u64::from(seconds)));
    let moved = Wide::from(squares).mul(&Wide::from(3 * TICK_VARIANCE)).mul(&horizon);
    let stake = Wide::from(snapshot.liquidity).mul(&Wide::from(scale.sqrt_price));
    let divisor = step
        .mul(&step)
        .mul(&step)
        .mul(&Wide::from(56 * u128::from(crate::WAD)))
        .shl(96);
    Ok(rounded_up(moved.mul(&stake).div(&divisor)))
}

/// `(borrow rate * debt S - supply rate * collateral) horizon / year`, rounded up.
fn carry(terms: &Terms, market: &Market, pool: &Pool, scale: &Scale) -> I256 {
    let over = |worth: Wide, rate: U256| {
        // No venue's rate is 2^160 rays.
        let rate = rate.min(U256::MAX >> 96);
        worth.mul(&Wide::from(rate)).mul(&Wide::from(u64::from(terms.horizon)))
    };
    let paid = over(worth_of_volatile(scale, pool, market.debt), market.borrow_rate);
    let earned = over(worth_of_collateral(scale, pool, market.collateral), market.supply_rate);
    let year = ray().mul(&Wide::from(YEAR));
    // Both are quotients of 2^-192: rounded against the account there, and then once more.
    let (paid, remains) = paid.div(&year);
    let paid = paid.add(&Wide::from(u64::from(remains)));
    I256::ZERO.saturating_sub(floor(&earned.div(&year).0, &paid))
}

fn is_inside(tick: i32, snapshot: &Snapshot) -> bool {
    snapshot.range.0 <= tick && tick < snapshot.range.1
}

/// A million, in 2^-192.
fn millions() -> Wide {
    Wide::from(u64::from(MILLION)).shl(192)
}

fn up(dividend: &Wide, divisor: &Wide) -> U256 {
    rounded_up(dividend.div(divisor))
}

fn rounded_up((floor, remains): (Wide, bool)) -> U256 {
    let floor = floor.to_u256().unwrap_or(U256::MAX);
    floor.saturating_add(U256::from(remains))
}
