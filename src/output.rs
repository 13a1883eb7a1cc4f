//! What the user sees: results on stdout, progress on stderr, tables that read well without a terminal too.

use crate::error::{Error, Result};
use comfy_table::{CellAlignment, ContentArrangement, LineStyle, Table, TableStyle};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;
use std::{
    io::{IsTerminal, Write},
    time::{Duration, Instant},
};

/// Prints one line or block to stdout. A reader that has gone away (a closed pipe) is not an error.
pub fn print(text: &str) -> Result<()> {
    match writeln!(std::io::stdout(), "{text}") {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(Error::io("writing to stdout")(error)),
        _ => Ok(()),
    }
}

/// Prints one line to stderr. Nobody may be listening there, and that is not a reason to fail.
pub fn say(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// Prints a value as one JSON document.
pub fn print_json<T: Serialize>(value: &T) -> Result<()> {
    let text = serde_json::to_string_pretty(value).map_err(|error| Error::io("writing JSON")(error.into()))?;
    print(&text)
}

/// One line above, below, and under the heading.
const TABLE: TableStyle = TableStyle::new()
    .top_border(LineStyle::none().fill('─').junction('─'))
    .header_separator(LineStyle::none().fill('─').junction('─'))
    .bottom_border(LineStyle::none().fill('─').junction('─'));

/// A table with a heading row.
pub fn table(heading: &[&str], rows: Vec<Vec<String>>) -> String {
    let mut table = Table::new();
    table
        .load_style(TABLE)
        .set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(heading);
    table.add_rows(rows);
    table.to_string()
}

/// A table whose first column names what stands right-aligned in the others.
pub fn figures(heading: &[&str], rows: Vec<Vec<String>>) -> String {
    let mut table = Table::new();
    table
        .load_style(TABLE)
        .set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(heading);
    table.add_rows(rows);
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table.to_string()
}

/// Characters of a full bar.
const BAR: usize = 20;

/// Tells on stderr what is being done: one moving line on a terminal, plain lines elsewhere, nothing when silent.
#[derive(Debug)]
pub struct Progress {
    bar: Option<ProgressBar>,
    silent: bool,
    started: Instant,
}

impl Progress {
    /// Starts the clock.
    pub fn new() -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
            if let Ok(style) = ProgressStyle::with_template("{spinner:.green} {msg} {elapsed:.dim}") {
                bar.set_style(style);
            }
            bar.enable_steady_tick(Duration::from_millis(100));
            bar
        });
        Self {
            bar,
            silent: false,
            started: Instant::now(),
        }
    }

    /// One that says nothing.
    pub fn silent() -> Self {
        Self {
            bar: None,
            silent: true,
            started: Instant::now(),
        }
    }

    /// Says what is being done now.
    pub fn step(&self, message: impl AsRef<str>) {
        let message = message.as_ref();
        match &self.bar {
            Some(bar) => bar.set_message(message.to_owned()),
            None if self.silent => {}
            None => say(&format!("{:>6.2} s  {message}", self.started.elapsed().as_secs_f64())),
        }
    }

    /// Says what is being done now and how far it is: `done` of `total`. Elsewhere than on a terminal, only when it begins.
    pub fn share(&self, message: &str, done: u64, total: u64) {
        match &self.bar {
            Some(bar) => {
                let tenths = if total == 0 {
                    BAR
                } else {
                    (u128::from(done) * BAR as u128 / u128::from(total)) as usize
                };
                let filled = "█".repeat(tenths.min(BAR));
                bar.set_message(format!("{message} {filled:░<BAR$} {done}/{total}"));
            }
            None if done == 0 => self.step(message),
            None => {}
        }
    }

    /// Takes the moving line away.
    pub fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    /// How long it has been.
    pub fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }
}

impl Default for Progress {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.finish();
    }
}

/// Integers in JSON as decimal strings: most readers of JSON keep only 53 bits of a number.
pub mod decimal_string {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};
    use std::{fmt::Display, str::FromStr};

    /// Writes the integer in decimal.
    pub fn serialize<T: Display, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(value)
    }

    /// Reads it back.
    pub fn deserialize<'de, T, D>(deserializer: D) -> Result<T, D::Error>
    where
        T: FromStr,
        T::Err: Display,
        D: Deserializer<'de>,
    {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}
