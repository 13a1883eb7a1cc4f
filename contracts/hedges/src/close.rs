//! Closing a hedge: buying back what is owed, and taking the collateral home.

use alloc::vec::Vec;
use alloy_primitives::U256;
use alloy_sol_types::SolError;
use hedgerow_positions::{
    errors::{OrRevert, Revert},
    token,
    venue::Venue as PoolVenue,
};
use hedgerow_program::{
    abi::{encode, revert},
    host::Storage,
    words,
};
use hedgerow_terms::{
    interfaces::hedges::IHedges,
    place::{self, Place, Seen},
    store::Store,
};
use hedgerow_venues::{
    aave::closed as reserve_closed,
    book,
    hedge::Hedge,
    price::{self, Price},
    venue::{Traded, VOLATILE, Venue},
};

use crate::{
    adjust::{require_less, require_near},
    order::Limits,
    tell::{Change, Left, purse},
};

/// `closeHedge`. Who may, the caller has made sure of. Errors: those of the interface.
#[inline(never)]
pub fn close_hedge<H: Storage>(host: &H, place: &Place, repay: &U256, limits: &Limits) -> Result<Vec<u8>, Revert> {
    limits.require_in_time(host)?;
    let store = Store::open(host)?;
    let left = closed(host, &store, &place.newest(host)?, repay, limits)?;
    host.flush();
    Ok(encode(&words![left.market.debt, left.paid_out]))
}

/// Buys back what is owed, at most `repay` of it from the account's own tokens, as far as the pool goes; once nothing is owed pays out
/// all collateral and forgets the hedge. The position need not be there. Nothing is flushed.
///
/// Errors: `NoHedge`, `ReserveClosed`, `PriceDeviation`, `CallFailed`, `SwapIncomplete` where the pool gives nothing at all.
#[inline(never)]
pub fn closed<H: Storage>(
    host: &H,
    store: &Store,
    place: &Place,
    repay: &U256,
    limits: &Limits,
) -> Result<Left, Revert> {
    let name = place.name(host);
    let key = place::key(host, &name);
    let entry = book::entry(host, store, &key);
    if entry.is_none() {
        return Err(revert(IHedges::NoHedge::SELECTOR, &words![name.0, name.1]));
    }
    let mut hedge = Hedge::of(host, store, &entry)?;
    if let Some(which) = hedge.market.stuck.iter().position(|why| *why != 0) {
        return Err(reserve_closed(hedge.venue.asset(which), hedge.market.stuck[which & 1]));
    }
    let price = Price::read(host, &hedge.venue.swap_pool, limits.window, limits.max_deviation)?;
    require_near(&price)?;
    let seen = place.find(host).ok();
    let snapshot = price.snapshot(host, seen.as_ref().filter(|seen| within(seen, &hedge)))?;
    let before = purse(host, &hedge)?;
    let repaid = &(*repay).min(U256::from(hedge.market.debt)).min(before[VOLATILE]);
    let traded = repay_and_buy(host, &hedge, &price, repaid)?;
    pay_out(host, &hedge, limits)?;
    let pool = PoolVenue {
        pool: hedge.venue.swap_pool,
        tokens: hedge.venue.tokens,
        fee: 0,
    };
    let change = Change {
        name: &name,
        before,
        named: [*repaid, U256::ZERO],
        traded,
        sold: false,
        sqrt_price: price.sqrt_price,
        snapshot: &snapshot,
        pool: &price::pool(host, &pool, hedge.venue.volatile)?,
    };
    let left = change.settle(host, &mut hedge)?;
    require_less(hedge.market.debt, &hedge.market, &left.market)?;
    if left.market.debt == 0 && left.market.collateral == 0 {
        book::strike(host, store, &key, &hedge.margin);
    } else {
        hedge.keep(host, store, &key);
    }
    Ok(left)
}

/// Whether a position is in the pool in which the hedge trades.
fn within(seen: &Seen, hedge: &Hedge) -> bool {
    seen.held.venue.pool == hedge.venue.swap_pool
}

/// Sends what the account repays itself, and buys back the rest of what is owed.
#[inline(never)]
fn repay_and_buy<H: Storage>(host: &H, hedge: &Hedge, price: &Price, repaid: &U256) -> Result<Traded, Revert> {
    let (venue, margin) = (&hedge.venue, &hedge.margin);
    if !repaid.is_zero() {
        let token = venue.asset(VOLATILE);
        token::transfer(host, token, margin, repaid).or_revert(host, token)?;
    }
    let (limit, room) = price.limit(!venue.sells_token0());
    let owed = U256::from(hedge.market.debt).saturating_sub(*repaid);
    let amount = if room { owed } else { U256::ZERO };
    if amount.is_zero() && repaid.is_zero() {
        return Ok(Traded::default());
    }
    venue.reduce(host, margin, &amount, &limit)
}

/// All collateral once nothing is owed, as far as the venue has it; until then only what is to be released. What is owed the venue
/// says: a gift of the volatile token repays some of it, so that less is bought than was owed.
#[inline(never)]
fn pay_out<H: Storage>(host: &H, hedge: &Hedge, limits: &Limits) -> Result<(), Revert> {
    let market = hedge.venue.market(host, &hedge.margin)?;
    let amount = if market.debt != 0 {
        U256::from(limits.release)
    } else if market.collateral > market.withdrawable {
        U256::from(market.withdrawable)
    } else if market.collateral == 0 {
        U256::ZERO
    } else {
        U256::MAX
    };
    if amount.is_zero() {
        return Ok(());
    }
    hedge.venue.withdraw(host, &hedge.margin, &amount)
}
