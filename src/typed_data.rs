//! Structs of plain values (no arrays, no strings) to and from the JSON of typed data, by their own EIP-712 type.

use alloy::{
    primitives::{Address, B256, I256, U256},
    sol_types::{SolStruct, SolValue},
};
use serde_json::{Map, Value, json};

const WORD: usize = 32;

/// Name and fields of a type as EIP-712 encodes it, such as `Place(address positionManager,uint256 tokenId)`.
pub fn fields(encoded: &str) -> (&str, impl Iterator<Item = (&str, &str)>) {
    let (name, rest) = encoded.split_once('(').unwrap_or((encoded, ""));
    let fields = rest
        .trim_end_matches(')')
        .split(',')
        .filter_map(|field| field.split_once(' '));
    (name, fields)
}

/// The entry of a type among a document's `types`.
pub fn declared(encoded: &str) -> (String, Value) {
    let (name, fields) = fields(encoded);
    let fields = fields.map(|(kind, name)| json!({ "name": name, "type": kind }));
    (name.to_owned(), fields.collect())
}

/// A struct as JSON: integers as decimal strings, which no reader of JSON cuts short.
pub fn to_json<T: SolStruct + SolValue>(value: &T) -> Value {
    let encoded = value.abi_encode();
    let kind = T::eip712_encode_type();
    let words = encoded.chunks_exact(WORD).map(B256::from_slice);
    let fields = fields(&kind).1.zip(words);
    Value::Object(
        fields
            .map(|((kind, name), word)| (name.to_owned(), of_word(kind, word)))
            .collect::<Map<_, _>>(),
    )
}

fn of_word(kind: &str, word: B256) -> Value {
    match kind {
        "address" => json!(Address::from_word(word)),
        "bool" => json!(!word.is_zero()),
        "bytes32" => json!(word),
        signed if signed.starts_with("int") => json!(I256::from_raw(U256::from_be_bytes(word.0)).to_string()),
        _ => json!(U256::from_be_bytes(word.0).to_string()),
    }
}

/// Reads such a struct back; a value that its field does not hold is refused.
pub fn from_json<T>(value: &Value) -> Result<T, String>
where
    T: SolStruct + SolValue + From<<T::SolType as alloy::sol_types::SolType>::RustType>,
{
    let kind = T::eip712_encode_type();
    let mut encoded = Vec::new();
    for (kind, name) in fields(&kind).1 {
        let malformed = || format!("{}.{name} is missing or malformed", T::NAME);
        encoded.extend(to_word(kind, &value[name]).ok_or_else(malformed)?.0);
    }
    <T as SolValue>::abi_decode_validate(&encoded)
        .map_err(|error| format!("{} does not hold what it says: {error}", T::NAME))
}

fn to_word(kind: &str, value: &Value) -> Option<B256> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(yes) => return Some(B256::with_last_byte(u8::from(*yes))).filter(|_| kind == "bool"),
        _ => return None,
    };
    match kind {
        "address" => text.parse::<Address>().ok().map(|address| address.into_word()),
        "bytes32" => text.parse().ok(),
        "bool" => None,
        signed if signed.starts_with("int") => text.parse::<I256>().ok().map(|number| number.into_raw().into()),
        _ => text.parse::<U256>().ok().map(B256::from),
    }
}
