//! The cost-of-carry gate: is a hedge worth what it costs, or the position without it, or neither?
//!
//! A hedge that is rebalanced `n` times a year trades `turnover = |dollar gamma| sigma sqrt(2 n / pi)` of value a year, the mean of
//! the absolute moves that it follows. Over a horizon of `h` years it costs
//! `cost = premium + funding notional h + trading_cost turnover h`, a yearly `cost_apr = cost / (value h)` of the position. What is
//! left of the fees without the hedge is `net_unhedged_apr = fee_apr - lvr_apr`, with it `net_hedged_apr = fee_apr - cost_apr`, less
//! `lvr_apr` where no premium is paid: a delta hedge still pays the realised variance, bought gamma replaces it.
//!
//! Costs are rounded up and what is left is rounded down, so the gate never opens for a hedge that does not pay.

use crate::full_math::{mul_div, mul_div_ceil};
use crate::{Error, Real, Result, Rounding, U256, WAD, Wad};

/// Binary digits of the magnitudes involved that a cost may be wrong in.
const ALLOWANCE: i32 = -118;

/// What the gate weighs. Rates are yearly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Carry {
    /// What the position is worth; above zero.
    pub value: Wad,
    /// Fees expected, as a share of the value.
    pub fee_apr: Wad,
    /// Loss versus rebalancing expected, as a share of the value.
    pub lvr_apr: Wad,
    /// Years; above zero.
    pub horizon: Wad,
    /// What the options of the hedge cost for the horizon; nought for a delta hedge.
    pub premium: Wad,
    /// What the hedge's notional pays for being held; negative where it is paid.
    pub funding_apr: Wad,
    /// What is held short.
    pub hedge_notional: Wad,
    /// The second derivative of the value by the price, times the price's square; of either sign.
    pub dollar_gamma: Wad,
    /// Yearly volatility.
    pub sigma: Wad,
    /// How often a year the hedge is brought back.
    pub rebalances: u64,
    /// What trading costs, as a share of what is traded.
    pub trading_cost: Wad,
    /// The least that the position must yield.
    pub min_net_apr: Wad,
}

/// What to do with the position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Open the hedge or keep it: hedged, the position yields enough.
    Hedge,
    /// Keep the position without hedge: only so does it yield enough.
    HoldUnhedged,
    /// Close the position: it does not yield enough either way.
    Exit,
}

/// The gate's answer and what it rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// What to do.
    pub action: Action,
    /// `net_hedged_apr - min_net_apr`, exactly: the gate is open from nought on.
    pub margin: Wad,
    /// What the hedge trades in a year; rounded up.
    pub turnover: Wad,
    /// What the hedge costs over the horizon; rounded up. Negative where funding pays for it.
    pub cost: Wad,
    /// The same per year, as a share of the value; rounded up.
    pub cost_apr: Wad,
    /// Fees over the horizon; the exact floor.
    pub fee: Wad,
    /// Loss versus rebalancing over the horizon; the exact ceiling.
    pub lvr: Wad,
    /// What is left with the hedge; rounded down.
    pub net_hedged_apr: Wad,
    /// What is left without it; exact.
    pub net_unhedged_apr: Wad,
}

/// Fees against a cost over the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cover {
    /// Are the fees at least the cost?
    pub passes: bool,
    /// `fees - cost`, exactly.
    pub margin: Wad,
    /// `fees / cost`, the exact floor; none where nothing is to be covered.
    pub ratio: Option<Wad>,
    /// When the fees have paid the cost, `horizon cost / fees` in the horizon's unit of time, the exact ceiling; none where there are
    /// no fees for a cost.
    pub break_even: Option<Wad>,
}

/// Opens or closes the gate: hedge if `net_hedged_apr >= min_net_apr`, else hold unhedged if `net_unhedged_apr >= min_net_apr`,
/// else exit.
///
/// The costs and the turnover are above the exact values by at most a unit of 1e-18 and 2^-117 of the magnitudes involved, and never
/// below; `net_hedged_apr` accordingly. Domain: value and horizon above zero; fee_apr, lvr_apr, premium, hedge_notional, sigma and
/// trading_cost not below. Errors: [`Error::NotPositive`], [`Error::NegativeInput`]; [`Error::Overflow`] where a figure, or the product of
/// value and fee_apr or lvr_apr in units, exceeds its type.
pub fn gate(carry: &Carry) -> Result<Verdict> {
    check(carry)?;
    let [value, horizon, notional, funding, price_of_trade] = [
        carry.value,
        carry.horizon,
        carry.hedge_notional,
        carry.funding_apr,
        carry.trading_cost,
    ]
    .map(Real::from_wad);
    let turnover = turnover(carry);
    // What is paid a year, but for the premium; funding may be received instead.
    let (held, traded) = (funding * notional, price_of_trade * turnover);
    let (yearly, magnitude) = (held + traded, held.abs() + traded);
    let premium = Real::from_wad(carry.premium) / horizon;
    let running_cost = raised_wad(yearly * horizon, magnitude * horizon)?;
    let cost_apr = raised_wad((premium + yearly) / value, (premium + magnitude) / value)?;
    let net_unhedged_apr = minus(carry.fee_apr, carry.lvr_apr)?;
    let before_cost = if carry.premium == Wad::ZERO {
        net_unhedged_apr
    } else {
        carry.fee_apr
    };
    let net_hedged_apr = minus(before_cost, cost_apr)?;
    let action = if net_hedged_apr >= carry.min_net_apr {
        Action::Hedge
    } else if net_unhedged_apr >= carry.min_net_apr {
        Action::HoldUnhedged
    } else {
        Action::Exit
    };
    Ok(Verdict {
        action,
        margin: minus(net_hedged_apr, carry.min_net_apr)?,
        turnover: raised_wad(turnover, turnover)?,
        cost: Wad(carry.premium.0.checked_add(running_cost.0).ok_or(Error::Overflow)?),
        cost_apr,
        fee: over_horizon(carry, carry.fee_apr, mul_div)?,
        lvr: over_horizon(carry, carry.lvr_apr, mul_div_ceil)?,
        net_hedged_apr,
        net_unhedged_apr,
    })
}

/// The gate in its simplest form: do the fees of a horizon cover what protection costs for it?
///
/// `fees` and `cost` in the same unit, tokens or shares of the value; the horizon in any unit of time. Domain: none below zero.
/// Errors: [`Error::NegativeInput`]; [`Error::Overflow`] where a quotient exceeds a wad.
pub fn cover(fees: Wad, cost: Wad, horizon: Wad) -> Result<Cover> {
    let unsigned = |input: Wad| U256::try_from(input.0).map_err(|_| Error::NegativeInput(input.0));
    let (earned, paid, time) = (unsigned(fees)?, unsigned(cost)?, unsigned(horizon)?);
    let ratio = match paid.is_zero() {
        true => None,
        false => Some(Wad::from_unsigned(mul_div(earned, U256::from(WAD), paid)?)?),
    };
    let break_even = match (paid.is_zero(), earned.is_zero()) {
        (true, _) => Some(Wad::ZERO),
        (false, true) => None,
        (false, false) => Some(Wad::from_unsigned(mul_div_ceil(time, paid, earned)?)?),
    };
    Ok(Cover {
        passes: fees >= cost,
        margin: minus(fees, cost)?,
        ratio,
        break_even,
    })
}

fn check(carry: &Carry) -> Result<()> {
    for input in [carry.value, carry.horizon] {
        if !input.is_positive() {
            return Err(Error::NotPositive(input.0));
        }
    }
    let natural = [
        carry.fee_apr,
        carry.lvr_apr,
        carry.premium,
        carry.hedge_notional,
        carry.sigma,
        carry.trading_cost,
    ];
    match natural.iter().find(|input| input.0.is_negative()) {
        Some(input) => Err(Error::NegativeInput(input.0)),
        None => Ok(()),
    }
}

/// `|dollar gamma| sigma sqrt(2 n / pi)`; the root is `2 sqrt(n) / sqrt(2 pi)`.
fn turnover(carry: &Carry) -> Real {
    let moves = Real::from_u128(carry.rebalances.into()).sqrt().double() / Real::SQRT_2PI;
    Real::from_wad(carry.dollar_gamma).abs() * Real::from_wad(carry.sigma) * moves
}

/// A cost rounded up, after what it may be wrong by; exactly nought where its terms are.
fn raised_wad(cost: Real, magnitude: Real) -> Result<Wad> {
    (cost + magnitude.scaled(ALLOWANCE)).to_wad(Rounding::Up)
}

/// `value * rate * horizon`, rounded as the product's quotient is.
fn over_horizon(carry: &Carry, rate: Wad, quotient: fn(U256, U256, U256) -> Result<U256>) -> Result<Wad> {
    let yearly = carry.value.to_unsigned()?.checked_mul(rate.to_unsigned()?);
    let units = U256::from(WAD) * U256::from(WAD);
    Wad::from_unsigned(quotient(
        yearly.ok_or(Error::Overflow)?,
        carry.horizon.to_unsigned()?,
        units,
    )?)
}

fn minus(a: Wad, b: Wad) -> Result<Wad> {
    a.0.checked_sub(b.0).map(Wad).ok_or(Error::Overflow)
}
