//! The lens's hedges: the read-only Stylus program for the options that pay what a stake loses.
//!
//! Figures come from the core, so they are the same to the last digit as those of the native command. Nothing is stored
//! and nothing is called.
#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

mod hedge;
pub mod interface;

use alloc::vec::Vec;
use hedgerow_program::{
    abi::{Call, Revert},
    host::Host,
    routes,
};

use crate::interface::IHedgeLens;

/// Answers one call. Malformed or unknown calldata, and ether, revert with nothing, as Solidity does.
pub fn answer<H: Host>(host: &H, input: &[u8]) -> Result<Vec<u8>, Revert> {
    if !host.value().is_zero() {
        return Err(Revert::NOTHING);
    }
    let (selector, call) = Call::new(input)?;
    routes!(IHedgeLens, selector, call;
        rows {
            strangleCall => hedge::strangle;
        }
        others {
            stripCall => hedge::strip(&call);
        }
    )
}

hedgerow_program::entrypoint!(answer);
