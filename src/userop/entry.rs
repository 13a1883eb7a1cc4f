//! What an operation is to do, call by call: bytes, a function with its arguments, or one of the command's own actions.

use super::{
    draft::optional,
    reader::{Fault, Field},
    words,
};
use crate::signed_batch::Call;
use alloy::{
    dyn_abi::{DynSolType, DynSolValue, JsonAbiExt, Specifier},
    json_abi::{Function, Param},
    primitives::{Address, Bytes},
};
use serde_json::Value;

/// A call, or what is to become one or more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// A call.
    Call(Call),
    /// One of the command's own actions, as its arguments: to be planned on the chain.
    Action(Vec<String>),
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
fn coerce(kind: &DynSolType, param: &Param, given: &Value) -> Option<DynSolValue> {
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
    use alloy::{primitives::U256, sol_types::SolCall};
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
}
