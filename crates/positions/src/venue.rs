//! The pool that a position is in: proven, not believed.

use alloy_primitives::Address;
use alloy_sol_types::SolError;
use hedgerow_core::tick::is_usable_range;
use hedgerow_program::{abi::revert, host::Host, uniswap, words};

use crate::{
    errors::{OrRevert, Revert, call_failed},
    interfaces::IManager,
    pool,
};

/// A pool with Uniswap v3's code, and what it was created with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Venue {
    /// The pool.
    pub pool: Address,
    /// Its two tokens.
    pub tokens: [Address; 2],
    /// Its fee in hundredths of a basis point.
    pub fee: u32,
}

impl Venue {
    /// The pool of `factory` for two tokens and a fee, at the CREATE2 address where only Uniswap's own pool code can be.
    ///
    /// Nothing is called: an address where no pool is fails when it is first read. Tokens that are not in Uniswap's order
    /// are `CallFailed` of `named`, who named them: one token twice would count what comes once as two.
    pub fn new<H: Host>(
        host: &H,
        named: &Address,
        factory: &Address,
        tokens: [Address; 2],
        fee: u32,
    ) -> Result<Self, Revert> {
        if tokens[0] >= tokens[1] {
            return Err(call_failed(named, &[]));
        }
        Ok(Self {
            pool: uniswap::pool_address(host, factory, &tokens, fee),
            tokens,
            fee,
        })
    }

    /// The pool's tick spacing, once it is certain that the pool accepts `[lower, upper]`. Errors: `InvalidRange`.
    pub fn accepts<H: Host>(&self, host: &H, (lower, upper): (i32, i32)) -> Result<i32, Revert> {
        let spacing = pool::tick_spacing(host, &self.pool).or_revert(host, &self.pool)?;
        if is_usable_range(lower, upper, spacing) {
            return Ok(spacing);
        }
        let arguments = words![lower, upper, spacing];
        Err(revert(IManager::InvalidRange::SELECTOR, &arguments))
    }
}
