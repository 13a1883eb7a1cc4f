//! The file that a user operation is kept in between building, estimating, signing and sending: JSON, one operation, everything that its
//! hash binds and everything that is sent with it. `docs/userop.md` tells it member by member.

use super::{
    calls,
    draft::{Carried, Draft, Payer, VERSION},
    entry::Entry,
};
use crate::{
    error::{Error, Result},
    signed_batch::Call,
    user_operation::{STUB_SIGNATURE, UserOperation},
};
use alloy::primitives::{Address, B256, U256, aliases::U192};
use serde_json::{Value, json};
use std::{io::Read, path::Path};

/// One operation that lacks nothing but, perhaps, gas limits and signatures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperationFile {
    /// The chain.
    pub chain_id: u64,
    /// The EntryPoint.
    pub entry_point: Address,
    /// The operation; its signature is a stub until there is one.
    pub operation: UserOperation,
    /// The EIP-7702 authorisation that is sent with it.
    pub authorization: Option<Carried>,
    /// Whether the paymaster's data is a stub.
    pub stub: bool,
    /// Whether the account has signed.
    pub signed: bool,
}

/// A nonce of a sequence.
pub fn nonce(key: U192, sequence: u64) -> U256 {
    (U256::from(key) << 64) | U256::from(sequence)
}

impl OperationFile {
    /// A draft that says everything; gas limits may be missing, and count as zero.
    pub fn complete(draft: Draft) -> Result<Self> {
        let sender = draft.sender.ok_or_else(|| missing("the sender", "sender"))?;
        let call_data = match (draft.call_data, draft.calls) {
            (Some(data), _) => data,
            (None, entries) => calls::encode(sender, &only_calls(entries)?),
        };
        let sponsor = draft.payer.as_ref().map(|payer| payer.sponsor.clone());
        let sequence = draft
            .nonce_sequence
            .ok_or_else(|| missing("the nonce's sequence", "nonce.sequence"))?;
        Ok(Self {
            chain_id: draft.chain_id.ok_or_else(|| missing("the chain's id", "chainId"))?,
            entry_point: draft.entry_point.unwrap_or(crate::user_operation::ENTRY_POINT),
            operation: UserOperation {
                sender,
                nonce: nonce(draft.nonce_key.unwrap_or_default(), sequence),
                delegate: draft.delegate,
                call_data,
                call_gas_limit: draft.gas.call.unwrap_or_default(),
                verification_gas_limit: draft.gas.verification.unwrap_or_default(),
                pre_verification_gas: draft.gas.pre_verification.unwrap_or_default(),
                max_fee_per_gas: draft
                    .max_fee_per_gas
                    .ok_or_else(|| missing("the fee per gas", "fees.maxFeePerGas"))?,
                max_priority_fee_per_gas: draft
                    .max_priority_fee_per_gas
                    .ok_or_else(|| missing("the tip per gas", "fees.maxPriorityFeePerGas"))?,
                sponsor,
                signature: draft.signature.clone().unwrap_or(STUB_SIGNATURE),
            },
            authorization: draft.authorization,
            stub: draft.payer.is_some_and(|payer| payer.stub),
            signed: draft.signature.is_some(),
        })
    }

    /// Reads a file, or stdin for `-`.
    pub fn load(path: &Path) -> Result<Self> {
        Self::complete(load_draft(path)?)
    }

    /// What the account signs.
    pub fn hash(&self) -> B256 {
        self.operation.hash(self.chain_id, self.entry_point)
    }

    /// Its calls.
    pub fn calls(&self) -> Vec<Call> {
        calls::open(self.operation.sender, &self.operation.call_data)
    }

    /// Key and sequence of its nonce.
    pub fn nonce(&self) -> (U192, u64) {
        let nonce = self.operation.nonce;
        (U192::from(nonce >> 64), nonce.wrapping_to())
    }

    /// Whether its gas limits are there.
    pub const fn has_gas(&self) -> bool {
        let operation = &self.operation;
        operation.call_gas_limit > 0 && operation.verification_gas_limit > 0 && operation.pre_verification_gas > 0
    }

    /// Takes back what was signed over, because something of it changes.
    pub fn unsign(&mut self) {
        self.signed = false;
        self.operation.signature = STUB_SIGNATURE;
    }

    /// The whole document. Numbers are decimal strings, which no reader of JSON cuts short.
    pub fn to_json(&self) -> Value {
        let operation = &self.operation;
        let (key, sequence) = self.nonce();
        let call = |call: &Call| json!({ "to": call.to, "value": call.value.to_string(), "data": call.data });
        let mut document = json!({
            "version": VERSION,
            "chainId": self.chain_id,
            "entryPoint": self.entry_point,
            "sender": operation.sender,
            "nonce": { "key": key.to_string(), "sequence": sequence.to_string() },
        });
        if let Some(delegate) = operation.delegate {
            document["delegate"] = json!(delegate);
        }
        if let Some(carried) = &self.authorization {
            document["authorization"] = authorization(carried);
        }
        document["calls"] = self.calls().iter().map(call).collect();
        document["callData"] = json!(operation.call_data);
        document["gas"] = json!({
            "callGasLimit": operation.call_gas_limit.to_string(),
            "verificationGasLimit": operation.verification_gas_limit.to_string(),
            "preVerificationGas": operation.pre_verification_gas.to_string(),
        });
        document["fees"] = json!({
            "maxFeePerGas": operation.max_fee_per_gas.to_string(),
            "maxPriorityFeePerGas": operation.max_priority_fee_per_gas.to_string(),
        });
        if let Some(sponsor) = &operation.sponsor {
            document["paymaster"] = json!({
                "address": sponsor.paymaster,
                "verificationGasLimit": sponsor.verification_gas_limit.to_string(),
                "postOpGasLimit": sponsor.post_op_gas_limit.to_string(),
                "data": sponsor.data,
            });
            if self.stub {
                document["paymaster"]["stub"] = json!(true);
            }
        }
        if self.signed {
            document["signature"] = json!(operation.signature);
        }
        document
    }

    /// The paymaster's part.
    pub fn payer(&self) -> Option<Payer> {
        self.operation.sponsor.clone().map(|sponsor| Payer {
            sponsor,
            stub: self.stub,
        })
    }
}

/// Reads a draft from a file, or from stdin for `-`.
pub fn load_draft(path: &Path) -> Result<Draft> {
    Draft::read(&load_json(path)?).map_err(|fault| Error::bad_file(path, fault))
}

/// Reads a JSON document from a file, or from stdin for `-`.
pub fn load_json(path: &Path) -> Result<Value> {
    let text = load_text(path)?;
    serde_json::from_str(&text).map_err(|error| Error::bad_file(path, format!("it is not JSON: {error}")))
}

/// Reads a text from a file, or from stdin for `-`.
pub fn load_text(path: &Path) -> Result<String> {
    if path.as_os_str() != "-" {
        return std::fs::read_to_string(path).map_err(|error| Error::bad_file(path, error));
    }
    let mut text = String::new();
    let read = std::io::stdin().read_to_string(&mut text);
    read.map(|_| text).map_err(Error::io("reading stdin"))
}

fn authorization(carried: &Carried) -> Value {
    let terms = &carried.terms;
    let mut value = json!({
        "chainId": terms.chain_id.to_string(),
        "address": terms.address,
        "nonce": terms.nonce.to_string(),
    });
    if let Some(signed) = &carried.signed {
        value["yParity"] = json!(signed.y_parity().to_string());
        value["r"] = json!(B256::from(signed.r()));
        value["s"] = json!(B256::from(signed.s()));
    }
    value
}

fn missing(what: &'static str, member: &str) -> Error {
    Error::missing(
        what,
        format!("write {member} into the file, give its option, or let a node tell it by leaving --offline out"),
    )
}

fn only_calls(entries: Vec<Entry>) -> Result<Vec<Call>> {
    let call = |entry| match entry {
        Entry::Call(call) => Ok(call),
        Entry::Action(argv) => Err(Error::invalid(
            "the action",
            argv.join(" "),
            "actions are planned on the chain: leave --offline out, or give the call itself",
        )),
    };
    entries.into_iter().map(call).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{delegation, keys, user_operation::Sponsor};
    use alloy::primitives::Bytes;

    fn whole() -> OperationFile {
        let signer = keys::development(1).unwrap();
        let shell = Address::repeat_byte(0xac);
        let signed = delegation::authorise(&signer, 412_346, shell, 3).unwrap();
        let calls = [Call {
            to: Address::repeat_byte(0xbb),
            value: U256::from(7),
            data: Bytes::from_static(b"whatever"),
        }];
        let mut operation = UserOperation {
            sender: signer.address(),
            nonce: nonce(U192::from(9), 4),
            delegate: Some(shell),
            call_data: calls::encode(signer.address(), &calls),
            call_gas_limit: 1,
            verification_gas_limit: 2,
            pre_verification_gas: 3,
            max_fee_per_gas: u128::MAX,
            max_priority_fee_per_gas: 5,
            sponsor: Some(Sponsor {
                paymaster: Address::repeat_byte(0x55),
                verification_gas_limit: 6,
                post_op_gas_limit: 0,
                data: Bytes::from_static(&[1; 77]),
            }),
            signature: Bytes::new(),
        };
        operation
            .sign(&signer, 412_346, crate::user_operation::ENTRY_POINT)
            .unwrap();
        OperationFile {
            chain_id: 412_346,
            entry_point: crate::user_operation::ENTRY_POINT,
            operation,
            authorization: Some(Carried {
                terms: signed.inner().clone(),
                signed: Some(signed),
            }),
            stub: false,
            signed: true,
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        let mut file = whole();
        let text = file.to_json().to_string();
        let read = Draft::read(&serde_json::from_str(&text).unwrap()).unwrap();
        assert_eq!(OperationFile::complete(read).unwrap(), file);
        file.unsign();
        file.stub = true;
        let read = Draft::read(&file.to_json()).unwrap();
        assert_eq!(OperationFile::complete(read).unwrap(), file);
    }

    #[test]
    fn whatever_is_signed_over_changes_the_hash() {
        let file = whole();
        for (member, value) in [
            ("chainId", json!(1)),
            ("sender", json!(Address::repeat_byte(1))),
            ("delegate", json!(Address::repeat_byte(2))),
            ("entryPoint", json!(Address::repeat_byte(3))),
            ("nonce", json!({ "key": "9", "sequence": "5" })),
        ] {
            let mut document = file.to_json();
            document[member] = value;
            let read = Draft::read(&document).unwrap();
            assert_ne!(OperationFile::complete(read).unwrap().hash(), file.hash(), "{member}");
        }
    }
}
