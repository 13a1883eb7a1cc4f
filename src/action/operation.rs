//! An action as an ERC-4337 user operation: its gas, its sponsor, its signature, its way to the EntryPoint, what became of it.

use super::own_call::OwnCall;
use crate::{
    bindings::{
        IEntryPoint::{IEntryPointEvents, getNonceCall, handleOpsCall},
        UserOperationEvent,
    },
    bundler::Bundler,
    client::{Client, Transaction},
    delegation,
    error::{Error, Result},
    revert,
    sponsorship::Sponsorship,
    user_operation::{ENTRY_POINT, STUB_SIGNATURE, UserOperation},
};
use alloy::{
    eips::eip7702::{Authorization, SignedAuthorization},
    primitives::{Address, B256, Bytes},
    rpc::types::TransactionReceipt,
    signers::local::PrivateKeySigner,
    sol_types::{SolCall, SolEvent, SolEventInterface},
};

/// Gas for the account's validation: the shell checks one signature.
const VERIFICATION_GAS: u128 = 60_000;
/// What every transaction costs.
pub(crate) const TRANSACTION_GAS: u128 = 21_000;
/// What an authorisation costs.
pub(crate) const AUTHORIZATION_GAS: u128 = 25_000;
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
    pub async fn build(client: &Client, call: &OwnCall, sponsorship: Option<&Sponsorship>) -> Result<Self> {
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
            sponsor: None,
            signature: STUB_SIGNATURE,
        };
        let mut last = true;
        if let Some(sponsorship) = sponsorship {
            last = sponsorship.stub(&mut operation, None, (chain_id, ENTRY_POINT)).await?;
        }
        operation.pre_verification_gas = pre_verification_gas(client, &operation, authorization.is_some()).await?;
        if let Some(sponsorship) = sponsorship.filter(|_| !last) {
            let until = call.deadline.saturating_to();
            sponsorship
                .finish(&mut operation, None, (chain_id, ENTRY_POINT), until)
                .await?;
        }
        Ok(Self {
            hash: operation.hash(chain_id, ENTRY_POINT),
            operation,
            authorization,
        })
    }

    /// The authorisation, signed with the account's key; none where none is needed.
    pub fn sign_authorization(&self, signer: &PrivateKeySigner) -> Result<Option<SignedAuthorization>> {
        let authorization = self.authorization.clone();
        authorization
            .map(|authorization| delegation::sign(signer, authorization))
            .transpose()
    }

    /// Takes a bundler's word for the gas, because it refuses less; the paymaster signs again.
    pub async fn estimate_by(
        &mut self,
        client: &Client,
        bundler: &Bundler,
        call: &OwnCall,
        sponsorship: Option<&Sponsorship>,
        authorization: Option<&SignedAuthorization>,
    ) -> Result<()> {
        let chain = (client.chain_id(), ENTRY_POINT);
        if let Some(sponsorship) = sponsorship {
            sponsorship.stub(&mut self.operation, authorization, chain).await?;
        }
        let estimate = bundler.estimate(&self.operation, authorization, ENTRY_POINT).await?;
        estimate.put_into(&mut self.operation);
        if let Some(sponsorship) = sponsorship {
            let until = call.deadline.saturating_to();
            sponsorship
                .finish(&mut self.operation, authorization, chain, until)
                .await?;
        }
        self.hash = self.operation.hash(chain.0, chain.1);
        Ok(())
    }

    /// Signs with the account's key: the authorisation if one is needed, the operation.
    pub fn sign(self, client: &Client, signer: &PrivateKeySigner) -> Result<SignedOperation> {
        let authorization = self.sign_authorization(signer)?;
        let mut operation = self.operation;
        let hash = operation.sign(signer, client.chain_id(), ENTRY_POINT)?;
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
    /// What its call reverted with; none where it did not.
    pub revert: Option<Bytes>,
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
        let outcome = Outcome::of(self.hash, receipt)?;
        match outcome.revert {
            None => Ok(outcome),
            Some(data) => Err(Error::Reverted {
                action: "the user operation".into(),
                reason: why(&data),
                transaction: Some(outcome.receipt.transaction_hash),
                data,
            }),
        }
    }
}

/// Why an operation reverted, in words.
pub fn why(data: &Bytes) -> String {
    match data.is_empty() {
        true => "it ran out of gas or gave no reason".into(),
        false => revert::explain(data),
    }
}

impl Outcome {
    /// Finds the operation's event in the transaction that carried it.
    pub fn of(hash: B256, receipt: TransactionReceipt) -> Result<Self> {
        let logs = || receipt.inner.logs().iter().map(|log| &log.inner);
        let event = logs()
            .filter_map(|log| UserOperationEvent::decode_log(log).ok())
            .find(|e| e.userOpHash == hash);
        let Some(event) = event else {
            return Err(Error::Mismatch {
                what: format!("the user operation of transaction {}", receipt.transaction_hash),
                expected: hash.to_string(),
                found: "no such event".into(),
            });
        };
        let reasons = || logs().filter_map(|log| IEntryPointEvents::decode_log(log).ok());
        let data = reasons().find_map(|log| match log.data {
            IEntryPointEvents::UserOperationRevertReason(e) if e.userOpHash == hash => Some(e.revertReason),
            IEntryPointEvents::PostOpRevertReason(e) if e.userOpHash == hash => Some(e.revertReason),
            _ => None,
        });
        Ok(Self {
            revert: (!event.success).then(|| data.unwrap_or_default()),
            event: event.data,
            receipt,
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
pub(crate) async fn pre_verification_gas(client: &Client, operation: &UserOperation, authorized: bool) -> Result<u128> {
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
pub(crate) fn calldata_gas(data: &[u8]) -> u128 {
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
