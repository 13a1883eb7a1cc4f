//! The frames that the loop runs.

use revm::handler::{EthFrame, FrameResult, FrameTr};
use revm::interpreter::interpreter_action::FrameInit;

/// A frame of either machine.
#[derive(Debug)]
pub enum Frame {
    /// EVM bytecode in revm's interpreter.
    Evm(Box<EthFrame>),
}

impl FrameTr for Frame {
    type FrameResult = FrameResult;
    type FrameInit = FrameInit;
}
