//! A bundler over JSON-RPC (ERC-7769).

use crate::{
    action::operation::{Outcome, SignedOperation},
    client::Client,
    error::{Error, Result},
    user_operation::{ENTRY_POINT, UserOperation},
    userop::reader::{Fault, Field},
};
use alloy::{
    eips::eip7702::SignedAuthorization,
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

    /// The gas that it asks for (`eth_estimateUserOperationGas`).
    pub async fn estimate(
        &self,
        operation: &UserOperation,
        authorization: Option<&SignedAuthorization>,
        entry_point: Address,
    ) -> Result<GasEstimate> {
        let mut asked = operation.clone();
        // Limits that are given are taken for the caller's own.
        (
            asked.call_gas_limit,
            asked.verification_gas_limit,
            asked.pre_verification_gas,
        ) = (0, 0, 0);
        let method = "eth_estimateUserOperationGas";
        let params = json!([asked.to_rpc(authorization), entry_point]);
        let answer: Value = self.request(method, params).await?;
        GasEstimate::read(&Field::root(&answer)).map_err(|fault| Error::Mismatch {
            what: format!("the bundler's answer to {method}"),
            expected: "gas limits".into(),
            found: fault,
        })
    }

    /// Hands an operation over, without waiting for it.
    pub async fn submit(
        &self,
        operation: &UserOperation,
        authorization: Option<&SignedAuthorization>,
        entry_point: Address,
    ) -> Result<B256> {
        let params = json!([operation.to_rpc(authorization), entry_point]);
        self.request("eth_sendUserOperation", params).await
    }

    /// The transaction that carried an operation, once there is one.
    pub async fn carried(&self, hash: B256) -> Result<Option<B256>> {
        let answer: Value = self.request("eth_getUserOperationReceipt", json!([hash])).await?;
        let transaction = answer["receipt"]["transactionHash"].as_str();
        Ok(transaction.and_then(|text| text.parse().ok()))
    }

    /// Whether it knows an operation, be it carried or waiting.
    pub async fn knows(&self, hash: B256) -> Result<bool> {
        let answer: Value = self.request("eth_getUserOperationByHash", json!([hash])).await?;
        Ok(!answer.is_null())
    }

    /// Hands the operation over and waits until it is in a block.
    pub async fn send(&self, client: &Client, signed: &SignedOperation) -> Result<Outcome> {
        let hash = self
            .submit(&signed.operation, signed.authorization.as_ref(), ENTRY_POINT)
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
            if let Some(transaction) = self.carried(hash).await? {
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

/// Gas limits that a bundler or a simulation found. A paymaster's are left as they are where nothing is said of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GasEstimate {
    /// Gas for the account's call.
    pub call: u128,
    /// Gas for the account's validation.
    pub verification: u128,
    /// Gas that no contract can measure.
    pub pre_verification: u128,
    /// Gas for the paymaster's validation.
    pub paymaster_verification: Option<u128>,
    /// Gas for its `postOp`.
    pub paymaster_post_op: Option<u128>,
}

impl GasEstimate {
    fn read(answer: &Field<'_>) -> Result<Self, Fault> {
        let limit = |name: &str| answer.required(name)?.number();
        let optional = |name: &str| answer.member(name).map(|field| field.number()).transpose();
        Ok(Self {
            call: limit("callGasLimit")?,
            verification: limit("verificationGasLimit")?,
            pre_verification: limit("preVerificationGas")?,
            paymaster_verification: optional("paymasterVerificationGasLimit")?,
            paymaster_post_op: optional("paymasterPostOpGasLimit")?,
        })
    }

    /// Makes them the operation's.
    pub fn put_into(&self, operation: &mut UserOperation) {
        operation.call_gas_limit = self.call;
        operation.verification_gas_limit = self.verification;
        operation.pre_verification_gas = self.pre_verification;
        if let Some(sponsor) = &mut operation.sponsor {
            sponsor.verification_gas_limit = self.paymaster_verification.unwrap_or(sponsor.verification_gas_limit);
            sponsor.post_op_gas_limit = self.paymaster_post_op.unwrap_or(sponsor.post_op_gas_limit);
        }
    }
}
