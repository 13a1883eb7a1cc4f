//! The host functions of Arbitrum's virtual machine: the only place with unsafe code.
#![allow(unsafe_code)]

use alloc::vec::Vec;
use alloy_primitives::{Address, U256};
use stylus_sdk::hostio;

use crate::{
    abi::{self, Word},
    host::Host,
};

// The SDK does not import these two.
#[link(wasm_import_module = "vm_hooks")]
unsafe extern "C" {
    fn transient_load_bytes32(key: *const u8, dest: *mut u8);
    fn transient_store_bytes32(key: *const u8, value: *const u8);
}

/// The chain, seen from inside a program. Every pointer passed below is to memory of the size that the host function
/// reads or writes (20 bytes for an address, 32 for a word, `len` for a slice).
pub struct Stylus;

impl Host for Stylus {
    fn this(&self) -> Address {
        let mut address = Address::ZERO;
        // SAFETY: writes twenty bytes.
        unsafe { hostio::contract_address(address.as_mut_ptr()) };
        address
    }

    fn caller(&self) -> Address {
        let mut address = Address::ZERO;
        // SAFETY: writes twenty bytes.
        unsafe { hostio::msg_sender(address.as_mut_ptr()) };
        address
    }

    fn value(&self) -> U256 {
        let mut value = [0; 32];
        // SAFETY: writes thirty-two bytes.
        unsafe { hostio::msg_value(value.as_mut_ptr()) };
        abi::uint(&value)
    }

    fn timestamp(&self) -> u64 {
        // SAFETY: touches no memory.
        unsafe { hostio::block_timestamp() }
    }

    fn keccak256(&self, data: &[u8]) -> Word {
        let mut hash = [0; 32];
        // SAFETY: reads the slice, writes thirty-two bytes.
        unsafe { hostio::native_keccak256(data.as_ptr(), data.len(), hash.as_mut_ptr()) };
        hash
    }

    fn transient(&self, slot: &Word) -> Word {
        let mut value = [0; 32];
        // SAFETY: reads and writes thirty-two bytes.
        unsafe { transient_load_bytes32(slot.as_ptr(), value.as_mut_ptr()) };
        value
    }

    fn set_transient(&self, slot: &Word, value: &Word) {
        // SAFETY: reads thirty-two bytes twice.
        unsafe { transient_store_bytes32(slot.as_ptr(), value.as_ptr()) };
    }

    fn log(&self, topics: usize, words: &[Word]) {
        let data = words.as_flattened();
        // SAFETY: reads the slice.
        unsafe { hostio::emit_log(data.as_ptr(), data.len(), topics) };
    }

    fn call(&self, to: &Address, data: &[u8], out: &mut [u8]) -> Option<usize> {
        let (mut length, value) = (0, [0; 32]);
        // SAFETY: reads twenty bytes, the slice and thirty-two bytes, writes one usize.
        let status = unsafe {
            hostio::call_contract(
                to.as_ptr(),
                data.as_ptr(),
                data.len(),
                value.as_ptr(),
                u64::MAX,
                &raw mut length,
            )
        };
        finish(status, length, out)
    }

    fn static_call(&self, to: &Address, data: &[u8], out: &mut [u8]) -> Option<usize> {
        let mut length = 0;
        // SAFETY: reads twenty bytes and the slice, writes one usize.
        let status =
            unsafe { hostio::static_call_contract(to.as_ptr(), data.as_ptr(), data.len(), u64::MAX, &raw mut length) };
        finish(status, length, out)
    }

    fn return_data(&self, limit: usize) -> Vec<u8> {
        // SAFETY: touches no memory.
        let length = unsafe { hostio::return_data_size() }.min(limit);
        let mut data = alloc::vec![0; length];
        // SAFETY: writes at most `length` bytes.
        unsafe { hostio::read_return_data(data.as_mut_ptr(), 0, length) };
        data
    }
}

/// Copies what fits of a successful callee's return data into `out`.
fn finish(status: u8, length: usize, out: &mut [u8]) -> Option<usize> {
    if status != 0 {
        return None;
    }
    if !out.is_empty() && length > 0 {
        // SAFETY: writes at most the slice's length.
        unsafe { hostio::read_return_data(out.as_mut_ptr(), 0, out.len()) };
    }
    Some(length)
}
