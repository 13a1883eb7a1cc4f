//! A pool's liquidity and ticks, read as the walk towards a ratio needs them.

use alloy_primitives::{Address, U256};
use alloy_sol_types::SolCall;
use hedgerow_core::{Error, tick, zap};
use hedgerow_program::{
    abi::{head, int24, uint, uint128},
    host::{Failed, Host},
    words,
};

use crate::interfaces::IUniswapV3Pool;

/// Why a walk through a pool stopped.
pub enum Unreadable {
    /// The pool did not answer.
    Call,
    /// It answered what the maths cannot use.
    Figures,
}

impl From<Failed> for Unreadable {
    fn from(_: Failed) -> Self {
        Self::Call
    }
}

impl From<Error> for Unreadable {
    fn from(_: Error) -> Self {
        Self::Figures
    }
}

/// The distance between the ticks that a pool accepts.
pub fn tick_spacing<H: Host>(host: &H, pool: &Address) -> Result<i32, Failed> {
    let spacing = host.view_word(pool, &[head(IUniswapV3Pool::tickSpacingCall::SELECTOR)])?;
    Ok(int24(&spacing))
}

/// The pool's liquidity now.
pub fn liquidity<H: Host>(host: &H, pool: &Address) -> Result<u128, Failed> {
    let liquidity = host.view_word(pool, &[head(IUniswapV3Pool::liquidityCall::SELECTOR)])?;
    Ok(uint128(&liquidity))
}

/// The ticks of a pool. The last bitmap word is kept, because a walk asks for neighbours.
pub struct PoolTicks<'a, H> {
    host: &'a H,
    pool: &'a Address,
    spacing: i32,
    word: Option<(i16, U256)>,
}

impl<'a, H: Host> PoolTicks<'a, H> {
    /// The ticks of `pool`, none read yet.
    pub fn new(host: &'a H, pool: &'a Address, spacing: i32) -> Self {
        Self {
            host,
            pool,
            spacing,
            word: None,
        }
    }

    fn word(&mut self, index: i16) -> Result<U256, Failed> {
        if let Some((known, word)) = self.word
            && known == index
        {
            return Ok(word);
        }
        let call = words![head(IUniswapV3Pool::tickBitmapCall::SELECTOR), i32::from(index)];
        let word = uint(&self.host.view_word(self.pool, &call)?);
        self.word = Some((index, word));
        Ok(word)
    }
}

impl<H: Host> zap::Ticks for PoolTicks<'_, H> {
    type Error = Unreadable;

    fn next(&mut self, tick: i32, zero_for_one: bool) -> Result<(i32, bool), Unreadable> {
        let (index, _) = tick::bitmap_position(tick, self.spacing, zero_for_one);
        let word = self.word(index)?;
        Ok(tick::next_in_word(word, tick, self.spacing, zero_for_one))
    }

    fn liquidity_net(&mut self, tick: i32) -> Result<i128, Unreadable> {
        let call = words![head(IUniswapV3Pool::ticksCall::SELECTOR), tick];
        let mut words = [[0; 32]; 2];
        self.host.view(self.pool, &call, &mut words)?;
        Ok(uint128(&words[1]) as i128)
    }
}
