//! One module per command: arguments in, calls to the library, output.

pub mod action;
pub mod calc;
pub mod delegate;
pub mod demo;
pub mod deploy;
pub mod devnode;
pub mod position;
pub mod positions;
pub mod relay;
