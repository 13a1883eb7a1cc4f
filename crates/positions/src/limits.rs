//! What the caller is willing to accept.

use alloy_primitives::U256;
use alloy_sol_types::SolError;
use hedgerow_program::{
    abi::{Malformed, Word, revert, strict, uint},
    host::Host,
    words,
};

use crate::{errors::Revert, interfaces::IManager};

/// The interface's `Limits`; their meaning is told there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Seconds of the time-weighted price; 0 for no price guard.
    pub twap_window: u32,
    /// Ticks between spot and the time-weighted price.
    pub max_tick_deviation: u32,
    /// Least liquidity minted.
    pub min_liquidity: u128,
    /// Least token0 and token1.
    pub minimum: [U256; 2],
    /// Last timestamp.
    pub deadline: U256,
    /// Sqrt price (Q64.96) at which the position was entered; zero for none.
    pub entry_sqrt_price: U256,
}

impl Limits {
    /// The struct's words, read as strictly as Solidity reads them.
    pub fn decode(
        [window, deviation, liquidity, least0, least1, deadline, entry]: &[Word; 7],
    ) -> Result<Self, Malformed> {
        Ok(Self {
            twap_window: strict::uint32(window)?,
            max_tick_deviation: strict::uint24(deviation)?,
            min_liquidity: strict::uint128(liquidity)?,
            minimum: [uint(least0), uint(least1)],
            deadline: uint(deadline),
            entry_sqrt_price: strict::uint160(entry)?,
        })
    }

    /// Refuses a block later than the deadline: `DeadlinePassed`.
    pub fn require_in_time<H: Host>(&self, host: &H) -> Result<(), Revert> {
        let now = host.timestamp();
        if U256::from(now) <= self.deadline {
            return Ok(());
        }
        Err(revert(IManager::DeadlinePassed::SELECTOR, &words![self.deadline, now]))
    }

    /// Refuses amounts of which either is below its minimum: `AmountBelowMinimum`.
    pub fn require_amounts(&self, amounts: &[U256; 2]) -> Result<(), Revert> {
        if amounts[0] >= self.minimum[0] && amounts[1] >= self.minimum[1] {
            return Ok(());
        }
        Err(revert(
            IManager::AmountBelowMinimum::SELECTOR,
            &words![amounts[0], amounts[1]],
        ))
    }

    /// Refuses less liquidity than the minimum: `LiquidityBelowMinimum`.
    pub fn require_liquidity(&self, liquidity: u128) -> Result<(), Revert> {
        if liquidity >= self.min_liquidity {
            return Ok(());
        }
        Err(revert(
            IManager::LiquidityBelowMinimum::SELECTOR,
            &words![liquidity, self.min_liquidity],
        ))
    }
}
