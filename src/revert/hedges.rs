//! What hedges and their margin accounts refuse, in words.

use crate::{
    bindings::{IHedges::IHedgesErrors, IMargin::IMarginErrors},
    hedge::write::health,
    human,
};
use alloy::primitives::U256;

/// What a hedge is refused for.
pub fn hedges(error: IHedgesErrors) -> String {
    match error {
        IHedgesErrors::NoHedge(e) => format!("position {} of {} has no hedge", e.id, e.source),
        IHedgesErrors::ForeignVenue(e) => format!(
            "the hedge lives elsewhere: {} was named, and it is {}; close it first, or name that",
            e.found, e.expected
        ),
        IHedgesErrors::InvalidHedge(e) => format!("term {} of the hedge makes no sense", e.field),
        IHedgesErrors::NothingToHedge(e) => format!(
            "only {} raw units would be traded, less than the minimum of {}: there is nothing to do, or lower --min-trade",
            e.trade, e.minTrade
        ),
        IHedgesErrors::GateClosed(e) => format!(
            "the gate is closed: the fees expected fall short of the costs expected by {} raw token1; wait for more fees or lower rates, \
             or sign --override-gate",
            e.gate.unsigned_abs()
        ),
        IHedgesErrors::FeesUnknown(e) => format!(
            "the pool's fees are known only since {}: the gate needs an hour at least, so name an earlier --fees-since, or wait",
            human::date(e.since.saturating_to())
        ),
        IHedgesErrors::HealthBelowMinimum(e) => format!(
            "the health factor would be {}, below the minimum of {}: pay in more, or hedge less",
            thousandths(e.health),
            thousandths(e.minHealth)
        ),
        IHedgesErrors::CollateralExceeded(e) => format!(
            "{} raw units of the account's own money would be in the hedge, more than the {} allowed: raise --max-collateral, or hedge less",
            e.paidIn, e.maxCollateral
        ),
        other => venue(other),
    }
}

/// What lies with the venue.
fn venue(error: IHedgesErrors) -> String {
    match error {
        IHedgesErrors::OraclePrice(e) if e.price.is_zero() => {
            format!("the venue has no price of {}: only reducing is possible", e.asset)
        }
        IHedgesErrors::OraclePrice(e) => format!(
            "the venue's price of {}, {} and {} s old, is too old or too far from the pool's: wait, or raise --max-oracle-age or \
             --max-oracle-deviation; reducing is possible",
            e.asset, e.price, e.age
        ),
        IHedgesErrors::ReserveClosed(e) => {
            let why = match e.why {
                1 => "inactive",
                2 => "frozen",
                3 => "paused",
                4 => "not lent out",
                5 => "not taken as collateral",
                _ => "closed",
            };
            format!("{} is {why} at the venue now", e.asset)
        }
        IHedgesErrors::VenueExhausted(e) => format!(
            "the venue has {} raw units of {} left, and {} are needed: hedge less, or wait",
            e.left, e.asset, e.needed
        ),
        IHedgesErrors::RateExceeded(e) => format!(
            "borrowing costs {} a year, more than the {} allowed: wait, or raise --max-borrow-rate",
            human::percent(e.rate.saturating_to()),
            human::percent(e.maximum.saturating_to())
        ),
        IHedgesErrors::PositionGone(e) => format!(
            "position {} of {} is not there any more: `hedgerow hedge close` is all that is left to do",
            e.id, e.source
        ),
        other => super::trim(&format!("{other:?}")),
    }
}

/// What a margin account refuses.
pub fn margin(error: IMarginErrors) -> String {
    match error {
        IMarginErrors::NotOwner(e) => format!("{} does not own this margin account", e.caller),
        other => super::trim(&format!("{other:?}")),
    }
}

fn thousandths(number: U256) -> String {
    health(number.saturating_to())
}
