//! Why a hedge is not changed, as the interface's errors.

use alloy_primitives::U256;
use alloy_sol_types::SolError;
use hedgerow_core::{full_math::mul_div, hedging::health, policy::Reason};
use hedgerow_positions::{
    errors::{Revert, call_failed},
    interfaces::IManager,
};
use hedgerow_program::{abi::revert, words};
use hedgerow_terms::interfaces::hedges::IHedges;
use hedgerow_venues::{
    aave::closed,
    venue::{COLLATERAL, VOLATILE},
};

use crate::{order::Order, stage::Stage};

/// A ray in which rates are told, per millionth.
const RAY_PER_MILLIONTH: U256 = U256::from_limbs([1_000_000_000_000_000_000_000_u128 as u64, 54, 0, 0]);

impl Stage {
    /// The error of a reason that stands in the way.
    #[cold]
    #[inline(never)]
    pub fn refused(&self, reason: Reason, order: &Order) -> Revert {
        let (market, plan, venue) = (&self.hedge.market, &self.plan, &self.hedge.venue);
        let trade = plan.trade.unsigned_abs();
        match reason {
            Reason::TradeTooSmall => revert(IHedges::NothingToHedge::SELECTOR, &words![trade, order.terms.min_trade]),
            Reason::OraclePrice | Reason::OracleStale | Reason::OracleDeviation => {
                // Of two prices one may be missing; of two that are apart from the pool's, neither is the wrong one.
                let which = usize::from(!market.prices[VOLATILE].is_zero() && market.prices[COLLATERAL].is_zero());
                revert(
                    IHedges::OraclePrice::SELECTOR,
                    &words![venue.asset(which), market.prices[which & 1], market.price_age],
                )
            }
            Reason::VenueClosed => {
                let why = if plan.trade > 0 { market.closed } else { market.stuck };
                let which = usize::from(why[VOLATILE] == 0);
                closed(venue.asset(which), why[which & 1])
            }
            Reason::VenueExhausted if plan.trade > 0 => {
                let which = usize::from(trade <= market.borrowable);
                let supplied = plan.collateral_after.saturating_sub(market.collateral);
                let (needed, left) = if which == VOLATILE {
                    (trade, market.borrowable)
                } else {
                    (supplied, market.suppliable)
                };
                exhausted(self, which, needed, left)
            }
            Reason::VenueExhausted => exhausted(self, COLLATERAL, market.collateral, market.withdrawable),
            Reason::RateTooHigh => revert(
                IHedges::RateExceeded::SELECTOR,
                &words![
                    mul_div(market.borrow_rate, U256::ONE, RAY_PER_MILLIONTH).unwrap_or(U256::MAX),
                    order.terms.max_borrow_rate
                ],
            ),
            Reason::HealthTooLow => {
                let now = health(market, market.debt, market.collateral);
                unhealthy(now.min(plan.health_after), order.terms.min_health)
            }
            Reason::CollateralShort if plan.trade > 0 => {
                let own = self.hedge.record.paid_in.saturating_add(plan.pay_in).unsigned_abs();
                revert(
                    IHedges::CollateralExceeded::SELECTOR,
                    &words![own, order.terms.max_collateral],
                )
            }
            // It does not pay for what is to be bought back.
            Reason::CollateralShort => exhausted(self, COLLATERAL, u128::MAX, market.collateral),
            Reason::FeesUnknown => revert(IHedges::FeesUnknown::SELECTOR, &words![order.terms.fees_since]),
            // The pool does not remember as much as the gate asks for.
            _ => call_failed(&venue.swap_pool, b"OLD"),
        }
    }
}

#[cold]
#[inline(never)]
fn exhausted(stage: &Stage, which: usize, needed: u128, left: u128) -> Revert {
    let asset = stage.hedge.venue.asset(which);
    revert(IHedges::VenueExhausted::SELECTOR, &words![asset, needed, left])
}

/// `HealthBelowMinimum`.
#[cold]
#[inline(never)]
pub fn unhealthy(health: u32, minimum: u32) -> Revert {
    revert(IHedges::HealthBelowMinimum::SELECTOR, &words![health, minimum])
}

/// `SwapIncomplete`.
#[cold]
#[inline(never)]
pub fn incomplete(wanted: &U256, swapped: &U256) -> Revert {
    revert(IManager::SwapIncomplete::SELECTOR, &words![wanted, swapped])
}
