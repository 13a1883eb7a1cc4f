//! A TOML file that people write: every value can be pointed at, and everything that is wrong with it is told at once, each with its
//! line, what was written and what would do.

use crate::error::{Error, Result};
use std::{fmt::Write, ops::Range, path::Path};
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

/// How alike a known key must be to be what was meant by an unknown one.
const ALIKE: f64 = 0.75;

/// A file's text.
#[derive(Clone, Copy, Debug)]
pub struct Document<'t> {
    path: &'t Path,
    text: &'t str,
}

/// Something that is wrong with a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where: bytes from the file's beginning.
    pub at: usize,
    /// What, and what would do instead.
    pub what: String,
}

/// Everything that is wrong with a file.
pub type Faults = Vec<Fault>;

impl<'t> Document<'t> {
    /// The text of the file at `path`.
    pub const fn new(path: &'t Path, text: &'t str) -> Self {
        Self { path, text }
    }

    /// Its tables, or where they cannot be read.
    pub fn parse(&self) -> Result<Spanned<DeTable<'t>>> {
        DeTable::parse(self.text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            self.error(vec![Fault {
                at,
                what: error.message().trim().to_owned(),
            }])
        })
    }

    /// The faults as one error, in the file's order.
    pub fn error(&self, mut faults: Faults) -> Error {
        faults.sort_by_key(|fault| fault.at);
        let mut reason = String::new();
        for fault in &faults {
            let (line, column) = self.line_and_column(fault.at);
            // Writing to a string does not fail.
            let _ = write!(reason, "\n  line {line}, column {column}: {}", fault.what);
        }
        Error::bad_file(self.path, reason)
    }

    /// Both counted from one, as editors do.
    fn line_and_column(&self, at: usize) -> (usize, usize) {
        let before = self.text.get(..at).unwrap_or(self.text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        (line, column)
    }
}

/// One table of a file, read key by key.
#[derive(Debug)]
pub struct Section<'t> {
    title: String,
    at: Range<usize>,
    table: &'t DeTable<'t>,
    known: Vec<&'static str>,
    found: Vec<(&'static str, usize)>,
}

impl<'t> Section<'t> {
    /// A table of which messages speak as `title`; `at` is where it is.
    pub fn new(title: impl Into<String>, at: Range<usize>, table: &'t DeTable<'t>) -> Self {
        Self {
            title: title.into(),
            at,
            table,
            known: Vec::new(),
            found: Vec::new(),
        }
    }

    /// What `read` makes of the key's value; without the key, `absent`. What cannot be read is a fault, and counts as `T`'s default.
    pub fn value<T: Default>(
        &mut self,
        faults: &mut Faults,
        key: &'static str,
        absent: Option<T>,
        read: impl FnOnce(&DeValue<'t>) -> Result<T, String>,
    ) -> T {
        self.known.push(key);
        let Some(value) = self.table.get(key) else {
            return absent.unwrap_or_else(|| {
                faults.push(Fault {
                    at: self.at.start,
                    what: format!("{} has no {key:?}: add it", self.title),
                });
                T::default()
            });
        };
        let at = value.span().start;
        self.found.push((key, at));
        read(value.get_ref()).unwrap_or_else(|why| {
            faults.push(Fault {
                at,
                what: format!("{key} = {}: {why}", shown(value.get_ref())),
            });
            T::default()
        })
    }

    /// Its tables under this key, as `[[key]]` writes them.
    pub fn tables(&mut self, faults: &mut Faults, key: &'static str) -> Vec<Section<'t>> {
        self.known.push(key);
        let Some(value) = self.table.get(key) else {
            return Vec::new();
        };
        let at = value.span().start;
        let DeValue::Array(items) = value.get_ref() else {
            faults.push(Fault {
                at,
                what: format!("{key:?} has to be written as [[{key}]], as often as there are any"),
            });
            return Vec::new();
        };
        let mut sections = Vec::new();
        for (index, item) in items.iter().enumerate() {
            match item.get_ref() {
                DeValue::Table(table) => {
                    sections.push(Section::new(format!("{key} {}", index + 1), item.span(), table));
                }
                other => faults.push(Fault {
                    at: item.span().start,
                    what: format!("{} stands where a table [[{key}]] belongs", shown(other)),
                }),
            }
        }
        sections
    }

    /// Its one table under this key, which has to be there.
    pub fn table(&mut self, faults: &mut Faults, key: &'static str) -> Option<Section<'t>> {
        self.known.push(key);
        match self.table.get(key).map(|value| (value.span(), value.get_ref())) {
            Some((at, DeValue::Table(table))) => Some(Section::new(format!("[{key}]"), at, table)),
            other => {
                faults.push(Fault {
                    at: other.map_or(self.at.start, |(at, _)| at.start),
                    what: format!("there is no table [{key}]: add it"),
                });
                None
            }
        }
    }

    /// Its table under this key, if there is one.
    pub fn optional_table(&mut self, faults: &mut Faults, key: &'static str) -> Option<Section<'t>> {
        self.known.push(key);
        let value = self.table.get(key)?;
        let at = value.span();
        match value.get_ref() {
            DeValue::Table(table) => Some(Section::new(format!("[{key}]"), at, table)),
            other => {
                faults.push(Fault {
                    at: at.start,
                    what: format!("{} stands where a table [{key}] belongs", shown(other)),
                });
                None
            }
        }
    }

    /// Where a key's value is; without the key, where the table is.
    pub fn place(&self, key: &str) -> usize {
        let found = self.found.iter().find(|(name, _)| *name == key);
        found.map_or(self.at.start, |(_, at)| *at)
    }

    /// Refuses every key that was not asked for, and names the one that may have been meant.
    pub fn finish(self, faults: &mut Faults) -> Places {
        for (key, _) in self.table.iter() {
            let name = key.get_ref().as_ref();
            if self.known.contains(&name) {
                continue;
            }
            let alike = |known: &&&str| strsim::jaro_winkler(name, known);
            let nearest = self.known.iter().max_by(|a, b| alike(a).total_cmp(&alike(b)));
            let remedy = match nearest {
                Some(known) if alike(&known) >= ALIKE => format!("{known:?} may be meant"),
                _ => format!("there are {}", self.known.join(", ")),
            };
            faults.push(Fault {
                at: key.span().start,
                what: format!("{} knows no {name:?}: {remedy}", self.title),
            });
        }
        Places {
            at: self.at.start,
            found: self.found,
        }
    }
}

/// Where the values of a table are.
#[derive(Clone, Debug, Default)]
pub struct Places {
    at: usize,
    found: Vec<(&'static str, usize)>,
}

impl Places {
    /// Where a key's value is; without the key, where the table is.
    pub fn of(&self, key: &str) -> usize {
        let found = self.found.iter().find(|(name, _)| *name == key);
        found.map_or(self.at, |(_, at)| *at)
    }
}

/// A value as it may stand in a file.
fn shown(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => format!("{text:?}"),
        DeValue::Integer(number) => number.to_string(),
        DeValue::Float(number) => number.to_string(),
        DeValue::Boolean(yes) => yes.to_string(),
        DeValue::Datetime(date) => date.to_string(),
        DeValue::Array(_) => "[…]".into(),
        DeValue::Table(_) => "a table".into(),
    }
}
