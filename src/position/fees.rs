//! Fees owed: what is written down for a position, and the pool's growth since.

use crate::{bindings::IUniswapV3Pool::ticksCall, client::Client, error::Result, pool::Pool, price};
use alloy::{eips::BlockId, primitives::U256};
use hedgerow_core::fees;

/// What a position manager, or the pool itself, has written down for a position.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stored {
    /// Its liquidity.
    pub liquidity: u128,
    /// Growth of both tokens' fees inside its range when it was last touched, Q128.
    pub inside_last: [U256; 2],
    /// raw token0 and token1 owed since before then.
    pub owed: [u128; 2],
}

impl Stored {
    /// Whether there is anything to take out.
    pub fn is_empty(&self) -> bool {
        self.liquidity == 0 && self.owed == [0, 0]
    }
}

/// raw token0 and token1 that a position in `range` could collect: what is written down, and the growth since, rounded down as
/// the pool and the position manager round it.
pub async fn owed(
    client: &Client,
    block: BlockId,
    pool: &Pool,
    (lower, upper): (i32, i32),
    stored: &Stored,
) -> Result<[U256; 2]> {
    let outside = async |tick: i32| -> Result<[U256; 2]> {
        let tick = ticksCall {
            tick: price::int24(tick)?,
        };
        let tick = client.read_at(block, pool.address, &tick).await?;
        Ok([tick.feeGrowthOutside0X128, tick.feeGrowthOutside1X128])
    };
    let written = stored.owed.map(U256::from);
    // The growth at ticks that nobody uses any more is gone, and without liquidity nothing is earned.
    if stored.liquidity == 0 {
        return Ok(written);
    }
    let (below, above) = (outside(lower).await?, outside(upper).await?);
    Ok([0, 1].map(|token: usize| {
        let inside = fees::growth_inside(pool.tick, lower, upper, pool.growth[token], below[token], above[token]);
        written[token] + U256::from(fees::earned(inside, stored.inside_last[token], stored.liquidity))
    }))
}
