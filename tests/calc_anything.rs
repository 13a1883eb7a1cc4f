//! The functions by name, asked with anything: always one line of JSON, never a panic, whatever the numbers.
#![allow(clippy::unwrap_used)]

use hedgerow::calculator::{Function, answer, functions};
use serde_json::{Map, Value, json};

/// A deterministic source of 64-bit numbers (splitmix64).
struct Source(u64);

impl Source {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    fn one_of<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }

    /// Digits of any length, ends of types, and numbers next to one at scale 1e18.
    fn number(&mut self) -> String {
        const ENDS: [&str; 14] = [
            "0",
            "1",
            "2",
            "500000000000000000",
            "999999999999999999",
            "1000000000000000000",
            "1000000000000000001",
            "18446744073709551615",
            "340282366920938463463374607431768211455",
            "1461446703485210103287273052203988822378723970341",
            "57896044618658097711785492504343953926634992332820282019728792003956564819967",
            "57896044618658097711785492504343953926634992332820282019728792003956564819968",
            "115792089237316195423570985008687907853269984665640564039457584007913129639935",
            "115792089237316195423570985008687907853269984665640564039457584007913129639936",
        ];
        let digits = match self.below(3) {
            0 => self.one_of(&ENDS).to_owned(),
            _ => {
                let most = if self.below(4) == 0 { 78 } else { 24 };
                let length = 1 + self.below(most);
                (0..length)
                    .map(|_| char::from(b'0' + (self.next() % 10) as u8))
                    .collect()
            }
        };
        if self.below(6) == 0 {
            format!("-{digits}")
        } else {
            digits
        }
    }

    fn argument(&mut self, function: &str, name: &str) -> Value {
        match (function, name) {
            ("il_multi3" | "il_many", "d" | "w") => self.list(3),
            ("swap_to_ratio", "ticks") => {
                let mut tick = || 60 * (self.below(10_000) as i64);
                json!([-tick(), 60 + tick()])
            }
            ("swap_to_ratio", "nets") => self.list(2),
            ("swap_to_ratio", "spacing") => self.one_of(&["0", "1", "10", "60"]).into(),
            ("swap_to_ratio", "fee") => self.below(1_000_010).to_string().into(),
            (_, "prices" | "prices0" | "prices1" | "strikes" | "test_prices" | "returns") => {
                let most = 1 + self.below(6);
                self.list(most)
            }
            ("parkinson" | "garman_klass" | "rogers_satchell", "open" | "high" | "low" | "close") => self.list(1),
            (_, "kind") if function == "implied_vol" => self.one_of(&["call", "put"]).into(),
            (_, "kind") => self.one_of(&["v2", "v3", "weighted"]).into(),
            (_, "management") => self.one_of(&["automated", "none"]).into(),
            (_, "tick" | "tickLower" | "tickUpper") => (self.below(1_800_000) as i64 - 900_000).to_string().into(),
            (_, "secs" | "periods" | "h" | "rebalances") => (self.next() >> self.below(64)).to_string().into(),
            _ => self.number().into(),
        }
    }

    fn list(&mut self, items: usize) -> Value {
        (0..items).map(|_| self.number()).collect::<Vec<_>>().into()
    }

    fn question(&mut self, function: &Function) -> Value {
        let mut args = Map::new();
        for name in function.takes.split(' ') {
            if !name.ends_with('?') || self.below(2) == 0 {
                let name = name.trim_end_matches('?');
                args.insert(name.to_owned(), self.argument(function.name, name));
            }
        }
        if self.below(4) > 0 {
            put_in_order(&mut args);
        }
        json!({"fn": function.name, "args": args})
    }
}

/// Makes sense of what random numbers hardly ever do: strikes around the entry, a strangle's prices, a bar's, weights of a whole.
fn put_in_order(args: &mut Map<String, Value>) {
    let text = |value: &Value| value.as_str().unwrap().trim_start_matches(['-', '0']).to_owned();
    let sorted = |values: Vec<String>| {
        let mut values = values;
        values.sort_by_key(|value| (value.len(), value.clone()));
        values.dedup();
        values
    };
    if let (Some(strikes), Some(entry)) = (args.get("strikes"), args.get("p0")) {
        let strikes = strikes.as_array().unwrap().iter().chain([entry]).map(text);
        let strikes = sorted(strikes.collect());
        args.insert("p0".into(), text(&args["p0"]).into());
        args.insert("strikes".into(), strikes.into());
    }
    for names in [
        &["s_dn", "kp", "kc", "s_up"][..],
        &["pa", "pb"],
        &["low", "open", "close", "high"],
        &["floor", "cap"],
    ] {
        if !names.iter().all(|name| args.contains_key(*name)) {
            continue;
        }
        let listed = args[names[0]].is_array();
        let values = names
            .iter()
            .map(|name| text(if listed { &args[*name][0] } else { &args[*name] }));
        for (name, value) in names.iter().zip(sorted(values.collect())) {
            args.insert((*name).into(), if listed { vec![value].into() } else { value.into() });
        }
    }
    if args.get("w").is_some_and(Value::is_array) {
        args.insert("w".into(), vec!["250000000000000000", "1", "749999999999999999"].into());
    }
}

/// The one line of the answer; not an answer about the question's form.
fn ask(line: &[u8]) -> Value {
    let mut out = Vec::new();
    answer(line, &mut out);
    let shown = String::from_utf8_lossy(line);
    assert!(
        out.ends_with(b"\n") && out.iter().filter(|byte| **byte == b'\n').count() == 1,
        "{shown}"
    );
    let answer: Value = serde_json::from_slice(&out).unwrap_or_else(|error| panic!("{shown}: {error}"));
    let object = answer.as_object().unwrap();
    assert!(
        object.len() == 1 && (object.contains_key("ok") || object.contains_key("error")),
        "{shown}: {answer}"
    );
    answer
}

/// How often each function is asked.
fn rounds() -> usize {
    if std::env::var_os("HEDGEROW_LONG").is_some() {
        100_000
    } else {
        1_500
    }
}

#[test]
fn whatever_the_numbers_there_is_a_figure_or_a_refusal() {
    let mut source = Source(1);
    for function in functions() {
        let mut figures = 0;
        for _ in 0..rounds() {
            let question = source.question(function);
            let answer = ask(question.to_string().as_bytes());
            if let Some(figure) = answer["ok"].as_object() {
                figures += 1;
                let given: Vec<_> = figure.keys().map(String::as_str).collect();
                let mut promised: Vec<_> = function.gives.split_whitespace().collect();
                promised.sort_unstable();
                assert_eq!(given, promised, "{question}");
            } else {
                let code = answer["error"]["code"].as_str().unwrap();
                assert!(
                    !["bad_json", "bad_question", "unknown_function", "unknown_argument"].contains(&code),
                    "{question}: {answer}"
                );
            }
        }
        assert!(
            figures > 0,
            "{} refuses everything: its questions prove little",
            function.name
        );
    }
}

#[test]
fn broken_lines_are_answered_too() {
    let mut source = Source(2);
    let functions: Vec<_> = functions().collect();
    for _ in 0..20 * rounds() {
        let function = functions[source.below(functions.len())];
        let mut line = source.question(function).to_string().into_bytes();
        for _ in 0..1 + source.below(3) {
            let at = source.below(line.len());
            match source.below(3) {
                0 => line[at] = source.next() as u8,
                1 => line.truncate(at + 1),
                _ => line.insert(at, b"{}[]\",:\\0-"[source.below(10)]),
            }
        }
        line.retain(|byte| *byte != b'\n');
        ask(&line);
    }
}
