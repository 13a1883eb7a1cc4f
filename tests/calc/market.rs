//! Prices and risk: volatility from every kind of source, probabilities, the gate and the scorecard.

use super::{assert_figures, json, number};
use serde_json::Value;
use std::{
    io::Write,
    process::{Command, Output, Stdio},
};

/// `calc volatility` with this on stdin.
fn volatility_of(arguments: &str, text: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_hedgerow"))
        .args(["calc", "volatility"])
        .args(arguments.split_whitespace())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that refuses its arguments reads nothing.
    let _ = child.stdin.take().unwrap().write_all(text.as_bytes());
    child.wait_with_output().unwrap()
}

#[test]
fn volatility_is_the_same_from_arguments_lines_and_columns() {
    let arguments = json("volatility 100 102 101 105 103");
    let of = |flags: &str, text: &str| -> Value {
        let output = volatility_of(&format!("{flags} --json"), text);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    };
    for (flags, text) in [
        ("", "100\n102\n101\n105\n103\n"),
        ("--file -", "# prices\n\n100\r\n102\r\n 101 \r\n\"105\"\r\n103"),
        ("", "price\n100\n102\n101\n105\n103\n"),
        ("", "time;Close\na;100\nb;102\nc;101\nd;105\ne;103\n"),
        ("--column 2", "1\t100\n2\t102\n3\t101\n4\t105\n5\t103\n"),
        (
            "--column mid",
            "t,mid,close\n1,100,1\n2,102,2\n3,101,3\n4,105,4\n5,103,5\n",
        ),
    ] {
        assert_eq!(of(flags, text), arguments, "{text:?}");
    }
    // Sample deviation of the four log returns, by hand: 0.0267654..., times sqrt(365).
    let returns = [1.02_f64, 101.0 / 102.0, 105.0 / 101.0, 103.0 / 105.0].map(f64::ln);
    let mean = returns.iter().sum::<f64>() / 4.0;
    let variance = returns.iter().map(|r| (r - mean).powi(2)).sum::<f64>() / 3.0;
    assert!((number(&arguments, "closeToCloseVariance") - variance).abs() < 1e-15);
    assert!((number(&arguments, "closeToClose") - (variance * 365.0).sqrt()).abs() < 1e-13);
}

#[test]
fn a_bar_tells_the_published_variances() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bars.csv");
    std::fs::write(&file, "date,open,high,low,close\n2026-01-01,100,110,90,105\n").unwrap();
    assert_figures(
        &format!("volatility --interval 1y --file {}", file.display()),
        &[
            ("parkinsonVariance", "0.0145238735533531"),
            ("garmanKlassVariance", "0.0192147979616413"),
            ("rogersSatchellVariance", "0.0206752261702661"),
        ],
    );
}

#[test]
fn tables_that_make_no_prices_are_refused_with_their_place() {
    for (flags, text, said) in [
        ("", "", "no prices"),
        ("", "1,2\n3,4\n", "2 columns without headings"),
        ("", "a,b\n3,4\n", "the columns a, b"),
        ("--column c", "a,b\n3,4\n", "--column"),
        ("--column 3", "a,b\n3,4\n", "--column"),
        ("--column b", "a,b\n3,4\n5,x\n", "line 3, column 2"),
        ("--column b", "a,b\n3,4\n5\n", "line 3, column 2"),
        ("", "100\n0\n", "line 2, column 1"),
        ("", "100\n1e5\n", "1e5"),
        ("", "open,high,low,close\n100,99,90,95\n", "outside its low and high"),
    ] {
        let output = volatility_of(flags, text);
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{text:?}: {message}");
        assert!(
            output.stdout.is_empty() && message.contains(said),
            "{text:?}: {message}"
        );
    }
}

#[test]
fn ranges_hold_with_the_published_probabilities() {
    for (range, rest, published) in [
        ("0.7 1.3", "--volatility 60% --horizon 30d", "0.923004398482"),
        ("0.9 1.1", "--volatility 60% --horizon 30d", "0.439672793136"),
        ("0.9 1.1", "--volatility 60% --horizon 7d", "0.772690961919"),
        ("0.5 1.5", "--volatility 80% --horizon 90d", "0.827611509031"),
    ] {
        let (lower, upper) = range.split_once(' ').unwrap();
        let document = assert_figures(
            &format!("risk --price 1 --range-lower {lower} --range-upper {upper} {rest}"),
            &[("inRange", published)],
        );
        assert!(number(&document, "staysInRange") < number(&document, "inRange"));
        assert!(number(&document, "conditionalValueAtRisk") > number(&document, "valueAtRisk"));
    }
}

#[test]
fn the_gate_passes_v2_and_refuses_the_ranges() {
    // Belford 2026: 30-day premiums in per cent, against 1.29 % of fees in that time (15.7 % a year).
    for (premium, cover, days, passes) in [
        ("0.60", 2.1, 14.0, true),
        ("2.60", 0.5, 61.0, false),
        ("2.35", 0.5, 55.0, false),
        ("3.94", 0.3, 92.0, false),
        ("2.76", 0.5, 64.0, false),
    ] {
        let document = json(&format!(
            "gate --value 100 --fee-apr 15.7% --lvr-apr 0 --horizon 30d --premium {premium} --min-net-apr 0"
        ));
        assert_eq!(document["feesCoverCost"], passes, "{premium}");
        assert_eq!(document["action"] == "hedge", passes, "{premium}");
        assert!(
            (number(&document, "cover") - cover).abs() <= 0.06,
            "{premium}: {document}"
        );
        assert!(
            (number(&document, "breakEvenDays") - days).abs() <= 0.7,
            "{premium}: {document}"
        );
    }
}

#[test]
fn the_scorecard_follows_its_thresholds() {
    // 60 % is 4; correlation 0.7 is 3; fees over twice the loss is 1; weekly is 3; 5/3 is between 11/9 and 13/7: 4.
    let document = json(
        "scorecard --volatility 60% --correlation 0.7 --fees 1.29% --loss 0.6% --management weekly --range-lower 1500 \
         --range-upper 2500",
    );
    for (key, score) in [
        ("volatility", 4),
        ("correlation", 3),
        ("fees", 1),
        ("management", 3),
        ("width", 4),
        ("total", 15),
    ] {
        assert_eq!(document[key], score.to_string(), "{key}");
    }
    assert_eq!(document["verdict"], "moderate");
}
