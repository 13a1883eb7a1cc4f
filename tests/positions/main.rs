//! Positions through the programs on a devnode: rebalanced, left, walked, converted, held in the pool itself, and attacked. One
//! binary, because linking one takes longer than most of what is in it.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

#[path = "../common/mod.rs"]
mod common;

mod direct;
mod exits_attacks;
mod exits_convert;
mod exits_harvest;
mod exits_leave;
mod exits_locked;
mod exits_walk;
mod ratio;
mod rebalance;
mod rebalance_attacks;
mod rebalance_guards;
