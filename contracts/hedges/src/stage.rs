//! A position and its hedge as a call finds them, and what is to be done: the same for the action and for the quote.

use alloy_primitives::{Address, U256};
use alloy_sol_types::SolError;
use hedgerow_core::{
    hedging::{Outlook, Plan, Pool, outlook, plan, wanted},
    policy::{Reason, Snapshot},
    tick::range_sqrt_prices,
};
use hedgerow_positions::{
    errors::Revert,
    report::{principal, worth},
};
use hedgerow_program::{
    abi::{Word, revert},
    host::{Host, Storage},
    words,
};
use hedgerow_terms::{
    interfaces::hedges::IHedges,
    market::PoolOracle,
    place::{self, Place},
    store::Store,
};
use hedgerow_venues::{
    book,
    hedge::Hedge,
    price::{self, Price},
};

use crate::order::Order;

/// A position and its hedge.
pub struct Stage {
    /// How events and the book know the position.
    pub name: (Address, U256),
    /// The book's key of it.
    pub key: Word,
    /// The pool's price.
    pub price: Price,
    /// The position.
    pub snapshot: Snapshot,
    /// Its pool.
    pub pool: Pool,
    /// The hedge that is there, or would be opened.
    pub hedge: Hedge,
    /// What takes it to its target.
    pub plan: Plan,
}

impl Stage {
    /// Reads everything that an order speaks of. Changes nothing.
    ///
    /// Errors: `PositionGone` of a hedge whose position is not the account's any more, `NotOwner`, `ForeignVenue`, `InvalidHedge`,
    /// `CallFailed`.
    #[inline(never)]
    pub fn find<H: Storage>(host: &H, store: &Store, place: &Place, order: &Order) -> Result<Self, Revert> {
        order.require_sane()?;
        let name = place.name(host);
        let key = place::key(host, &name);
        let seen = match place.find(host) {
            Ok(seen) => seen,
            Err(_) if !book::entry(host, store, &key).is_none() => {
                return Err(revert(IHedges::PositionGone::SELECTOR, &words![name.0, name.1]));
            }
            Err(reason) => return Err(reason),
        };
        let (venue, limits) = (&seen.held.venue, &order.limits);
        let price = Price::read(host, &venue.pool, limits.window, limits.max_deviation)?;
        let snapshot = price.snapshot(host, Some(&seen))?;
        let pool = price::pool(host, venue, order.venue.volatile)?;
        let mut hedge = Hedge::find(host, store, &key, &order.venue, venue)?;
        hedge.begin(&order.terms, &price, snapshot.now);
        let target = wanted(
            &order.target,
            hedge.record.entry_sqrt_price,
            snapshot.liquidity,
            snapshot.range,
            price.sqrt_price,
            order.venue.volatile,
        );
        let plan = plan(
            target,
            &order.terms,
            &hedge.market,
            &pool,
            price.sqrt_price,
            &hedge.record,
        );
        Ok(Self {
            name,
            key,
            price,
            snapshot,
            pool,
            hedge,
            plan,
        })
    }

    /// What the position is worth, fees owed included; raw token1, rounded down.
    #[inline(never)]
    pub fn value(&self) -> U256 {
        let (at, snapshot) = (self.price.sqrt_price, &self.snapshot);
        let held = range_sqrt_prices(snapshot.range.0, snapshot.range.1)
            .map_or(U256::ZERO, |range| principal(at, range, snapshot.liquidity));
        held.saturating_add(worth(at, &snapshot.fees.map(U256::from)))
    }

    /// What the gate weighs, were the plan carried out. Reasons: `FeesUnknown`, `OracleTooShort`.
    #[inline(never)]
    pub fn outlook<H: Host>(&self, host: &H, order: &Order) -> Result<Outlook, Reason> {
        let pool = &self.hedge.venue.swap_pool;
        outlook(
            &order.terms,
            &self.plan.market_after(&self.hedge.market),
            &self.pool,
            &self.snapshot,
            self.price.sqrt_price,
            self.value(),
            self.plan.trade,
            &mut PoolOracle { host, pool },
        )
    }
}
