//! The swap: solved against the pool as it stands, executed on the pool itself, its callback announced; the shell pays it.

use alloy_primitives::U256;
use alloy_sol_types::{SolCall, SolError};
use hedgerow_core::{liquidity::amounts_to_mint, zap};
use hedgerow_program::{
    abi::{Encode, Word, head, revert, uint},
    host::{Failed, Host},
    words,
};

use crate::{
    errors::{OrRevert, Revert, call_failed, reported},
    interfaces::{IManager, IUniswapV3Pool},
    pool::{self, PoolTicks, Unreadable},
    price::{Guard, Spot},
    slots::{CALLBACK_MAXIMA, CALLBACK_POOL, CALLBACK_TOKENS, ZERO},
    venue::Venue,
};

/// What is held after the swap, and what a mint takes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mix {
    /// Token0 and token1 that may be used.
    pub held: [U256; 2],
    /// Token0 and token1 that the range takes of them at `sqrt_price`, rounded up.
    pub taken: [U256; 2],
    /// The liquidity that they are.
    pub liquidity: u128,
    /// The pool's sqrt price (Q64.96).
    pub sqrt_price: U256,
}

impl Mix {
    /// Never more than there is, whatever the tokens did, nor more than was reckoned with. A token may take a fee; a phisher's
    /// factory can deploy Uniswap's pool code with other tokens in it, which then pays out none of ours.
    ///
    /// Where there is less than was to be taken, `liquidity` is too much for it.
    pub fn limit(&mut self, available: &[U256; 2]) {
        for (i, there) in available.iter().enumerate() {
            self.held[i] = self.held[i].min(*there);
            self.taken[i] = self.taken[i].min(self.held[i]);
        }
    }
}

/// Sells as much of one token as leaves the two amounts in the ratio that the range between two sqrt prices takes.
///
/// Everything must be sold before the price reaches the guard's limit, or nothing is: `SwapIncomplete`.
pub fn to_ratio<H: Host>(
    host: &H,
    venue: &Venue,
    spacing: i32,
    (lower, upper): (U256, U256),
    amounts: &[U256; 2],
    guard: Option<&Guard>,
) -> Result<Mix, Revert> {
    let pool = &venue.pool;
    // Read again: whoever paid the tokens out may have moved the price.
    let spot = Spot::read(host, pool)?;
    let liquidity = pool::liquidity(host, pool).or_revert(host, pool)?;
    let state = zap::Pool {
        sqrt_price: spot.sqrt_price,
        tick: spot.tick,
        liquidity,
        fee_pips: venue.fee,
    };
    let plan = solve(host, venue, spacing, &state, (lower, upper), amounts)?;
    let taken = amounts_to_mint(plan.sqrt_price, lower, upper, plan.liquidity);
    let (taken0, taken1) = taken.map_err(|_| call_failed(pool, &[]))?;
    if !plan.amount_in.is_zero() {
        sell(host, venue, plan.zero_for_one, &plan.amount_in, &spot, guard)?;
    }
    Ok(Mix {
        held: [plan.amount0, plan.amount1],
        taken: [taken0, taken1],
        liquidity: plan.liquidity,
        sqrt_price: plan.sqrt_price,
    })
}

/// Sells `amount`, fee included, of one token: all of it before the price reaches the guard's limit, or nothing:
/// `SwapIncomplete`. `spot` is the price at which it begins.
pub fn sell<H: Host>(
    host: &H,
    venue: &Venue,
    zero_for_one: bool,
    amount: &U256,
    spot: &Spot,
    guard: Option<&Guard>,
) -> Result<(), Revert> {
    let limit = Guard::price_limit(guard, zero_for_one);
    // A pool refuses a limit that lies behind the price; there is then no room to sell anything.
    let room = if zero_for_one {
        limit < spot.sqrt_price
    } else {
        limit > spot.sqrt_price
    };
    let sold = if room {
        execute(host, venue, zero_for_one, amount, &limit).or_revert(host, &venue.pool)?
    } else {
        U256::ZERO
    };
    if sold == *amount {
        return Ok(());
    }
    let arguments = words![amount, sold];
    Err(revert(IManager::SwapIncomplete::SELECTOR, &arguments))
}

/// The swap to make. Figures that no pool can hold count as the pool's failure, without a reason.
fn solve<H: Host>(
    host: &H,
    venue: &Venue,
    spacing: i32,
    state: &zap::Pool,
    (lower, upper): (U256, U256),
    amounts: &[U256; 2],
) -> Result<zap::Plan, Revert> {
    let mut ticks = PoolTicks::new(host, &venue.pool, spacing);
    zap::solve(state, lower, upper, amounts[0], amounts[1], &mut ticks).map_err(|unreadable| match unreadable {
        Unreadable::Call => reported(host, &venue.pool),
        Unreadable::Figures => call_failed(&venue.pool, &[]),
    })
}

/// Announces the callback, swaps, withdraws the announcement; returns what the pool took.
fn execute<H: Host>(host: &H, venue: &Venue, zero_for_one: bool, amount: &U256, limit: &U256) -> Result<U256, Failed> {
    let sold = usize::from(!zero_for_one);
    announce(
        host,
        &venue.pool.word(),
        sold,
        &venue.tokens[sold].word(),
        &amount.word(),
    );
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
    announce(host, &ZERO, sold, &ZERO, &ZERO);
    Ok(uint(&deltas[sold]))
}

/// Says that `pool` may call back, and be paid in its token `index` at most `maximum`; the other token's maximum stays zero.
#[inline(never)]
pub fn announce<H: Host>(host: &H, pool: &Word, index: usize, token: &Word, maximum: &Word) {
    host.set_transient(&CALLBACK_POOL, pool);
    host.set_transient(&CALLBACK_TOKENS[index & 1], token);
    host.set_transient(&CALLBACK_MAXIMA[index & 1], maximum);
}
