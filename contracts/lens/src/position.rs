//! A position as the chain has it: what its position manager and its pool say, and what `collect` would pay.

use alloc::vec::Vec;
use alloy_primitives::{Address, U256};
use alloy_sol_types::{SolCall, SolError};
use hedgerow_program::{
    abi::{Call, Encode, List, Revert, Word, head, revert, strict, uint},
    held::{self, Held},
    host::{Failed, Host},
    reading::{POSITION, Reading},
    uniswap::{self, Position},
    words,
};

use crate::interface::{IERC721Enumerable, ILens};

/// Words of the interface's `Found`.
const FOUND: usize = 2 + POSITION;

/// `position(...)`: what is read, then its figures.
pub fn position<H: Host>(
    host: &H,
    [manager, token_id, entry]: &[Word; 3],
    output: &mut [Word; POSITION],
) -> Result<(), Revert> {
    let (manager, entry) = (strict::address(manager)?, strict::uint160(entry)?);
    let read = read(host, &manager, &uint(token_id))
        .map_err(|_| Revert(revert(ILens::UnknownPosition::SELECTOR, &[*token_id])))?;
    read.put(entry, output)
}

/// `positionBatch(...)`.
pub fn position_batch<H: Host>(host: &H, call: &Call<'_>) -> Result<Vec<u8>, Revert> {
    let [manager] = call.head()?;
    let manager = strict::address(manager)?;
    let queries = call.rows(1)?;
    let mut list = List::new::<FOUND>(1, queries.len());
    for ([token_id, entry], slot) in queries.iter().zip(list.rows()) {
        find(host, &manager, token_id, strict::uint160(entry)?, slot);
    }
    Ok(list.data())
}

/// `positions(...)`: what ERC-721's enumeration lists, read one by one.
pub fn positions<H: Host>(host: &H, call: &Call<'_>) -> Result<Vec<u8>, Revert> {
    let [owner, manager, offset, limit] = call.head()?;
    let (owner, manager) = (strict::address(owner)?, strict::address(manager)?);
    let total = host
        .view_word(
            &manager,
            &words![head(IERC721Enumerable::balanceOfCall::SELECTOR), owner],
        )
        .map_err(|_| Revert(revert(ILens::NotEnumerable::SELECTOR, &words![manager])))?;
    let first = uint(offset);
    // A longer page cannot be paid for, and a manager that lies about its balance must not make the room for one wrap.
    let left = uint(&total)
        .saturating_sub(first)
        .min(uint(limit))
        .min(U256::from(4096));
    let mut list = List::new::<FOUND>(2, left.as_limbs()[0] as usize);
    if let Some(slot) = list.head().get_mut(1) {
        *slot = total;
    }
    let mut index = first;
    for slot in list.rows() {
        let selector = head(IERC721Enumerable::tokenOfOwnerByIndexCall::SELECTOR);
        if let Ok(token_id) = host.view_word(&manager, &words![selector, owner, index]) {
            find(host, &manager, &token_id, U256::ZERO, slot);
        }
        index = index.wrapping_add(U256::ONE);
    }
    Ok(list.data())
}

/// The words of the interface's `Found`: a failure leaves them zero but for the id.
fn find<H: Host>(host: &H, manager: &Address, token_id: &Word, entry: U256, slot: &mut [Word; FOUND]) {
    let [id, found, position @ ..] = slot;
    *id = *token_id;
    let Ok(read) = read(host, manager, &uint(token_id)) else {
        return;
    };
    let entry = if entry.is_zero() { read.sqrt_price } else { entry };
    match read.put(entry, position) {
        Ok(()) => true.put(found),
        Err(_) => position.fill([0; 32]),
    }
}

/// Reads a position of a position manager and its pool.
fn read<H: Host>(host: &H, manager: &Address, token_id: &U256) -> Result<Reading, Failed> {
    let position = uniswap::position(host, manager, token_id)?;
    let pool = uniswap::pool(host, manager, &position)?;
    let (sqrt_price, tick) = uniswap::slot0(host, &pool)?;
    // Without liquidity nothing accrues, and `collect` does not touch the pool's growth.
    let fees = if position.liquidity == 0 {
        position.owed
    } else {
        fees(host, manager, &pool, tick, &position)?
    };
    Ok(Reading {
        pool,
        token0: position.token0,
        token1: position.token1,
        fee: position.fee,
        range: (position.tick_lower, position.tick_upper),
        liquidity: position.liquidity,
        sqrt_price,
        tick,
        fees,
    })
}

/// What `collect` would pay: the growth since the position was last touched on top of what is recorded, but no more than
/// the pool owes to the position manager for the whole range, which several roundings may have left a unit short.
fn fees<H: Host>(
    host: &H,
    manager: &Address,
    pool: &Address,
    tick: i32,
    position: &Position,
) -> Result<[u128; 2], Failed> {
    let range = (position.tick_lower, position.tick_upper);
    let backing = Held::read(host, pool, &held::key(host, manager, range))?;
    let account = Held {
        liquidity: position.liquidity,
        inside_last: position.fee_growth_inside_last,
        owed: position.owed,
    };
    held::collectable(host, pool, tick, range, &backing, Some(&account))
}
