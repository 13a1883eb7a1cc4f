//! Why the code refuses a policy, in words: which term, what it is, what would do.

use super::{Pair, keys};
use crate::{decimal::format_units, human};
use alloy::primitives::U256;
use hedgerow_core::policy::{Defect, GUARDS};

/// Rule and field of a defect, as the core counts them.
pub const fn place(defect: &Defect) -> (u8, u8) {
    match *defect {
        Defect::Invalid { rule, field } | Defect::Ceiling { rule, field, .. } => (rule, field),
    }
}

/// The defect as a sentence.
pub fn explain(defect: &Defect, pair: &Pair, now: u64) -> String {
    let (rule, field) = place(defect);
    let key = keys::of(rule, field);
    match *defect {
        Defect::Invalid { .. } => format!("{key} makes no sense as it stands: {}", sense(rule, field, pair)),
        Defect::Ceiling { limit, .. } => {
            let sign = if key == "bias" { "plus or minus " } else { "" };
            let limit = quantity(rule, field, limit, pair, now);
            format!("{key} is beyond what the code allows anybody to set; its limit is {sign}{limit}")
        }
    }
}

/// A limit in the unit of its term.
fn quantity(rule: u8, field: u8, limit: u128, pair: &Pair, now: u64) -> String {
    let small = u32::try_from(limit).unwrap_or(u32::MAX);
    let long = u64::try_from(limit).unwrap_or(u64::MAX);
    match keys::of(rule, field) {
        "expiry" => format!(
            "{} ({} from now)",
            human::date(long),
            human::seconds(long.saturating_sub(now))
        ),
        "twap-window" | "period" | "cooldown" | "sequencer-grace" | "out-for" | "vol-window" | "vol-horizon"
        | "elapsed" => human::seconds(long),
        "max-loss" | "max-period-loss" | "min-deployed" | "max-fee-share" | "il" | "delta-drift" => {
            human::percent(small)
        }
        "min-value" | "fees-value" => pair.token1.exact(U256::from(limit)),
        "fees-over-gas" => format_units(U256::from(limit), 1),
        "deviations" => format_units(U256::from(limit), 2),
        "rule" => format!("{limit} rules"),
        "width" | "max-width" | "out-ticks" | "max-deviation" | "bias" => format!("{limit} ticks"),
        _ => limit.to_string(),
    }
}

/// What a term may be.
fn sense(rule: u8, field: u8, pair: &Pair) -> String {
    let key = keys::of(rule, field);
    if rule == GUARDS {
        return of_guards(key, pair).into();
    }
    of_rule(key, pair)
}

fn of_guards(key: &str, pair: &Pair) -> &'static str {
    match key {
        "expiry" => "it lies in the past",
        "max-period-loss" => {
            "what all actions of a period may cost together cannot be less than what one of them may (max-loss)"
        }
        "fee-token" => "it is \"token0\" or \"token1\"",
        "native-token" => "it is \"token0\", \"token1\" or \"none\"",
        "sequencer-feed" if pair.chain_id == 42_161 => {
            "this chain has a sequencer, whose feed is 0xFdB631F5EE196F0ed6FAa767959853A9F217697D"
        }
        "sequencer-grace" => "without a sequencer-feed there is nothing to wait for: write \"0s\"",
        "entry-price" => "Uniswap cannot hold that price",
        "rule" => "a policy needs at least one [[rule]]",
        _ => "docs/policies.md says what it may be",
    }
}

fn of_rule(key: &str, pair: &Pair) -> String {
    let words = match key {
        "triggers" => {
            "nothing would ever make it act: add out-ticks and out-for, il, price-below or price-above, fees-value, \
             fees-over-gas, elapsed or delta-drift"
        }
        "out-ticks" => "for how long has to be said too: add out-for",
        "price-below" | "price-above" => "the lower price has to lie below the upper one, and both within Uniswap's",
        "fees-over-gas" => "which token is the wrapped native one has to be known: set native-token in [guards]",
        "range" => "a walk's range is of fixed width",
        "max-width" => "it is at least width",
        "deviations" => "with range = \"volatility\" it is above zero",
        "vol-horizon" => "with range = \"volatility\" it is above zero",
        _ => {
            return format!(
                "docs/policies.md says what it may be (the pool's ticks are multiples of {})",
                pair.spacing
            );
        }
    };
    words.into()
}
