//! JSON-RPC: requests in, answers out, whatever carries them.

mod answer;
mod blocks;
mod call;
mod dev;
pub mod error;
mod filters;
pub mod http;
mod net;
pub mod params;
mod send;
mod state;
pub mod transport;
mod wallet;

use serde_json::{Value, json};

use self::{error::RpcError, filters::Filters, params::Params, wallet::Wallet};
use crate::{
    chain::{genesis::dev_keys, node::Chain},
    config::Config,
    error::Error,
};

/// What a method returns.
pub type Answer = Result<Value, RpcError>;

/// The node behind every transport: the chain, the keys and the filters.
#[derive(Debug)]
pub struct Service {
    chain: Chain,
    wallet: Wallet,
    filters: Filters,
}

impl Service {
    /// A node at block 0.
    ///
    /// # Errors
    /// A mnemonic that is none.
    pub fn new(config: Config) -> Result<Self, Error> {
        let keys = dev_keys(&config).map_err(|error| Error::Mnemonic(error.to_string()))?;
        let wallet = Wallet::new(keys);
        let chain = Chain::new(config, wallet.accounts());
        Ok(Self {
            chain,
            wallet,
            filters: Filters::default(),
        })
    }

    /// Another node with this one's chain and keys.
    pub fn twin(&self) -> Self {
        Self {
            chain: self.chain.clone(),
            wallet: self.wallet.clone(),
            filters: Filters::default(),
        }
    }

    /// The chain behind it.
    pub fn chain(&self) -> &Chain {
        &self.chain
    }

    /// The development accounts.
    pub fn wallet_accounts(&self) -> &[alloy::primitives::Address] {
        self.wallet.accounts()
    }

    /// Answers one request or a batch. `Null` when there is nothing to answer, as for notifications.
    pub fn handle(&mut self, message: Value) -> Value {
        match message {
            Value::Array(batch) if batch.is_empty() => failure(Value::Null, &RpcError::invalid_request("empty batch")),
            Value::Array(batch) => {
                let answers: Vec<Value> = batch.into_iter().filter_map(|request| self.answer(request)).collect();
                if answers.is_empty() {
                    Value::Null
                } else {
                    Value::Array(answers)
                }
            }
            request => self.answer(request).unwrap_or(Value::Null),
        }
    }

    fn answer(&mut self, request: Value) -> Option<Value> {
        let Value::Object(mut request) = request else {
            return Some(failure(
                Value::Null,
                &RpcError::invalid_request("a request is a JSON object"),
            ));
        };
        let id = request.remove("id");
        let outcome = match request.remove("method") {
            Some(Value::String(method)) => {
                Params::new(request.remove("params")).and_then(|params| self.dispatch(&method, &params))
            }
            _ => Err(RpcError::invalid_request(
                "a request needs a 'method', which is a string",
            )),
        };
        let id = id?;
        Some(match outcome {
            Ok(result) => json!({ "jsonrpc": "2.0", "id": id, "result": result }),
            Err(error) => failure(id, &error),
        })
    }

    fn dispatch(&mut self, method: &str, params: &Params) -> Answer {
        self.state_method(method, params)
            .or_else(|| self.block_method(method, params))
            .or_else(|| self.call_method(method, params))
            .or_else(|| self.send_method(method, params))
            .or_else(|| self.filter_method(method, params))
            .or_else(|| self.dev_method(method, params))
            .or_else(|| self.net_method(method, params))
            .unwrap_or_else(|| Err(RpcError::method_not_found(method)))
    }
}

/// The answer to a request that failed.
pub fn failure(id: Value, error: &RpcError) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "error": error.to_json() })
}
