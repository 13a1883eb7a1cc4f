//! Hedges: the Stylus program by which a delegated EOA sells a position's volatile token short at a venue, keeps that at its target, and
//! takes it back.
//!
//! It runs by delegatecall from the shell, so that the acting address is the EOA. Each hedge has a margin account of its own; what
//! this program decides, that one carries out.
#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

mod adjust;
mod close;
mod compose;
mod order;
mod refusal;
mod stage;
mod tell;
mod views;

use alloc::vec::Vec;
use alloy_sol_types::SolCall;
use hedgerow_positions::{authority::guarded, errors::Revert};
use hedgerow_program::{
    abi::{Call, uint},
    host::Storage,
};
use hedgerow_terms::{
    interfaces::hedges::IHedges,
    place::{PLACE, Place},
};

use crate::order::{LIMITS, Limits, ORDER, Order};

/// Answers one call. Malformed or unknown calldata reverts with nothing, as Solidity does.
pub fn answer<H: Storage>(host: &H, input: &[u8]) -> Result<Vec<u8>, Revert> {
    if !host.value().is_zero() {
        return Err(Revert::new());
    }
    let (selector, call) = Call::new(input)?;
    match selector.to_be_bytes() {
        IHedges::hedgeCall::SELECTOR => {
            let (place, order) = ordered(&call)?;
            guarded(host, || adjust::hedge(host, &place, &order))
        }
        IHedges::closeHedgeCall::SELECTOR => {
            let words = call.head::<{ PLACE + 1 + LIMITS }>()?;
            let (place, [repay, limits @ ..]) = parted::<{ PLACE + 1 + LIMITS }, { 1 + LIMITS }>(words)?;
            let limits = Limits::decode(limits)?;
            guarded(host, || close::close_hedge(host, &place, &uint(repay), &limits))
        }
        IHedges::actAndHedgeCall::SELECTOR => compose::act_and_hedge(host, &call),
        IHedges::followHedgeCall::SELECTOR => {
            let (from, to) = parted::<{ 2 * PLACE }, PLACE>(call.head()?)?;
            let to = Place::decode(to)?;
            guarded(host, || compose::follow_hedge(host, &from, to))
        }
        IHedges::quoteHedgeCall::SELECTOR => {
            let (place, order) = ordered(&call)?;
            views::quote_hedge(host, &place, &order)
        }
        IHedges::hedgeOfCall::SELECTOR => views::hedge_of(host, &Place::decode(call.head()?)?),
        IHedges::hedgeAccountsCall::SELECTOR => {
            let (place, window) = parted::<{ PLACE + 1 }, 1>(call.head()?)?;
            views::hedge_accounts(host, &place, window)
        }
        _ => Err(Revert::new()),
    }
}

/// A place and an order, the arguments of those functions that take nothing else.
#[inline(never)]
fn ordered(call: &Call<'_>) -> Result<(Place, Order), Revert> {
    let (place, order) = parted::<{ PLACE + ORDER }, ORDER>(call.head()?)?;
    Ok((place, Order::decode(order)?))
}

/// The place that leads the arguments, and the `REST` of them.
fn parted<const ALL: usize, const REST: usize>(
    words: &[hedgerow_program::abi::Word; ALL],
) -> Result<(Place, &[hedgerow_program::abi::Word; REST]), Revert> {
    match (words.first_chunk(), words.last_chunk()) {
        (Some(place), Some(rest)) => Ok((Place::decode(place)?, rest)),
        _ => Err(Revert::new()),
    }
}

hedgerow_program::entrypoint!(answer);
