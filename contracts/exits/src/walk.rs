//! Moving a position that holds one token to another range that holds the same one. Nothing is swapped, so nothing is paid for it.

use alloc::vec::Vec;
use alloy_sol_types::{SolError, SolEvent};
use hedgerow_positions::{errors::Revert, interfaces::IManager, limits::Limits, price::Guard};
use hedgerow_program::{abi::revert, host::Host, words};

use crate::{
    kept::Kept,
    leave::no_liquidity,
    remint::{Again, remint},
};

/// Walks to `range`. What the position held of its token goes in, fees in that token included; what it earned of the other stays
/// with the account. Errors: those of `IManager.walk`.
pub fn run<H: Host>(host: &H, position: &Kept, range: (i32, i32), limits: &Limits) -> Result<Vec<u8>, Revert> {
    let held = &position.held;
    if position.is_empty() {
        return Err(no_liquidity(position));
    }
    held.venue.accepts(host, range)?;
    let market = Guard::begin(host, &held.venue.pool, limits)?;
    let tick = market.1.tick;
    let token = side(tick, held.range).ok_or_else(|| not_one_sided(tick, held.range))?;
    if side(tick, range) != Some(token) {
        return Err(not_one_sided(tick, range));
    }
    let (to, event) = ((&position.keeper, range), &IManager::Walked::SIGNATURE_HASH.0);
    remint(host, position, to, &Again::Token(token), &market, limits, event)
}

/// Which token a range holds at a tick, if only one.
fn side(tick: i32, (lower, upper): (i32, i32)) -> Option<usize> {
    if tick < lower {
        Some(0)
    } else if tick >= upper {
        Some(1)
    } else {
        None
    }
}

#[cold]
#[inline(never)]
fn not_one_sided(tick: i32, (lower, upper): (i32, i32)) -> Revert {
    revert(IManager::NotOneSided::SELECTOR, &words![tick, lower, upper])
}
