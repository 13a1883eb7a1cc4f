//! Hedges: what should be owed, what it takes, whether it pays, what a keeper's policy says of it, and what became of it.
//!
//! Limits, edges and packings are those that `IHedges.sol` states, written out here a second time; amounts and values are worked out
//! in exact fractions of big integers, or by hand.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "../policy/exact.rs"]
mod exact;
#[path = "../policy/given.rs"]
#[allow(dead_code)]
mod policies;

mod books;
mod changes;
mod decisions;
mod gate;
mod given;
mod guarded;
mod limits;
mod parting;
mod targets;
mod whatever;
