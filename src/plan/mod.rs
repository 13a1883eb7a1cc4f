//! What hedging a position would cost and spare, ways to hedge it compared: planning, in floating point. What the chain enforces is the
//! core's, in integers; a plan only says what to ask for.
//!
//! Prices are of the volatile token in the other one, the unit of all values, whichever of the pool's two it is: a concentrated
//! position's curve is the same from either side.

pub mod compare;
pub mod curve;
pub mod expect;
pub mod given;

pub use compare::{Advice, Comparison, Line, compare};
pub use curve::Curve;
pub use given::{Choice, Given};
