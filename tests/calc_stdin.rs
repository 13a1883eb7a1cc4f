//! `hedgerow calc --stdin`: the published vectors, and the manners of a line protocol.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use serde_json::{Value, json};
use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
};

fn spawn() -> Child {
    Command::new(env!("CARGO_BIN_EXE_hedgerow"))
        .args(["calc", "--stdin"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Everything that comes out for everything that goes in.
fn ask_bytes(input: Vec<u8>) -> String {
    let mut child = spawn();
    let mut stdin = child.stdin.take().unwrap();
    let writer = thread::spawn(move || stdin.write_all(&input).unwrap());
    let mut out = String::new();
    child.stdout.take().unwrap().read_to_string(&mut out).unwrap();
    writer.join().unwrap();
    assert!(child.wait().unwrap().success());
    out
}

fn answers(out: &str) -> Vec<Value> {
    assert!(out.is_empty() || out.ends_with('\n'));
    out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn ask(lines: &[String]) -> Vec<Value> {
    let answers = answers(&ask_bytes((lines.join("\n") + "\n").into_bytes()));
    assert_eq!(answers.len(), lines.len());
    answers
}

/// The code of the error, whose message must say `said`.
fn fault(answer: &Value, said: &str) -> String {
    let message = answer["error"]["message"]
        .as_str()
        .unwrap_or_else(|| panic!("{answer}"));
    assert!(message.contains(said), "{message} does not say {said}");
    answer["error"]["code"].as_str().unwrap().to_owned()
}

#[derive(Clone, Copy, PartialEq)]
enum Rounding {
    Floor,
    Ceil,
    Nearest,
}

/// What each result is documented to round to; to the nearest where it is not listed.
fn rounding(function: &str, output: &str) -> Rounding {
    match (function, output) {
        (_, "il" | "il_abs" | "il_dn" | "il_up") | ("sqrt", "sqrt") => Rounding::Floor,
        ("il_v2_expected", _) | ("il_v2_position", _) => Rounding::Floor,
        ("lvr", _) | ("carry_gate", "turnover" | "cost" | "cost_apr" | "lvr") => Rounding::Ceil,
        ("carry_gate", _) => Rounding::Floor,
        ("v3_position", "value" | "hold" | "amount0" | "dollar_gamma" | "il_from_floor_amounts") => Rounding::Floor,
        ("carr_madan", "put" | "call" | "premium") | ("strangle", _) => Rounding::Ceil,
        _ => Rounding::Nearest,
    }
}

/// The integer at scale 1e18 that a value with 60 digits rounds to.
fn rounded(value: &Value, to: Rounding) -> String {
    let (floor, ceil) = (value["f18"].as_str().unwrap(), value["c18"].as_str().unwrap());
    let up = match to {
        Rounding::Floor => false,
        Rounding::Ceil => true,
        Rounding::Nearest => digit_19(value["dec"].as_str().unwrap()) >= 5,
    };
    // `dec` is a magnitude with a sign: away from zero is the floor of a negative number.
    let negative = value["dec"].as_str().unwrap().starts_with('-');
    let pick_ceil = if to == Rounding::Nearest { up != negative } else { up };
    if pick_ceil { ceil } else { floor }.to_owned()
}

/// The nineteenth digit behind the point, the first that 1e-18 cannot hold.
fn digit_19(decimal: &str) -> u32 {
    let (mantissa, exponent) = decimal.split_once('e').unwrap_or((decimal, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let whole = whole.trim_start_matches('-');
    let digits: Vec<u32> = whole
        .chars()
        .chain(fraction.chars())
        .map(|c| c.to_digit(10).unwrap())
        .collect();
    let place = whole.len() as i64 + exponent.parse::<i64>().unwrap() + 18;
    usize::try_from(place)
        .ok()
        .and_then(|place| digits.get(place).copied())
        .unwrap_or(0)
}

/// Whether two integers agree to 104 bits, which is all that a real number behind a very large result has.
fn agree(got: &str, expected: &str) -> bool {
    let prefix = |text: &str| text.trim_start_matches('-').chars().take(30).collect::<String>();
    got == expected || (got.len() == expected.len() && got.len() > 32 && prefix(got) == prefix(expected))
}

fn check(function: &str, name: &str, got: &Value, expected: &Value, case: &Value) {
    let context = || format!("{function} {case}: {name} is {got}");
    match expected {
        Value::Array(items) => {
            assert_eq!(got.as_array().unwrap().len(), items.len(), "{}", context());
            for (got, expected) in got.as_array().unwrap().iter().zip(items) {
                check(function, name, got, expected, case);
            }
        }
        Value::Object(_) => {
            let expected = rounded(expected, rounding(function, name));
            assert!(
                agree(got.as_str().unwrap(), &expected),
                "{}, expected {expected}",
                context()
            );
        }
        Value::Number(number) => assert_eq!(got.as_str().unwrap(), number.to_string(), "{}", context()),
        other => assert_eq!(got, other, "{}", context()),
    }
}

/// Outputs of the vectors that tell about the function, not what it answers.
const REMARKS: [(&str, &str); 2] = [("tick_to_sqrt", "real"), ("implied_vol", "vega_over_S")];

#[test]
fn every_vector_is_answered_as_documented() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/core/tests/vectors");
    let (mut files, mut seen) = (0, 0);
    for file in fs::read_dir(&folder).unwrap() {
        let path = file.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        // Wider samples of the same functions, in a form of their own.
        if name.ends_with("_wide") {
            continue;
        }
        files += 1;
        let file: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        let cases = file["vectors"].as_array().unwrap();
        let lines: Vec<_> = cases
            .iter()
            .map(|case| json!({"fn": name, "args": case["in"]}).to_string())
            .collect();
        for (answer, case) in ask(&lines).iter().zip(cases) {
            for (output, expected) in case["out"].as_object().unwrap() {
                if !REMARKS.contains(&(name, output)) {
                    assert!(
                        answer["ok"][output] != Value::Null,
                        "{name} {}: no {output} in {answer}",
                        case["in"]
                    );
                    check(name, output, &answer["ok"][output], expected, &case["in"]);
                    seen += 1;
                }
            }
        }
    }
    assert_eq!(files, 28);
    assert!(seen > 1_000, "{seen}");
}

/// A pool of liquidity 1e18 at price 1 with a fee of 0.3 %, token0 alone to be put into the same range.
#[test]
fn the_swap_to_a_ratio_is_the_closed_form_or_all_that_the_pool_has() {
    let question = |tick: &str, amount0: &str| {
        json!({"fn": "swap_to_ratio", "args": {
            "sqrtP": "79228162514264337593543950336", "L": "1000000000000000000", "fee": "3000", "spacing": "60",
            "ticks": [format!("-{tick}"), tick], "nets": ["1000000000000000000", "-1000000000000000000"],
            "tickLower": "-887220", "tickUpper": "887220", "amount0": amount0, "amount1": "0"}})
        .to_string()
    };
    let got = ask(&[
        question("887220", "100000000000000000"),
        question("6000", "1000000000000000000000"),
    ]);
    let near = |answer: &Value, name: &str, expected: u128, within: u128| {
        let given: u128 = answer["ok"][name].as_str().unwrap().parse().unwrap();
        assert!(given.abs_diff(expected) <= within, "{name}: {answer}");
    };
    // g^2 s^2 + (1 + g) L s = X L with g = 0.997: the input s for which what is left fits the reserves; at 60 digits.
    near(&got[0], "amount_in", 48_885_586_732_668_320, 2);
    near(&got[0], "amount_out", 46_473_844_518_911_608, 2);
    near(&got[0], "sqrtPriceX96", 75_546_125_208_057_355_732_927_050_625, 1 << 37);
    near(&got[0], "amount0", 100_000_000_000_000_000 - 48_885_586_732_668_320, 2);
    assert_eq!(got[0]["ok"]["zero_for_one"], true);
    assert_eq!(got[0]["ok"]["ending"], "ratio");
    // Below 1.0001^-6000 nobody sells token1: L (1 - q) comes out for L (1 / q - 1) / g, q = 1.0001^-3000, and no more.
    near(&got[1], "amount_out", 259_170_667_702_403_216, 1);
    near(&got[1], "amount_in", 350_891_234_900_185_709, 2);
    assert_eq!(got[1]["ok"]["ending"], "exhausted");
}

#[test]
fn a_caller_that_waits_gets_its_answer() {
    let mut child = spawn();
    let mut stdin = child.stdin.take().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    for (price, il) in [("4", "-200000000000000000"), ("1", "0")] {
        writeln!(stdin, r#"{{"fn":"il_v2","args":{{"p0":"1","p1":"{price}"}}}}"#).unwrap();
        stdin.flush().unwrap();
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        assert_eq!(line, format!("{{\"ok\":{{\"il\":\"{il}\"}}}}\n"));
    }
    drop(stdin);
    assert!(child.wait().unwrap().success());
}

#[test]
fn answers_keep_the_order_of_the_questions() {
    // 1.0001^tick at every tick of a stretch, with errors in between; enough lines for many blocks.
    let lines: Vec<_> = (0..30_000)
        .map(|i| match i % 3 {
            0 => format!(r#"{{"fn":"mul_div","args":{{"a":"{i}","b":"1","d":"1"}}}}"#),
            1 => format!(r#"{{"fn":"nothing{i}","args":{{}}}}"#),
            _ => format!(
                r#"{{"fn":"mul_div","args":{{"a":"1{}","b":"{i}","d":"1{0}"}}}}"#,
                "0".repeat(40)
            ),
        })
        .collect();
    for (i, answer) in ask(&lines).iter().enumerate() {
        if i % 3 == 1 {
            assert_eq!(fault(answer, &format!("nothing{i}\"")), "unknown_function");
        } else {
            assert_eq!(answer["ok"]["floor"], i.to_string());
        }
    }
}

#[test]
fn wrong_questions_are_answered_and_do_not_stop_the_stream() {
    let question = |args: &str| format!(r#"{{"fn":"il_weighted","args":{args}}}"#);
    let wrong = [
        ("".to_owned(), "bad_json", "il_v2"),
        ("nonsense".to_owned(), "bad_json", "line 1"),
        ("{\"fn\":\"il_v2\"".to_owned(), "bad_json", "EOF"),
        ("[]".to_owned(), "bad_question", "invalid"),
        ("7".to_owned(), "bad_question", "invalid"),
        ("{}".to_owned(), "bad_question", "fn"),
        (r#"{"fn":"il_v2"}"#.to_owned(), "bad_question", "args"),
        (r#"{"fn":7,"args":{}}"#.to_owned(), "bad_question", "string"),
        (r#"{"fn":"il_v2","args":[]}"#.to_owned(), "bad_question", "by name"),
        (r#"{"fn":"il_v2","args":{},"id":1}"#.to_owned(), "bad_question", "id"),
        (r#"{"fn":"il_v2","args":{}} {}"#.to_owned(), "bad_json", "trailing"),
        (r#"{"fn":"IL_v2","args":{}}"#.to_owned(), "unknown_function", "il_v2"),
        (question("{}"), "missing_argument", "p0"),
        (
            question(r#"{"p0":"1","p1":"2"}"#),
            "missing_argument",
            "takes p0, p1, w",
        ),
        (question(r#"{"p0":"1","p1":"2","W":"5"}"#), "missing_argument", "\"w\""),
        (
            question(r#"{"p0":"1","p1":"2","w":"5","v":"5"}"#),
            "unknown_argument",
            "\"v\"",
        ),
        (
            question(r#"{"p0":"1","p0":"1","p1":"2","w":"5"}"#),
            "bad_question",
            "twice",
        ),
        (question(r#"{"p0":"1.5","p1":"2","w":"5"}"#), "bad_argument", "\"1.5\""),
        (
            question(r#"{"p0":"-1","p1":"2","w":"5"}"#),
            "bad_argument",
            "non-negative",
        ),
        (question(r#"{"p0":"","p1":"2","w":"5"}"#), "bad_argument", "p0"),
        (question(r#"{"p0":" 1","p1":"2","w":"5"}"#), "bad_argument", "p0"),
        (question(r#"{"p0":"1e3","p1":"2","w":"5"}"#), "bad_argument", "p0"),
        (question(r#"{"p0":1.5,"p1":"2","w":"5"}"#), "bad_argument", "p0"),
        (
            question(r#"{"p0":10000000000000000000000,"p1":"2","w":"5"}"#),
            "bad_argument",
            "p0",
        ),
        (question(r#"{"p0":null,"p1":"2","w":"5"}"#), "bad_argument", "null"),
        (question(r#"{"p0":["1"],"p1":"2","w":"5"}"#), "bad_argument", "p0"),
        (question(r#"{"p0":"0","p1":"2","w":"5"}"#), "zero_price", "above zero"),
        (
            question(r#"{"p0":"1","p1":"2","w":"1000000000000000000"}"#),
            "weight_out_of_range",
            "1000000000000000000",
        ),
        (
            // 2^256
            question(
                r#"{"p0":"115792089237316195423570985008687907853269984665640564039457584007913129639936","p1":"2","w":"5"}"#,
            ),
            "bad_argument",
            "2^256",
        ),
        (
            r#"{"fn":"tick_to_sqrt","args":{"tick":"887273"}}"#.to_owned(),
            "tick_out_of_range",
            "887273",
        ),
        (
            r#"{"fn":"tick_to_sqrt","args":{"tick":"4294967296"}}"#.to_owned(),
            "bad_argument",
            "i32",
        ),
        ("{\"fn\":".repeat(100_000), "bad_question", "map"),
        ("[".repeat(100_000), "bad_question", "sequence"),
    ];
    let good = r#"{"fn":"il_v2","args":{"p0":"1","p1":"4"}}"#;
    let lines: Vec<_> = wrong
        .iter()
        .flat_map(|(line, ..)| [line.clone(), good.to_owned()])
        .collect();
    let answers = ask(&lines);
    for ((line, code, said), pair) in wrong.iter().zip(answers.chunks(2)) {
        let shown: String = line.chars().take(200).collect();
        assert_eq!(&fault(&pair[0], said), code, "{shown}: {}", pair[0]);
        assert_eq!(pair[1]["ok"]["il"], "-200000000000000000", "after {shown}");
    }
}

#[test]
fn json_is_read_as_json() {
    for line in [
        "{\"args\":{\"p1\":\"4\",\"p0\":\"1\"},\"fn\":\"il_v2\"}",
        " {\t\"fn\" : \"il_v2\" , \"args\" : { \"p0\" : 1 , \"p1\" : 4 } } \r",
        "{\"f\\u006e\":\"il_\\u00762\",\"args\":{\"p\\u0030\":\"1\",\"p1\":\"4\"}}",
        "{\"fn\":\"il_v2\",\"args\":{\"p0\":\"0001\",\"p1\":\"00000000000000000000000000000000000000000000000000000000000004\"}}",
    ] {
        assert_eq!(
            ask(&[line.to_owned()])[0],
            json!({"ok": {"il": "-200000000000000000"}}),
            "{line}"
        );
    }
}

#[test]
fn bytes_that_are_no_text_and_lines_without_end_are_answered() {
    let good = b"{\"fn\":\"il_v2\",\"args\":{\"p0\":\"1\",\"p1\":\"4\"}}";
    let mut input = b"\xff\xfe\n".to_vec();
    input.extend_from_slice(good);
    input.push(b'\n');
    input.extend(std::iter::repeat_n(b'x', 9 << 20));
    input.push(b'\n');
    // The last line has no newline.
    input.extend_from_slice(good);
    let answers = answers(&ask_bytes(input));
    assert_eq!(answers.len(), 4);
    assert_eq!(fault(&answers[0], "UTF-8"), "bad_json");
    assert_eq!(fault(&answers[2], "4194304"), "line_too_long");
    for i in [1, 3] {
        assert_eq!(answers[i]["ok"]["il"], "-200000000000000000");
    }
    assert_eq!(ask_bytes(Vec::new()), "");
}

#[test]
fn a_reader_that_leaves_is_no_failure() {
    let mut child = spawn();
    drop(child.stdout.take());
    let mut stdin = child.stdin.take().unwrap();
    // The input stays open: the command must end because of its output.
    let _ = writeln!(stdin, r#"{{"fn":"il_v2","args":{{"p0":"1","p1":"4"}}}}"#);
    assert!(child.wait().unwrap().success());
}

#[test]
fn every_function_is_listed_with_what_it_takes() {
    let output = Command::new(env!("CARGO_BIN_EXE_hedgerow"))
        .args(["calc", "--functions"])
        .output()
        .unwrap();
    let list = String::from_utf8(output.stdout).unwrap();
    for words in [
        ["il_weighted", "p0, p1, w", "il"],
        ["mul_div", "a, b, d", "floor, ceil, exact"],
    ] {
        assert!(
            list.lines().any(|line| words.iter().all(|word| line.contains(word))),
            "{words:?}"
        );
    }
    // Asked without arguments, each refuses for the first one that it takes.
    let functions: Vec<_> = hedgerow::calculator::functions().collect();
    assert!(functions.len() > 10);
    let lines: Vec<_> = functions
        .iter()
        .map(|f| json!({"fn": f.name, "args": {}}).to_string())
        .collect();
    for (function, answer) in functions.iter().zip(ask(&lines)) {
        let first = function.takes.split(' ').next().unwrap();
        assert_eq!(fault(&answer, &format!("{first:?}")), "missing_argument");
        assert!(list.contains(function.name));
    }
}
