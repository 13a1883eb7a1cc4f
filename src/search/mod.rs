//! Finds an owner's positions from the chain alone: NFTs by asking the position manager, direct ones by the pools' own events or
//! by their state. Nothing of it is written down anywhere else, so nothing can be lost.

pub mod events;
pub mod nfts;
pub mod ticks;

use crate::{
    batch::read_many,
    bindings::IUniswapV3Pool::positionsCall,
    client::Client,
    error::{Error, Result},
    output::Progress,
    pool::{Pool, PoolKey, factory_of},
    position::{Place, Position, Stored, place::direct_key},
};
use alloy::{eips::BlockId, primitives::Address};
use std::collections::{BTreeMap, BTreeSet};

/// A direct position's range.
pub type Range = (i32, i32);

/// An owner whose positions are looked for, at one block.
#[derive(Debug)]
pub struct Search<'a> {
    /// The node.
    pub client: &'a Client,
    /// Where it is told what is being done.
    pub progress: &'a Progress,
    /// As of when.
    pub block: BlockId,
    /// The number of that block.
    pub number: u64,
    /// The position manager.
    pub manager: Address,
    /// Its factory: pools of others are not looked at.
    pub factory: Address,
    /// Whose positions.
    pub owner: Address,
    pools: BTreeMap<Address, Pool>,
}

/// What was found.
#[derive(Debug, Default)]
pub struct Found {
    /// Everything that holds liquidity or is owed fees.
    pub positions: Vec<Position>,
    /// Contracts that gave the owner liquidity by their own word but are no pools of this factory.
    pub foreign: BTreeSet<Address>,
    /// How many places are there, or were, but hold nothing.
    pub empty: usize,
    /// What could not be read, and why.
    pub unreadable: Vec<(Place, String)>,
}

impl<'a> Search<'a> {
    /// Begins at the latest block.
    pub async fn begin(
        client: &'a Client,
        progress: &'a Progress,
        manager: Address,
        owner: Address,
    ) -> Result<Search<'a>> {
        let (block, _) = client.latest().await?;
        Ok(Self {
            client,
            progress,
            block,
            number: block.as_u64().unwrap_or_default(),
            manager,
            factory: factory_of(client, block, manager).await?,
            owner,
            pools: BTreeMap::new(),
        })
    }

    /// The state of the pool of this key, read once.
    async fn pool(&mut self, key: PoolKey) -> Result<Pool> {
        let address = key.address();
        if !self.pools.contains_key(&address) {
            let pool = Pool::read(self.client, self.block, key).await?;
            self.pools.insert(address, pool);
        }
        self.pools.get(&address).cloned().ok_or(Error::NotAPool {
            pool: address,
            factory: self.factory,
        })
    }

    /// Reads the owner's positions at these ranges of contracts that may be pools; `sure` makes one that is none an error.
    async fn read(
        &mut self,
        candidates: BTreeMap<Address, BTreeSet<Range>>,
        sure: bool,
        found: &mut Found,
    ) -> Result<()> {
        for (pool, ranges) in candidates {
            let key = match PoolKey::prove(self.client, self.block, self.factory, pool).await {
                Err(Error::NotAPool { .. } | Error::NotDeployed { .. }) if !sure => {
                    found.foreign.insert(pool);
                    continue;
                }
                other => other?,
            };
            let held = self.held(pool, &ranges, |_| ()).await?;
            found.empty += ranges.len() - held.len();
            for (range, stored) in held {
                let pool = self.pool(key).await?;
                let position = Position::direct(self.client, self.block, &pool, self.owner, range, &stored).await;
                note(found, place(pool.address, range), position)?;
            }
        }
        Ok(())
    }

    /// Which of these ranges the owner holds something in.
    async fn held(
        &self,
        pool: Address,
        ranges: &BTreeSet<Range>,
        done: impl Fn(usize),
    ) -> Result<Vec<(Range, Stored)>> {
        let key = |&(lower, upper): &Range| positionsCall {
            key: direct_key(self.owner, lower, upper),
        };
        let calls: Vec<_> = ranges.iter().map(|range| (pool, key(range))).collect();
        let answers = read_many(self.client, self.block, &calls, done).await?;
        let stored = answers.into_iter().map(Stored::from);
        Ok(ranges
            .iter()
            .copied()
            .zip(stored)
            .filter(|(_, stored)| !stored.is_empty())
            .collect())
    }
}

fn place(pool: Address, (tick_lower, tick_upper): Range) -> Place {
    Place::Direct {
        pool,
        tick_lower,
        tick_upper,
    }
}

/// Keeps a position, or why it cannot be read: one broken token must not hide the others. Only a lost node ends the search.
fn note(found: &mut Found, place: Place, position: Result<Position>) -> Result<()> {
    match position {
        Ok(position) => found.positions.push(position),
        Err(error @ Error::Unreachable { .. }) => return Err(error),
        Err(error) => found.unreadable.push((place, error.to_string())),
    }
    Ok(())
}
