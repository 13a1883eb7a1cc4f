//! The swap: solved against the pool as it stands, executed on the pool itself, its callback announced and paid.

use alloy_primitives::{Address, U256};
use alloy_sol_types::{SolCall, SolError};
use hedgerow_core::{liquidity::amounts_to_mint, tick::range_sqrt_prices, zap};
use hedgerow_program::{
    abi::{Encode, Word, address, head, revert, uint},
    host::{Failed, Host},
    words,
};

use crate::{
    errors::{OrRevert, Revert, call_failed, reported},
    interfaces::{IManager, ISwapCallback, IUniswapV3Pool},
    pool::{self, PoolTicks, Unreadable},
    price::Guard,
    slots::{CALLBACK_MAX, CALLBACK_POOL, CALLBACK_TOKEN, ZERO},
    token,
};

/// The pool to swap in, as the position being moved names it.
pub struct Venue {
    /// The pool.
    pub pool: Address,
    /// Its two tokens.
    pub tokens: [Address; 2],
    /// Its fee in hundredths of a basis point.
    pub fee: u32,
    /// Its tick spacing.
    pub spacing: i32,
}

/// What is held after the swap, and what a mint takes of it.
pub struct Mix {
    /// Token0 and token1 held, of what the old position paid out.
    pub held: [U256; 2],
    /// Token0 and token1 that the new position takes at the price that the swap leaves.
    pub taken: [U256; 2],
}

/// Sells as much of one token as leaves the two amounts in the ratio that `[lower, upper]` takes.
///
/// Everything must be sold before the price reaches the guard's limit, or nothing is.
pub fn to_ratio<H: Host>(
    host: &H,
    venue: &Venue,
    (lower, upper): (i32, i32),
    amounts: &[U256; 2],
    guard: Option<&Guard>,
) -> Result<Mix, Revert> {
    let state = pool::state(host, &venue.pool, venue.fee).or_revert(host, &venue.pool)?;
    let unusable = |_| call_failed(&venue.pool, &[]);
    let (lower, upper) = range_sqrt_prices(lower, upper).map_err(unusable)?;
    let plan = solve(host, venue, &state, (lower, upper), amounts)?;
    let (taken0, taken1) = amounts_to_mint(plan.sqrt_price, lower, upper, plan.liquidity).map_err(unusable)?;
    let mix = Mix {
        held: [plan.amount0, plan.amount1],
        taken: [taken0, taken1],
    };
    if plan.amount_in.is_zero() {
        return Ok(mix);
    }
    let limit = Guard::price_limit(guard, plan.zero_for_one);
    // A pool refuses a limit that lies behind the price; there is then no room to sell anything.
    let room = if plan.zero_for_one {
        limit < state.sqrt_price
    } else {
        limit > state.sqrt_price
    };
    let sold = if room {
        execute(host, venue, plan.zero_for_one, &plan.amount_in, &limit).or_revert(host, &venue.pool)?
    } else {
        U256::ZERO
    };
    if sold == plan.amount_in {
        return Ok(mix);
    }
    let arguments = words![plan.amount_in, sold];
    Err(revert(IManager::SwapIncomplete::SELECTOR, &arguments))
}

/// The swap to make. Figures that no pool can hold count as the pool's failure, without a reason.
fn solve<H: Host>(
    host: &H,
    venue: &Venue,
    state: &zap::Pool,
    (lower, upper): (U256, U256),
    amounts: &[U256; 2],
) -> Result<zap::Plan, Revert> {
    let mut ticks = PoolTicks::new(host, &venue.pool, venue.spacing);
    zap::solve(state, lower, upper, amounts[0], amounts[1], &mut ticks).map_err(|unreadable| match unreadable {
        Unreadable::Call => reported(host, &venue.pool),
        Unreadable::Figures => call_failed(&venue.pool, &[]),
    })
}

/// Announces the callback, swaps, withdraws the announcement; returns what the pool took.
fn execute<H: Host>(host: &H, venue: &Venue, zero_for_one: bool, amount: &U256, limit: &U256) -> Result<U256, Failed> {
    let token = venue.tokens[usize::from(!zero_for_one)];
    announce(host, &venue.pool.word(), &token.word(), &amount.word());
    let call = words![
        head(IUniswapV3Pool::swapCall::SELECTOR),
        host.this(),
        u32::from(zero_for_one),
        amount,
        limit,
        // Where the callback's data begins, and that there is none.
        160_u32,
        0_u32,
    ];
    let mut deltas = [[0; 32]; 2];
    host.send(&venue.pool, &call, &mut deltas)?;
    announce(host, &ZERO, &ZERO, &ZERO);
    Ok(uint(&deltas[usize::from(!zero_for_one)]))
}

#[inline(never)]
fn announce<H: Host>(host: &H, pool: &Word, token: &Word, maximum: &Word) {
    host.set_transient(&CALLBACK_POOL, pool);
    host.set_transient(&CALLBACK_TOKEN, token);
    host.set_transient(&CALLBACK_MAX, maximum);
}

/// Pays the pool for the swap under way: that pool, once, one token, at most what was announced.
///
/// Behind the shell this is never reached, because the shell answers the same way in place; it serves an EOA that
/// delegates straight to the program.
pub fn callback<H: Host>(host: &H, amount0: U256, amount1: U256) -> Result<(), Revert> {
    let caller = host.caller();
    let expected = address(&host.transient(&CALLBACK_POOL));
    if caller != expected {
        return Err(revert(
            ISwapCallback::CallbackRefused::SELECTOR,
            &words![caller, expected],
        ));
    }
    let positive = |amount: U256| !amount.is_zero() && !amount.bit(255);
    if positive(amount0) == positive(amount1) {
        return Err(revert(
            ISwapCallback::CallbackAmounts::SELECTOR,
            &words![amount0, amount1],
        ));
    }
    let amount = if positive(amount0) { amount0 } else { amount1 };
    let maximum = uint(&host.transient(&CALLBACK_MAX));
    if amount > maximum {
        return Err(revert(
            ISwapCallback::CallbackExceedsMaximum::SELECTOR,
            &words![amount, maximum],
        ));
    }
    // Shut before the token, which may be anybody's code, gets to run.
    host.set_transient(&CALLBACK_POOL, &ZERO);
    let token = address(&host.transient(&CALLBACK_TOKEN));
    token::transfer(host, &token, &expected, &amount).or_revert(host, &token)
}
