//! Hedge runs: the Stylus program by which keepers adjust the hedges of a delegated EOA's positions, within what its owner allowed.
//!
//! It runs by delegatecall from the shell, so that the acting address is the EOA. What it does with a hedge or a position are the
//! owner's own actions, which it calls as the account; what is its own is to decide, to pay, and to measure.
#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

mod along;
mod found;
mod own;
mod run;
mod set;

use alloc::vec::Vec;
use alloy_sol_types::SolCall;
use hedgerow_positions::{
    authority::{BATCH, guarded, locked},
    errors::Revert,
};
use hedgerow_program::{
    abi::{Call, uint},
    host::Storage,
};
use hedgerow_terms::{
    hedging::{HedgePolicy, POLICY},
    interfaces::hedges::IHedges,
};

/// Answers one call. Malformed or unknown calldata reverts with nothing, as Solidity does.
pub fn answer<H: Storage>(host: &H, input: &[u8]) -> Result<Vec<u8>, Revert> {
    if !host.value().is_zero() {
        return Err(Revert::new());
    }
    let (selector, call) = Call::new(input)?;
    match selector.to_be_bytes() {
        IHedges::runHedgedCall::SELECTOR => locked(host, BATCH, || along::run(host, &call)),
        IHedges::hedgePolicyOfCall::SELECTOR => set::policy_of(host, call.head()?),
        selector => {
            let policy = HedgePolicy::decode(&call)?;
            match selector {
                IHedges::runHedgeCall::SELECTOR => {
                    let [.., fee] = call.head::<{ POLICY + 1 }>()?;
                    locked(host, BATCH, || run::run(host, &policy, uint(fee)))
                }
                IHedges::setHedgePolicyCall::SELECTOR => guarded(host, || set::set(host, &policy)),
                _ => Err(Revert::new()),
            }
        }
    }
}

hedgerow_program::entrypoint!(answer);
