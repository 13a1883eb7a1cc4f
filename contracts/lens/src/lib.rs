//! The lens: the read-only Stylus program. What positions are and are worth, for dApps.
//!
//! Figures come from the core, so they are the same to the last digit as those of the native command. Nothing is stored
//! and nothing is called but views.
#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

pub mod interface;
mod loss;
mod position;
mod range;

use alloc::vec::Vec;
use hedgerow_core::il;
use hedgerow_program::{
    abi::{Call, Revert},
    host::Host,
    routes,
};

use crate::interface::ILens;

/// Answers one call. Malformed or unknown calldata, and ether, revert with nothing, as Solidity does.
pub fn answer<H: Host>(host: &H, input: &[u8]) -> Result<Vec<u8>, Revert> {
    if !host.value().is_zero() {
        return Err(Revert::NOTHING);
    }
    let (selector, call) = Call::new(input)?;
    routes!(ILens, selector, call;
        rows {
            positionCall => |input, output| position::position(host, input, output);
            figuresCall, figuresBatchCall => range::figures;
            feesEarnedCall, feesEarnedBatchCall => range::fees_earned;
            calculateImpermanentLossCall, calculateImpermanentLossBatchCall => loss::between(il::calculator);
            ilConstantProductCall, ilConstantProductBatchCall => loss::between(il::constant_product);
            ilConstantProductRayCall, ilConstantProductRayBatchCall => loss::between(il::constant_product_ray);
            ilFromRatioCall, ilFromRatioBatchCall => loss::from_ratio;
            ilFromAmountsCall, ilFromAmountsBatchCall => loss::from_amounts;
            ilWeightedCall, ilWeightedBatchCall => loss::weighted;
            ilConcentratedCall, ilConcentratedBatchCall => loss::concentrated;
        }
        others {
            positionBatchCall => position::position_batch(host, &call);
            positionsCall => position::positions(host, &call);
        }
    )
}

hedgerow_program::entrypoint!(answer);
