//! From a hedge's terms to the `[hedge]` table of a policy's file.

use super::HedgePolicy;
use crate::{
    decimal::format_units,
    human,
    policy::{
        Pair,
        write::{Lines, amount, entry_price, token},
    },
};
use alloy::primitives::U256;
use hedgerow_core::hedging::Kind;

/// Writes the table, guards left out.
pub(crate) fn hedge(lines: &mut Lines, it: &HedgePolicy, pair: &Pair) {
    let volatile = it.venue.volatile;
    lines.heading("# The hedge: so much of one token is borrowed against the other one, and sold, that the position's price risk is gone.");
    lines.bare_line("[hedge]");
    lines.quoted("venue", "aave-v3", "where it is borrowed");
    lines.quoted("market", it.venue.market, "Aave's pool");
    lines.quoted("margins", it.venue.margins, "the factory of margin accounts");
    let borrowed = format!(
        "which token is borrowed: {} or {}",
        pair.token0.symbol, pair.token1.symbol
    );
    lines.quoted("volatile", token(volatile), &borrowed);
    if it.venue.e_mode != 0 {
        lines.bare(
            "e-mode",
            it.venue.e_mode,
            "Aave's e-mode category of the margin account",
        );
    }
    rule(lines, it);
    terms(lines, it, pair);
    gate(lines, it);
}

fn rule(lines: &mut Lines, it: &HedgePolicy) {
    let rule = &it.rule;
    let what = "how much is owed: the position's \"delta\", or that of its impermanent loss alone, \"il\"";
    lines.quoted("target", target(rule.target), what);
    lines.quoted("share", human::percent(rule.share), "of it");
    let band = "of the position's whole delta that the debt may be off before it is adjusted";
    lines.quoted("band", human::percent(rule.band), band);
    let inner = "and to within so much it is adjusted then; less than band";
    lines.quoted("inner", human::percent(rule.inner), inner);
    if rule.il != 0 {
        let why = "impermanent loss since entry from which on it is hedged at all";
        lines.quoted("il-from", human::percent(rule.il), why);
    }
    lines.bare(
        "range-exit",
        rule.range_exit,
        "adjust when the price has left the range",
    );
    if rule.elapsed != 0 {
        lines.quoted("elapsed", human::seconds(rule.elapsed.into()), "adjust after so long");
    }
    let low = "below this health factor the hedge is reduced until health is reached";
    lines.quoted("low-health", health(rule.low_health), low);
    if rule.close_rate != 0 {
        let close = "yearly borrow rate above which the hedge is closed";
        lines.quoted("close-rate", human::percent(rule.close_rate), close);
    }
}

fn terms(lines: &mut Lines, it: &HedgePolicy, pair: &Pair) {
    let (terms, volatile) = (&it.terms, it.venue.volatile);
    let least = "the health factor that must be there before and after it is enlarged; 1 is liquidated";
    lines.quoted("min-health", health(terms.min_health), least);
    lines.quoted("health", health(terms.health), "what collateral is paid in or out for");
    let most = amount(terms.max_collateral, pair, 1 - volatile.min(1));
    lines.quoted(
        "max-collateral",
        most,
        "the most of the account's own money that may lie in it",
    );
    let trade = amount(terms.min_trade, pair, volatile);
    lines.quoted("min-trade", trade, "a smaller change is not worth its cost");
    let deviation = "between the venue's prices and the pool's mean; nothing is enlarged beyond";
    lines.quoted(
        "max-oracle-deviation",
        human::percent(terms.max_oracle_deviation),
        deviation,
    );
    let age = "since the venue's price feeds answered; nothing is enlarged beyond; \"0s\" does not ask";
    lines.quoted("max-oracle-age", human::seconds(terms.max_oracle_age.into()), age);
    if terms.max_borrow_rate != 0 {
        let rate = "yearly borrow rate beyond which nothing is enlarged";
        lines.quoted("max-borrow-rate", human::percent(terms.max_borrow_rate), rate);
    }
    let entry = "where impermanent loss is counted from: a price, or \"when set\" for when the hedge is first opened";
    lines.quoted("entry-price", entry_price(terms.entry_sqrt_price), entry);
}

fn gate(lines: &mut Lines, it: &HedgePolicy) {
    let terms = &it.terms;
    lines.comment(
        "The gate: expected fees, less what the pool's prices and the hedge are expected to cost, over this long",
    );
    lines.quoted(
        "horizon",
        human::seconds(terms.horizon.into()),
        "which the gate looks ahead",
    );
    let margin = "of the position's value by which the fees must exceed the costs; may be below zero";
    lines.quoted("margin", human::signed_percent(terms.margin), margin);
    let window = "over which the gate measures volatility";
    lines.quoted("vol-window", human::seconds(terms.vol_window.into()), window);
    lines.bare(
        "override-gate",
        terms.override_gate,
        "true enlarges it although the gate is closed",
    );
    let since = "when the pool's fee growth was as follows: the gate takes the fees since then for what is to come";
    lines.bare("fees-since", human::date(terms.fees_since), since);
    lines.quoted("fee-growth0", terms.fee_growth[0], "feeGrowthGlobal0X128 then");
    lines.quoted("fee-growth1", terms.fee_growth[1], "feeGrowthGlobal1X128 then");
}

/// A health factor of thousandths.
pub fn health(thousandths: u32) -> String {
    match thousandths {
        u32::MAX => "none (no debt)".into(),
        some => format_units(U256::from(some), 3),
    }
}

/// A target's name in files.
pub const fn target(kind: Kind) -> &'static str {
    match kind {
        Kind::None => "none",
        Kind::Delta => "delta",
        Kind::IlDelta => "il",
        Kind::Amount => "amount",
    }
}
