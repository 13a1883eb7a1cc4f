//! `eth_call`: results, reverts, overrides, and the state it reads.

use alloy::{
    primitives::{B256, U256},
    providers::Provider,
    rpc::types::TransactionRequest,
};
use serde_json::{Value, json};

use crate::support::*;

fn word(value: u64) -> Value {
    json!(B256::from(U256::from(value)))
}

/// What `opcode` pushes in a call with these further parameters.
fn opcode(devnode: &hedgerow_devnode::Devnode, opcode: u8, block: &str, overrides: Value) -> Value {
    let code = json!({ format!("{STRANGER}"): { "code": returns(opcode) } });
    result(devnode, "eth_call", json!([{ "to": STRANGER }, block, code, overrides]))
}

#[tokio::test]
async fn a_revert_has_code_3_and_its_data() {
    let devnode = devnode();
    let contract = deploy(&in_process(&devnode), &REVERTS).await;
    let answer = ask(&devnode, "eth_call", json!([{ "to": contract }, "latest"]));
    assert_eq!(answer["error"]["code"], 3);
    assert_eq!(answer["error"]["message"], "execution reverted");
    assert_eq!(answer["error"]["data"], "0xdeadbeef");
    let answer = ask(&devnode, "eth_estimateGas", json!([{ "to": contract }]));
    assert_eq!(
        (&answer["error"]["code"], &answer["error"]["data"]),
        (&json!(3), &json!("0xdeadbeef"))
    );
}

#[test]
fn a_reverts_text_is_in_the_message() {
    // Error("no"): selector 08c379a0, offset, length, text. The code before it copies itself from byte 10 on, and reverts:
    // PUSH1 100 PUSH1 10 PUSH0 CODECOPY PUSH1 100 PUSH0 REVERT.
    let code = format!(
        "0x6064600a5f3960645ffd08c379a0{:064x}{:064x}6e6f{}",
        32,
        2,
        "00".repeat(30)
    );
    let devnode = devnode();
    let overrides = json!({ format!("{STRANGER}"): { "code": code } });
    let (number, message) = error(&devnode, "eth_call", json!([{ "to": STRANGER }, "latest", overrides]));
    assert_eq!(number, 3);
    assert!(
        message.starts_with("execution reverted") && message.ends_with("no"),
        "{message}"
    );
}

#[test]
fn the_block_is_seen_as_on_arbitrum() {
    let devnode = devnode();
    let latest = |op| opcode(&devnode, op, "latest", Value::Null);
    assert_eq!(latest(0x43), word(26_000_000), "NUMBER is the parent chain's");
    assert_eq!(latest(0x44), word(1), "PREVRANDAO");
    assert_eq!(latest(0x48), word(100_000_000), "BASEFEE");
    assert_eq!(latest(0x45), word(1 << 50), "GASLIMIT");
    assert_eq!(latest(0x46), word(412_346), "CHAINID");
    assert_eq!(
        latest(0x41),
        json!("0x000000000000000000000000a4b000000000000000000073657175656e636572"),
        "COINBASE"
    );
    assert_eq!(latest(0x42), word(1_790_000_000), "TIMESTAMP");
    result(&devnode, "evm_increaseTime", json!([120]));
    assert_eq!(latest(0x42), word(1_790_000_000), "time moves with the next block");
    assert_eq!(opcode(&devnode, 0x42, "pending", Value::Null), word(1_790_000_120));
    assert_eq!(opcode(&devnode, 0x43, "pending", Value::Null), word(26_000_010));
}

#[test]
fn block_overrides_replace_what_opcodes_read() {
    let devnode = devnode();
    let overrides = json!({ "number": "0x7b", "time": "0x1c8", "baseFeePerGas": "0x5", "coinbase": STRANGER });
    let overrides = |name: &str| json!({ name: overrides[name] });
    assert_eq!(opcode(&devnode, 0x43, "latest", overrides("number")), word(123));
    assert_eq!(opcode(&devnode, 0x42, "latest", overrides("time")), word(456));
    assert_eq!(
        opcode(&devnode, 0x41, "latest", overrides("coinbase")),
        json!(STRANGER.into_word())
    );
}

#[tokio::test]
async fn state_overrides_replace_accounts_for_one_call_only() {
    let devnode = devnode();
    // sload(0), returned
    let reads = "0x5f545f5260205ff3";
    // selfbalance, returned
    let balance = returns(0x47);
    let call = |overrides: Value| {
        result(
            &devnode,
            "eth_call",
            json!([{ "to": STRANGER }, "latest", { format!("{STRANGER}"): overrides }]),
        )
    };
    assert_eq!(call(json!({ "code": balance, "balance": "0x2a" })), word(42));
    let slot = B256::ZERO;
    assert_eq!(
        call(json!({ "code": reads, "stateDiff": { format!("{slot}"): word(5) } })),
        word(5)
    );
    result(&devnode, "anvil_setStorageAt", json!([STRANGER, "0x0", word(9)]));
    assert_eq!(call(json!({ "code": reads })), word(9));
    assert_eq!(
        call(json!({ "code": reads, "state": {} })),
        word(0),
        "'state' forgets every other slot"
    );
    assert_eq!(
        call(json!({ "code": reads, "stateDiff": {} })),
        word(9),
        "'stateDiff' keeps them"
    );
    assert_eq!(result(&devnode, "eth_getCode", json!([STRANGER, "latest"])), "0x");
    let both = json!([{ "to": STRANGER }, "latest", { format!("{STRANGER}"): { "state": {}, "stateDiff": {} } }]);
    assert_eq!(error(&devnode, "eth_call", both).0, -32602);
}

#[tokio::test]
async fn a_nonce_override_decides_where_a_creation_goes() {
    let devnode = devnode();
    // Creation code that returns its own address as the code.
    let request = json!([{ "from": STRANGER, "input": "0x305f5260205ff3" }, "latest", { format!("{STRANGER}"): { "nonce": "0x5" } }]);
    assert_eq!(
        result(&devnode, "eth_call", request),
        json!(STRANGER.create(5).into_word())
    );
}

#[tokio::test]
async fn old_blocks_keep_their_state() {
    let devnode = devnode();
    let provider = in_process(&devnode);
    for value in 1..=3u64 {
        let tx = TransactionRequest::default().to(STRANGER).value(U256::from(value));
        provider
            .send_transaction(tx)
            .await
            .unwrap()
            .get_receipt()
            .await
            .unwrap();
    }
    for (number, balance) in [(0u64, 0u64), (1, 1), (2, 3), (3, 6)] {
        assert_eq!(
            provider.get_balance(STRANGER).number(number).await.unwrap(),
            U256::from(balance)
        );
        let code = json!({ format!("{BOB}"): { "code": format!("0x73{}315f5260205ff3", alloy::primitives::hex::encode(STRANGER)) } });
        let seen = result(
            &devnode,
            "eth_call",
            json!([{ "to": BOB }, format!("{number:#x}"), code]),
        );
        assert_eq!(seen, word(balance));
    }
    let hash = provider
        .get_block_by_number(2.into())
        .await
        .unwrap()
        .unwrap()
        .header
        .hash;
    assert_eq!(provider.get_balance(STRANGER).hash(hash).await.unwrap(), U256::from(3));
    let (code, message) = error(&devnode, "eth_getBalance", json!([STRANGER, "0x4"]));
    assert_eq!(code, -32000);
    assert!(
        message.contains("block 4") && message.contains("latest is 3"),
        "{message}"
    );
}

#[test]
fn a_call_needs_its_value_but_no_gas_money() {
    let devnode = devnode();
    assert_eq!(
        result(&devnode, "eth_call", json!([{ "from": STRANGER, "to": BOB }, "latest"])),
        "0x"
    );
    let (code, message) = error(
        &devnode,
        "eth_call",
        json!([{ "from": STRANGER, "to": BOB, "value": "0x1" }, "latest"]),
    );
    assert_eq!(code, -32000);
    assert!(message.contains("insufficient funds"), "{message}");
}

#[test]
fn data_and_input_may_not_disagree() {
    let devnode = devnode();
    let (code, message) = error(
        &devnode,
        "eth_call",
        json!([{ "to": BOB, "data": "0x01", "input": "0x02" }, "latest"]),
    );
    assert_eq!(code, -32602);
    assert!(message.contains("input"), "{message}");
    assert_eq!(
        result(
            &devnode,
            "eth_call",
            json!([{ "to": BOB, "data": "0x01", "input": "0x01" }, "latest"])
        ),
        "0x"
    );
}

#[tokio::test]
async fn an_access_list_names_what_a_call_touches() {
    let devnode = devnode();
    let contract = deploy(&in_process(&devnode), &STORES).await;
    let list = result(
        &devnode,
        "eth_createAccessList",
        json!([{ "from": ALICE, "to": contract }]),
    );
    let slot = B256::ZERO;
    assert_eq!(
        list["accessList"],
        json!([{ "address": contract, "storageKeys": [slot] }])
    );
    // 21,000 + 2,400 + 1,900 for the list, 3 + 2 for the pushes, 20,000 for the now warm slot.
    assert_eq!(
        list["gasUsed"],
        format!("{:#x}", 21_000 + 2_400 + 1_900 + 3 + 2 + 20_000)
    );
}

#[tokio::test]
async fn the_node_interface_answers_arbitrums_clients() {
    let devnode = devnode();
    let contract = deploy(&in_process(&devnode), &STORES).await;
    result(&devnode, "anvil_mine", json!(["0x3", "0xc"]));
    let node = "0x00000000000000000000000000000000000000c8";
    let ask = |input: String| {
        result(
            &devnode,
            "eth_call",
            json!([{ "from": ALICE, "to": node, "data": input }, "latest"]),
        )
    };
    let words = |values: &[u64]| values.iter().map(|value| format!("{value:064x}")).collect::<String>();
    let call = alloy::primitives::hex::encode(contract.into_word());
    // gasEstimateComponents(address,bool,bytes): the estimate, nothing for the parent chain, the base fee, nothing.
    let input = format!("0xc94e6eeb{call}{}", words(&[0, 96, 0]));
    assert_eq!(ask(input), format!("0x{}", words(&[43_105, 0, 100_000_000, 0])));
    // gasEstimateL1Component(address,bool,bytes)
    let input = format!("0x77d488a2{call}{}", words(&[0, 96, 0]));
    assert_eq!(ask(input), format!("0x{}", words(&[0, 100_000_000, 0])));
    // Blocks at seconds 0, 1, 2, 14, 26: parent blocks +0, +0, +0, +1, +2. blockL1Num(uint64), l2BlockRangeForL1(uint64).
    assert_eq!(
        ask(format!("0x6f275ef2{}", words(&[3]))),
        format!("0x{}", words(&[26_000_001]))
    );
    assert_eq!(
        ask(format!("0x48e7f811{}", words(&[26_000_000]))),
        format!("0x{}", words(&[0, 2]))
    );
    let (code, message) = error(
        &devnode,
        "eth_call",
        json!([{ "to": node, "data": "0x12345678" }, "latest"]),
    );
    assert!(
        code == -32602 && message.contains("gasEstimateComponents"),
        "{code} {message}"
    );
}
