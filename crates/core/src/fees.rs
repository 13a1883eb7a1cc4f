//! Fees owed to a position, from a pool's fee growth.
//!
//! Growth is Q128 of raw token per unit of liquidity and wraps around: only differences mean anything.

use crate::wide::Wide;
use alloy_primitives::U256;

/// Fee growth of one token inside a range.
///
/// `outside_lower` and `outside_upper` are the ticks' `feeGrowthOutsideX128`, `global` the pool's. Source: v3-core
/// `Tick.getFeeGrowthInside`, same results.
pub fn growth_inside(
    tick: i32,
    tick_lower: i32,
    tick_upper: i32,
    global: U256,
    outside_lower: U256,
    outside_upper: U256,
) -> U256 {
    let below = if tick >= tick_lower {
        outside_lower
    } else {
        global.wrapping_sub(outside_lower)
    };
    let above = if tick < tick_upper {
        outside_upper
    } else {
        global.wrapping_sub(outside_upper)
    };
    global.wrapping_sub(below).wrapping_sub(above)
}

/// Raw token earned by `liquidity` while the growth inside its range went from `last` to `now`: `(now - last) * L / 2^128`.
///
/// Rounded down, to the pool's favour, and reduced to a uint128 as the pool and the position manager reduce it. Source: v3-core
/// `Position.update`, same results. What is already recorded as `tokensOwed` comes on top.
pub fn earned(now: U256, last: U256, liquidity: u128) -> u128 {
    let product = Wide::from(now.wrapping_sub(last)).mul(&Wide::from(liquidity));
    product.shr(128).0.low_u128()
}
