//! What the owner is willing to accept, and the limits that make the chain hold to it.

use crate::{
    bindings::IManager::Limits,
    error::{Error, Result},
};
use alloy::primitives::{U256, aliases::U24, uint};

const MILLION: U256 = uint!(1_000_000_U256);

/// What the owner is willing to accept.
#[derive(Clone, Copy, Debug)]
pub struct Tolerance {
    /// Seconds of the time-weighted price that spot is held against; 0 leaves the guard out.
    pub twap_window: u32,
    /// Ticks that spot may be away from it.
    pub max_tick_deviation: u32,
    /// How much less than simulated the new liquidity and the amounts may be, in millionths.
    pub slippage_millionths: u32,
    /// Seconds from now until it may no longer run.
    pub lifetime: u64,
    /// The pool's sqrtPriceX96 when the position was entered, for the IL in the event; none leaves it out.
    pub entry_sqrt_price: Option<U256>,
}

impl Default for Tolerance {
    /// Five minutes of time-weighted price, about one percent from it, half a percent of slippage, ten minutes.
    fn default() -> Self {
        Self {
            twap_window: 300,
            max_tick_deviation: 100,
            slippage_millionths: 5_000,
            lifetime: 600,
            entry_sqrt_price: None,
        }
    }
}

impl Tolerance {
    /// The limits at the chain's time `timestamp`, with no minimum yet: what is simulated to learn what comes out.
    pub fn open_limits(&self, timestamp: u64) -> Result<Limits> {
        if self.lifetime == 0 {
            return Err(Error::invalid(
                "--lifetime",
                0,
                "the deadline would be over before a block can hold it: give seconds, such as 600",
            ));
        }
        if self.slippage_millionths >= 1_000_000 {
            return Err(Error::invalid(
                "the slippage",
                self.slippage_millionths,
                "give less than 100 %",
            ));
        }
        Ok(Limits {
            twapWindow: self.twap_window,
            maxTickDeviation: U24::try_from(self.max_tick_deviation).map_err(|_| {
                Error::invalid("--max-tick-deviation", self.max_tick_deviation, "give at most 16777215")
            })?,
            minLiquidity: 0,
            amount0Min: U256::ZERO,
            amount1Min: U256::ZERO,
            deadline: U256::from(timestamp.saturating_add(self.lifetime)),
            entrySqrtPriceX96: self.entry_sqrt_price.unwrap_or_default().saturating_to(),
        })
    }

    /// `amount`, less the slippage, rounded down.
    pub fn least(&self, amount: U256) -> U256 {
        let keep = MILLION.saturating_sub(U256::from(self.slippage_millionths));
        // Amounts of a uint128 position times a million stay far below 2^256.
        amount.saturating_mul(keep) / MILLION
    }

    /// The same for liquidity.
    pub fn least_liquidity(&self, liquidity: u128) -> u128 {
        self.least(U256::from(liquidity)).saturating_to()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn slippage_takes_off_the_given_share_rounded_down() {
        let half_a_percent = Tolerance::default();
        assert_eq!(half_a_percent.least(U256::from(1_000_000)), U256::from(995_000));
        assert_eq!(half_a_percent.least(U256::from(3)), U256::from(2));
        let none = Tolerance {
            slippage_millionths: 0,
            ..half_a_percent
        };
        assert_eq!(none.least_liquidity(u128::MAX), u128::MAX);
    }

    #[test]
    fn a_lifetime_of_nothing_is_refused_and_an_endless_one_has_no_end() {
        let with = |lifetime| Tolerance {
            lifetime,
            ..Tolerance::default()
        };
        assert_eq!(with(0).open_limits(7).unwrap_err().exit_code(), 2);
        assert_eq!(with(5).open_limits(7).unwrap().deadline, U256::from(12));
        assert_eq!(with(u64::MAX).open_limits(7).unwrap().deadline, U256::from(u64::MAX));
    }
}
