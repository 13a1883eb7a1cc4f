//! The chain: configuration, the execution core that runs EVM and Stylus frames in one loop, state and blocks.

pub mod access;
pub mod accounts;
pub mod block;
pub mod call;
pub mod config;
pub mod context;
mod create;
pub mod estimate;
pub mod evm;
mod frames;
pub mod genesis;
mod handler;
mod host_answers;
pub mod measure;
pub mod node;
pub mod node_interface;
mod opcodes;
pub mod programs;
pub mod state;
mod stylus_frame;
mod subcalls;
pub mod time;
pub mod tx;
