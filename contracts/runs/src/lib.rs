//! Runs: the Stylus program by which keepers do with a delegated EOA's positions what its owner allowed them, and no more.
//!
//! It runs by delegatecall from the shell, so that the acting address is the EOA. What it does with a position are the owner's own
//! actions, which it calls as the account; what is its own is to decide, to pay, and to measure.
#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

mod own;
mod run;

use alloc::vec::Vec;
use alloy_sol_types::SolCall;
use hedgerow_positions::{
    authority::{BATCH, locked},
    errors::Revert,
};
use hedgerow_program::{
    abi::{Call, uint},
    host::Storage,
};
use hedgerow_terms::{
    interfaces::IPolicies,
    terms::{RULES, Terms},
};

/// Answers one call. Malformed or unknown calldata reverts with nothing, as Solidity does.
pub fn answer<H: Storage>(host: &H, input: &[u8]) -> Result<Vec<u8>, Revert> {
    if !host.value().is_zero() {
        return Err(Revert::new());
    }
    let (selector, call) = Call::new(input)?;
    let terms = Terms::decode(&call)?;
    match selector.to_be_bytes() {
        IPolicies::runCall::SELECTOR => {
            let [.., fee] = call.head::<{ RULES + 2 }>()?;
            locked(host, BATCH, || run::run(host, &terms, uint(fee)))
        }
        IPolicies::checkCall::SELECTOR => run::check(host, &terms),
        _ => Err(Revert::new()),
    }
}

hedgerow_program::entrypoint!(answer);
