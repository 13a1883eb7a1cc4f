//! What a hedge is, what it would be, and what became of it; for anybody to ask.

use alloc::vec::Vec;
use alloy_sol_types::SolError;
use hedgerow_core::{
    guard::within_deviation,
    hedging::{Outlook, accounts, health},
    policy::Reason,
};
use hedgerow_positions::{errors::Revert, venue::Venue as PoolVenue};
use hedgerow_program::{
    abi::{Word, encode, revert, strict},
    host::Storage,
    words,
};
use hedgerow_terms::{
    interfaces::hedges::IHedges,
    place::{self, Place},
    store::Store,
};
use hedgerow_venues::{
    book,
    hedge::Hedge,
    price::{self, Price},
};

use crate::{
    compose::no_hedge,
    order::Order,
    stage::Stage,
    tell::{account_words, thousandths, wide},
};

/// `quoteHedge`.
#[inline(never)]
pub fn quote_hedge<H: Storage>(host: &H, place: &Place, order: &Order) -> Result<Vec<u8>, Revert> {
    let store = Store::open(host)?;
    let stage = Stage::find(host, &store, &place.newest(host)?, order)?;
    let (market, plan) = (&stage.hedge.market, &stage.plan);
    let outlook = stage.outlook(host, order);
    let weighed = outlook.unwrap_or_default();
    Ok(encode(&words![
        market.debt,
        market.collateral,
        thousandths(health(market, market.debt, market.collateral)),
        plan.target,
        wide(plan.trade),
        wide(plan.pay_in),
        thousandths(plan.health_after),
        market.borrow_rate,
        market.supply_rate,
        market.borrowable,
        market.suppliable,
        weighed.fees,
        weighed.lvr,
        weighed.carry,
        weighed.trading,
        weighed.gate,
        refusal(&stage, order, &outlook),
    ]))
}

/// The number of what is in the way; zero for nothing.
fn refusal(stage: &Stage, order: &Order, outlook: &Result<Outlook, Reason>) -> u8 {
    let near = stage
        .price
        .guard
        .as_ref()
        .is_none_or(|guard| within_deviation(stage.price.spot.tick, guard.mean_tick(), order.limits.max_deviation));
    let reason = match (stage.plan.refusal, outlook) {
        _ if !near => Reason::Deviation,
        (Some(reason), _) => reason,
        _ if stage.plan.trade <= 0 || order.terms.override_gate => return 0,
        (_, Err(reason)) => *reason,
        (_, Ok(outlook)) if outlook.gate.is_negative() => Reason::GateClosed,
        _ => return 0,
    };
    reason.code()
}

/// `hedgeOf`: nothing but zeros where there is none.
#[inline(never)]
pub fn hedge_of<H: Storage>(host: &H, place: &Place) -> Result<Vec<u8>, Revert> {
    let store = Store::open(host)?;
    let entry = book::entry(host, &store, &place::key(host, &place.name(host)));
    if entry.is_none() {
        return Ok(encode(&[[0; 32]; 10]));
    }
    let hedge = Hedge::of(host, &store, &entry)?;
    let (record, market) = (&hedge.record, &hedge.market);
    Ok(encode(&words![
        entry.margin,
        entry.kind,
        entry.volatile,
        record.entry_sqrt_price,
        record.opened_at,
        record.adjusted_at,
        market.debt,
        market.collateral,
        wide(record.paid_in),
        thousandths(health(market, market.debt, market.collateral)),
    ]))
}

/// `hedgeAccounts`. Errors: `NoHedge`; `PositionGone` of a hedge whose position is not the account's any more.
#[inline(never)]
pub fn hedge_accounts<H: Storage>(host: &H, place: &Place, [window]: &[Word; 1]) -> Result<Vec<u8>, Revert> {
    let window = strict::uint32(window)?;
    let store = Store::open(host)?;
    let name = place.name(host);
    let entry = book::entry(host, &store, &place::key(host, &name));
    if entry.is_none() {
        return Err(no_hedge(&name));
    }
    let Ok(seen) = place.find(host) else {
        return Err(revert(IHedges::PositionGone::SELECTOR, &words![name.0, name.1]));
    };
    let hedge = Hedge::of(host, &store, &entry)?;
    let venue: &PoolVenue = &seen.held.venue;
    let price = Price::read(host, &venue.pool, window, 0)?;
    let told = accounts(
        &hedge.record,
        &hedge.market,
        &price::pool(host, venue, hedge.venue.volatile)?,
        &price.snapshot(host, Some(&seen))?,
        price.sqrt_price,
    );
    Ok(encode(&account_words(&told)))
}
