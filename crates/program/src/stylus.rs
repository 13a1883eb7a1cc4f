//! The host functions of Arbitrum's virtual machine: the only place with unsafe code.
#![allow(unsafe_code)]

use alloc::vec::Vec;
use alloy_primitives::{Address, U256};
use core::{
    alloc::{Layout, LayoutError},
    arch::wasm32,
};

use crate::{
    abi::{self, Word},
    host::{Host, Storage},
};

/// What the chain offers: the SDK's declarations, and two that it keeps to itself.
mod hostio {
    pub use stylus_sdk::hostio::*;

    #[link(wasm_import_module = "vm_hooks")]
    unsafe extern "C" {
        pub fn transient_load_bytes32(slot: *const u8, value: *mut u8);
        pub fn transient_store_bytes32(slot: *const u8, value: *const u8);
    }
}

/// Runs a program as the SDK's entry point does, but without what that brings along and no program here uses, at a cost on
/// every call: the storage cache, the reentrancy guard, a general codec. Reads the calldata of `length` bytes, writes the
/// answer, and tells whether it is a revert.
///
/// Nothing is flushed: a program that stores does that itself, before it calls out and at its end, and pays for it only then.
#[inline(always)]
pub fn enter<R: Into<Vec<u8>>>(length: usize, answer: impl FnOnce(&[u8]) -> Result<Vec<u8>, R>) -> usize {
    // Activation wants the import that Nitro's metering calls before memory grows. No calldata is so long that it is called here.
    if length > isize::MAX as usize {
        // SAFETY: touches no memory.
        unsafe { hostio::pay_for_memory_grow(0) };
    }
    let mut input = zeroed(length);
    // SAFETY: writes exactly the calldata, whose length the chain passed in.
    unsafe { hostio::read_args(input.as_mut_ptr()) };
    let (data, status) = match answer(&input) {
        Ok(data) => (data, 0),
        Err(reason) => (reason.into(), 1),
    };
    // SAFETY: reads the slice.
    unsafe { hostio::write_result(data.as_ptr(), data.len()) };
    status
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
        unsafe { hostio::transient_load_bytes32(slot.as_ptr(), value.as_mut_ptr()) };
        value
    }

    fn set_transient(&self, slot: &Word, value: &Word) {
        // SAFETY: reads thirty-two bytes twice.
        unsafe { hostio::transient_store_bytes32(slot.as_ptr(), value.as_ptr()) };
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
        let mut data = zeroed(length);
        // SAFETY: writes at most `length` bytes.
        unsafe { hostio::read_return_data(data.as_mut_ptr(), 0, length) };
        data
    }
}

impl Storage for Stylus {
    fn load(&self, slot: &Word) -> Word {
        let mut value = [0; 32];
        // SAFETY: reads and writes thirty-two bytes.
        unsafe { hostio::storage_load_bytes32(slot.as_ptr(), value.as_mut_ptr()) };
        value
    }

    fn store(&self, slot: &Word, value: &Word) {
        // SAFETY: reads thirty-two bytes twice.
        unsafe { hostio::storage_cache_bytes32(slot.as_ptr(), value.as_ptr()) };
    }

    fn flush(&self) {
        // SAFETY: touches no memory.
        unsafe { hostio::storage_flush_cache(true) };
    }

    fn chain_id(&self) -> u64 {
        // SAFETY: touches no memory.
        unsafe { hostio::chainid() }
    }

    fn base_fee(&self) -> U256 {
        let mut fee = [0; 32];
        // SAFETY: writes thirty-two bytes.
        unsafe { hostio::block_basefee(fee.as_mut_ptr()) };
        abi::uint(&fee)
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

/// `length` zero bytes: with [`listed`] the only way in which the programs take memory. A collection that grows would bring the
/// messages of running out of it along, and memory that was never used is zero without being filled.
pub fn zeroed(length: usize) -> Vec<u8> {
    let data = allocated(Layout::array::<u8>(length));
    // SAFETY: the block is of this length, of bytes, and all of them are zero.
    unsafe { Vec::from_raw_parts(data, length, length) }
}

/// A list made item by item.
pub fn listed<S, T: Copy, E>(from: &[S], item: impl Fn(&S) -> Result<T, E>) -> Result<Vec<T>, E> {
    let data = allocated(Layout::array::<T>(from.len())).cast::<T>();
    for (i, source) in from.iter().enumerate() {
        // SAFETY: the block holds as many items as the source, aligned for them.
        unsafe { data.add(i).write(item(source)?) };
    }
    // SAFETY: all items were written; they need no drop.
    Ok(unsafe { Vec::from_raw_parts(data, from.len(), from.len()) })
}

/// A block of memory, all zero. Memory that runs out ends the call, as gas does.
#[inline(never)]
fn allocated(layout: Result<Layout, LayoutError>) -> *mut u8 {
    match layout {
        Ok(layout) if layout.size() == 0 => core::ptr::without_provenance_mut(layout.align()),
        // SAFETY: the layout is not empty.
        Ok(layout) => match unsafe { alloc::alloc::alloc_zeroed(layout) } {
            data if !data.is_null() => data,
            _ => wasm32::unreachable(),
        },
        Err(_) => wasm32::unreachable(),
    }
}
