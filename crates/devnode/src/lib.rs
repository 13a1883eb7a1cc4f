//! A local Arbitrum chain in one process: revm beside a WebAssembly engine that meters Stylus programs as Nitro does.

pub mod arbos;
pub mod chain;
pub mod wasm;
