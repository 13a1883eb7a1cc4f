//! The chain: configuration, the execution core that runs EVM and Stylus frames in one loop, state and blocks.

pub mod accounts;
pub mod config;
pub mod context;
mod create;
pub mod evm;
mod frames;
mod handler;
mod host_answers;
pub mod programs;
mod stylus_frame;
mod subcalls;
