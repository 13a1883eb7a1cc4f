//! The tables, in Markdown and in JSON.

use crate::{
    cases::OURS,
    entry::Entry,
    run::{BreakEven, Row},
};
use serde::Serialize;
use std::fmt::Write;

/// All that was measured.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Inputs of every function called once.
    pub inputs: usize,
    /// The compiler's settings.
    pub solc: String,
    /// Functions called once.
    pub single: Vec<Row>,
    /// Many evaluations in one call.
    pub batches: Vec<Row>,
    /// What entering each program costs.
    pub entry: Vec<Entry>,
    /// From how many evaluations asking is cheaper.
    pub break_even: Vec<BreakEven>,
}

impl Report {
    /// The document.
    pub fn markdown(&self) -> String {
        let mut out = include_str!("introduction.md")
            .replace("{inputs}", &self.inputs.to_string())
            .replace("{solc}", &self.solc);
        out += "\n## One call\n\n";
        out += "| function | whose | gas | at most | uncached | error (1e-18) |\n|---|---|---:|---:|---:|---:|\n";
        for row in &self.single {
            let function = match row.whose {
                OURS => format!("**{}**: {}", row.function, row.of),
                _ => String::new(),
            };
            let (gas, most, uncached) = (row.gas, row.most_gas, row.gas_uncached);
            let (whose, error) = (row.whose, error(row));
            let _ = writeln!(out, "| {function} | {whose} | {gas} | {most} | {uncached} | {error} |");
        }
        out += "\n## Many in one call\n\n";
        out += "| function | whose | gas | uncached | times ours |\n|---|---|---:|---:|---:|\n";
        self.batches(&mut out);
        out += "\n## Entering a program\n\n";
        out +=
            "| program | bytes on chain | wasm | functions | static data | pages | entry, cached | entry, uncached |\n";
        out += "|---|---:|---:|---:|---:|---:|---:|---:|\n";
        for Entry {
            measured,
            functions,
            data,
        } in &self.entry
        {
            let (name, size, wasm, pages) = (&measured.name, measured.size, measured.wasm_size, measured.footprint);
            let (cached, uncached) = (measured.cached_entry_gas, measured.entry_gas);
            let _ = writeln!(
                out,
                "| {name} | {size} | {wasm} | {functions} | {data} | {pages} | {cached} | {uncached} |"
            );
        }
        out += include_str!("entry.md");
        out += "\n## From how many evaluations asking is cheaper\n\n";
        out += include_str!("break_even.md");
        out += "\n| function | in place with | gas each in place | gas each asked | from (cached) | from (uncached, cold) |\n";
        out += "|---|---|---:|---:|---:|---:|\n";
        for row in &self.break_even {
            let from = |count: Option<usize>| count.map_or("never".to_owned(), |count| count.to_string());
            let _ = writeln!(
                out,
                "| {} | {} | {} | {} | {} | {} |",
                row.function,
                row.with,
                row.in_place,
                row.asked,
                from(row.cached),
                from(row.uncached)
            );
        }
        out
    }

    fn batches(&self, out: &mut String) {
        let mut ours = 0;
        for row in &self.batches {
            if row.whose == OURS {
                ours = row.gas;
            }
            let times = row.gas as f64 / ours as f64;
            let _ = writeln!(
                out,
                "| {} | {} | {} | {} | {times:.1} |",
                row.function, row.whose, row.gas, row.gas_uncached
            );
        }
    }
}

fn error(row: &Row) -> String {
    let refused = match row.refused {
        0 => String::new(),
        count => format!(" ({count} refused)"),
    };
    match row.error {
        Some(error) if error >= 1_000.0 => format!("{error:.2e}{refused}"),
        Some(error) => format!("{error:.2}{refused}"),
        None => refused,
    }
}
