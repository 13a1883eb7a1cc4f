//! Hedges of positions: the Stylus program behind the shell that opens, adjusts and closes them.
#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

use alloc::vec::Vec;
use hedgerow_positions::errors::Revert;
use hedgerow_program::host::Storage;

/// Answers one call. Unknown calldata reverts with nothing, as Solidity does.
pub fn answer<H: Storage>(_host: &H, _input: &[u8]) -> Result<Vec<u8>, Revert> {
    Err(Revert::new())
}

hedgerow_program::entrypoint!(answer);
