//! The frames that the loop runs.

use alloy::primitives::Address;
use revm::handler::{EthFrame, FrameResult, FrameTr};
use revm::interpreter::FrameInput;
use revm::interpreter::interpreter_action::FrameInit;

use super::stylus_frame::{StylusFrame, is_delegate};

/// A frame of either machine.
#[derive(Debug)]
pub enum Frame {
    /// EVM bytecode in revm's interpreter.
    Evm(Box<EthFrame>),
    /// A Stylus program.
    Stylus(Box<StylusFrame>),
}

impl FrameTr for Frame {
    type FrameResult = FrameResult;
    type FrameInit = FrameInit;
}

impl Frame {
    /// Whether the frame has returned its result.
    pub fn is_finished(&self) -> bool {
        match self {
            Self::Evm(frame) => frame.is_finished(),
            Self::Stylus(frame) => frame.is_finished(),
        }
    }

    /// Who called this frame.
    pub fn caller(&self) -> Address {
        match self {
            Self::Evm(frame) => frame.interpreter.input.caller_address,
            Self::Stylus(frame) => frame.eth().interpreter.input.caller_address,
        }
    }

    /// The address that this frame counts for when reentrancy is asked about; delegate calls count for nobody.
    pub fn counted_address(&self) -> Option<Address> {
        match self {
            Self::Evm(frame) => counted_address(frame),
            Self::Stylus(frame) => counted_address(frame.eth()),
        }
    }
}

fn counted_address(frame: &EthFrame) -> Option<Address> {
    match &frame.input {
        FrameInput::Call(inputs) if is_delegate(inputs.scheme) => None,
        _ => Some(frame.interpreter.input.target_address),
    }
}
