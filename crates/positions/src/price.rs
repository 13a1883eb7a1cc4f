//! The price guard: how far spot may stand from the pool's time-weighted price.

use alloy_primitives::{Address, U256};
use alloy_sol_types::{SolCall, SolError};
use hedgerow_core::guard::within_deviation;
use hedgerow_core::tick::{MAX_SQRT_PRICE, MAX_TICK, MIN_SQRT_PRICE, MIN_TICK, mean_tick, sqrt_price_at_tick};
use hedgerow_program::{
    abi::{head, int56, revert},
    host::Host,
    uniswap, words,
};

use crate::{
    errors::{OrRevert, Revert, call_failed},
    interfaces::{IManager, IUniswapV3Pool},
    limits::Limits,
};

/// A pool's price at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spot {
    /// The sqrt price (Q64.96).
    pub sqrt_price: U256,
    /// The tick.
    pub tick: i32,
}

impl Spot {
    /// Reads it.
    #[inline(never)]
    pub fn read<H: Host>(host: &H, pool: &Address) -> Result<Self, Revert> {
        let (sqrt_price, tick) = uniswap::slot0(host, pool).or_revert(host, pool)?;
        Ok(Self { sqrt_price, tick })
    }
}

/// Holds spot against the mean tick of a window that ends now.
///
/// The mean is read once: within a block no later trade can change it, because a pool records the tick that a block
/// began with.
pub struct Guard {
    mean_tick: i32,
    max_deviation: u32,
}

impl Guard {
    /// Reads the mean tick of the window, rounded towards minus infinity; no guard for a window of zero.
    ///
    /// Errors: `CallFailed` where the pool remembers less than the window (`OLD`).
    pub fn read<H: Host>(host: &H, pool: &Address, limits: &Limits) -> Result<Option<Self>, Revert> {
        let window = limits.twap_window;
        if window == 0 {
            return Ok(None);
        }
        // observe([window, 0]) answers with two arrays of two: offsets, length, the accumulators then and now.
        let call = words![
            head(IUniswapV3Pool::observeCall::SELECTOR),
            32_u32,
            2_u32,
            window,
            0_u32,
        ];
        let mut words = [[0; 32]; 8];
        host.view(pool, &call, &mut words).or_revert(host, pool)?;
        let mean_tick = mean_tick(int56(&words[3]), int56(&words[4]), window).map_err(|_| call_failed(pool, &[]))?;
        Ok(Some(Self {
            mean_tick,
            max_deviation: limits.max_tick_deviation,
        }))
    }

    /// The mean tick.
    pub fn mean_tick(&self) -> i32 {
        self.mean_tick
    }

    /// Reads the guard and the spot price that an action begins with, and holds one against the other.
    pub fn begin<H: Host>(host: &H, pool: &Address, limits: &Limits) -> Result<(Option<Self>, Spot), Revert> {
        let guard = Self::read(host, pool, limits)?;
        let spot = Spot::read(host, pool)?;
        if let Some(guard) = &guard {
            guard.check(spot.tick)?;
        }
        Ok((guard, spot))
    }

    /// Holds the spot price that an action leaves against the guard, if there is one.
    pub fn end<H: Host>(guard: Option<&Self>, host: &H, pool: &Address) -> Result<(), Revert> {
        match guard {
            Some(guard) => guard.check(Spot::read(host, pool)?.tick),
            None => Ok(()),
        }
    }

    /// Refuses a tick that stands further from the mean than allowed, either way: `PriceDeviation`.
    pub fn check(&self, tick: i32) -> Result<(), Revert> {
        if within_deviation(tick, self.mean_tick, self.max_deviation) {
            return Ok(());
        }
        let arguments = words![tick, self.mean_tick, self.max_deviation];
        Err(revert(IManager::PriceDeviation::SELECTOR, &arguments))
    }

    /// The sqrt price at which a swap in one direction must stop; without a guard, the last one that a pool allows.
    pub fn price_limit(guard: Option<&Self>, zero_for_one: bool) -> U256 {
        let tick = guard.map_or(if zero_for_one { MIN_TICK } else { MAX_TICK }, |guard| {
            let reach = guard.max_deviation as i32; // a uint24
            let way = if zero_for_one { -reach } else { reach };
            guard.mean_tick.saturating_add(way)
        });
        // Pools stay strictly between the prices of the outermost ticks.
        if tick <= MIN_TICK {
            return MIN_SQRT_PRICE + U256::ONE;
        }
        match sqrt_price_at_tick(tick) {
            Ok(price) if tick < MAX_TICK => price,
            _ => MAX_SQRT_PRICE - U256::ONE,
        }
    }
}
