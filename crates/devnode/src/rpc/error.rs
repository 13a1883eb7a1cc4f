//! JSON-RPC errors, with the codes that Ethereum clients expect.

use alloy::primitives::hex;
use serde_json::{Value, json};

use crate::chain::{call::CallError, node::UnknownBlock, tx::TxError};

/// An error answer.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{message} (code {code})")]
pub struct RpcError {
    /// JSON-RPC code: 3 for a revert, -32000 for a refusal, -32601 and -32602 for bad requests.
    pub code: i64,
    /// What went wrong.
    pub message: String,
    /// Revert data, in hex.
    pub data: Option<Value>,
}

impl RpcError {
    fn plain(code: i64, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            data: None,
        }
    }

    /// The text is no JSON.
    pub fn parse(error: impl std::fmt::Display) -> Self {
        Self::plain(-32700, format!("parse error: {error}"))
    }

    /// JSON, but no JSON-RPC request.
    pub fn invalid_request(message: impl Into<String>) -> Self {
        Self::plain(-32600, message)
    }

    /// A method this node does not have.
    pub fn method_not_found(method: &str) -> Self {
        Self::plain(-32601, format!("the method {method} does not exist/is not available"))
    }

    /// Parameters that the method cannot work with.
    pub fn invalid_params(message: impl Into<String>) -> Self {
        Self::plain(-32602, message)
    }

    /// A request that is well formed and refused.
    pub fn refused(message: impl Into<String>) -> Self {
        Self::plain(-32000, message)
    }

    /// A fault of this node.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::plain(-32603, message)
    }

    /// The error object of the answer.
    pub fn to_json(&self) -> Value {
        match &self.data {
            Some(data) => json!({ "code": self.code, "message": self.message, "data": data }),
            None => json!({ "code": self.code, "message": self.message }),
        }
    }
}

impl From<TxError> for RpcError {
    fn from(error: TxError) -> Self {
        Self::refused(error.to_string())
    }
}

impl From<UnknownBlock> for RpcError {
    fn from(error: UnknownBlock) -> Self {
        Self::refused(error.to_string())
    }
}

impl From<CallError> for RpcError {
    fn from(error: CallError) -> Self {
        let message = error.to_string();
        match error {
            CallError::Reverted(data) => Self {
                code: 3,
                message,
                data: Some(Value::String(hex::encode_prefixed(data))),
            },
            CallError::BadRequest(_) => Self::invalid_params(message),
            _ => Self::refused(message),
        }
    }
}
