//! The positional parameters of a request.

use alloy::{
    eips::{BlockId, BlockNumberOrTag},
    primitives::U256,
};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::error::RpcError;

/// Positional parameters; what is missing reads as `null`.
#[derive(Clone, Debug, Default)]
pub struct Params(Vec<Value>);

impl Params {
    /// From the `params` member of a request.
    ///
    /// # Errors
    /// Named parameters, which no Ethereum method takes.
    pub fn new(params: Option<Value>) -> Result<Self, RpcError> {
        match params {
            None | Some(Value::Null) => Ok(Self::default()),
            Some(Value::Array(list)) => Ok(Self(list)),
            Some(_) => Err(RpcError::invalid_params("params must be an array")),
        }
    }

    fn get(&self, index: usize) -> Option<&Value> {
        self.0.get(index).filter(|value| !value.is_null())
    }

    /// Parameter `index`, which may be absent.
    pub fn optional<T: DeserializeOwned>(&self, index: usize, name: &str) -> Result<Option<T>, RpcError> {
        self.get(index)
            .map(|value| serde_json::from_value(value.clone()).map_err(|error| invalid(index, name, value, &error)))
            .transpose()
    }

    /// Parameter `index`, which must be there.
    pub fn required<T: DeserializeOwned>(&self, index: usize, name: &str) -> Result<T, RpcError> {
        self.optional(index, name)?
            .ok_or_else(|| RpcError::invalid_params(format!("missing value for required argument {index} ({name})")))
    }

    /// A block parameter; `latest` if absent.
    pub fn block(&self, index: usize) -> Result<BlockId, RpcError> {
        Ok(self
            .optional(index, "block")?
            .unwrap_or(BlockId::Number(BlockNumberOrTag::Latest)))
    }

    /// A number written as hex quantity, 32-byte word, decimal text or JSON number: development methods get all four.
    pub fn number(&self, index: usize, name: &str) -> Result<Option<U256>, RpcError> {
        let Some(value) = self.get(index) else { return Ok(None) };
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            _ => return Err(invalid(index, name, value, &"expected a number")),
        };
        let parsed = match text.strip_prefix("0x") {
            Some("") => Ok(U256::ZERO),
            Some(digits) => U256::from_str_radix(digits, 16),
            None => U256::from_str_radix(&text, 10),
        };
        parsed.map(Some).map_err(|error| invalid(index, name, value, &error))
    }

    /// As [`Self::number`], required and at most 64 bits.
    pub fn number_u64(&self, index: usize, name: &str) -> Result<u64, RpcError> {
        let number = self
            .number(index, name)?
            .ok_or_else(|| RpcError::invalid_params(format!("missing value for required argument {index} ({name})")))?;
        u64::try_from(number).map_err(|_| {
            RpcError::invalid_params(format!(
                "invalid argument {index} ({name}): {number} does not fit in 64 bits"
            ))
        })
    }

    /// As [`Self::number`], required.
    pub fn number_u256(&self, index: usize, name: &str) -> Result<U256, RpcError> {
        self.number(index, name)?
            .ok_or_else(|| RpcError::invalid_params(format!("missing value for required argument {index} ({name})")))
    }
}

fn invalid(index: usize, name: &str, value: &Value, error: &dyn std::fmt::Display) -> RpcError {
    let mut shown = value.to_string();
    if shown.chars().count() > 80 {
        shown = shown.chars().take(77).chain("...".chars()).collect();
    }
    RpcError::invalid_params(format!("invalid argument {index} ({name}) {shown}: {error}"))
}
