//! From the `[hedge]` table of a policy's file to its terms.

use super::{HedgePolicy, Venue, keys, terms::AAVE_V3};
use crate::{
    decimal::format_units,
    document::{Faults, Places, Section},
    human,
    policy::{
        Pair,
        read::{entry, guards_of, token_number},
    },
};
use alloy::primitives::U256;
use hedgerow_core::{
    hedging::{HedgeRule, Kind, Terms},
    policy::{Defect, Guards},
};
use toml::de::DeValue;

/// A hedge's terms, and where they stand.
#[derive(Clone, Debug)]
pub struct Source {
    /// The policy.
    pub policy: HedgePolicy,
    /// Where the table's values are.
    pub places: Places,
    /// Where its own guards are, if it has any.
    pub guards: Option<Places>,
}

/// The table as it is written, sensible or not; the file's own guards hold for it where it has none.
pub fn hedge(mut it: Section<'_>, shared: Option<&Guards>, pair: &Pair, faults: &mut Faults) -> Source {
    let f = faults;
    let own = it
        .optional_table(f, "guards")
        .map(|section| guards_of(section, pair, f));
    it.value(f, "venue", None, venue);
    let volatile = it.value(f, "volatile", None, |v| token_number(v, pair));
    let venue = Venue {
        margins: it.value(f, "margins", None, |v| human::address(v, "none")),
        market: it.value(f, "market", None, |v| human::address(v, "none")),
        volatile,
        e_mode: it.value(f, "e-mode", Some(0), human::whole),
    };
    let (borrowed, lent) = (pair.token(volatile), pair.token(1 - volatile));
    let terms = Terms {
        min_health: it.value(f, "min-health", None, health),
        health: it.value(f, "health", None, health),
        max_collateral: it.value(f, "max-collateral", None, |v| human::amount(v, lent)),
        min_trade: it.value(f, "min-trade", Some(0), |v| human::amount(v, borrowed)),
        max_oracle_deviation: it.value(f, "max-oracle-deviation", None, human::share),
        max_oracle_age: it.value(f, "max-oracle-age", None, human::duration),
        max_borrow_rate: it.value(f, "max-borrow-rate", Some(0), human::share),
        horizon: it.value(f, "horizon", None, human::duration),
        margin: it.value(f, "margin", Some(0), |v| human::signed_share_of(human::text(v)?)),
        vol_window: it.value(f, "vol-window", None, human::duration),
        override_gate: it.value(f, "override-gate", Some(false), human::boolean),
        fees_since: it.value(f, "fees-since", None, human::moment),
        fee_growth: [
            it.value(f, "fee-growth0", None, growth),
            it.value(f, "fee-growth1", None, growth),
        ],
        entry_sqrt_price: it.value(f, "entry-price", Some(U256::ZERO), |v| entry(v, pair)),
    };
    let rule = HedgeRule {
        target: it
            .value(f, "target", None, |v| target(v).map(Some))
            .unwrap_or(Kind::Delta),
        share: it.value(f, "share", None, human::share),
        band: it.value(f, "band", None, human::share),
        inner: it.value(f, "inner", Some(0), human::share),
        il: it.value(f, "il-from", Some(0), human::share),
        range_exit: it.value(f, "range-exit", Some(false), human::boolean),
        elapsed: it.value(f, "elapsed", Some(0), human::duration),
        low_health: it.value(f, "low-health", None, health),
        close_rate: it.value(f, "close-rate", Some(0), human::share),
    };
    let (guards, own) = own.unzip();
    Source {
        policy: HedgePolicy {
            venue,
            // Without any the whole file is refused.
            guards: guards.or(shared.copied()).unwrap_or(super::quote::NO_GUARDS),
            terms,
            rule,
        },
        places: it.finish(f),
        guards: own,
    }
}

/// The defect as a sentence.
pub fn explain(defect: &Defect, pair: &Pair, volatile: u8) -> String {
    let (rule, field) = crate::policy::defect::place(defect);
    let key = keys::of(rule, field);
    match *defect {
        Defect::Invalid { .. } => format!("{key} makes no sense as it stands: {}", sense(key)),
        Defect::Ceiling { limit, .. } => {
            let limit = quantity(key, limit, pair, volatile);
            format!("{key} is beyond what the code allows anybody to set; its limit is {limit}")
        }
    }
}

fn sense(key: &str) -> &'static str {
    match key {
        "health" => "it is what collateral is paid in for: at least min-health",
        "low-health" => "it is where the hedge is reduced: at least min-health, and below health",
        "max-collateral" => "without collateral there is no hedge: say how much it may come to at most",
        "horizon" => "the gate weighs fees against costs over some time: say over how long",
        "vol-window" => "the gate measures volatility over some time: say over how long",
        "fees-since" => "it is when the pool's fee growth was as fee-growth0 and fee-growth1 say: it lies in the past",
        "target" => "a keeper's hedge has the target \"delta\" or \"il\"",
        "share" => "it is above zero, and at most 100%",
        "inner" => "a hedge that was off by more than band is taken to within inner of its target: less than band",
        "close-rate" => {
            "a hedge that is closed above it must not be opened above it: at least max-borrow-rate, which has to be there"
        }
        _ => "docs/policies.md says what it may be",
    }
}

fn quantity(key: &str, limit: u128, pair: &Pair, volatile: u8) -> String {
    let small = u32::try_from(limit).unwrap_or(u32::MAX);
    match key {
        "min-health" | "health" | "low-health" => format_units(U256::from(limit), 3),
        "max-oracle-deviation"
        | "max-borrow-rate"
        | "margin"
        | "share"
        | "band"
        | "inner"
        | "il-from"
        | "close-rate" => human::percent(small),
        "max-oracle-age" | "horizon" | "vol-window" | "elapsed" => human::seconds(small.into()),
        "max-collateral" => pair.token(1 - volatile.min(1)).exact(U256::from(limit)),
        "min-trade" => pair.token(volatile).exact(U256::from(limit)),
        _ => limit.to_string(),
    }
}

fn venue(value: &DeValue<'_>) -> Result<u8, String> {
    match human::text(value)? {
        "aave-v3" => Ok(AAVE_V3),
        _ => Err("write \"aave-v3\"".into()),
    }
}

/// A health factor such as `"1.5"`, in thousandths.
fn health(value: &DeValue<'_>) -> Result<u32, String> {
    human::scaled(value, 3)?
        .try_into()
        .map_err(|_| "no health factor is that large".to_owned())
}

fn target(value: &DeValue<'_>) -> Result<Kind, String> {
    match human::text(value)? {
        "delta" => Ok(Kind::Delta),
        "il" => Ok(Kind::IlDelta),
        _ => Err("write \"delta\" or \"il\"".into()),
    }
}

/// A counter of 256 bits.
fn growth(value: &DeValue<'_>) -> Result<U256, String> {
    U256::from_str_radix(human::text(value)?.trim(), 10).map_err(|_| "write the pool's own whole number".to_owned())
}
