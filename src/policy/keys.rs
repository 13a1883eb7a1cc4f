//! The names of a policy's terms in its file, in the order of the Solidity structs, so that a term and its number say the same.

use crate::hedge::keys as hedge;
use hedgerow_core::policy;

/// Of `Guards`.
pub const GUARDS: [&str; 21] = [
    "keeper",
    "expiry",
    "twap-window",
    "max-deviation",
    "max-loss",
    "max-period-loss",
    "period",
    "cooldown",
    "max-per-day",
    "max-runs",
    "min-deployed",
    "min-value",
    "fee-token",
    "max-fee",
    "max-fee-share",
    "native-token",
    "sequencer-feed",
    "sequencer-grace",
    "keep-entry",
    "entry-price",
    "salt",
];

/// Of `Rule`.
pub const RULE: [&str; 18] = [
    "action",
    "out-ticks",
    "out-for",
    "il",
    "price-below",
    "price-above",
    "fees-value",
    "fees-over-gas",
    "elapsed",
    "delta-drift",
    "range",
    "width",
    "max-width",
    "bias",
    "deviations",
    "vol-window",
    "vol-horizon",
    "proceeds",
];

/// The name of a term by rule and field, as the core and the chain count them.
pub fn of(rule: u8, field: u8) -> &'static str {
    if rule == hedge::TERMS_RULE || rule == hedge::RULE_RULE {
        return hedge::of(rule, field);
    }
    let names: &[&'static str] = if rule == policy::GUARDS { &GUARDS } else { &RULE };
    // The field after the last stands for the list of rules, or for a rule's triggers.
    let whole = if rule == policy::GUARDS { "rule" } else { "triggers" };
    names.get(usize::from(field)).copied().unwrap_or(whole)
}
