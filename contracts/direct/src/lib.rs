//! Direct: the Stylus program that acts on a delegated EOA's direct positions, liquidity that the EOA itself holds in the pool.
//!
//! As the manager does, it runs by delegatecall from the shell and stores nothing. What the pool asks for when it swaps or mints,
//! the shell pays, within what this announced.
#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

use alloc::vec::Vec;
use alloy_sol_types::SolCall;
use hedgerow_positions::{
    actions::{self, Task},
    authority::guarded,
    direct::{Direct, PoolKey},
    errors::Revert,
    interfaces::IManager,
    limits::Limits,
};
use hedgerow_program::{
    abi::{Call, Malformed, Word, strict, uint},
    host::Host,
};

/// Answers one call. Malformed or unknown calldata reverts with nothing, as Solidity does.
pub fn answer<H: Host>(host: &H, input: &[u8]) -> Result<Vec<u8>, Revert> {
    if !host.value().is_zero() {
        return Err(Revert::new());
    }
    let (selector, call) = Call::new(input)?;
    // All begin with the pool and a range.
    let [factory, token0, token1, fee, lower, upper, ..] = call.head::<13>()?;
    let key = PoolKey {
        factory: strict::address(factory)?,
        tokens: [strict::address(token0)?, strict::address(token1)?],
        fee: strict::uint24(fee)?,
    };
    let range = range(lower, upper)?;
    let (task, limits): (_, &[Word; 7]) = match selector.to_be_bytes() {
        IManager::rebalanceDirectCall::SELECTOR => {
            let [_, _, _, _, _, _, lower, upper, limits @ ..] = call.head::<15>()?;
            (Task::Rebalance((key, range), self::range(lower, upper)?), limits)
        }
        IManager::compoundDirectCall::SELECTOR => {
            let [_, _, _, _, _, _, limits @ ..] = call.head::<13>()?;
            (Task::Compound((key, range)), limits)
        }
        IManager::openDirectCall::SELECTOR => {
            let [_, _, _, _, _, _, amount0, amount1, limits @ ..] = call.head::<15>()?;
            (Task::Open(key, range, [uint(amount0), uint(amount1)]), limits)
        }
        _ => return Err(Revert::new()),
    };
    let limits = Limits::decode(limits)?;
    guarded(host, || actions::supply(host, &Direct, &task, &limits))
}

fn range(lower: &Word, upper: &Word) -> Result<(i32, i32), Malformed> {
    Ok((strict::int24(lower)?, strict::int24(upper)?))
}

hedgerow_program::entrypoint!(answer);
