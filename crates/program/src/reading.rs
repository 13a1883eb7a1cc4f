//! A position read from the chain, as the words of the interfaces' `Position`: what it is, then its figures.

use alloy_primitives::{Address, U256};
use hedgerow_core::position;

use crate::{
    abi::{Revert, Word},
    put,
};

/// Words of the interfaces' `Figures`.
pub const FIGURES: usize = 8;
/// Words of the interfaces' `Position`: eleven before its figures.
pub const POSITION: usize = 11 + FIGURES;

/// What is read of a position and its pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The pool.
    pub pool: Address,
    /// The pool's token0.
    pub token0: Address,
    /// The pool's token1.
    pub token1: Address,
    /// The pool's fee in hundredths of a basis point.
    pub fee: u32,
    /// Lower and upper end of the range.
    pub range: (i32, i32),
    /// Liquidity.
    pub liquidity: u128,
    /// The pool's sqrt price, Q64.96.
    pub sqrt_price: U256,
    /// The pool's tick.
    pub tick: i32,
    /// What could be collected, token0 and token1.
    pub fees: [u128; 2],
}

impl Reading {
    /// The words of the interfaces' `Position`, its figures against the sqrt price at `entry`. Reverts as the core's
    /// [`position::figures`].
    pub fn put(&self, entry: U256, output: &mut [Word; POSITION]) -> Result<(), Revert> {
        put!(output;
            self.pool,
            self.token0,
            self.token1,
            self.fee,
            self.range.0,
            self.range.1,
            self.liquidity,
            self.sqrt_price,
            self.tick,
            self.fees[0],
            self.fees[1],
        );
        match output.last_chunk_mut() {
            Some(figures) => put_figures(self.liquidity, (entry, self.sqrt_price), self.range, figures),
            None => Err(Revert::NOTHING),
        }
    }
}

/// The words of the interfaces' `Figures`. Reverts as the core's [`position::figures`].
pub fn put_figures(
    liquidity: u128,
    (entry, price): (U256, U256),
    (lower, upper): (i32, i32),
    output: &mut [Word; FIGURES],
) -> Result<(), Revert> {
    let figures = position::figures(liquidity, entry, price, lower, upper)?;
    put!(output;
        figures.amount0,
        figures.amount1,
        figures.value,
        figures.hold,
        figures.il,
        figures.delta,
        figures.gamma,
        figures.dollar_gamma,
    );
    Ok(())
}
