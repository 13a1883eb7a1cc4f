//! Prices from arguments, from a file with one number a line, or from a CSV.

use super::input::price;
use crate::{
    decimal::Decimal,
    error::{Error, Result},
};
use clap::Args;
use hedgerow_core::{Wad, volatility::Bar};
use std::{
    fs::File,
    io::{self, IsTerminal, Read},
    path::PathBuf,
};

/// The most that is read of a file.
const MOST_BYTES: u64 = 64 << 20;

/// Where the prices are.
#[derive(Args, Clone, Debug)]
pub struct PricesArgs {
    /// The prices, oldest first; without any they are read from --file or stdin
    #[arg(value_name = "PRICE", conflicts_with = "file")]
    pub prices: Vec<Decimal>,
    /// A file with one number a line, or a CSV (columns open, high, low, close make bars); - is stdin
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// The CSV's column to take, by its heading or its number from 1; close or price unless given
    #[arg(long, value_name = "COLUMN", conflicts_with = "prices")]
    pub column: Option<String>,
}

/// Prices, oldest first, and the bars that they close where the source had any.
#[derive(Clone, Debug)]
pub struct Prices {
    /// The prices.
    pub closes: Vec<Wad>,
    /// Open, high, low and close of each; empty where there are only prices.
    pub bars: Vec<Bar>,
}

impl PricesArgs {
    /// Reads them.
    pub fn read(&self) -> Result<Prices> {
        if !self.prices.is_empty() {
            let closes = self
                .prices
                .iter()
                .map(|given| price("the price", given))
                .collect::<Result<_>>()?;
            return Ok(Prices {
                closes,
                bars: Vec::new(),
            });
        }
        let (name, text) = self.text()?;
        Table::parse(name, &text)?.prices(self.column.as_deref())
    }

    fn text(&self) -> Result<(PathBuf, String)> {
        let stdin = || {
            if io::stdin().is_terminal() {
                return Err(Error::missing(
                    "prices",
                    "give them as arguments, by --file, or on stdin",
                ));
            }
            Ok((PathBuf::from("stdin"), Box::new(io::stdin()) as Box<dyn Read>))
        };
        let (name, source) = match &self.file {
            None => stdin()?,
            Some(file) if file.as_os_str() == "-" => stdin()?,
            Some(file) => match File::open(file) {
                Ok(open) => (file.clone(), Box::new(open) as Box<dyn Read>),
                Err(error) => return Err(Error::bad_file(file, error)),
            },
        };
        let mut text = String::new();
        let read = source.take(MOST_BYTES + 1).read_to_string(&mut text);
        read.map_err(|error| Error::bad_file(&name, error))?;
        if text.len() as u64 > MOST_BYTES {
            return Err(Error::bad_file(&name, "it is longer than 64 MiB: give a part of it"));
        }
        Ok((name, text))
    }
}

/// Rows of cells, and the headings above them where there are any.
struct Table {
    name: PathBuf,
    headings: Vec<String>,
    /// With the line that each stands on.
    rows: Vec<(u64, Vec<String>)>,
}

impl Table {
    fn parse(name: PathBuf, text: &str) -> Result<Self> {
        let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
        let delimiter = [',', ';', '\t']
            .into_iter()
            .find(|delimiter| first.contains(*delimiter))
            .unwrap_or(',');
        let mut reader = csv::ReaderBuilder::new();
        reader
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter as u8)
            .comment(Some(b'#'))
            .trim(csv::Trim::All);
        let mut rows = Vec::new();
        for record in reader.from_reader(text.as_bytes()).into_records() {
            let record = record.map_err(|error| Error::bad_file(&name, error))?;
            let line = record.position().map_or(0, csv::Position::line);
            rows.push((line, record.iter().map(str::to_owned).collect::<Vec<_>>()));
        }
        // A first row whose every cell is a number is none of headings.
        let is_number = |cell: &String| cell.parse::<Decimal>().is_ok();
        let headings = match rows.first() {
            Some((_, cells)) if !cells.iter().any(is_number) => rows.remove(0).1,
            _ => Vec::new(),
        };
        if rows.is_empty() {
            return Err(Error::bad_file(
                name,
                "there are no prices in it: write one number a line, or a CSV",
            ));
        }
        Ok(Self { name, headings, rows })
    }

    fn prices(&self, column: Option<&str>) -> Result<Prices> {
        let bars = ["open", "high", "low", "close"].map(|heading| self.find(heading));
        if let (None, [Some(open), Some(high), Some(low), Some(close)]) = (column, bars) {
            let bars = self.rows.iter().map(|row| {
                Ok(Bar {
                    open: self.cell(row, open)?,
                    high: self.cell(row, high)?,
                    low: self.cell(row, low)?,
                    close: self.cell(row, close)?,
                })
            });
            let bars: Vec<_> = bars.collect::<Result<_>>()?;
            let closes = bars.iter().map(|bar| bar.close).collect();
            return Ok(Prices { closes, bars });
        }
        let column = self.column(column)?;
        let closes = self
            .rows
            .iter()
            .map(|row| self.cell(row, column))
            .collect::<Result<_>>()?;
        Ok(Prices {
            closes,
            bars: Vec::new(),
        })
    }

    fn find(&self, heading: &str) -> Option<usize> {
        self.headings
            .iter()
            .position(|given| given.eq_ignore_ascii_case(heading))
    }

    fn column(&self, wanted: Option<&str>) -> Result<usize> {
        let widest = self.rows.iter().map(|(_, cells)| cells.len()).max().unwrap_or(0);
        let found = match wanted {
            Some(wanted) => self.find(wanted).or_else(|| {
                let place = wanted.parse::<usize>().ok()?;
                (1..=widest).contains(&place).then(|| place - 1)
            }),
            None if widest == 1 => Some(0),
            None => self.find("close").or_else(|| self.find("price")),
        };
        found.ok_or_else(|| {
            let has = if self.headings.is_empty() {
                format!("it has {widest} columns without headings")
            } else {
                format!("it has the columns {}", self.headings.join(", "))
            };
            Error::bad_file(&self.name, format!("{has}: name one by --column"))
        })
    }

    fn cell(&self, (line, cells): &(u64, Vec<String>), column: usize) -> Result<Wad> {
        let cell = cells.get(column).map(String::as_str).unwrap_or_default();
        let refuse =
            |reason: String| Error::bad_file(&self.name, format!("line {line}, column {}: {reason}", column + 1));
        let decimal: Decimal = cell.parse().map_err(|error| refuse(format!("{cell:?}: {error}")))?;
        price("the price", &decimal).map_err(|error| refuse(error.to_string()))
    }
}
