//! The manager: the Stylus program that acts on a delegated EOA's positions in a position manager.
//!
//! It runs by delegatecall from the shell, so that the acting address is the EOA. Nothing is stored: what it remembers during a
//! call is transient. At its own address it can do nothing, because there is no one who could be its owner: it never calls
//! itself, and it signs nothing that an EntryPoint would accept.
#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

use alloc::vec::Vec;
use alloy_sol_types::SolCall;
use hedgerow_positions::{
    actions::{self, Task},
    authority::guarded,
    errors::Revert,
    interfaces::IManager,
    limits::Limits,
    nft::Nft,
};
use hedgerow_program::{
    abi::{Call, Word, encode, strict, uint},
    host::Host,
    words,
};

/// What `version` answers. It rises with every change that a shell or a caller could notice.
pub const VERSION: u32 = 4;

/// Answers one call. Malformed or unknown calldata reverts with nothing, as Solidity does.
pub fn answer<H: Host>(host: &H, input: &[u8]) -> Result<Vec<u8>, Revert> {
    if !host.value().is_zero() {
        return Err(Revert::new());
    }
    let (selector, call) = Call::new(input)?;
    let (manager, task, limits): (_, _, &[Word; 7]) = match selector.to_be_bytes() {
        IManager::rebalanceCall::SELECTOR => {
            let [manager, id, lower, upper, limits @ ..] = call.head::<11>()?;
            let range = (strict::int24(lower)?, strict::int24(upper)?);
            (manager, Task::Rebalance(uint(id), range), limits)
        }
        IManager::compoundCall::SELECTOR => {
            let [manager, id, limits @ ..] = call.head::<9>()?;
            (manager, Task::Compound(uint(id)), limits)
        }
        IManager::openCall::SELECTOR => {
            let [
                manager,
                token0,
                token1,
                fee,
                lower,
                upper,
                amount0,
                amount1,
                limits @ ..,
            ] = call.head::<15>()?;
            let key = (
                [strict::address(token0)?, strict::address(token1)?],
                strict::uint24(fee)?,
            );
            let range = (strict::int24(lower)?, strict::int24(upper)?);
            (manager, Task::Open(key, range, [uint(amount0), uint(amount1)]), limits)
        }
        IManager::versionCall::SELECTOR => return Ok(encode(&words![VERSION])),
        _ => return Err(Revert::new()),
    };
    let nft = Nft {
        manager: strict::address(manager)?,
    };
    let limits = Limits::decode(limits)?;
    guarded(host, || actions::supply(host, &nft, &task, &limits))
}

hedgerow_program::entrypoint!(answer);
