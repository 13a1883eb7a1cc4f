//! What an operation is to be, as far as it was said: the same document as the finished file, with anything left out that a chain, a
//! bundler or a paymaster can be asked for.

use super::{
    calls,
    entry::{Entry, entries},
    reader::{Fault, Field},
};
use crate::user_operation::{ENTRY_POINT, Sponsor};
use alloy::{
    eips::eip7702::{Authorization, SignedAuthorization},
    primitives::{Address, Bytes, U256, aliases::U192},
};
use serde_json::Value;

/// The version of the document that is written; no other is read.
pub const VERSION: u64 = 1;

const MEMBERS: [&str; 12] = [
    "version",
    "chainId",
    "entryPoint",
    "sender",
    "nonce",
    "delegate",
    "authorization",
    "calls",
    "callData",
    "gas",
    "fees",
    "paymaster",
];
const SIGNATURE: &str = "signature";

/// The EIP-7702 authorisation that an operation carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Carried {
    /// What is, or is to be, signed.
    pub terms: Authorization,
    /// With the signature, once there is one.
    pub signed: Option<SignedAuthorization>,
}

/// Whoever pays for an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payer {
    /// The paymaster's part of the operation.
    pub sponsor: Sponsor,
    /// Whether its data only has the length of what it will be.
    pub stub: bool,
}

/// Three gas limits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Gas {
    /// Gas for the call of the account.
    pub call: Option<u128>,
    /// Gas for the account's validation.
    pub verification: Option<u128>,
    /// Gas that no contract can measure.
    pub pre_verification: Option<u128>,
}

/// An operation as far as it was said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draft {
    /// The chain.
    pub chain_id: Option<u64>,
    /// The EntryPoint.
    pub entry_point: Option<Address>,
    /// The account.
    pub sender: Option<Address>,
    /// Which of the account's sequences of nonces.
    pub nonce_key: Option<U192>,
    /// Place in that sequence.
    pub nonce_sequence: Option<u64>,
    /// The EOA's delegate.
    pub delegate: Option<Address>,
    /// The authorisation that makes it so.
    pub authorization: Option<Carried>,
    /// What the account is to do.
    pub calls: Vec<Entry>,
    /// The calldata, where it is given as such.
    pub call_data: Option<Bytes>,
    /// Gas limits.
    pub gas: Gas,
    /// Most wei per gas.
    pub max_fee_per_gas: Option<u128>,
    /// Tip per gas.
    pub max_priority_fee_per_gas: Option<u128>,
    /// Who pays, if not the account.
    pub payer: Option<Payer>,
    /// The account's signature.
    pub signature: Option<Bytes>,
}

impl Draft {
    /// Reads a document: the operation itself, or what `userop build --json` printed around it.
    pub fn read(document: &Value) -> Result<Self, Fault> {
        let root = Field::root(document);
        match root.member("operation") {
            Some(operation) => Self::of(&operation),
            None => Self::of(&root),
        }
    }

    fn of(root: &Field<'_>) -> Result<Self, Fault> {
        root.only(&[&MEMBERS[..], &[SIGNATURE]].concat())?;
        let version = root.required("version")?;
        if version.number::<u64>()? != VERSION {
            return Err(version.fault(format!("this command reads version {VERSION}")));
        }
        let sender = optional(root, "sender", Field::address)?;
        let nonce = Nonce::of(root)?;
        let (gas, max_fee_per_gas, max_priority_fee_per_gas) = limits(root)?;
        Ok(Self {
            chain_id: optional(root, "chainId", Field::number)?,
            entry_point: Some(optional(root, "entryPoint", Field::address)?.unwrap_or(ENTRY_POINT)),
            sender,
            nonce_key: nonce.key,
            nonce_sequence: nonce.sequence,
            delegate: optional(root, "delegate", Field::address)?,
            authorization: optional(root, "authorization", carried)?,
            calls: optional(root, "calls", |calls| entries(calls, sender))?.unwrap_or_default(),
            call_data: call_data(root, sender)?,
            gas,
            max_fee_per_gas,
            max_priority_fee_per_gas,
            payer: optional(root, "paymaster", payer)?,
            signature: optional(root, SIGNATURE, Field::bytes)?,
        })
    }
}

pub(super) fn optional<'j, T>(
    root: &Field<'j>,
    name: &str,
    read: impl FnOnce(&Field<'j>) -> Result<T, Fault>,
) -> Result<Option<T>, Fault> {
    root.member(name).map(|field| read(&field)).transpose()
}

struct Nonce {
    key: Option<U192>,
    sequence: Option<u64>,
}

impl Nonce {
    fn of(root: &Field<'_>) -> Result<Self, Fault> {
        let Some(nonce) = root.member("nonce") else {
            return Ok(Self {
                key: None,
                sequence: None,
            });
        };
        nonce.only(&["key", "sequence"])?;
        let key = |field: &Field<'_>| {
            let number: U256 = field.number()?;
            let fits = number.bit_len() <= U192::BITS;
            fits.then(|| U192::from(number))
                .ok_or_else(|| field.fault("it is too large: 192 bits at most"))
        };
        Ok(Self {
            key: optional(&nonce, "key", key)?,
            sequence: optional(&nonce, "sequence", Field::number)?,
        })
    }
}

type Limits = (Gas, Option<u128>, Option<u128>);

fn limits(root: &Field<'_>) -> Result<Limits, Fault> {
    let mut read = (Gas::default(), None, None);
    if let Some(gas) = root.member("gas") {
        gas.only(&["callGasLimit", "verificationGasLimit", "preVerificationGas"])?;
        read.0 = Gas {
            call: optional(&gas, "callGasLimit", Field::number)?,
            verification: optional(&gas, "verificationGasLimit", Field::number)?,
            pre_verification: optional(&gas, "preVerificationGas", Field::number)?,
        };
    }
    if let Some(fees) = root.member("fees") {
        fees.only(&["maxFeePerGas", "maxPriorityFeePerGas"])?;
        read.1 = optional(&fees, "maxFeePerGas", Field::number)?;
        read.2 = optional(&fees, "maxPriorityFeePerGas", Field::number)?;
    }
    Ok(read)
}

/// Calldata beside calls has to say the same: what is shown is what is signed.
fn call_data(root: &Field<'_>, sender: Option<Address>) -> Result<Option<Bytes>, Fault> {
    let Some(field) = root.member("callData") else {
        return Ok(None);
    };
    let data = field.bytes()?;
    let Some(listed) = root.member("calls") else {
        return Ok(Some(data));
    };
    let sender = sender.ok_or_else(|| field.fault("name the sender too, or leave it out"))?;
    let same = entries(&listed, Some(sender))?
        .into_iter()
        .eq(calls::open(sender, &data).into_iter().map(Entry::Call));
    match same {
        true => Ok(Some(data)),
        false => Err(field.fault("it does not say what calls says: leave one of the two out")),
    }
}

fn carried(field: &Field<'_>) -> Result<Carried, Fault> {
    field.only(&["chainId", "address", "nonce", "yParity", "r", "s"])?;
    let terms = Authorization {
        chain_id: field.required("chainId")?.number()?,
        address: field.required("address")?.address()?,
        nonce: field.required("nonce")?.number()?,
    };
    let parts = ["yParity", "r", "s"].map(|name| field.member(name));
    let signed = match parts {
        [None, None, None] => None,
        _ => {
            let part = |name| field.required(name)?.number::<U256>();
            let parity = part("yParity")?;
            if parity > U256::ONE {
                return Err(field.required("yParity")?.fault("it is 0 or 1"));
            }
            let parity = parity.saturating_to();
            Some(SignedAuthorization::new_unchecked(
                terms.clone(),
                parity,
                part("r")?,
                part("s")?,
            ))
        }
    };
    Ok(Carried { terms, signed })
}

fn payer(field: &Field<'_>) -> Result<Payer, Fault> {
    field.only(&["address", "verificationGasLimit", "postOpGasLimit", "data", "stub"])?;
    let limit = |name| optional(field, name, Field::number).map(Option::unwrap_or_default);
    Ok(Payer {
        sponsor: Sponsor {
            paymaster: field.required("address")?.address()?,
            verification_gas_limit: limit("verificationGasLimit")?,
            post_op_gas_limit: limit("postOpGasLimit")?,
            data: optional(field, "data", Field::bytes)?.unwrap_or_default(),
        },
        stub: optional(field, "stub", Field::flag)?.unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::signed_batch::Call;
    use serde_json::json;

    #[test]
    fn what_is_shown_is_what_is_signed() {
        let sender = Address::repeat_byte(0xaa);
        let call = |byte| Call {
            to: Address::repeat_byte(byte),
            value: U256::ONE,
            data: Bytes::new(),
        };
        let document = |data: Bytes| {
            json!({
                "version": 1,
                "sender": sender,
                "calls": [{ "to": Address::repeat_byte(0xbb), "value": 1 }],
                "callData": data,
            })
        };
        assert!(Draft::read(&document(calls::encode(sender, &[call(0xbb)]))).is_ok());
        let said = Draft::read(&document(calls::encode(sender, &[call(0xcc)]))).unwrap_err();
        assert!(said.contains("does not say what calls says"), "{said}");
    }

    #[test]
    fn another_version_is_refused() {
        let said = Draft::read(&json!({ "version": 2 })).unwrap_err();
        assert_eq!(said, "version = 2: this command reads version 1");
        assert!(Draft::read(&json!({})).unwrap_err().contains("version is missing"));
    }
}
