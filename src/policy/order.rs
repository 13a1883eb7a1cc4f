//! A policy as an order: typed data (EIP-712) that the owner signs and any keeper may place until its deadline.

use super::{Policy, terms};
use crate::{
    bindings::IPolicies::{Place, placeOrderCall},
    error::{Error, Result},
    signed_batch, typed_data,
};
use alloy::{
    primitives::{Address, B256, Bytes, Signature, U256, keccak256},
    sol_types::{Eip712Domain, SolStruct, SolValue},
};
use serde_json::{Map, Value, json};

const ORDER: &str = "PolicyOrder(Place place,Policy policy,uint256 deadline,uint256 generation)";

/// An order, signed or not.
#[derive(Clone, Debug, PartialEq)]
pub struct PolicyOrder {
    /// The chain.
    pub chain_id: u64,
    /// The account whose key signs.
    pub account: Address,
    /// The shell that it has to run.
    pub shell: Address,
    /// The position.
    pub place: Place,
    /// The terms.
    pub policy: Policy,
    /// The last timestamp at which it may be placed.
    pub deadline: u64,
    /// The account's generation: a wipe voids it.
    pub generation: u64,
    /// The account's signature.
    pub signature: Option<Bytes>,
}

impl PolicyOrder {
    /// The shell's domain: the salt binds the code that the account runs.
    pub fn domain(&self) -> Eip712Domain {
        signed_batch::domain(self.chain_id, self.account, self.shell)
    }

    /// What the account's key signs.
    pub fn hash(&self) -> Result<B256> {
        let kind = keccak256([ORDER, &terms::types().concat()].concat());
        let times = (U256::from(self.deadline), U256::from(self.generation));
        let words = (
            kind,
            self.place.eip712_hash_struct(),
            self.policy.id()?,
            times.0,
            times.1,
        );
        let inner = keccak256(words.abi_encode());
        let domain = self.domain().separator();
        Ok(keccak256(
            [&[0x19, 0x01][..], domain.as_slice(), inner.as_slice()].concat(),
        ))
    }

    /// Refuses an order without the account's signature of it.
    pub fn signature(&self) -> Result<&Bytes> {
        let invalid = |value: &Bytes, remedy: String| Error::invalid("the order's signature", value, remedy);
        let signature = self.signature.as_ref().ok_or_else(|| {
            Error::missing(
                "the order's signature",
                "have the owner sign it with eth_signTypedData_v4, and add \"signature\"",
            )
        })?;
        let parsed = Signature::try_from(signature.as_ref()).map_err(|error| {
            invalid(
                signature,
                format!("it has to be the 65 bytes that signing returned ({error})"),
            )
        })?;
        match parsed.recover_address_from_prehash(&self.hash()?) {
            Ok(signer) if signer == self.account => Ok(signature),
            Ok(signer) => Err(invalid(
                signature,
                format!("it is that of {signer}, or of another order"),
            )),
            Err(error) => Err(invalid(signature, format!("nobody signed this ({error})"))),
        }
    }

    /// The call by which anybody places it.
    pub fn placing(&self) -> Result<placeOrderCall> {
        Ok(placeOrderCall {
            place: self.place.clone(),
            guards: self.policy.guards(),
            rules: self.policy.rules()?,
            deadline: U256::from(self.deadline),
            signature: self.signature()?.clone(),
        })
    }

    /// The document that `eth_signTypedData_v4` takes, with the signature where there is one.
    pub fn to_json(&self) -> Result<Value> {
        let mut types = Map::new();
        let domain = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract,bytes32 salt)";
        for part in [domain.to_owned(), ORDER.to_owned()].into_iter().chain(terms::types()) {
            types.extend([typed_data::declared(&part)]);
        }
        let rules: Vec<Value> = self.policy.rules()?.iter().map(typed_data::to_json).collect();
        let mut document = json!({
            "types": types,
            "primaryType": "PolicyOrder",
            "domain": {
                "name": "Hedgerow",
                "version": "1",
                "chainId": self.chain_id,
                "verifyingContract": self.account,
                "salt": self.shell.into_word(),
            },
            "message": {
                "place": typed_data::to_json(&self.place),
                "policy": { "guards": typed_data::to_json(&self.policy.guards()), "rules": rules },
                "deadline": self.deadline.to_string(),
                "generation": self.generation.to_string(),
            },
        });
        if let Some(signature) = &self.signature {
            document["signature"] = json!(signature);
        }
        Ok(document)
    }

    /// Reads such a document back. Anything that would be signed otherwise than it is read here is refused.
    pub fn from_json(text: &str) -> core::result::Result<Self, String> {
        let value: Value = serde_json::from_str(text).map_err(|error| format!("it is not JSON: {error}"))?;
        let (domain, message) = (&value["domain"], &value["message"]);
        let salt: B256 = parse(domain, "salt")?;
        let policy = &message["policy"];
        let rules = policy["rules"].as_array().ok_or("it has no message.policy.rules")?;
        let rules = rules
            .iter()
            .map(typed_data::from_json)
            .collect::<core::result::Result<Vec<_>, _>>()?;
        let guards = typed_data::from_json(&policy["guards"])?;
        let signature = match &value["signature"] {
            Value::Null => None,
            Value::String(text) => Some(text.parse().map_err(|_| "its signature is malformed".to_owned())?),
            _ => return Err("its signature is malformed".into()),
        };
        let order = Self {
            chain_id: number(domain, "chainId")?,
            account: parse(domain, "verifyingContract")?,
            shell: Address::from_word(salt),
            place: typed_data::from_json(&message["place"])?,
            policy: Policy::of(&guards, &rules).map_err(|error| error.to_string())?,
            deadline: number(message, "deadline")?,
            generation: number(message, "generation")?,
            signature,
        };
        let mut rewritten = order.to_json().map_err(|error| error.to_string())?;
        // Numbers may be written in several ways; types and domain may not.
        rewritten["message"] = message.clone();
        if rewritten["types"] != value["types"] || value["primaryType"] != "PolicyOrder" {
            return Err("its types are not those of an order for Hedgerow's account".into());
        }
        if domain["name"] != "Hedgerow" || domain["version"] != "1" || order.shell.into_word() != salt {
            return Err("its domain is not that of Hedgerow's account".into());
        }
        Ok(order)
    }
}

fn parse<T: std::str::FromStr>(value: &Value, name: &str) -> core::result::Result<T, String> {
    let text = value[name].as_str().unwrap_or_default();
    text.parse().map_err(|_| format!("{name} is missing or malformed"))
}

fn number(value: &Value, name: &str) -> core::result::Result<u64, String> {
    let text = match &value[name] {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    text.parse().map_err(|_| format!("{name} is missing or malformed"))
}
