//! Transactions that may not enter a block: an error in geth's words, and nothing mined.

use alloy::{
    consensus::{SignableTransaction, TxEip1559, TxEnvelope, TxLegacy},
    eips::Encodable2718,
    primitives::{Bytes, TxKind, U256},
    signers::SignerSync,
};
use hedgerow_devnode::Devnode;
use serde_json::json;

use crate::support::*;

fn transfer() -> TxEip1559 {
    TxEip1559 {
        chain_id: 412_346,
        nonce: 0,
        gas_limit: 21_000,
        max_fee_per_gas: 200_000_000,
        max_priority_fee_per_gas: 0,
        to: TxKind::Call(STRANGER),
        value: U256::from(1),
        ..TxEip1559::default()
    }
}

fn signed(tx: TxEip1559) -> Bytes {
    let signature = key(ALICE_KEY).sign_hash_sync(&tx.signature_hash()).unwrap();
    TxEnvelope::from(tx.into_signed(signature)).encoded_2718().into()
}

#[track_caller]
fn refused(devnode: &Devnode, raw: Bytes, says: &str) {
    let (code, message) = error(devnode, "eth_sendRawTransaction", json!([raw]));
    assert_eq!(code, -32000, "{message}");
    assert!(message.contains(says), "{message:?} does not contain {says:?}");
    assert_eq!(result(devnode, "eth_blockNumber", json!([])), "0x0", "nothing is mined");
    assert_eq!(
        result(devnode, "eth_getTransactionCount", json!([ALICE, "pending"])),
        "0x0"
    );
}

#[test]
fn nonces_must_be_the_next_one() {
    let devnode = devnode();
    refused(
        &devnode,
        signed(TxEip1559 { nonce: 3, ..transfer() }),
        "nonce too high: address",
    );
    result(&devnode, "eth_sendRawTransaction", json!([signed(transfer())]));
    let (code, message) = error(&devnode, "eth_sendRawTransaction", json!([signed(transfer())]));
    assert_eq!(code, -32000);
    assert!(
        message.contains("nonce too low") && message.contains("tx: 0 state: 1"),
        "{message}"
    );
    assert_eq!(result(&devnode, "eth_blockNumber", json!([])), "0x1");
}

#[test]
fn the_sender_must_be_able_to_pay() {
    let rich = U256::from(10u128.pow(22));
    let says = "insufficient funds for gas * price + value: address 0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266 have 10000000000000000000000 want 10000000004200000000000";
    refused(
        &devnode(),
        signed(TxEip1559 {
            value: rich,
            ..transfer()
        }),
        says,
    );
}

#[test]
fn the_price_must_reach_the_base_fee() {
    let cheap = TxEip1559 {
        max_fee_per_gas: 99_999_999,
        ..transfer()
    };
    refused(&devnode(), signed(cheap), "max fee per gas less than block base fee");
    let tip = TxEip1559 {
        max_priority_fee_per_gas: 200_000_001,
        ..transfer()
    };
    refused(
        &devnode(),
        signed(tip),
        "max priority fee per gas higher than max fee per gas",
    );
}

#[test]
fn the_chain_must_be_this_one() {
    let says = "invalid chain id for signer: have 1 want 412346";
    refused(
        &devnode(),
        signed(TxEip1559 {
            chain_id: 1,
            ..transfer()
        }),
        says,
    );
}

#[test]
fn the_gas_limit_must_cover_the_intrinsic_gas() {
    refused(
        &devnode(),
        signed(TxEip1559 {
            gas_limit: 20_999,
            ..transfer()
        }),
        "intrinsic gas too low: have 20999, want 21000",
    );
}

#[test]
fn contracts_cannot_send() {
    let devnode = devnode();
    result(&devnode, "anvil_setCode", json!([ALICE, "0x00"]));
    refused(&devnode, signed(transfer()), "sender not an eoa");
}

#[test]
fn blobs_and_garbage_are_refused() {
    let devnode = devnode();
    refused(
        &devnode,
        Bytes::from_static(&[0x03, 0xc0]),
        "transaction type not supported",
    );
    refused(&devnode, Bytes::from_static(&[0x02, 0xc1]), "rlp");
    refused(&devnode, Bytes::new(), "rlp");
    let mut long = signed(transfer()).to_vec();
    long.push(0);
    refused(&devnode, long.into(), "1 bytes follow the transaction");
}

#[test]
fn a_legacy_transaction_without_a_chain_id_is_accepted() {
    // The deterministic deployer of every chain was sent that way.
    let devnode = devnode();
    let tx = TxLegacy {
        chain_id: None,
        gas_price: 100_000_000,
        gas_limit: 21_000,
        to: TxKind::Call(STRANGER),
        value: U256::from(1),
        ..TxLegacy::default()
    };
    let signature = key(ALICE_KEY).sign_hash_sync(&tx.signature_hash()).unwrap();
    let raw: Bytes = TxEnvelope::from(tx.into_signed(signature)).encoded_2718().into();
    let hash = result(&devnode, "eth_sendRawTransaction", json!([raw]));
    assert_eq!(
        result(&devnode, "eth_getTransactionReceipt", json!([hash]))["status"],
        "0x1"
    );
}
