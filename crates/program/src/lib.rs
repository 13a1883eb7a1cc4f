//! What Hedgerow's Stylus programs stand on: the host beneath them, ABI words, and Uniswap's views.
//!
//! The codec is hand-written because every argument and result of the programs is a static word: alloy's general
//! codec added 33 kB of WebAssembly to the lens, and entering a program costs more with every byte. Selectors still
//! come from the Solidity interfaces, at compile time.
#![no_std]

extern crate alloc;

pub mod abi;
pub mod held;
pub mod host;
pub mod reading;
mod refusal;
#[cfg(target_arch = "wasm32")]
mod stylus;
pub mod terms;
pub mod uniswap;

#[cfg(target_arch = "wasm32")]
pub use stylus::{Stylus, enter, listed, zeroed};

/// A list made item by item.
#[cfg(not(target_arch = "wasm32"))]
pub fn listed<S, T: Copy, E>(from: &[S], item: impl Fn(&S) -> Result<T, E>) -> Result<alloc::vec::Vec<T>, E> {
    from.iter().map(item).collect()
}

/// `length` zero bytes.
#[cfg(not(target_arch = "wasm32"))]
pub fn zeroed(length: usize) -> alloc::vec::Vec<u8> {
    alloc::vec![0; length]
}

/// Makes `answer(&host, input)` the function that the chain calls.
#[macro_export]
macro_rules! entrypoint {
    ($answer:path) => {
        #[cfg(target_arch = "wasm32")]
        #[allow(unsafe_code)]
        // SAFETY: nothing else has this name.
        #[unsafe(no_mangle)]
        extern "C" fn user_entrypoint(length: usize) -> usize {
            $crate::enter(length, |input| $answer(&$crate::Stylus, input))
        }
    };
}
