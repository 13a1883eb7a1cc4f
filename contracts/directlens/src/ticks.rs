//! A pool's initialised ticks: where positions can begin and end.

use alloc::vec::Vec;
use alloy_sol_types::SolCall;
use hedgerow_core::tick::{MAX_TICK, MIN_TICK};
use hedgerow_program::{
    abi::{Call, Encode, List, Revert, Word, head, int24, uint},
    host::{Failed, Host},
    words, zeroed,
};

use crate::{
    interface::IUniswapV3Pool,
    pool::{Pool, range},
};

/// Words of the interface's `Tick`.
const TICK: usize = 3;

/// `ticks(...)`.
pub fn initialised<H: Host>(host: &H, call: &Call<'_>) -> Result<Vec<u8>, Revert> {
    let [factory, token0, token1, fee, from, to] = call.head()?;
    let (from, to) = range(from, to)?;
    let pool = Pool::read(host, &[*factory, *token0, *token1, *fee])?;
    let found = Found::read(host, &pool, (from.max(MIN_TICK), to.min(MAX_TICK))).map_err(|_| pool.unknown())?;
    found.list(host, &pool).map_err(|_| pool.unknown())
}

/// The part of a pool's bitmap that was asked for, ticks outside the bounds taken out.
struct Found {
    words: Vec<u8>,
    first: i32,
    spacing: i32,
}

impl Found {
    fn read<H: Host>(host: &H, pool: &Pool, (from, to): (i32, i32)) -> Result<Self, Failed> {
        let spacing = int24(&host.view_word(&pool.address, &[head(IUniswapV3Pool::tickSpacingCall::SELECTOR)])?);
        if spacing <= 0 {
            return Err(Failed);
        }
        // The first tick that is not below, the last that is not above.
        let (from, to) = (-(-from).div_euclid(spacing), to.div_euclid(spacing));
        let first = from >> 8;
        let count = if from > to { 0 } else { (to >> 8) - first + 1 };
        let mut found = Self {
            words: zeroed(32 * count as usize),
            first,
            spacing,
        };
        for (index, word) in (first..).zip(found.words.as_chunks_mut::<32>().0) {
            let call = words![head(IUniswapV3Pool::tickBitmapCall::SELECTOR), index];
            *word = host.view_word(&pool.address, &call)?;
            let (low, high) = (from - (index << 8), to - (index << 8));
            if low > 0 {
                ((uint(word) >> low as usize) << low as usize).put(word);
            }
            if high < 255 {
                let above = (255 - high) as usize;
                ((uint(word) << above) >> above).put(word);
            }
        }
        Ok(found)
    }

    fn list<H: Host>(&self, host: &H, pool: &Pool) -> Result<Vec<u8>, Failed> {
        let words = self.words.as_chunks::<32>().0;
        let count: u32 = self.words.iter().map(|byte| byte.count_ones()).sum();
        let mut list = List::new::<TICK>(1, count as usize);
        let mut slots = list.rows::<TICK>().iter_mut();
        for (index, word) in (self.first..).zip(words) {
            // From the lowest byte up, which is the last.
            for (at, byte) in word.iter().rev().enumerate() {
                let mut left = *byte;
                while left != 0 {
                    let bit = (index << 8) + (8 * at as i32) + left.trailing_zeros() as i32;
                    left &= left - 1;
                    if let Some(slot) = slots.next() {
                        read(host, pool, bit * self.spacing, slot)?;
                    }
                }
            }
        }
        Ok(list.data())
    }
}

/// The words of the interface's `Tick`.
fn read<H: Host>(host: &H, pool: &Pool, tick: i32, slot: &mut [Word; TICK]) -> Result<(), Failed> {
    let [place, liquidity @ ..] = slot;
    tick.put(place);
    let call = words![head(IUniswapV3Pool::ticksCall::SELECTOR), tick];
    host.view(&pool.address, &call, liquidity)
}
