//! From a policy's file to its terms. Everything that is wrong is told at once, with its line.

use super::{Pair, Policy, defect};
use crate::{
    document::{Document, Fault, Faults, Places, Section},
    error::{Error, Result},
    hedge::{self, HedgePolicy},
    human,
    position::Token,
    price,
};
use alloy::primitives::U256;
use hedgerow_core::{
    hedging::admit_hedge,
    policy::{Action, GUARDS, Guards, Proceeds, RangeKind, Rule, admit},
    tick,
};
use std::path::Path;
use toml::de::DeValue;

/// A policy's file, read.
#[derive(Clone, Debug)]
pub struct Source {
    /// The policy; without rules it says nothing of the position itself.
    pub policy: Policy,
    /// The policy of its hedge.
    pub hedge: Option<hedge::read::Source>,
    guards: Places,
    rules: Vec<Places>,
}

/// What a file sets: a policy for the position, one for its hedge, or both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// The position's; beside a hedge, whoever the keeper is, only the account itself may run it.
    pub ranges: Option<Policy>,
    /// The hedge's.
    pub hedge: Option<HedgePolicy>,
}

impl Source {
    /// Where a term stands in the file, by rule and field as the core counts them.
    pub fn place(&self, rule: u8, field: u8) -> usize {
        if let Some(hedge) = &self.hedge
            && (rule == hedge::keys::TERMS_RULE || rule == hedge::keys::RULE_RULE)
        {
            return hedge.places.of(hedge::keys::of(rule, field));
        }
        let places = if rule == GUARDS {
            Some(&self.guards)
        } else {
            self.rules.get(usize::from(rule))
        };
        places.map_or(0, |places| places.of(super::keys::of(rule, field)))
    }
}

/// Reads the file at `path` for positions of this pair, and refuses what the chain would refuse at the time `now`.
pub fn file(path: &Path, pair: &Pair, now: u64) -> Result<Policy> {
    let text = std::fs::read_to_string(path).map_err(|error| Error::bad_file(path, error))?;
    policy(path, &text, pair, now)
}

/// The same of a text that came from `path`.
pub fn policy(path: &Path, text: &str, pair: &Pair, now: u64) -> Result<Policy> {
    match terms(path, text, pair, now)? {
        Terms {
            ranges: Some(policy),
            hedge: None,
        } => Ok(policy),
        _ => Err(Error::bad_file(
            path,
            "it has a [hedge], and this command is about the position alone: take the table out, or use `hedgerow policy set`, `check` \
             or `hedgerow keeper run`",
        )),
    }
}

/// Reads a file that may have a hedge.
pub fn terms_file(path: &Path, pair: &Pair, now: u64) -> Result<Terms> {
    let text = std::fs::read_to_string(path).map_err(|error| Error::bad_file(path, error))?;
    terms(path, &text, pair, now)
}

/// The same of a text that came from `path`.
pub fn terms(path: &Path, text: &str, pair: &Pair, now: u64) -> Result<Terms> {
    let document = Document::new(path, text);
    let source = parse(document, pair)?;
    let Policy { guards, rules } = &source.policy;
    let mut faults = Faults::new();
    if source.hedge.is_none() || !rules.is_empty() {
        let admitted = admit(guards, rules, now, pair.chain_id, pair.spacing);
        faults.extend(admitted.err().map(|found| {
            let (rule, field) = defect::place(&found);
            Fault {
                at: source.place(rule, field),
                what: defect::explain(&found, pair, now),
            }
        }));
    }
    if let Some(hedge) = &source.hedge {
        faults.extend(unfit(&source, hedge, pair, now));
    }
    if !faults.is_empty() {
        return Err(document.error(faults));
    }
    let hedge = source.hedge.map(|hedge| hedge.policy);
    let rules = hedge.is_none() || !source.policy.rules.is_empty();
    Ok(Terms {
        ranges: rules.then_some(source.policy),
        hedge,
    })
}

/// What is wrong with a hedge's policy, if anything.
fn unfit(source: &Source, hedge: &hedge::read::Source, pair: &Pair, now: u64) -> Option<Fault> {
    let (it, own) = (&hedge.policy, hedge.guards.as_ref());
    let guards = own.unwrap_or(&source.guards);
    if it.guards.fee_token == it.venue.volatile {
        let collateral = pair.token(1 - it.venue.volatile);
        return Some(Fault {
            at: guards.of("fee-token"),
            what: format!(
                "a hedge pays its keeper of its collateral, {}: write that here, or give the hedge a table [hedge.guards] of its own",
                collateral.symbol
            ),
        });
    }
    let found = admit_hedge(&it.guards, &it.terms, &it.rule, now, pair.chain_id).err()?;
    let (rule, field) = defect::place(&found);
    Some(match rule {
        GUARDS => Fault {
            at: guards.of(super::keys::of(rule, field)),
            what: defect::explain(&found, pair, now),
        },
        _ => Fault {
            at: source.place(rule, field),
            what: hedge::read::explain(&found, pair, it.venue.volatile),
        },
    })
}

/// The terms as they are written, sensible or not.
pub fn parse(document: Document<'_>, pair: &Pair) -> Result<Source> {
    let root = document.parse()?;
    let mut faults = Faults::new();
    let mut top = Section::new("the file", root.span(), root.get_ref());
    let guards = top.table(&mut faults, "guards");
    let guards = guards.map(|section| guards_of(section, pair, &mut faults));
    let rules = top.tables(&mut faults, "rule");
    let rules: Vec<_> = rules
        .into_iter()
        .map(|section| rule(section, pair, &mut faults))
        .collect();
    let shared = guards.as_ref().map(|(guards, _)| guards);
    let hedge = top.optional_table(&mut faults, "hedge");
    let hedge = hedge.map(|section| hedge::read::hedge(section, shared, pair, &mut faults));
    top.finish(&mut faults);
    let Some(guards) = guards.filter(|_| faults.is_empty()) else {
        return Err(document.error(faults));
    };
    let (rules, places) = rules.into_iter().unzip();
    Ok(Source {
        policy: Policy {
            guards: guards.0,
            rules,
        },
        hedge,
        guards: guards.1,
        rules: places,
    })
}

pub(crate) fn guards_of(mut it: Section<'_>, pair: &Pair, faults: &mut Faults) -> (Guards, Places) {
    let f = faults;
    // The fee's token first: its amounts are counted in it.
    let fee_token = it.value(f, "fee-token", None, |v| token_number(v, pair));
    let token1 = &pair.token1;
    let guards = Guards {
        keeper: it.value(f, "keeper", None, |v| human::address(v, "anybody")),
        expiry: it.value(f, "expiry", None, human::moment),
        twap_window: it.value(f, "twap-window", None, human::duration),
        max_deviation: it.value(f, "max-deviation", None, human::whole),
        max_loss: it.value(f, "max-loss", None, human::share),
        max_period_loss: it.value(f, "max-period-loss", None, human::share),
        period: it.value(f, "period", None, human::duration),
        cooldown: it.value(f, "cooldown", None, human::duration),
        max_per_day: it.value(f, "max-per-day", None, human::whole),
        max_runs: it.value(f, "max-runs", Some(0), human::whole),
        min_deployed: it.value(f, "min-deployed", None, human::share),
        min_value: it.value(f, "min-value", Some(0), |v| human::amount(v, token1)),
        fee_token,
        max_fee: it.value(f, "max-fee", None, |v| human::amount(v, pair.token(fee_token))),
        max_fee_share: it.value(f, "max-fee-share", None, human::share),
        native_token: it.value(f, "native-token", Some(0), |v| native(v, pair)),
        sequencer_feed: it.value(f, "sequencer-feed", None, |v| human::address(v, "none")),
        sequencer_grace: it.value(f, "sequencer-grace", Some(0), human::duration),
        keep_entry: it.value(f, "keep-entry", None, human::boolean),
        entry_sqrt_price: it.value(f, "entry-price", Some(U256::ZERO), |v| entry(v, pair)),
        salt: it.value(f, "salt", None, human::word).0,
    };
    (guards, it.finish(f))
}

fn rule(mut it: Section<'_>, pair: &Pair, faults: &mut Faults) -> (Rule, Places) {
    let f = faults;
    let action = it
        .value(f, "action", None, |v| action(v).map(Some))
        .unwrap_or(Action::Harvest);
    let below = it.value(f, "price-below", Some(None), |v| price_tick(v, pair).map(Some));
    let above = it.value(f, "price-above", Some(None), |v| price_tick(v, pair).map(Some));
    let token1 = &pair.token1;
    let rule = Rule {
        action,
        out_ticks: it.value(f, "out-ticks", Some(0), human::whole),
        out_seconds: it.value(f, "out-for", Some(0), human::duration),
        il: it.value(f, "il", Some(0), human::share),
        band: match (below, above) {
            (None, None) => (0, 0),
            (below, above) => (below.unwrap_or(-tick::MAX_TICK), above.unwrap_or(tick::MAX_TICK)),
        },
        fees_value: it.value(f, "fees-value", Some(0), |v| human::amount(v, token1)),
        fees_gas_multiple: it.value(f, "fees-over-gas", Some(0), |v| narrow(human::scaled(v, 1)?)),
        elapsed: it.value(f, "elapsed", Some(0), human::duration),
        delta_drift: it.value(f, "delta-drift", Some(0), human::share),
        range_kind: it
            .value(f, "range", Some(None), |v| range_kind(v).map(Some))
            .unwrap_or(RangeKind::Fixed),
        width: it.value(f, "width", Some(0), human::whole),
        max_width: it.value(f, "max-width", Some(0), human::whole),
        bias: it.value(f, "bias", Some(0), human::whole),
        vol_multiple: it.value(f, "deviations", Some(0), |v| narrow(human::scaled(v, 2)?)),
        vol_window: it.value(f, "vol-window", Some(0), human::duration),
        vol_horizon: it.value(f, "vol-horizon", Some(0), human::duration),
        proceeds: it
            .value(f, "proceeds", Some(None), |v| proceeds(v, pair).map(Some))
            .unwrap_or(Proceeds::Both),
    };
    (rule, it.finish(f))
}

fn narrow(number: U256) -> Result<u16, String> {
    number.try_into().map_err(|_| "it is too large".to_owned())
}

fn action(value: &DeValue<'_>) -> Result<Action, String> {
    Ok(match human::text(value)? {
        "rebalance" => Action::Rebalance,
        "walk" => Action::Walk,
        "exit" => Action::Exit,
        "compound" => Action::Compound,
        "harvest" => Action::Harvest,
        _ => return Err("write \"rebalance\", \"walk\", \"exit\", \"compound\" or \"harvest\"".into()),
    })
}

fn range_kind(value: &DeValue<'_>) -> Result<RangeKind, String> {
    Ok(match human::text(value)? {
        "fixed" => RangeKind::Fixed,
        "volatility" => RangeKind::Volatility,
        _ => return Err("write \"fixed\" or \"volatility\"".into()),
    })
}

/// 0 or 1, by number or by a symbol that only one of the two has.
pub(crate) fn token_number(value: &DeValue<'_>, pair: &Pair) -> Result<u8, String> {
    let written = human::text(value)?;
    let is = |token: &Token| written.eq_ignore_ascii_case(&token.symbol);
    match (written, is(&pair.token0), is(&pair.token1)) {
        ("token0", ..) | (_, true, false) => Ok(0),
        ("token1", ..) | (_, false, true) => Ok(1),
        (_, true, true) => Err("both tokens call themselves that: write \"token0\" or \"token1\"".into()),
        _ => Err(format!(
            "write \"token0\" for {} or \"token1\" for {}",
            pair.token0.symbol, pair.token1.symbol
        )),
    }
}

fn native(value: &DeValue<'_>, pair: &Pair) -> Result<u8, String> {
    match human::text(value)? {
        "none" => Ok(0),
        _ => token_number(value, pair).map(|number| number + 1),
    }
}

fn proceeds(value: &DeValue<'_>, pair: &Pair) -> Result<Proceeds, String> {
    match human::text(value)? {
        "both" => Ok(Proceeds::Both),
        _ => token_number(value, pair).map(|number| match number {
            0 => Proceeds::Token0,
            _ => Proceeds::Token1,
        }),
    }
}

/// `"tick -200000"`, or a price as people write it, whose tick is the one at or below it.
fn price_tick(value: &DeValue<'_>, pair: &Pair) -> Result<i32, String> {
    if let Some(tick) = value.as_str().and_then(|text| text.trim().strip_prefix("tick ")) {
        let limit = tick::MAX_TICK;
        return tick
            .trim()
            .parse()
            .ok()
            .filter(|tick| (-limit..=limit).contains(tick))
            .ok_or_else(|| format!("ticks are whole numbers from -{limit} to {limit}"));
    }
    tick::tick_at_sqrt_price(sqrt_price(value, pair)?).map_err(|error| error.to_string())
}

/// `"when set"`, `"sqrtPriceX96 123"`, or a price as people write it.
pub(crate) fn entry(value: &DeValue<'_>, pair: &Pair) -> Result<U256, String> {
    match value.as_str().map(str::trim) {
        Some("when set") => Ok(U256::ZERO),
        Some(text) if text.starts_with("sqrtPriceX96 ") => {
            let number = text.trim_start_matches("sqrtPriceX96 ").trim();
            let number = U256::from_str_radix(number, 10).map_err(|_| "it is not a whole number".to_owned())?;
            tick::check_sqrt_price(number).map_err(|error| error.to_string())?;
            Ok(number)
        }
        _ => sqrt_price(value, pair),
    }
}

fn sqrt_price(value: &DeValue<'_>, pair: &Pair) -> Result<U256, String> {
    let written = match value {
        DeValue::Integer(number) => number.as_str(),
        DeValue::Float(number) => number.as_str(),
        other => human::text(other)?,
    };
    // The unit may be added, as the amounts have theirs.
    let number = written.split_whitespace().next().unwrap_or_default();
    let decimal = number.parse().map_err(|error| format!("{error}"))?;
    price::sqrt_price_from("the price", &decimal, pair.token0.decimals, pair.token1.decimals).map_err(|error| {
        let unit = format!("{} per {}", pair.token1.symbol, pair.token0.symbol);
        format!("{error} (it is in {unit})")
    })
}
