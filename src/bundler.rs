//! A bundler over JSON-RPC (ERC-7769).

use crate::{
    action::operation::{Outcome, SignedOperation},
    client::Client,
    error::{Error, Result},
    user_operation::ENTRY_POINT,
};
use alloy::{
    primitives::{Address, B256},
    providers::Provider,
};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// How long an operation may take to be included.
const INCLUSION_TIMEOUT: Duration = Duration::from_secs(120);
const PAUSE: Duration = Duration::from_millis(500);

/// A bundler that serves our EntryPoint on our chain.
#[derive(Clone, Debug)]
pub struct Bundler {
    client: Client,
}

impl Bundler {
    /// Connects; refuses a bundler of another chain or without EntryPoint v0.8.
    pub async fn connect(url: &str, chain_id: u64) -> Result<Self> {
        let client = Client::connect(url, Some(chain_id)).await?;
        let bundler = Self { client };
        let supported: Vec<Address> = bundler.request("eth_supportedEntryPoints", json!([])).await?;
        if supported.contains(&ENTRY_POINT) {
            return Ok(bundler);
        }
        Err(Error::invalid(
            "the bundler",
            url,
            format!("it does not serve EntryPoint v0.8 ({ENTRY_POINT}): use one that does"),
        ))
    }

    /// Hands the operation over and waits until it is in a block.
    pub async fn send(&self, client: &Client, signed: &SignedOperation) -> Result<Outcome> {
        let operation = signed.operation.to_rpc(signed.authorization.as_ref());
        let hash: B256 = self
            .request("eth_sendUserOperation", json!([operation, ENTRY_POINT]))
            .await?;
        if hash != signed.hash {
            return Err(Error::Mismatch {
                what: "the user operation's hash".into(),
                expected: signed.hash.to_string(),
                found: format!("{hash} (the bundler's)"),
            });
        }
        let transaction = self.included(hash).await?;
        let receipt = client.receipt(transaction).await?;
        signed.outcome(receipt)
    }

    async fn included(&self, hash: B256) -> Result<B256> {
        let start = Instant::now();
        loop {
            let answer: Value = self.request("eth_getUserOperationReceipt", json!([hash])).await?;
            let transaction = answer["receipt"]["transactionHash"]
                .as_str()
                .and_then(|text| text.parse().ok());
            if let Some(transaction) = transaction {
                return Ok(transaction);
            }
            if start.elapsed() > INCLUSION_TIMEOUT {
                return Err(Error::NotIncluded {
                    hash,
                    seconds: INCLUSION_TIMEOUT.as_secs(),
                });
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn request<T: alloy::rpc::json_rpc::RpcRecv>(&self, method: &'static str, params: Value) -> Result<T> {
        let answer = self.client.provider().raw_request(method.into(), params).await;
        answer.map_err(|error| self.client.error(method, error))
    }
}
