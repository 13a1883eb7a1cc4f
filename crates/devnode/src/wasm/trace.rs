//! A record of what Stylus frames did: every host call with its ink, and a report for each frame.

use std::sync::{Arc, Mutex, PoisonError};

use alloy::primitives::{Address, B256, Bytes};

/// One host call, or one of the two markers `user_entrypoint` and `user_returned` that Nitro's tracer emits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostCall {
    /// Open Stylus frames, this one included.
    pub depth: usize,
    /// The host function.
    pub name: &'static str,
    /// What the program gave, packed as Nitro's tracer packs it.
    pub args: Vec<u8>,
    /// What the program got.
    pub outs: Vec<u8>,
    /// Ink when the call began.
    pub start_ink: u64,
    /// Ink when it ended.
    pub end_ink: u64,
}

/// How a Stylus frame ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// `user_entrypoint` returned zero.
    Success,
    /// It returned something else.
    Revert,
    /// A trap, or a host call that could not be carried out.
    Failure,
    /// Ran out of ink.
    OutOfInk,
    /// Ran out of stack words.
    OutOfStack,
    /// The frame could not pay for entering the program.
    OutOfGasBeforeStart,
    /// The program is missing, expired, or of an older Stylus version.
    NotCallable,
}

/// What one Stylus frame cost and left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrameReport {
    /// Open Stylus frames, this one included.
    pub depth: usize,
    /// The acting address.
    pub address: Address,
    /// Hash of the code that ran.
    pub code_hash: B256,
    /// How it ended.
    pub status: Status,
    /// What it returned.
    pub output: Bytes,
    /// Gas of the frame before anything was charged.
    pub gas_start: u64,
    /// Gas of the frame at the end.
    pub gas_left: u64,
    /// Gas for entering the program.
    pub call_cost: u64,
    /// The part of `call_cost` that pays for memory pages.
    pub memory_cost: u64,
    /// Ink at the start.
    pub ink_start: u64,
    /// Ink at the end.
    pub ink_left: u64,
    /// Stack words left at the end.
    pub stack_left: u32,
    /// Pages of the program's memory at the end.
    pub pages_end: u16,
    /// The most pages ever open in the transaction.
    pub pages_ever: u16,
    /// The frame's refund counter.
    pub refund: i64,
}

/// One entry of a [`Trace`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TraceEvent {
    /// A host call that ended without a fault.
    Host(HostCall),
    /// A frame ended.
    Frame(FrameReport),
}

/// Collects events; clones write to the same record.
#[derive(Clone, Debug, Default)]
pub struct Trace(Arc<Mutex<Vec<TraceEvent>>>);

impl Trace {
    /// Appends an event.
    pub fn push(&self, event: TraceEvent) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(event);
    }

    /// Takes everything recorded so far, oldest first.
    pub fn take(&self) -> Vec<TraceEvent> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
