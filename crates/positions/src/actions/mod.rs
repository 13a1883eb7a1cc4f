//! What is done with positions, whoever keeps them.

mod supply;

pub use supply::{Task, supply};
