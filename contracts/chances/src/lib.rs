//! The lens's chances: the read-only Stylus program for what may happen to a position, and for its scorecard.
//!
//! Figures come from the core, so they are the same to the last digit as those of the native command. Nothing is stored
//! and nothing is called.
#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

pub mod interface;
mod range;
mod scorecard;
mod tail;

use alloc::vec::Vec;
use hedgerow_core::risk;
use hedgerow_program::{
    abi::{Call, Revert},
    host::Host,
    routes,
};

use crate::interface::IChancesLens;

/// Answers one call. Malformed or unknown calldata, and ether, revert with nothing, as Solidity does.
pub fn answer<H: Host>(host: &H, input: &[u8]) -> Result<Vec<u8>, Revert> {
    if !host.value().is_zero() {
        return Err(Revert::NOTHING);
    }
    let (selector, call) = Call::new(input)?;
    routes!(IChancesLens, selector, call;
        rows {
            inRangeProbabilityCall, inRangeProbabilityBatchCall => range::probability(risk::in_range);
            stayingInRangeProbabilityCall, stayingInRangeProbabilityBatchCall => range::probability(risk::stays_in_range);
            valueAtRiskNormalCall, valueAtRiskNormalBatchCall => tail::of_distribution(risk::normal);
            valueAtRiskLognormalCall, valueAtRiskLognormalBatchCall => tail::of_distribution(risk::lognormal);
            scorecardCall, scorecardBatchCall => scorecard::score;
        }
        others {
            valueAtRiskHistoricalCall => tail::historical(&call);
            correlationCall => scorecard::correlation(&call);
        }
    )
}

hedgerow_program::entrypoint!(answer);
