//! Policies: which terms may be set, when they act, where to, and what an action may cost.
//!
//! Limits, edges and packings are those that `IPolicies.sol` and the documentation state, written out here a second time; values
//! and losses are worked out in exact fractions of big integers.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod ceilings;
mod exact;
mod given;
mod guards;
mod losses;
mod ranges;
mod rules;
mod settlement;
mod state;
mod triggers;
mod volatility;
mod whatever;
