//! Gas estimates: enough, and not one unit more.

use alloy::{
    network::TransactionBuilder,
    primitives::{Address, U256, hex},
    providers::{DynProvider, Provider},
    rpc::types::TransactionRequest,
};
use serde_json::json;

use crate::support::*;

/// Calls `target` with all gas and reverts if that fails.
fn insists_on(target: Address) -> Vec<u8> {
    [
        hex!("5f5f5f5f5f73").as_slice(),
        target.as_slice(),
        &hex!("5af1602257" "5f5ffd" "5b00"),
    ]
    .concat()
}

async fn is_tight(provider: &DynProvider, request: TransactionRequest) -> u64 {
    let gas = provider.estimate_gas(request.clone()).await.unwrap();
    // Named, because the provider's own count does not go back with the chain.
    let nonce = provider.get_transaction_count(ALICE).await.unwrap();
    // The rest of the allowance must not matter: each attempt starts from the same state.
    for (limit, enough) in [(gas - 1, false), (gas, true)] {
        let snapshot: U256 = provider.raw_request("evm_snapshot".into(), ()).await.unwrap();
        let tx = request.clone().with_nonce(nonce).with_gas_limit(limit);
        let sent = provider.send_transaction(tx).await;
        let succeeded = match sent {
            Ok(pending) => pending.get_receipt().await.unwrap().status(),
            // Below the intrinsic gas a transaction is not even mined.
            Err(_) => false,
        };
        assert_eq!(succeeded, enough, "with {limit} of {gas}");
        let reverted: bool = provider.raw_request("evm_revert".into(), (snapshot,)).await.unwrap();
        assert!(reverted);
    }
    gas
}

#[tokio::test]
async fn a_storage_write_is_estimated_to_the_unit() {
    let devnode = devnode();
    let provider = in_process(&devnode);
    let contract = deploy(&provider, &STORES).await;
    let gas = is_tight(&provider, TransactionRequest::default().with_from(ALICE).to(contract)).await;
    // 21,000, PUSH1 3, PUSH0 2, SSTORE of a cold empty slot 2,100 + 20,000.
    assert_eq!(gas, 43_105);
}

#[tokio::test]
async fn a_transfer_is_21000() {
    let provider = in_process(&devnode());
    let request = TransactionRequest::default()
        .with_from(ALICE)
        .to(STRANGER)
        .value(U256::from(1));
    assert_eq!(is_tight(&provider, request).await, 21_000);
}

#[tokio::test]
async fn a_nested_call_gets_the_64th_that_its_caller_keeps() {
    let devnode = devnode();
    let provider = in_process(&devnode);
    let inner = deploy(&provider, &STORES).await;
    let outer = deploy(&provider, &insists_on(inner)).await;
    let request = TransactionRequest::default().with_from(ALICE).to(outer);
    let gas = is_tight(&provider, request.clone()).await;
    let nonce = provider.get_transaction_count(ALICE).await.unwrap();
    let receipt = provider
        .send_transaction(request.with_nonce(nonce).with_gas_limit(200_000))
        .await
        .unwrap()
        .get_receipt()
        .await
        .unwrap();
    assert!(receipt.status());
    assert!(
        gas > receipt.gas_used,
        "{gas} must exceed the {} used",
        receipt.gas_used
    );
    assert!(gas < receipt.gas_used + receipt.gas_used / 63 + 1);
}

#[tokio::test]
async fn a_creation_is_estimated_to_the_unit() {
    let provider = in_process(&devnode());
    let request = TransactionRequest::default()
        .with_from(ALICE)
        .create()
        .input(creation(&STORES).into());
    is_tight(&provider, request).await;
}

#[tokio::test]
async fn an_estimate_uses_the_overrides() {
    let devnode = devnode();
    let overrides = json!({ format!("{STRANGER}"): { "code": STORES } });
    let gas = result(
        &devnode,
        "eth_estimateGas",
        json!([{ "to": STRANGER }, "latest", overrides]),
    );
    assert_eq!(gas, format!("{:#x}", 43_105));
}

#[tokio::test]
async fn an_estimate_runs_at_the_time_of_the_next_block() {
    let devnode = devnode();
    let provider = in_process(&devnode);
    // Reverts unless the timestamp is above 1,790,000,100: PUSH4 t TIMESTAMP GT PUSH1 13 JUMPI, PUSH0 PUSH0 REVERT,
    // JUMPDEST STOP.
    let code = [
        hex!("63").as_slice(),
        &1_790_000_100u32.to_be_bytes(),
        &hex!("4211600d575f5ffd5b00"),
    ]
    .concat();
    let contract = deploy(&provider, &code).await;
    let request = json!([{ "from": ALICE, "to": contract }]);
    assert_eq!(error(&devnode, "eth_estimateGas", request.clone()).0, 3);
    result(&devnode, "evm_increaseTime", json!([1_000]));
    result(&devnode, "eth_estimateGas", request);
}

#[tokio::test]
async fn an_estimate_beyond_the_senders_means_says_so() {
    let devnode = devnode();
    let contract = deploy(&in_process(&devnode), &STORES).await;
    // Enough for 30,000 gas at 0.1 gwei, with 43,105 needed.
    result(
        &devnode,
        "anvil_setBalance",
        json!([STRANGER, format!("{:#x}", 30_000u64 * 100_000_000)]),
    );
    let request = json!([{ "from": STRANGER, "to": contract, "gasPrice": "0x5f5e100" }]);
    let (code, message) = error(&devnode, "eth_estimateGas", request);
    assert_eq!(
        (code, message.as_str()),
        (-32000, "gas required exceeds allowance (30000)")
    );
}

#[tokio::test]
async fn an_estimate_stops_at_what_a_transaction_may_compute() {
    let devnode = devnode();
    // An endless loop: JUMPDEST PUSH0 JUMP.
    let contract = deploy(&in_process(&devnode), &hex!("5b5f56")).await;
    let (code, message) = error(&devnode, "eth_estimateGas", json!([{ "from": ALICE, "to": contract }]));
    assert_eq!(
        (code, message.as_str()),
        (-32000, "gas required exceeds allowance (32000000)")
    );
}
