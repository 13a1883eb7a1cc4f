//! The arguments of a question: found by name, read exactly or refused.

use super::Function;
use alloy::primitives::{I256, U256};
use hedgerow_core::Wad;
use serde::{
    Deserialize, Deserializer,
    de::{Error as _, MapAccess, Visitor},
};
use serde_json::value::RawValue;
use std::{borrow::Cow, fmt};

/// More than any function takes.
const MOST: usize = 16;
/// Decimal digits that a u64 always holds.
const CHUNK: usize = 19;
/// How much of a wrong value an error repeats.
const SHOWN: usize = 60;

/// Why there is no answer.
#[derive(Debug)]
pub(super) struct Fault {
    /// For programs.
    pub code: Cow<'static, str>,
    /// For people.
    pub message: String,
}

impl Fault {
    pub(super) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            message: message.into(),
        }
    }

    /// A line that is no JSON, or not a question.
    #[cold]
    pub(super) fn json(error: serde_json::Error) -> Self {
        let code = if error.is_data() { "bad_question" } else { "bad_json" };
        Self::new(
            code,
            format!(r#"{error}; write {{"fn":"il_v2","args":{{"p0":"1","p1":"2"}}}} on one line"#),
        )
    }

    #[cold]
    pub(super) fn line_too_long() -> Self {
        Self::new(
            "line_too_long",
            format!("a line has at most {} bytes; ask in several", super::MAX_LINE),
        )
    }

    #[cold]
    fn argument(name: &str, value: &str, wanted: &str) -> Self {
        let mut shown: String = value.chars().take(SHOWN).collect();
        if shown.len() < value.len() {
            shown.push('…');
        }
        Self::new("bad_argument", format!("argument {name:?} is {shown}; pass {wanted}"))
    }
}

/// The core's refusal, under the name that the core gives it: `ZeroPrice` becomes `zero_price`.
impl From<hedgerow_core::Error> for Fault {
    #[cold]
    fn from(error: hedgerow_core::Error) -> Self {
        let debug = format!("{error:?}");
        let name = debug
            .split(|c: char| !c.is_ascii_alphanumeric())
            .next()
            .unwrap_or_default();
        let mut code = String::new();
        for letter in name.chars() {
            if letter.is_ascii_uppercase() && !code.is_empty() {
                code.push('_');
            }
            code.push(letter.to_ascii_lowercase());
        }
        Self {
            code: code.into(),
            message: error.to_string(),
        }
    }
}

/// Arguments as they stand in the line, by name.
pub(super) struct Arguments<'a> {
    named: [Option<(Cow<'a, str>, &'a RawValue)>; MOST],
    count: usize,
}

impl<'a> Arguments<'a> {
    /// Refuses unknown and missing ones.
    pub(super) fn check(&self, function: &Function) -> Result<(), Fault> {
        let mut known = 0;
        for wanted in function.takes.split(' ') {
            let name = wanted.trim_end_matches('?');
            match self.find(name) {
                Some(_) => known += 1,
                None if name.len() < wanted.len() => {}
                None => return Err(refuse(function, "missing_argument", name)),
            }
        }
        if known == self.count {
            return Ok(());
        }
        let surplus = self.named.iter().flatten().find(|(name, _)| {
            let mut names = function.takes.split(' ').map(|wanted| wanted.trim_end_matches('?'));
            !names.any(|known| known == name)
        });
        let surplus = surplus.map(|(name, _)| name.as_ref()).unwrap_or_default();
        Err(refuse(function, "unknown_argument", surplus))
    }

    fn find(&self, name: &str) -> Option<&'a RawValue> {
        let mut given = self.named.iter().map_while(Option::as_ref);
        given.find(|(given, _)| given == name).map(|(_, value)| *value)
    }

    fn value(&self, name: &str) -> Result<&'a str, Fault> {
        // `check` found every argument that may not be left out.
        self.find(name)
            .map(RawValue::get)
            .ok_or_else(|| Fault::new("missing_argument", format!("argument {name:?} is missing")))
    }

    /// Whether an argument that may be left out is there.
    pub(super) fn has(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    /// A non-negative integer below 2^256.
    pub(super) fn unsigned(&self, name: &str) -> Result<U256, Fault> {
        let value = self.value(name)?;
        unsigned(value).ok_or_else(|| {
            Fault::argument(
                name,
                value,
                "a non-negative integer below 2^256 in decimal, such as \"1500000000000000000\"",
            )
        })
    }

    /// A signed integer of 256 bits.
    pub(super) fn signed(&self, name: &str) -> Result<I256, Fault> {
        let value = self.value(name)?;
        signed(value).ok_or_else(|| {
            Fault::argument(
                name,
                value,
                "an integer of at most 255 bits in decimal, such as \"-50000000000000000\"",
            )
        })
    }

    /// A signed number at scale 1e18.
    pub(super) fn wad(&self, name: &str) -> Result<Wad, Fault> {
        self.signed(name).map(Wad)
    }

    /// An integer of a smaller type.
    pub(super) fn integer<T: TryFrom<i128>>(&self, name: &str) -> Result<T, Fault> {
        let value = self.value(name)?;
        signed(value)
            .and_then(|integer| i128::try_from(integer).ok())
            .and_then(|integer| T::try_from(integer).ok())
            .ok_or_else(|| {
                Fault::argument(
                    name,
                    value,
                    &format!("an integer that fits {}", std::any::type_name::<T>()),
                )
            })
    }

    /// A liquidity.
    pub(super) fn u128(&self, name: &str) -> Result<u128, Fault> {
        let value = self.value(name)?;
        unsigned(value)
            .and_then(|integer| u128::try_from(integer).ok())
            .ok_or_else(|| Fault::argument(name, value, "a non-negative integer below 2^128 in decimal"))
    }

    /// A list of numbers at scale 1e18.
    pub(super) fn wads(&self, name: &str) -> Result<Vec<Wad>, Fault> {
        let value = self.value(name)?;
        let refuse = || Fault::argument(name, value, "a list of integers in decimal, such as [\"1\",\"2\"]");
        let list: Vec<&RawValue> = serde_json::from_str(value).map_err(|_| refuse())?;
        let wads = list.into_iter().map(|item| signed(item.get()).map(Wad));
        wads.collect::<Option<_>>().ok_or_else(refuse)
    }

    /// The word, one of `words`, as its place among them.
    pub(super) fn word(&self, name: &str, words: &[&str]) -> Result<usize, Fault> {
        let value = self.value(name)?;
        let given = inner(value);
        words
            .iter()
            .position(|word| Some(*word) == given)
            .ok_or_else(|| Fault::argument(name, value, &format!("one of {}", words.join(", "))))
    }
}

#[cold]
fn refuse(function: &Function, code: &'static str, name: &str) -> Fault {
    let shown: String = name.chars().take(SHOWN).collect();
    let what = if code == "missing_argument" {
        format!("argument {shown:?} is missing")
    } else {
        format!("there is no argument {shown:?}")
    };
    let takes = function.takes.split(' ').collect::<Vec<_>>().join(", ");
    Fault::new(code, format!("{what}; {} takes {takes}", function.name))
}

impl<'de: 'a, 'a> Deserialize<'de> for Arguments<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Named;

        impl<'de> Visitor<'de> for Named {
            type Value = Arguments<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of arguments by name")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Arguments<'de>, A::Error> {
                let mut arguments = Arguments {
                    named: [const { None }; MOST],
                    count: 0,
                };
                while let Some((Name(name), value)) = map.next_entry::<Name<'de>, &'de RawValue>()? {
                    if arguments.find(&name).is_some() {
                        return Err(A::Error::custom(format_args!("argument {name:?} is given twice")));
                    }
                    let Some(free) = arguments.named.get_mut(arguments.count) else {
                        return Err(A::Error::custom(format_args!(
                            "no function takes more than {MOST} arguments"
                        )));
                    };
                    *free = Some((name, value));
                    arguments.count += 1;
                }
                Ok(arguments)
            }
        }

        deserializer.deserialize_map(Named)
    }
}

/// A name, borrowed unless it has escapes.
#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

/// What stands between the quotes. Escapes are left as they are: no number and no word has any.
fn inner(value: &str) -> Option<&str> {
    value.strip_prefix('"')?.strip_suffix('"')
}

/// The text of a number in quotes, or of a bare one of at most 19 digits (a writer that holds numbers in 64-bit floats would
/// have lost the last digits of a longer one).
fn number(value: &str) -> Option<&str> {
    inner(value).or_else(|| (value.len() <= CHUNK).then_some(value))
}

fn unsigned(value: &str) -> Option<U256> {
    magnitude(number(value)?)
}

fn signed(value: &str) -> Option<I256> {
    let text = number(value)?;
    match text.strip_prefix('-') {
        None => I256::try_from(magnitude(text)?).ok(),
        Some(digits) => {
            let magnitude = magnitude(digits)?;
            (magnitude <= I256::MIN.into_raw()).then(|| I256::from_raw(magnitude.wrapping_neg()))
        }
    }
}

/// Reads decimal digits, 19 at a time.
fn magnitude(digits: &str) -> Option<U256> {
    if digits.is_empty() {
        return None;
    }
    let mut total = U256::ZERO;
    for chunk in digits.as_bytes().chunks(CHUNK) {
        let (mut part, mut unit) = (0_u64, 1_u64);
        for byte in chunk {
            let digit = byte.wrapping_sub(b'0');
            if digit > 9 {
                return None;
            }
            part = part * 10 + u64::from(digit);
            unit *= 10;
        }
        // The first chunk, with most numbers the only one, needs no 256-bit product.
        total = if total.is_zero() {
            U256::from(part)
        } else {
            total.checked_mul(U256::from(unit))?.checked_add(U256::from(part))?
        };
    }
    Some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_the_integer_types_own_reading_does() {
        let powers = (0..78).map(|power| U256::from(10).pow(U256::from(power)));
        let around = powers.flat_map(|power| [power - U256::from(1), power, power + U256::from(1)]);
        for value in around.chain([U256::MAX, U256::from(u64::MAX), U256::from(u128::MAX)]) {
            assert_eq!(unsigned(&format!("\"{value}\"")), Some(value));
            assert_eq!(unsigned(&format!("\"000{value}\"")), Some(value));
        }
        for value in [I256::MIN, I256::MAX, I256::MINUS_ONE, I256::ZERO] {
            assert_eq!(signed(&format!("\"{value}\"")), Some(value));
        }
        // 2^255 and -2^255 - 1
        let beyond = "57896044618658097711785492504343953926634992332820282019728792003956564819968";
        assert_eq!(signed(&format!("\"{beyond}\"")), None);
        assert_eq!(signed(&format!("\"-{}9\"", &beyond[..76])), None);
        assert_eq!(
            (signed("\"-0\""), signed("-5"), signed("1e3")),
            (Some(I256::ZERO), I256::try_from(-5).ok(), None)
        );
        for bad in [
            "\"\"",
            "\"-\"",
            "\"--1\"",
            "\"+1\"",
            "\"1 \"",
            "\"\u{661}\"",
            "null",
            "\"1\\u0030\"",
            "12345678901234567890",
        ] {
            assert_eq!(signed(bad), None, "{bad}");
        }
    }
}
