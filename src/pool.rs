//! A pool with Uniswap v3's code: proven to be one, and its state at one block.

use crate::{
    bindings::{
        INonfungiblePositionManager::factoryCall,
        IUniswapV3Pool::{
            feeCall, feeGrowthGlobal0X128Call, feeGrowthGlobal1X128Call, slot0Call, tickSpacingCall, token0Call,
            token1Call,
        },
    },
    client::Client,
    error::{Error, Result},
    position::Token,
};
use alloy::{
    eips::BlockId,
    primitives::{Address, B256, U256, b256, keccak256},
    sol_types::SolValue,
};

/// Hash of the init code of Uniswap v3's pool: only that code can be at an address derived from it.
const POOL_INIT_CODE_HASH: B256 = b256!("e34f199b19b2b4f47f68442619d555527d244f78a3297ea89325f843f87b8b54");

/// What a pool's CREATE2 address is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PoolKey {
    /// The factory that made it.
    pub factory: Address,
    /// Its first token.
    pub token0: Address,
    /// Its second token.
    pub token1: Address,
    /// Its fee in millionths.
    pub fee: u32,
}

impl PoolKey {
    /// Where a pool of Uniswap's code with these tokens and fee is, if the factory made it.
    pub fn address(&self) -> Address {
        let salt = keccak256((self.token0, self.token1, U256::from(self.fee)).abi_encode());
        self.factory.create2(salt, POOL_INIT_CODE_HASH)
    }

    /// What the pool at `pool` is made of, when that is the address such a pool of `factory` must have; a contract that only
    /// claims to be a pool, or a pool of another factory, is refused.
    pub async fn prove(client: &Client, block: BlockId, factory: Address, pool: Address) -> Result<Self> {
        if client.code(pool).await?.is_empty() {
            return Err(Error::NotDeployed {
                what: "pool",
                address: pool,
                chain_id: client.chain_id(),
                remedy: "check the pool's address and --rpc-url".into(),
            });
        }
        let claimed = async {
            Ok::<_, Error>(Self {
                factory,
                token0: client.read_at(block, pool, &token0Call {}).await?,
                token1: client.read_at(block, pool, &token1Call {}).await?,
                fee: client.read_at(block, pool, &feeCall {}).await?.to(),
            })
        };
        match claimed.await {
            Err(error @ (Error::Unreachable { .. } | Error::Node { .. })) => Err(error),
            Ok(key) if key.address() == pool => Ok(key),
            _ => Err(Error::NotAPool { pool, factory }),
        }
    }
}

/// A pool and what of its state decides what positions in it are worth.
#[derive(Clone, Debug)]
pub struct Pool {
    /// What it is made of.
    pub key: PoolKey,
    /// Where it is.
    pub address: Address,
    /// Its first token.
    pub token0: Token,
    /// Its second token.
    pub token1: Token,
    /// Ticks of a range are multiples of this.
    pub tick_spacing: i32,
    /// Its price.
    pub sqrt_price: U256,
    /// Its tick.
    pub tick: i32,
    /// Fees of token0 and token1 per unit of liquidity so far, Q128.
    pub growth: [U256; 2],
}

impl Pool {
    /// Reads the pool of this key.
    pub async fn read(client: &Client, block: BlockId, key: PoolKey) -> Result<Self> {
        let address = key.address();
        let slot0 = client.read_at(block, address, &slot0Call {}).await?;
        let tick_spacing = client.read_at(block, address, &tickSpacingCall {}).await?;
        let growth0 = client.read_at(block, address, &feeGrowthGlobal0X128Call {}).await?;
        let growth1 = client.read_at(block, address, &feeGrowthGlobal1X128Call {}).await?;
        Ok(Self {
            key,
            address,
            token0: Token::read(client, key.token0).await?,
            token1: Token::read(client, key.token1).await?,
            tick_spacing: tick_spacing.as_i32(),
            sqrt_price: U256::from(slot0.sqrtPriceX96),
            tick: slot0.tick.as_i32(),
            growth: [growth0, growth1],
        })
    }

    /// Refuses a pool that was made but has no price yet.
    pub fn require_price(&self) -> Result<()> {
        if self.sqrt_price.is_zero() {
            return Err(Error::invalid(
                "the pool",
                self.address,
                "it has no price yet: somebody has to initialise it first",
            ));
        }
        Ok(())
    }
}

/// The factory whose pools a position manager uses; refuses an address where there is no position manager.
pub async fn factory_of(client: &Client, block: BlockId, manager: Address) -> Result<Address> {
    let absent = || Error::NotDeployed {
        what: "position manager",
        address: manager,
        chain_id: client.chain_id(),
        remedy: "correct --position-manager or --rpc-url".into(),
    };
    if client.code(manager).await?.is_empty() {
        return Err(absent());
    }
    match client.read_at(block, manager, &factoryCall {}).await {
        Err(Error::Reverted { .. } | Error::NotDeployed { .. }) => Err(absent()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy::primitives::address;

    /// The well-known pool of USDC and WETH at 0.3 % on the main chain.
    #[test]
    fn a_pools_address_follows_from_factory_tokens_and_fee() {
        let key = PoolKey {
            factory: address!("1F98431c8aD98523631AE4a59f267346ea31F984"),
            token0: address!("A0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48"),
            token1: address!("C02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2"),
            fee: 3_000,
        };
        assert_eq!(key.address(), address!("8ad599c3A0ff1De082011EFDDc58f1908eb6e6D8"));
    }
}
