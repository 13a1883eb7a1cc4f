//! Transactions of every type, their receipts and logs.

use alloy::{
    network::TransactionBuilder,
    primitives::{B256, U256},
    providers::Provider,
    rpc::types::{Filter, TransactionRequest},
};
use serde_json::json;

use crate::support::*;

/// 0.1 gwei, Arbitrum's floor.
const BASE_FEE: u128 = 100_000_000;

async fn transfers(provider: impl Provider) {
    let before = provider.get_balance(ALICE).await.unwrap();
    let tx = TransactionRequest::default().to(STRANGER).value(U256::from(5));
    let receipt = provider
        .send_transaction(tx)
        .await
        .unwrap()
        .get_receipt()
        .await
        .unwrap();
    assert!(receipt.status());
    assert_eq!(receipt.gas_used, 21_000);
    assert_eq!(receipt.effective_gas_price, BASE_FEE);
    assert_eq!(
        (receipt.from, receipt.to, receipt.contract_address),
        (ALICE, Some(STRANGER), None)
    );
    assert_eq!((receipt.block_number, receipt.transaction_index), (Some(1), Some(0)));
    assert_eq!(provider.get_balance(STRANGER).await.unwrap(), U256::from(5));
    let paid = U256::from(21_000u128 * BASE_FEE + 5);
    assert_eq!(provider.get_balance(ALICE).await.unwrap(), before - paid);
    assert_eq!(provider.get_transaction_count(ALICE).await.unwrap(), 1);
}

#[tokio::test]
async fn default_fillers_send_a_transfer_in_process() {
    transfers(in_process(&devnode())).await;
}

#[tokio::test]
async fn default_fillers_send_a_transfer_over_http() {
    let devnode = devnode();
    let server = served(&devnode);
    transfers(over_http(&server)).await;
}

#[tokio::test]
async fn a_contract_is_deployed_called_and_read() {
    let devnode = devnode();
    let provider = in_process(&devnode);
    let contract = deploy(&provider, &STORES).await;
    // CREATE's address: keccak(rlp(sender, nonce)).
    assert_eq!(contract, ALICE.create(0));
    assert_eq!(provider.get_code_at(contract).await.unwrap(), STORES);
    assert_eq!(provider.get_storage_at(contract, U256::ZERO).await.unwrap(), U256::ZERO);
    let call = TransactionRequest::default().to(contract);
    assert!(
        provider
            .send_transaction(call)
            .await
            .unwrap()
            .get_receipt()
            .await
            .unwrap()
            .status()
    );
    assert_eq!(
        provider.get_storage_at(contract, U256::ZERO).await.unwrap(),
        U256::from(42)
    );
    let mid = provider.get_storage_at(contract, U256::ZERO).number(1).await.unwrap();
    assert_eq!(mid, U256::ZERO, "block 1 is before the call");
}

#[tokio::test]
async fn tips_are_dropped_for_every_transaction_type() {
    let devnode = devnode();
    let provider = in_process(&devnode);
    let generous = 50 * BASE_FEE;
    let plain = TransactionRequest::default().to(STRANGER).with_gas_limit(100_000);
    let requests = [
        (0u8, plain.clone().with_gas_price(generous)),
        (
            1,
            plain.clone().with_gas_price(generous).access_list(Default::default()),
        ),
        (
            2,
            plain
                .clone()
                .with_max_fee_per_gas(generous)
                .with_max_priority_fee_per_gas(generous),
        ),
    ];
    for (kind, request) in requests {
        let pending = provider.send_transaction(request).await.unwrap();
        let hash = *pending.tx_hash();
        let receipt = pending.get_receipt().await.unwrap();
        assert_eq!(receipt.transaction_type() as u8, kind);
        assert_eq!(receipt.effective_gas_price, BASE_FEE, "type {kind}");
        let tx = result(&devnode, "eth_getTransactionByHash", json!([hash]));
        assert_eq!(tx["type"], format!("{kind:#x}"));
        assert_eq!(tx["from"].as_str().unwrap().to_lowercase(), format!("{ALICE:#x}"));
    }
    let paid = U256::from(3 * 21_000u128 * BASE_FEE);
    let funded = U256::from(10u128.pow(22));
    assert_eq!(provider.get_balance(ALICE).await.unwrap(), funded - paid);
}

#[tokio::test]
async fn a_reverted_transaction_is_mined_with_status_zero_and_pays() {
    let devnode = devnode();
    let provider = in_process(&devnode);
    let contract = deploy(&provider, &REVERTS).await;
    let tx = TransactionRequest::default().to(contract).with_gas_limit(100_000);
    let receipt = provider
        .send_transaction(tx)
        .await
        .unwrap()
        .get_receipt()
        .await
        .unwrap();
    assert!(!receipt.status());
    assert!(
        receipt.gas_used > 21_000 && receipt.gas_used < 22_000,
        "a revert returns what is left"
    );
    assert_eq!(provider.get_transaction_count(ALICE).await.unwrap(), 2);
    assert!(receipt.inner.logs().is_empty());
}

#[tokio::test]
async fn receipts_carry_what_arbitrum_adds() {
    let devnode = devnode();
    let provider = in_process(&devnode);
    let tx = TransactionRequest::default().to(STRANGER);
    let receipt = provider
        .send_transaction(tx)
        .await
        .unwrap()
        .get_receipt()
        .await
        .unwrap();
    let raw = result(&devnode, "eth_getTransactionReceipt", json!([receipt.transaction_hash]));
    assert_eq!(raw["gasUsedForL1"], "0x0");
    assert_eq!(
        raw["l1BlockNumber"], "0x18cba80",
        "26,000,000: one second has passed, less than a parent block"
    );
    assert_eq!(raw["cumulativeGasUsed"], "0x5208");
    assert_eq!(raw["type"], "0x2");
}

#[tokio::test]
async fn logs_are_found_by_address_topic_range_and_block_hash() {
    let devnode = devnode();
    let provider = in_process(&devnode);
    let contract = deploy(&provider, &LOGS).await;
    let other = deploy(&provider, &LOGS).await;
    let mut hashes = Vec::new();
    for target in [contract, other, contract] {
        let tx = TransactionRequest::default().to(target);
        let receipt = provider
            .send_transaction(tx)
            .await
            .unwrap()
            .get_receipt()
            .await
            .unwrap();
        assert_eq!(receipt.inner.logs().len(), 1);
        hashes.push(receipt.block_hash.unwrap());
    }
    let all = provider.get_logs(&Filter::new().from_block(0u64)).await.unwrap();
    assert_eq!(
        all.iter().map(|log| log.block_number.unwrap()).collect::<Vec<_>>(),
        [3, 4, 5]
    );
    assert_eq!(all[0].data().data.as_ref(), U256::from(7).to_be_bytes::<32>());
    assert_eq!(all[0].topics(), [B256::with_last_byte(0xaa)]);
    let one = Filter::new().from_block(0u64).address(contract);
    assert_eq!(provider.get_logs(&one).await.unwrap().len(), 2);
    let both = Filter::new().from_block(0u64).address(vec![contract, other]);
    assert_eq!(provider.get_logs(&both.clone().to_block(4u64)).await.unwrap().len(), 2);
    let topic = both.clone().event_signature(B256::with_last_byte(0xaa));
    assert_eq!(provider.get_logs(&topic).await.unwrap().len(), 3);
    let wrong = both.event_signature(B256::with_last_byte(0xab));
    assert!(provider.get_logs(&wrong).await.unwrap().is_empty());
    let block = Filter::new().at_block_hash(hashes[1]);
    assert_eq!(provider.get_logs(&block).await.unwrap()[0].address(), other);
    // A transaction's bloom filter covers its logs: 3 bits for the address, 3 for the topic.
    let mined = provider.get_block_by_hash(hashes[0]).await.unwrap().unwrap();
    let bits: u32 = mined.header.logs_bloom.iter().map(|byte| byte.count_ones()).sum();
    assert!((4..=6).contains(&bits), "{bits}");
}

#[tokio::test]
async fn filters_report_each_log_and_block_once() {
    let devnode = devnode();
    let provider = in_process(&devnode);
    let contract = deploy(&provider, &LOGS).await;
    let logs = result(&devnode, "eth_newFilter", json!([{ "address": contract }]));
    let blocks = result(&devnode, "eth_newBlockFilter", json!([]));
    let call = TransactionRequest::default().to(contract);
    let receipt = provider
        .send_transaction(call)
        .await
        .unwrap()
        .get_receipt()
        .await
        .unwrap();
    let fresh = result(&devnode, "eth_getFilterChanges", json!([logs]));
    assert_eq!(fresh.as_array().unwrap().len(), 1);
    assert_eq!(fresh[0]["transactionHash"], json!(receipt.transaction_hash));
    assert_eq!(result(&devnode, "eth_getFilterChanges", json!([logs])), json!([]));
    assert_eq!(
        result(&devnode, "eth_getFilterChanges", json!([blocks])),
        json!([receipt.block_hash])
    );
    assert_eq!(result(&devnode, "eth_uninstallFilter", json!([logs])), json!(true));
    assert_eq!(error(&devnode, "eth_getFilterChanges", json!([logs])).0, -32000);
}

#[tokio::test]
async fn unlocked_accounts_send_without_a_key() {
    let devnode = devnode();
    let hash = result(
        &devnode,
        "eth_sendTransaction",
        json!([{ "from": BOB, "to": STRANGER, "value": "0x9" }]),
    );
    let receipt = result(&devnode, "eth_getTransactionReceipt", json!([hash]));
    assert_eq!(receipt["status"], "0x1");
    assert_eq!(result(&devnode, "eth_getBalance", json!([STRANGER, "latest"])), "0x9");
    let accounts = result(&devnode, "eth_accounts", json!([]));
    assert_eq!(accounts.as_array().unwrap().len(), 10);
    assert_eq!(accounts[1].as_str().unwrap().to_lowercase(), format!("{BOB:#x}"));
}

#[tokio::test]
async fn impersonation_sends_for_anyone_until_it_is_stopped() {
    let devnode = devnode();
    result(&devnode, "anvil_setBalance", json!([STRANGER, "0xde0b6b3a7640000"]));
    let tx = json!([{ "from": STRANGER, "to": BOB, "value": "0x1" }]);
    assert!(
        error(&devnode, "eth_sendTransaction", tx.clone())
            .1
            .contains("unknown account")
    );
    result(&devnode, "anvil_impersonateAccount", json!([STRANGER]));
    let hash = result(&devnode, "eth_sendTransaction", tx.clone());
    let mined = result(&devnode, "eth_getTransactionByHash", json!([hash]));
    assert_eq!(mined["from"], json!(STRANGER));
    assert_eq!(
        result(&devnode, "eth_getTransactionCount", json!([STRANGER, "latest"])),
        "0x1"
    );
    result(&devnode, "hardhat_stopImpersonatingAccount", json!([STRANGER]));
    assert!(error(&devnode, "eth_sendTransaction", tx).1.contains("unknown account"));
}

#[tokio::test]
async fn a_bundlers_fill_completes_a_transaction() {
    let devnode = devnode();
    let filled = result(
        &devnode,
        "eth_fillTransaction",
        json!([{ "from": BOB, "to": STRANGER, "value": "0x1" }]),
    );
    let tx = &filled["tx"];
    assert_eq!(
        (&tx["nonce"], &tx["gas"], &tx["chainId"]),
        (&json!("0x0"), &json!("0x5208"), &json!("0x64aba"))
    );
    assert!(filled["raw"].as_str().unwrap().starts_with("0x02"));
}

#[tokio::test]
async fn a_synchronous_send_answers_with_the_receipt() {
    let devnode = devnode();
    let tx = json!([{ "from": BOB, "to": STRANGER, "value": "0x9" }]);
    let receipt = result(&devnode, "eth_sendTransactionSync", tx.clone());
    assert_eq!(
        (&receipt["status"], &receipt["blockNumber"]),
        (&json!("0x1"), &json!("0x1"))
    );
    let raw = result(&devnode, "eth_signTransaction", tx.clone());
    let receipt = result(&devnode, "eth_sendRawTransactionSync", json!([raw]));
    assert_eq!(receipt["blockNumber"], "0x2");
    result(&devnode, "evm_setAutomine", json!([false]));
    assert!(
        error(&devnode, "eth_sendTransactionSync", tx)
            .1
            .contains("waits for a block")
    );
}

#[tokio::test]
async fn messages_and_typed_data_are_signed_with_the_accounts_key() {
    let devnode = devnode();
    let message = alloy::primitives::Bytes::from_static(b"hedgerow");
    let signed = result(&devnode, "personal_sign", json!([message, BOB]));
    let signature: alloy::primitives::Signature = signed.as_str().unwrap().parse().unwrap();
    assert_eq!(signature.recover_address_from_msg(&message).unwrap(), BOB);
    assert_eq!(result(&devnode, "eth_sign", json!([BOB, message])), signed);
    // EIP-712's own example ("Ether Mail"): its digest is published in the standard.
    let mail = json!({
        "types": {
            "EIP712Domain": [
                { "name": "name", "type": "string" }, { "name": "version", "type": "string" },
                { "name": "chainId", "type": "uint256" }, { "name": "verifyingContract", "type": "address" }
            ],
            "Person": [{ "name": "name", "type": "string" }, { "name": "wallet", "type": "address" }],
            "Mail": [
                { "name": "from", "type": "Person" }, { "name": "to", "type": "Person" },
                { "name": "contents", "type": "string" }
            ]
        },
        "primaryType": "Mail",
        "domain": {
            "name": "Ether Mail", "version": "1", "chainId": 1,
            "verifyingContract": "0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC"
        },
        "message": {
            "from": { "name": "Cow", "wallet": "0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826" },
            "to": { "name": "Bob", "wallet": "0xbBbBBBBbbBBBbbbBbbBbbbbBBbBbbbbBbBbbBBbB" },
            "contents": "Hello, Bob!"
        }
    });
    let digest = alloy::primitives::b256!("be609aee343fb3c4b28e1df9e632fca64fcfaede20f02e86244efddf30957bd2");
    for data in [mail.clone(), json!(mail.to_string())] {
        let signed = result(&devnode, "eth_signTypedData_v4", json!([BOB, data]));
        let signature: alloy::primitives::Signature = signed.as_str().unwrap().parse().unwrap();
        assert_eq!(signature.recover_address_from_prehash(&digest).unwrap(), BOB);
    }
    assert!(
        error(&devnode, "personal_sign", json!([message, STRANGER]))
            .1
            .contains("unknown account")
    );
}
