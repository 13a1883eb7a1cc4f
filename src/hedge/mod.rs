//! Hedges as their owner sees, foresees and orders them. What a hedge should be, and whether it may be, is the core's.

pub mod aave;
pub mod along;
pub mod defaults;
pub mod find;
pub mod growth;
pub mod keys;
pub mod observe;
pub mod predict;
pub mod quote;
pub mod read;
pub mod terms;
pub mod words;
pub mod write;

use crate::pool::Pool;
use alloy::primitives::{Address, address};
use hedgerow_core::{
    hedging::{HedgeRule, Terms},
    policy::Guards,
};

/// Arbitrum One, and Aave v3's pool there.
const ARBITRUM_ONE: u64 = 42_161;
const ARBITRUM_ONE_AAVE: Address = address!("794a61358D6845594F94dc1DB02A252b5b4814aD");

/// Where a hedge lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Venue {
    /// The factory of margin accounts.
    pub margins: Address,
    /// Aave's pool.
    pub market: Address,
    /// Which of the pool's tokens is borrowed: 0 or 1.
    pub volatile: u8,
    /// Aave's e-mode category; 0 for none.
    pub e_mode: u8,
}

impl Venue {
    /// The two assets in a Uniswap pool.
    pub fn assets(&self, pool: &Pool) -> aave::Assets {
        let (token0, token1) = (pool.key.token0, pool.key.token1);
        aave::Assets {
            market: self.market,
            tokens: if self.volatile == 0 {
                [token0, token1]
            } else {
                [token1, token0]
            },
            e_mode: self.e_mode,
        }
    }
}

/// A keeper's policy for a position's hedge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HedgePolicy {
    /// Where it lives.
    pub venue: Venue,
    /// What a keeper may never do.
    pub guards: Guards,
    /// What the hedge may be.
    pub terms: Terms,
    /// When it is adjusted.
    pub rule: HedgeRule,
}

/// Aave's pool on a chain where it is known.
pub fn known_market(chain_id: u64) -> Option<Address> {
    (chain_id == ARBITRUM_ONE).then_some(ARBITRUM_ONE_AAVE)
}
