//! The lens: the read-only Stylus program. What positions are and are worth, for dApps.
//!
//! Figures come from the core, so they are the same to the last digit as those of the native command. Nothing is stored
//! and nothing is called but views.
#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

pub mod interface;
mod position;

use alloc::vec::Vec;
use hedgerow_core::il;
use hedgerow_program::{
    abi::{Call, Revert, Word, strict, uint},
    host::Host,
    put, routes,
};

use crate::interface::ILens;

/// Answers one call. Malformed or unknown calldata, and ether, revert with nothing, as Solidity does.
pub fn answer<H: Host>(host: &H, input: &[u8]) -> Result<Vec<u8>, Revert> {
    if !host.value().is_zero() {
        return Err(Revert::NOTHING);
    }
    let (selector, call) = Call::new(input)?;
    routes!(ILens, selector, call;
        positionCall => |input, output| position::position(host, input, output);
        figuresCall, figuresBatchCall => position::figures;
        ilConstantProductCall, ilConstantProductBatchCall => il_constant_product;
        ilWeightedCall, ilWeightedBatchCall => il_weighted;
        ilConcentratedCall, ilConcentratedBatchCall => il_concentrated;
        _ => Err(Revert::NOTHING)
    )
}

fn il_constant_product([entry, price]: &[Word; 2], output: &mut [Word; 1]) -> Result<(), Revert> {
    put!(output; il::constant_product(uint(entry), uint(price))?);
    Ok(())
}

fn il_weighted([entry, price, weight]: &[Word; 3], output: &mut [Word; 1]) -> Result<(), Revert> {
    put!(output; il::weighted(uint(entry), uint(price), uint(weight))?);
    Ok(())
}

fn il_concentrated([entry, price, lower, upper]: &[Word; 4], output: &mut [Word; 1]) -> Result<(), Revert> {
    let prices = (strict::uint160(entry)?, strict::uint160(price)?);
    put!(output; il::concentrated(prices.0, prices.1, strict::int24(lower)?, strict::int24(upper)?)?);
    Ok(())
}

hedgerow_program::entrypoint!(answer);
