//! The lens's options: the read-only Stylus program that prices them, and sizes them against a position's loss.
//!
//! Figures come from the core, so they are the same to the last digit as those of the native command. Nothing is stored
//! and nothing is called.
#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

pub mod interface;
mod pricing;

use alloc::vec::Vec;
use hedgerow_program::{
    abi::{Call, Revert},
    host::Host,
    routes,
};

use crate::{
    interface::IOptionsLens,
    pricing::{black_scholes, implied_volatility, price_and_delta},
};

/// Answers one call. Malformed or unknown calldata, and ether, revert with nothing, as Solidity does.
pub fn answer<H: Host>(host: &H, input: &[u8]) -> Result<Vec<u8>, Revert> {
    if !host.value().is_zero() {
        return Err(Revert::NOTHING);
    }
    let (selector, call) = Call::new(input)?;
    routes!(IOptionsLens, selector, call;
        rows {
            priceAndDeltaCall, priceAndDeltaBatchCall => price_and_delta;
            blackScholesCall, blackScholesBatchCall => black_scholes;
            impliedVolatilityCall, impliedVolatilityBatchCall => implied_volatility;
        }
        others {}
    )
}

hedgerow_program::entrypoint!(answer);
