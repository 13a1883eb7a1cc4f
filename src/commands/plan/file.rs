//! Figures of a plan in a file: the options' names, and what they take.

use super::{Figures, Number};
use crate::{
    commands::calc::input::Duration,
    document::{Document, Faults, Section},
    error::{Error, Result},
    human,
};
use std::{path::Path, str::FromStr};
use toml::de::DeValue;

/// Reads it; every fault is told with its line.
pub fn read(path: &Path) -> Result<Figures> {
    let text = std::fs::read_to_string(path).map_err(|error| Error::bad_file(path, error))?;
    figures(path, &text)
}

fn figures(path: &Path, text: &str) -> Result<Figures> {
    let document = Document::new(path, text);
    let table = document.parse()?;
    let mut it = Section::new("the file", table.span(), table.get_ref());
    let mut faults = Faults::new();
    let mut number = |key| it.value(&mut faults, key, Some(None), |value| read_as::<Number>(value).map(Some));
    let mut figures = Figures {
        value: number("value"),
        capital: number("capital"),
        price: number("price"),
        range_lower: number("range-lower"),
        range_upper: number("range-upper"),
        volatility: number("volatility"),
        fee_apr: number("fee-apr"),
        borrow_rate: number("borrow-rate"),
        supply_rate: number("supply-rate"),
        threshold: number("threshold"),
        health: number("health"),
        pool_fee: number("pool-fee"),
        band: number("band"),
        inner: number("inner"),
        gate_margin: number("gate-margin"),
        price_low: number("price-low"),
        price_high: number("price-high"),
        risk_price: number("risk-price"),
        horizon: None,
        share: Vec::new(),
    };
    figures.horizon = it.value(&mut faults, "horizon", Some(None), |value| {
        read_as::<Duration>(value).map(Some)
    });
    figures.share = it.value(&mut faults, "share", Some(Vec::new()), |value| match value {
        DeValue::Array(items) => items.iter().map(|item| read_as(item.get_ref())).collect(),
        one => read_as(one).map(|share| vec![share]),
    });
    it.finish(&mut faults);
    if faults.is_empty() {
        Ok(figures)
    } else {
        Err(document.error(faults))
    }
}

/// A text, or a number as it is written.
fn read_as<T: FromStr>(value: &DeValue<'_>) -> Result<T, String>
where
    T::Err: std::fmt::Display,
{
    let text = match value {
        DeValue::Integer(number) => number.to_string(),
        DeValue::Float(number) => number.as_str().to_owned(),
        other => human::text(other)?.to_owned(),
    };
    text.parse().map_err(|error: T::Err| error.to_string())
}
