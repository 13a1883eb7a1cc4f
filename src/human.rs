//! What people write in files, to and from what the chain takes, exactly: times, shares, amounts, dates, addresses.

use crate::{
    decimal::{Decimal, format_units},
    position::Token,
};
use alloy::primitives::{Address, B256, U256};
use jiff::{Span, SpanRelativeTo, Timestamp, civil, tz::TimeZone};
use toml::de::DeValue;

/// What a value should have been.
type Result<T> = core::result::Result<T, String>;

/// A string.
pub fn text<'v>(value: &'v DeValue<'_>) -> Result<&'v str> {
    value.as_str().ok_or_else(|| "write it in quotation marks".to_owned())
}

/// Yes or no.
pub fn boolean(value: &DeValue<'_>) -> Result<bool> {
    value.as_bool().ok_or_else(|| "write true or false".to_owned())
}

/// A whole number that fits.
pub fn whole<T: TryFrom<i128>>(value: &DeValue<'_>) -> Result<T> {
    let number = match value {
        DeValue::Integer(number) => i128::from_str_radix(number.as_str(), number.radix()).ok(),
        _ => None,
    };
    let number = number.ok_or_else(|| "write a whole number, without quotation marks".to_owned())?;
    T::try_from(number).map_err(|_| "it is too large, or below zero where that means nothing".to_owned())
}

/// A number with places behind the point, as so many units of `10^-places`.
pub fn scaled(value: &DeValue<'_>, places: u32) -> Result<U256> {
    let written = match value {
        DeValue::Integer(number) if number.radix() == 10 => number.as_str(),
        DeValue::Float(number) => number.as_str(),
        other => text(other)?,
    };
    units(written, places)
}

fn units(written: &str, places: u32) -> Result<U256> {
    let number: Decimal = written.trim().parse().map_err(|error| format!("{error}"))?;
    number
        .scaled("the number", places)
        .map_err(|_| format!("write at most {places} digits behind the point, and fewer before it"))
}

/// A share such as `"1.5%"`, in millionths.
pub fn share(value: &DeValue<'_>) -> Result<u32> {
    share_of(text(value)?)
}

/// The same of what was written.
pub fn share_of(written: &str) -> Result<u32> {
    let Some(number) = written.trim().strip_suffix('%') else {
        return Err("write a percentage, such as \"1.5%\"".into());
    };
    units(number, 4)?
        .try_into()
        .map_err(|_| "no share is that large".to_owned())
}

/// A share that may lie below zero, such as `"-0.5%"`, in millionths.
pub fn signed_share_of(written: &str) -> Result<i32> {
    let written = written.trim();
    let (sign, digits) = written.strip_prefix('-').map_or((1, written), |digits| (-1, digits));
    i32::try_from(share_of(digits)?)
        .map(|share| sign * share)
        .map_err(|_| "no share is that large".to_owned())
}

/// Millionths as a percentage, whatever their sign.
pub fn signed_percent(millionths: i32) -> String {
    let sign = if millionths < 0 { "-" } else { "" };
    format!("{sign}{}", percent(millionths.unsigned_abs()))
}

/// Millionths as a percentage.
pub fn percent(millionths: u32) -> String {
    format!("{}%", format_units(U256::from(millionths), 4))
}

/// A time such as `"4h"` or `"1d 12h"`, in seconds; weeks and days are of 24 hours.
pub fn duration(value: &DeValue<'_>) -> Result<u32> {
    duration_of(text(value)?)
}

/// The same of what was written.
pub fn duration_of(written: &str) -> Result<u32> {
    let wrong = || "write a time such as \"30m\", \"4h\" or \"1d 12h\"".to_owned();
    let span: Span = written.trim().parse().map_err(|_| wrong())?;
    let exact = span
        .to_duration(SpanRelativeTo::days_are_24_hours())
        .map_err(|_| wrong())?;
    if exact.subsec_nanos() != 0 {
        return Err("write whole seconds".into());
    }
    exact
        .as_secs()
        .try_into()
        .map_err(|_| "write a time from now on, of less than 136 years".to_owned())
}

/// Seconds as [`duration`] reads them.
pub fn seconds(total: u64) -> String {
    let parts = [
        (total / 86_400, "d"),
        (total / 3_600 % 24, "h"),
        (total / 60 % 60, "m"),
        (total % 60, "s"),
    ];
    let parts = parts.into_iter().filter(|(count, _)| *count > 0);
    let text = parts
        .map(|(count, unit)| format!("{count}{unit}"))
        .collect::<Vec<_>>()
        .join(" ");
    if text.is_empty() { "0s".into() } else { text }
}

/// A moment: a date (its beginning, UTC), a date and time with its offset, or seconds since 1970.
pub fn moment(value: &DeValue<'_>) -> Result<u64> {
    let wrong = || "write a date such as 2027-01-31, or 2027-01-31T18:00:00Z".to_owned();
    let written = match value {
        DeValue::Integer(_) => return whole(value),
        DeValue::Datetime(date) => date.to_string(),
        other => text(other)?.to_owned(),
    };
    let stamp = match written.parse::<Timestamp>() {
        Ok(stamp) => stamp,
        Err(_) => {
            let date: civil::Date = written.parse().map_err(|_| wrong())?;
            // Without its offset a time of day could be anybody's.
            if written.len() > date.to_string().len() {
                return Err("add the offset: Z for UTC".into());
            }
            date.to_zoned(TimeZone::UTC).map_err(|_| wrong())?.timestamp()
        }
    };
    u64::try_from(stamp.as_second()).map_err(|_| wrong())
}

/// A moment as [`moment`] reads it, without quotation marks.
pub fn date(moment: u64) -> String {
    let stamp = i64::try_from(moment)
        .ok()
        .and_then(|moment| Timestamp::from_second(moment).ok());
    stamp.map_or_else(|| moment.to_string(), |stamp| stamp.to_string())
}

/// An amount such as `"25.5 USDC"`, in raw units. The symbol may be left out; another one is refused.
pub fn amount(value: &DeValue<'_>, token: &Token) -> Result<u128> {
    let written = text(value)?.trim();
    let (number, symbol) = written.split_once(' ').unwrap_or((written, ""));
    let symbol = symbol.trim();
    if !symbol.is_empty() && !symbol.eq_ignore_ascii_case(&token.symbol) {
        return Err(format!("it is counted in {}", token.symbol));
    }
    units(number, u32::from(token.decimals))?
        .try_into()
        .map_err(|_| "it is more than 128 bits hold".to_owned())
}

/// An address; one in mixed case must have the right checksum. `none` stands for the zero address.
pub fn address(value: &DeValue<'_>, none: &str) -> Result<Address> {
    let written = text(value)?.trim();
    if written == none {
        return Ok(Address::ZERO);
    }
    let parsed: Address = written.parse().map_err(|_| format!("write an address, or {none:?}"))?;
    let digits = written.trim_start_matches("0x");
    let one_case = digits == digits.to_lowercase() || digits == digits.to_uppercase();
    if one_case || parsed.to_string().trim_start_matches("0x") == digits {
        return Ok(parsed);
    }
    Err("its checksum is wrong: look for a typo".into())
}

/// 32 bytes in hexadecimal.
pub fn word(value: &DeValue<'_>) -> Result<B256> {
    text(value)?
        .trim()
        .parse()
        .map_err(|_| "write 0x and 64 hexadecimal digits".to_owned())
}
