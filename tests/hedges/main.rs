//! Hedges on a devnode with Uniswap and Aave as published: opened, taken to their targets, closed, refused and attacked. One binary,
//! because linking one takes longer than most of what is in it.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

#[path = "../common/mod.rs"]
mod common;

mod closing;
mod combined;
mod lens;
mod opening;
mod reducing;
mod refusals;
mod scene;
