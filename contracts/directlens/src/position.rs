//! Direct positions: what the pool has recorded of an owner and a range, and what `collect` would pay after a `burn` of nothing.

use alloc::vec::Vec;
use alloy_primitives::{Address, U256};
use alloy_sol_types::SolError;
use hedgerow_program::{
    abi::{Call, Encode, List, Revert, Word, revert, strict, uint},
    held::{self, Held},
    host::{Failed, Host},
    put,
    reading::{POSITION, Reading},
    words,
};

use crate::{
    interface::IDirectLens,
    pool::{Pool, range},
};

/// Words of the interface's `Found`.
const FOUND: usize = 3 + POSITION;
/// A longer page cannot be paid for.
const LONGEST_PAGE: u64 = 4096;

/// `position(...)`.
pub fn position<H: Host>(
    host: &H,
    [factory, token0, token1, fee, owner, lower, upper, entry]: &[Word; 8],
    output: &mut [Word; POSITION],
) -> Result<(), Revert> {
    let (owner, range, entry) = (strict::address(owner)?, range(lower, upper)?, strict::uint160(entry)?);
    let pool = Pool::read(host, &[*factory, *token0, *token1, *fee])?;
    match read(host, &pool, &owner, range).map_err(|_| pool.unknown())? {
        Some(reading) => reading.put(entry, output),
        None => {
            let arguments = words![owner, range.0, range.1];
            Err(Revert(revert(IDirectLens::UnknownDirectPosition::SELECTOR, &arguments)))
        }
    }
}

/// `positionKey(...)`.
pub fn key<H: Host>(host: &H, [owner, lower, upper]: &[Word; 3], output: &mut [Word; 1]) -> Result<(), Revert> {
    put!(output; held::key(host, &strict::address(owner)?, range(lower, upper)?));
    Ok(())
}

/// `positionBatch(...)`.
pub fn position_batch<H: Host>(host: &H, call: &Call<'_>) -> Result<Vec<u8>, Revert> {
    let [factory, token0, token1, fee, owner] = call.head()?;
    let owner = strict::address(owner)?;
    let queries = call.rows(5)?;
    let pool = Pool::read(host, &[*factory, *token0, *token1, *fee])?;
    let mut list = List::new::<FOUND>(1, queries.len());
    for ([lower, upper, entry], slot) in queries.iter().zip(list.rows()) {
        let (range, entry) = (range(lower, upper)?, strict::uint160(entry)?);
        let reading = read(host, &pool, &owner, range).unwrap_or_default();
        put_found(range, reading, entry, slot);
    }
    Ok(list.data())
}

/// `positions(...)`: the pairs of two lists of ticks, tried one by one.
pub fn positions<H: Host>(host: &H, call: &Call<'_>) -> Result<Vec<u8>, Revert> {
    let [factory, token0, token1, fee, owner, _, _, offset, limit] = call.head()?;
    let owner = strict::address(owner)?;
    let (lowers, uppers) = (call.rows::<1>(5)?, call.rows::<1>(6)?);
    let pool = Pool::read(host, &[*factory, *token0, *token1, *fee])?;
    // Either list lies in the calldata, so that the product is far from wrapping around.
    let pairs = lowers.len() as u64 * uppers.len() as u64;
    let least = |word: &Word, most: u64| uint(word).min(U256::from(most)).as_limbs()[0];
    let first = least(offset, pairs);
    let end = first + least(limit, (pairs - first).min(LONGEST_PAGE));
    let mut list = List::new::<FOUND>(2, (end - first) as usize);
    if let Some(next) = list.head().get_mut(1) {
        end.put(next);
    }
    let mut count = 0;
    let mut slots = list.rows::<FOUND>().iter_mut();
    for pair in first..end {
        let (row, column) = (pair / uppers.len() as u64, pair % uppers.len() as u64);
        let (Some([lower]), Some([upper])) = (lowers.get(row as usize), uppers.get(column as usize)) else {
            break;
        };
        let range = range(lower, upper)?;
        if range.0 >= range.1 {
            continue;
        }
        let reading = read(host, &pool, &owner, range).unwrap_or_default();
        if let Some(reading) = reading.filter(|reading| reading.liquidity != 0 || reading.fees != [0; 2])
            && let Some(slot) = slots.next()
        {
            put_found(range, Some(reading), U256::ZERO, slot);
            count += 1;
        }
    }
    list.keep::<FOUND>(count);
    Ok(list.data())
}

/// What an owner holds in a range; nothing where the pool has no record of it.
fn read<H: Host>(host: &H, pool: &Pool, owner: &Address, range: (i32, i32)) -> Result<Option<Reading>, Failed> {
    let held = Held::read(host, &pool.address, &held::key(host, owner, range))?;
    if held == Held::default() {
        return Ok(None);
    }
    // Without liquidity nothing accrues, and the pool may have cleared the ticks.
    let fees = if held.liquidity == 0 {
        held.owed
    } else {
        held::collectable(host, &pool.address, pool.tick, range, &held, None)?
    };
    Ok(Some(Reading {
        pool: pool.address,
        token0: pool.token0,
        token1: pool.token1,
        fee: pool.fee,
        range,
        liquidity: held.liquidity,
        sqrt_price: pool.sqrt_price,
        tick: pool.tick,
        fees,
    }))
}

/// The words of the interface's `Found`: what was not found, or has no figures, leaves them zero but for the range.
fn put_found(range: (i32, i32), reading: Option<Reading>, entry: U256, slot: &mut [Word; FOUND]) {
    let [lower, upper, found, position @ ..] = slot;
    range.0.put(lower);
    range.1.put(upper);
    let Some(reading) = reading else {
        return;
    };
    let entry = if entry.is_zero() { reading.sqrt_price } else { entry };
    match reading.put(entry, position) {
        Ok(()) => true.put(found),
        Err(_) => position.fill([0; 32]),
    }
}
