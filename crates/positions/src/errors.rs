//! Reverts, encoded as the interface `IManager` declares them.

use alloc::vec::Vec;
use alloy_primitives::Address;
use alloy_sol_types::SolError;
use hedgerow_program::{
    abi::revert,
    host::{Failed, Host, MAX_REASON},
    words, zeroed,
};

use crate::interfaces::IManager;

/// What a program reverts with: a selector and its arguments, or nothing for malformed calldata.
pub type Revert = Vec<u8>;

/// `CallFailed(target, reason)`.
pub fn call_failed(target: &Address, reason: &[u8]) -> Revert {
    let words = words![target, 64_u32, reason.len() as u64];
    let head = revert(IManager::CallFailed::SELECTOR, &words);
    let mut data = zeroed(head.len() + reason.len().next_multiple_of(32));
    for (slot, byte) in data.iter_mut().zip(head.iter().chain(reason)) {
        *slot = *byte;
    }
    data
}

/// Turns a failed call into the revert that reports it.
pub trait OrRevert<T> {
    /// The value, or `CallFailed` of `target` with what the callee reverted with, cut off at [`MAX_REASON`] bytes.
    ///
    /// To be asked before anything else is called: the reason stays with the host only until then.
    fn or_revert<H: Host>(self, host: &H, target: &Address) -> Result<T, Revert>;
}

impl<T> OrRevert<T> for Result<T, Failed> {
    fn or_revert<H: Host>(self, host: &H, target: &Address) -> Result<T, Revert> {
        self.map_err(|Failed| reported(host, target))
    }
}

/// `CallFailed` for a call of `target` that has just failed.
#[cold]
#[inline(never)]
pub fn reported<H: Host>(host: &H, target: &Address) -> Revert {
    call_failed(target, &host.return_data(MAX_REASON))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_call_is_reported_as_solidity_encodes_it() {
        let target = Address::repeat_byte(0xab);
        for length in [0, 1, 31, 32, 33, 100] {
            let reason: Vec<u8> = (0..length).collect();
            let expected = IManager::CallFailed {
                target,
                reason: reason.clone().into(),
            }
            .abi_encode();
            assert_eq!(call_failed(&target, &reason), expected, "{length} bytes of reason");
        }
    }
}
