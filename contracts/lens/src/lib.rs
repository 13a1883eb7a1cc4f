//! The lens: the read-only Stylus program. What positions are and are worth, for dApps.
//!
//! Figures come from the core, so they are the same to the last digit as those of the native command. Nothing is stored
//! and nothing is called but views.
#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

mod errors;
pub mod interface;
mod position;

use alloc::vec::Vec;
use alloy_sol_types::SolCall;
use hedgerow_core::{il, position::Figures};
use hedgerow_program::{
    abi::{Arguments, Word},
    host::Host,
    words,
};

use crate::{
    errors::{Revert, refused},
    interface::ILens,
};

/// Answers one call. Malformed or unknown calldata, and ether, revert with nothing, as Solidity does.
pub fn answer<H: Host>(host: &H, input: &[u8]) -> Result<Vec<u8>, Revert> {
    if !host.value().is_zero() {
        return Err(Revert::new());
    }
    let (selector, data) = input.split_first_chunk::<4>().ok_or_else(Revert::new)?;
    route(host, *selector, &Arguments::new(data)).unwrap_or_else(|| Err(Revert::new()))
}

/// The answer of the function with this selector; nothing when there is none, or when its arguments are malformed.
fn route<H: Host>(host: &H, selector: [u8; 4], arguments: &Arguments<'_>) -> Option<Result<Vec<u8>, Revert>> {
    let il = match selector {
        ILens::positionCall::SELECTOR => {
            let (manager, id, entry) = (arguments.address(0)?, arguments.uint(1)?, arguments.uint160(2)?);
            let position = position::position(host, &manager, &id, entry);
            return Some(position.map(|(head, figures)| [bytes(&head), bytes(&words(&figures))].concat()));
        }
        ILens::figuresCall::SELECTOR => {
            let (liquidity, entry, now) = (arguments.uint128(0)?, arguments.uint160(1)?, arguments.uint160(2)?);
            let figures =
                hedgerow_core::position::figures(liquidity, entry, now, arguments.int24(3)?, arguments.int24(4)?);
            return Some(figures.map(|figures| bytes(&words(&figures))).map_err(refused));
        }
        ILens::ilConstantProductCall::SELECTOR => il::constant_product(arguments.uint(0)?, arguments.uint(1)?),
        ILens::ilWeightedCall::SELECTOR => il::weighted(arguments.uint(0)?, arguments.uint(1)?, arguments.uint(2)?),
        ILens::ilConcentratedCall::SELECTOR => {
            let (entry, now) = (arguments.uint160(0)?, arguments.uint160(1)?);
            il::concentrated(entry, now, arguments.int24(2)?, arguments.int24(3)?)
        }
        _ => return None,
    };
    Some(il.map(|il| bytes(&words![il])).map_err(refused))
}

fn words(figures: &Figures) -> [Word; 8] {
    words![
        figures.amount0,
        figures.amount1,
        figures.value,
        figures.hold,
        figures.il,
        figures.delta,
        figures.gamma,
        figures.dollar_gamma,
    ]
}

fn bytes(words: &[Word]) -> Vec<u8> {
    words.as_flattened().to_vec()
}

#[cfg(target_arch = "wasm32")]
#[allow(unsafe_code, unexpected_cfgs, missing_docs)]
mod entry {
    use alloc::vec::Vec;
    use stylus_sdk::{ArbResult, host::VM, prelude::*};

    #[entrypoint]
    fn main(input: Vec<u8>, _: VM) -> ArbResult {
        crate::answer(&hedgerow_program::Stylus, &input)
    }
}
