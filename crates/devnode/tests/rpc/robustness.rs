//! Whatever is asked, in whatever order, the devnode answers and goes on.

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::*;

const METHODS: &[&str] = &[
    "eth_chainId",
    "eth_blockNumber",
    "eth_gasPrice",
    "eth_feeHistory",
    "eth_accounts",
    "eth_getBalance",
    "eth_getCode",
    "eth_getStorageAt",
    "eth_getTransactionCount",
    "eth_getBlockByNumber",
    "eth_getBlockByHash",
    "eth_getBlockReceipts",
    "eth_getTransactionByHash",
    "eth_getTransactionReceipt",
    "eth_getTransactionByBlockNumberAndIndex",
    "eth_call",
    "eth_estimateGas",
    "eth_createAccessList",
    "eth_sendTransaction",
    "eth_sendRawTransaction",
    "eth_fillTransaction",
    "eth_sign",
    "eth_signTypedData_v4",
    "eth_getLogs",
    "eth_newFilter",
    "eth_newBlockFilter",
    "eth_getFilterChanges",
    "eth_getFilterLogs",
    "eth_uninstallFilter",
    "evm_snapshot",
    "evm_revert",
    "evm_mine",
    "anvil_mine",
    "evm_increaseTime",
    "evm_setNextBlockTimestamp",
    "evm_setAutomine",
    "anvil_setBalance",
    "anvil_setCode",
    "anvil_setNonce",
    "anvil_setStorageAt",
    "anvil_impersonateAccount",
    "anvil_nodeInfo",
    "net_version",
    "web3_sha3",
];

fn values() -> Vec<Value> {
    let word = format!("0x{}", "ff".repeat(32));
    vec![
        Value::Null,
        json!(true),
        json!(false),
        json!(0),
        json!(3),
        json!(-1),
        json!(1.5),
        json!(u64::MAX),
        json!("latest"),
        json!("pending"),
        json!("earliest"),
        json!("0x"),
        json!("0x0"),
        json!("0x1"),
        json!("0x2"),
        json!("0xffffffffffffffff"),
        json!(word),
        json!("nonsense"),
        json!([]),
        json!({}),
        json!(ALICE),
        json!(STRANGER),
        json!(ARB_WASM),
        json!(STORES),
        json!(REVERTS),
        json!(creation(&LOGS)),
        json!("0x5b5f56"),
        json!("0xef0100"),
        json!("0xeff00000"),
        json!([25.0, 75.0]),
        json!([101.0]),
        json!({ "from": ALICE, "to": STRANGER, "value": "0x1" }),
        json!({ "from": ALICE, "to": STRANGER, "value": word }),
        json!({ "from": STRANGER, "to": ALICE, "gas": "0xffffffffffffffff", "gasPrice": word }),
        json!({ "from": ALICE, "data": creation(&STORES) }),
        json!({ "from": ALICE, "to": STRANGER, "maxFeePerGas": "0x1", "maxPriorityFeePerGas": "0x2", "nonce": "0xffffffffffffffff" }),
        json!({ "to": ARB_WASM, "data": "0x58c780c2" }),
        json!({ "to": STRANGER, "authorizationList": [] }),
        json!({ "fromBlock": "0x0", "toBlock": "latest", "topics": [null, [word]] }),
        json!({ "blockHash": word, "address": [ALICE, STRANGER] }),
        json!({ format!("{STRANGER}"): { "code": "0x5b5f56", "balance": word, "nonce": "0xffffffffffffffff" } }),
        json!({ format!("{STRANGER}"): { "stateDiff": { word.clone(): word } } }),
        json!({ "number": word, "time": "0xffffffffffffffff", "gasLimit": "0x0", "baseFeePerGas": word }),
        json!({ "timestamp": "0x70000000", "blocks": 2 }),
    ]
}

const ARB_WASM: &str = "0x0000000000000000000000000000000000000071";

fn request() -> impl Strategy<Value = (&'static str, Vec<Value>)> {
    (
        prop::sample::select(METHODS),
        prop::collection::vec(prop::sample::select(values()), 0..5),
    )
}

proptest! {
    #[test]
    fn every_request_is_answered_and_none_breaks_the_chain(requests in prop::collection::vec(request(), 1..30)) {
        let devnode = devnode();
        for (method, params) in requests {
            let answer = ask(&devnode, method, json!(params));
            prop_assert_eq!(&answer["id"], &json!(7));
            let failed = answer.get("error");
            prop_assert!(failed.is_some() != answer.get("result").is_some(), "{} {:?}: {}", method, params, answer);
            if let Some(error) = failed {
                // -32603 is what a fault of the devnode's own would say.
                prop_assert_ne!(&error["code"], &json!(-32603), "{} {:?}: {}", method, params, answer);
                prop_assert!(!error["message"].as_str().unwrap_or_default().is_empty());
            }
        }
        // Each block still follows from its parent.
        let head = result(&devnode, "eth_getBlockByNumber", json!(["latest", false]));
        if head["number"] != "0x0" {
            let parent = result(&devnode, "eth_getBlockByHash", json!([head["parentHash"], false]));
            prop_assert!(parent["number"].is_string(), "{}", parent);
        }
    }
}
