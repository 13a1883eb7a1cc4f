//! The `[hedge]` table of a policy's file: what is written is read back, and what is wrong is told with its line.

use alloy::primitives::{Address, B256, U256, address};
use hedgerow::{
    hedge::{
        HedgePolicy, Venue,
        defaults::{self, Circumstances},
        growth::Baseline,
    },
    policy::{
        Pair, Policy,
        defaults::{Circumstances as Position, Preset},
        read::{self, Terms},
        write,
    },
    position::Token,
};
use hedgerow_core::{hedging::Kind, tick::sqrt_price_at_tick};
use std::path::Path;

const NOW: u64 = 1_800_000_000;

fn pair() -> Pair {
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

fn ranges() -> Policy {
    let it = Position {
        pair: pair(),
        range: (-202_020, -198_060),
        native_token: 1,
        amounts: [U256::from(10_u64.pow(18)), U256::from(2_000_000_000_u64)],
        sqrt_price: sqrt_price_at_tick(-200_280).unwrap(),
        now: NOW,
    };
    let mut policy = Preset::Range.policy(&it, B256::repeat_byte(7));
    policy.guards.fee_token = 1;
    policy
}

fn hedge() -> HedgePolicy {
    let limits = Circumstances {
        baseline: Baseline {
            since: NOW - 86_400,
            growth: [U256::MAX, U256::from(12_345)],
        },
        worth: 4_000_000_000,
        most: 2_000_000_000_000_000_000,
    };
    HedgePolicy {
        venue: Venue {
            margins: Address::repeat_byte(3),
            market: address!("794a61358D6845594F94dc1DB02A252b5b4814aD"),
            volatile: 0,
            e_mode: 0,
        },
        guards: ranges().guards,
        terms: defaults::terms(&limits),
        rule: defaults::rule(),
    }
}

fn text() -> String {
    write::hedged(&hedge(), Some(&ranges()), &pair(), "A policy.")
}

fn read(text: &str) -> Result<Terms, String> {
    read::terms(Path::new("policy.toml"), text, &pair(), NOW).map_err(|error| {
        assert_eq!(error.exit_code(), 2);
        error.to_string()
    })
}

/// Replaces the line that begins with `key =`, and tells its number.
fn with(text: &str, key: &str, line: &str) -> (String, usize) {
    let start = format!("{key} =");
    let at = text.lines().position(|old| old.starts_with(&start));
    let at = at.unwrap_or_else(|| panic!("no line for {key}"));
    let lines: Vec<_> = text
        .lines()
        .enumerate()
        .map(|(n, old)| if n == at { line } else { old })
        .collect();
    (lines.join("\n"), at + 1)
}

#[test]
fn what_is_written_is_read_back_with_rules_without_and_with_guards_of_its_own() {
    let both = Terms {
        ranges: Some(ranges()),
        hedge: Some(hedge()),
    };
    assert_eq!(read(&text()), Ok(both));
    let alone = Terms {
        ranges: None,
        hedge: Some(hedge()),
    };
    assert_eq!(read(&write::hedged(&hedge(), None, &pair(), "A policy.")), Ok(alone));
    let mut other = hedge();
    (other.guards.max_loss, other.guards.salt) = (1_234, [9; 32]);
    other.venue.e_mode = 2;
    other.rule.target = Kind::IlDelta;
    (other.rule.il, other.rule.elapsed) = (20_000, 86_400);
    (other.terms.margin, other.terms.override_gate) = (-5_000, true);
    let own = Terms {
        ranges: Some(ranges()),
        hedge: Some(other.clone()),
    };
    let text = write::hedged(&other, Some(&ranges()), &pair(), "A policy.");
    assert!(text.contains("[hedge.guards]"), "{text}");
    assert_eq!(read(&text), Ok(own));
}

#[test]
fn human_units_reach_the_chain_exactly() {
    let text = text();
    let set = |key: &str, line: &str| read(&with(&text, key, line).0).unwrap().hedge.unwrap();
    assert_eq!(set("health", "health = \"2.125\"").terms.health, 2_125);
    let most = set("max-collateral", "max-collateral = \"25.5 USDC\"")
        .terms
        .max_collateral;
    assert_eq!(most, 25_500_000);
    assert_eq!(
        set("min-trade", "min-trade = \"0.25 WETH\"").terms.min_trade,
        250_000_000_000_000_000
    );
    assert_eq!(set("margin", "margin = \"-0.5%\"").terms.margin, -5_000);
    assert_eq!(set("horizon", "horizon = \"2d 12h\"").terms.horizon, 216_000);
    assert_eq!(set("band", "band = \"12.5%\"").rule.band, 125_000);
    // `date -u -d 2026-12-31 +%s`
    assert_eq!(
        set("fees-since", "fees-since = 2026-12-31").terms.fees_since,
        1_798_675_200
    );
    assert_eq!(set("target", "target = \"il\"").rule.target, Kind::IlDelta);
}

#[test]
fn what_is_wrong_is_told_where_it_stands() {
    let text = text();
    for (key, line, words) in [
        ("health", "health = \"2.0001\"", "at most 3 digits"),
        ("health", "health = \"1.2\"", "at least min-health"),
        ("min-health", "min-health = \"1\"", "its limit is 1.05"),
        ("low-health", "low-health = \"1.1\"", "min-health"),
        ("inner", "inner = \"50%\"", "less than band"),
        ("share", "share = \"0%\"", "its limit is"),
        ("share", "shared = \"100%\"", "\"share\" may be meant"),
        ("max-collateral", "max-collateral = \"1 WETH\"", "USDC"),
        ("venue", "venue = \"moon\"", "aave-v3"),
        ("target", "target = \"amount\"", "\"delta\" or \"il\""),
        ("fees-since", "fees-since = 2030-01-01", "in the past"),
        ("fee-growth0", "fee-growth0 = 7", "quotation marks"),
    ] {
        let (text, number) = with(&text, key, line);
        let said = read(&text).unwrap_err();
        assert!(
            said.contains(&format!("line {number}, column ")) && said.contains(words),
            "{line:?}: {said}"
        );
    }
    let (paid, number) = with(
        &with(&text, "max-fee", "max-fee = \"1\"").0,
        "fee-token",
        "fee-token = \"token0\"",
    );
    let said = read(&paid).unwrap_err();
    assert!(
        said.contains(&format!("line {number}, column ")) && said.contains("collateral, USDC"),
        "{said}"
    );
    let without = text.replace("market = ", "# market = ");
    assert!(read(&without).unwrap_err().contains("no \"market\""));
    let twice = text.replace("[hedge]", "[[hedge]]");
    assert!(read(&twice).unwrap_err().contains("[hedge]"));
}

#[test]
fn a_command_about_the_position_alone_says_that_the_file_has_a_hedge() {
    let error = read::policy(Path::new("policy.toml"), &text(), &pair(), NOW).unwrap_err();
    assert!(error.to_string().contains("it has a [hedge]"), "{error}");
}
