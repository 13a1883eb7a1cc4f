//! What Hedgerow's two Stylus programs stand on: the host beneath them, ABI words, and Uniswap's views.
//!
//! The codec is hand-written because every argument and result of the programs is a static word: alloy's general
//! codec added 33 kB of WebAssembly to the lens, and entering a program costs more with every byte. Selectors still
//! come from the Solidity interfaces, at compile time.
#![no_std]

extern crate alloc;

pub mod abi;
pub mod host;
#[cfg(target_arch = "wasm32")]
mod stylus;
pub mod uniswap;

#[cfg(target_arch = "wasm32")]
pub use stylus::Stylus;
