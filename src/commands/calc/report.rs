//! What a calculation prints: an aligned table for people, or one JSON document with the exact values as decimal strings.

use crate::{
    decimal::{format_short, format_signed},
    error::Result,
    output,
};
use alloy::primitives::U256;
use hedgerow_core::Wad;
use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::Value;

/// Digits behind the point of a wad.
const PLACES: u32 = 18;
/// Significant digits that the table shows.
const SHOWN: i64 = 10;
/// Digits behind the point of a percentage.
const PERCENT_DIGITS: usize = 6;

/// Rows for people and a document for programs, filled together.
#[derive(Debug)]
pub struct Report {
    heading: Vec<String>,
    rows: Vec<Vec<String>>,
    document: Vec<(&'static str, Value)>,
    list: Option<List>,
}

#[derive(Debug)]
struct List {
    heading: &'static [&'static str],
    rows: Vec<Vec<String>>,
}

impl Report {
    /// A report whose table has this above its two columns.
    pub fn new(subject: impl Into<String>) -> Self {
        Self::with_columns(subject, &[""])
    }

    /// A report with several columns of values.
    pub fn with_columns(subject: impl Into<String>, columns: &[&str]) -> Self {
        let columns = columns.iter().map(|column| (*column).to_owned());
        Self {
            heading: [subject.into()].into_iter().chain(columns).collect(),
            rows: Vec::new(),
            document: Vec::new(),
            list: None,
        }
    }

    /// A value for programs alone: what was given.
    pub fn given(&mut self, key: &'static str, value: impl ToString) -> &mut Self {
        self.document.push((key, value.to_string().into()));
        self
    }

    /// A number.
    pub fn number(&mut self, key: &'static str, label: &str, value: Wad) -> &mut Self {
        self.row(label, &[&readable(value)]);
        self.exact(key, value)
    }

    /// A share, rate or volatility, shown in per cent.
    pub fn percent(&mut self, key: &'static str, label: &str, value: Wad) -> &mut Self {
        self.row(label, &[&percent(value)]);
        self.exact(key, value)
    }

    /// A row of several numbers.
    pub fn numbers(&mut self, label: &str, values: &[(&'static str, Wad)]) -> &mut Self {
        let shown: Vec<_> = values.iter().map(|(_, value)| readable(*value)).collect();
        self.row(label, &shown.iter().map(String::as_str).collect::<Vec<_>>());
        for (key, value) in values {
            self.exact(key, *value);
        }
        self
    }

    /// A word or a whole number, the same in both forms.
    pub fn text(&mut self, key: &'static str, label: &str, value: impl ToString) -> &mut Self {
        let text = value.to_string();
        self.row(label, &[&text]);
        self.document.push((key, text.into()));
        self
    }

    /// A yes or no.
    pub fn flag(&mut self, key: &'static str, label: &str, value: bool) -> &mut Self {
        self.row(label, &[if value { "yes" } else { "no" }]);
        self.document.push((key, value.into()));
        self
    }

    /// A row for people alone.
    pub fn row(&mut self, label: &str, values: &[&str]) -> &mut Self {
        let values = values.iter().map(|value| (*value).to_owned());
        self.rows.push([label.to_owned()].into_iter().chain(values).collect());
        self
    }

    /// An exact value for programs alone.
    pub fn exact(&mut self, key: &'static str, value: Wad) -> &mut Self {
        self.document.push((key, exact(value).into()));
        self
    }

    /// Any value for programs alone.
    pub fn value(&mut self, key: &'static str, value: Value) -> &mut Self {
        self.document.push((key, value));
        self
    }

    /// A second table, printed before the first.
    pub fn list(&mut self, heading: &'static [&'static str], rows: Vec<Vec<String>>) -> &mut Self {
        self.list = Some(List { heading, rows });
        self
    }

    /// Prints it.
    pub fn print(&self, json: bool) -> Result<()> {
        if json {
            return output::print_json(&Document(&self.document));
        }
        if let Some(list) = &self.list {
            output::print(&output::figures(list.heading, list.rows.clone()))?;
        }
        let heading: Vec<_> = self.heading.iter().map(String::as_str).collect();
        output::print(&output::figures(&heading, self.rows.clone()))
    }
}

/// An object that keeps its order.
struct Document<'a>(&'a [(&'static str, Value)]);

impl Serialize for Document<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (key, value) in self.0 {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

/// A wad to its last digit.
pub fn exact(value: Wad) -> String {
    format_signed(value.0, PLACES)
}

/// The nearest number of ten significant digits, the whole part in groups.
pub fn readable(value: Wad) -> String {
    let magnitude = value.0.unsigned_abs();
    // Digits of the whole part; below zero, zeros behind the point.
    let whole = magnitude.to_string().len() as i64 - i64::from(PLACES);
    let shown = usize::try_from(SHOWN - whole).unwrap_or(0).min(PLACES as usize);
    format!(
        "{}{}",
        sign(value),
        format_short(nearest(magnitude, shown), PLACES, shown)
    )
}

/// In per cent, to the nearest of six digits.
pub fn percent(value: Wad) -> String {
    let magnitude = nearest(value.0.unsigned_abs(), PERCENT_DIGITS + 2);
    format!(
        "{}{} %",
        sign(value),
        format_short(magnitude, PLACES - 2, PERCENT_DIGITS)
    )
}

fn sign(value: Wad) -> &'static str {
    if value.0.is_negative() { "-" } else { "" }
}

/// A wad rounded to so many digits behind the point, at most eighteen; one too large to round stays as it is.
fn nearest(magnitude: U256, digits: usize) -> U256 {
    let unit = U256::from(10).pow(U256::from(PLACES as usize - digits));
    let rounded = magnitude.checked_add(unit / U256::from(2));
    rounded.map_or(magnitude, |raised| raised - raised % unit)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use alloy::primitives::I256;

    #[test]
    fn percentages_go_to_the_nearest_of_six_digits() {
        for (wad, shown) in [
            ("-33743294982720000", "-3.374329 %"),
            ("800000000000000000", "80 %"),
            ("999999999999999", "0.1 %"),
            ("0", "0 %"),
        ] {
            assert_eq!(percent(Wad(wad.parse::<I256>().unwrap())), shown);
        }
    }

    #[test]
    fn tables_show_ten_digits_and_documents_all() {
        for (wad, shown, all) in [
            ("1234567890123456789012", "1,234.56789", "1234.567890123456789012"),
            ("-123456789012345678", "-0.123456789", "-0.123456789012345678"),
            ("1234567890123", "0.00000123456789", "0.000001234567890123"),
            ("9999999999999999999999", "10,000", "9999.999999999999999999"),
            ("-1", "-0.000000000000000001", "-0.000000000000000001"),
            ("0", "0", "0"),
            (
                "12345678901234567890000000000000000000",
                "12,345,678,901,234,567,890",
                "12345678901234567890",
            ),
        ] {
            let value = Wad(wad.parse::<I256>().unwrap());
            assert_eq!(exact(value), all);
            assert_eq!(readable(value), shown, "{wad}");
        }
    }
}
