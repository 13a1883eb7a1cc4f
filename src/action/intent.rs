//! What the owner wants done with a position, and the calldata that asks the account for it.

use crate::{
    bindings::IManager::{
        Limits, PoolKey, compoundCall, compoundDirectCall, exitCall, exitDirectCall, harvestCall, harvestDirectCall,
        openCall, openDirectCall, rebalanceCall, rebalanceDirectCall, toDirectCall, toNftCall, walkCall,
        walkDirectCall,
    },
    error::{Error, Result},
    pool,
    position::{Place, Position},
    price::int24,
};
use alloy::{
    primitives::{Address, Bytes, U256, aliases::U24},
    sol_types::SolCall,
};

/// Where a position is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holding {
    /// As an NFT of the position manager.
    Nft(U256),
    /// In the pool itself, between these ticks.
    Direct(i32, i32),
}

/// In what an exit is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proceeds {
    /// Both tokens as they come out; nothing is swapped.
    Both,
    /// All in token0.
    Token0,
    /// All in token1.
    Token1,
}

impl From<Proceeds> for u8 {
    fn from(proceeds: Proceeds) -> Self {
        match proceeds {
            Proceeds::Both => 0,
            Proceeds::Token0 => 1,
            Proceeds::Token1 => 2,
        }
    }
}

/// One of the account's position actions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Withdraw, swap to the ratio of another range, mint there.
    Rebalance {
        /// The new range.
        range: (i32, i32),
    },
    /// Move a position of one token to another range of the same token; nothing is swapped.
    Walk {
        /// The new range.
        range: (i32, i32),
    },
    /// Take everything out.
    Exit {
        /// In both tokens or in one.
        proceeds: Proceeds,
    },
    /// Put the fees back in.
    Compound,
    /// Take the fees out.
    Harvest,
    /// An NFT becomes direct, a direct position an NFT.
    Convert,
    /// Open a position with at most these raw amounts.
    Open {
        /// Its range.
        range: (i32, i32),
        /// Most token0 and token1 that it may take.
        amounts: [U256; 2],
        /// Whether it is held in the pool itself.
        direct: bool,
    },
}

/// What an action is about: the pool, and where the position is held.
#[derive(Clone, Debug)]
pub struct Target {
    /// The position manager; needed for NFTs only.
    pub manager: Option<Address>,
    /// What the pool's address is made of.
    pub pool: PoolKey,
    /// The position; none when one is opened.
    pub holding: Option<Holding>,
}

/// Which of an action's amounts the limits' minimum amounts are held against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Minimum {
    /// What the old position pays out, fees not counted.
    Withdrawn,
    /// What the action returns: put in, or paid to the account.
    Returned,
}

impl Action {
    /// What it is called in sentences.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Rebalance { .. } => "rebalance",
            Self::Walk { .. } => "walk",
            Self::Exit { .. } => "exit",
            Self::Compound => "compound",
            Self::Harvest => "harvest",
            Self::Convert => "conversion",
            Self::Open { .. } => "opening",
        }
    }

    /// What it does to a position, after "nothing to".
    pub const fn verb(&self) -> &'static str {
        match self {
            Self::Rebalance { .. } | Self::Walk { .. } => "move",
            Self::Exit { .. } => "take out",
            Self::Compound => "compound",
            Self::Harvest => "harvest",
            Self::Convert => "convert",
            Self::Open { .. } => "open",
        }
    }

    /// The range that the action names, if it names one.
    pub const fn range(&self) -> Option<(i32, i32)> {
        match self {
            Self::Rebalance { range } | Self::Walk { range } | Self::Open { range, .. } => Some(*range),
            _ => None,
        }
    }

    /// What the minimum amounts mean.
    pub const fn minimum(&self) -> Minimum {
        match self {
            Self::Rebalance { .. } | Self::Walk { .. } | Self::Convert => Minimum::Withdrawn,
            _ => Minimum::Returned,
        }
    }

    /// Whether liquidity is added, so that a least one can be asked for.
    pub const fn mints(&self) -> bool {
        !matches!(self, Self::Exit { .. } | Self::Harvest)
    }

    /// Whether it can trade in the pool.
    pub const fn swaps(&self) -> bool {
        match self {
            Self::Rebalance { .. } | Self::Compound | Self::Open { .. } => true,
            Self::Exit { proceeds } => !matches!(proceeds, Proceeds::Both),
            _ => false,
        }
    }

    /// Whether it holds spot against the time-weighted price; what only pays out does not, so that it always works.
    pub const fn heeds_the_price(&self) -> bool {
        !matches!(
            self,
            Self::Harvest
                | Self::Exit {
                    proceeds: Proceeds::Both
                }
        )
    }

    /// What to do where the pool cannot swap, in words.
    pub const fn without_a_swap(&self) -> &'static str {
        match self {
            Self::Open { .. } => "give both tokens, or a range that does not hold the price and the one token it takes",
            Self::Exit { .. } => "leave --into out",
            Self::Compound => "`harvest` takes the fees out instead",
            _ => "`walk` moves a position that holds one token, `exit` takes it out",
        }
    }

    /// The call that the account is to be given.
    pub fn calldata(&self, target: &Target, limits: &Limits) -> Result<Bytes> {
        let data = match target.holding {
            Some(Holding::Nft(token_id)) => self.of_nft(target, token_id, limits.clone())?,
            Some(Holding::Direct(lower, upper)) => self.of_direct(target, (lower, upper), limits.clone())?,
            None => self.of_none(target, limits.clone())?,
        };
        Ok(data.into())
    }

    fn of_nft(&self, target: &Target, token_id: U256, limits: Limits) -> Result<Vec<u8>> {
        let (manager, id) = (target.manager()?, token_id);
        let ranged = |(lower, upper): (i32, i32)| Ok::<_, Error>((int24(lower)?, int24(upper)?));
        Ok(match *self {
            Self::Rebalance { range } => {
                let (lower, upper) = ranged(range)?;
                rebalanceCall::new((manager, id, lower, upper, limits)).abi_encode()
            }
            Self::Walk { range } => {
                let (lower, upper) = ranged(range)?;
                walkCall::new((manager, id, lower, upper, limits)).abi_encode()
            }
            Self::Exit { proceeds } => exitCall::new((manager, id, proceeds.into(), limits)).abi_encode(),
            Self::Compound => compoundCall::new((manager, id, limits)).abi_encode(),
            Self::Harvest => harvestCall::new((manager, id, limits)).abi_encode(),
            Self::Convert => toDirectCall::new((manager, id, limits)).abi_encode(),
            Self::Open { .. } => return self.of_none(target, limits),
        })
    }

    fn of_direct(&self, target: &Target, (lower, upper): (i32, i32), limits: Limits) -> Result<Vec<u8>> {
        let (pool, lower, upper) = (target.pool.clone(), int24(lower)?, int24(upper)?);
        let ranged = |(lower, upper): (i32, i32)| Ok::<_, Error>((int24(lower)?, int24(upper)?));
        Ok(match *self {
            Self::Rebalance { range } => {
                let (new_lower, new_upper) = ranged(range)?;
                rebalanceDirectCall::new((pool, lower, upper, new_lower, new_upper, limits)).abi_encode()
            }
            Self::Walk { range } => {
                let (new_lower, new_upper) = ranged(range)?;
                walkDirectCall::new((pool, lower, upper, new_lower, new_upper, limits)).abi_encode()
            }
            Self::Exit { proceeds } => exitDirectCall::new((pool, lower, upper, proceeds.into(), limits)).abi_encode(),
            Self::Compound => compoundDirectCall::new((pool, lower, upper, limits)).abi_encode(),
            Self::Harvest => harvestDirectCall::new((pool, lower, upper, limits)).abi_encode(),
            Self::Convert => toNftCall::new((target.manager()?, pool, lower, upper, limits)).abi_encode(),
            Self::Open { .. } => return self.of_none(target, limits),
        })
    }

    fn of_none(&self, target: &Target, limits: Limits) -> Result<Vec<u8>> {
        let Self::Open { range, amounts, direct } = *self else {
            return Err(Error::missing(
                "the position",
                "give its number or POOL:TICK_LOWER:TICK_UPPER",
            ));
        };
        let (lower, upper) = (int24(range.0)?, int24(range.1)?);
        let ([amount0, amount1], pool) = (amounts, target.pool.clone());
        Ok(if direct {
            openDirectCall::new((pool, lower, upper, amount0, amount1, limits)).abi_encode()
        } else {
            let (token0, token1) = (pool.token0, pool.token1);
            let manager = target.manager()?;
            openCall::new((
                manager, token0, token1, pool.fee, lower, upper, amount0, amount1, limits,
            ))
            .abi_encode()
        })
    }
}

impl Holding {
    /// Where a position that was read is held.
    pub const fn of(position: &Position) -> Self {
        match position.place {
            Place::Nft(token_id) => Self::Nft(token_id),
            Place::Direct {
                tick_lower, tick_upper, ..
            } => Self::Direct(tick_lower, tick_upper),
        }
    }
}

/// What a pool's address is made of, as the contracts take it.
pub fn key(key: &pool::PoolKey) -> PoolKey {
    PoolKey {
        factory: key.factory,
        token0: key.token0,
        token1: key.token1,
        // It came from a pool's own uint24.
        fee: U24::from(key.fee),
    }
}

impl Minimum {
    /// For the preview.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Withdrawn => "paid out at least",
            Self::Returned => "put in, or paid to the wallet, at least",
        }
    }
}

impl Target {
    fn manager(&self) -> Result<Address> {
        self.manager
            .ok_or_else(|| Error::missing("the position manager's address", "give --position-manager ADDRESS"))
    }
}

/// What every action returns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Returned {
    /// The position it leaves; zero for none.
    pub id: U256,
    /// Its liquidity; what was added when compounding.
    pub liquidity: u128,
    /// What went into the position, or what the account was paid.
    pub amounts: [U256; 2],
}

impl Returned {
    /// Reads what any of the actions returned.
    pub fn decode(data: &[u8]) -> Result<Self> {
        let words = rebalanceCall::abi_decode_returns(data).map_err(|error| Error::Mismatch {
            what: "what the account answered".into(),
            expected: "four words".into(),
            found: format!("{} bytes ({error})", data.len()),
        })?;
        Ok(Self {
            id: words.id,
            liquidity: words.liquidity,
            amounts: [words.amount0, words.amount1],
        })
    }
}
