//! Sending and signing.

use alloy::{
    consensus::{SignableTransaction, Typed2718, TypedTransaction},
    dyn_abi::TypedData,
    eips::Encodable2718,
    primitives::{Address, Bytes, TxKind},
    rpc::types::TransactionRequest,
};
use serde_json::{Value, json};

use super::{Answer, Service, answer::to_json, error::RpcError, params::Params};
use crate::chain::tx;

impl Service {
    pub(super) fn send_method(&mut self, method: &str, params: &Params) -> Option<Answer> {
        Some(match method {
            "eth_sendRawTransaction" => self.send_raw(params),
            "eth_sendTransaction" => self.send(params),
            "eth_sendRawTransactionSync" => self.send_raw(params).and_then(|hash| self.receipt_of(hash)),
            "eth_sendTransactionSync" => self.send(params).and_then(|hash| self.receipt_of(hash)),
            "eth_fillTransaction" => self.filled(params),
            "eth_signTransaction" => self.sign_transaction(params),
            "eth_sign" => self.sign(params, 0, 1),
            "personal_sign" => self.sign(params, 1, 0),
            "eth_signTypedData" | "eth_signTypedData_v4" => self.sign_typed_data(params),
            _ => return None,
        })
    }

    fn send_raw(&mut self, params: &Params) -> Answer {
        let raw: Bytes = params.required(0, "transaction")?;
        let tx = tx::decode(&raw)?;
        to_json(self.chain.submit(tx)?)
    }

    fn send(&mut self, params: &Params) -> Answer {
        let (tx, from) = self.fill(params.required(0, "transaction")?)?;
        let signed = self.wallet.sign(tx, from)?;
        to_json(self.chain.submit(signed)?)
    }

    /// The receipt of a transaction just sent; with automatic mining off there is none to give.
    fn receipt_of(&mut self, hash: Value) -> Answer {
        match self.dispatch("eth_getTransactionReceipt", &Params::new(Some(json!([hash])))?)? {
            Value::Null => Err(RpcError::refused(format!(
                "transaction {hash} was sent and waits for a block"
            ))),
            receipt => Ok(receipt),
        }
    }

    fn filled(&self, params: &Params) -> Answer {
        let (tx, from) = self.fill(params.required(0, "transaction")?)?;
        let raw = Bytes::from(tx.encoded_for_signing());
        let mut shown = to_json(&tx)?;
        if let Value::Object(fields) = &mut shown {
            fields.insert("from".to_owned(), json!(from));
        }
        Ok(json!({ "raw": raw, "tx": shown }))
    }

    fn sign_transaction(&self, params: &Params) -> Answer {
        let (tx, from) = self.fill(params.required(0, "transaction")?)?;
        let signed = self.wallet.sign(tx, from)?;
        to_json(Bytes::from(signed.inner().encoded_2718()))
    }

    fn sign(&self, params: &Params, address: usize, message: usize) -> Answer {
        let from: Address = params.required(address, "address")?;
        to_json(self.wallet.sign_message(from, &params.required(message, "message")?)?)
    }

    fn sign_typed_data(&self, params: &Params) -> Answer {
        let from: Address = params.required(0, "address")?;
        let data: Value = params.required(1, "typed data")?;
        // Wallets send the object, older libraries its text.
        let parsed: Result<TypedData, _> = match data {
            Value::String(text) => serde_json::from_str(&text),
            object => serde_json::from_value(object),
        };
        let bad = |error: &dyn std::fmt::Display| RpcError::invalid_params(format!("invalid typed data: {error}"));
        let data = parsed.map_err(|error| bad(&error))?;
        let digest = data.eip712_signing_hash().map_err(|error| bad(&error))?;
        to_json(self.wallet.sign_digest(from, digest)?)
    }

    /// Completes a request: nonce, gas, fees, chain id. Without fees, type 2 at twice the base fee, without a tip.
    fn fill(&self, mut request: TransactionRequest) -> Result<(TypedTransaction, Address), RpcError> {
        let from = match (request.from, self.wallet.accounts().first()) {
            (Some(from), _) => from,
            (None, Some(first)) => *first,
            (None, None) => {
                return Err(RpcError::invalid_params(
                    "transaction has no 'from', and no account is unlocked",
                ));
            }
        };
        request.from = Some(from);
        request.input.normalize_input();
        if request.to.is_none() && request.input.input().is_none_or(|code| code.is_empty()) {
            return Err(RpcError::invalid_params(
                "contract creation without any data provided; set 'to' or 'input'",
            ));
        }
        request.to = Some(request.to.unwrap_or(TxKind::Create));
        let config = self.chain.config();
        request.chain_id = Some(request.chain_id.unwrap_or(config.chain_id));
        request.nonce = Some(request.nonce.unwrap_or_else(|| self.chain.pending_nonce(from)));
        if request.gas_price.is_none() {
            let tip = request.max_priority_fee_per_gas.unwrap_or_default();
            request.max_priority_fee_per_gas = Some(tip);
            let default = u128::from(config.base_fee).saturating_mul(2).saturating_add(tip);
            request.max_fee_per_gas = Some(request.max_fee_per_gas.unwrap_or(default));
        }
        if request.gas.is_none() {
            request.gas = Some(self.estimate_now(&request)?);
        }
        let tx = request.build_typed_tx().map_err(|request| {
            RpcError::invalid_params(format!("transaction is incomplete: {:?}", request.missing_keys()))
        })?;
        if tx.is_eip4844() {
            return Err(tx::TxError::Blob.into());
        }
        Ok((tx, from))
    }
}
