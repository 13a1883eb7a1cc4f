//! Snapshots, time, mining and setting state directly.

use alloy::{
    primitives::{B256, U256, bytes},
    providers::{Provider, ext::AnvilApi},
    rpc::types::TransactionRequest,
};
use serde_json::json;

use crate::support::*;

#[tokio::test]
async fn a_snapshot_brings_everything_back_once() {
    let devnode = devnode();
    let provider = in_process(&devnode);
    let contract = deploy(&provider, &STORES).await;
    let before = provider.get_block_by_number(1.into()).await.unwrap().unwrap();
    let snapshot = provider.anvil_snapshot().await.unwrap();
    let later = provider.anvil_snapshot().await.unwrap();
    let call = TransactionRequest::default().to(contract);
    let receipt = provider
        .send_transaction(call)
        .await
        .unwrap()
        .get_receipt()
        .await
        .unwrap();
    provider.anvil_set_balance(STRANGER, U256::from(1)).await.unwrap();
    assert!(provider.anvil_revert(snapshot).await.unwrap());
    assert_eq!(provider.get_block_number().await.unwrap(), 1);
    assert_eq!(provider.get_storage_at(contract, U256::ZERO).await.unwrap(), U256::ZERO);
    assert_eq!(provider.get_balance(STRANGER).await.unwrap(), U256::ZERO);
    assert_eq!(provider.get_transaction_count(ALICE).await.unwrap(), 1);
    assert!(
        provider
            .get_transaction_receipt(receipt.transaction_hash)
            .await
            .unwrap()
            .is_none()
    );
    assert!(
        provider
            .get_block_by_hash(receipt.block_hash.unwrap())
            .await
            .unwrap()
            .is_none()
    );
    let head = provider.get_block_by_number(1.into()).await.unwrap().unwrap();
    assert_eq!(head.header, before.header);
    assert!(!provider.anvil_revert(snapshot).await.unwrap(), "used up");
    assert!(
        !provider.anvil_revert(later).await.unwrap(),
        "went with the earlier one"
    );
}

#[tokio::test]
async fn a_copy_of_the_chain_is_what_it_was_and_goes_its_own_way() {
    let devnode = devnode();
    let provider = in_process(&devnode);
    provider.anvil_set_balance(STRANGER, U256::from(1)).await.unwrap();
    let mut copy = devnode.copy().unwrap();
    provider.anvil_set_balance(STRANGER, U256::from(2)).await.unwrap();
    assert_eq!(copy.state().balance(STRANGER), U256::from(1));
    copy.state_mut().set_balance(STRANGER, U256::from(3));
    assert_eq!(provider.get_balance(STRANGER).await.unwrap(), U256::from(2));
}

#[tokio::test]
async fn time_moves_as_told_and_never_back() {
    let devnode = devnode();
    let provider = in_process(&devnode);
    let start = 1_790_000_000;
    provider.anvil_increase_time(3_600).await.unwrap();
    provider.evm_mine(None).await.unwrap();
    let time = || async {
        provider
            .get_block_by_number(Default::default())
            .await
            .unwrap()
            .unwrap()
            .header
            .timestamp
    };
    assert_eq!(time().await, start + 3_600);
    provider.anvil_set_next_block_timestamp(start + 5_000).await.unwrap();
    provider.evm_mine(None).await.unwrap();
    assert_eq!(time().await, start + 5_000);
    provider.evm_mine(None).await.unwrap();
    assert_eq!(time().await, start + 5_001);
    let (code, message) = error(&devnode, "evm_setNextBlockTimestamp", json!([start + 5_001]));
    assert_eq!(code, -32602);
    assert!(message.contains("1790005001"), "{message}");
    result(
        &devnode,
        "evm_mine",
        json!([{ "timestamp": start + 6_000, "blocks": 3 }]),
    );
    assert_eq!(time().await, start + 6_002);
}

#[tokio::test]
async fn many_blocks_are_mined_at_an_interval() {
    let devnode = devnode();
    let provider = in_process(&devnode);
    provider.anvil_mine(Some(10), Some(12)).await.unwrap();
    let block = provider.get_block_by_number(10.into()).await.unwrap().unwrap();
    assert_eq!(block.header.timestamp, 1_790_000_000 + 1 + 9 * 12);
    assert_eq!(provider.get_block_number().await.unwrap(), 10);
    assert_eq!(error(&devnode, "anvil_mine", json!(["0xffffffffff"])).0, -32602);
}

#[tokio::test]
async fn accounts_are_set_directly() {
    let devnode = devnode();
    let provider = in_process(&devnode);
    provider.anvil_set_balance(STRANGER, U256::from(77)).await.unwrap();
    provider.anvil_set_nonce(STRANGER, 5).await.unwrap();
    provider
        .anvil_set_code(STRANGER, bytes!("5f545f5260205ff3"))
        .await
        .unwrap();
    provider
        .anvil_set_storage_at(STRANGER, U256::ZERO, B256::with_last_byte(9))
        .await
        .unwrap();
    assert_eq!(provider.get_balance(STRANGER).await.unwrap(), U256::from(77));
    assert_eq!(provider.get_transaction_count(STRANGER).await.unwrap(), 5);
    let call = TransactionRequest::default().to(STRANGER);
    assert_eq!(provider.call(call).await.unwrap(), B256::with_last_byte(9).to_vec());
    let (code, message) = error(&devnode, "anvil_setCode", json!([STRANGER, "0xef010011"]));
    assert_eq!(code, -32602);
    assert!(message.contains("code"), "{message}");
    assert_eq!(provider.anvil_node_info().await.unwrap().environment.chain_id, 412_346);
}
