//! Gas of our programs beside Solidity's libraries, on one devnode: what `scripts/bench` runs.
//!
//! Without an argument, a quick look on stdout; with `--write`, every input, and `benches/gas.md` and `benches/gas.json`.

mod accuracy;
mod cases;
mod entry;
mod inputs;
#[path = "../../crates/core/tests/reference/mod.rs"]
mod reference;
mod report;
mod run;
mod scene;

use entry::Entry;
use hedgerow::{
    error::{Error, Result},
    program::PROGRAMS,
};
use report::Report;
use run::Runner;
use scene::Scene;
use std::{env, fs, path::Path};

/// As `foundry.toml`'s profile has it.
const SOLC: &str = "0.8.30 via IR, 10,000 runs, prague";

#[tokio::main]
async fn main() -> Result<()> {
    let write = env::args().any(|argument| argument == "--write");
    let report = measured(if write { 200 } else { 4 }).await?;
    let text = report.markdown();
    if !write {
        println!("{text}");
        return Ok(());
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches");
    let json = serde_json::to_string_pretty(&report).map_err(|error| Error::bad_file(&folder, error))?;
    for (name, text) in [("gas.md", text), ("gas.json", json + "\n")] {
        let path = folder.join(name);
        fs::write(&path, text).map_err(|error| Error::bad_file(&path, error))?;
    }
    Ok(())
}

async fn measured(inputs: usize) -> Result<Report> {
    let mut runner = Runner::new(Scene::new().await?);
    let mut report = Report {
        inputs,
        solc: SOLC.into(),
        single: Vec::new(),
        batches: Vec::new(),
        entry: Vec::new(),
        break_even: Vec::new(),
    };
    for case in cases::single() {
        eprintln!("- {}", case.name);
        report.single.extend(runner.case(&case, inputs).await?);
    }
    for batch in cases::batches() {
        eprintln!("- {}", batch.name);
        report.batches.extend(runner.batch(&batch).await?);
    }
    for name in PROGRAMS {
        report.entry.push(Entry::of(name)?);
    }
    for consumer in cases::consumers() {
        eprintln!("- {}: asked or in place", consumer.name);
        report.break_even.push(runner.break_even(&consumer, 512).await?);
    }
    Ok(report)
}
