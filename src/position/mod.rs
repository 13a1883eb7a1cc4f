//! A Uniswap v3 position of either kind, read from the chain at one block; its figures come from the core.

pub mod fees;
pub mod figures;
pub mod place;
pub mod token;

pub use fees::Stored;
pub use figures::{Figures, Summary};
pub use place::Place;
pub use token::Token;

use crate::{
    bindings::{
        INonfungiblePositionManager::{ownerOfCall, positionsCall, positionsReturn},
        IUniswapV3Pool,
    },
    client::Client,
    error::{Error, Result},
    pool::{Pool, PoolKey, factory_of},
    price,
};
use alloy::{
    eips::BlockId,
    primitives::{Address, U256},
};

/// A position and the state of its pool that decides what it is worth.
#[derive(Clone, Debug)]
pub struct Position {
    /// How it is named on the command line.
    pub place: Place,
    /// Where it is written down: the position manager of an NFT, the pool of a direct position.
    pub source: Address,
    /// Under which number: the NFT, or the pool's own key of a direct position. Events name positions by source and id.
    pub id: U256,
    /// Who owns it.
    pub owner: Address,
    /// Its pool.
    pub pool: Address,
    /// The factory of its pool.
    pub factory: Address,
    /// The pool's first token.
    pub token0: Token,
    /// The pool's second token.
    pub token1: Token,
    /// The pool's fee in millionths.
    pub fee: u32,
    /// Ticks of a range are multiples of this.
    pub tick_spacing: i32,
    /// Lower end of its range.
    pub tick_lower: i32,
    /// Upper end.
    pub tick_upper: i32,
    /// Its liquidity.
    pub liquidity: u128,
    /// The pool's price.
    pub sqrt_price: U256,
    /// The pool's tick.
    pub tick: i32,
    /// raw token0 and token1 it could collect.
    pub fees: [U256; 2],
}

impl Position {
    /// Reads a position of either kind as of the latest block.
    ///
    /// `manager` is the position manager: an NFT is one of its, and the pool of a direct position must be one of its factory's.
    /// `owner` is whose direct position it is; an NFT says itself whose it is.
    pub async fn read(client: &Client, manager: Address, owner: Option<Address>, place: Place) -> Result<Self> {
        let (block, _) = client.latest().await?;
        Self::read_at(client, block, manager, owner, place).await
    }

    /// The same at a block.
    pub async fn read_at(
        client: &Client,
        block: BlockId,
        manager: Address,
        owner: Option<Address>,
        place: Place,
    ) -> Result<Self> {
        let factory = factory_of(client, block, manager).await?;
        match place {
            Place::Nft(token_id) => Self::nft(client, block, factory, manager, token_id).await,
            Place::Direct {
                pool,
                tick_lower,
                tick_upper,
            } => {
                let owner = owner.ok_or_else(|| {
                    Error::missing(
                        "the owner of a direct position",
                        "give --owner ADDRESS, or the owner's key",
                    )
                })?;
                let key = PoolKey::prove(client, block, factory, pool).await?;
                let pool = Pool::read(client, block, key).await?;
                let range = (tick_lower, tick_upper);
                let written = stored_in_pool(client, block, pool.address, owner, range).await?;
                Self::direct(client, block, &pool, owner, range, &written).await
            }
        }
    }

    /// Reads an NFT of a position manager as of the latest block.
    pub async fn of_nft(client: &Client, manager: Address, token_id: U256) -> Result<Self> {
        Self::read(client, manager, None, Place::Nft(token_id)).await
    }

    async fn nft(client: &Client, block: BlockId, factory: Address, manager: Address, token_id: U256) -> Result<Self> {
        let stored = match client
            .read_at(block, manager, &positionsCall { tokenId: token_id })
            .await
        {
            Err(Error::Reverted { .. }) => return Err(Error::UnknownPosition { manager, token_id }),
            other => other?,
        };
        let owner = client
            .read_at(block, manager, &ownerOfCall { tokenId: token_id })
            .await?;
        let key = PoolKey {
            factory,
            token0: stored.token0,
            token1: stored.token1,
            fee: stored.fee.to(),
        };
        let pool = Pool::read(client, block, key).await?;
        let range = (stored.tickLower.as_i32(), stored.tickUpper.as_i32());
        let written = Stored::from(stored);
        let fees = fees::owed(client, block, &pool, range, &written).await?;
        Ok(Self::of_pool(&pool, range, written.liquidity, fees).as_nft(manager, token_id, owner))
    }

    /// What `owner` holds directly in a proven pool, by what that has written down; nothing there is an error.
    pub async fn direct(
        client: &Client,
        block: BlockId,
        pool: &Pool,
        owner: Address,
        range: (i32, i32),
        written: &Stored,
    ) -> Result<Self> {
        let (tick_lower, tick_upper) = range;
        if written.is_empty() {
            return Err(Error::NothingHeld {
                owner,
                pool: pool.address,
                tick_lower,
                tick_upper,
            });
        }
        let fees = fees::owed(client, block, pool, range, written).await?;
        Ok(Self {
            owner,
            id: place::direct_key(owner, tick_lower, tick_upper).into(),
            ..Self::of_pool(pool, range, written.liquidity, fees)
        })
    }

    /// The same liquidity behind an NFT.
    #[must_use]
    pub fn as_nft(self, manager: Address, token_id: U256, owner: Address) -> Self {
        Self {
            place: Place::Nft(token_id),
            source: manager,
            id: token_id,
            owner,
            ..self
        }
    }

    /// Liquidity in a pool that is nobody's yet.
    pub fn of_pool(pool: &Pool, (tick_lower, tick_upper): (i32, i32), liquidity: u128, fees: [U256; 2]) -> Self {
        Self {
            place: Place::Direct {
                pool: pool.address,
                tick_lower,
                tick_upper,
            },
            source: pool.address,
            id: U256::ZERO,
            owner: Address::ZERO,
            pool: pool.address,
            factory: pool.key.factory,
            token0: pool.token0.clone(),
            token1: pool.token1.clone(),
            fee: pool.key.fee,
            tick_spacing: pool.tick_spacing,
            tick_lower,
            tick_upper,
            liquidity,
            sqrt_price: pool.sqrt_price,
            tick: pool.tick,
            fees,
        }
    }

    /// What the address of its pool is made of.
    pub const fn pool_key(&self) -> PoolKey {
        PoolKey {
            factory: self.factory,
            token0: self.token0.address,
            token1: self.token1.address,
            fee: self.fee,
        }
    }

    /// Raw token0 and token1 that withdrawing all liquidity would pay now, fees not counted.
    pub fn withdrawable(&self) -> Result<(U256, U256)> {
        let ends = hedgerow_core::tick::range_sqrt_prices(self.tick_lower, self.tick_upper);
        ends.and_then(|(lower, upper)| {
            hedgerow_core::liquidity::amounts_for_liquidity(self.sqrt_price, lower, upper, self.liquidity)
        })
        .map_err(|error| Error::Maths {
            what: "what the position pays out",
            reason: error.to_string(),
        })
    }

    /// The figures of the native core, against the price at entry.
    pub fn figures(&self, entry_sqrt_price: U256) -> Result<Figures> {
        let figures = hedgerow_core::position::figures(
            self.liquidity,
            entry_sqrt_price,
            self.sqrt_price,
            self.tick_lower,
            self.tick_upper,
        )
        .map_err(|error| Error::Maths {
            what: "the position's figures",
            reason: error.to_string(),
        })?;
        Ok(Figures {
            amount0: figures.amount0,
            amount1: figures.amount1,
            value: figures.value,
            hold: figures.hold,
            il: figures.il,
            delta: figures.delta,
            gamma: figures.gamma,
            dollar_gamma: figures.dollar_gamma,
            fees0: self.fees[0],
            fees1: self.fees[1],
        })
    }

    /// What it is, with prices as people write them.
    pub fn summary(&self) -> Result<Summary> {
        let (decimals0, decimals1) = (self.token0.decimals, self.token1.decimals);
        Ok(Summary {
            place: self.place,
            kind: self.place.kind(),
            source: self.source,
            id: self.id,
            owner: self.owner,
            pool: self.pool,
            token0: self.token0.clone(),
            token1: self.token1.clone(),
            fee: self.fee,
            tick_lower: self.tick_lower,
            tick_upper: self.tick_upper,
            price_lower: price::price_at_tick(self.tick_lower, decimals0, decimals1)?,
            price_upper: price::price_at_tick(self.tick_upper, decimals0, decimals1)?,
            liquidity: self.liquidity,
            sqrt_price: self.sqrt_price,
            tick: self.tick,
            price: price::price_from(self.sqrt_price, decimals0, decimals1)?,
            in_range: (self.tick_lower..self.tick_upper).contains(&self.tick),
        })
    }
}

/// What a pool has written down for `owner` in a range; all zero where there never was anything.
pub async fn stored_in_pool(
    client: &Client,
    block: BlockId,
    pool: Address,
    owner: Address,
    (lower, upper): (i32, i32),
) -> Result<Stored> {
    let call = IUniswapV3Pool::positionsCall {
        key: place::direct_key(owner, lower, upper),
    };
    Ok(client.read_at(block, pool, &call).await?.into())
}

impl From<positionsReturn> for Stored {
    fn from(found: positionsReturn) -> Self {
        Self {
            liquidity: found.liquidity,
            inside_last: [found.feeGrowthInside0LastX128, found.feeGrowthInside1LastX128],
            owed: [found.tokensOwed0, found.tokensOwed1],
        }
    }
}

impl From<IUniswapV3Pool::positionsReturn> for Stored {
    fn from(found: IUniswapV3Pool::positionsReturn) -> Self {
        Self {
            liquidity: found.liquidity,
            inside_last: [found.feeGrowthInside0LastX128, found.feeGrowthInside1LastX128],
            owed: [found.tokensOwed0, found.tokensOwed1],
        }
    }
}
