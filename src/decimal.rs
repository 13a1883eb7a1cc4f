//! Decimal strings to integers and back, exactly: no float stands between what a user types and what the core computes.

use crate::error::{Error, Result};
use alloy::primitives::{I256, U256};
use std::{fmt, str::FromStr};

/// The most digits that are read: 10^59 at most 18 places behind the point still fits 256 bits.
const MAX_DIGITS: usize = 59;

/// A non-negative decimal number as it was typed: `digits / 10^places`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decimal {
    /// All digits, the point left out.
    pub digits: U256,
    /// How many of them stand behind the point.
    pub places: u32,
}

/// Why a string is not a [`Decimal`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseDecimalError {
    /// There are other characters than digits and one point.
    #[error("write a plain number such as 1850.25")]
    NotANumber,
    /// It is longer than the arithmetic can hold exactly.
    #[error("write at most {MAX_DIGITS} digits")]
    TooLong,
}

impl FromStr for Decimal {
    type Err = ParseDecimalError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let fraction = fraction.trim_end_matches('0');
        let digits = [whole, fraction].concat();
        if (whole.is_empty() && fraction.is_empty()) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(ParseDecimalError::NotANumber);
        }
        if digits.len() > MAX_DIGITS {
            return Err(ParseDecimalError::TooLong);
        }
        let value = if digits.is_empty() {
            U256::ZERO
        } else {
            U256::from_str_radix(&digits, 10).map_err(|_| ParseDecimalError::TooLong)?
        };
        // The length was checked, so this fits.
        Ok(Self {
            digits: value,
            places: u32::try_from(fraction.len()).unwrap_or_default(),
        })
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&format_units(self.digits, self.places))
    }
}

impl Decimal {
    /// Whether it is zero.
    pub fn is_zero(&self) -> bool {
        self.digits.is_zero()
    }

    /// `self * 10^scale` as an integer, when it is one and fits.
    pub fn scaled(&self, what: &'static str, scale: u32) -> Result<U256> {
        let Some(missing) = scale.checked_sub(self.places) else {
            return Err(Error::invalid(
                what,
                self,
                format!("write at most {scale} digits behind the point"),
            ));
        };
        let factor = U256::from(10).checked_pow(U256::from(missing));
        factor
            .and_then(|factor| self.digits.checked_mul(factor))
            .ok_or_else(|| Error::invalid(what, self, "it is too large for 256 bits"))
    }

    /// The nearest number with so many places, for a reader.
    pub fn rounded(&self, places: u32) -> String {
        let Some(surplus) = self.places.checked_sub(places).filter(|surplus| *surplus > 0) else {
            return format_short(self.digits, self.places, places as usize);
        };
        // At most 59 places were read, so the power fits; and half of it fits beside 59 digits.
        let unit = U256::from(10).pow(U256::from(surplus));
        format_short((self.digits + unit / U256::from(2)) / unit, places, places as usize)
    }

    /// The two as integers of one common scale, so that their ratio is exact.
    pub fn common(what: &'static str, a: &Self, b: &Self) -> Result<(U256, U256)> {
        let scale = a.places.max(b.places);
        Ok((a.scaled(what, scale)?, b.scaled(what, scale)?))
    }
}

/// `value / 10^places` in full, with no trailing zeros.
pub fn format_units(value: U256, places: u32) -> String {
    let digits = value.to_string();
    let places = places as usize;
    let padded = format!("{digits:0>width$}", width = places + 1);
    let (whole, fraction) = padded.split_at(padded.len() - places);
    match fraction.trim_end_matches('0') {
        "" => whole.to_owned(),
        fraction => format!("{whole}.{fraction}"),
    }
}

/// The same for a signed value.
pub fn format_signed(value: I256, places: u32) -> String {
    let text = format_units(value.unsigned_abs(), places);
    if value.is_negative() { format!("-{text}") } else { text }
}

/// The same, cut after `shown` places, for a reader: the whole part in groups of three.
pub fn format_short(value: U256, places: u32, shown: usize) -> String {
    let full = format_units(value, places);
    let (whole, fraction) = full.split_once('.').unwrap_or((&full, ""));
    let fraction = fraction
        .get(..shown.min(fraction.len()))
        .unwrap_or_default()
        .trim_end_matches('0');
    let mut grouped = String::new();
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    if fraction.is_empty() {
        grouped
    } else {
        format!("{grouped}.{fraction}")
    }
}

/// A wad as a percentage, cut after `shown` places.
pub fn format_percent(wad: I256, shown: usize) -> String {
    let digits = format_short(wad.unsigned_abs(), 16, shown);
    // What is cut to nothing has no sign.
    let cut = digits.bytes().all(|digit| matches!(digit, b'0' | b'.'));
    let sign = if wad.is_negative() && !cut { "-" } else { "" };
    format!("{sign}{digits} %")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn decimals_are_read_exactly_or_refused() {
        let parsed: Decimal = "1850.250".parse().unwrap();
        assert_eq!((parsed.digits, parsed.places), (U256::from(185_025), 2));
        assert_eq!(parsed.scaled("x", 6).unwrap(), U256::from(1_850_250_000_u64));
        assert!(parsed.scaled("x", 1).is_err());
        assert!("0.000".parse::<Decimal>().unwrap().is_zero());
        for bad in ["", ".", "-1", "1e5", "1,5", "1.2.3", "NaN", "0x10"] {
            assert_eq!(bad.parse::<Decimal>(), Err(ParseDecimalError::NotANumber), "{bad}");
        }
        assert_eq!("1".repeat(60).parse::<Decimal>(), Err(ParseDecimalError::TooLong));
    }

    #[test]
    fn rounding_goes_to_the_nearest() {
        for (text, rounded) in [
            ("2999.996", "3,000"),
            ("2.345", "2.35"),
            ("2.3449", "2.34"),
            ("7", "7"),
            ("0.001", "0"),
        ] {
            assert_eq!(text.parse::<Decimal>().unwrap().rounded(2), rounded, "{text}");
        }
    }

    #[test]
    fn short_forms_cut_and_group() {
        assert_eq!(format_short(U256::from(1_234_567_890_u64), 6, 2), "1,234.56");
        assert_eq!(format_short(U256::from(5), 6, 2), "0");
        assert_eq!(
            format_percent(I256::try_from(-20_204_102_886_728_803_i64).unwrap(), 4),
            "-2.0204 %"
        );
    }

    proptest! {
        #[test]
        fn what_is_printed_reads_back_the_same(digits in any::<u128>(), places in 0_u32..20) {
            let text = format_units(U256::from(digits), places);
            let back: Decimal = text.parse().unwrap();
            prop_assert_eq!(back.scaled("x", places).unwrap(), U256::from(digits));
        }
    }
}
