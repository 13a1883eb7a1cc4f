//! What a program asks of the chain beneath it.

use alloc::vec::Vec;
use alloy_primitives::{Address, U256};

use crate::abi::{Word, call_data};

/// The most of a failed callee's revert data that is read back: a callee must not be able to make its caller pay for
/// pages of memory.
pub const MAX_REASON: usize = 1024;

/// A call that failed, or answered with less than its ABI promises (as an address without code does).
///
/// The reason stays with the host until the next call: [`Host::return_data`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failed;

/// The chain beneath a program. One implementation runs on it; the trait keeps the logic compiled, linted and
/// testable natively.
pub trait Host {
    /// The acting address: behind a delegation, the EOA.
    fn this(&self) -> Address;
    /// Who called.
    fn caller(&self) -> Address;
    /// Ether sent along.
    fn value(&self) -> U256;
    /// Seconds since 1970 of this block.
    fn timestamp(&self) -> u64;
    /// Keccak-256.
    fn keccak256(&self, data: &[u8]) -> Word;
    /// A transient slot.
    fn transient(&self, slot: &Word) -> Word;
    /// Sets a transient slot.
    fn set_transient(&self, slot: &Word, value: &Word);
    /// Emits a log: `topics` words of topic, then data.
    fn log(&self, topics: usize, words: &[Word]);
    /// Calls without value; returns how many bytes came back, of which `out` takes as many as fit, or nothing when
    /// the callee failed.
    fn call(&self, to: &Address, data: &[u8], out: &mut [u8]) -> Option<usize>;
    /// As [`Host::call`], but the callee cannot change anything.
    fn static_call(&self, to: &Address, data: &[u8], out: &mut [u8]) -> Option<usize>;
    /// What the last call returned, cut off at `limit` bytes.
    fn return_data(&self, limit: usize) -> Vec<u8>;

    // Out of line, like the next two: a program calls out dozens of times, and pays for its length at every entry.
    /// Reads a view function's first `out.len()` words; `call` is the [`crate::abi::head`] and its arguments.
    #[inline(never)]
    fn view(&self, to: &Address, call: &[Word], out: &mut [Word]) -> Result<(), Failed> {
        answered(self.static_call(to, call_data(call), out.as_flattened_mut()), out.len())
    }

    /// Calls a function that returns at least `out.len()` words.
    #[inline(never)]
    fn send(&self, to: &Address, call: &[Word], out: &mut [Word]) -> Result<(), Failed> {
        answered(self.call(to, call_data(call), out.as_flattened_mut()), out.len())
    }

    /// Reads a view function that answers with one word.
    #[inline(never)]
    fn view_word(&self, to: &Address, call: &[Word]) -> Result<Word, Failed> {
        let mut out = [[0; 32]];
        self.view(to, call, &mut out).map(|()| out[0])
    }
}

/// A chain beneath a program that also remembers.
///
/// What is stored is written when it is flushed, not before: a callee sees the old, and what was stored and not flushed is lost.
pub trait Storage: Host {
    /// A slot of the acting address.
    fn load(&self, slot: &Word) -> Word;
    /// Sets a slot, as of the next [`Storage::flush`].
    fn store(&self, slot: &Word, value: &Word);
    /// Writes what was stored, and forgets what was loaded: a call may have changed it.
    fn flush(&self);
    /// The chain's id.
    fn chain_id(&self) -> u64;
    /// What a unit of gas costs in this block, in wei.
    fn base_fee(&self) -> U256;
}

/// A call is answered when it succeeded with at least the words its ABI promises.
fn answered(length: Option<usize>, words: usize) -> Result<(), Failed> {
    match length {
        Some(length) if length >= 32 * words => Ok(()),
        _ => Err(Failed),
    }
}
