//! Gas of the account beside others', on one devnode: what `scripts/bench` runs.
//!
//! Without an argument, a quick look on stdout; with `--write`, every row, and `benches/account.md` and `benches/account.json`.

mod actions;
mod batch;
mod common;
#[path = "../gas/entry.rs"]
mod entry;
mod hedge;
mod keeper;
mod measure;
mod report;
mod root;
mod route;
mod session;
mod stage;

use entry::Entry;
use hedgerow::error::{Error, Result};
use report::Report;
use route::Route;
use stage::{PROGRAMS, Stage};
use std::{env, fs, path::Path};

#[tokio::main]
async fn main() -> Result<()> {
    let write = env::args().any(|argument| argument == "--write");
    let report = measured(write).await?;
    let text = report.markdown();
    if !write {
        println!("{text}");
        return Ok(());
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches");
    let json = serde_json::to_string_pretty(&report).map_err(|error| Error::bad_file(&folder, error))?;
    for (name, text) in [("account.md", text), ("account.json", json + "\n")] {
        let path = folder.join(name);
        fs::write(&path, text).map_err(|error| Error::bad_file(&path, error))?;
    }
    Ok(())
}

async fn measured(all: bool) -> Result<Report> {
    let stage = Stage::new().await?;
    let routes: &[Route] = if all {
        &[Route::Delegated, Route::LaterOperation]
    } else {
        &[Route::Delegated]
    };
    let (flow, mut actions) = stage.flow(routes).await?;
    actions.extend(stage.keeping_rows(routes).await?);
    let keepers = stage.keeper_rows().await?;
    eprintln!("- session keys");
    let sessions = stage.session_rows().await?;
    eprintln!("- hedges");
    let hedges = hedge::rows().await?;
    eprintln!("- the root key");
    Ok(Report {
        flow,
        actions,
        keepers,
        root: stage.root().await?,
        sessions,
        hedges,
        entry: PROGRAMS.into_iter().map(Entry::of).collect::<Result<_>>()?,
    })
}
