//! What a node says about itself: `net_*`, `web3_*`.

use alloy::primitives::{Bytes, keccak256};
use serde_json::{Value, json};

use super::{Answer, Service, answer::to_json, params::Params};

impl Service {
    pub(super) fn net_method(&self, method: &str, params: &Params) -> Option<Answer> {
        Some(match method {
            "net_version" => Ok(Value::String(self.chain.config().chain_id.to_string())),
            "net_listening" => Ok(json!(true)),
            "net_peerCount" => Ok(json!("0x0")),
            "web3_clientVersion" => Ok(json!(concat!("hedgerow-devnode/v", env!("CARGO_PKG_VERSION")))),
            "web3_sha3" => params
                .required::<Bytes>(0, "data")
                .and_then(|data| to_json(keccak256(data))),
            "eth_syncing" => Ok(json!(false)),
            _ => return None,
        })
    }
}
