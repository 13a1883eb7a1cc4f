//! What the tests start from: a position around a price of one, both tokens with 18 decimals, worth the same to the venue.

pub use crate::policies::{History, NOW, at, guards, snapshot, spot, state};
use hedgerow_core::hedging::{HedgeDecision, HedgeRule, Kind, Market, Pool, Record, Terms, decide_hedge};
use hedgerow_core::policy::{Oracle, Snapshot};
use hedgerow_core::{I256, U256};

pub const MONTH: u32 = 30 * 86_400;
/// A whole token.
pub const ONE: u128 = 1_000_000_000_000_000_000;
/// A ray's hundredth.
pub const PERCENT: u128 = 10_000_000_000_000_000_000_000_000;

pub fn terms() -> Terms {
    Terms {
        min_health: 1_500,
        health: 2_000,
        max_collateral: u128::MAX,
        min_trade: 0,
        max_oracle_deviation: 50_000,
        max_oracle_age: 3_600,
        max_borrow_rate: 200_000,
        horizon: MONTH,
        margin: 0,
        vol_window: 4_800,
        override_gate: false,
        fees_since: NOW - 86_400,
        fee_growth: [U256::ZERO; 2],
        entry_sqrt_price: U256::ZERO,
    }
}

pub fn rule() -> HedgeRule {
    HedgeRule {
        target: Kind::Delta,
        share: 1_000_000,
        band: 100_000,
        inner: 50_000,
        il: 0,
        range_exit: false,
        elapsed: 0,
        low_health: 1_600,
        close_rate: 0,
    }
}

/// Nothing hedged yet; liquidated at 80 %; 3 % to borrow, 1 % to lend.
pub fn market() -> Market {
    Market {
        debt: 0,
        collateral: 0,
        prices: [U256::from(100_000_000); 2],
        price_age: 0,
        decimals: [18, 18],
        threshold: 8_000,
        borrow_rate: U256::from(3 * PERCENT),
        supply_rate: U256::from(PERCENT),
        borrowable: u128::MAX,
        suppliable: u128::MAX,
        withdrawable: u128::MAX,
        closed: [0; 2],
        stuck: [0; 2],
    }
}

pub fn hedged(debt: u128, collateral: u128) -> Market {
    Market {
        debt,
        collateral,
        ..market()
    }
}

/// A fee of 0.05 %; a thousandth of the liquidity was earned, of either token.
pub fn pool() -> Pool {
    Pool {
        fee_pips: 500,
        fee_growth: [(U256::from(1) << 128) / U256::from(1_000); 2],
        volatile: 0,
    }
}

/// What the rule says of a position and its hedge.
pub fn said<O: Oracle>(rule: &HedgeRule, market: &Market, snapshot: &Snapshot, oracle: &mut O) -> HedgeDecision {
    decided(&terms(), rule, market, snapshot, oracle)
}

pub fn decided<O: Oracle>(
    terms: &Terms,
    rule: &HedgeRule,
    market: &Market,
    snapshot: &Snapshot,
    oracle: &mut O,
) -> HedgeDecision {
    let record = Record::default();
    decide_hedge(
        &guards(),
        terms,
        rule,
        &state(),
        &record,
        market,
        &pool(),
        snapshot,
        oracle,
    )
}

/// The same where spot and mean are at a tick.
pub fn at_tick(rule: &HedgeRule, market: &Market, tick: i32) -> HedgeDecision {
    said(rule, market, &spot(tick), &mut History::still(tick))
}

/// A figure that fits.
pub fn small(value: I256) -> i128 {
    i128::try_from(value).unwrap()
}
