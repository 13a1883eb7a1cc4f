//! A policy to begin with: limits that suit the pair, and the rules of a preset. The owner changes what does not suit.

use super::{Pair, Policy};
use crate::error::{Error, Result};
use alloy::primitives::{Address, B256, U256, address};
use clap::ValueEnum;
use hedgerow_core::policy::{Action, Guards, Proceeds, RangeKind, Rule};

/// Arbitrum One, and Chainlink's uptime feed of its sequencer.
const ARBITRUM_ONE: u64 = 42_161;
const ARBITRUM_FEED: Address = address!("FdB631F5EE196F0ed6FAa767959853A9F217697D");

const HOUR: u32 = 3_600;
const DAY: u32 = 86_400;

/// A salt that no other policy has.
pub fn salt() -> Result<B256> {
    let mut salt = [0; 32];
    let failed = |error: getrandom::Error| Error::io("asking the system for a random salt")(error.into());
    getrandom::fill(&mut salt).map_err(failed)?;
    Ok(salt.into())
}

/// What a policy is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Preset {
    /// Rebalance around the price when it has left the range for good; leave when too much is lost
    #[default]
    Range,
    /// The same with a range as wide as the pool's own volatility asks for
    Volatility,
    /// Follow the price with one token, without swaps
    Walk,
    /// Put fees back in, weekly or when they are worth the gas
    Compound,
    /// Only leave: at a loss, or when the price leaves twice the range
    Protect,
}

/// What the defaults depend on.
#[derive(Clone, Debug)]
pub struct Circumstances {
    /// The pair.
    pub pair: Pair,
    /// The position's range.
    pub range: (i32, i32),
    /// Which token is the wrapped native one: 1 is token0, 2 is token1, 0 neither.
    pub native_token: u8,
    /// Raw token0 and token1 that the position would pay out, fees included.
    pub amounts: [U256; 2],
    /// The pool's sqrtPriceX96.
    pub sqrt_price: U256,
    /// The chain's time.
    pub now: u64,
}

impl Preset {
    /// Its policy for a position, with a salt of its own.
    pub fn policy(self, it: &Circumstances, salt: B256) -> Policy {
        Policy {
            guards: guards(it, salt),
            rules: self.rules(it),
        }
    }

    /// Seconds of the price average that its policy asks the pool for.
    pub const fn window(self) -> u32 {
        match self {
            Self::Volatility => DAY,
            _ => HOUR,
        }
    }

    fn rules(self, it: &Circumstances) -> Vec<Rule> {
        let spacing = it.pair.spacing.unsigned_abs().max(1);
        let width = it.range.1.abs_diff(it.range.0);
        let out = |action| Rule {
            out_ticks: spacing,
            out_seconds: HOUR,
            ..nothing(action)
        };
        let leave = Rule {
            il: 100_000,
            ..nothing(Action::Exit)
        };
        match self {
            Self::Range => vec![
                leave,
                Rule {
                    width,
                    ..out(Action::Rebalance)
                },
            ],
            Self::Volatility => vec![
                leave,
                Rule {
                    range_kind: RangeKind::Volatility,
                    width: multiple(width / 4, spacing),
                    max_width: multiple(width.saturating_mul(4).min(400_000), spacing),
                    vol_multiple: 200,
                    vol_window: DAY,
                    vol_horizon: 7 * DAY,
                    ..out(Action::Rebalance)
                },
            ],
            Self::Walk => vec![Rule {
                width,
                ..out(Action::Walk)
            }],
            Self::Compound => vec![Rule {
                fees_gas_multiple: if it.native_token == 0 { 0 } else { 200 },
                elapsed: 7 * DAY,
                ..nothing(Action::Compound)
            }],
            Self::Protect => {
                let half = i32::try_from(width / 2).unwrap_or(i32::MAX);
                let band = (it.range.0.saturating_sub(half), it.range.1.saturating_add(half));
                let limit = hedgerow_core::tick::MAX_TICK;
                vec![Rule {
                    il: 50_000,
                    band: (band.0.max(-limit), band.1.min(limit)),
                    ..nothing(Action::Exit)
                }]
            }
        }
    }
}

/// The multiple of `spacing` at or below `ticks`, but one at least.
fn multiple(ticks: u32, spacing: u32) -> u32 {
    (ticks / spacing).max(1) * spacing
}

/// A rule without a trigger.
fn nothing(action: Action) -> Rule {
    Rule {
        action,
        out_ticks: 0,
        out_seconds: 0,
        il: 0,
        band: (0, 0),
        fees_value: 0,
        fees_gas_multiple: 0,
        elapsed: 0,
        delta_drift: 0,
        range_kind: RangeKind::Fixed,
        width: 0,
        max_width: 0,
        bias: 0,
        vol_multiple: 0,
        vol_window: 0,
        vol_horizon: 0,
        proceeds: Proceeds::Both,
    }
}

fn guards(it: &Circumstances, salt: B256) -> Guards {
    let fee_token = if it.native_token == 1 { 0 } else { 1 };
    // A rebalance swaps about half of the value, and moves the price a little.
    let max_loss = (it.pair.fee / 2 + 2_000).min(20_000);
    let known = it.pair.chain_id == ARBITRUM_ONE;
    Guards {
        keeper: Address::ZERO,
        expiry: it.now + 90 * u64::from(DAY),
        twap_window: HOUR / 2,
        // A tick is about 100 millionths: three times the fee, which is what arbitrage leaves unused.
        max_deviation: (it.pair.fee * 3 / 100).clamp(30, 200),
        max_loss,
        max_period_loss: max_loss * 4,
        period: 7 * DAY,
        cooldown: 4 * HOUR,
        max_per_day: 4,
        max_runs: 0,
        min_deployed: 950_000,
        min_value: 0,
        fee_token,
        max_fee: a_thousandth(it, fee_token),
        max_fee_share: 200_000,
        native_token: it.native_token,
        sequencer_feed: if known { ARBITRUM_FEED } else { Address::ZERO },
        sequencer_grace: if known { HOUR } else { 0 },
        keep_entry: true,
        entry_sqrt_price: U256::ZERO,
        salt: salt.0,
    }
}

/// A thousandth of the position's value in one of its tokens, cut to two digits: more than gas costs, less than anybody minds.
pub fn a_thousandth(it: &Circumstances, token: u8) -> u128 {
    let [amount0, amount1] = it.amounts;
    let one = U256::from(1) << 96;
    let convert = |amount: U256, numerator: U256, denominator: U256| {
        let once = hedgerow_core::full_math::mul_div(amount, numerator, denominator);
        once.and_then(|half| hedgerow_core::full_math::mul_div(half, numerator, denominator))
            .unwrap_or_default()
    };
    let value = match token {
        0 => amount0.saturating_add(convert(amount1, one, it.sqrt_price)),
        _ => amount1.saturating_add(convert(amount0, it.sqrt_price, one)),
    };
    let fee = value / U256::from(1_000);
    let digits = fee.to_string().len().saturating_sub(2);
    let unit = U256::from(10).pow(U256::from(digits));
    u128::try_from(fee / unit * unit).unwrap_or(u128::MAX)
}
