//! A paymaster that is asked over JSON-RPC (ERC-7677): first for what its part will look like, then, once the gas is known, for that part.

use crate::{
    client::transport_error,
    error::{Error, Result},
    user_operation::{Sponsor, UserOperation},
    userop::reader::{Fault, Field},
};
use alloy::{
    eips::eip7702::SignedAuthorization,
    primitives::{Address, Bytes, U64},
    rpc::client::RpcClient,
};
use serde_json::{Value, json};

/// Gas for a paymaster's validation where the service names none.
const VERIFICATION_GAS: u128 = 100_000;

/// A paymaster's service.
#[derive(Clone, Debug)]
pub struct PaymasterService {
    rpc: RpcClient,
    url: String,
    context: Value,
}

/// What a service says that its part will look like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stub {
    /// The part, with data that has the length of what it will be.
    pub sponsor: Sponsor,
    /// Whether that data is already what it will be.
    pub last: bool,
}

impl PaymasterService {
    /// The service at `url`; `context` is what it wants to know besides, such as a policy's id.
    pub fn new(url: &str, context: Value) -> Result<Self> {
        let parsed = url.parse().map_err(|_| {
            Error::invalid(
                "the paymaster's URL",
                url,
                "give one like https://paymaster.example/rpc",
            )
        })?;
        Ok(Self {
            rpc: RpcClient::new_http(parsed),
            url: url.to_owned(),
            context,
        })
    }

    /// `pm_getPaymasterStubData`: to estimate with.
    pub async fn stub(
        &self,
        operation: &UserOperation,
        authorization: Option<&SignedAuthorization>,
        chain: (u64, Address),
    ) -> Result<Stub> {
        let answer = self
            .ask("pm_getPaymasterStubData", operation, authorization, chain)
            .await?;
        self.read(&answer, stub)
    }

    /// `pm_getPaymasterData`: to send with. What the stub said of gas holds.
    pub async fn data(
        &self,
        operation: &UserOperation,
        authorization: Option<&SignedAuthorization>,
        chain: (u64, Address),
    ) -> Result<(Address, Bytes)> {
        let answer = self.ask("pm_getPaymasterData", operation, authorization, chain).await?;
        self.read(&answer, |answer| Ok((address(answer)?, bytes(answer)?)))
    }

    async fn ask(
        &self,
        method: &'static str,
        operation: &UserOperation,
        authorization: Option<&SignedAuthorization>,
        (chain_id, entry_point): (u64, Address),
    ) -> Result<Value> {
        let operation = operation.to_rpc(authorization);
        let params = json!([operation, entry_point, U64::from(chain_id), self.context]);
        let answer = self.rpc.request::<_, Value>(method, params).await;
        answer.map_err(|error| match transport_error(&self.url, method, error) {
            Error::Unreachable { url, reason } => Error::Node {
                url,
                action: method.into(),
                reason: format!("the paymaster's service does not answer ({reason}); check --paymaster-url"),
            },
            other => other,
        })
    }

    fn read<T>(&self, answer: &Value, read: impl FnOnce(&Field<'_>) -> Result<T, Fault>) -> Result<T> {
        read(&Field::root(answer)).map_err(|fault| Error::Mismatch {
            what: format!("the paymaster's service at {}", self.url),
            expected: "an answer as ERC-7677 has it".into(),
            found: fault,
        })
    }
}

fn address(answer: &Field<'_>) -> Result<Address, Fault> {
    answer.required("paymaster")?.address()
}

fn bytes(answer: &Field<'_>) -> Result<Bytes, Fault> {
    answer.required("paymasterData")?.bytes()
}

fn stub(answer: &Field<'_>) -> Result<Stub, Fault> {
    let limit = |name: &str| answer.member(name).map(|field| field.number::<u128>()).transpose();
    Ok(Stub {
        sponsor: Sponsor {
            paymaster: address(answer)?,
            verification_gas_limit: limit("paymasterVerificationGasLimit")?.unwrap_or(VERIFICATION_GAS),
            post_op_gas_limit: limit("paymasterPostOpGasLimit")?.unwrap_or_default(),
            data: bytes(answer)?,
        },
        last: answer.member("isFinal").is_some_and(|field| field.flag() == Ok(true)),
    })
}
