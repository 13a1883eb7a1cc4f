//! What a policy allows, in words, and what it can cost at worst, in figures.

use super::{Pair, Policy, write};
use crate::{
    decimal::{format_percent, format_units},
    human,
};
use alloy::primitives::{I256, U256};
use hedgerow_core::policy::{Action, Decision, Guards, MILLION, NO_RULE, Proceeds, RangeKind, Reason, Rule};

/// A name and what it means.
pub type Row = (String, String);

/// What a keeper is allowed, row by row.
pub fn allowed(policy: &Policy, pair: &Pair) -> Vec<Row> {
    let it = &policy.guards;
    let row = |name: &str, text: String| (name.to_owned(), text);
    let keeper = if it.keeper.is_zero() {
        "anybody".into()
    } else {
        it.keeper.to_string()
    };
    let runs = if it.max_runs == 0 {
        String::new()
    } else {
        format!(", {} times in all", it.max_runs)
    };
    let mut rows = vec![row(
        "may be run by",
        format!("{keeper}, until {}{runs}", human::date(it.expiry)),
    )];
    for (number, rule) in policy.rules.iter().enumerate() {
        rows.push((format!("rule {}", number + 1), self::rule(rule, it, pair)));
    }
    rows.push(row(
        "never",
        format!(
            "within {} of the last action, more than {} times a day, or with spot more than {} ticks from the mean of {} (but for \
             what only pays out)",
            human::seconds(it.cooldown.into()),
            it.max_per_day,
            it.max_deviation,
            human::seconds(it.twap_window.into())
        ),
    ));
    if it.min_value != 0 {
        rows.push(row("worth at least", pair.token1.exact(U256::from(it.min_value))));
    }
    if !it.sequencer_feed.is_zero() {
        let grace = human::seconds(it.sequencer_grace.into());
        rows.push(row(
            "sequencer",
            format!("up for {grace}, by the feed {}", it.sequencer_feed),
        ));
    }
    rows
}

fn rule(it: &Rule, guards: &Guards, pair: &Pair) -> String {
    let outcome = match it.action {
        Action::Rebalance => format!(
            "to a range {}, at least {} of the value in it",
            width(it),
            human::percent(guards.min_deployed)
        ),
        Action::Walk => format!("to {} ticks beside the price, without a swap", it.width),
        Action::Exit => match it.proceeds {
            Proceeds::Both => "in both tokens, without a swap; the policy ends".into(),
            Proceeds::Token0 => format!("in {}; the policy ends", pair.token0.symbol),
            Proceeds::Token1 => format!("in {}; the policy ends", pair.token1.symbol),
        },
        Action::Compound => "the fees into the position".into(),
        Action::Harvest => "the fees to the wallet".into(),
    };
    format!(
        "{} {outcome}, when {}",
        write::action(it.action),
        triggers(it, pair).join(", or ")
    )
}

fn width(it: &Rule) -> String {
    let bias = match it.bias {
        0 => String::new(),
        bias => format!(", its middle {bias:+} ticks from the mean price"),
    };
    match it.range_kind {
        RangeKind::Fixed => format!("{} ticks wide{bias}", it.width),
        RangeKind::Volatility => format!(
            "{} to {} ticks wide, {} standard deviations of {} either side{bias}",
            it.width,
            it.max_width,
            format_units(U256::from(it.vol_multiple), 2),
            human::seconds(it.vol_horizon.into())
        ),
    }
}

fn triggers(it: &Rule, pair: &Pair) -> Vec<String> {
    let mut found = Vec::new();
    if it.out_seconds != 0 {
        let mean = human::seconds(it.out_seconds.into());
        found.push(format!(
            "out of range by {} ticks, now and in the mean of {mean}",
            it.out_ticks
        ));
    }
    if it.il != 0 {
        found.push(format!("impermanent loss has reached {}", human::percent(it.il)));
    }
    let (lower, upper) = it.band;
    if lower != upper {
        let band = [("below", lower), ("above", upper)].map(|(side, tick)| (side, write::tick_price(tick, pair)));
        let sides = band.into_iter().filter(|(_, price)| price != "never");
        let sides: Vec<_> = sides.map(|(side, price)| format!("{side} {price}")).collect();
        found.push(format!("the price is {}", sides.join(" or ")));
    }
    if it.fees_value != 0 {
        found.push(format!(
            "fees are worth {}",
            pair.token1.exact(U256::from(it.fees_value))
        ));
    }
    if it.fees_gas_multiple != 0 {
        let multiple = format_units(U256::from(it.fees_gas_multiple), 1);
        found.push(format!("fees are worth {multiple} times the gas"));
    }
    if it.elapsed != 0 {
        found.push(format!(
            "{} have passed since the last action",
            human::seconds(it.elapsed.into())
        ));
    }
    if it.delta_drift != 0 {
        let drift = human::percent(it.delta_drift);
        found.push(format!(
            "{}'s share of the value has moved by {drift}",
            pair.token0.symbol
        ));
    }
    found
}

/// What a policy can cost at worst, for a position of this value, row by row.
pub fn worst(policy: &Policy, pair: &Pair, value: U256, now: u64) -> Vec<Row> {
    let it = &policy.guards;
    let fee = pair.token(it.fee_token);
    let period = u64::from(it.period).max(1);
    let life = it.expiry.saturating_sub(now);
    let row = |name: String, share: u64, actions: u64| {
        let share = share.min(MILLION.into());
        let loss = value.saturating_mul(U256::from(share)) / U256::from(MILLION);
        let fees = U256::from(it.max_fee).saturating_mul(U256::from(actions));
        let share = human::percent(u32::try_from(share).unwrap_or(MILLION));
        let text = format!(
            "{} ({share} of the value), and {} to keepers out of fees or proceeds",
            pair.token1.exact(loss),
            fee.exact(fees)
        );
        (name, text)
    };
    let periods = life / period + 1;
    vec![
        row("at worst, one action".into(), it.max_loss.into(), 1),
        row(
            format!("in {}", human::seconds(period)),
            it.max_period_loss.into(),
            actions_in(it, period.min(life)),
        ),
        row(
            "until it ends".into(),
            u64::from(it.max_period_loss).saturating_mul(periods),
            actions_in(it, life),
        ),
    ]
}

/// The most actions in so many seconds.
pub fn actions_in(guards: &Guards, seconds: u64) -> u64 {
    // A span of one day touches two days of UTC.
    let by_day = (seconds / 86_400 + 2).saturating_mul(guards.max_per_day.into());
    let by_cooldown = seconds / u64::from(guards.cooldown).max(1) + 1;
    let in_all = match guards.max_runs {
        0 => u64::MAX,
        runs => runs.into(),
    };
    by_day.min(by_cooldown).min(in_all)
}

/// A decision as a sentence.
pub fn decision(it: &Decision) -> String {
    let reason = reason(it.reason);
    let what = match (it.rule, it.act) {
        (NO_RULE, _) => String::new(),
        (number, true) => format!(", by rule {}: {}", u32::from(number) + 1, write::action(it.action)),
        (number, false) => format!(" (rule {}: {})", u32::from(number) + 1, write::action(it.action)),
    };
    if it.act {
        format!("yes: {reason}{what}")
    } else {
        format!("no: {reason}{what}")
    }
}

/// A wad of IL as a percentage.
pub fn il(wad: I256) -> String {
    format_percent(wad, 4)
}

/// A reason in words.
pub const fn reason(reason: Reason) -> &'static str {
    match reason {
        Reason::OutOfRange => "the position is out of range, now and in the mean",
        Reason::ImpermanentLoss => "impermanent loss has reached the threshold",
        Reason::PriceBand => "the mean price has left the band",
        Reason::Fees => "the fees owed have reached the amount",
        Reason::FeesOverGas => "the fees owed are worth the gas so many times over",
        Reason::Elapsed => "the time has passed",
        Reason::DeltaDrift => "token0's share of the value has moved far enough",
        Reason::NoTrigger => "no trigger holds",
        Reason::NotSet => "these terms do not govern the position",
        Reason::Ended => "the policy has ended",
        Reason::Paused => "the account is paused",
        Reason::Expired => "the policy has expired",
        Reason::Cooldown => "the last action is too recent",
        Reason::DailyCount => "the day's actions are used up",
        Reason::RunsUsed => "all its actions are used up",
        Reason::SequencerDown => "the sequencer is down, or its feed does not say that it is up",
        Reason::SequencerGrace => "the sequencer has not been up for long enough",
        Reason::OracleTooShort => "the pool does not remember as many seconds as the terms ask for",
        Reason::NoLiquidity => "the position has no liquidity",
        Reason::BelowMinValue => "the position is worth less than the policy asks for",
        Reason::Deviation => "a trigger holds, but spot is too far from the mean price",
        Reason::PeriodLossUsed => "a trigger holds, but the period's loss is used up",
        Reason::SameRange => "a trigger holds, but the position has that range already",
        Reason::NotOneSided => "a trigger holds, but the position holds both tokens",
        Reason::NotNearer => "a trigger holds, but no range lies nearer to the price",
        Reason::NothingToCollect => "a trigger holds, but no fees are owed",
        Reason::NoRange => "a trigger holds, but the pool has no range of that width there",
        Reason::HealthLow => "the hedge's health is below what the rule allows",
        Reason::HedgeDrift => "the hedge's debt is too far from its target",
        Reason::RangeLeft => "the mean price has left the position's range",
        Reason::BorrowRate => "borrowing costs more than the rule allows",
        Reason::PositionGone => "the position is there no more, so that its hedge is closed",
        Reason::GateClosed => "a trigger holds, but the hedge is expected to cost more than the fees cover",
        Reason::OraclePrice => "a trigger holds, but the venue has no price of an asset",
        Reason::OracleStale => "a trigger holds, but the venue's prices are too old",
        Reason::OracleDeviation => "a trigger holds, but the venue's prices are too far from the pool's",
        Reason::VenueClosed => "a trigger holds, but the venue does not do now what the hedge takes",
        Reason::VenueExhausted => "a trigger holds, but the venue has less left than the hedge takes",
        Reason::TradeTooSmall => "a trigger holds, but the change is smaller than is worth its cost",
        Reason::CollateralShort => "a trigger holds, but the hedge takes more collateral than it may, or than it has",
        Reason::HealthTooLow => "a trigger holds, but the hedge's health is too low, or would be",
        Reason::FeesUnknown => "a trigger holds, but the pool's fees have not been watched for an hour",
        Reason::RateTooHigh => "a trigger holds, but borrowing costs too much",
    }
}
