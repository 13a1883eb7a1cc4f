//! A put and a call that together pay what a position loses at two stress prices.
//!
//! With the stress prices `low < put strike <= call strike < high`, only the put pays at the lower and only the call at the
//! upper, so `puts = loss(low) / (put strike - low)` and `calls = loss(high) / (high - call strike)`, `loss = hold - value`. At
//! other prices the strangle pays more or less than the loss; a strip ([`crate::strip`]) pays it nearly everywhere.

use crate::black_scholes::{Kind, Market, Series, strike};
use crate::curve::Stake;
use crate::strip::round_up;
use crate::{Error, Real, Result, Rounding, Wad};

/// The strikes, and the prices at which the loss is to be met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wings {
    /// The lower stress price.
    pub low: Wad,
    /// The put's strike.
    pub put_strike: Wad,
    /// The call's strike.
    pub call_strike: Wad,
    /// The upper stress price.
    pub high: Wad,
}

/// A strangle's sizes and cost; every field a wad.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Strangle {
    /// Puts to hold; rounded up.
    pub puts: Wad,
    /// Calls to hold; rounded up.
    pub calls: Wad,
    /// Token1: value − hold at the lower stress price; never above zero, rounded towards minus infinity.
    pub il_low: Wad,
    /// Token1: value − hold at the upper stress price; never above zero, rounded towards minus infinity.
    pub il_high: Wad,
    /// Token1: what the exact sizes cost by Black–Scholes; rounded up.
    pub premium: Wad,
}

/// The strangle that meets a stake's loss at two prices, and what it costs.
///
/// `entry` is the price the stake was entered at. Sizes and premium exceed the exact ones by at most a unit of 1e-18 and 2^-98 of
/// themselves (the premium: of spot times sizes). Errors: [`Error::PriceOutOfRange`]; [`Error::StrangleOutOfOrder`] unless
/// `low < put_strike <= call_strike < high`; those of [`crate::black_scholes::price_and_delta`].
pub fn strangle(stake: &Stake, entry: Wad, wings: &Wings, market: &Market) -> Result<Strangle> {
    let entered = stake.entered(strike(entry)?);
    let (low, put_strike) = (strike(wings.low)?, strike(wings.put_strike)?);
    let (call_strike, high) = (strike(wings.call_strike)?, strike(wings.high)?);
    for (misplaced, price) in [
        (wings.low >= wings.put_strike, wings.low),
        (wings.put_strike > wings.call_strike, wings.put_strike),
        (wings.call_strike >= wings.high, wings.high),
    ] {
        if misplaced {
            return Err(Error::StrangleOutOfOrder(price.0));
        }
    }
    let (loss_low, loss_high) = (entered.loss(low), entered.loss(high));
    let puts = loss_low / (put_strike - low);
    let calls = loss_high / (high - call_strike);
    let series = Series::new(market)?;
    let premium =
        series.cost(Kind::Put, wings.put_strike, puts)? + series.cost(Kind::Call, wings.call_strike, calls)?;
    let never_understated = |loss: Real| (-loss).lowered(100).to_wad(Rounding::Down);
    Ok(Strangle {
        puts: round_up(puts)?,
        calls: round_up(calls)?,
        il_low: never_understated(loss_low)?,
        il_high: never_understated(loss_high)?,
        premium: round_up(premium)?,
    })
}
