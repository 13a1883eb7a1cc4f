//! User operations as the real EntryPoint v0.8 sees them.

use alloy::{
    dyn_abi::TypedData,
    primitives::{Address, B256, Bytes, U256, b256},
    rpc::types::state::StateOverridesBuilder,
};
use hedgerow::{
    artifacts::Artifacts,
    bindings::IEntryPoint::getUserOpHashCall,
    client::{Call, Client},
    delegation, keys,
    program::deploy_deterministic,
    user_operation::{ENTRY_POINT, Sponsor, UserOperation},
};
use hedgerow_devnode::{Config, Devnode};

async fn entry_point() -> Client {
    let devnode = Devnode::new(Config::default()).unwrap();
    let client = Client::in_process(&devnode).await.unwrap();
    deploy_entry_point(&client).await;
    client
}

/// EntryPoint v0.8 as published, at its canonical address.
pub async fn deploy_entry_point(client: &Client) {
    let code = Artifacts::locate()
        .published("@account-abstraction/contracts/artifacts/EntryPoint.json")
        .unwrap();
    let salt = b256!("0a59dbff790c23c976a548690c27297883cc66b4c67024f9117b0238995e35e9");
    let signer = keys::development(0).unwrap();
    let deployed = deploy_deterministic(client, &signer, "EntryPoint", &code, salt)
        .await
        .unwrap();
    assert_eq!(deployed.address, ENTRY_POINT);
}

fn operation(delegate: Option<Address>, sponsor: Option<Sponsor>) -> UserOperation {
    UserOperation {
        sender: keys::development(1).unwrap().address(),
        nonce: (U256::from(7) << 64) | U256::from(3),
        delegate,
        call_data: Bytes::from_static(b"any call data, of a length that is no multiple of 32"),
        call_gas_limit: 760_000,
        verification_gas_limit: 60_001,
        pre_verification_gas: 54_321,
        max_fee_per_gas: 2_000_000_000,
        max_priority_fee_per_gas: 1,
        sponsor,
        signature: Bytes::from_static(&[0xff; 65]),
    }
}

fn sponsor() -> Sponsor {
    Sponsor {
        paymaster: Address::repeat_byte(0x55),
        verification_gas_limit: 80_000,
        post_op_gas_limit: 9,
        data: Bytes::from_static(&[1; 77]),
    }
}

/// What the EntryPoint says, with the sender's code as the authorisation would leave it.
async fn onchain(client: &Client, operation: &UserOperation, code: Vec<u8>) -> B256 {
    let call = getUserOpHashCall {
        userOp: operation.packed(),
    };
    let overrides = StateOverridesBuilder::default()
        .with_code(operation.sender, code)
        .build();
    let request = Call {
        overrides: Some(overrides),
        ..Call::new(Address::ZERO, ENTRY_POINT, &call)
    };
    client.simulate(request, &call).await.unwrap()
}

#[tokio::test]
async fn the_hash_is_the_entry_points_own() {
    let client = entry_point().await;
    for sponsor in [None, Some(sponsor())] {
        let plain = operation(None, sponsor.clone());
        assert_eq!(
            onchain(&client, &plain, vec![]).await,
            plain.hash(client.chain_id(), ENTRY_POINT)
        );
        let shell = Address::repeat_byte(0xac);
        let delegated = operation(Some(shell), sponsor);
        let code = delegation::designator(shell);
        assert_eq!(
            onchain(&client, &delegated, code).await,
            delegated.hash(client.chain_id(), ENTRY_POINT)
        );
    }
}

#[test]
fn signing_the_typed_data_signs_the_hash() {
    for (delegate, sponsor) in [(None, None), (Some(Address::repeat_byte(0xac)), Some(sponsor()))] {
        let operation = operation(delegate, sponsor);
        // As a wallet reads it, by another's EIP-712.
        let typed: TypedData = serde_json::from_value(operation.typed_data(412_346, ENTRY_POINT)).unwrap();
        assert_eq!(
            typed.eip712_signing_hash().unwrap(),
            operation.hash(412_346, ENTRY_POINT)
        );
    }
}

#[test]
fn what_is_packed_is_unpacked_again() {
    let shell = Address::repeat_byte(0xac);
    for (delegate, sponsor) in [(None, None), (Some(shell), Some(sponsor()))] {
        let operation = operation(delegate, sponsor);
        assert_eq!(UserOperation::unpacked(&operation.packed(), Some(shell)), operation);
    }
}

#[tokio::test]
async fn the_hash_binds_the_delegate_and_the_chain() {
    let client = entry_point().await;
    let (ours, theirs) = (Address::repeat_byte(0xac), Address::repeat_byte(0xbd));
    let operation = operation(Some(ours), None);
    let hash = operation.hash(client.chain_id(), ENTRY_POINT);
    assert_ne!(onchain(&client, &operation, delegation::designator(theirs)).await, hash);
    assert_ne!(operation.hash(client.chain_id() + 1, ENTRY_POINT), hash);
}

#[test]
fn the_signature_recovers_to_the_account() {
    let signer = keys::development(1).unwrap();
    let mut operation = operation(Some(Address::repeat_byte(0xac)), Some(sponsor()));
    let hash = operation.sign(&signer, 412_346, ENTRY_POINT).unwrap();
    let signature = alloy::primitives::Signature::try_from(operation.signature.as_ref()).unwrap();
    assert_eq!(signature.recover_address_from_prehash(&hash).unwrap(), signer.address());
    assert!(
        matches!(operation.signature[64], 27 | 28),
        "Solidity's ecrecover takes 27 or 28"
    );
}

#[test]
fn bundlers_get_every_field_in_their_own_names() {
    let signer = keys::development(1).unwrap();
    let shell = Address::repeat_byte(0xac);
    let authorization = delegation::authorise(&signer, 412_346, shell, 0).unwrap();
    let value = operation(Some(shell), Some(sponsor())).to_rpc(Some(&authorization));
    assert_eq!(value["factory"], "0x7702");
    assert_eq!(value["callGasLimit"], "0xb98c0");
    assert_eq!(value["paymasterVerificationGasLimit"], "0x13880");
    assert_eq!(value["eip7702Auth"]["address"], serde_json::json!(shell));
    assert!(value["eip7702Auth"]["yParity"].is_string() && value["eip7702Auth"]["nonce"] == "0x0");
}
