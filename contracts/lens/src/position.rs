//! A position as the chain has it: what its position manager and its pool say, and what `collect` would pay.

use alloc::vec::Vec;
use alloy_primitives::{Address, U256};
use alloy_sol_types::{SolCall, SolError};
use hedgerow_core::fees::{earned, growth_inside};
use hedgerow_program::{
    abi::{Call, Encode, List, Revert, Word, head, revert, strict, uint, uint128},
    host::{Failed, Host},
    put,
    uniswap::{self, Position},
    words,
};

use crate::{
    interface::{IERC721Enumerable, ILens, IUniswapV3Pool},
    range::{FIGURES, put_figures},
};

/// Words of the interface's `Position` before its figures.
const HEAD: usize = 11;
/// Words of the interface's `Position`.
const POSITION: usize = HEAD + FIGURES;
/// Words of the interface's `Found`.
const FOUND: usize = 2 + POSITION;

/// `position(...)`: what is read, then its figures.
pub fn position<H: Host>(
    host: &H,
    [manager, token_id, entry]: &[Word; 3],
    output: &mut [Word; POSITION],
) -> Result<(), Revert> {
    let (manager, entry) = (strict::address(manager)?, strict::uint160(entry)?);
    let read = Read::new(host, &manager, &uint(token_id))
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
    let Ok(read) = Read::new(host, manager, &uint(token_id)) else {
        return;
    };
    let entry = if entry.is_zero() { read.sqrt_price } else { entry };
    match read.put(entry, position) {
        Ok(()) => true.put(found),
        Err(_) => position.fill([0; 32]),
    }
}

struct Read {
    position: Position,
    pool: Address,
    sqrt_price: U256,
    tick: i32,
    fees: [u128; 2],
}

impl Read {
    fn new<H: Host>(host: &H, manager: &Address, token_id: &U256) -> Result<Self, Failed> {
        let position = uniswap::position(host, manager, token_id)?;
        let pool = uniswap::pool(host, manager, &position)?;
        let (sqrt_price, tick) = uniswap::slot0(host, &pool)?;
        // Without liquidity nothing accrues, and `collect` does not touch the pool's growth.
        let fees = if position.liquidity == 0 {
            position.owed
        } else {
            fees(host, manager, &pool, tick, &position)?
        };
        Ok(Self {
            position,
            pool,
            sqrt_price,
            tick,
            fees,
        })
    }

    /// The words of the interface's `Position`, its figures against the sqrt price at `entry`.
    fn put(&self, entry: U256, output: &mut [Word; POSITION]) -> Result<(), Revert> {
        let position = &self.position;
        put!(output;
            self.pool,
            position.token0,
            position.token1,
            position.fee,
            position.tick_lower,
            position.tick_upper,
            position.liquidity,
            self.sqrt_price,
            self.tick,
            self.fees[0],
            self.fees[1],
        );
        let range = (position.tick_lower, position.tick_upper);
        match output.last_chunk_mut() {
            Some(figures) => put_figures(position.liquidity, (entry, self.sqrt_price), range, figures),
            None => Err(Revert::NOTHING),
        }
    }
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
    let mut held = [[0; 32]; 5];
    let key = pool_position_key(host, manager, position);
    host.view(pool, &[head(IUniswapV3Pool::positionsCall::SELECTOR), key], &mut held)?;
    let lower = growth_outside(host, pool, position.tick_lower)?;
    let upper = growth_outside(host, pool, position.tick_upper)?;
    let global = [
        IUniswapV3Pool::feeGrowthGlobal0X128Call::SELECTOR,
        IUniswapV3Pool::feeGrowthGlobal1X128Call::SELECTOR,
    ];
    let mut fees = [0; 2];
    for i in 0..2 {
        let global = uint(&host.view_word(pool, &[head(global[i])])?);
        let inside = growth_inside(
            tick,
            position.tick_lower,
            position.tick_upper,
            global,
            lower[i],
            upper[i],
        );
        let last = position.fee_growth_inside_last[i];
        let recorded = position.owed[i].wrapping_add(earned(inside, last, position.liquidity));
        let backing = uint128(&held[3 + i]).wrapping_add(earned(inside, uint(&held[1 + i]), uint128(&held[0])));
        fees[i] = recorded.min(backing);
    }
    Ok(fees)
}

/// Where a pool keeps what a position manager holds in one range: `keccak256(owner ‖ tickLower ‖ tickUpper)`, packed.
fn pool_position_key<H: Host>(host: &H, manager: &Address, position: &Position) -> Word {
    let mut packed = [0; 26];
    packed[..20].copy_from_slice(manager.as_slice());
    packed[20..23].copy_from_slice(&position.tick_lower.to_be_bytes()[1..]);
    packed[23..].copy_from_slice(&position.tick_upper.to_be_bytes()[1..]);
    host.keccak256(&packed)
}

/// Fee growth on the far side of a tick, token0 and token1.
fn growth_outside<H: Host>(host: &H, pool: &Address, tick: i32) -> Result<[U256; 2], Failed> {
    let mut words = [[0; 32]; 4];
    host.view(
        pool,
        &words![head(IUniswapV3Pool::ticksCall::SELECTOR), tick],
        &mut words,
    )?;
    Ok([uint(&words[2]), uint(&words[3])])
}
