//! What it takes to bring a hedge to its target, and what the venue and the terms say against it.

use super::market::{
    COLLATERAL, DEBT, Market, Pool, bought, kept, quotient, rate, scale_at, sold, worth_of_collateral,
    worth_of_volatile,
};
use super::record::Record;
use super::terms::Terms;
use crate::policy::{MILLION, Reason, Scale};
use crate::wide::Wide;
use alloy_primitives::U256;

/// What a change of a hedge comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// Raw volatile token that will be owed.
    pub target: u128,
    /// Raw volatile token to sell (above zero) or to buy back.
    pub trade: i128,
    /// Raw collateral from the account (above zero) or to it.
    pub pay_in: i128,
    /// Raw collateral that will be there.
    pub collateral_after: u128,
    /// Thousandths.
    pub health_after: u32,
    /// What is in the way; nothing where the change can be made.
    pub refusal: Option<Reason>,
}

impl Plan {
    /// What the venue will say of the hedge.
    pub fn market_after(&self, market: &Market) -> Market {
        Market {
            debt: self.target,
            collateral: self.collateral_after,
            ..*market
        }
    }
}

/// How far a hedge is from its liquidation by the venue's prices, in thousandths: collateral times threshold over debt; rounded down.
///
/// The greatest integer without debt. Zero where there is debt and the venue has no price of an asset.
///
/// Source: Aave v3 `GenericLogic.calculateUserAccountData`, whose two values in base currency are rounded down before they are
/// divided; here nothing is.
pub fn health(market: &Market, debt: u128, collateral: u128) -> u32 {
    if debt == 0 {
        return u32::MAX;
    }
    if !market.is_priced() {
        return 0;
    }
    let covered = market.base(COLLATERAL, collateral).mul(&threshold(market));
    let thousandths = quotient(&covered, &market.base(DEBT, debt).mul(&Wide::from(TEN)), false);
    u32::try_from(thousandths).unwrap_or(u32::MAX)
}

/// What it takes to owe `target`, the trade made at the sqrt price `S` with the pool's fee.
///
/// Collateral is paid in or out until the terms' `health` is there by the venue's prices: `pay in = needed - there is - proceeds`,
/// needed and what buying back takes rounded up, proceeds rounded down. A reduction never takes anything of the account's, and pays
/// out only by prices that an enlargement would take too; to owe nothing pays out all that can be withdrawn.
///
/// Refusals, the first that holds. Of either: `TradeTooSmall` below `min_trade`, unless nothing is to be owed or the health is below
/// `min_health`. Of an enlargement: `OraclePrice`, `OracleStale`, `OracleDeviation`; `VenueClosed`; `VenueExhausted`; `RateTooHigh`;
/// `HealthTooLow` before or after; `CollateralShort` beyond `max_collateral`. Of a reduction: `VenueClosed` where the venue does not take
/// or pay at all; `CollateralShort` where the collateral does not pay for what is bought back; `VenueExhausted` where it cannot be
/// withdrawn; `HealthTooLow` where it would still be below one, which no venue lets pass.
pub fn plan(target: u128, terms: &Terms, market: &Market, pool: &Pool, sqrt_price: U256, record: &Record) -> Plan {
    let scale = scale_at(sqrt_price);
    let mut plan = if target > market.debt {
        enlarged(target, terms, market, pool, &scale, record)
    } else {
        reduced(target, terms, market, pool, &scale)
    };
    if too_small(&plan, terms, market) {
        plan.refusal = Some(Reason::TradeTooSmall);
    }
    plan
}

/// The most that may be owed so that the terms' `health` is there, when what is owed beyond it is bought back with the hedge's own
/// collateral at the sqrt price, the pool's fee included; rounded down. At most what is owed now.
///
/// `T = (C - D k) t / (h q - k t)`: collateral `C`, debt `D`, price with fee `k`, threshold `t`, the venue's own price `q`, health
/// `h`. Zero where no less debt reaches it, or the venue has no price.
pub fn deleveraged(terms: &Terms, market: &Market, pool: &Pool, sqrt_price: U256) -> u128 {
    if !market.is_priced() {
        return 0;
    }
    let (scale, million) = (scale_at(sqrt_price), Wide::from(u64::from(MILLION)));
    let all = worth_of_collateral(&scale, pool, market.collateral).mul(&kept(pool));
    let owed = worth_of_volatile(&scale, pool, market.debt).mul(&million);
    let lent = market.base(COLLATERAL, 1).mul(&threshold(market));
    let required = required(market, terms.health, 1).mul(&worth_of_collateral(&scale, pool, 1).mul(&kept(pool)));
    let freed = worth_of_volatile(&scale, pool, 1).mul(&million).mul(&lent);
    if all <= owed || required <= freed {
        return 0;
    }
    quotient(&all.sub(&owed).mul(&lent), &required.sub(&freed), false).min(market.debt)
}

/// Why the venue's prices do not do for an enlargement.
fn distrusted(terms: &Terms, market: &Market, scale: &Scale, pool: &Pool) -> Option<Reason> {
    if !market.is_priced() {
        return Some(Reason::OraclePrice);
    }
    if terms.max_oracle_age != 0 && market.price_age > terms.max_oracle_age.into() {
        return Some(Reason::OracleStale);
    }
    deviates(terms, market, scale, pool).then_some(Reason::OracleDeviation)
}

/// Whether the venue's price of the volatile token in the other one, over the pool's, is off one by more than allowed: both sides
/// times what the quotients are over.
fn deviates(terms: &Terms, market: &Market, scale: &Scale, pool: &Pool) -> bool {
    let venue = market.base(DEBT, 1).mul(&worth_of_collateral(scale, pool, 1));
    let pools = market.base(COLLATERAL, 1).mul(&worth_of_volatile(scale, pool, 1));
    let apart = if venue > pools {
        venue.sub(&pools)
    } else {
        pools.sub(&venue)
    };
    let allowed = Wide::from(u64::from(terms.max_oracle_deviation));
    apart.mul(&Wide::from(u64::from(MILLION))) > pools.mul(&allowed)
}

fn enlarged(target: u128, terms: &Terms, market: &Market, pool: &Pool, scale: &Scale, record: &Record) -> Plan {
    let trade = target.saturating_sub(market.debt);
    let proceeds = sold(scale, pool, trade);
    let have = market.collateral.saturating_add(proceeds);
    let needed = if market.is_priced() {
        needed(market, terms.health, target)
    } else {
        have
    };
    let pay_in = difference(needed, have);
    let collateral = resulting(have, pay_in);
    let health_after = health(market, target, collateral);
    let supplied = proceeds.saturating_add(u128::try_from(pay_in).unwrap_or(0));
    let rate_limit = rate(terms.max_borrow_rate);
    let own = record.paid_in.saturating_add(pay_in);
    let refusals = [
        (market.closed != [0, 0], Reason::VenueClosed),
        (
            trade > market.borrowable || supplied > market.suppliable,
            Reason::VenueExhausted,
        ),
        (
            terms.max_borrow_rate != 0 && market.borrow_rate > rate_limit,
            Reason::RateTooHigh,
        ),
        (
            health(market, market.debt, market.collateral) < terms.min_health,
            Reason::HealthTooLow,
        ),
        (
            u128::try_from(own).is_ok_and(|own| own > terms.max_collateral),
            Reason::CollateralShort,
        ),
        (health_after < terms.min_health, Reason::HealthTooLow),
    ];
    Plan {
        target,
        trade: difference(target, market.debt),
        pay_in,
        collateral_after: collateral,
        health_after,
        refusal: distrusted(terms, market, scale, pool).or_else(|| first(&refusals)),
    }
}

fn reduced(target: u128, terms: &Terms, market: &Market, pool: &Pool, scale: &Scale) -> Plan {
    let cost = bought(scale, pool, market.debt.saturating_sub(target));
    let have = market.collateral.saturating_sub(cost);
    let spare = if target == 0 {
        have
    } else if distrusted(terms, market, scale, pool).is_some() {
        0
    } else {
        have.saturating_sub(needed(market, terms.health, target))
    };
    let paid_out = spare.min(market.withdrawable.saturating_sub(cost));
    let collateral = have.saturating_sub(paid_out);
    let health_after = health(market, target, collateral);
    let refusals = [
        (market.stuck != [0, 0], Reason::VenueClosed),
        (cost > market.collateral, Reason::CollateralShort),
        (cost > market.withdrawable, Reason::VenueExhausted),
        (market.is_priced() && health_after < 1_000, Reason::HealthTooLow),
    ];
    Plan {
        target,
        trade: difference(target, market.debt),
        pay_in: difference(0, paid_out),
        collateral_after: collateral,
        health_after,
        refusal: first(&refusals),
    }
}

/// Whether there is nothing to do, or too little: closing, and what heals, is never too little.
fn too_small(plan: &Plan, terms: &Terms, market: &Market) -> bool {
    if plan.target == 0 {
        return market.debt == 0 && market.collateral == 0;
    }
    let trade = plan.trade.unsigned_abs();
    let heals = plan.trade < 0 && health(market, market.debt, market.collateral) < terms.min_health;
    trade == 0 || (trade < terms.min_trade && !heals)
}

/// Raw collateral that so much debt takes for a health; rounded up.
fn needed(market: &Market, health: u32, debt: u128) -> u128 {
    let divisor = market.base(COLLATERAL, 1).mul(&threshold(market));
    quotient(&required(market, health, debt), &divisor, true)
}

/// `10 health` times the debt's base: what collateral's base times its threshold has to be.
fn required(market: &Market, health: u32, debt: u128) -> Wide {
    let factor = u64::from(health).saturating_mul(TEN);
    market.base(DEBT, debt).mul(&Wide::from(factor))
}

/// Basis points of a threshold over thousandths of health.
const TEN: u64 = 10;

fn threshold(market: &Market) -> Wide {
    Wide::from(u64::from(market.threshold))
}

fn first(refusals: &[(bool, Reason)]) -> Option<Reason> {
    refusals.iter().find(|(refuses, _)| *refuses).map(|(_, reason)| *reason)
}

/// `a - b`; the nearest that fits.
fn difference(a: u128, b: u128) -> i128 {
    let size = i128::try_from(a.abs_diff(b)).unwrap_or(i128::MAX);
    if a < b { -size } else { size }
}

/// `have + pay in`.
fn resulting(have: u128, pay_in: i128) -> u128 {
    have.saturating_add_signed(pay_in)
}
