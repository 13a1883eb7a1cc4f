//! The lens for direct positions: what an account holds itself in a Uniswap v3 pool, without a position manager's NFT; and for the
//! hedges of positions of either kind.
//!
//! A program of its own because the lens is full. What is read and its figures are the same code (`hedgerow_program::held`,
//! `reading`), so they are the same to the last digit. Nothing is stored and nothing is called but views.
#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

mod hedge;
pub mod interface;
mod pool;
mod position;
mod ticks;

use alloc::vec::Vec;
use hedgerow_program::{
    abi::{Call, Revert},
    host::Host,
    routes,
};

use crate::interface::IDirectLens;

/// Answers one call. Malformed or unknown calldata, and ether, revert with nothing, as Solidity does.
pub fn answer<H: Host>(host: &H, input: &[u8]) -> Result<Vec<u8>, Revert> {
    if !host.value().is_zero() {
        return Err(Revert::NOTHING);
    }
    let (selector, call) = Call::new(input)?;
    routes!(IDirectLens, selector, call;
        rows {
            positionCall => |input, output| position::position(host, input, output);
            hedgeCall => |input, output| hedge::hedge(host, input, output);
            positionKeyCall => |input, output| position::key(host, input, output);
        }
        others {
            positionBatchCall => position::position_batch(host, &call);
            positionsCall => position::positions(host, &call);
            ticksCall => ticks::initialised(host, &call);
        }
    )
}

hedgerow_program::entrypoint!(answer);
