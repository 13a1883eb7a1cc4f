//! The lens's statistics: the read-only Stylus program for realised and forecast volatility, and for the gate.
//!
//! Figures come from the core, so they are the same to the last digit as those of the native command. Nothing is stored
//! and nothing is called.
#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

pub mod interface;
mod risk;
mod volatility;

use alloc::vec::Vec;
use hedgerow_program::{
    abi::{Call, Revert},
    host::Host,
    routes,
    terms::of_wads,
};

use crate::interface::IStatisticsLens;

/// Answers one call. Malformed or unknown calldata, and ether, revert with nothing, as Solidity does.
pub fn answer<H: Host>(host: &H, input: &[u8]) -> Result<Vec<u8>, Revert> {
    if !host.value().is_zero() {
        return Err(Revert::NOTHING);
    }
    let (selector, call) = Call::new(input)?;
    routes!(IStatisticsLens, selector, call;
        rows {
            hedgeRatioCall => of_wads(|[base, forecast, reference, floor, cap]| {
                hedgerow_core::garch::hedge_ratio(base, forecast, reference, floor, cap)
            });
            carryGateCall => risk::gate;
        }
        others {
            realisedVolatilityCall => volatility::close_to_close(&call);
            realisedVolatilityZeroMeanCall => volatility::zero_mean(&call);
            rangeVolatilityCall => volatility::range_based(&call);
            ewmaCall => volatility::ewma(&call);
            garchCall => volatility::garch(&call);
            maxDrawdownCall => risk::max_drawdown(&call);
        }
    )
}

hedgerow_program::entrypoint!(answer);
