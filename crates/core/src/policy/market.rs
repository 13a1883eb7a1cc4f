//! What a decision is made from: the pool, the position, the chain; and what these are worth at the mean price.

use super::terms::Guards;
use crate::il::Worth;
use crate::tick::{MAX_TICK, MIN_TICK, mean_tick, range_sqrt_prices, sqrt_price_at_tick};
use crate::wide::Wide;
use alloy_primitives::U256;

/// A pool's oracle.
pub trait Oracle {
    /// The tick accumulators so many seconds ago, one each, as v3-core's `observe` has them.
    ///
    /// Errors: [`TooShort`] where the pool does not remember one of them.
    fn accumulators(&mut self, ago: &[u32], out: &mut [i64]) -> Result<(), TooShort>;
}

/// A pool's oracle does not reach back as far as it was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the pool does not remember that many seconds; ask for fewer, or have its oracle store more observations and wait"
)]
pub struct TooShort;

/// What a chain's sequencer feed says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sequencer {
    /// Whether the sequencer is up.
    pub up: bool,
    /// Since when; a timestamp.
    pub since: u64,
}

/// The chain, the pool and the position as a decision finds them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Snapshot {
    /// The block's timestamp.
    pub now: u64,
    /// Whether the account is paused.
    pub paused: bool,
    /// Whether it is these terms that govern the position.
    pub governed: bool,
    /// Wei for a unit of gas.
    pub base_fee: U256,
    /// What the guards' sequencer feed says; nothing where they name none, or where it does not answer.
    pub sequencer: Option<Sequencer>,
    /// The pool's sqrt price.
    pub spot_sqrt_price: U256,
    /// The pool's tick.
    pub spot_tick: i32,
    /// The pool's tick spacing.
    pub spacing: i32,
    /// The position's ticks, lower and upper.
    pub range: (i32, i32),
    /// The position's liquidity.
    pub liquidity: u128,
    /// Raw token0 and token1 that the position is owed.
    pub fees: [u128; 2],
}

/// The mean tick of the guards' window, and its sqrt price: what everything is valued at.
///
/// The mean is rounded towards minus infinity. Errors: [`TooShort`].
pub fn mean_price<O: Oracle>(guards: &Guards, oracle: &mut O) -> Result<(i32, U256), TooShort> {
    let tick = mean_over(guards.twap_window, oracle)?;
    Ok((tick, sqrt_price_at_tick(tick).map_err(|_| TooShort)?))
}

/// The mean tick of the last so many seconds.
pub(super) fn mean_over<O: Oracle>(seconds: u32, oracle: &mut O) -> Result<i32, TooShort> {
    let mut read = [0; 2];
    oracle.accumulators(&[seconds, 0], &mut read)?;
    let tick = mean_tick(read[0], read[1], seconds).map_err(|_| TooShort)?;
    // No pool's mean lies outside; whatever else answers must not lead further.
    Ok(tick.clamp(MIN_TICK, MAX_TICK))
}

/// Millionths of a position's value that token0 is at a sqrt price, fees left out; rounded down. Zero where there is no liquidity or
/// no price.
pub fn share(liquidity: u128, range: (i32, i32), sqrt_price: U256) -> u32 {
    match range_sqrt_prices(range.0, range.1) {
        Ok((lower, upper)) if liquidity != 0 && !sqrt_price.is_zero() => {
            Worth::new(sqrt_price, lower, upper).share0(sqrt_price)
        }
        _ => 0,
    }
}

/// A price at which things are valued, in 2^-192 of raw token1.
pub(crate) struct Scale {
    pub sqrt_price: U256,
    /// The squared sqrt price: the worth of a unit of token0.
    price: Wide,
}

impl Scale {
    pub fn new(sqrt_price: U256) -> Self {
        let root = Wide::from(sqrt_price);
        Self {
            sqrt_price,
            price: root.mul(&root),
        }
    }

    /// What the amounts are worth: exact, below 2^577.
    #[inline(never)]
    pub fn worth(&self, amounts: &[U256; 2]) -> Wide {
        let [amount0, amount1] = amounts.map(Wide::from);
        amount0.mul(&self.price).add(&amount1.shl(192))
    }

    /// What fees are worth.
    pub fn worth_of_fees(&self, fees: &[u128; 2]) -> Wide {
        self.worth(&fees.map(U256::from))
    }

    /// What the liquidity is worth, rounded down, and whether something remains. Nothing where the range is none.
    pub fn principal(&self, liquidity: u128, range: (i32, i32)) -> (Wide, bool) {
        match range_sqrt_prices(range.0, range.1) {
            Ok((lower, upper)) => Worth::new(self.sqrt_price, lower, upper).of(self.sqrt_price, liquidity),
            Err(_) => (Wide::ZERO, false),
        }
    }

    /// What wei are worth, the wrapped native token being token0, or else token1.
    pub fn worth_of_wei(&self, wei: &Wide, token0: bool) -> Wide {
        if token0 { wei.mul(&self.price) } else { wei.shl(192) }
    }

    /// The raw token that so much is worth; rounded down.
    pub fn amount(&self, worth: &Wide, token0: bool) -> U256 {
        if token0 {
            saturated(worth.div(&self.price).0)
        } else {
            raw(worth)
        }
    }
}

/// Raw token1, rounded down; the greatest integer where it does not fit.
pub(crate) fn raw(worth: &Wide) -> U256 {
    saturated(worth.shr(192).0)
}

fn saturated(value: Wide) -> U256 {
    value.to_u256().unwrap_or(U256::MAX)
}
