//! The command as a user meets it: help, figures that can be looked up, and bad input refused with a remedy.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use serde_json::Value;
use std::process::{Command, Output};

fn hedgerow(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hedgerow"));
    for name in [
        "ETH_RPC_URL",
        "HEDGEROW_PRIVATE_KEY",
        "HEDGEROW_KEYSTORE",
        "HEDGEROW_DEPLOYMENTS",
    ] {
        command.env_remove(name);
    }
    command.args(arguments).output().unwrap()
}

fn stdout(arguments: &[&str]) -> String {
    let output = hedgerow(arguments);
    assert!(
        output.status.success(),
        "{arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

/// Runs what must fail; nothing may be on stdout. Returns the exit code and what stderr says.
fn refusal(arguments: &[&str]) -> (i32, String) {
    let output = hedgerow(arguments);
    assert!(output.stdout.is_empty(), "{arguments:?} printed a result");
    (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
}

/// `calc il` through the binary, as a wad.
fn il(arguments: &[&str]) -> i128 {
    let json: Value = serde_json::from_str(&stdout(&[&["calc", "il", "--json"], arguments].concat())).unwrap();
    json["ilWad"].as_str().unwrap().parse().unwrap()
}

/// A printed figure with as many digits as the table gives; the exact wad lies within one unit of the last, rounded down.
fn assert_il(arguments: &[&str], printed: &str) {
    let digits = printed.trim_start_matches("-0.");
    let shown = &digits[..digits.len().min(18)];
    let unit = 10_i128.pow(18 - shown.len() as u32);
    let expected = -shown.parse::<i128>().unwrap() * unit;
    let wad = il(arguments);
    assert!(
        (wad - expected).abs() <= unit,
        "{arguments:?}: {wad}, the table says {printed}"
    );
}

#[test]
fn help_names_every_command_and_the_exit_codes() {
    let help = stdout(&["--help"]);
    for word in [
        "demo",
        "devnode",
        "deploy",
        "calc",
        "position",
        "account",
        "delegate",
        "undelegate",
        "rebalance",
        "walk",
        "exit",
        "compound",
        "harvest",
        "relay",
        "plan",
        "policy",
        "run",
        "Exit codes",
        "HEDGEROW_PRIVATE_KEY",
    ] {
        assert!(help.contains(word), "{word}");
    }
    for command in [
        "demo",
        "devnode",
        "deploy",
        "delegate",
        "rebalance",
        "walk",
        "exit",
        "compound",
        "harvest",
        "relay",
        "plan",
        "policy",
        "run",
    ] {
        assert!(stdout(&[command, "--help"]).contains("Usage: hedgerow"), "{command}");
    }
}

#[test]
fn constant_product_losses_are_the_published_ones() {
    for (ratio, printed) in [
        ("1.1", "-0.00113443031414138"),
        ("0.9", "-0.00138600205209074"),
        ("1.25", "-0.00619201000009347"),
        ("0.8", "-0.00619201000009347"),
        ("1.5", "-0.0202041028867288"),
        ("2", "-0.057190958417936634"),
        ("0.5", "-0.057190958417936634"),
        ("3", "-0.133974596215561"),
        ("5", "-0.254644007500070"),
        ("10", "-0.42504042542393103"),
        ("100", "-0.801980198019802"),
    ] {
        assert_il(&["--entry-price", "1", "--price", ratio], printed);
    }
    assert_eq!(il(&["--entry-price", "1", "--price", "4"]), -200_000_000_000_000_000);
    assert_eq!(il(&["--entry-price", "1850.25", "--price", "1850.250"]), 0);
}

#[test]
fn weighted_losses_are_the_published_ones() {
    for (ratio, weight, printed) in [
        ("2", "0.2", "-0.042751370835804"),
        ("2", "0.8", "-0.03272159633764"),
        ("2", "0.95", "-0.0092960728975943"),
        ("2", "0.98", "-0.0038053489966069"),
        ("0.5", "0.8", "-0.042751370835804"),
        ("4", "0.8", "-0.10840201969977"),
        ("10", "0.8", "-0.23053982380464"),
    ] {
        assert_il(&["--entry-price", "1", "--price", ratio, "--weight", weight], printed);
    }
}

#[test]
fn concentrated_losses_are_the_published_ones() {
    for (lower, upper, price, printed) in [
        ("0.9", "1.1", "0.9", "-0.0282552939753"),
        ("0.9", "1.1", "1.1", "-0.0232402062073"),
        ("0.9", "1.1", "1.05", "-0.0060874508"),
        ("0.7", "1.3", "0.8", "-0.0425903414837"),
        ("0.7", "1.3", "0.5", "-0.29235971273"),
        ("0.7", "1.3", "2", "-0.258314647028"),
        ("0.5", "1.5", "1.5", "-0.0889032898644"),
        ("0.8", "1.25", "1.25", "-0.0586515605556"),
    ] {
        let arguments = [
            "--entry-price",
            "1",
            "--price",
            price,
            "--range-lower",
            lower,
            "--range-upper",
            upper,
        ];
        assert_il(&arguments, printed);
    }
}

#[test]
fn the_sentence_and_the_document_say_the_same() {
    let arguments = ["calc", "il", "--entry-price", "1", "--price", "4"];
    assert!(stdout(&arguments).starts_with("-20 % against holding: -0.2"));
    let json: Value = serde_json::from_str(&stdout(&[&arguments[..], &["--json"]].concat())).unwrap();
    assert_eq!(json["il"], "-0.2");
    assert_eq!(json["pool"], "constant product");
}

#[test]
fn bad_figures_are_refused_with_the_value_and_a_remedy() {
    let il = |rest: &[&str]| refusal(&[&["calc", "il"], rest].concat());
    for (rest, value, remedy) in [
        (vec!["--entry-price", "0", "--price", "1"], "\"0\"", "above zero"),
        (vec!["--entry-price", "1", "--price", "0.000"], "\"0\"", "above zero"),
        (vec!["--entry-price", "1", "--price", "1e3"], "'1e3'", "plain number"),
        (vec!["--entry-price", "1", "--price=-2"], "'-2'", "plain number"),
        (
            vec!["--entry-price", "1", "--price", "2", "--weight", "1"],
            "\"1\"",
            "strictly between 0 and 1",
        ),
        (
            vec!["--entry-price", "1", "--price", "2", "--weight", "0"],
            "\"0\"",
            "strictly between 0 and 1",
        ),
        (
            vec![
                "--entry-price",
                "1",
                "--price",
                "2",
                "--range-lower",
                "2",
                "--range-upper",
                "2",
            ],
            "2 to 2",
            "empty",
        ),
        (
            vec!["--entry-price", "1", "--price", "2", "--range-lower", "1"],
            "--range-upper",
            "required",
        ),
    ] {
        let (code, said) = il(&rest);
        assert_eq!(code, 2, "{rest:?}: {said}");
        assert!(said.contains(value) && said.contains(remedy), "{rest:?}: {said}");
    }
}

#[test]
fn a_node_that_is_not_there_is_exit_code_3() {
    let (code, said) = refusal(&["position", "show", "1", "--rpc-url", "http://127.0.0.1:1"]);
    assert_eq!(code, 3, "{said}");
    assert!(
        said.contains("http://127.0.0.1:1") && said.contains("hedgerow devnode"),
        "{said}"
    );
    let (code, said) = refusal(&["position", "show", "1", "--rpc-url", "nonsense"]);
    assert_eq!(code, 2, "{said}");
    assert!(
        said.contains("nonsense") && said.contains("http://127.0.0.1:8545"),
        "{said}"
    );
}
