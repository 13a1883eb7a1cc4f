//! As a user meets it: options, files, tables, documents and refusals.

use crate::close;
use serde_json::Value;
use std::{
    fs,
    path::PathBuf,
    process::{Command, Output},
};

const POSITION: &str =
    "--value 10000 --price 2000 --range-lower 1500 --range-upper 2500 --volatility 60% --fee-apr 40%";
const VENUE: &str = "--borrow-rate 3% --supply-rate 2% --threshold 78%";

fn plan(arguments: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hedgerow"));
    command.arg("plan").args(arguments.split_whitespace()).output().unwrap()
}

fn stdout(arguments: &str) -> String {
    let output = plan(arguments);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments}: {said}");
    String::from_utf8(output.stdout).unwrap()
}

fn json(arguments: &str) -> Value {
    serde_json::from_str(&stdout(&format!("{arguments} --json"))).unwrap()
}

fn refusal(arguments: &str) -> String {
    let output = plan(arguments);
    assert_eq!(output.status.code(), Some(2), "{arguments}");
    assert!(output.stdout.is_empty(), "{arguments} printed a result");
    String::from_utf8(output.stderr).unwrap()
}

/// One way of a document.
pub fn of<'v>(document: &'v Value, hedge: &str) -> &'v Value {
    let plans = document["plans"].as_array().unwrap();
    plans.iter().find(|plan| plan["hedge"] == hedge).unwrap()
}

fn number(document: &Value, key: &str) -> f64 {
    document[key]
        .as_f64()
        .unwrap_or_else(|| panic!("no {key} in {document}"))
}

struct File(PathBuf);

impl File {
    fn new(name: &str, text: &str) -> Self {
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::write(&path, text).unwrap();
        Self(path)
    }
}

/// A million parted between position and hedge: what Orange published for three cases.
#[test]
fn a_capital_is_parted_as_orange_published() {
    // Options, hedge, collateral, debt, the position's two legs.
    let cases = [
        (
            "--price 2000 --threshold 78% --health 1.3 --share 100%",
            "full delta",
            [625_000.0, 375_000.0, 375_000.0, 375_000.0],
        ),
        (
            // The root of 0.36 is 0.6 and that of 4 is 2: 0.4 of the one for 0.5 of the other.
            "--price 1 --range-lower 0.36 --range-upper 4 --threshold 91% --health 1.3 --share 100%",
            "full delta",
            [641_025.641, 448_717.949, 448_717.949, 358_974.359],
        ),
        (
            "--price 2000 --threshold 78% --health 1.3 --share 50%",
            "50% of the delta",
            [357_142.857, 214_285.714, 428_571.429, 428_571.429],
        ),
    ];
    for (options, hedge, [collateral, debt, volatile, stable]) in cases {
        let document = json(&format!(
            "--capital 1000000 --volatility 60% --fee-apr 20% --borrow-rate 3% --supply-rate 2% --pool-fee 0 {options}"
        ));
        let told = of(&document, hedge);
        let price = number(&document["given"], "price");
        close(number(told, "collateral"), collateral, 1e-8);
        close(number(told, "debt") * price, debt, 1e-8);
        close(number(told, "value"), volatile + stable, 1e-8);
        // All of it is used.
        close(number(told, "value") + number(told, "capital"), 1_000_000.0, 1e-8);
        close(number(of(&document, "no hedge"), "value"), 1_000_000.0, 1e-12);
    }
}

#[test]
fn a_plan_is_a_table_with_a_reason_for_every_place_and_what_follows() {
    let told = stdout(&format!("{POSITION} {VENUE} --share 50% --share 100%"));
    for words in [
        "1. full delta",
        "50% of the delta",
        "impermanent loss only",
        "no hedge",
        "liquidated at a price of",
        "break-even volatility",
        "variance left",
        "the gate leaves",
        "Hedge: the first of these is worth what it costs.",
    ] {
        assert!(told.contains(words), "{words} is missing in\n{told}");
    }
    assert!(told.contains("takes away"), "{told}");
}

#[test]
fn a_document_has_every_figure_of_every_way() {
    let document = json(&format!("{POSITION} {VENUE}"));
    assert_eq!(document["plans"].as_array().unwrap().len(), 6);
    assert_eq!(document["advice"], "hedge");
    let full = of(&document, "full delta");
    let sum = number(full, "fees") - number(full, "loss") - number(full, "carry") - number(full, "trading");
    close(number(full, "expected"), sum, 1e-12);
    close(number(full, "variance"), number(full, "deviation").powi(2), 1e-12);
    close(number(full, "liquidationPrice"), 4_000.0, 1e-12);
    assert_eq!(full["refused"], false);
    assert!(number(&full["score"], "total") >= 5.0 && full["reason"].as_str().unwrap().len() > 10);
    assert_eq!(of(&document, "no hedge")["liquidationPrice"], Value::Null);
}

#[test]
fn a_file_has_the_options_names_and_options_come_before_it() {
    let file = File::new(
        "plan.toml",
        "value = 10000\nprice = \"2000\"\nrange-lower = 1500\nrange-upper = 2500\nvolatility = \"60%\"\nfee-apr = 0.4\nborrow-rate = \"3%\"\n\
         supply-rate = \"2%\"\nthreshold = \"78%\"\nshare = [\"50%\", 1]\nhorizon = \"30d\"\n",
    );
    let path = file.0.to_str().unwrap();
    let from_file = json(&format!("--given {path}"));
    assert_eq!(from_file, json(&format!("{POSITION} {VENUE} --share 50% --share 100%")));
    let other = json(&format!("--given {path} --volatility 80% --share 25% --capital 500"));
    assert_eq!(number(&other["given"], "volatility"), 0.8);
    assert_eq!(
        (
            number(&other["given"], "capital"),
            other["plans"].as_array().unwrap().len()
        ),
        (500.0, 3)
    );
}

#[test]
fn everything_wrong_with_a_file_is_told_with_its_line() {
    let file = File::new(
        "faulty.toml",
        "value = \"a lot\"\nvolatilty = \"60%\"\nhorizon = \"30\"\n",
    );
    let said = refusal(&format!("--given {}", file.0.display()));
    for words in [
        "line 1",
        "value = \"a lot\"",
        "line 2",
        "\"volatility\" may be meant",
        "line 3",
        "write a number and a unit",
    ] {
        assert!(said.contains(words), "{words} is missing in\n{said}");
    }
    let said = refusal("--given nowhere.toml");
    assert!(said.contains("nowhere.toml cannot be used"), "{said}");
}

#[test]
fn a_figure_that_no_plan_can_be_made_of_is_named_with_a_remedy() {
    let cases = [
        ("", "what the position is worth is needed"),
        ("--value 1", "the volatile token's price is needed"),
        (
            &format!("{POSITION} --borrow-rate 3% --supply-rate 2%"),
            "the liquidation threshold is needed",
        ),
        (
            &format!("{POSITION} {VENUE} --health 1"),
            "a health factor of 1 is liquidated",
        ),
        (
            &format!("{POSITION} {VENUE} --share 0"),
            "give a share above zero and at most 100%",
        ),
        (
            &format!("{POSITION} {VENUE} --share 101%"),
            "give a share above zero and at most 100%",
        ),
        (&format!("{POSITION} {VENUE} --inner 10%"), "give less than the band"),
        (&format!("{POSITION} {VENUE} --price-low 2001"), "not above the price"),
        (
            &format!("{POSITION} {VENUE} --price-high 1999"),
            "not lie below the price",
        ),
        (&format!("{POSITION} {VENUE} --pool-fee 100%"), "below 100%"),
        (
            &format!("--value 1 --price 1 --range-lower 1 --volatility 60% --fee-apr 1% {VENUE}"),
            "give --range-lower and --range-upper",
        ),
        (
            &format!("--value 1 --price 1 --range-lower 2 --range-upper 1 --volatility 60% --fee-apr 1% {VENUE}"),
            "below its upper one",
        ),
        (
            &format!("--value 0 --price 1 --volatility 60% --fee-apr 1% {VENUE}"),
            "give a number above zero",
        ),
        (
            &format!("--value 1 --price 1 --volatility 0 --fee-apr 1% {VENUE}"),
            "give a number above zero",
        ),
        ("--value 1 --capital 1", "cannot be used with"),
        ("--write somewhere.toml", "POSITION"),
    ];
    for (arguments, remedy) in cases {
        let said = refusal(arguments);
        assert!(said.contains(remedy), "{arguments}: {remedy} is missing in\n{said}");
    }
}
