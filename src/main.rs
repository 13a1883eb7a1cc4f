//! The `hedgerow` command.

use clap::Parser;
use hedgerow::cli::Cli;
use owo_colors::{OwoColorize, Stream};
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    match Cli::parse().run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!(
                "{} {error}",
                "error:".if_supports_color(Stream::Stderr, |text| text.red())
            );
            ExitCode::from(error.exit_code())
        }
    }
}
