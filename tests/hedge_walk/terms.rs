//! What the hedge may be, and when it is adjusted.

use alloy::primitives::{U160, U256, aliases::U24};
use hedgerow::bindings::IHedges::{HedgeLimits, HedgeRule, HedgeTarget, HedgeTerms};

/// The share of the delta by which the debt may be off.
pub const BAND: f64 = 0.05;
/// Seconds for which the gate weighs.
pub const HORIZON: u32 = 7 * 86_400;
/// Of the time-weighted price, and of what the gate takes for volatility.
pub const WINDOW: u32 = 600;
const VOL_WINDOW: u32 = 6 * 3_600;
/// All of the delta.
pub fn delta() -> HedgeTarget {
    HedgeTarget {
        kind: 1,
        share: U24::from(1_000_000),
        amount: 0,
    }
}

/// The price guard.
pub fn limits() -> HedgeLimits {
    HedgeLimits {
        twapWindow: WINDOW,
        maxTickDeviation: U24::from(200),
        release: 0,
        deadline: U256::MAX,
    }
}

/// Health of two, prices of feeds that agree within a per cent, fees that cover the costs of a week.
pub fn terms() -> HedgeTerms {
    HedgeTerms {
        minHealth: 1_300,
        health: 2_000,
        maxCollateral: u128::MAX,
        minTrade: 1_000_000_000_000_000,
        maxOracleDeviation: U24::from(10_000),
        maxOracleAge: 7_200,
        maxBorrowRate: U24::ZERO,
        horizon: HORIZON,
        margin: Default::default(),
        volWindow: VOL_WINDOW,
        overrideGate: false,
        feesSince: 0,
        feeGrowth0: U256::ZERO,
        feeGrowth1: U256::ZERO,
        entrySqrtPriceX96: U160::ZERO,
    }
}

/// The delta, within the band.
pub fn rule() -> HedgeRule {
    HedgeRule {
        target: 1,
        share: U24::from(1_000_000),
        band: U24::from(BAND * 1e6),
        inner: U24::from(10_000),
        il: U24::ZERO,
        rangeExit: true,
        elapsed: 0,
        lowHealth: 1_500,
        closeRate: U24::ZERO,
    }
}
