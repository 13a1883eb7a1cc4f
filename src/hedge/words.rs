//! A hedge in words and figures.

use super::{HedgePolicy, quote::Quote, write::health};
use crate::{
    decimal::{format_short, format_signed, format_units},
    human,
    policy::{Pair, words::Row},
    position::Token,
};
use alloy::primitives::{I256, U256};
use hedgerow_core::{
    hedging::{Accounts, HedgeDecision, Kind, Market, Outlook, Terms},
    policy::MILLION,
};

/// Decimals of a ray.
const RAY: u32 = 27;

/// A signed amount of a token, in whole units.
pub fn signed(token: &Token, amount: I256) -> String {
    format!("{} {}", format_signed(amount, u32::from(token.decimals)), token.symbol)
}

/// A yearly rate of a ray, as a percentage.
pub fn rate(ray: U256) -> String {
    format!("{} % a year", format_short(ray, RAY - 2, 2))
}

/// What is owed and what lies there.
pub fn holdings(market: &Market, pair: &Pair, volatile: u8) -> String {
    format!(
        "{} owed, {} lent",
        pair.token(volatile).exact(U256::from(market.debt)),
        pair.token(1 - volatile.min(1)).exact(U256::from(market.collateral))
    )
}

/// At which price of the volatile token the venue would liquidate, and how far that is from its price now. Collateral that is priced in
/// itself is taken as it stands.
pub fn liquidation(market: &Market, thousandths: u32, pair: &Pair, volatile: u8) -> String {
    let [price, collateral] = market.prices;
    if thousandths == u32::MAX || price.is_zero() || collateral.is_zero() {
        return "none".into();
    }
    let (borrowed, lent) = (pair.token(volatile), pair.token(1 - volatile.min(1)));
    let unit = U256::from(10).pow(U256::from(18));
    let now = price.saturating_mul(unit) / collateral;
    let then = now.saturating_mul(U256::from(thousandths)) / U256::from(1_000);
    let away = i64::from(thousandths) - 1_000;
    let sign = if away < 0 { "-" } else { "+" };
    format!(
        "at {} {} per {} ({sign}{} % from the venue's price now)",
        format_short(then, 18, 6),
        lent.symbol,
        borrowed.symbol,
        format_units(U256::from(away.unsigned_abs()), 1)
    )
}

/// What would be traded and paid, row by row.
pub fn plan(quote: &Quote, pair: &Pair) -> Vec<Row> {
    let (market, plan, volatile) = (&quote.hedge.market, &quote.plan, quote.hedge.pool.volatile);
    let (borrowed, lent) = (pair.token(volatile), pair.token(1 - volatile.min(1)));
    let row = |name: &str, text: String| (name.to_owned(), text);
    let amount = |token: &Token, amount: i128| token.exact(U256::from(amount.unsigned_abs()));
    let trade = match plan.trade {
        0 => "nothing is traded".into(),
        sold if sold > 0 => format!("{} borrowed and sold", amount(borrowed, sold)),
        bought => format!("{} bought back and repaid", amount(borrowed, bought)),
    };
    let paid = match plan.pay_in {
        0 => "nothing".into(),
        paid if paid > 0 => format!("{} from the wallet", amount(lent, paid)),
        back => format!("{} back to the wallet", amount(lent, back)),
    };
    vec![
        row("the position's delta", borrowed.exact(U256::from(quote.exposure))),
        row("hedged now", holdings(market, pair, volatile)),
        row("owed afterwards", borrowed.exact(U256::from(plan.target))),
        row("trade", trade),
        row("collateral", paid),
        row(
            "health factor",
            format!(
                "{} before, {} afterwards",
                health(quote.health),
                health(plan.health_after)
            ),
        ),
        row("liquidated", liquidation(market, plan.health_after, pair, volatile)),
        row(
            "rates",
            format!(
                "{} on what is owed, {} earned on what is lent",
                rate(market.borrow_rate),
                rate(market.supply_rate)
            ),
        ),
    ]
}

/// What the gate weighs, row by row.
pub fn gate(quote: &Quote, terms: &Terms, pair: &Pair) -> Vec<Row> {
    let row = |name: &str, text: String| (name.to_owned(), text);
    let over = human::seconds(terms.horizon.into());
    let Ok(it) = &quote.outlook else {
        let why = quote
            .outlook
            .as_ref()
            .err()
            .map_or("", |reason| crate::policy::words::reason(*reason));
        return vec![row("gate", format!("cannot be weighed: {why}"))];
    };
    let token1 = &pair.token1;
    let margin = format!(
        "{} of the position's {}",
        human::signed_percent(terms.margin),
        token1.exact(quote.value)
    );
    vec![
        row(&format!("fees expected in {over}"), token1.exact(it.fees)),
        row(
            "against",
            format!(
                "{} to arbitrage, {} of interest, {} of swap fees, and a margin of {margin}",
                token1.exact(it.lvr),
                signed(token1, it.carry),
                token1.exact(it.trading)
            ),
        ),
        row("gate", verdict(it, terms, token1)),
    ]
}

fn verdict(it: &Outlook, terms: &Terms, token1: &Token) -> String {
    let left = signed(token1, it.gate);
    match (it.gate.is_negative(), terms.override_gate) {
        (false, _) => format!("open: the hedge is expected to leave {left}"),
        (true, true) => format!("closed ({left}), and overridden"),
        (true, false) => format!("closed: the hedge is expected to cost more than it leaves ({left})"),
    }
}

/// What became of a position and its hedge, row by row.
pub fn accounts(it: &Accounts, pair: &Pair) -> Vec<Row> {
    let token1 = &pair.token1;
    vec![
        (
            "hedge".into(),
            format!(
                "{}, of it carry {}",
                signed(token1, it.hedge),
                signed(token1, I256::ZERO - it.carry)
            ),
        ),
        ("fees".into(), token1.exact(it.fees)),
        ("impermanent loss".into(), signed(token1, it.il)),
        ("net".into(), signed(token1, it.net)),
    ]
}

/// What a keeper is allowed with a hedge, row by row.
pub fn allowed(it: &HedgePolicy, pair: &Pair) -> Vec<Row> {
    let (rule, terms, volatile) = (&it.rule, &it.terms, it.venue.volatile);
    let (borrowed, lent) = (pair.token(volatile), pair.token(1 - volatile.min(1)));
    let row = |name: &str, text: String| (name.to_owned(), text);
    let what = match rule.target {
        Kind::IlDelta => "the delta of the position's impermanent loss",
        _ => "the position's delta",
    };
    let share = match rule.share {
        MILLION => String::new(),
        share => format!("{} of ", human::percent(share)),
    };
    let rate = |millionths: u32| match millionths {
        0 => "any rate".into(),
        some => format!("at most {} a year", human::percent(some)),
    };
    let mut rows = vec![
        row(
            "hedge",
            format!(
                "{share}{what}, by {} borrowed at Aave {} against {}",
                borrowed.symbol, it.venue.market, lent.symbol
            ),
        ),
        row("adjusted when", triggers(it)),
        row(
            "enlarged only",
            format!(
                "at {}, with a health factor of at least {} (aiming at {}), at most {} of the wallet's in it, the venue's prices within {} \
                 of the pool's",
                rate(terms.max_borrow_rate),
                health(terms.min_health),
                health(terms.health),
                lent.exact(U256::from(terms.max_collateral)),
                human::percent(terms.max_oracle_deviation)
            ),
        ),
    ];
    let gate = if terms.override_gate {
        "overridden: it is enlarged whatever the gate says".into()
    } else {
        format!(
            "fees expected in {} exceed its costs by {} of the position's value",
            human::seconds(terms.horizon.into()),
            human::signed_percent(terms.margin)
        )
    };
    rows.push(row("and only if", gate));
    rows
}

fn triggers(it: &HedgePolicy) -> String {
    let rule = &it.rule;
    let mut found = vec![format!("its health factor is below {}", health(rule.low_health))];
    if rule.band != 0 {
        found.push(format!(
            "it is off by {} of the position's delta (then to within {})",
            human::percent(rule.band),
            human::percent(rule.inner)
        ));
    }
    if rule.range_exit {
        found.push("the price has left the range".into());
    }
    if rule.elapsed != 0 {
        found.push(format!("{} have passed", human::seconds(rule.elapsed.into())));
    }
    if rule.close_rate != 0 {
        found.push(format!(
            "the borrow rate is above {} (then it is closed)",
            human::percent(rule.close_rate)
        ));
    }
    let mut text = found.join(", or ");
    if rule.il != 0 {
        text = format!(
            "{text}; nothing before an impermanent loss of {}",
            human::percent(rule.il)
        );
    }
    text
}

/// A decision as a sentence.
pub fn decision(it: &HedgeDecision, borrowed: &Token) -> String {
    let reason = crate::policy::words::reason(it.reason);
    if !it.act {
        return format!("no: {reason}");
    }
    let amount = borrowed.exact(U256::from(it.trade.unsigned_abs()));
    let what = if it.trade >= 0 { "sells" } else { "buys back" };
    format!("yes: {reason}; {what} {amount}")
}
