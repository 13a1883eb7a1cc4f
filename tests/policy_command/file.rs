//! A policy's file: what is written is read back, and what is wrong is told with its line.

use alloy::primitives::{Address, B256, U256, address};
use hedgerow::{
    policy::{
        Pair, Policy,
        defaults::{Circumstances, Preset},
        keys, read, words, write,
    },
    position::Token,
};
use hedgerow_core::{
    policy::{Action, Guards, Proceeds, RangeKind, Rule, admit},
    tick::{MAX_TICK, MIN_TICK, sqrt_price_at_tick},
};
use proptest::prelude::*;
use std::path::Path;

const NOW: u64 = 1_800_000_000;

pub fn pair() -> Pair {
    let token = |byte: u8, symbol: &str, decimals| Token {
        address: Address::repeat_byte(byte),
        symbol: symbol.into(),
        decimals,
    };
    Pair {
        chain_id: 412_346,
        token0: token(1, "WETH", 18),
        token1: token(2, "USDC", 6),
        fee: 3_000,
        spacing: 60,
    }
}

fn circumstances() -> Circumstances {
    Circumstances {
        pair: pair(),
        range: (-202_020, -198_060),
        native_token: 1,
        amounts: [U256::from(10_u64.pow(18)), U256::from(2_000_000_000_u64)],
        sqrt_price: sqrt_price_at_tick(-200_280).unwrap(),
        now: NOW,
    }
}

const PRESETS: [Preset; 5] = [
    Preset::Range,
    Preset::Volatility,
    Preset::Walk,
    Preset::Compound,
    Preset::Protect,
];

fn text_of(preset: Preset) -> String {
    let policy = preset.policy(&circumstances(), B256::repeat_byte(7));
    write::file(&policy, &pair(), "A policy.")
}

fn read(text: &str) -> Result<Policy, String> {
    read::policy(Path::new("policy.toml"), text, &pair(), NOW).map_err(|error| {
        assert_eq!(error.exit_code(), 2);
        error.to_string()
    })
}

/// Replaces the line that begins with `key =`.
fn with(text: &str, key: &str, line: &str) -> (String, usize) {
    let mut found = 0;
    let lines = text.lines().enumerate().map(|(number, old)| {
        if found == 0 && old.starts_with(&format!("{key} =")) {
            found = number + 1;
            line
        } else {
            old
        }
    });
    let text = lines.collect::<Vec<_>>().join("\n");
    assert_ne!(found, 0, "no line for {key}");
    (text, found)
}

/// Refused at the line where `key` stood, with all of these words.
fn refused(text: &str, key: &str, line: &str, words: &[&str]) {
    let (text, number) = with(text, key, line);
    let said = read(&text).unwrap_err();
    for word in [&format!("line {number}, column ")[..]].iter().chain(words) {
        assert!(said.contains(word), "{line:?} should say {word:?}: {said}");
    }
}

#[test]
fn every_preset_is_admitted_and_read_back_as_it_was_written() {
    for preset in PRESETS {
        let policy = preset.policy(&circumstances(), B256::repeat_byte(7));
        assert_eq!(read(&text_of(preset)), Ok(policy), "{preset:?}");
    }
    // On Arbitrum One the sequencer's feed belongs to it, on any chain the fee to the wrapped native token.
    let mut there = circumstances();
    there.pair.chain_id = 42_161;
    let policy = Preset::Range.policy(&there, B256::ZERO);
    assert_eq!(
        policy.guards.sequencer_feed,
        address!("FdB631F5EE196F0ed6FAa767959853A9F217697D")
    );
    assert_eq!(admit(&policy.guards, &policy.rules, NOW, 42_161, 60), Ok(()));
    assert_eq!((policy.guards.fee_token, policy.guards.native_token), (0, 1));
    // A thousandth of one ether and of what 2,000 dollars buy of it at 2,005, cut to two digits.
    assert_eq!(policy.guards.max_fee, 1_900_000_000_000_000);
}

#[test]
fn human_units_reach_the_chain_exactly() {
    let text = text_of(Preset::Range);
    let set = |key: &str, line: &str| read(&with(&text, key, line).0).unwrap().guards;
    assert_eq!(set("min-value", "min-value = \"25.5 USDC\"").min_value, 25_500_000);
    assert_eq!(set("min-value", "min-value = \"0.000001\"").min_value, 1);
    assert_eq!(
        set("max-fee", "max-fee = \"0.002 weth\"").max_fee,
        2_000_000_000_000_000
    );
    assert_eq!(set("max-loss", "max-loss = \"0.5%\"").max_loss, 5_000);
    assert_eq!(set("max-loss", "max-loss = \"0.0001 %\"").max_loss, 1);
    assert_eq!(set("cooldown", "cooldown = \"1d 2h 3m 4s\"").cooldown, 93_784);
    // `date -u -d 2027-03-31 +%s`, and at six in the evening an hour east.
    assert_eq!(set("expiry", "expiry = 2027-03-31").expiry, 1_806_451_200);
    assert_eq!(set("expiry", "expiry = \"2027-03-31\"").expiry, 1_806_451_200);
    assert_eq!(
        set("expiry", "expiry = 2027-03-31T18:00:00+01:00").expiry,
        1_806_512_400
    );
    assert_eq!(set("expiry", "expiry = 1806451200").expiry, 1_806_451_200);
    assert_eq!(set("fee-token", "fee-token = \"weth\"").fee_token, 0);
    // uniswapv3book: 5000 with equal decimals is 5602277097478613991873193822745; here 12 decimals less, so a millionth of it.
    let entry = set("entry-price", "entry-price = \"5000\"").entry_sqrt_price;
    assert_eq!(
        entry / U256::from(1_000),
        U256::from(5_602_277_097_478_613_991_873_u128)
    );
}

#[test]
fn what_is_wrong_is_told_with_line_and_column_and_all_at_once() {
    let text = text_of(Preset::Range);
    let wrong = |key: &str, line: &str, words: &[&str]| refused(&text, key, line, words);
    wrong(
        "max-loss",
        "max-los = \"0.5%\"",
        &["column 1", "\"max-los\"", "\"max-loss\" may be meant"],
    );
    wrong("max-loss", "max-loss = 0.5", &["column 12", "quotation marks"]);
    wrong("max-loss", "max-loss = \"0.00001%\"", &["at most 4 digits"]);
    wrong("keeper", "keeper = \"me\"", &["\"me\"", "\"anybody\""]);
    wrong(
        "keeper",
        "keeper = \"0xFdB631F5EE196F0ed6FAa767959853A9F217697d\"",
        &["checksum"],
    );
    wrong("cooldown", "cooldown = \"soon\"", &["\"4h\""]);
    wrong("cooldown", "cooldown = \"-4h\"", &["from now on"]);
    wrong("expiry", "expiry = 2027-03-31T18:00:00", &["offset"]);
    wrong("min-value", "min-value = \"3 WETH\"", &["counted in USDC"]);
    wrong("max-per-day", "max-per-day = 70000", &["too large"]);
    wrong("max-deviation", "max-deviation = -1", &["below zero"]);
    wrong(
        "fee-token",
        "fee-token = \"DAI\"",
        &["token0", "WETH", "token1", "USDC"],
    );
    wrong("keep-entry", "keep-entry = \"yes\"", &["true or false"]);
    wrong("action", "action = \"sell\"", &["\"rebalance\""]);
    let (twice, _) = with(&text, "max-loss", "max-los = \"0.5%\"");
    let (twice, second) = with(&twice, "salt", "salt = \"0x12\"");
    let said = read(&twice).unwrap_err();
    assert!(
        said.contains("max-los") && said.contains("has no \"max-loss\""),
        "{said}"
    );
    assert!(
        said.contains(&format!("line {second}, column 8: salt = \"0x12\"")),
        "{said}"
    );
    let (broken, line) = with(&text, "period", "period = = ");
    assert!(read(&broken).unwrap_err().contains(&format!("line {line}, column")));
    assert!(read("").unwrap_err().contains("[guards]"));
}

#[test]
fn contradictions_and_ceilings_are_explained_where_they_stand() {
    let text = text_of(Preset::Range);
    let wrong = |key: &str, line: &str, words: &[&str]| refused(&text, key, line, words);
    wrong(
        "max-period-loss",
        "max-period-loss = \"0.1%\"",
        &["cannot be less", "max-loss"],
    );
    wrong("max-loss", "max-loss = \"3.1%\"", &["3%"]);
    wrong("max-deviation", "max-deviation = 501", &["500 ticks"]);
    wrong("expiry", "expiry = 2026-01-01", &["past"]);
    // 366 days after the time of these tests.
    wrong(
        "expiry",
        "expiry = 2030-01-01",
        &["2028-01-16T08:00:00Z", "366d from now"],
    );
    wrong("cooldown", "cooldown = \"59s\"", &["1m"]);
    wrong("twap-window", "twap-window = \"2d\"", &["1d"]);
    wrong("min-deployed", "min-deployed = \"89%\"", &["90%"]);
    wrong("sequencer-grace", "sequencer-grace = \"1h\"", &["0s"]);
    // The line that is left is the one that lacks its other half.
    let (half, line) = with(&text, "out-for", "");
    let said = read(&half).unwrap_err();
    let at = format!("line {}, column 13", line - 1);
    assert!(said.contains(&at) && said.contains("add out-for"), "{said}");
    wrong("width", "width = 1", &["60 ticks"]);
    let (text, line) = with(&text_of(Preset::Compound), "fees-over-gas", "");
    let (text, _) = with(&text, "elapsed", "");
    let said = read(&text).unwrap_err();
    assert!(said.contains("nothing would ever make it act"), "{said}");
    // The rule itself is pointed at.
    let heading = text.lines().take(line).filter(|line| *line == "[[rule]]").count();
    assert_eq!(heading, 1);
    let at = text.lines().position(|line| line == "[[rule]]").unwrap() + 1;
    assert!(said.contains(&format!("line {at}, column 1")), "{said}");
    let text = text_of(Preset::Compound);
    let none = text.split("[[rule]]").next().unwrap();
    assert!(read(none).unwrap_err().contains("at least one [[rule]]"));
    let many = [none, &text[none.len()..].repeat(9)].concat();
    assert!(read(&many).unwrap_err().contains("8 rules"));
}

fn rule() -> impl Strategy<Value = Rule> {
    let action = prop_oneof![
        Just(Action::Rebalance),
        Just(Action::Walk),
        Just(Action::Exit),
        Just(Action::Compound),
        Just(Action::Harvest)
    ];
    let proceeds = prop_oneof![Just(Proceeds::Both), Just(Proceeds::Token0), Just(Proceeds::Token1)];
    let kind = prop_oneof![Just(RangeKind::Fixed), Just(RangeKind::Volatility)];
    let triggers = (
        any::<[u32; 6]>(),
        MIN_TICK..=MAX_TICK,
        MIN_TICK..=MAX_TICK,
        any::<u128>(),
        any::<u16>(),
    );
    let range = (any::<[u32; 4]>(), any::<i32>(), any::<u16>());
    (action, triggers, kind, range, proceeds).prop_map(|(action, triggers, range_kind, range, proceeds)| {
        let ([out_ticks, out_seconds, il, elapsed, delta_drift, _], low, high, fees_value, fees_gas_multiple) =
            triggers;
        let ([width, max_width, vol_window, vol_horizon], bias, vol_multiple) = range;
        Rule {
            action,
            out_ticks,
            out_seconds,
            il,
            // Equal ends are a band that is not used, and written as such.
            band: if low == high { (0, 0) } else { (low, high) },
            fees_value,
            fees_gas_multiple,
            elapsed,
            delta_drift,
            range_kind,
            width,
            max_width,
            bias,
            vol_multiple,
            vol_window,
            vol_horizon,
            proceeds,
        }
    })
}

fn guards() -> impl Strategy<Value = Guards> {
    let times = (any::<u64>(), any::<[u32; 10]>(), any::<u16>());
    let amounts = (any::<u128>(), any::<u128>(), 0_u8..2, 0_u8..3, any::<bool>());
    let words = (
        any::<[u8; 20]>(),
        any::<[u8; 20]>(),
        any::<[u8; 32]>(),
        prop_oneof![Just(None), (MIN_TICK..MAX_TICK).prop_map(Some)],
    );
    (times, amounts, words).prop_map(|(times, amounts, words)| {
        let (expiry, n, max_per_day) = times;
        let (min_value, max_fee, fee_token, native_token, keep_entry) = amounts;
        let (keeper, feed, salt, entry) = words;
        Guards {
            keeper: keeper.into(),
            expiry: expiry >> 1,
            twap_window: n[0],
            max_deviation: n[1],
            max_loss: n[2],
            max_period_loss: n[3],
            period: n[4],
            cooldown: n[5],
            max_per_day,
            max_runs: n[6],
            min_deployed: n[7],
            min_value,
            fee_token,
            max_fee,
            max_fee_share: n[8],
            native_token,
            sequencer_feed: feed.into(),
            sequencer_grace: n[9],
            keep_entry,
            entry_sqrt_price: entry.map(|tick| sqrt_price_at_tick(tick).unwrap()).unwrap_or_default(),
            salt,
        }
    })
}

proptest! {
    #[test]
    fn any_terms_are_read_back_to_the_last_digit(guards in guards(), rules in proptest::collection::vec(rule(), 1..4)) {
        let policy = Policy { guards, rules };
        let text = write::file(&policy, &pair(), "Any policy.");
        let document = hedgerow::document::Document::new(Path::new("any.toml"), &text);
        let back = read::parse(document, &pair()).map_err(|error| TestCaseError::fail(format!("{error}\n{text}")))?;
        prop_assert_eq!(back.policy, policy);
    }
}

#[test]
fn the_documentation_names_every_term_and_every_reason() {
    let docs = include_str!("../../docs/policies.md");
    for key in keys::GUARDS.iter().chain(&keys::RULE) {
        assert!(
            docs.contains(&format!("`{key}`")),
            "docs/policies.md says nothing of {key}"
        );
    }
    for reason in hedgerow_core::policy::Reason::ALL {
        let row = format!("| {} | `{reason:?}` |", reason.code());
        assert!(docs.contains(&row), "docs/policies.md has no row {row}");
    }
}

#[test]
fn the_documentations_example_is_a_policy() {
    let docs = include_str!("../../docs/policies.md");
    let example = docs
        .split("```toml")
        .nth(1)
        .and_then(|rest| rest.split("```").next())
        .unwrap();
    let policy = read(example).unwrap();
    assert_eq!(policy.rules.len(), 2);
    // The figures that the page gives for a position worth 100,000 USDC.
    let worst = words::worst(&policy, &pair(), U256::from(100_000_000_000_u64), NOW);
    let said: Vec<&str> = worst.iter().map(|(_, text)| text.as_str()).collect();
    for (text, figure) in said
        .iter()
        .zip(["350 USDC (0.35%", "1400 USDC (1.4%", "18200 USDC (18.2%"])
    {
        assert!(text.starts_with(figure), "{text} is not {figure}");
    }
}
