//! What people type, as the core takes it: prices and amounts as decimals, shares and rates also in per cent, durations with a
//! unit.

use crate::{
    decimal::{Decimal, ParseDecimalError},
    error::{Error, Result},
};
use alloy::primitives::I256;
use hedgerow_core::{Wad, black_scholes::YEAR};
use std::{fmt, str::FromStr};

/// A signed number, or a percentage: `-0.05` and `-5%` are the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Number {
    text: String,
    negative: bool,
    magnitude: Decimal,
}

impl FromStr for Number {
    type Err = ParseNumberError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let trimmed = text.trim();
        let (digits, percent) = match trimmed.strip_suffix('%') {
            Some(digits) => (digits.trim_end(), true),
            None => (trimmed, false),
        };
        let negative = digits.starts_with('-');
        let mut magnitude: Decimal = digits.trim_start_matches('-').parse()?;
        if percent {
            magnitude.places += 2;
        }
        if digits.starts_with("--") {
            return Err(ParseNumberError(ParseDecimalError::NotANumber));
        }
        Ok(Self {
            text: trimmed.to_owned(),
            negative,
            magnitude,
        })
    }
}

/// Why a string is not a [`Number`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}, or a percentage such as 80%")]
pub struct ParseNumberError(#[from] ParseDecimalError);

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Number {
    /// The number as a wad.
    pub fn wad(&self, what: &'static str) -> Result<Wad> {
        let magnitude = wad(what, &self.magnitude)?;
        Ok(if self.negative { Wad(-magnitude.0) } else { magnitude })
    }

    /// The same, when it lies above zero.
    pub fn positive(&self, what: &'static str) -> Result<Wad> {
        let wad = self.wad(what)?;
        if wad.is_positive() {
            return Ok(wad);
        }
        Err(Error::invalid(what, self, "give a number above zero"))
    }

    /// The same, when it is not below zero.
    pub fn non_negative(&self, what: &'static str) -> Result<Wad> {
        let wad = self.wad(what)?;
        if wad >= Wad::ZERO {
            return Ok(wad);
        }
        Err(Error::invalid(what, self, "it cannot be below zero"))
    }
}

/// A length of time: `30d`, `12h`, `90m`, `45s`, `2w`, `1y` (365 days).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Duration {
    /// Its seconds.
    pub seconds: u64,
}

/// Why a string is not a [`Duration`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("write a number and a unit: 45s, 90m, 12h, 30d, 2w or 1y")]
pub struct ParseDurationError;

impl FromStr for Duration {
    type Err = ParseDurationError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let unit: u64 = match &text[digits.len()..] {
            "s" => 1,
            "m" | "min" => 60,
            "h" => 3_600,
            "d" => 86_400,
            "w" => 7 * 86_400,
            "y" => YEAR,
            _ => return Err(ParseDurationError),
        };
        // Parts of a unit are whole seconds: 1.5d, but not 0.3s.
        let count: Decimal = digits.parse().map_err(|_| ParseDurationError)?;
        let scale = 10_u128.checked_pow(count.places).ok_or(ParseDurationError)?;
        let digits = u128::try_from(count.digits).map_err(|_| ParseDurationError)?;
        let product = digits.checked_mul(u128::from(unit)).ok_or(ParseDurationError)?;
        if !product.is_multiple_of(scale) {
            return Err(ParseDurationError);
        }
        let seconds = u64::try_from(product / scale).map_err(|_| ParseDurationError)?;
        Ok(Self { seconds })
    }
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (unit, name) in [(86_400, "d"), (3_600, "h"), (60, "m")] {
            if self.seconds >= unit && self.seconds.is_multiple_of(unit) {
                return write!(f, "{}{name}", self.seconds / unit);
            }
        }
        write!(f, "{}s", self.seconds)
    }
}

impl Duration {
    /// In years of 365 days, as a wad; cut after 18 digits.
    pub fn years(&self) -> Wad {
        Wad(
            I256::try_from(u128::from(self.seconds) * u128::from(hedgerow_core::WAD) / u128::from(YEAR))
                .unwrap_or(I256::MAX),
        )
    }
}

/// A number as a wad.
pub fn wad(what: &'static str, value: &Decimal) -> Result<Wad> {
    Wad::from_unsigned(value.scaled(what, 18)?).map_err(|_| Error::invalid(what, value, "it is too large"))
}

/// A price, which must lie above zero, as a wad.
pub fn price(what: &'static str, value: &Decimal) -> Result<Wad> {
    if value.is_zero() {
        return Err(Error::invalid(what, value, "a price must be above zero"));
    }
    wad(what, value)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn percentages_and_decimals_are_the_same_numbers() {
        for (text, wad) in [
            ("80%", 800_000_000_000_000_000_i64),
            ("0.8", 800_000_000_000_000_000),
            ("-5 %", -50_000_000_000_000_000),
            (" -0.05", -50_000_000_000_000_000),
            ("0.01%", 100_000_000_000_000),
            ("150%", 1_500_000_000_000_000_000),
        ] {
            assert_eq!(
                text.parse::<Number>().unwrap().wad("x").unwrap().0,
                I256::try_from(wad).unwrap(),
                "{text}"
            );
        }
        for bad in ["", "%", "-", "--1", "-%", "5%%", "1e3", "80 percent", "+1"] {
            assert!(bad.parse::<Number>().is_err(), "{bad}");
        }
    }

    #[test]
    fn durations_need_a_unit() {
        for (text, seconds, shown) in [
            ("30d", 2_592_000, "30d"),
            ("1.5d", 129_600, "36h"),
            ("1y", 31_536_000, "365d"),
            ("2w", 1_209_600, "14d"),
            ("90m", 5_400, "90m"),
            ("45s", 45, "45s"),
            ("0d", 0, "0s"),
        ] {
            let duration: Duration = text.parse().unwrap();
            assert_eq!(
                (duration.seconds, duration.to_string().as_str()),
                (seconds, shown),
                "{text}"
            );
        }
        for bad in [
            "",
            "30",
            "d",
            "30 d",
            "-1d",
            "0.3s",
            "1mo",
            "99999999999999999999y",
            "1e3d",
            "30D",
        ] {
            assert!(bad.parse::<Duration>().is_err(), "{bad}");
        }
        assert_eq!("365d".parse::<Duration>().unwrap().years(), Wad::ONE);
    }
}
