//! A call for somebody else to sign or send: as a user operation, as a wallet's batch of calls, as typed data.

use super::{operation::Unsigned, own_call::OwnCall};
use crate::{
    client::Client,
    delegation,
    error::{Error, Result},
    signed_batch::{Call, Order, Terms},
    sponsorship::Sponsorship,
    user_operation::ENTRY_POINT,
};
use alloy::{
    eips::eip7702::Authorization,
    primitives::{U64, U256},
    signers::local::PrivateKeySigner,
};
use clap::ValueEnum;
use serde_json::{Value, json};

/// The form in which a call leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Form {
    /// An ERC-4337 user operation, as eth_sendUserOperation takes it; signed if there is a key
    Userop,
    /// An EIP-5792 request for the wallet: wallet_sendCalls
    Sendcalls,
    /// EIP-712 typed data for eth_signTypedData_v4; `hedgerow relay` carries it once it is signed
    TypedData,
    /// The bare call, as `hedgerow userop build --calls` takes it
    Calls,
}

/// Writes a call as a user operation. Without a key its signature is worth nothing, and the document has the hash to sign.
pub async fn user_operation(
    client: &Client,
    call: &OwnCall,
    signer: Option<&PrivateKeySigner>,
    sponsorship: Option<&Sponsorship>,
) -> Result<Value> {
    let unsigned = Unsigned::build(client, call, sponsorship).await?;
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

/// Writes a call as a request to the wallet that holds the account's key.
pub fn send_calls(client: &Client, call: &OwnCall) -> Result<Value> {
    require_delegated(call, "a wallet's batch of calls")?;
    Ok(json!({
        "method": "wallet_sendCalls",
        "params": [{
            "version": "2.0.0",
            "chainId": U64::from(client.chain_id()),
            "from": call.account,
            "atomicRequired": true,
            "calls": [{ "to": call.account, "value": "0x0", "data": call.data }],
        }],
    }))
}

/// Writes a call as one of a list that `userop build` takes.
pub fn calls(call: &OwnCall) -> Value {
    json!([{ "to": call.account, "value": "0", "data": call.data }])
}

/// Writes a call as typed data: a batch of one call, bound to `terms`.
pub async fn typed_data(client: &Client, call: &OwnCall, terms: Terms) -> Result<Value> {
    require_delegated(call, "a signed batch")?;
    let inner = Call {
        to: call.account,
        value: U256::ZERO,
        data: call.data.clone(),
    };
    let order = Order::next(client, call.account, call.shell, vec![inner], terms).await?;
    Ok(order.to_json())
}

/// Gas that has to be left when a carried batch begins: what the call takes by itself, and a fifth more.
pub async fn gas_to_begin(client: &Client, call: &OwnCall) -> Result<u64> {
    let estimate = call.estimate(client, call.account).await?;
    Ok(estimate + estimate / 5)
}

fn require_delegated(call: &OwnCall, what: &str) -> Result<()> {
    let shell = call.shell;
    if call.delegated {
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
