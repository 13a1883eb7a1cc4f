//! The `hedgerow` command.

use clap::Parser;
use hedgerow::{cli::Cli, output};
use owo_colors::{OwoColorize, Stream};
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    match Cli::parse().run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let heading = "error:"
                .if_supports_color(Stream::Stderr, |text| text.red())
                .to_string();
            output::say(&format!("{heading} {error}"));
            ExitCode::from(error.exit_code())
        }
    }
}
