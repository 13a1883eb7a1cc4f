//! What a hedge is to be, and what a policy says of one. The fields stand in the order of their Solidity structs.

use alloy_primitives::U256;

/// How much of the volatile token should be owed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// Nothing.
    None,
    /// The position's delta.
    Delta,
    /// The delta of its impermanent loss; none where that is below zero.
    IlDelta,
    /// An amount.
    Amount,
}

impl Kind {
    /// The kind of a number on the chain; nothing for a number that is none.
    pub const fn from_code(code: u8) -> Option<Self> {
        Some(match code {
            0 => Self::None,
            1 => Self::Delta,
            2 => Self::IlDelta,
            3 => Self::Amount,
            _ => return None,
        })
    }

    /// The number on the chain.
    pub const fn code(self) -> u8 {
        self as u8
    }
}

/// `HedgeTarget`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target {
    /// What of.
    pub kind: Kind,
    /// Millionths of it, of the two deltas.
    pub share: u32,
    /// Raw volatile token, of an amount.
    pub amount: u128,
}

impl Target {
    /// That so much raw volatile token should be owed.
    pub const fn of(amount: u128) -> Self {
        Self {
            kind: Kind::Amount,
            share: 0,
            amount,
        }
    }
}

/// `HedgeTerms`: what a hedge may do, and the gate that it has to pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// Thousandths: the health that must be there before the hedge is enlarged and afterwards.
    pub min_health: u32,
    /// Thousandths: what collateral is paid in or out for.
    pub health: u32,
    /// Raw collateral: the most that the account's own money in the hedge may come to.
    pub max_collateral: u128,
    /// Raw volatile token: a smaller change is not worth its cost.
    pub min_trade: u128,
    /// Millionths between the venue's prices and the mean price, beyond which nothing is enlarged.
    pub max_oracle_deviation: u32,
    /// Seconds since the venue's prices were last told, beyond which nothing is enlarged; zero: not asked.
    pub max_oracle_age: u32,
    /// Millionths a year, beyond which nothing is enlarged; zero: any.
    pub max_borrow_rate: u32,
    /// Seconds for which the gate weighs fees against costs.
    pub horizon: u32,
    /// Millionths of the position's value by which the fees must exceed the costs.
    pub margin: i32,
    /// Seconds over which the gate measures volatility.
    pub vol_window: u32,
    /// Whether the owner enlarges whatever the gate says.
    pub override_gate: bool,
    /// When the pool's fee growth was as follows.
    pub fees_since: u64,
    /// The pool's `feeGrowthGlobal0X128` and `feeGrowthGlobal1X128` then.
    pub fee_growth: [U256; 2],
    /// Where impermanent loss is counted from; zero for the mean price when the hedge is first opened.
    pub entry_sqrt_price: U256,
}

/// `HedgeRule`: when a keeper adjusts a hedge. A trigger of zero is not used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HedgeRule {
    /// What should be owed: one of the two deltas.
    pub target: Kind,
    /// Millionths of it.
    pub share: u32,
    /// Millionths of the position's whole delta by which the debt may be off its target.
    pub band: u32,
    /// Millionths of it at which the debt ends, on the side that it came from, when it was off.
    pub inner: u32,
    /// Millionths of impermanent loss since entry from which on a hedge is opened at all.
    pub il: u32,
    /// Whether the hedge is adjusted, whatever the band, once the mean price has left the range.
    pub range_exit: bool,
    /// Seconds since the last change after which it is adjusted, whatever the band.
    pub elapsed: u32,
    /// Thousandths: below this health the hedge is reduced until the terms' `health` is reached.
    pub low_health: u32,
    /// Millionths a year: the borrow rate above which the hedge is closed.
    pub close_rate: u32,
}
