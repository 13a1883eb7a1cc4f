//! The core's refusals as the command's: the core speaks of units of 1e-18, people typed whole ones.

use crate::{decimal::format_signed, error::Error};
use alloy::primitives::I256;

/// Digits from which on a number in a message is taken for one at scale 1e18; counts, ticks and seconds have fewer.
const SCALED: usize = 13;

/// Wraps a refusal with what was being computed.
pub fn refused(what: &'static str) -> impl Fn(hedgerow_core::Error) -> Error {
    move |error| Error::Maths {
        what,
        reason: in_whole_units(&error.to_string()),
    }
}

/// The message with its numbers at scale 1e18 written out: `1e18` and `1000000000000000000` become `1`.
fn in_whole_units(message: &str) -> String {
    let message = message.replace(" (1e18 = one)", "").replace(" as a wad", "");
    let mut whole = String::new();
    let mut rest = message.as_str();
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, from) = rest.split_at(start);
        let end = from
            .find(|c: char| !c.is_ascii_digit() && c != 'e')
            .unwrap_or(from.len());
        let (number, after) = from.split_at(end);
        whole.push_str(before);
        whole.push_str(&written_out(number).unwrap_or_else(|| number.to_owned()));
        rest = after;
    }
    whole + rest
}

/// A number at scale 1e18, if that is what it looks like.
fn written_out(number: &str) -> Option<String> {
    let (digits, zeros) = number.split_once('e').unwrap_or((number, "0"));
    let zeros: usize = zeros.parse().ok()?;
    if digits.len() + zeros < SCALED || digits.len() + zeros > 70 {
        return None;
    }
    let scaled: I256 = format!("{digits}{}", "0".repeat(zeros)).parse().ok()?;
    Some(format_signed(scaled, 18))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_speak_of_whole_units() {
        for (core, command) in [
            (
                "the weights sum to 750000000000000000 instead of 1e18; pass shares of a whole",
                "the weights sum to 0.75 instead of 1; pass shares of a whole",
            ),
            (
                "rate -2500000000000000000 lies outside [-1e18, 4e18]; pass the yearly rate as a wad, 5e16 for 5 %",
                "rate -2.5 lies outside [-1, 4]; pass the yearly rate, 0.05 for 5 %",
            ),
            (
                "a term of 4000000000 seconds exceeds a hundred years; pass at most 3153600000",
                "a term of 4000000000 seconds exceeds a hundred years; pass at most 3153600000",
            ),
            (
                "1 values were passed, at least 2 are needed",
                "1 values were passed, at least 2 are needed",
            ),
            (
                "is not a wad above zero and below 2^128",
                "is not a wad above zero and below 2^128",
            ),
        ] {
            assert_eq!(in_whole_units(core), command);
        }
    }
}
