//! Policies as their owner writes, reads and foresees them. What a policy means, and what it decides, is the core's.

pub mod defaults;
pub mod defect;
pub mod find;
pub mod keys;
pub mod observe;
pub mod order;
pub mod predict;
pub mod read;
pub mod terms;
pub mod words;
pub mod write;

use crate::{pool::Pool, position::Token};
use hedgerow_core::policy::{Guards, Rule};

/// A policy: what a keeper may never do, and when it may do what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// What a keeper may never do.
    pub guards: Guards,
    /// When, and what then.
    pub rules: Vec<Rule>,
}

/// What a policy's figures are counted in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The chain.
    pub chain_id: u64,
    /// The pool's first token.
    pub token0: Token,
    /// The pool's second token.
    pub token1: Token,
    /// The pool's fee in millionths.
    pub fee: u32,
    /// Ticks of a range are multiples of this.
    pub spacing: i32,
}

impl Pair {
    /// The pair of a pool on a chain.
    pub fn of(chain_id: u64, pool: &Pool) -> Self {
        Self {
            chain_id,
            token0: pool.token0.clone(),
            token1: pool.token1.clone(),
            fee: pool.key.fee,
            spacing: pool.tick_spacing,
        }
    }

    /// One of the two tokens, by number.
    pub const fn token(&self, number: u8) -> &Token {
        if number == 0 { &self.token0 } else { &self.token1 }
    }
}
