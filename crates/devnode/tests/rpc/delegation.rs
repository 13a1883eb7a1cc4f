//! EIP-7702: type-4 transactions and delegated code in calls.

use alloy::{
    eips::eip7702::Authorization,
    network::{TransactionBuilder, TransactionBuilder7702},
    primitives::{Address, U256, bytes, hex},
    providers::Provider,
    rpc::types::TransactionRequest,
    signers::SignerSync,
};
use serde_json::json;

use crate::support::*;

fn authorise(signer: &str, chain_id: u64, address: Address, nonce: u64) -> alloy::eips::eip7702::SignedAuthorization {
    let authorization = Authorization {
        chain_id: U256::from(chain_id),
        address,
        nonce,
    };
    let signature = key(signer).sign_hash_sync(&authorization.signature_hash()).unwrap();
    authorization.into_signed(signature)
}

fn designator(target: Address) -> Vec<u8> {
    [hex!("ef0100").as_slice(), target.as_slice()].concat()
}

#[tokio::test]
async fn a_sponsored_authorisation_gives_an_account_code_and_storage() {
    let devnode = devnode();
    let provider = in_process(&devnode);
    let contract = deploy(&provider, &STORES).await;
    let tx = TransactionRequest::default()
        .to(BOB)
        .with_authorization_list(vec![authorise(BOB_KEY, 412_346, contract, 0)]);
    let receipt = provider
        .send_transaction(tx)
        .await
        .unwrap()
        .get_receipt()
        .await
        .unwrap();
    assert!(receipt.status());
    assert_eq!(receipt.transaction_type() as u8, 4);
    assert_eq!(provider.get_code_at(BOB).await.unwrap(), designator(contract));
    assert_eq!(
        provider.get_storage_at(BOB, U256::ZERO).await.unwrap(),
        U256::from(42),
        "ran as Bob"
    );
    assert_eq!(provider.get_storage_at(contract, U256::ZERO).await.unwrap(), U256::ZERO);
    assert_eq!(
        provider.get_transaction_count(BOB).await.unwrap(),
        1,
        "the authorisation used Bob's nonce"
    );
    // A delegated account still sends transactions of its own (the exemption from EIP-3607).
    let own = json!([{ "from": BOB, "to": STRANGER, "value": "0x1" }]);
    let hash = result(&devnode, "eth_sendTransaction", own);
    assert_eq!(
        result(&devnode, "eth_getTransactionReceipt", json!([hash]))["status"],
        "0x1"
    );
}

#[tokio::test]
async fn a_sponsor_of_itself_authorises_with_the_nonce_after_its_own() {
    let devnode = devnode();
    let provider = in_process(&devnode);
    let contract = deploy(&provider, &STORES).await;
    let nonce = provider.get_transaction_count(ALICE).await.unwrap();
    let tx = TransactionRequest::default()
        .to(ALICE)
        .with_authorization_list(vec![authorise(ALICE_KEY, 0, contract, nonce + 1)]);
    assert!(
        provider
            .send_transaction(tx)
            .await
            .unwrap()
            .get_receipt()
            .await
            .unwrap()
            .status()
    );
    assert_eq!(provider.get_code_at(ALICE).await.unwrap(), designator(contract));
    assert_eq!(
        provider.get_storage_at(ALICE, U256::ZERO).await.unwrap(),
        U256::from(42)
    );
    assert_eq!(provider.get_transaction_count(ALICE).await.unwrap(), nonce + 2);
}

#[tokio::test]
async fn an_authorisation_for_another_chain_or_nonce_changes_nothing() {
    let devnode = devnode();
    let provider = in_process(&devnode);
    let contract = deploy(&provider, &STORES).await;
    let list = vec![
        authorise(BOB_KEY, 1, contract, 0),
        authorise(BOB_KEY, 412_346, contract, 9),
    ];
    let tx = TransactionRequest::default().to(STRANGER).with_authorization_list(list);
    let receipt = provider
        .send_transaction(tx)
        .await
        .unwrap()
        .get_receipt()
        .await
        .unwrap();
    assert!(receipt.status());
    assert!(provider.get_code_at(BOB).await.unwrap().is_empty());
    // 21,000 and 25,000 for each authorisation, whether it holds or not.
    assert_eq!(receipt.gas_used, 71_000);
}

#[tokio::test]
async fn a_call_runs_delegated_code_that_is_only_overridden() {
    let devnode = devnode();
    let provider = in_process(&devnode);
    // Returns its own address: shows whose context the code runs in.
    let contract = deploy(&provider, &returns(0x30)).await;
    let overrides = json!({ format!("{STRANGER}"): { "code": format!("0x{}", hex::encode(designator(contract))) } });
    let answer = result(&devnode, "eth_call", json!([{ "to": STRANGER }, "latest", overrides]));
    assert_eq!(answer, json!(STRANGER.into_word()));
    assert_eq!(
        result(&devnode, "eth_call", json!([{ "to": STRANGER }, "latest"])),
        "0x"
    );
}

#[tokio::test]
async fn a_call_and_an_estimate_honour_an_authorisation_list() {
    let devnode = devnode();
    let provider = in_process(&devnode);
    let contract = deploy(&provider, &bytes!("305f5260205ff3")).await;
    let list = vec![authorise(BOB_KEY, 412_346, contract, 0)];
    let tx = TransactionRequest::default()
        .with_from(ALICE)
        .to(BOB)
        .with_authorization_list(list);
    let answer = result(&devnode, "eth_call", json!([tx, "latest"]));
    assert_eq!(answer, json!(BOB.into_word()));
    let gas = result(&devnode, "eth_estimateGas", json!([tx]));
    let gas = u64::from_str_radix(gas.as_str().unwrap().trim_start_matches("0x"), 16).unwrap();
    assert!(gas >= 46_000, "21,000 and 25,000 for the authorisation: {gas}");
    assert!(
        provider.get_code_at(BOB).await.unwrap().is_empty(),
        "neither changed anything"
    );
}
