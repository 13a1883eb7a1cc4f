//! What a policy says: guards that always hold, and rules of which any may fire.

use alloy_primitives::{Address, U256};

/// What a keeper may never do, whatever fires. The fields stand in the order of the Solidity struct `Guards`, by which
/// [`Defect`](super::Defect) counts them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Guards {
    /// The only one who may run it; zero for anybody.
    pub keeper: Address,
    /// The last timestamp at which it acts.
    pub expiry: u64,
    /// Seconds of the mean price, by which everything is valued and held against spot.
    pub twap_window: u32,
    /// Ticks that spot may lie from the mean, both ends included.
    pub max_deviation: u32,
    /// Millionths of the position's value that one action may cost, without the keeper's fee.
    pub max_loss: u32,
    /// The same, of all actions of a period together.
    pub max_period_loss: u32,
    /// Seconds of such a period; it begins with the first action after the last one ended.
    pub period: u32,
    /// Seconds between two actions.
    pub cooldown: u32,
    /// Actions in a day of UTC.
    pub max_per_day: u16,
    /// Actions in all; zero for as many as the expiry allows.
    pub max_runs: u32,
    /// Millionths of what is to be deployed that must be liquidity after a rebalance or a walk.
    pub min_deployed: u32,
    /// Raw token1 that the position must be worth, fees included.
    pub min_value: u128,
    /// What the keeper is paid in: 0 or 1.
    pub fee_token: u8,
    /// Raw fee token for one action.
    pub max_fee: u128,
    /// Millionths of the fees that the position had earned when the action began.
    pub max_fee_share: u32,
    /// Which token is the wrapped native one: 1 for token0, 2 for token1, 0 for neither.
    pub native_token: u8,
    /// Chainlink's uptime feed of the chain's sequencer; zero where the chain has none.
    pub sequencer_feed: Address,
    /// Seconds after the sequencer came back during which nothing happens.
    pub sequencer_grace: u32,
    /// Count impermanent loss from the first entry through all ranges, rather than from the last range's.
    pub keep_entry: bool,
    /// Where impermanent loss is counted from; zero for the mean price when the policy is set.
    pub entry_sqrt_price: U256,
    /// Tells apart policies that are otherwise the same.
    pub salt: [u8; 32],
}

/// When, and what then. A trigger of zeros is not used; of those that are, any one suffices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// What is done.
    pub action: Action,
    /// Out of range by at least so many whole ticks, at spot and in the mean of `out_seconds`, on the same side.
    pub out_ticks: u32,
    /// Seconds of that mean; zero: not used.
    pub out_seconds: u32,
    /// Millionths of impermanent loss since entry; zero: not used.
    pub il: u32,
    /// The mean tick below the first or above the second; equal: not used.
    pub band: (i32, i32),
    /// Fees owed, in raw token1; zero: not used.
    pub fees_value: u128,
    /// Fees owed worth so many tenths of what the action's gas costs; zero: not used.
    pub fees_gas_multiple: u16,
    /// Seconds since the last action, or since the policy was set; zero: not used.
    pub elapsed: u32,
    /// Millionths by which token0's share of the liquidity's value moved since then; zero: not used.
    pub delta_drift: u32,
    /// How wide a rebalance's range is.
    pub range_kind: RangeKind,
    /// Ticks from end to end; the least of a range scaled by volatility.
    pub width: u32,
    /// The most of a range scaled by volatility.
    pub max_width: u32,
    /// Ticks by which the range's middle lies above the mean tick.
    pub bias: i32,
    /// Hundredths of standard deviations on either side of the middle.
    pub vol_multiple: u16,
    /// Seconds over which volatility is measured.
    pub vol_window: u32,
    /// Seconds for which it is scaled.
    pub vol_horizon: u32,
    /// What an exit leaves the account with.
    pub proceeds: Proceeds,
}

/// What a rule does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Action {
    /// Takes the position to a range around the mean price.
    Rebalance,
    /// Moves a one-sided position up to the price, without a swap.
    Walk,
    /// Takes everything out; the policy ends.
    Exit,
    /// Adds the fees to the position.
    Compound,
    /// Pays the fees out to the account.
    Harvest,
}

/// What an exit leaves the account with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Proceeds {
    /// Both tokens, without a swap.
    Both,
    /// Token0 only.
    Token0,
    /// Token1 only.
    Token1,
}

/// How wide a rebalance's range is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum RangeKind {
    /// `width` ticks.
    Fixed,
    /// As many standard deviations as the rule says, between `width` and `max_width` ticks.
    Volatility,
}

impl Action {
    /// The action of a number on the chain; nothing for a number that is none.
    pub const fn from_code(code: u8) -> Option<Self> {
        Some(match code {
            0 => Self::Rebalance,
            1 => Self::Walk,
            2 => Self::Exit,
            3 => Self::Compound,
            4 => Self::Harvest,
            _ => return None,
        })
    }

    /// The number on the chain.
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// Whether it takes the position to another range.
    pub const fn re_ranges(self) -> bool {
        matches!(self, Self::Rebalance | Self::Walk)
    }
}

impl Proceeds {
    /// The proceeds of a number on the chain; nothing for a number that is none.
    pub const fn from_code(code: u8) -> Option<Self> {
        Some(match code {
            0 => Self::Both,
            1 => Self::Token0,
            2 => Self::Token1,
            _ => return None,
        })
    }

    /// The number on the chain.
    pub const fn code(self) -> u8 {
        self as u8
    }
}

impl RangeKind {
    /// The kind of a number on the chain; nothing for a number that is none.
    pub const fn from_code(code: u8) -> Option<Self> {
        Some(match code {
            0 => Self::Fixed,
            1 => Self::Volatility,
            _ => return None,
        })
    }

    /// The number on the chain.
    pub const fn code(self) -> u8 {
        self as u8
    }
}

impl Rule {
    /// Whether it withdraws without touching the pool's price: such an action never lowers the value at the mean price, so the
    /// distance from it does not matter.
    pub fn only_withdraws(&self) -> bool {
        match self.action {
            Action::Harvest => true,
            Action::Exit => self.proceeds == Proceeds::Both,
            Action::Rebalance | Action::Walk | Action::Compound => false,
        }
    }
}
