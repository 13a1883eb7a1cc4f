//! Writing answers: straight into the output, without values in between.

use super::argument::Fault;
use alloy::primitives::{I256, U256};
use hedgerow_core::Wad;

/// 10^19, the greatest power of ten in a u64.
const CHUNK: u64 = 10_000_000_000_000_000_000;

/// An answer being written.
pub(super) struct Answer<'o> {
    out: &'o mut Vec<u8>,
    empty: bool,
}

impl<'o> Answer<'o> {
    pub(super) fn open(out: &'o mut Vec<u8>) -> Self {
        out.extend_from_slice(br#"{"ok":{"#);
        Self { out, empty: true }
    }

    /// Adds a result. Names have nothing to escape.
    pub(super) fn put(&mut self, name: &str, value: impl Value) {
        if !self.empty {
            self.out.push(b',');
        }
        self.empty = false;
        self.out.push(b'"');
        self.out.extend_from_slice(name.as_bytes());
        self.out.extend_from_slice(b"\":");
        value.write(self.out);
    }

    /// Adds results in order.
    pub(super) fn put_all(&mut self, results: &[(&str, Wad)]) {
        for (name, value) in results {
            self.put(name, *value);
        }
    }

    pub(super) fn close(self) {
        self.out.extend_from_slice(b"}}");
    }
}

/// Writes an error.
#[cold]
pub(super) fn error(fault: &Fault, out: &mut Vec<u8>) {
    out.extend_from_slice(br#"{"error":{"code":"#);
    string(&fault.code, out);
    out.extend_from_slice(br#","message":"#);
    string(&fault.message, out);
    out.extend_from_slice(b"}}");
}

fn string(text: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(serde_json::Value::from(text).to_string().as_bytes());
}

/// What can stand in an answer.
pub(super) trait Value {
    fn write(&self, out: &mut Vec<u8>);
}

impl Value for U256 {
    fn write(&self, out: &mut Vec<u8>) {
        out.push(b'"');
        decimal(*self, out);
        out.push(b'"');
    }
}

impl Value for I256 {
    fn write(&self, out: &mut Vec<u8>) {
        out.push(b'"');
        if self.is_negative() {
            out.push(b'-');
        }
        decimal(self.unsigned_abs(), out);
        out.push(b'"');
    }
}

impl Value for Wad {
    fn write(&self, out: &mut Vec<u8>) {
        self.0.write(out);
    }
}

impl Value for u128 {
    fn write(&self, out: &mut Vec<u8>) {
        U256::from(*self).write(out);
    }
}

impl Value for i32 {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(format!("\"{self}\"").as_bytes());
    }
}

impl Value for bool {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(if *self { b"true" } else { b"false" });
    }
}

/// A word of the protocol, which has nothing to escape.
impl Value for &'static str {
    fn write(&self, out: &mut Vec<u8>) {
        out.push(b'"');
        out.extend_from_slice(self.as_bytes());
        out.push(b'"');
    }
}

/// What does not exist is null.
impl<T: Value> Value for Option<T> {
    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Some(value) => value.write(out),
            None => out.extend_from_slice(b"null"),
        }
    }
}

impl<T: Value> Value for &[T] {
    fn write(&self, out: &mut Vec<u8>) {
        out.push(b'[');
        for (i, value) in self.iter().enumerate() {
            if i > 0 {
                out.push(b',');
            }
            value.write(out);
        }
        out.push(b']');
    }
}

/// Decimal digits, 19 at a time from the back.
fn decimal(mut value: U256, out: &mut Vec<u8>) {
    // 2^256 has 78 digits.
    let mut digits = [b'0'; 5 * 19];
    let mut at = digits.len();
    loop {
        let (rest, mut part) = match u64::try_from(value) {
            Ok(last) if last < CHUNK => (U256::ZERO, last),
            _ => {
                let (rest, part) = value.div_rem(U256::from(CHUNK));
                (rest, part.to())
            }
        };
        let end = if rest.is_zero() { 0 } else { at - 19 };
        while part > 0 {
            at -= 1;
            digits[at] = b'0' + (part % 10) as u8;
            part /= 10;
        }
        if rest.is_zero() {
            break;
        }
        at = end;
        value = rest;
    }
    if at == digits.len() {
        at -= 1;
    }
    out.extend_from_slice(&digits[at..]);
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn digits_are_those_of_the_integer_types_own_printing() {
        let powers = (0..78).map(|power| U256::from(10).pow(U256::from(power)));
        let around = powers.flat_map(|power| [power - U256::from(1), power, power + U256::from(1)]);
        for value in around.chain([U256::MAX, U256::from(u64::MAX), U256::from(u128::MAX)]) {
            let mut out = Vec::new();
            value.write(&mut out);
            assert_eq!(String::from_utf8(out).unwrap(), format!("\"{value}\""));
        }
        for value in [I256::MIN, I256::MAX, I256::MINUS_ONE, I256::ZERO] {
            let mut out = Vec::new();
            value.write(&mut out);
            assert_eq!(String::from_utf8(out).unwrap(), format!("\"{value}\""));
        }
    }
}
