//! User operations, from the file that they are built in to the receipt: with the real EntryPoint v0.8, a real paymaster, and a real
//! bundler.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "../common/mod.rs"]
mod common;

mod bundler;
mod first;
mod hash;
mod hedged;
mod keys_and_reverts;
mod offline;
mod service;
mod steps;
