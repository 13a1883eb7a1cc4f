//! `hedgerow calc --stdin`: any line gets exactly one line of JSON, and every function survives any numbers.

use crate::Input;
use hedgerow::calculator::{answer, functions, serve};
use serde_json::{Value, json};

/// The target's body: bytes as they come, or a question to one of the functions.
pub fn body(data: &[u8]) {
    let mut input = Input::new(data);
    if input.byte().is_multiple_of(4) {
        lines(input.rest());
    } else {
        question(&mut input);
    }
}

fn lines(data: &[u8]) {
    let mut out = Vec::new();
    assert!(serve(std::io::Cursor::new(data.to_vec()), &mut out).is_ok());
    let answers = out.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    for line in answers {
        is_answer(line);
    }
}

fn question(input: &mut Input<'_>) {
    let all: Vec<_> = functions().collect();
    let function = all[input.below(all.len() as u64) as usize];
    let mut arguments = serde_json::Map::new();
    for name in function.takes.split(' ').filter(|name| !name.is_empty()) {
        if name.ends_with('?') && input.byte().is_multiple_of(4) {
            continue;
        }
        let name = name.trim_end_matches('?');
        let value = argument(name, input);
        arguments.insert(name.to_owned(), value);
    }
    let line = json!({ "fn": function.name, "args": arguments }).to_string();
    let mut out = Vec::new();
    answer(line.as_bytes(), &mut out);
    assert_eq!(out.pop(), Some(b'\n'), "{line}");
    is_answer(&out);
}

/// A number, a list of them, or a word, as the name suggests.
fn argument(name: &str, input: &mut Input<'_>) -> Value {
    let list = ["strikes", "prices", "test_prices", "d", "w", "returns", "returns_pct"].contains(&name)
        && !input.byte().is_multiple_of(8);
    if list {
        return (0..input.byte() % 10).map(|_| number(input)).collect();
    }
    if name == "kind" {
        return ["v2", "v3", "weighted", "call", "put"][usize::from(input.byte()) % 5].into();
    }
    if name.starts_with("tick") {
        return input.tick().into();
    }
    if name.starts_with("sqrt") {
        return input.sqrt_price().to_string().into();
    }
    number(input)
}

fn number(input: &mut Input<'_>) -> Value {
    match input.byte() % 6 {
        0 => input.wad().0.to_string(),
        1 => input.weight().0.to_string(),
        2 => input.up_to(10).0.to_string(),
        3 => input.word().to_string(),
        4 => (input.u64() >> (input.byte() % 64)).to_string(),
        _ => input.price().0.to_string(),
    }
    .into()
}

fn is_answer(line: &[u8]) {
    let Ok(answer) = serde_json::from_slice::<Value>(line) else {
        panic!("no JSON: {}", String::from_utf8_lossy(line));
    };
    let error = &answer["error"];
    assert!(
        answer["ok"].is_object() || (error["code"].is_string() && error["message"].is_string()),
        "{answer}"
    );
}
