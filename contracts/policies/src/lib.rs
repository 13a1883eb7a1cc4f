//! Policies: the Stylus program by which a delegated EOA remembers what keepers may do with its positions.
//!
//! It runs by delegatecall from the shell, so that the acting address is the EOA. Terms are set by the account itself or by an order
//! that its own key signed; of them it keeps their hash, and what the program that runs them has to remember.
#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

mod order;
mod set;
mod views;

use alloc::vec::Vec;
use alloy_sol_types::SolCall;
use hedgerow_positions::{
    authority::{ACTION, guarded, locked},
    errors::Revert,
};
use hedgerow_program::{abi::Call, host::Storage};
use hedgerow_terms::{interfaces::IPolicies, store::Store, terms::Terms};

/// Answers one call. Malformed or unknown calldata reverts with nothing, as Solidity does.
pub fn answer<H: Storage>(host: &H, input: &[u8]) -> Result<Vec<u8>, Revert> {
    if !host.value().is_zero() {
        return Err(Revert::new());
    }
    let (selector, call) = Call::new(input)?;
    match selector.to_be_bytes() {
        IPolicies::setPolicyCall::SELECTOR => {
            let terms = Terms::decode(&call)?;
            guarded(host, || set::set(host, &Store::open(host)?, &terms))
        }
        IPolicies::placeOrderCall::SELECTOR => locked(host, ACTION, || order::place(host, &call)),
        IPolicies::endPolicyCall::SELECTOR => {
            let id = call.head()?;
            guarded(host, || set::end(host, id))
        }
        IPolicies::followPolicyCall::SELECTOR => {
            let places = call.head()?;
            guarded(host, || set::follow(host, places))
        }
        IPolicies::policyOfCall::SELECTOR => views::policy_of(host, call.head()?),
        IPolicies::policyStatusCall::SELECTOR => views::policy_status(host, call.head()?),
        _ => Err(Revert::new()),
    }
}

hedgerow_program::entrypoint!(answer);
