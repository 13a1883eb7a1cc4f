//! The lens's stakes: the read-only Stylus program for positions on any curve in plain prices.
//!
//! Figures come from the core, so they are the same to the last digit as those of the native command. Nothing is stored
//! and nothing is called.
#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

pub mod interface;
mod stake;

use alloc::vec::Vec;
use hedgerow_program::{
    abi::{Call, Revert},
    host::Host,
    routes,
};

use crate::interface::IStakeLens;

/// Answers one call. Malformed or unknown calldata, and ether, revert with nothing, as Solidity does.
pub fn answer<H: Host>(host: &H, input: &[u8]) -> Result<Vec<u8>, Revert> {
    if !host.value().is_zero() {
        return Err(Revert::NOTHING);
    }
    let (selector, call) = Call::new(input)?;
    routes!(IStakeLens, selector, call;
        rows {
            stakeFiguresCall, stakeFiguresBatchCall => stake::figures;
            premiumCall, premiumBatchCall => stake::premium;
            deltaHedgeCall, deltaHedgeBatchCall => stake::delta_hedge;
        }
        others {
        }
    )
}

hedgerow_program::entrypoint!(answer);
