//! Policies: the Stylus program by which keepers do with a delegated EOA's positions what its owner allowed them, and no more.
//!
//! It runs by delegatecall from the shell, so that the acting address is the EOA. What it does with a position are the owner's own
//! actions, which it calls as the account; what is its own is to decide, to measure, and to remember.
#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

mod interfaces;
mod place;
mod store;
mod views;

use alloc::vec::Vec;
use alloy_sol_types::SolCall;
use hedgerow_positions::errors::Revert;
use hedgerow_program::{abi::Call, host::Storage};

use crate::interfaces::IPolicies;

/// Answers one call. Malformed or unknown calldata reverts with nothing, as Solidity does.
pub fn answer<H: Storage>(host: &H, input: &[u8]) -> Result<Vec<u8>, Revert> {
    if !host.value().is_zero() {
        return Err(Revert::new());
    }
    let (selector, call) = Call::new(input)?;
    match selector.to_be_bytes() {
        IPolicies::policyOfCall::SELECTOR => views::policy_of(host, call.head()?),
        IPolicies::policyStatusCall::SELECTOR => views::policy_status(host, call.head()?),
        _ => Err(Revert::new()),
    }
}

hedgerow_program::entrypoint!(answer);
