//! `hedgerow plan`: what is planned against closed forms, published figures and simulated paths; and as a user meets it.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "../common/mod.rs"]
mod common;

mod asked;
mod chain;
mod closed;
mod simulated;

use hedgerow::plan::{Choice, Given, Line, compare::line};

/// Thirty days of 365.
pub const MONTH: f64 = 30.0 / 365.0;

/// A position of 10,000 at every price, at 2000; a volatility of 80 %.
pub fn given() -> Given {
    Given {
        value: 10_000.0,
        is_total: false,
        price: 2_000.0,
        range: None,
        volatility: 0.8,
        fee_apr: 0.2,
        horizon: MONTH,
        borrow_rate: 0.03,
        supply_rate: 0.02,
        threshold: 0.78,
        health: 2.0,
        pool_fee: 0.000_5,
        band: 0.1,
        inner: 0.02,
        margin: 0.0,
        between: (1_000.0, 4_000.0),
        risk_price: 0.1,
        management: None,
    }
}

/// One way by itself.
pub fn planned(given: &Given, choice: Choice) -> Line {
    given.check().unwrap();
    line(given, choice).unwrap()
}

/// Refuses what is off by more than that share.
pub fn close(told: f64, expected: f64, tolerance: f64) {
    let allowed = tolerance * expected.abs().max(1e-9);
    assert!((told - expected).abs() <= allowed, "{told} is not {expected}");
}
