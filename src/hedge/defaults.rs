//! What a hedge may be unless its owner says otherwise: limits that suit a volatile token against a stable one on Aave.

use super::growth::Baseline;
use alloy::primitives::U256;
use hedgerow_core::{
    hedging::{HedgeRule, Kind, Terms},
    policy::MILLION,
};

const HOUR: u32 = 3_600;
const DAY: u32 = 86_400;

/// Thousandths: the health factor below which nothing is enlarged.
pub const MIN_HEALTH: u32 = 1_500;
/// Thousandths: the health factor that collateral is paid in for.
pub const HEALTH: u32 = 2_000;
/// Thousandths: where a keeper reduces the hedge.
const LOW_HEALTH: u32 = 1_550;
/// Millionths between the venue's prices and the pool's.
pub const MAX_ORACLE_DEVIATION: u32 = 10_000;
/// Chainlink's slowest feeds answer daily.
pub const MAX_ORACLE_AGE: u32 = DAY + HOUR;
/// Millionths a year.
pub const MAX_BORROW_RATE: u32 = 200_000;
/// What the gate looks ahead, and back for volatility.
pub const HORIZON: u32 = 30 * DAY;
/// See [`HORIZON`].
pub const VOL_WINDOW: u32 = DAY;
/// How far back fees are counted.
pub const FEES_SINCE: &str = "1d";

/// What a hedge's size and its gate depend on.
#[derive(Clone, Copy, Debug)]
pub struct Circumstances {
    /// The pool's fee growth some time ago.
    pub baseline: Baseline,
    /// Raw collateral token that the position is worth.
    pub worth: u128,
    /// Raw volatile token that it holds at most, over all prices.
    pub most: u128,
}

/// Terms to begin with: no more collateral than the position is worth one and a half times, no change below a hundredth of its greatest
/// delta.
pub fn terms(it: &Circumstances) -> Terms {
    Terms {
        min_health: MIN_HEALTH,
        health: HEALTH,
        max_collateral: rounded(it.worth.saturating_add(it.worth / 2)),
        min_trade: rounded(it.most / 100),
        max_oracle_deviation: MAX_ORACLE_DEVIATION,
        max_oracle_age: MAX_ORACLE_AGE,
        max_borrow_rate: MAX_BORROW_RATE,
        horizon: HORIZON,
        margin: 0,
        vol_window: VOL_WINDOW,
        override_gate: false,
        fees_since: it.baseline.since,
        fee_growth: it.baseline.growth,
        entry_sqrt_price: U256::ZERO,
    }
}

/// A keeper's rule to begin with: the whole delta, adjusted when it is a tenth off, or when the price has left the range.
pub const fn rule() -> HedgeRule {
    HedgeRule {
        target: Kind::Delta,
        share: MILLION,
        band: MILLION / 10,
        inner: MILLION / 50,
        il: 0,
        range_exit: true,
        elapsed: 0,
        low_health: LOW_HEALTH,
        close_rate: 300_000,
    }
}

/// Cut to two digits.
pub fn rounded(amount: u128) -> u128 {
    let digits = amount.to_string().len().saturating_sub(2);
    let unit = 10_u128.saturating_pow(u32::try_from(digits).unwrap_or_default());
    amount / unit * unit
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_cut_to_two_digits() {
        assert_eq!([0, 7, 42, 129, 15_734].map(rounded), [0, 7, 42, 120, 15_000]);
    }
}
