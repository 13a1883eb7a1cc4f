//! The document.

use crate::{
    inputs::COUNT,
    sweeps::Rows,
    timing::{Contestant, Effort, Timed, race},
};
use std::{fmt::Write, fs, process::Command, thread};

/// One operation and everybody's time for it; ours is the first.
#[derive(Clone)]
pub struct Group {
    operation: String,
    of: String,
    rows: Vec<(String, Timed)>,
}

impl Group {
    /// Races the contestants.
    pub fn race(effort: Effort, operation: &str, of: &str, contestants: &mut [Contestant<'_>]) -> Self {
        let timed = race(contestants, COUNT, effort);
        let names = contestants.iter().map(|contestant| contestant.name.clone());
        Self {
            operation: operation.into(),
            of: of.into(),
            rows: names.zip(timed).collect(),
        }
    }
}

/// All of it.
pub fn render(groups: &[Group], sweeps: &Rows, lines: &[(&'static str, f64)]) -> String {
    let mut out = include_str!("introduction.md")
        .replace("{machine}", &machine())
        .replace("{rustc}", &rustc())
        .replace("{count}", &COUNT.to_string());
    let crates = [
        "alloy-primitives",
        "ruint",
        "uniswap-v3-sdk",
        "uniswap_v3_math",
        "black_scholes",
        "libm",
    ];
    let versions: Vec<String> = crates.iter().map(|name| format!("{name} {}", version(name))).collect();
    out = out.replace("{versions}", &versions.join(", "));
    out += "\n## Operations\n\n| operation | inputs | whose | ns, best | ns, median | times ours |\n|---|---|---|---:|---:|---:|\n";
    for group in groups {
        let ours = group.rows[0].1.best;
        for (name, time) in &group.rows {
            let (best, median, times) = (time.best, time.median, time.best / ours);
            let _ = writeln!(
                out,
                "| {} | {} | {name} | {best:.1} | {median:.1} | {times:.2} |",
                group.operation, group.of
            );
        }
    }
    sweeping(&mut out, sweeps);
    out += "\n## Answers a second\n\n";
    if lines.is_empty() {
        out += "Not measured: no command was named.\n";
    } else {
        out += "`hedgerow calc --stdin`, as `scripts/setup` builds it; reading, parsing, computing and writing.\n\n";
        out += "| question | lines a second |\n|---|---:|\n";
        for (question, rate) in lines {
            let _ = writeln!(out, "| `{question}` | {:.0} |", (rate / 1_000.0).round() * 1_000.0);
        }
    }
    out
}

fn sweeping(out: &mut String, sweeps: &Rows) {
    let _ = writeln!(out, "\n## Impermanent loss over {} prices\n", sweeps.points);
    match &sweeps.numpy {
        Some(version) => {
            let _ = writeln!(out, "In floating point, beside numpy {version}.\n");
        }
        None => out.push_str("numpy was not to be had on this machine, so it is not beside.\n\n"),
    }
    out.push_str("| pool | whose | ns a price, best |\n|---|---|---:|\n");
    let mut rows: Vec<_> = sweeps.rows.iter().collect();
    rows.sort_by_key(|row| row.1.clone());
    for (whose, pool, time) in rows {
        let _ = writeln!(out, "| {pool} | {whose} | {time:.2} |");
    }
}

/// Processor, and how many of them.
fn machine() -> String {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let model = model.map_or(std::env::consts::ARCH, |model| model.1);
    format!("{model}, {threads} threads, {}", std::env::consts::OS)
}

fn rustc() -> String {
    let output = Command::new("rustc").arg("--version").output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    let text = text.unwrap_or_default();
    text.split(' ').take(2).collect::<Vec<_>>().join(" ")
}

/// The version that the lock file names.
fn version(name: &str) -> &'static str {
    let lock = include_str!("../Cargo.lock");
    let entry = lock
        .split_once(&format!("name = \"{name}\"\nversion = \""))
        .map(|found| found.1);
    entry.and_then(|entry| entry.split('"').next()).unwrap_or("?")
}
