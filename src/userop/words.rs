//! What calls do, in words: functions of the account, of ERC-20, ERC-721 and WETH, of Uniswap v3, of Aave's pool and of the EntryPoint
//! by name, with their arguments; of any other function that it is not known, rather than a guess.

use super::calls;
use crate::{
    bindings::{IShell::executeCall, PackedUserOperation},
    decimal::format_units,
    signed_batch::Call,
    user_operation::ENTRY_POINT,
};
use alloy::{
    dyn_abi::{DynSolValue, JsonAbiExt},
    hex,
    json_abi::{Function, JsonAbi, Param},
    primitives::{Address, Bytes, U256},
    sol_types::SolCall,
};
use serde::Serialize;
use std::sync::LazyLock;

/// Deeper calls within calls are told as bytes.
const DEPTH: usize = 4;
/// Bytes of an argument that are shown to people.
const SHOWN: usize = 36;

/// What the account itself answers.
static OWN: LazyLock<Vec<JsonAbi>> = LazyLock::new(|| {
    let published = [
        include_str!("../../abi/Account.json"),
        include_str!("../../abi/IManager.json"),
        include_str!("../../abi/IPolicies.json"),
        include_str!("../../abi/ISessions.json"),
        include_str!("../../abi/IHedges.json"),
    ];
    let mut all: Vec<_> = published
        .iter()
        .filter_map(|text| serde_json::from_str(text).ok())
        .collect();
    all.extend(JsonAbi::parse([
        "function wipe()",
        "function pause()",
        "function unpause()",
    ]));
    all
});

mod others {
    #![allow(missing_docs, clippy::too_many_arguments)]
    alloy::sol! {
        /// What others answer: ERC-20, ERC-721, WETH, Uniswap v3, Aave v3, the EntryPoint.
        #[sol(abi)]
        interface IOthers {
            struct Mint {
                address token0; address token1; uint24 fee; int24 tickLower; int24 tickUpper; uint256 amount0Desired;
                uint256 amount1Desired; uint256 amount0Min; uint256 amount1Min; address recipient; uint256 deadline;
            }
            struct Increase {
                uint256 tokenId; uint256 amount0Desired; uint256 amount1Desired; uint256 amount0Min; uint256 amount1Min;
                uint256 deadline;
            }
            struct Decrease {
                uint256 tokenId; uint128 liquidity; uint256 amount0Min; uint256 amount1Min; uint256 deadline;
            }
            struct Collect { uint256 tokenId; address recipient; uint128 amount0Max; uint128 amount1Max; }
            struct ExactInput {
                address tokenIn; address tokenOut; uint24 fee; address recipient; uint256 deadline; uint256 amountIn;
                uint256 amountOutMinimum; uint160 sqrtPriceLimitX96;
            }
            struct Operation {
                address sender; uint256 nonce; bytes initCode; bytes callData; bytes32 accountGasLimits;
                uint256 preVerificationGas; bytes32 gasFees; bytes paymasterAndData; bytes signature;
            }

            function approve(address spender, uint256 amount) external;
            function transfer(address to, uint256 amount) external;
            function transferFrom(address from, address to, uint256 amount) external;
            function mint(address to, uint256 amount) external;
            function safeTransferFrom(address from, address to, uint256 tokenId) external;
            function safeTransferFrom(address from, address to, uint256 tokenId, bytes data) external;
            function setApprovalForAll(address operator, bool approved) external;
            function deposit() external payable;
            function withdraw(uint256 amount) external;
            function multicall(bytes[] data) external payable;
            function burn(uint256 tokenId) external;
            function createAndInitializePoolIfNecessary(
                address token0, address token1, uint24 fee, uint160 sqrtPriceX96
            ) external payable;
            function mint(Mint params) external payable;
            function increaseLiquidity(Increase params) external payable;
            function decreaseLiquidity(Decrease params) external payable;
            function collect(Collect params) external payable;
            function exactInputSingle(ExactInput params) external payable;
            function increaseObservationCardinalityNext(uint16 observationCardinalityNext) external;
            function supply(address asset, uint256 amount, address onBehalfOf, uint16 referralCode) external;
            function borrow(
                address asset, uint256 amount, uint256 interestRateMode, uint16 referralCode, address onBehalfOf
            ) external;
            function repay(address asset, uint256 amount, uint256 interestRateMode, address onBehalfOf) external;
            function withdraw(address asset, uint256 amount, address to) external;
            function depositTo(address account) external payable;
            function withdrawTo(address withdrawAddress, uint256 withdrawAmount) external;
            function handleOps(Operation[] ops, address beneficiary) external;
        }
    }
}

/// What others answer.
static OTHERS: LazyLock<Vec<JsonAbi>> = LazyLock::new(|| vec![others::IOthers::abi::contract()]);

/// A call in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Told {
    /// Who is called.
    pub to: Address,
    /// wei sent along.
    #[serde(with = "crate::output::decimal_string")]
    pub value: U256,
    /// What it does.
    pub what: String,
    /// The function, with its arguments' types; none where it is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub function: Option<String>,
    /// The arguments.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub arguments: Vec<Argument>,
    /// The calls within it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub calls: Vec<Told>,
}

/// An argument.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Argument {
    /// Its name.
    pub name: String,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its value, as people write it.
    pub value: String,
}

/// Tells the calls of an operation of `sender`.
pub fn tell_all(sender: Address, calls: &[Call]) -> Vec<Told> {
    calls.iter().map(|call| tell(sender, call)).collect()
}

/// Tells one call that `sender` makes.
pub fn tell(sender: Address, call: &Call) -> Told {
    tell_within(sender, call, DEPTH)
}

fn tell_within(sender: Address, call: &Call, depth: usize) -> Told {
    let mut told = Told {
        to: call.to,
        value: call.value,
        what: String::new(),
        function: None,
        arguments: Vec::new(),
        calls: Vec::new(),
    };
    let own = call.to == sender;
    let read = known(own, &call.data).and_then(|known| Some((known, known.abi_decode_input(&call.data[4..]).ok()?)));
    match read {
        Some((known, values)) => {
            told.function = Some(known.signature());
            told.arguments = known
                .inputs
                .iter()
                .zip(&values)
                .map(|(input, value)| Argument {
                    name: input.name.clone(),
                    kind: input.selector_type().into_owned(),
                    value: shown(input, value),
                })
                .collect();
            told.what = sentence(known, &values, &told.arguments);
            if depth > 0 {
                told.calls = within(sender, call, own, &values, depth - 1);
            }
        }
        None => told.what = unknown(&call.data),
    }
    if !call.value.is_zero() {
        let ether = format_units(call.value, 18);
        told.what = match call.data.is_empty() {
            true => format!("sends {ether} ETH"),
            false => format!("{}, with {ether} ETH", told.what),
        };
    }
    told
}

fn unknown(data: &[u8]) -> String {
    match data.split_first_chunk::<4>() {
        Some((selector, rest)) => format!(
            "a function that is not known here: {} and {} bytes",
            hex::encode_prefixed(selector),
            rest.len()
        ),
        None if data.is_empty() => "calls without saying a function".into(),
        None => format!("{} bytes that name no function", data.len()),
    }
}

fn known(own: bool, data: &[u8]) -> Option<&'static Function> {
    let selector = data.get(..4)?;
    let listed: &'static [JsonAbi] = if own { &OWN } else { &OTHERS };
    listed
        .iter()
        .flat_map(JsonAbi::functions)
        .find(|known| known.selector() == selector)
}

/// The name of the account's own function that the calldata asks for.
pub fn own_function(data: &[u8]) -> Option<&'static str> {
    known(true, data).map(|known| known.name.as_str())
}

/// The functions of that name: the account's own, or of others.
pub fn functions_named(name: &str, own: bool) -> Vec<&'static Function> {
    let listed: &'static [JsonAbi] = if own { &OWN } else { &OTHERS };
    let named = |known: &&Function| known.name == name;
    listed.iter().flat_map(JsonAbi::functions).filter(named).collect()
}

/// Some calls deserve better than name and arguments.
fn sentence(known: &Function, values: &[DynSolValue], arguments: &[Argument]) -> String {
    let word = |i: usize| arguments.get(i).map_or("", |argument| argument.value.as_str());
    let boundless = |i: usize| {
        values
            .get(i)
            .and_then(|value| value.as_uint())
            .is_some_and(|(n, _)| n == U256::MAX)
    };
    match known.signature().as_str() {
        "approve(address,uint256)" if boundless(1) => {
            format!("lets {} take any amount of this token, for ever", word(0))
        }
        "approve(address,uint256)" => format!(
            "lets {} take up to {} raw units of this token (of an NFT contract: number {})",
            word(0),
            word(1),
            word(1)
        ),
        "setApprovalForAll(address,bool)" if word(1) == "true" => {
            format!("lets {} take all NFTs of this kind", word(0))
        }
        "transfer(address,uint256)" => format!("sends {} raw units of this token to {}", word(1), word(0)),
        _ => {
            let listed: Vec<_> = arguments
                .iter()
                .map(|argument| format!("{}: {}", argument.name, short(&argument.value)))
                .collect();
            format!("{}({})", known.name, listed.join(", "))
        }
    }
}

/// Long bytes are cut for people; the document has them whole.
fn short(value: &str) -> String {
    let cut = 2 + 2 * SHOWN;
    match value.strip_prefix("0x") {
        Some(digits) if value.len() > cut => format!("0x{}… ({} bytes)", &digits[..8], digits.len() / 2),
        _ => value.to_owned(),
    }
}

fn shown(param: &Param, value: &DynSolValue) -> String {
    match value {
        DynSolValue::CustomStruct { tuple: members, .. } | DynSolValue::Tuple(members)
            if !param.components.is_empty() =>
        {
            let member = |(part, value): (&Param, &DynSolValue)| format!("{}: {}", part.name, shown(part, value));
            let members: Vec<_> = param.components.iter().zip(members).map(member).collect();
            format!("{{{}}}", members.join(", "))
        }
        DynSolValue::Array(list)
        | DynSolValue::FixedArray(list)
        | DynSolValue::Tuple(list)
        | DynSolValue::CustomStruct { tuple: list, .. } => {
            let list: Vec<_> = list.iter().map(|value| shown(param, value)).collect();
            format!("[{}]", list.join(", "))
        }
        DynSolValue::Address(address) => address.to_string(),
        DynSolValue::Bool(yes) => yes.to_string(),
        DynSolValue::Int(number, _) => number.to_string(),
        DynSolValue::Uint(number, _) => number.to_string(),
        DynSolValue::FixedBytes(word, size) => hex::encode_prefixed(&word[..*size]),
        DynSolValue::Bytes(bytes) => hex::encode_prefixed(bytes),
        DynSolValue::String(text) => format!("{text:?}"),
        DynSolValue::Function(function) => function.to_string(),
    }
}

/// The calls that a call carries: a batch, the operations of a bundle, the parts of a multicall, an action among arguments.
fn within(sender: Address, call: &Call, own: bool, values: &[DynSolValue], depth: usize) -> Vec<Told> {
    if let Some(batch) = executeCall::abi_decode(&call.data).ok().filter(|_| own) {
        let (calls, account) = (calls::batch(&batch).unwrap_or_default(), call.to);
        return calls
            .iter()
            .map(|inner| tell_within(sender, &from(inner, account), depth))
            .collect();
    }
    if call.to == ENTRY_POINT
        && let Ok(bundle) = crate::bindings::IEntryPoint::handleOpsCall::abi_decode(&call.data)
    {
        return bundle
            .ops
            .iter()
            .flat_map(|operation| tell_packed(operation, depth))
            .collect();
    }
    let parts = values.iter().flat_map(|value| match value {
        DynSolValue::Bytes(data) => vec![data.as_slice()],
        DynSolValue::Array(list) => list.iter().filter_map(DynSolValue::as_bytes).collect(),
        _ => Vec::new(),
    });
    let carried = parts.filter(|data| known(own, data).is_some()).map(|data| Call {
        to: call.to,
        value: U256::ZERO,
        data: Bytes::copy_from_slice(data),
    });
    carried.map(|inner| tell_within(sender, &inner, depth)).collect()
}

fn from(call: &Call, account: Address) -> Call {
    match call.to.is_zero() {
        true => Call {
            to: account,
            ..call.clone()
        },
        false => call.clone(),
    }
}

fn tell_packed(operation: &PackedUserOperation, depth: usize) -> Vec<Told> {
    let calls = calls::open(operation.sender, &operation.callData);
    let told = calls.iter().map(|call| tell_within(operation.sender, call, depth));
    told.collect()
}

/// Lines for people, calls within calls indented.
pub fn lines(told: &[Told], sender: Address) -> Vec<String> {
    let mut lines = Vec::new();
    for (i, call) in told.iter().enumerate() {
        list(call, sender, &format!("{}", i + 1), 0, &mut lines);
    }
    lines
}

fn list(told: &Told, sender: Address, number: &str, depth: usize, lines: &mut Vec<String>) {
    let whom = match told.to {
        to if to == sender => "the account itself".to_owned(),
        ENTRY_POINT => "EntryPoint v0.8".to_owned(),
        to => to.to_string(),
    };
    // What is told below need not be told as an argument too.
    let what = match (told.calls.is_empty(), &told.function) {
        (false, Some(function)) => function.split('(').next().unwrap_or_default().to_owned(),
        _ => told.what.clone(),
    };
    lines.push(format!("{}{number}. {whom}: {what}", "   ".repeat(depth)));
    for (i, inner) in told.calls.iter().enumerate() {
        list(inner, sender, &format!("{number}.{}", i + 1), depth + 1, lines);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::bindings::{IERC20, IManager::harvestCall};

    const SENDER: Address = Address::repeat_byte(0xaa);
    const TOKEN: Address = Address::repeat_byte(0xbb);

    fn to_token(data: Vec<u8>) -> Call {
        Call {
            to: TOKEN,
            value: U256::ZERO,
            data: data.into(),
        }
    }

    #[test]
    fn every_published_interface_is_read() {
        assert_eq!(OWN.len(), 6);
        assert_eq!(OTHERS.len(), 1);
        assert_eq!(functions_named("hedge", true).len(), 1);
        assert_eq!(functions_named("mint", false).len(), 2);
    }

    #[test]
    fn an_allowance_without_limit_is_called_that() {
        let approve = |amount| {
            let call = IERC20::approveCall {
                spender: SENDER,
                amount,
            };
            tell(SENDER, &to_token(call.abi_encode())).what
        };
        assert!(approve(U256::MAX).contains("any amount of this token, for ever"));
        assert!(approve(U256::from(5)).contains("up to 5 raw units"));
    }

    #[test]
    fn arguments_have_their_names_and_structs_their_members() {
        let mut call = harvestCall {
            tokenId: U256::from(77),
            ..harvestCall::default()
        };
        call.limits.twapWindow = 600;
        let told = tell(
            SENDER,
            &Call {
                to: SENDER,
                value: U256::ZERO,
                data: call.abi_encode().into(),
            },
        );
        assert!(told.what.starts_with("harvest("), "{}", told.what);
        assert!(
            told.what.contains("tokenId: 77") && told.what.contains("twapWindow: 600"),
            "{}",
            told.what
        );
        // The same bytes mean nothing to anybody else.
        assert!(tell(SENDER, &to_token(call.abi_encode())).function.is_none());
    }

    #[test]
    fn what_is_not_known_is_said_so() {
        let told = tell(SENDER, &to_token(vec![0xde, 0xad, 0xbe, 0xef, 1, 2]));
        assert_eq!(told.what, "a function that is not known here: 0xdeadbeef and 2 bytes");
        let paid = Call {
            value: U256::from(5) * U256::from(10).pow(U256::from(17)),
            ..to_token(Vec::new())
        };
        assert_eq!(tell(SENDER, &paid).what, "sends 0.5 ETH");
        // A known selector with arguments that are none.
        let torn = IERC20::approveCall::SELECTOR.to_vec();
        assert!(tell(SENDER, &to_token(torn)).function.is_none());
    }

    #[test]
    fn calls_within_calls_are_told_one_by_one() {
        let inner = to_token(
            IERC20::transferCall {
                to: SENDER,
                amount: U256::from(9),
            }
            .abi_encode(),
        );
        let data = calls::encode(SENDER, &[inner.clone(), inner]);
        let told = tell(
            SENDER,
            &Call {
                to: SENDER,
                value: U256::ZERO,
                data,
            },
        );
        assert_eq!(told.calls.len(), 2);
        let lines = lines(&[told], SENDER);
        assert_eq!(lines[0], "1. the account itself: execute");
        assert!(lines[2].starts_with("   1.2. "), "{}", lines[2]);
    }
}
