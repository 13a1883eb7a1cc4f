//! From a policy's terms to a file with comments. What is written is read back to the same terms, to the last digit.

use super::{Pair, Policy};
use crate::{decimal::format_units, hedge::HedgePolicy, human, price};
use alloy::primitives::{Address, B256, U256};
use hedgerow_core::{
    policy::{Action, Guards, Proceeds, RangeKind, Rule},
    tick,
};
use std::fmt::Display;

/// The file of a policy; `about` says in its first line what it is for.
pub fn file(policy: &Policy, pair: &Pair, about: &str) -> String {
    whole(&policy.guards, &policy.rules, None, pair, about)
}

/// The file of a policy for a position's hedge, and for its ranges where there are rules: the hedge's guards hold for both but for the
/// ranges' keeper, which is the account itself.
pub fn hedged(hedge: &HedgePolicy, ranges: Option<&Policy>, pair: &Pair, about: &str) -> String {
    let same = |ranges: &Policy| {
        Guards {
            keeper: hedge.guards.keeper,
            ..ranges.guards
        } == hedge.guards
    };
    match ranges {
        Some(ranges) if !same(ranges) => whole(&ranges.guards, &ranges.rules, Some((hedge, true)), pair, about),
        Some(ranges) => whole(&hedge.guards, &ranges.rules, Some((hedge, false)), pair, about),
        None => whole(&hedge.guards, &[], Some((hedge, false)), pair, about),
    }
}

/// `hedge` with whether it has guards of its own.
fn whole(guards: &Guards, rules: &[Rule], hedge: Option<(&HedgePolicy, bool)>, pair: &Pair, about: &str) -> String {
    let mut lines = Lines(Vec::new());
    lines.comment(about);
    lines
        .comment("Amounts, times and shares are written as people write them; the chain gets them exactly. Prices are");
    lines.comment(&format!(
        "{} per {}. Everything is valued at the pool's time-weighted price. docs/policies.md",
        pair.token1.symbol, pair.token0.symbol
    ));
    lines.comment("explains every term, and what a hostile keeper can at worst do under it.");
    self::guards(&mut lines, guards, pair, "[guards]");
    for rule in rules {
        self::rule(&mut lines, rule, pair);
    }
    if let Some((hedge, own)) = hedge {
        crate::hedge::write::hedge(&mut lines, hedge, pair);
        if own {
            self::guards(&mut lines, &hedge.guards, pair, "[hedge.guards]");
        }
    }
    lines.0.join("\n") + "\n"
}

pub(crate) struct Lines(Vec<String>);

impl Lines {
    pub(crate) fn comment(&mut self, text: &str) {
        self.0.push(format!("# {text}"));
    }

    pub(crate) fn heading(&mut self, text: &str) {
        self.0.push(String::new());
        self.0.push(text.to_owned());
    }

    /// A line that is nothing else.
    pub(crate) fn bare_line(&mut self, text: &str) {
        self.0.push(text.to_owned());
    }

    /// A value that stands as it is: a number, a date, true or false.
    pub(crate) fn bare(&mut self, key: &str, value: impl Display, why: &str) {
        self.0.push(format!("{key} = {value} # {why}"));
    }

    pub(crate) fn quoted(&mut self, key: &str, value: impl Display, why: &str) {
        self.bare(key, format!("\"{value}\""), why);
    }
}

fn guards(lines: &mut Lines, it: &Guards, pair: &Pair, title: &str) {
    lines.heading("# What a keeper may never do, whatever fires.");
    lines.0.push(title.to_owned());
    lines.quoted(
        "keeper",
        address(it.keeper, "anybody"),
        "who may run it: an address, or \"anybody\"",
    );
    lines.bare("expiry", human::date(it.expiry), "until when; at most 366 days ahead");
    let spot = "seconds of the pool's own price average by which everything is valued";
    lines.quoted("twap-window", human::seconds(it.twap_window.into()), spot);
    let deviation = "ticks (about 0.01 % each) that spot may be away from it, before and after; at most 500";
    lines.bare("max-deviation", it.max_deviation, deviation);
    let loss = "of the value that one action may cost, the keeper's fee not counted; at most 3%";
    lines.quoted("max-loss", human::percent(it.max_loss), loss);
    let period_loss = "the same of all actions of a period together; at most 10%";
    lines.quoted("max-period-loss", human::percent(it.max_period_loss), period_loss);
    lines.quoted("period", human::seconds(it.period.into()), "from 1 to 366 days");
    lines.quoted(
        "cooldown",
        human::seconds(it.cooldown.into()),
        "between two actions; at least a minute",
    );
    lines.bare("max-per-day", it.max_per_day, "actions in a day of UTC; at most 24");
    lines.bare(
        "max-runs",
        it.max_runs,
        "actions in all; 0 is as many as the expiry allows, 1 an order that runs once",
    );
    let deployed =
        "of the value that is liquidity after a rebalance or a walk; at least 90% where a rule moves the range";
    lines.quoted("min-deployed", human::percent(it.min_deployed), deployed);
    lines.quoted(
        "min-value",
        amount(it.min_value, pair, 1),
        "below which nothing is done",
    );
    let fee = format!(
        "what the keeper is paid in: {} is \"token0\", {} \"token1\"",
        pair.token0.symbol, pair.token1.symbol
    );
    lines.quoted("fee-token", token(it.fee_token), &fee);
    lines.quoted(
        "max-fee",
        amount(it.max_fee, pair, it.fee_token),
        "at most, for one action",
    );
    let share = "and at most this share of the fees that the position had earned by then; at most 50%";
    lines.quoted("max-fee-share", human::percent(it.max_fee_share), share);
    let native = "which token is the wrapped native one, for fees-over-gas: \"token0\", \"token1\" or \"none\"";
    lines.quoted("native-token", native_token(it.native_token), native);
    let feed = "Chainlink's uptime feed of the chain's sequencer, or \"none\"";
    lines.quoted("sequencer-feed", address(it.sequencer_feed, "none"), feed);
    let grace = "after the sequencer came back, until anything is done";
    lines.quoted("sequencer-grace", human::seconds(it.sequencer_grace.into()), grace);
    let keep = "whether impermanent loss adds up over ranges (true) or begins anew with each (false)";
    lines.bare("keep-entry", it.keep_entry, keep);
    let entry = "where impermanent loss is counted from: a price, or \"when set\"";
    lines.quoted("entry-price", entry_price(it.entry_sqrt_price), entry);
    lines.quoted(
        "salt",
        B256::from(it.salt),
        "tells apart policies that are otherwise the same",
    );
}

fn rule(lines: &mut Lines, it: &Rule, pair: &Pair) {
    lines.heading(
        "# When any of its triggers holds, do this. Rules are tried in order; a trigger left out is not used.",
    );
    lines.0.push("[[rule]]".into());
    lines.quoted(
        "action",
        action(it.action),
        "rebalance, walk, exit, compound or harvest",
    );
    triggers(lines, it, pair);
    range(lines, it);
    if it.proceeds != Proceeds::Both {
        let proceeds = match it.proceeds {
            Proceeds::Token0 => "token0",
            _ => "token1",
        };
        lines.quoted(
            "proceeds",
            proceeds,
            "what an exit pays: \"both\" as they come out, or one after a swap",
        );
    }
}

fn triggers(lines: &mut Lines, it: &Rule, pair: &Pair) {
    if it.out_ticks != 0 {
        lines.bare(
            "out-ticks",
            it.out_ticks,
            "out of range by so many ticks on one side, now",
        );
    }
    if it.out_seconds != 0 {
        lines.quoted(
            "out-for",
            human::seconds(it.out_seconds.into()),
            "and in the mean of this long",
        );
    }
    if it.il != 0 {
        lines.quoted("il", human::percent(it.il), "impermanent loss since entry");
    }
    let (lower, upper) = it.band;
    if lower != upper {
        for (key, tick) in [("price-below", lower), ("price-above", upper)] {
            lines.quoted(key, format!("tick {tick}"), &tick_price(tick, pair));
        }
    }
    if it.fees_value != 0 {
        lines.quoted(
            "fees-value",
            amount(it.fees_value, pair, 1),
            "fees owed are worth this much",
        );
    }
    if it.fees_gas_multiple != 0 {
        let multiple = format_units(U256::from(it.fees_gas_multiple), 1);
        lines.quoted(
            "fees-over-gas",
            multiple,
            "fees owed are worth so many times what the action's gas costs",
        );
    }
    if it.elapsed != 0 {
        let since = "since the last action, or since the policy was set";
        lines.quoted("elapsed", human::seconds(it.elapsed.into()), since);
    }
    if it.delta_drift != 0 {
        let drift = "by which token0's share of the value moved since then";
        lines.quoted("delta-drift", human::percent(it.delta_drift), drift);
    }
}

fn range(lines: &mut Lines, it: &Rule) {
    if it.range_kind == RangeKind::Volatility {
        lines.quoted(
            "range",
            "volatility",
            "wide as the pool's own volatility asks for, within width and max-width",
        );
    }
    let numbers = [
        ("width", i64::from(it.width), "ticks from end to end"),
        ("max-width", it.max_width.into(), "the most"),
    ];
    for (key, value, why) in numbers {
        if value != 0 {
            lines.bare(key, value, why);
        }
    }
    if it.bias != 0 {
        lines.bare(
            "bias",
            it.bias,
            "ticks by which the middle lies above the time-weighted price",
        );
    }
    if it.vol_multiple != 0 {
        let deviations = format_units(U256::from(it.vol_multiple), 2);
        lines.quoted("deviations", deviations, "standard deviations on either side");
    }
    if it.vol_window != 0 {
        lines.quoted(
            "vol-window",
            human::seconds(it.vol_window.into()),
            "over which volatility is measured",
        );
    }
    if it.vol_horizon != 0 {
        lines.quoted(
            "vol-horizon",
            human::seconds(it.vol_horizon.into()),
            "for which it is scaled",
        );
    }
}

/// An action's name in files and on the screen.
pub const fn action(action: Action) -> &'static str {
    match action {
        Action::Rebalance => "rebalance",
        Action::Walk => "walk",
        Action::Exit => "exit",
        Action::Compound => "compound",
        Action::Harvest => "harvest",
    }
}

pub(crate) const fn token(number: u8) -> &'static str {
    if number == 0 { "token0" } else { "token1" }
}

const fn native_token(number: u8) -> &'static str {
    match number {
        0 => "none",
        1 => "token0",
        _ => "token1",
    }
}

fn address(it: Address, none: &str) -> String {
    if it.is_zero() { none.to_owned() } else { it.to_string() }
}

pub(crate) fn amount(raw: u128, pair: &Pair, number: u8) -> String {
    let token = pair.token(number);
    let digits = format_units(U256::from(raw), u32::from(token.decimals));
    // A symbol of somebody's own making could end the string.
    if token.symbol.chars().all(|c| c != '"' && c != '\\') {
        format!("{digits} {}", token.symbol)
    } else {
        digits
    }
}

pub(crate) fn entry_price(sqrt_price: U256) -> String {
    if sqrt_price.is_zero() {
        "when set".into()
    } else {
        format!("sqrtPriceX96 {sqrt_price}")
    }
}

/// A tick's price, for a comment.
pub fn tick_price(tick: i32, pair: &Pair) -> String {
    match tick {
        tick::MAX_TICK => return "never".into(),
        lowest if lowest == -tick::MAX_TICK => return "never".into(),
        _ => {}
    }
    let shown = price::price_at_tick(tick, pair.token0.decimals, pair.token1.decimals);
    shown.map_or_else(
        |_| "a price".into(),
        |shown| format!("{shown} {} per {}", pair.token1.symbol, pair.token0.symbol),
    )
}
