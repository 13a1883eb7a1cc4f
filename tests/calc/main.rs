//! `hedgerow calc` as a user meets it: published figures come out, in a table and exactly; bad input is refused with a remedy.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod market;
mod plot;

use serde_json::Value;
use std::process::{Command, Output};

fn calc(arguments: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hedgerow"));
    command.arg("calc").args(arguments.split_whitespace()).output().unwrap()
}

fn stdout(arguments: &str) -> String {
    let output = calc(arguments);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments}: {said}");
    String::from_utf8(output.stdout).unwrap()
}

fn json(arguments: &str) -> Value {
    let text = stdout(&format!("{arguments} --json"));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{arguments}: {error} in {text}"))
}

fn number(document: &Value, key: &str) -> f64 {
    let text = document[key]
        .as_str()
        .unwrap_or_else(|| panic!("no {key} in {document}"));
    text.parse().unwrap()
}

/// Each figure, to within one unit of the last digit that was published.
fn assert_figures(arguments: &str, figures: &[(&str, &str)]) -> Value {
    let document = json(arguments);
    for (key, published) in figures {
        let digits = published.split_once('.').map_or(0, |(_, digits)| digits.len());
        let unit = 10_f64.powi(-(digits as i32));
        let (got, expected) = (number(&document, key), published.parse::<f64>().unwrap());
        // A double's own last digits are not at issue.
        let slack = unit.max(expected.abs() * 1e-15) * 1.001;
        assert!(
            (got - expected).abs() <= slack,
            "{arguments}: {key} is {got}, published {expected}"
        );
    }
    document
}

fn refusal(arguments: &str) -> (i32, String) {
    let output = calc(arguments);
    assert!(output.stdout.is_empty(), "{arguments} printed a result");
    (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
}

/// Every command, with arguments that work.
const COMMANDS: [(&str, &str); 14] = [
    ("il", "--entry-price 2000 --price 3000"),
    ("position", "--entry-price 2000 --price 2500"),
    ("option", "--spot 100 --strike 100 --volatility 20% --expiry 1y"),
    ("iv", "--spot 100 --strike 100 --expiry 1y --call 10"),
    ("strip", "--entry-price 2000 --volatility 80% --expiry 30d"),
    (
        "strangle",
        "--entry-price 2000 --volatility 80% --expiry 30d --put-strike 1800 --call-strike 2200 --stress-low 1400 --stress-high 2800",
    ),
    ("premium", "--entry-price 2000 --volatility 80% --expiry 30d"),
    ("hedge", "--entry-price 2000 --price 2500"),
    ("lvr", "--price 2000 --volatility 80%"),
    ("tick", "--price 3000"),
    ("volatility", "100 102 101 105 103"),
    ("risk", "--price 2000 --volatility 80% --horizon 30d"),
    (
        "gate",
        "--value 10000 --fee-apr 15.7% --lvr-apr 2.1% --horizon 30d --premium 60",
    ),
    (
        "scorecard",
        "--volatility 60% --fees 1.29% --loss 0.6% --management weekly",
    ),
];

#[test]
fn every_command_has_help_with_an_example_that_works() {
    let overview = stdout("--help");
    assert!(overview.contains("--stdin") && overview.contains("--functions"));
    for (command, _) in COMMANDS {
        assert!(overview.contains(&format!("  {command}")), "{command}");
        let help = stdout(&format!("{command} --help"));
        // An example may run over several lines.
        let help = help.replace("\\\n", " ");
        let examples: Vec<_> = help
            .lines()
            .filter_map(|line| line.trim().strip_prefix("hedgerow calc "))
            .collect();
        assert!(!examples.is_empty(), "{command}");
        for example in examples {
            if !example.contains("--svg") && !example.contains("prices.csv") {
                stdout(example);
            }
        }
    }
}

#[test]
fn every_command_prints_a_table_or_one_document_with_exact_numbers() {
    for (command, arguments) in COMMANDS {
        let arguments = format!("{command} {arguments}");
        let text = stdout(&arguments);
        assert!(text.lines().all(|line| line.chars().count() <= 120), "{text}");
        let document = json(&arguments);
        for (key, value) in document.as_object().unwrap() {
            assert!(!value.is_number(), "{key} is a JSON number, which loses digits");
        }
    }
}

#[test]
fn the_textbooks_option_comes_out_to_its_last_digit() {
    assert_figures(
        "option --spot 100 --strike 100 --rate 5% --volatility 20% --expiry 1y",
        &[
            ("call", "10.450583572185567"),
            ("put", "5.573526022256968"),
            ("deltaCall", "0.636830651175619"),
            ("gamma", "0.018762017345846894"),
            ("vega", "37.52403469169379"),
        ],
    );
    // The strangle of the maths notes: 199.316373559813 together.
    let at = "--spot 2000 --volatility 80% --expiry 30d --strike";
    assert_figures(&format!("option {at} 1800"), &[("put", "91.3559026660422")]);
    assert_figures(&format!("option {at} 2200"), &[("call", "107.960470893770")]);
    let parity = json("option --spot 100 --strike 90 --rate -2% --volatility 0.45 --expiry 12h");
    let (left, right) = (number(&parity, "callMinusPut"), number(&parity, "forwardValue"));
    assert!((left - right).abs() < 1e-15, "{left} {right}");
}

#[test]
fn a_published_price_gives_its_volatility_back() {
    for arguments in [
        "--spot 2000 --strike 2200 --expiry 30d --call 107.960470893770",
        "--spot 2000 --strike 1800 --expiry 30d --put 91.3559026660422",
    ] {
        assert_figures(&format!("iv {arguments}"), &[("volatility", "0.80000000000000")]);
    }
    let (code, said) = refusal("iv --spot 100 --strike 90 --expiry 30d --call 9");
    assert!(code == 2 && said.contains("implied volatility"), "{said}");
}

#[test]
fn elsts_worked_position_comes_out() {
    // "Liquidity math in Uniswap v3", examples 2 and 3: 2 ETH and 4,000 USD at 2,000 with the upper end at 3,000.
    let range =
        "--entry-price 2000 --range-lower 1333.333333333333333333 --range-upper 3000 --liquidity 487.417180302041";
    let ratio = number(&json(&format!("position {range} --price 2000")), "value");
    assert!((ratio - 8_000.0).abs() < 1e-9, "{ratio}");
    assert_figures(
        &format!("position {range} --price 2500"),
        &[
            ("value", "8696.3103451"),
            ("amount0", "0.849364120474"),
            ("amount1", "6572.90"),
            ("delta", "0.849364120474"),
            ("il", "-0.0337432949827"),
        ],
    );
    assert_figures(
        &format!("position {range} --price 2000"),
        &[("gamma", "-0.0027247448713")],
    );
    assert_figures(&format!("position {range} --price 1500"), &[("delta", "3.68607799")]);
    // By its value, the same position.
    let by_value = json(
        "position --entry-price 2000 --price 2500 --range-lower 1333.333333333333333333 --range-upper 3000 --value 8000",
    );
    assert!((number(&by_value, "value") - 8_696.310_345_155_5).abs() < 1e-8);
}

#[test]
fn published_premiums_come_out() {
    let unit = "--entry-price 1 --liquidity 1 --volatility";
    for (arguments, published) in [
        ("50% --expiry 30d", "0.00256519739446532"),
        ("80% --expiry 30d", "0.00655377220466104"),
        ("60% --expiry 7d", "0.000862641409412725"),
        ("100% --expiry 365d", "0.117503097415405"),
        (
            "60% --expiry 30d --range-lower 0.7 --range-upper 1.3",
            "0.0251202855495458",
        ),
        (
            "60% --expiry 30d --range-lower 0.5 --range-upper 1.5",
            "0.0154691250268966",
        ),
        (
            "41% --expiry 30d --range-lower 0.7 --range-upper 1.3",
            "0.0120184785176243",
        ),
    ] {
        assert_figures(
            &format!("premium {unit} {arguments}"),
            &[("premiumFraction", published)],
        );
    }
}

#[test]
fn a_strip_costs_ever_less_above_the_fair_premium() {
    // P0 = 2000 in [1500, 2500] at 80 % over 30 days: 0.0480543798987841 of the value.
    let strip = |count: u32| {
        let document = json(&format!(
            "strip --entry-price 2000 --value 1 --range-lower 1500 --range-upper 2500 --volatility 80% --expiry 30d --count {count}"
        ));
        assert_eq!(document["strikes"].as_array().unwrap().len(), count as usize);
        number(&document, "premiumFraction") - 0.048_054_379_898_784_1
    };
    let errors = [9, 17, 33, 65].map(strip);
    for pair in errors.windows(2) {
        let ratio = pair[0] / pair[1];
        assert!(
            (3.8..4.2).contains(&ratio),
            "an error falls four times when the steps halve: {errors:?}"
        );
    }
}

#[test]
fn a_strangle_pays_the_published_loss_at_both_stress_prices() {
    // Liquidity 1/2 at price 1 is worth 1; LP - hold is -0.0428932188134525 at one half and -0.0857864376269050 at two.
    let document = assert_figures(
        "strangle --entry-price 1 --liquidity 0.5 --put-strike 0.9 --call-strike 1.1 --stress-low 0.5 --stress-high 2 \
         --volatility 80% --expiry 30d",
        &[("ilLow", "-0.0428932188134525"), ("ilHigh", "-0.085786437626905")],
    );
    assert!((number(&document, "puts") * 0.4 - 0.042_893_218_813_452_5).abs() < 1e-15);
    assert!((number(&document, "calls") * 0.9 - 0.085_786_437_626_905).abs() < 1e-15);
}

#[test]
fn published_rates_and_efficiencies_come_out() {
    let at = "lvr --price 1 --volatility";
    assert_figures(&format!("{at} 100%"), &[("lvrApr", "0.125")]);
    assert_figures(&format!("{at} 0.5 --weight 0.8"), &[("lvrApr", "0.02")]);
    assert_figures(&format!("{at} 41%"), &[("lvrApr", "0.0210125")]);
    assert_figures(
        &format!("{at} 100% --range-lower 0.7 --range-upper 1.3"),
        &[("lvrApr", "0.8733"), ("capitalEfficiency", "6.98611970103")],
    );
    assert_figures(
        &format!("{at} 1 --fee-apr 15.7%"),
        &[("feeImpliedVolatility", "1.120714")],
    );
    // 5 % a day; per cent of blocks with a trade at a fee of 5 bp.
    for (block_time, published) in [
        ("600", "0.85492"),
        ("12", "0.45455"),
        ("2", "0.25385"),
        ("0.25", "0.10737"),
    ] {
        let arguments = format!("{at} 0.955248658727172 --fee 0.05% --block-time {block_time}");
        assert_figures(&arguments, &[("tradeProbability", published)]);
    }
}

#[test]
fn a_hedge_shorts_what_the_position_holds() {
    let document = json("hedge --entry-price 1 --price 4 --liquidity 0.5 --scale 1.5");
    // x = L / sqrt(P); at entry it was 1/2.
    assert_eq!(document["shortValue"], "0.25");
    assert_eq!(document["shortIl"], "-0.25");
    assert_eq!(document["scaledShortValue"], "0.375");
    assert_eq!(document["hedgeRatio"], "0.5");
}

#[test]
fn ticks_are_uniswaps() {
    let document = json("tick --tick -50");
    assert_eq!(document["tickSqrtPriceX96"], "79030349367926598376800521322");
    assert_eq!(
        json("tick --tick 887272")["tickSqrtPriceX96"],
        "1461446703485210103287273052203988822378723970342"
    );
    // uniswapv3book: 1 ETH at 5,000.
    let document = json("tick --price 5000 --spacing 60");
    assert_eq!(document["sqrtPriceX96"], "5602277097478613991873193822745");
    assert_eq!(document["tick"], "85176");
    assert_eq!(
        (&document["usableBelow"], &document["usableAbove"]),
        (&"85140".into(), &"85200".into())
    );
}

#[test]
fn typing_errors_are_told_with_what_was_meant() {
    for (arguments, said) in [
        ("optoin --spot 1", "option"),
        ("il --entry-price 1 --prcie 2", "--price"),
        (
            "option --spot 100 --strike 100 --volatilty 20% --expiry 1y",
            "--volatility",
        ),
        ("premium --entry-price 1 --volatility 80% --expiry 30", "30d"),
        ("premium --entry-price 1 --volatility eighty --expiry 30d", "80%"),
        (
            "premium --entry-price 1e3 --volatility 80% --expiry 30d",
            "plain number",
        ),
        (
            "position --entry-price 2000 --price 2500 --range-lower 3000 --range-upper 2000",
            "empty",
        ),
        (
            "position --entry-price 2000 --price 2500 --weight 1.2",
            "strictly between 0 and 1",
        ),
        ("position --entry-price 0 --price 2500", "above zero"),
        (
            "position --entry-price 2000 --price 2500 --range-lower 1000",
            "--range-upper",
        ),
        (
            "position --entry-price 2000 --price 2500 --value 1 --liquidity 1",
            "cannot be used with",
        ),
        (
            "strip --entry-price 2000 --volatility 80% --expiry 30d --strikes 1000,3000",
            "2000 must be one of them",
        ),
        (
            "strip --entry-price 2000 --volatility 80% --expiry 30d --strikes 3000,2000",
            "ascending",
        ),
        (
            "strip --entry-price 2000 --volatility 80% --expiry 30d --count 4",
            "odd",
        ),
        (
            "strip --entry-price 3000 --range-lower 1000 --range-upper 2000 --volatility 80% --expiry 30d",
            "inside",
        ),
        ("tick --tick 887273", "887272"),
        ("tick --price 1 --spacing 0", "1..=32767"),
        ("iv --spot 1 --strike 1 --expiry 1d", "--call"),
        ("lvr --price 1 --volatility 0", "above zero"),
        ("il --entry-price 1 --plot --plot-from 3 --plot-to 2", "below --plot-to"),
        ("--stdin il --entry-price 1 --price 2", "cannot be used with"),
        ("il --ratios 2,1.15 --weights 0.5,0.25", "0.75 instead of 1"),
        ("il --ratios 2,1.15 --weights 0.5", "as many of each"),
        ("il --ratios 2,1.15", "--weights"),
        (
            "option --spot 1 --strike 1 --volatility 20% --expiry 1d --rate 500%",
            "rate 5 lies outside [-1, 4]",
        ),
        (
            "option --spot 1 --strike 1 --volatility 20% --expiry 101y",
            "hundred years",
        ),
        ("volatility 100", "at least 2"),
        ("volatility 100 abc", "abc"),
        ("volatility 100 0", "above zero"),
        ("volatility 100 101 --interval 7d", "whole number of intervals"),
        ("volatility 100 101 --garch 0.1,0.2", "three numbers"),
        ("volatility 100 101 --garch 0.1,0.5,0.6", "1.1"),
        ("volatility --file /nonexistent.csv", "/nonexistent.csv"),
        (
            "risk --price 1 --volatility 60% --horizon 30d --confidence 100%",
            "strictly between 0 and 1",
        ),
        (
            "risk --price 1 --volatility 60% --horizon 30d --range-lower 2 --range-upper 1",
            "empty",
        ),
        (
            "gate --value 0 --fee-apr 1% --lvr-apr 1% --horizon 30d",
            "worth nothing",
        ),
        ("gate --value 1 --fee-apr 1% --lvr-apr 1% --horizon 0d", "above zero"),
        (
            "scorecard --volatility 60% --fees 1 --loss 1 --management hourly",
            "weekly",
        ),
        (
            "scorecard --volatility 60% --fees 1 --loss 1 --management daily --correlation 2",
            "[-1, 1]",
        ),
        ("", "Usage"),
    ] {
        let (code, message) = refusal(arguments);
        assert_eq!(code, 2, "{arguments}: {message}");
        assert!(message.contains(said), "{arguments}: {message}");
    }
}

#[test]
fn many_assets_lose_what_was_published() {
    let document = assert_figures(
        "il --ratios 2,1.15,1 --weights 0.5,0.25,0.25",
        &[("il", "-0.047479495162722008")],
    );
    // -0.047479495162722007504, never understated.
    assert_eq!(document["ilWad"], "-47479495162722008");
    assert_figures(
        "il --ratios 3,0.5,1.2,1 --weights 0.4,0.3,0.2,0.1",
        &[("il", "-0.226448829200147563")],
    );
}

#[test]
fn a_file_that_cannot_be_written_is_exit_code_1() {
    let (code, said) = refusal("il --entry-price 1 --price 2 --svg /nonexistent/loss.svg");
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("/nonexistent/loss.svg"), "{said}");
}
