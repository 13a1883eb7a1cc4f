//! The NFTs of an owner: the position manager is enumerable.

use super::{Found, Search, note};
use crate::{
    batch::read_many,
    bindings::INonfungiblePositionManager::{balanceOfCall, positionsCall, tokenOfOwnerByIndexCall},
    error::{Error, Result},
    pool::PoolKey,
    position::{Place, Position, Stored, fees},
};
use alloy::primitives::U256;

/// The most NFTs that one search reads: a position manager may claim any balance.
pub const MAX_NFTS: u64 = 2_000;

impl Search<'_> {
    /// Adds the owner's NFTs. Anybody can give an owner NFTs; too many are refused, not cut off in silence.
    pub async fn nfts(&mut self, found: &mut Found) -> Result<()> {
        let (client, block, owner, manager) = (self.client, self.block, self.owner, self.manager);
        self.progress.step(format!("asking {manager} for the NFTs of {owner}"));
        let balance = client.read_at(block, manager, &balanceOfCall { owner }).await?;
        if balance > U256::from(MAX_NFTS) {
            return Err(Error::invalid(
                "the owner",
                owner,
                format!(
                    "{balance} NFTs are more than the {MAX_NFTS} that are read; look at one with `hedgerow position show`"
                ),
            ));
        }
        let by_index = |index| {
            (
                manager,
                tokenOfOwnerByIndexCall {
                    owner,
                    index: U256::from(index),
                },
            )
        };
        let calls: Vec<_> = (0..balance.to::<u64>()).map(by_index).collect();
        let ids = read_many(client, block, &calls, |_| ()).await?;
        let calls: Vec<_> = ids
            .iter()
            .map(|&token_id| (manager, positionsCall { tokenId: token_id }))
            .collect();
        let stored = read_many(client, block, &calls, |_| ()).await?;
        for (token_id, stored) in ids.into_iter().zip(stored) {
            let key = PoolKey {
                factory: self.factory,
                token0: stored.token0,
                token1: stored.token1,
                fee: stored.fee.to(),
            };
            let range = (stored.tickLower.as_i32(), stored.tickUpper.as_i32());
            let written = Stored::from(stored);
            if written.is_empty() {
                found.empty += 1;
                continue;
            }
            let position = self.nft(token_id, key, range, &written).await;
            note(found, Place::Nft(token_id), position)?;
        }
        Ok(())
    }

    async fn nft(&mut self, token_id: U256, key: PoolKey, range: (i32, i32), written: &Stored) -> Result<Position> {
        let pool = self.pool(key).await?;
        let fees = fees::owed(self.client, self.block, &pool, range, written).await?;
        Ok(Position::of_pool(&pool, range, written.liquidity, fees).as_nft(self.manager, token_id, self.owner))
    }
}
