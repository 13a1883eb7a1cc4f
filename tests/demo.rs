//! `hedgerow demo --json`, run as a user runs it, against what can be known without it.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use alloy::primitives::{I256, U256, ruint::Uint};
use serde_json::Value;
use std::{process::Command, str::FromStr, sync::OnceLock};

/// Wide enough to square and multiply numbers with 256 bits behind the point.
type Wide = Uint<1024, 16>;
const POINT: usize = 256;

fn story() -> &'static Value {
    static STORY: OnceLock<Value> = OnceLock::new();
    STORY.get_or_init(|| {
        let output = Command::new(env!("CARGO_BIN_EXE_hedgerow"))
            .args(["demo", "--json"])
            .output()
            .unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{stderr}");
        assert!(stderr.contains("user operation"), "progress goes to stderr: {stderr}");
        serde_json::from_slice(&output.stdout).expect("exactly one JSON document on stdout")
    })
}

fn number<T: FromStr>(value: &Value) -> T
where
    T::Err: std::fmt::Debug,
{
    value
        .as_str()
        .unwrap_or_else(|| panic!("not a decimal string: {value}"))
        .parse()
        .unwrap()
}

fn fixed(numerator: u64, denominator: u64) -> Wide {
    (Wide::from(numerator) << POINT) / Wide::from(denominator)
}

fn times(a: Wide, b: Wide) -> Wide {
    (a * b) >> POINT
}

fn over(a: Wide, b: Wide) -> Wide {
    (a << POINT) / b
}

/// Newton's method from above.
fn root(x: Wide) -> Wide {
    let square = x << POINT;
    let mut guess = Wide::from(1) << (square.bit_len().div_ceil(2) + 1);
    loop {
        let next: Wide = (guess + square / guess) >> 1;
        if next >= guess {
            return guess;
        }
        guess = next;
    }
}

/// `sqrt(1.0001^tick)` by repeated squaring; the demo's ticks are even.
fn root_at(tick: i64) -> Wide {
    assert_eq!(tick % 2, 0);
    let (mut power, mut base, mut result) = (tick.unsigned_abs() / 2, fixed(10_001, 10_000), fixed(1, 1));
    while power > 0 {
        if power & 1 == 1 {
            result = times(result, base);
        }
        base = times(base, base);
        power >>= 1;
    }
    if tick < 0 { over(fixed(1, 1), result) } else { result }
}

#[test]
fn the_lens_and_the_native_core_agree_to_the_last_digit() {
    for moment in ["within", "beyond"] {
        let seen = &story()[moment];
        assert_eq!(seen["lens"], seen["native"], "{moment}");
        assert_eq!(seen["identical"], true, "{moment}");
        for name in ["amount1", "value", "hold", "fees0", "fees1"] {
            assert!(number::<U256>(&seen["lens"][name]) > U256::ZERO, "{moment}: {name}");
        }
    }
}

#[test]
fn in_its_range_the_position_has_the_closed_forms_delta_and_gamma() {
    let seen = &story()["within"];
    assert_eq!(
        (seen["inRange"].as_bool(), seen["price"].as_str()),
        (Some(true), Some("2400"))
    );
    let position = &story()["before"]["position"];
    let liquidity = Wide::from(number::<u128>(&position["liquidity"]));
    let b = root_at(position["tickUpper"].as_i64().unwrap());
    let wad = Wide::from(1_000_000_000_000_000_000_u64);
    let root = root(fixed(24, 10_000_000_000));
    // delta = L (1 / sqrt P - 1 / sqrt b); P^2 gamma = -L sqrt P / 2. The pool's root has some 82 significant bits.
    let delta = (liquidity * wad * (over(fixed(1, 1), root) - over(fixed(1, 1), b))) >> POINT;
    let dollar_gamma = (liquidity * wad * root) >> (POINT + 1);
    let near = |a: Wide, b: Wide| a.abs_diff(b) < b >> 70;
    assert!(near(Wide::from(number::<U256>(&seen["lens"]["delta"])), delta));
    let reported: I256 = number(&seen["lens"]["dollarGamma"]);
    assert!(reported.is_negative() && near(Wide::from(reported.unsigned_abs()), dollar_gamma));
    let gamma: I256 = number(&seen["lens"]["gamma"]);
    assert!(gamma.is_negative());
}

#[test]
fn the_price_rose_by_half_and_left_the_range() {
    let story = story();
    let before = &story["before"]["position"];
    let (entry, now): (U256, U256) = (number(&story["entrySqrtPriceX96"]), number(&before["sqrtPriceX96"]));
    // 2 * now^2 = 3 * entry^2, up to the rounding of either root.
    let (entry, now) = (Wide::from(entry), Wide::from(now));
    let (a, b) = (now * now * Wide::from(2), entry * entry * Wide::from(3));
    assert!(a.abs_diff(b) < b >> 60);
    assert_eq!(story["minted"]["position"]["inRange"], true);
    assert_eq!(before["inRange"], false);
    assert!(before["tick"].as_i64() > before["tickUpper"].as_i64());
}

#[test]
fn above_its_range_the_position_is_all_token1_without_delta_or_gamma() {
    let figures = &story()["beyond"]["native"];
    for name in ["amount0", "delta", "gamma", "dollarGamma"] {
        assert_eq!(figures[name], "0", "{name}");
    }
    // V = L (sqrt b - sqrt a), in whole raw units of token1.
    let position = &story()["before"]["position"];
    let liquidity = Wide::from(number::<u128>(&position["liquidity"]));
    let [a, b] = ["tickLower", "tickUpper"].map(|end| root_at(position[end].as_i64().unwrap()));
    let value = (liquidity * (b - a)) >> POINT;
    assert!(value.abs_diff(Wide::from(number::<U256>(&figures["amount1"]))) <= Wide::from(1));
}

#[test]
fn the_loss_is_the_closed_form() {
    let story = story();
    let position = &story["before"]["position"];
    let [a, b] = ["tickLower", "tickUpper"].map(|end| root_at(position[end].as_i64().unwrap()));
    // 2,000 and 3,000 USD with 6 decimals per WETH with 18.
    let (entry, now) = (fixed(2, 1_000_000_000), fixed(3, 1_000_000_000));
    let at_entry = root(entry);
    let lp = b - a;
    let hold = times(over(fixed(1, 1), at_entry) - over(fixed(1, 1), b), now) + at_entry - a;
    let wad = Wide::from(1_000_000_000_000_000_000_u64);
    let il = U256::from((lp * wad) / hold);
    let il = I256::from_raw(il) - I256::from_raw(U256::from(wad));
    let reported: I256 = number(&story["beyond"]["native"]["il"]);
    assert!(reported.is_negative());
    // Uniswap's own square roots carry 96 bits behind the point, of which some 14 are zero at this price.
    assert!((reported - il).unsigned_abs() <= U256::from(10), "{reported} {il}");
}

#[test]
fn one_sponsored_operation_leaves_the_wallet_with_the_new_position_and_nothing_else_open() {
    let story = story();
    let rebalanced = &story["userOperation"];
    let after = &rebalanced["after"]["position"];
    assert_eq!(after["owner"], story["provider"]);
    assert_ne!(after["id"], story["before"]["position"]["id"]);
    assert_eq!(after["inRange"], true);
    let allowances = rebalanced["allowances"].as_array().unwrap();
    // Both tokens; at least position manager, router, pool, EntryPoint, paymaster, manager and shell.
    assert!(allowances.len() >= 14);
    assert!(allowances.iter().all(|allowance| allowance["amount"] == "0"));
    assert_eq!(rebalanced["paid"]["who"], "the paymaster");
    assert_ne!(rebalanced["paid"]["by"], story["provider"]);
    assert_eq!(rebalanced["paid"]["walletWeiAfter"], "0");
    assert!(number::<U256>(&rebalanced["paid"]["wei"]) > U256::ZERO);
}

#[test]
fn what_comes_out_is_what_went_in_but_for_fee_impact_and_dust() {
    let story = story();
    let wads = |side: &Value| Wide::from(number::<U256>(&side["figures"]["value"]));
    let wad = Wide::from(1_000_000_000_000_000_000_u64);
    for name in ["userOperation", "selfCall"] {
        let (before, after) = (&story["before"], &story[name]["after"]);
        let price = {
            let root = Wide::from(number::<U256>(&before["position"]["sqrtPriceX96"]));
            root * root
        };
        let fees = Wide::from(number::<U256>(&before["figures"]["fees1"])) * wad
            + ((Wide::from(number::<U256>(&before["figures"]["fees0"])) * price * wad) >> 192);
        let (put_in, came_out) = (wads(before) + fees, wads(after));
        // About half is swapped, at 0.3 % and an impact well below 1 %.
        assert!(came_out < put_in, "{name}");
        assert!(
            came_out * Wide::from(1_000) > put_in * Wide::from(990),
            "{name}: {came_out} of {put_in}"
        );
        // Dust: a millionth of a dollar is the least the swap can take or leave; of WETH, what that buys and its neighbours.
        let dust: Vec<U256> = story[name]["dust"].as_array().unwrap().iter().map(number).collect();
        let dust0 = (Wide::from(dust[0]) * price) >> 192;
        assert!(dust0 + Wide::from(dust[1]) <= Wide::from(1_000), "{name}: {dust:?}");
    }
}

#[test]
fn the_self_call_does_the_same_for_less_gas() {
    let story = story();
    let gas = |name: &str| story[name]["paid"]["gasUsed"].as_u64().unwrap();
    assert!(gas("selfCall") < gas("userOperation"));
    let liquidity = |name: &str| number::<u128>(&story[name]["after"]["position"]["liquidity"]);
    assert_eq!(liquidity("selfCall"), liquidity("userOperation"));
    assert_eq!(story["selfCall"]["paid"]["by"], story["provider"]);
}

#[test]
fn it_stays_within_twenty_seconds_and_300_megabytes() {
    let story = story();
    assert!(story["seconds"].as_f64().unwrap() < 20.0);
    if cfg!(target_os = "linux") {
        assert!(story["peakMemoryKib"].as_u64().unwrap() < 300 * 1024);
    }
}

#[test]
fn the_programs_fit_and_were_activated() {
    for name in ["lens", "manager"] {
        let deployed = &story()["deployment"][name];
        assert!(deployed["size"].as_u64().unwrap() <= 24_576);
        assert!(deployed["activationGas"].as_u64().unwrap() > 0);
        assert!(number::<U256>(&deployed["dataFee"]) > U256::ZERO);
    }
}
