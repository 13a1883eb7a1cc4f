//! The lens's statistics: the read-only Stylus program for volatility and risk, and for the functions that they stand on.
//!
//! Figures come from the core, so they are the same to the last digit as those of the native command. Nothing is stored
//! and nothing is called.
#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

mod elementary;
pub mod interface;
mod loss;

use alloc::vec::Vec;
use hedgerow_core::fixed;
use hedgerow_program::{
    abi::{Call, Revert},
    host::Host,
    routes,
};

use crate::{
    elementary::{mul_div, mul_div_up, pow, signed, unsigned},
    interface::IRiskLens,
};

/// Answers one call. Malformed or unknown calldata, and ether, revert with nothing, as Solidity does.
pub fn answer<H: Host>(host: &H, input: &[u8]) -> Result<Vec<u8>, Revert> {
    if !host.value().is_zero() {
        return Err(Revert::NOTHING);
    }
    let (selector, call) = Call::new(input)?;
    routes!(IRiskLens, selector, call;
        rows {
            expCall, expBatchCall => signed(fixed::exp);
            expm1Call, expm1BatchCall => signed(fixed::expm1);
            lnCall, lnBatchCall => unsigned(fixed::ln);
            ln1pCall, ln1pBatchCall => signed(fixed::ln1p);
            powCall, powBatchCall => pow;
            sqrtCall, sqrtBatchCall => unsigned(fixed::sqrt);
            ncdfCall, ncdfBatchCall => signed(fixed::ncdf);
            npdfCall, npdfBatchCall => signed(fixed::npdf);
            ncdfInverseCall, ncdfInverseBatchCall => unsigned(fixed::ncdf_inv);
            mulDivCall => mul_div;
            mulDivUpCall => mul_div_up;
            ilExpectedCall => loss::expected;
            constantProductPositionCall => loss::constant_product_position;
        }
        others {
            ilManyCall => loss::many(&call);
        }
    )
}

hedgerow_program::entrypoint!(answer);
