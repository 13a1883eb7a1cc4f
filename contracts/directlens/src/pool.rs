//! The pool that a key names.

use alloy_primitives::{Address, U256};
use alloy_sol_types::SolError;
use hedgerow_program::{
    abi::{Malformed, Revert, Word, revert, strict},
    host::Host,
    uniswap, words,
};

use crate::interface::IDirectLens;

/// A pool and its price.
pub struct Pool {
    pub address: Address,
    pub token0: Address,
    pub token1: Address,
    pub fee: u32,
    pub sqrt_price: U256,
    pub tick: i32,
}

impl Pool {
    /// Reads the pool of the interface's `PoolKey`.
    pub fn read<H: Host>(host: &H, [factory, token0, token1, fee]: &[Word; 4]) -> Result<Self, Revert> {
        let mut pool = Self {
            address: Address::ZERO,
            token0: strict::address(token0)?,
            token1: strict::address(token1)?,
            fee: strict::uint24(fee)?,
            sqrt_price: U256::ZERO,
            tick: 0,
        };
        let tokens = [pool.token0, pool.token1];
        pool.address = uniswap::pool_address(host, &strict::address(factory)?, &tokens, pool.fee);
        match uniswap::slot0(host, &pool.address) {
            Ok((sqrt_price, tick)) => (pool.sqrt_price, pool.tick) = (sqrt_price, tick),
            Err(_) => return Err(pool.unknown()),
        }
        Ok(pool)
    }

    /// The refusal of a pool that is none.
    #[cold]
    pub fn unknown(&self) -> Revert {
        Revert(revert(IDirectLens::UnknownPool::SELECTOR, &words![self.address]))
    }
}

/// The ends of a range.
pub fn range(lower: &Word, upper: &Word) -> Result<(i32, i32), Malformed> {
    Ok((strict::int24(lower)?, strict::int24(upper)?))
}
