//! What a decision is made from, read from the chain.

use alloy_primitives::{Address, U256};
use alloy_sol_types::SolCall;
use hedgerow_core::policy::{Guards, Oracle, Sequencer, Snapshot, TooShort};
use hedgerow_positions::{
    errors::{OrRevert, Revert},
    interfaces::IUniswapV3Pool,
    pool,
    price::Spot,
};
use hedgerow_program::{
    abi::{Encode, head, int56, uint},
    host::{Host, Storage},
};

use crate::{interfaces::IFeed, place::Seen, store::Store};

/// The chain, the pool and the position as they are now. Errors: `CallFailed` of a pool that does not answer.
#[inline(never)]
pub fn snapshot<H: Storage>(
    host: &H,
    store: &Store,
    guards: &Guards,
    seen: &Seen,
    governed: bool,
) -> Result<Snapshot, Revert> {
    let held = &seen.held;
    let pool = &held.venue.pool;
    let spot = Spot::read(host, pool)?;
    Ok(Snapshot {
        now: host.timestamp(),
        paused: store.paused,
        governed,
        base_fee: host.base_fee(),
        sequencer: sequencer(host, &guards.sequencer_feed),
        spot_sqrt_price: spot.sqrt_price,
        spot_tick: spot.tick,
        spacing: pool::tick_spacing(host, pool).or_revert(host, pool)?,
        range: held.range,
        liquidity: held.liquidity,
        fees: seen.fees(host, spot.tick)?,
    })
}

/// What Chainlink's feed says: an answer of 0 is up, since `startedAt`. A feed that fails, or whose round never started, says
/// nothing.
#[inline(never)]
pub fn sequencer<H: Host>(host: &H, feed: &Address) -> Option<Sequencer> {
    if feed.is_zero() {
        return None;
    }
    let mut words = [[0; 32]; 5];
    let call = [head(IFeed::latestRoundDataCall::SELECTOR)];
    host.view(feed, &call, &mut words).ok()?;
    let since = u64::try_from(uint(&words[2])).ok().filter(|since| *since != 0)?;
    Some(Sequencer {
        up: uint(&words[1]) == U256::ZERO,
        since,
    })
}

/// A pool's oracle.
pub struct PoolOracle<'a, H> {
    /// The chain.
    pub host: &'a H,
    /// The pool.
    pub pool: &'a Address,
}

/// The most accumulators that are asked for at once.
const MOST: usize = 9;

impl<H: Host> Oracle for PoolOracle<'_, H> {
    #[inline(never)]
    fn accumulators(&mut self, ago: &[u32], out: &mut [i64]) -> Result<(), TooShort> {
        let count = ago.len();
        if count > MOST || out.len() != count {
            return Err(TooShort);
        }
        // observe(ago): where the array is, its length, its elements.
        let mut call = [[0; 32]; 3 + MOST];
        call[0] = head(IUniswapV3Pool::observeCall::SELECTOR);
        32_u32.put(&mut call[1]);
        (count as u64).put(&mut call[2]);
        for (slot, seconds) in call[3..].iter_mut().zip(ago) {
            seconds.put(slot);
        }
        // Two arrays of as many: their offsets, then the length and the elements of the first.
        let mut answer = [[0; 32]; 3 + MOST];
        let (call, answer) = (&call[..3 + count], &mut answer[..3 + count]);
        self.host.view(self.pool, call, answer).map_err(|_| TooShort)?;
        for (value, word) in out.iter_mut().zip(&answer[3..]) {
            *value = int56(word);
        }
        Ok(())
    }
}
