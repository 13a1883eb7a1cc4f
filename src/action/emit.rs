//! A plan for somebody else to sign or send: as a user operation, as a wallet's batch of calls, as typed data.

use super::{operation::Unsigned, plan::Plan};
use crate::{
    client::Client,
    delegation,
    error::{Error, Result},
    paymaster::SigningPaymaster,
    signed_batch::{Call, Order, Terms},
    user_operation::ENTRY_POINT,
};
use alloy::{
    eips::eip7702::Authorization,
    primitives::{U64, U256},
    signers::local::PrivateKeySigner,
};
use clap::ValueEnum;
use serde_json::{Value, json};

/// The form in which a plan leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Form {
    /// An ERC-4337 user operation, as eth_sendUserOperation takes it; signed if there is a key
    Userop,
    /// An EIP-5792 request for the wallet: wallet_sendCalls
    Sendcalls,
    /// EIP-712 typed data for eth_signTypedData_v4; `hedgerow relay` carries it once it is signed
    TypedData,
}

/// Writes a plan as a user operation. Without a key its signature is worth nothing, and the document has the hash to sign.
pub async fn user_operation(
    client: &Client,
    plan: &Plan,
    signer: Option<&PrivateKeySigner>,
    paymaster: Option<&SigningPaymaster>,
) -> Result<Value> {
    let unsigned = Unsigned::build(client, plan, paymaster).await?;
    let hash = unsigned.hash;
    let needed = unsigned.authorization.as_ref().map(to_sign);
    let (operation, signed) = match signer {
        Some(signer) => {
            let signed = unsigned.sign(client, signer)?;
            (signed.operation.to_rpc(signed.authorization.as_ref()), true)
        }
        None => (unsigned.operation.to_rpc(None), false),
    };
    let mut document = json!({
        "method": "eth_sendUserOperation",
        "params": [operation, ENTRY_POINT],
        "chainId": client.chain_id(),
        "userOpHash": hash,
        "signed": signed,
    });
    if let (false, Some(needed)) = (signed, needed) {
        document["authorizationToSign"] = needed;
    }
    Ok(document)
}

/// An authorisation that is still to be signed, and the hash that its signature is over.
fn to_sign(authorization: &Authorization) -> Value {
    json!({
        "chainId": authorization.chain_id,
        "address": authorization.address,
        "nonce": U64::from(authorization.nonce),
        "hash": authorization.signature_hash(),
    })
}

/// Writes a plan as a request to the wallet that holds the account's key.
pub fn send_calls(client: &Client, plan: &Plan) -> Result<Value> {
    require_delegated(plan, "a wallet's batch of calls")?;
    Ok(json!({
        "method": "wallet_sendCalls",
        "params": [{
            "version": "2.0.0",
            "chainId": U64::from(client.chain_id()),
            "from": plan.account,
            "atomicRequired": true,
            "calls": [{ "to": plan.account, "value": "0x0", "data": plan.self_call()? }],
        }],
    }))
}

/// Writes a plan as typed data: a batch of one call, bound to `terms`.
pub async fn typed_data(client: &Client, plan: &Plan, terms: Terms) -> Result<Value> {
    require_delegated(plan, "a signed batch")?;
    let call = Call {
        to: plan.account,
        value: U256::ZERO,
        data: plan.self_call()?.clone(),
    };
    let order = Order::next(client, plan.account, plan.require_shell()?, vec![call], terms).await?;
    Ok(order.to_json())
}

/// Gas that has to be left when a carried batch begins: what the action takes by itself, and a fifth more.
pub async fn gas_to_begin(client: &Client, plan: &Plan) -> Result<u64> {
    let estimate = plan.estimate(client, plan.account).await?;
    Ok(estimate + estimate / 5)
}

fn require_delegated(plan: &Plan, what: &str) -> Result<()> {
    let shell = plan.require_shell()?;
    if plan.delegated {
        return Ok(());
    }
    Err(Error::missing(
        "a delegated account",
        format!(
            "{what} cannot carry the authorisation that {} needs: run `hedgerow delegate --to {shell}` first, or use --emit userop",
            delegation::Delegation::None.in_words()
        ),
    ))
}
