//! The names of a hedge's terms in a policy's file, in the order of the Solidity structs.

/// The number of `HedgeTerms` in a defect.
pub const TERMS_RULE: u8 = 254;
/// The number of `HedgeRule` in a defect.
pub const RULE_RULE: u8 = 253;

/// Of `HedgeTerms`.
pub const TERMS: [&str; 15] = [
    "min-health",
    "health",
    "max-collateral",
    "min-trade",
    "max-oracle-deviation",
    "max-oracle-age",
    "max-borrow-rate",
    "horizon",
    "margin",
    "vol-window",
    "override-gate",
    "fees-since",
    "fee-growth0",
    "fee-growth1",
    "entry-price",
];

/// Of `HedgeRule`.
pub const RULE: [&str; 9] = [
    "target",
    "share",
    "band",
    "inner",
    "il-from",
    "range-exit",
    "elapsed",
    "low-health",
    "close-rate",
];

/// The name of a term, as the core counts them.
pub fn of(rule: u8, field: u8) -> &'static str {
    let names: &[&'static str] = if rule == TERMS_RULE { &TERMS } else { &RULE };
    names.get(usize::from(field)).copied().unwrap_or("hedge")
}
