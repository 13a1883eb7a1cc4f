//! Direct positions by a pool's state alone, for nodes without logs: liquidity can only lie between ticks that are initialised, so
//! every pair of them is asked for.

use super::{Found, Range, Search, place};
use crate::{
    batch::read_many,
    bindings::IUniswapV3Pool::tickBitmapCall,
    error::{Error, Result},
    pool::PoolKey,
    position::Position,
};
use alloy::primitives::{Address, U256};
use std::collections::BTreeSet;

/// How many pairs of ticks are asked for unless more are allowed: a minute or two on a public node.
pub const DEFAULT_MAX_PAIRS: u64 = 50_000;

impl Search<'_> {
    /// Adds the owner's direct positions in one pool that hold liquidity. One without, that is only owed fees, cannot be found this
    /// way: its ticks may be gone. More than `max_pairs` pairs are refused before any is asked for.
    pub async fn by_state(&mut self, pool: Address, max_pairs: u64, found: &mut Found) -> Result<()> {
        let key = PoolKey::prove(self.client, self.block, self.factory, pool).await?;
        let spacing = self.pool(key).await?.tick_spacing;
        let ticks = self.initialised(pool, spacing).await?;
        let pairs = (ticks.len() as u64).saturating_mul((ticks.len() as u64).saturating_sub(1)) / 2;
        if pairs > max_pairs {
            return Err(Error::TooManyPairs {
                pool,
                ticks: ticks.len(),
                pairs,
                max_pairs,
            });
        }
        let ranges = every_pair(&ticks);
        let message = format!("asking the pool for all {pairs} pairs of its {} ticks", ticks.len());
        let held = self
            .held(pool, &ranges, |done| {
                self.progress.share(&message, done as u64, pairs);
            })
            .await?;
        for (range, stored) in held {
            let pool = self.pool(key).await?;
            let position = Position::direct(self.client, self.block, &pool, self.owner, range, &stored).await;
            super::note(found, place(pool.address, range), position)?;
        }
        Ok(())
    }

    /// The pool's initialised ticks, in order.
    async fn initialised(&self, pool: Address, spacing: i32) -> Result<Vec<i32>> {
        let (least, most) = hedgerow_core::tick::usable_limits(spacing);
        let word_of = |tick: i32| (tick / spacing) >> 8;
        let words: Vec<i16> = (word_of(least)..=word_of(most))
            .filter_map(|word| i16::try_from(word).ok())
            .collect();
        let calls: Vec<_> = words.iter().map(|&word| (pool, tickBitmapCall { word })).collect();
        let message = format!("reading the {} words of the pool's tick bitmap", words.len());
        let total = words.len() as u64;
        let bitmaps = read_many(self.client, self.block, &calls, |done| {
            self.progress.share(&message, done as u64, total);
        });
        let bitmaps = bitmaps.await?;
        let ticks = words.into_iter().zip(bitmaps);
        Ok(ticks.flat_map(|(word, bits)| ticks_of(word, bits, spacing)).collect())
    }
}

/// The ticks whose bits are set in one word of a bitmap.
fn ticks_of(word: i16, bits: U256, spacing: i32) -> impl Iterator<Item = i32> {
    let set = (0..256_usize).filter(move |bit| bits.bit(*bit));
    set.map(move |bit| (i32::from(word) * 256 + bit as i32) * spacing)
}

fn every_pair(ticks: &[i32]) -> BTreeSet<Range> {
    let from = |(index, &lower): (usize, &i32)| {
        let above: Vec<Range> = ticks[index + 1..].iter().map(|&upper| (lower, upper)).collect();
        above
    };
    ticks.iter().enumerate().flat_map(from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bitmap_names_its_ticks_below_zero_too() {
        // v3-core's TickBitmap: tick -230 at spacing 1 is bit 26 of word -1; 528 is bit 16 of word 2.
        let bit = |bit: usize| U256::from(1) << bit;
        assert!(ticks_of(-1, bit(26), 1).eq([-230]));
        assert!(ticks_of(2, bit(16) | bit(0), 1).eq([512, 528]));
        assert!(ticks_of(-1, bit(255), 60).eq([-60]));
        assert_eq!(ticks_of(0, U256::ZERO, 60).count(), 0);
    }

    #[test]
    fn every_pair_is_asked_for_once() {
        assert!(
            every_pair(&[-60, 0, 120])
                .into_iter()
                .eq([(-60, 0), (-60, 120), (0, 120)])
        );
        assert!(every_pair(&[60]).is_empty() && every_pair(&[]).is_empty());
    }
}
