//! Exits: the Stylus program by which a delegated EOA leaves, harvests, walks and converts its positions, whoever keeps them.
//!
//! It runs by delegatecall from the shell, so that the acting address is the EOA. It stands apart from the programs that
//! rebalance, so that what leaves a position needs nothing that could be wrong in how one is built: there is no solver in it.
#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

mod convert;
mod kept;
mod leave;
mod order;
mod remint;
mod walk;

use alloc::vec::Vec;
use hedgerow_positions::{authority::guarded, errors::Revert};
use hedgerow_program::{abi::Call, host::Host};

use crate::order::Order;

/// Answers one call. Malformed or unknown calldata reverts with nothing, as Solidity does.
pub fn answer<H: Host>(host: &H, input: &[u8]) -> Result<Vec<u8>, Revert> {
    if !host.value().is_zero() {
        return Err(Revert::new());
    }
    let (selector, call) = Call::new(input)?;
    let order = Order::decode(selector, &call)?;
    guarded(host, || order.run(host))
}

hedgerow_program::entrypoint!(answer);
