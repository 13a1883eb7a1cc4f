//! An action as an ERC-4337 user operation: its gas, its sponsor, its signature, its way to the EntryPoint, what became of it.

use super::own_call::OwnCall;
use crate::{
    bindings::{
        IEntryPoint::{UserOperationRevertReason, getNonceCall, handleOpsCall},
        UserOperationEvent,
    },
    client::{Client, Transaction},
    delegation,
    error::{Error, Result},
    paymaster::SigningPaymaster,
    revert,
    user_operation::{ENTRY_POINT, UserOperation},
};
use alloy::{
    eips::eip7702::{Authorization, SignedAuthorization},
    primitives::{Address, B256, Bytes},
    rpc::types::TransactionReceipt,
    signers::local::PrivateKeySigner,
    sol_types::{SolCall, SolEvent},
};

/// Gas for the account's validation: the shell checks one signature.
const VERIFICATION_GAS: u128 = 60_000;
/// What every transaction costs.
pub(super) const TRANSACTION_GAS: u128 = 21_000;
/// What an authorisation costs.
pub(super) const AUTHORIZATION_GAS: u128 = 25_000;
/// What the EntryPoint spends on a bundle of one that no limit of the operation covers.
const BUNDLE_GAS: u128 = 20_000;

/// A user operation that lacks only the account's signatures.
#[derive(Clone, Debug)]
pub struct Unsigned {
    /// The operation, with a signature of the right length that is worth nothing.
    pub operation: UserOperation,
    /// What the account signs.
    pub hash: B256,
    /// The EIP-7702 authorisation that has to come with it, where the account is not delegated yet.
    pub authorization: Option<Authorization>,
}

impl Unsigned {
    /// Fills everything in; the paymaster signs here, because the account signs over that.
    pub async fn build(client: &Client, call: &OwnCall, paymaster: Option<&SigningPaymaster>) -> Result<Self> {
        let chain_id = client.chain_id();
        let authorization = if call.delegated {
            None
        } else {
            Some(delegation::authorization(
                chain_id,
                call.shell,
                client.nonce(call.account).await?,
            ))
        };
        let nonce_of = getNonceCall {
            sender: call.account,
            key: Default::default(),
        };
        let (max_fee_per_gas, max_priority_fee_per_gas) = client.fees().await?;
        let mut operation = UserOperation {
            sender: call.account,
            nonce: client.read(ENTRY_POINT, &nonce_of).await?,
            delegate: Some(call.shell),
            call_gas_limit: call_gas(client, call).await?,
            call_data: call.data.clone(),
            verification_gas_limit: VERIFICATION_GAS,
            pre_verification_gas: 0,
            max_fee_per_gas,
            max_priority_fee_per_gas,
            sponsor: paymaster.map(SigningPaymaster::placeholder),
            signature: vec![0xff; 65].into(),
        };
        operation.pre_verification_gas = pre_verification_gas(client, &operation, authorization.is_some()).await?;
        if let Some(paymaster) = paymaster {
            paymaster.sponsor(&mut operation, call.deadline.saturating_to())?;
        }
        Ok(Self {
            hash: operation.hash(chain_id, ENTRY_POINT),
            operation,
            authorization,
        })
    }

    /// Signs with the account's key: the authorisation if one is needed, the operation.
    pub fn sign(self, client: &Client, signer: &PrivateKeySigner) -> Result<SignedOperation> {
        let mut operation = self.operation;
        let hash = operation.sign(signer, client.chain_id(), ENTRY_POINT)?;
        let authorization = self
            .authorization
            .map(|authorization| delegation::sign(signer, authorization))
            .transpose()?;
        Ok(SignedOperation {
            operation,
            hash,
            authorization,
        })
    }
}

/// A user operation ready to be sent.
#[derive(Clone, Debug)]
pub struct SignedOperation {
    /// The operation.
    pub operation: UserOperation,
    /// Its hash.
    pub hash: B256,
    /// The EIP-7702 authorisation that has to come with it.
    pub authorization: Option<SignedAuthorization>,
}

/// What became of a user operation.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The transaction that carried it.
    pub receipt: TransactionReceipt,
    /// What the EntryPoint charged, and to whom.
    pub event: UserOperationEvent,
}

impl Outcome {
    /// Who paid: the paymaster, or the account itself.
    pub fn payer(&self) -> Address {
        if self.event.paymaster.is_zero() {
            self.event.sender
        } else {
            self.event.paymaster
        }
    }
}

impl SignedOperation {
    /// Sends it through `handleOps` from an account that gets the fee back.
    pub async fn send_directly(&self, client: &Client, sender: &PrivateKeySigner) -> Result<Outcome> {
        let call = handleOpsCall {
            ops: vec![self.operation.packed()],
            beneficiary: sender.address(),
        };
        let mut transaction = Transaction::call(ENTRY_POINT, &call);
        transaction.authorizations.extend(self.authorization.clone());
        let receipt = client.send(sender, transaction, "the user operation").await?;
        self.outcome(receipt)
    }

    /// Finds the operation's event; an operation that reverted inside a bundle is an error with its reason.
    pub fn outcome(&self, receipt: TransactionReceipt) -> Result<Outcome> {
        let logs = || receipt.inner.logs().iter().map(|log| &log.inner);
        let event = logs()
            .filter_map(|log| UserOperationEvent::decode_log(log).ok())
            .find(|e| e.userOpHash == self.hash);
        let Some(event) = event else {
            return Err(Error::Mismatch {
                what: format!("the user operation of transaction {}", receipt.transaction_hash),
                expected: self.hash.to_string(),
                found: "no such event".into(),
            });
        };
        if event.success {
            return Ok(Outcome {
                event: event.data,
                receipt,
            });
        }
        let why = logs()
            .filter_map(|log| UserOperationRevertReason::decode_log(log).ok())
            .find(|e| e.userOpHash == self.hash);
        let data = why.map(|event| event.data.revertReason).unwrap_or_default();
        let reason = if data.is_empty() {
            "it ran out of gas or gave no reason".into()
        } else {
            revert::explain(&data)
        };
        Err(Error::Reverted {
            action: "the user operation".into(),
            reason,
            transaction: Some(receipt.transaction_hash),
            data,
        })
    }
}

/// Gas for the account's call: the node's estimate without what a transaction costs, and a tenth more.
async fn call_gas(client: &Client, call: &OwnCall) -> Result<u128> {
    let estimate = call.estimate(client, ENTRY_POINT).await?;
    let inner = u128::from(estimate).saturating_sub(TRANSACTION_GAS + calldata_gas(&call.data));
    Ok(inner + inner / 10)
}

/// Gas that the operation costs outside what its limits measure: the transaction, its calldata, the authorisation, the bundle's
/// loop, and on a chain that posts to another the share for that.
async fn pre_verification_gas(client: &Client, operation: &UserOperation, authorized: bool) -> Result<u128> {
    let data: Bytes = handleOpsCall {
        ops: vec![operation.packed()],
        beneficiary: ENTRY_POINT,
    }
    .abi_encode()
    .into();
    let authorization = if authorized { AUTHORIZATION_GAS } else { 0 };
    let posting = client.posting_gas(ENTRY_POINT, &data).await?;
    Ok(TRANSACTION_GAS + calldata_gas(&data) + authorization + BUNDLE_GAS + posting)
}

/// 4 gas for a zero byte, 16 for another (EIP-2028).
pub(super) fn calldata_gas(data: &[u8]) -> u128 {
    data.iter().map(|byte| if *byte == 0 { 4 } else { 16 }).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calldata_costs_as_eip_2028_says() {
        assert_eq!(calldata_gas(&[0, 0, 1]), 24);
    }
}
