//! The manager: the Stylus program that acts for a delegated EOA.
//!
//! It runs by delegatecall from the shell, or as the EOA's own code where the EOA delegates straight to it; either way the
//! acting address is the EOA. Nothing is stored: what it remembers during a call is transient. At its own address it can
//! do nothing, because there is no one who could be its owner: it never calls itself, and it signs nothing that
//! EntryPoint would accept.
#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

mod authority;
mod errors;
pub mod interfaces;
mod pool;
mod position;
mod price;
mod rebalance;
mod slots;
mod swap;
mod token;

use alloc::vec::Vec;
use alloy_sol_types::SolCall;
use hedgerow_program::{
    abi::{Call, encode, uint},
    host::Host,
    words,
};

use crate::{
    errors::Revert,
    interfaces::{IManager, ISwapCallback},
    rebalance::Order,
};

/// What `version` answers. It rises with every change that a shell or a caller could notice.
pub const VERSION: u32 = 1;

/// Answers one call. Malformed or unknown calldata reverts with nothing, as Solidity does.
pub fn answer<H: Host>(host: &H, input: &[u8]) -> Result<Vec<u8>, Revert> {
    // Plain ether: the shell takes it in place, this is for an EOA that delegates straight to the program.
    if input.is_empty() {
        return Ok(Vec::new());
    }
    if !host.value().is_zero() {
        return Err(Revert::new());
    }
    let (selector, call) = Call::new(input)?;
    match selector.to_be_bytes() {
        IManager::rebalanceCall::SELECTOR => {
            let order = Order::decode(&call)?;
            let minted = authority::guarded(host, || rebalance::run(host, &order))?;
            let [amount0, amount1] = minted.amounts;
            Ok(encode(&words![minted.token_id, minted.liquidity, amount0, amount1,]))
        }
        ISwapCallback::uniswapV3SwapCallbackCall::SELECTOR => {
            let [amount0, amount1] = call.head()?;
            swap::callback(host, uint(amount0), uint(amount1)).map(|()| Vec::new())
        }
        IManager::versionCall::SELECTOR => Ok(encode(&words![VERSION])),
        _ => Err(Revert::new()),
    }
}

hedgerow_program::entrypoint!(answer);
