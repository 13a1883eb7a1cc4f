//! The core's functions by name: one question a line, one answer a line, for programs that would rather not link the core.
//!
//! A question is `{"fn":"il_weighted","args":{"p0":"1000000000000000000","p1":"…","w":"…"}}`, its answer
//! `{"ok":{"il":"-312523"}}` or `{"error":{"code":"zero_price","message":"…"}}`. Numbers are decimal strings, at scale 1e18 unless
//! the name says otherwise (`tick`, `sqrtPriceX96`, `L` of a pool's position, `secs`, `n`); a number of at most 19 characters may also
//! stand as a JSON integer. Rounding is that of the core's function.

mod answer;
mod argument;
mod insurance;
mod market;
mod options;
mod pools;
mod positions;
mod primitives;
mod stream;
mod yields;
mod zap;

pub use stream::{MAX_LINE, serve};

use answer::Answer;
use argument::{Arguments, Fault};
use serde::Deserialize;
use std::borrow::Cow;

/// A function by its name.
#[derive(Debug)]
pub struct Function {
    /// What it is called.
    pub name: &'static str,
    /// The arguments that it takes, separated by blanks; one that may be left out ends in `?`.
    pub takes: &'static str,
    /// What its answer holds.
    pub gives: &'static str,
    run: fn(&Arguments<'_>, &mut Answer<'_>) -> Result<(), Fault>,
}

/// The functions, by subject.
const SUBJECTS: [&[Function]; 8] = [
    primitives::FUNCTIONS,
    pools::FUNCTIONS,
    positions::FUNCTIONS,
    zap::FUNCTIONS,
    options::FUNCTIONS,
    insurance::FUNCTIONS,
    yields::FUNCTIONS,
    market::FUNCTIONS,
];

/// All functions.
pub fn functions() -> impl Iterator<Item = &'static Function> {
    SUBJECTS.into_iter().flatten()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Question<'a> {
    #[serde(borrow, rename = "fn")]
    name: Cow<'a, str>,
    #[serde(borrow)]
    args: Arguments<'a>,
}

/// Answers one question; the answer, ended by a newline, is appended to `out`.
pub fn answer(line: &[u8], out: &mut Vec<u8>) {
    let start = out.len();
    if let Err(fault) = try_answer(line, out) {
        out.truncate(start);
        answer::error(&fault, out);
    }
    out.push(b'\n');
}

fn try_answer(line: &[u8], out: &mut Vec<u8>) -> Result<(), Fault> {
    if line.len() > MAX_LINE {
        return Err(Fault::line_too_long());
    }
    let text = std::str::from_utf8(line).map_err(|error| Fault::new("bad_json", format!("not UTF-8: {error}")))?;
    let question: Question<'_> = serde_json::from_str(text).map_err(Fault::json)?;
    let function = functions()
        .find(|function| function.name == question.name)
        .ok_or_else(|| unknown(&question.name))?;
    question.args.check(function)?;
    let mut answer = Answer::open(out);
    (function.run)(&question.args, &mut answer)?;
    answer.close();
    Ok(())
}

#[cold]
fn unknown(name: &str) -> Fault {
    let names: Vec<_> = functions().map(|function| function.name).collect();
    let shown: String = name.chars().take(40).collect();
    Fault::new(
        "unknown_function",
        format!("there is no function {shown:?}; there are {}", names.join(", ")),
    )
}
