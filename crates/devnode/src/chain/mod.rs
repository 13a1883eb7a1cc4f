//! The chain: configuration, the execution core that runs EVM and Stylus frames in one loop, state and blocks.

pub mod config;
pub mod context;
pub mod evm;
mod frames;
mod handler;
