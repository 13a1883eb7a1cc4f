//! The price of one call: the pool's time-weighted one, at which everything is valued, and how far spot may be from it.

use alloy_primitives::{Address, U256};
use alloy_sol_types::SolCall;
use hedgerow_core::{hedging::Pool, policy::Snapshot, tick::sqrt_price_at_tick};
use hedgerow_positions::{
    errors::{OrRevert, Revert, call_failed},
    limits::Limits,
    price::{Guard, Spot},
    venue::Venue,
};
use hedgerow_program::{
    abi::{head, uint},
    host::Host,
};
use hedgerow_terms::place::Seen;

use crate::interfaces::IPoolGrowth;

/// A pool's price, mean and spot.
pub struct Price {
    /// Holds spot against the mean; nothing for a window of zero.
    pub guard: Option<Guard>,
    /// The pool's own.
    pub spot: Spot,
    /// The mean tick's; without a window the pool's own.
    pub sqrt_price: U256,
}

impl Price {
    /// Reads both; nothing is held against anything. Errors: `CallFailed` where the pool remembers less than the window.
    #[inline(never)]
    pub fn read<H: Host>(host: &H, pool: &Address, window: u32, max_deviation: u32) -> Result<Self, Revert> {
        let limits = Limits {
            twap_window: window,
            max_tick_deviation: max_deviation,
            min_liquidity: 0,
            minimum: [U256::ZERO; 2],
            deadline: U256::ZERO,
            entry_sqrt_price: U256::ZERO,
        };
        let guard = Guard::read(host, pool, &limits)?;
        let spot = Spot::read(host, pool)?;
        let sqrt_price = match &guard {
            Some(guard) => sqrt_price_at_tick(guard.mean_tick()).map_err(|_| call_failed(pool, &[]))?,
            None => spot.sqrt_price,
        };
        Ok(Self {
            guard,
            spot,
            sqrt_price,
        })
    }

    /// Where a swap in one direction has to stop, and whether there is any room before that.
    pub fn limit(&self, zero_for_one: bool) -> (U256, bool) {
        let limit = Guard::price_limit(self.guard.as_ref(), zero_for_one);
        let room = if zero_for_one {
            limit < self.spot.sqrt_price
        } else {
            limit > self.spot.sqrt_price
        };
        (limit, room)
    }

    /// A position as the core's hedging has it. What only policies ask for is left out.
    #[inline(never)]
    pub fn snapshot<H: Host>(&self, host: &H, seen: Option<&Seen>) -> Result<Snapshot, Revert> {
        let mut snapshot = Snapshot {
            now: host.timestamp(),
            paused: false,
            governed: false,
            base_fee: U256::ZERO,
            sequencer: None,
            spot_sqrt_price: self.spot.sqrt_price,
            spot_tick: self.spot.tick,
            spacing: 1,
            range: (0, 1),
            liquidity: 0,
            fees: [0; 2],
        };
        if let Some(seen) = seen {
            (snapshot.range, snapshot.liquidity) = (seen.held.range, seen.held.liquidity);
            snapshot.fees = seen.fees(host, self.spot.tick)?;
        }
        Ok(snapshot)
    }
}

/// What a hedge needs to know of a pool.
#[inline(never)]
pub fn pool<H: Host>(host: &H, venue: &Venue, volatile: u8) -> Result<Pool, Revert> {
    let mut fee_growth = [U256::ZERO; 2];
    let global = [
        IPoolGrowth::feeGrowthGlobal0X128Call::SELECTOR,
        IPoolGrowth::feeGrowthGlobal1X128Call::SELECTOR,
    ];
    for (growth, selector) in fee_growth.iter_mut().zip(global) {
        let word = host.view_word(&venue.pool, &[head(selector)]);
        *growth = uint(&word.or_revert(host, &venue.pool)?);
    }
    Ok(Pool {
        fee_pips: venue.fee,
        fee_growth,
        volatile,
    })
}
