//! Lines a second of `hedgerow calc --stdin`.

use crate::timing::Effort;
use std::{
    env,
    fmt::Write as _,
    io::{Read, Write},
    process::{Command, Stdio},
    thread,
    time::Instant,
};

/// A function of the calculator, and the line that asks for it the i-th time.
type Question = (&'static str, fn(usize) -> String);

/// Lines a second for each question, where a command was named.
pub fn row(effort: Effort) -> Vec<(&'static str, f64)> {
    let Some(command) = env::var_os("HEDGEROW_COMMAND").filter(|command| !command.is_empty()) else {
        return Vec::new();
    };
    let questions: [Question; 4] = [
        ("il_v2", |i| {
            format!(
                r#"{{"fn":"il_v2","args":{{"p0":"2000000000000000000000","p1":"{}"}}}}"#,
                1_000 + i
            )
        }),
        ("tick_to_sqrt", |i| {
            format!(r#"{{"fn":"tick_to_sqrt","args":{{"tick":"{}"}}}}"#, i % 800_000)
        }),
        ("il_weighted", |i| {
            let price = 1_000_000_000_000_000_000_000 + i as u128 * 1_000_000_000_000_000;
            let args = format!(r#""p0":"2000000000000000000000","p1":"{price}","w":"800000000000000000""#);
            format!(r#"{{"fn":"il_weighted","args":{{{args}}}}}"#)
        }),
        ("exp", |i| {
            format!(r#"{{"fn":"exp","args":{{"x":"{}"}}}}"#, i as u64 * 10_000_000_000_000)
        }),
    ];
    let asked = questions.into_iter().map(|(name, question)| {
        let mut text = String::new();
        for i in 0..effort.lines {
            let _ = writeln!(text, "{}", question(i));
        }
        let best = (0..effort.sweeps).filter_map(|_| seconds(&command, &text, effort.lines));
        (name, effort.lines as f64 / best.fold(f64::INFINITY, f64::min))
    });
    asked.collect()
}

/// How long it takes to answer all lines; nothing unless every answer is one.
fn seconds(command: &std::ffi::OsStr, text: &str, lines: usize) -> Option<f64> {
    let start = Instant::now();
    let mut child = Command::new(command)
        .args(["calc", "--stdin"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    let (mut questions, mut answers) = (child.stdin.take()?, child.stdout.take()?);
    let mut answered = String::new();
    thread::scope(|scope| {
        scope.spawn(move || questions.write_all(text.as_bytes()));
        answers.read_to_string(&mut answered)
    })
    .ok()?;
    child.wait().ok()?;
    let elapsed = start.elapsed().as_secs_f64();
    (answered.matches(r#"{"ok":"#).count() == lines).then_some(elapsed)
}
