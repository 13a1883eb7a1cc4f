//! `hedgerow demo`.

use crate::{demo, error::Result, output};
use clap::Args;

/// Arguments of `hedgerow demo`.
#[derive(Args, Debug)]
pub struct DemoArgs {
    /// Print one JSON document instead of tables
    #[arg(long)]
    pub json: bool,
}

/// Runs the story and prints it.
pub async fn run(args: DemoArgs) -> Result<()> {
    let progress = output::Progress::new();
    let report = demo::run(&progress).await?;
    progress.finish();
    if args.json {
        output::print_json(&report)
    } else {
        output::print(&report.to_text())
    }
}
