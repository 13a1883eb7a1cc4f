//! Taking a hedge to its target.

use alloc::vec::Vec;
use alloy_primitives::{I256, U256};
use alloy_sol_types::{SolError, SolEvent};
use hedgerow_core::{
    hedging::{Kind, Market},
    policy::Reason,
};
use hedgerow_positions::{
    errors::{OrRevert, Revert},
    interfaces::IManager,
    token,
};
use hedgerow_program::{
    abi::{encode, revert},
    host::{Host, Storage},
    words,
};
use hedgerow_terms::{interfaces::hedges::IHedges, place::Place, store::Store};
use hedgerow_venues::{
    hedge::signed,
    price::Price,
    venue::{COLLATERAL, Traded, Venue},
};

use crate::{
    close,
    order::Order,
    refusal::{incomplete, unhealthy},
    stage::Stage,
    tell::{Change, Left, purse, thousandths},
};

/// `hedge`. Who may, the caller has made sure of. Errors: those of the interface.
#[inline(never)]
pub fn hedge<H: Storage>(host: &H, place: &Place, order: &Order) -> Result<Vec<u8>, Revert> {
    order.limits.require_in_time(host)?;
    let store = Store::open(host)?;
    let place = place.newest(host)?;
    let left = to_target(host, &store, &place, order, false)?;
    host.flush();
    Ok(encode(&words![
        left.market.debt,
        left.market.collateral,
        thousandths(left.health)
    ]))
}

/// Opens the hedge of a position, or takes it to its target; nothing is flushed. A target of nothing closes it, as far as the pool
/// lets it. `lenient` leaves it as it is where the change would be too small, which otherwise is `NothingToHedge`.
#[inline(never)]
pub fn to_target<H: Storage>(
    host: &H,
    store: &Store,
    place: &Place,
    order: &Order,
    lenient: bool,
) -> Result<Left, Revert> {
    if order.target.kind == Kind::None {
        return close::closed(host, store, place, &U256::ZERO, &order.limits);
    }
    let mut stage = Stage::find(host, store, place, order)?;
    if lenient && stage.plan.refusal == Some(Reason::TradeTooSmall) {
        return Ok(Left {
            market: stage.hedge.market,
            health: stage.plan.health_after,
            paid_out: U256::ZERO,
        });
    }
    require_near(&stage.price)?;
    let left = if stage.plan.trade > 0 {
        stage.enlarge(host, order)?
    } else {
        stage.reduce(host, order)?
    };
    stage.require_healthy(host, order, &left)?;
    // A swap stops before the guard's limit, but a token may call anybody.
    let pool = &stage.hedge.venue.swap_pool;
    hedgerow_positions::price::Guard::end(stage.price.guard.as_ref(), host, pool)?;
    stage.hedge.keep(host, store, &stage.key);
    Ok(left)
}

/// Refuses a spot price that is too far from the mean: `PriceDeviation`.
pub fn require_near(price: &Price) -> Result<(), Revert> {
    match &price.guard {
        Some(guard) => guard.check(price.spot.tick),
        None => Ok(()),
    }
}

/// Refuses a reduction after which as much is owed as before, which would pay whoever had it made for nothing: `SwapIncomplete`.
pub fn require_less(wanted: u128, before: &Market, after: &Market) -> Result<(), Revert> {
    if wanted != 0 && after.debt >= before.debt {
        return Err(incomplete(&U256::from(wanted), &U256::ZERO));
    }
    Ok(())
}

impl Stage {
    /// Pays in what is needed, and sells. All or nothing.
    #[inline(never)]
    fn enlarge<H: Storage>(&mut self, host: &H, order: &Order) -> Result<Left, Revert> {
        if self.snapshot.liquidity == 0 {
            return Err(revert(IManager::NoLiquidity::SELECTOR, &words![self.name.1]));
        }
        if let Some(reason) = self.plan.refusal {
            return Err(self.refused(reason, order));
        }
        self.pass_gate(host, order)?;
        let before = purse(host, &self.hedge)?;
        if let Some(salt) = &self.hedge.salt {
            // A factory that makes another account than it foretold is not to be trusted with anything.
            let made = self.hedge.venue.open(host, salt)?;
            if made != self.hedge.margin {
                return Err(hedgerow_venues::book::foreign(&made, &self.hedge.margin));
            }
        }
        let pay_in = U256::from(self.plan.pay_in.max(0).unsigned_abs());
        let (margin, collateral) = (&self.hedge.margin, *self.hedge.venue.asset(COLLATERAL));
        if !pay_in.is_zero() {
            token::transfer(host, &collateral, margin, &pay_in).or_revert(host, &collateral)?;
        }
        let spare = signed(order.limits.release).saturating_sub(self.plan.pay_in.min(0));
        let wanted = U256::from(self.plan.trade.unsigned_abs());
        let (limit, room) = self.price.limit(self.hedge.venue.sells_token0());
        let mut traded = Traded::default();
        if room {
            let pay_out = U256::from(spare.unsigned_abs());
            traded = self.hedge.venue.enlarge(host, margin, &wanted, &limit, &pay_out)?;
        }
        if traded.amount != wanted {
            return Err(incomplete(&wanted, &traded.amount));
        }
        self.settle(host, before, pay_in, traded)
    }

    /// Buys back as much as the pool gives before the price reaches its limit. What the plan pays out is paid only when all of it
    /// was bought.
    #[inline(never)]
    fn reduce<H: Storage>(&mut self, host: &H, order: &Order) -> Result<Left, Revert> {
        if let Some(reason) = self.plan.refusal {
            return Err(self.refused(reason, order));
        }
        let before = purse(host, &self.hedge)?;
        let (venue, margin) = (&self.hedge.venue, &self.hedge.margin);
        let wanted = U256::from(self.plan.trade.unsigned_abs());
        let (limit, room) = self.price.limit(!venue.sells_token0());
        let mut traded = Traded::default();
        if room && !wanted.is_zero() {
            traded = venue.reduce(host, margin, &wanted, &limit)?;
        }
        let mut spare = U256::from(order.limits.release);
        if traded.amount >= wanted {
            // What the pool took beyond the plan is not there to be paid out.
            spare = spare.saturating_add(U256::from(self.unspent(&traded)));
        }
        if !spare.is_zero() {
            venue.withdraw(host, margin, &spare)?;
        }
        let left = self.settle(host, before, U256::ZERO, traded)?;
        require_less(self.plan.trade.unsigned_abs(), &self.hedge.market, &left.market)?;
        Ok(left)
    }

    /// What the plan pays out, less what the pool took beyond it.
    fn unspent(&self, traded: &Traded) -> u128 {
        let after: u128 = U256::from(self.hedge.market.collateral)
            .saturating_sub(traded.swapped)
            .saturating_to();
        let planned = self.plan.pay_in.min(0).unsigned_abs();
        planned.min(after.saturating_sub(self.plan.collateral_after))
    }

    fn settle<H: Storage>(
        &mut self,
        host: &H,
        before: [U256; 2],
        pay_in: U256,
        traded: Traded,
    ) -> Result<Left, Revert> {
        let change = Change {
            name: &self.name,
            before,
            named: [U256::ZERO, pay_in],
            traded,
            sold: self.plan.trade > 0,
            sqrt_price: self.price.sqrt_price,
            snapshot: &self.snapshot,
            pool: &self.pool,
        };
        change.settle(host, &mut self.hedge)
    }

    /// Refuses to enlarge where the costs expected exceed the fees expected: `GateClosed`, `FeesUnknown`; or says that the owner did not
    /// mind: `GateOverridden`, with the least integer where nothing could be weighed.
    #[inline(never)]
    fn pass_gate<H: Host>(&self, host: &H, order: &Order) -> Result<(), Revert> {
        let gate = match self.outlook(host, order) {
            Ok(outlook) if !outlook.gate.is_negative() => return Ok(()),
            Ok(outlook) => outlook.gate,
            Err(_) if order.terms.override_gate => I256::MIN,
            Err(reason) => return Err(self.refused(reason, order)),
        };
        if !order.terms.override_gate {
            return Err(revert(IHedges::GateClosed::SELECTOR, &words![gate]));
        }
        let topics = words![
            IHedges::GateOverridden::SIGNATURE_HASH.0,
            self.name.0,
            self.name.1,
            gate
        ];
        host.log(3, &topics);
        Ok(())
    }

    /// The floor afterwards. An enlargement is held to what the venue itself reckons; a reduction, which may be forced, only must not
    /// leave less health than there was.
    #[inline(never)]
    fn require_healthy<H: Host>(&self, host: &H, order: &Order, left: &Left) -> Result<(), Revert> {
        let minimum = order.terms.min_health;
        if self.plan.trade > 0 {
            let own = self.hedge.venue.health(host, &self.hedge.margin)?.min(left.health);
            return if own >= minimum {
                Ok(())
            } else {
                Err(unhealthy(own, minimum))
            };
        }
        let market = &self.hedge.market;
        let before = hedgerow_core::hedging::health(market, market.debt, market.collateral);
        if left.health >= minimum.min(before) {
            return Ok(());
        }
        Err(unhealthy(left.health, minimum))
    }
}
