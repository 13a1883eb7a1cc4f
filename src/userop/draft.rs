//! What an operation is to be, as far as it was said: the same document as the finished file, with anything left out that a chain, a
//! bundler or a paymaster can be asked for.

use super::{
    calls,
    reader::{Fault, Field},
    words,
};
use crate::{
    signed_batch::Call,
    user_operation::{ENTRY_POINT, Sponsor},
};
use alloy::{
    dyn_abi::{DynSolType, DynSolValue, JsonAbiExt, Specifier},
    eips::eip7702::{Authorization, SignedAuthorization},
    json_abi::Function,
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

/// A call, or what is to become one or more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// A call.
    Call(Call),
    /// One of the command's own actions, as its arguments: to be planned on the chain.
    Action(Vec<String>),
}

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

fn optional<'j, T>(
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

/// Reads a list of calls: each as `{to, value, data}`, as `{to, function, args}`, or as `{action, …}` with the arguments of one of the
/// command's actions.
pub fn entries(field: &Field<'_>, sender: Option<Address>) -> Result<Vec<Entry>, Fault> {
    field.elements()?.iter().map(|element| entry(element, sender)).collect()
}

fn entry(field: &Field<'_>, sender: Option<Address>) -> Result<Entry, Fault> {
    if field.member("action").is_some() {
        return action(field).map(Entry::Action);
    }
    field.only(&["to", "value", "data", "function", "args"])?;
    let to = field.required("to")?;
    let to = match (to.value().as_str(), sender) {
        (Some("self"), Some(sender)) => sender,
        (Some("self"), None) => Address::ZERO,
        _ => to.address()?,
    };
    let value = optional(field, "value", Field::number)?.unwrap_or_default();
    let data = match (field.member("data"), field.member("function")) {
        (Some(data), None) => data.bytes()?,
        (None, Some(function)) => encoded(field, &function, to.is_zero() || Some(to) == sender)?,
        (None, None) => Bytes::new(),
        (Some(_), Some(function)) => return Err(function.fault("give data or function, not both")),
    };
    Ok(Entry::Call(Call { to, value, data }))
}

/// Calldata of a function that is named, with its arguments as JSON.
fn encoded(field: &Field<'_>, function: &Field<'_>, own: bool) -> Result<Bytes, Fault> {
    let empty = Value::Array(Vec::new());
    let args = field.member("args");
    let given = args.as_ref().map_or(&empty, Field::value);
    let wrong = |why: String| args.as_ref().unwrap_or(function).fault(why);
    let list = given.as_array().ok_or_else(|| wrong("give a list".into()))?;
    let callee = named(function, own, list.len())?;
    if callee.inputs.len() != list.len() {
        return Err(wrong(format!(
            "{} takes {} arguments",
            callee.signature(),
            callee.inputs.len()
        )));
    }
    let mut values = Vec::with_capacity(list.len());
    for (input, given) in callee.inputs.iter().zip(list) {
        let kind = input
            .resolve()
            .map_err(|error| function.fault(format!("{} is no type: {error}", input.ty)))?;
        let value = coerce(&kind, input, given)
            .ok_or_else(|| wrong(format!("{given} is no {} for {:?}", input.selector_type(), input.name)))?;
        values.push(value);
    }
    let data = callee
        .abi_encode_input(&values)
        .map_err(|error| wrong(error.to_string()))?;
    Ok(data.into())
}

/// A function by signature, such as `approve(address,uint256)`; or by its name alone where that is known.
fn named(function: &Field<'_>, own: bool, arguments: usize) -> Result<Function, Fault> {
    let text = function.text()?;
    if text.contains('(') {
        return Function::parse(text)
            .map_err(|error| function.fault(format!("it is no function's signature: {error}")));
    }
    let mut known = words::functions_named(text, own);
    if known.len() > 1 {
        known.retain(|known| known.inputs.len() == arguments);
    }
    match known.as_slice() {
        [one] => Ok((*one).clone()),
        _ => Err(function.fault("give the whole signature, such as approve(address,uint256)")),
    }
}

/// A struct is given as a list or as an object of its members.
fn coerce(kind: &DynSolType, param: &alloy::json_abi::Param, given: &Value) -> Option<DynSolValue> {
    match (kind, given) {
        (DynSolType::CustomStruct { tuple, .. }, _) => coerce(&DynSolType::Tuple(tuple.clone()), param, given),
        (DynSolType::Tuple(kinds), Value::Object(members)) => {
            let complete = members.len() == kinds.len() && kinds.len() == param.components.len();
            let parts = complete.then(|| kinds.iter().zip(&param.components))?;
            let parts = parts.map(|(kind, part)| coerce(kind, part, members.get(&part.name)?));
            parts.collect::<Option<_>>().map(DynSolValue::Tuple)
        }
        (DynSolType::Tuple(kinds), Value::Array(list)) if list.len() == kinds.len() => {
            let parts = kinds.iter().zip(&param.components).zip(list);
            let parts = parts.map(|((kind, part), given)| coerce(kind, part, given));
            parts.collect::<Option<_>>().map(DynSolValue::Tuple)
        }
        (DynSolType::Array(inner), Value::Array(list)) => {
            let list = list.iter().map(|given| coerce(inner, param, given));
            list.collect::<Option<_>>().map(DynSolValue::Array)
        }
        // Numbers of JSON may be longer than what fits 64 bits.
        (DynSolType::Uint(_) | DynSolType::Int(_), Value::Number(number)) => {
            kind.coerce_json(&Value::String(number.to_string())).ok()
        }
        _ => kind.coerce_json(given).ok(),
    }
}

/// The arguments of one of the command's actions: its words, then what is not an option, then the options.
fn action(field: &Field<'_>) -> Result<Vec<String>, Fault> {
    let named = field.required("action")?;
    let mut argv: Vec<String> = named.text()?.split_whitespace().map(str::to_owned).collect();
    let members = field.value().as_object().into_iter().flatten();
    let (mut options, mut places) = (Vec::new(), Vec::new());
    for (name, _) in members.filter(|(name, _)| *name != "action") {
        let Some(value) = field.member(name) else { continue };
        let flag = format!("--{}", kebab(name));
        match value.value() {
            Value::Bool(true) => options.push(flag),
            Value::Bool(false) => {}
            Value::String(text) if ["position", "file"].contains(&name.as_str()) => {
                places.push((name.clone(), text.clone()))
            }
            Value::Number(number) if name == "position" => places.push((name.clone(), number.to_string())),
            Value::String(text) => options.extend([flag, text.clone()]),
            Value::Number(number) => options.extend([flag, number.to_string()]),
            _ => return Err(value.fault("give a text, a number, true or false")),
        }
    }
    // The position comes first, then a file.
    places.sort_by(|a, b| b.0.cmp(&a.0));
    argv.extend(places.into_iter().map(|(_, place)| place));
    argv.extend(options);
    Ok(argv)
}

/// `widthPercent` is `--width-percent` on the command line.
fn kebab(name: &str) -> String {
    let mut kebab = String::with_capacity(name.len() + 4);
    for c in name.chars() {
        if c.is_ascii_uppercase() {
            kebab.push('-');
        }
        kebab.push(c.to_ascii_lowercase());
    }
    kebab
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::bindings::IERC20::approveCall;
    use alloy::sol_types::SolCall;
    use serde_json::json;

    fn read(value: Value) -> Result<Vec<Entry>, Fault> {
        entries(&Field::root(&value), Some(Address::repeat_byte(0xaa)))
    }

    #[test]
    fn a_call_is_given_by_its_bytes_or_by_function_and_arguments() {
        let expected = Entry::Call(Call {
            to: Address::repeat_byte(0xbb),
            value: U256::ZERO,
            data: approveCall {
                spender: Address::repeat_byte(0xcc),
                amount: U256::from(1_000),
            }
            .abi_encode()
            .into(),
        });
        let to = Address::repeat_byte(0xbb);
        let spender = Address::repeat_byte(0xcc);
        let Entry::Call(call) = &expected else { unreachable!() };
        let given = json!([
            { "to": to, "data": call.data },
            { "to": to, "function": "approve(address,uint256)", "args": [spender, "1000"] },
            { "to": to, "function": "approve", "args": [spender, 1000] },
        ]);
        assert_eq!(read(given).unwrap(), vec![expected.clone(), expected.clone(), expected]);
    }

    #[test]
    fn structs_are_lists_or_objects() {
        let place = json!({ "positionManager": Address::ZERO, "pool": Address::ZERO, "tokenId": "7", "tickLower": -60, "tickUpper": 60 });
        let members: Vec<String> = words::functions_named("hedgeOf", true)[0].inputs[0]
            .components
            .iter()
            .map(|part| part.name.clone())
            .collect();
        let object: Value = members
            .iter()
            .map(|name| {
                (
                    name.clone(),
                    place.get(name).cloned().unwrap_or_else(|| json!(Address::ZERO)),
                )
            })
            .collect();
        let list: Value = members.iter().map(|name| object[name].clone()).collect();
        let call = |place: &Value| json!([{ "to": "self", "function": "hedgeOf", "args": [place] }]);
        assert_eq!(read(call(&object)).unwrap(), read(call(&list)).unwrap());
        let said = read(call(&json!({ "tokenId": 7 }))).unwrap_err();
        assert!(said.contains("\"place\""), "{said}");
    }

    #[test]
    fn an_action_is_the_commands_own_arguments() {
        let given = json!([{ "action": "rebalance", "widthPercent": 10, "position": 7, "direct": true, "no": false }]);
        let Entry::Action(argv) = &read(given).unwrap()[0] else {
            unreachable!()
        };
        assert_eq!(argv[..2], ["rebalance", "7"]);
        let options = argv[2..].join(" ");
        assert!(options.contains("--width-percent 10") && options.contains("--direct") && !options.contains("--no"));
    }

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
