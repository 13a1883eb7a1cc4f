//! Moving a position to another range, in one call: pay out, swap to the new range's ratio, mint, burn the old NFT.

use alloy_primitives::{Address, U256};
use alloy_sol_types::{SolError, SolEvent};
use hedgerow_core::tick::is_usable_range;
use hedgerow_program::{
    abi::{Call, Malformed, Word, revert, strict, uint},
    host::Host,
    uniswap::{self, Position},
    words,
};

use crate::{
    errors::{OrRevert, Revert, call_failed},
    interfaces::IManager,
    pool,
    position::{self, Minted},
    price::Guard,
    swap::{self, Venue},
    token,
};

/// What is to be done, and what the caller is willing to accept.
pub struct Order {
    manager: Address,
    token_id: U256,
    range: (i32, i32),
    twap_window: u32,
    max_tick_deviation: u32,
    min_liquidity: u128,
    minimum: [U256; 2],
    deadline: U256,
}

impl Order {
    /// The arguments of `rebalance`.
    pub fn decode(call: &Call<'_>) -> Result<Self, Malformed> {
        let [
            manager,
            token_id,
            lower,
            upper,
            window,
            deviation,
            liquidity,
            least0,
            least1,
            deadline,
        ] = call.head()?;
        Ok(Self {
            manager: strict::address(manager)?,
            token_id: uint(token_id),
            range: (strict::int24(lower)?, strict::int24(upper)?),
            twap_window: strict::uint32(window)?,
            max_tick_deviation: strict::uint24(deviation)?,
            min_liquidity: strict::uint128(liquidity)?,
            minimum: [uint(least0), uint(least1)],
            deadline: uint(deadline),
        })
    }
}

/// Carries the order out; everything or nothing. Only what the old position paid out is used, measured as the change of
/// the account's own balances, so that whatever else it holds stays untouched.
pub fn run<H: Host>(host: &H, order: &Order) -> Result<Minted, Revert> {
    let now = host.timestamp();
    if U256::from(now) > order.deadline {
        return Err(revert(IManager::DeadlinePassed::SELECTOR, &words![order.deadline, now]));
    }
    position::require_owned(host, &order.manager, &order.token_id)?;
    let old = uniswap::position(host, &order.manager, &order.token_id).or_revert(host, &order.manager)?;
    if old.liquidity == 0 {
        return Err(revert(IManager::NoLiquidity::SELECTOR, &words![order.token_id]));
    }
    let venue = venue(host, order, &old)?;
    let guard = Guard::read(host, &venue.pool, order.twap_window, order.max_tick_deviation)?;
    check(host, guard.as_ref(), &venue)?;

    let before = balances(host, &venue)?;
    position::pay_out(host, &order.manager, &order.token_id, &old, &order.minimum)?;
    // Before the mint: the new NFT then takes the storage that the old one frees, which saves some 50,000 gas.
    position::burn(host, &order.manager, &order.token_id)?;
    let paid_out = gained(host, &venue, &before)?;
    let mut mix = swap::to_ratio(host, &venue, order.range, &paid_out, guard.as_ref())?;
    // Never more than there is, whatever the tokens did; nor more than was reckoned with. The allowances too: a phisher's
    // factory can deploy Uniswap's pool code with other tokens in it, which then pays out none of ours.
    for (i, there) in gained(host, &venue, &before)?.into_iter().enumerate() {
        mix.held[i] = mix.held[i].min(there);
        mix.taken[i] = mix.taken[i].min(mix.held[i]);
    }
    let minted = position::mint(host, &order.manager, &old, order.range, &mix, order.min_liquidity)?;
    check(host, guard.as_ref(), &venue)?;
    report(host, order, &minted);
    Ok(minted)
}

/// The pool of the old position, once it is certain that it accepts the new range.
fn venue<H: Host>(host: &H, order: &Order, old: &Position) -> Result<Venue, Revert> {
    // Uniswap's order. One token twice would count what comes once as two, and leave an allowance behind.
    if old.token0 >= old.token1 {
        return Err(call_failed(&order.manager, &[]));
    }
    let pool = uniswap::pool(host, &order.manager, old).or_revert(host, &order.manager)?;
    let spacing = pool::tick_spacing(host, &pool).or_revert(host, &pool)?;
    let (lower, upper) = order.range;
    if !is_usable_range(lower, upper, spacing) {
        let arguments = words![lower, upper, spacing];
        return Err(revert(IManager::InvalidRange::SELECTOR, &arguments));
    }
    Ok(Venue {
        pool,
        tokens: [old.token0, old.token1],
        fee: old.fee,
        spacing,
    })
}

fn check<H: Host>(host: &H, guard: Option<&Guard>, venue: &Venue) -> Result<(), Revert> {
    guard.map_or(Ok(()), |guard| guard.check(host, &venue.pool))
}

fn balances<H: Host>(host: &H, venue: &Venue) -> Result<[U256; 2], Revert> {
    let [token0, token1] = &venue.tokens;
    Ok([
        token::balance(host, token0).or_revert(host, token0)?,
        token::balance(host, token1).or_revert(host, token1)?,
    ])
}

/// What the account holds beyond what it held `before`.
fn gained<H: Host>(host: &H, venue: &Venue, before: &[U256; 2]) -> Result<[U256; 2], Revert> {
    let now = balances(host, venue)?;
    Ok([now[0].saturating_sub(before[0]), now[1].saturating_sub(before[1])])
}

/// Emits `Rebalanced`.
fn report<H: Host>(host: &H, order: &Order, minted: &Minted) {
    let words: [Word; 9] = words![
        IManager::Rebalanced::SIGNATURE_HASH.0,
        order.manager,
        order.token_id,
        minted.token_id,
        order.range.0,
        order.range.1,
        minted.liquidity,
        minted.amounts[0],
        minted.amounts[1],
    ];
    host.log(4, &words);
}
