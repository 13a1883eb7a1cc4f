//! Reverts, encoded as the interface `ILens` declares them.

use alloc::vec::Vec;
use alloy_primitives::U256;
use alloy_sol_types::SolError;
use hedgerow_core::Error;
use hedgerow_program::{abi::revert, words};

use crate::interface::ILens;

/// What the lens reverts with: a selector and its arguments, or nothing for malformed calldata.
pub type Revert = Vec<u8>;

/// What the core refused, as the interface's error.
pub fn refused(error: Error) -> Revert {
    match error {
        Error::ZeroPrice => revert(ILens::ZeroPrice::SELECTOR, &[]),
        Error::SqrtPriceOutOfRange(price) => revert(ILens::SqrtPriceOutOfRange::SELECTOR, &words![price]),
        Error::TickOutOfRange(tick) => revert(ILens::TickOutOfRange::SELECTOR, &words![tick]),
        Error::EmptyRange(lower, upper) => revert(ILens::EmptyRange::SELECTOR, &words![lower, upper]),
        Error::WeightOutOfRange(weight) => revert(ILens::WeightOutOfRange::SELECTOR, &words![weight]),
        // The rest belongs to swaps, which the lens does not compute.
        _ => revert(ILens::Overflow::SELECTOR, &[]),
    }
}

/// There is no such position at this position manager, or it is none.
pub fn unknown(token_id: &U256) -> Revert {
    revert(ILens::UnknownPosition::SELECTOR, &words![token_id])
}
