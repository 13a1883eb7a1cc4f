//! Well-formed calldata for a signature, with numbers of the sizes that its types suggest.

use crate::Input;
use alloy_primitives::U256;

/// A Solidity type.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Type {
    Unsigned(usize),
    Signed(usize),
    Address,
    Tuple(Vec<Type>),
    Array(Box<Type>),
    Fixed(Box<Type>, usize),
}

impl Type {
    fn is_dynamic(&self) -> bool {
        match self {
            Self::Array(_) => true,
            Self::Tuple(parts) => parts.iter().any(Self::is_dynamic),
            Self::Fixed(part, _) => part.is_dynamic(),
            _ => false,
        }
    }

    fn encode(&self, input: &mut Input<'_>) -> Vec<u8> {
        match self {
            Self::Unsigned(bits) => word(unsigned(*bits, input)),
            Self::Signed(24) => word(extended(input.tick())),
            Self::Signed(_) => word(signed(input)),
            Self::Address => word(input.word() >> 96_usize),
            Self::Tuple(parts) => tuple(parts, input),
            Self::Fixed(part, length) => tuple(&vec![Self::clone(part); *length], input),
            Self::Array(part) => {
                let length = usize::from(input.byte() % 12);
                let mut data = word(U256::from(length));
                data.extend(tuple(&vec![Self::clone(part); length], input));
                data
            }
        }
    }
}

/// The calldata of a function with this signature.
pub fn calldata(signature: &str, selector: [u8; 4], input: &mut Input<'_>) -> Vec<u8> {
    let mut data = selector.to_vec();
    let types = signature
        .find('(')
        .and_then(|start| parse(&mut signature[start..].chars().peekable()));
    if let Some(Type::Tuple(parts)) = types {
        data.extend(tuple(&parts, input));
    }
    data
}

type Characters<'a> = std::iter::Peekable<std::str::Chars<'a>>;

fn parse(text: &mut Characters<'_>) -> Option<Type> {
    let mut part = if text.next_if_eq(&'(').is_some() {
        let mut parts = Vec::new();
        while text.next_if_eq(&')').is_none() {
            parts.push(parse(text)?);
            text.next_if_eq(&',');
        }
        Type::Tuple(parts)
    } else {
        let name = taken(text, char::is_alphanumeric);
        let bits = |prefix: &str| name.strip_prefix(prefix)?.parse().ok();
        match name.as_str() {
            "address" => Type::Address,
            "bool" => Type::Unsigned(1),
            _ => bits("uint").map(Type::Unsigned).or(bits("int").map(Type::Signed))?,
        }
    };
    while text.next_if_eq(&'[').is_some() {
        let length = taken(text, |c| c.is_ascii_digit());
        text.next_if_eq(&']')?;
        part = match length.parse() {
            Ok(length) => Type::Fixed(Box::new(part), length),
            Err(_) => Type::Array(Box::new(part)),
        };
    }
    Some(part)
}

fn taken(text: &mut Characters<'_>, wanted: impl Fn(char) -> bool) -> String {
    let mut name = String::new();
    while let Some(c) = text.next_if(|c| wanted(*c)) {
        name.push(c);
    }
    name
}

/// Heads in order, then the tails that they point to.
fn tuple(parts: &[Type], input: &mut Input<'_>) -> Vec<u8> {
    let encoded: Vec<_> = parts
        .iter()
        .map(|part| (part.is_dynamic(), part.encode(input)))
        .collect();
    let heads: usize = encoded
        .iter()
        .map(|(dynamic, data)| if *dynamic { 32 } else { data.len() })
        .sum();
    let (mut head, mut tail) = (Vec::new(), Vec::new());
    for (dynamic, data) in encoded {
        if dynamic {
            head.extend(word(U256::from(heads + tail.len())));
            tail.extend(data);
        } else {
            head.extend(data);
        }
    }
    head.extend(tail);
    head
}

fn word(value: U256) -> Vec<u8> {
    value.to_be_bytes::<32>().to_vec()
}

fn extended(value: i32) -> U256 {
    let magnitude = U256::from(value.unsigned_abs());
    if value < 0 { magnitude.wrapping_neg() } else { magnitude }
}

/// Enumerations and years of seconds, Uniswap's liquidity and prices, wads about one; now and then anything.
fn unsigned(bits: usize, input: &mut Input<'_>) -> U256 {
    match (bits, input.byte() % 16) {
        (_, 0) => input.word() >> (256 - bits),
        (..=8, _) => U256::from(input.byte() % 2),
        (..=64, _) => U256::from(input.u64() % 100_000_000),
        (160, _) => input.sqrt_price(),
        (..=128, _) => U256::from(input.u64()),
        (_, 1..=4) => input.weight().0.into_raw(),
        (_, 5..=6) => U256::from(1_000_000_000_000_000_000_u64),
        _ => about_one(input),
    }
}

fn signed(input: &mut Input<'_>) -> U256 {
    match input.byte() % 8 {
        0 => input.word(),
        1..=3 => input.weight().0.into_raw() >> 4_usize,
        4 => input.weight().0.into_raw().wrapping_neg(),
        _ => about_one(input),
    }
}

/// A wad between 2^-20 and 2^20.
fn about_one(input: &mut Input<'_>) -> U256 {
    (U256::from(input.u64()) << 16_usize) >> (input.byte() % 40)
}
