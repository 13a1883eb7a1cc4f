//! A Stylus program's life over JSON-RPC: tried, deployed, activated, called, delegated to, and gone after a revert.

use std::io::Write as _;

use alloy::{
    eips::eip7702::Authorization,
    network::{TransactionBuilder, TransactionBuilder7702},
    primitives::{Address, B256, Bytes, U256, address, keccak256},
    providers::{DynProvider, Provider},
    rpc::types::TransactionRequest,
    signers::SignerSync,
    sol,
    sol_types::{SolCall, SolEvent},
};
use hedgerow_devnode::Devnode;
use serde_json::{Value, json};

use crate::support::*;

const ARB_WASM: Address = address!("0000000000000000000000000000000000000071");

sol! {
    function activateProgram(address program) external payable returns (uint16 version, uint256 dataFee);
    function codehashVersion(bytes32 codehash) external view returns (uint16 version);
    event ProgramActivated(
        bytes32 indexed codehash, bytes32 moduleHash, address program, uint256 dataFee, uint16 version
    );
}

/// Stores the first word of the calldata in slot 0 and returns the address it acts as.
const PROGRAM: &str = r#"(module
  (import "vm_hooks" "read_args" (func $read_args (param i32)))
  (import "vm_hooks" "write_result" (func $write_result (param i32 i32)))
  (import "vm_hooks" "storage_cache_bytes32" (func $cache (param i32 i32)))
  (import "vm_hooks" "storage_flush_cache" (func $flush (param i32)))
  (import "vm_hooks" "contract_address" (func $address (param i32)))
  (memory (export "memory") 1 1)
  (func (export "user_entrypoint") (param $len i32) (result i32)
    (call $read_args (i32.const 0))
    (call $cache (i32.const 64) (i32.const 0))
    (call $flush (i32.const 0))
    (call $address (i32.const 108))
    (call $write_result (i32.const 96) (i32.const 32))
    i32.const 0))"#;

/// The program as an account holds it.
fn code() -> Vec<u8> {
    let mut code = vec![0xef, 0xf0, 0x00, 0x00];
    let mut brotli = brotli::CompressorWriter::new(&mut code, 4096, 11, 22);
    brotli.write_all(&wat::parse_str(PROGRAM).unwrap()).unwrap();
    drop(brotli);
    code
}

fn activation(program: Address) -> TransactionRequest {
    let input = Bytes::from(activateProgramCall { program }.abi_encode());
    TransactionRequest::default()
        .with_from(ALICE)
        .to(ARB_WASM)
        .input(input.into())
        .value(U256::from(10u128.pow(18)))
}

fn version_call() -> Value {
    json!([{ "to": ARB_WASM, "data": Bytes::from(codehashVersionCall { codehash: keccak256(code()) }.abi_encode()) }, "latest"])
}

fn stores(value: u64) -> Bytes {
    B256::from(U256::from(value)).to_vec().into()
}

async fn deploy_and_activate(devnode: &Devnode, provider: &DynProvider) -> Address {
    let program = deploy(provider, &code()).await;
    let receipt = provider
        .send_transaction(activation(program))
        .await
        .unwrap()
        .get_receipt()
        .await
        .unwrap();
    assert!(receipt.status());
    assert_eq!(
        result(devnode, "eth_call", version_call()),
        json!(B256::with_last_byte(3))
    );
    program
}

#[tokio::test]
async fn a_program_is_checked_as_cargo_stylus_does_before_it_exists() {
    let devnode = devnode();
    let answer = ask(&devnode, "eth_call", version_call());
    // ProgramNotActivated()
    assert_eq!(answer["error"]["data"], "0x6f809c4e", "{answer}");
    let nobody = Address::repeat_byte(0x77);
    let overrides = json!({
        format!("{nobody}"): { "balance": U256::MAX },
        format!("{STRANGER}"): { "code": Bytes::from(code()) },
    });
    let request = activation(STRANGER).with_from(nobody);
    let answer = result(&devnode, "eth_call", json!([request, "latest", overrides]));
    let returned =
        activateProgramCall::abi_decode_returns(&answer.as_str().unwrap().parse::<Bytes>().unwrap()).unwrap();
    assert_eq!(returned.version, 3);
    assert!(returned.dataFee > U256::ZERO);
    assert_eq!(
        ask(&devnode, "eth_call", version_call())["error"]["data"],
        "0x6f809c4e",
        "nothing was kept"
    );
}

#[tokio::test]
async fn activation_takes_its_data_fee_and_returns_the_rest() {
    let devnode = devnode();
    let provider = in_process(&devnode);
    let program = deploy(&provider, &code()).await;
    assert_eq!(provider.get_code_at(program).await.unwrap(), code());
    let before = provider.get_balance(ALICE).await.unwrap();
    let receipt = provider
        .send_transaction(activation(program))
        .await
        .unwrap()
        .get_receipt()
        .await
        .unwrap();
    let log = receipt.inner.logs()[0].clone();
    assert_eq!(log.address(), ARB_WASM);
    let event = ProgramActivated::decode_log(&log.inner).unwrap();
    assert_eq!(
        (event.codehash, event.program, event.version),
        (keccak256(code()), program, 3)
    );
    let gas = U256::from(u128::from(receipt.gas_used) * receipt.effective_gas_price);
    assert_eq!(before - provider.get_balance(ALICE).await.unwrap(), gas + event.dataFee);
}

#[tokio::test]
async fn a_program_keeps_its_storage_from_block_to_block() {
    let devnode = devnode();
    let provider = in_process(&devnode);
    let program = deploy_and_activate(&devnode, &provider).await;
    for value in [5u64, 7] {
        let tx = TransactionRequest::default().to(program).input(stores(value).into());
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
        assert_eq!(
            provider.get_storage_at(program, U256::ZERO).await.unwrap(),
            U256::from(value)
        );
    }
    let read = provider.get_storage_at(program, U256::ZERO).number(3).await.unwrap();
    assert_eq!(read, U256::from(5), "the block before still has the old value");
    let call = TransactionRequest::default().to(program).input(stores(9).into());
    assert_eq!(provider.call(call).await.unwrap(), program.into_word().to_vec());
    assert_eq!(
        provider.get_storage_at(program, U256::ZERO).await.unwrap(),
        U256::from(7),
        "a call changes nothing"
    );
}

#[tokio::test]
async fn a_programs_gas_is_estimated_to_the_unit() {
    let devnode = devnode();
    let provider = in_process(&devnode);
    let program = deploy_and_activate(&devnode, &provider).await;
    let request = TransactionRequest::default()
        .with_from(ALICE)
        .to(program)
        .input(stores(5).into());
    let gas = provider.estimate_gas(request.clone()).await.unwrap();
    let try_with = |limit: u64| {
        let snapshot = result(&devnode, "evm_snapshot", json!([]));
        let receipt = result(
            &devnode,
            "eth_sendTransactionSync",
            json!([request.clone().with_gas_limit(limit)]),
        );
        assert_eq!(result(&devnode, "evm_revert", json!([snapshot])), true);
        receipt["status"].clone()
    };
    assert_eq!(try_with(gas), "0x1");
    assert_eq!(try_with(gas - 1), "0x0");
}

#[tokio::test]
async fn an_account_that_delegates_to_a_program_runs_it_as_itself() {
    let devnode = devnode();
    let provider = in_process(&devnode);
    let program = deploy_and_activate(&devnode, &provider).await;
    let authorization = Authorization {
        chain_id: U256::from(412_346),
        address: program,
        nonce: 0,
    };
    let signature = key(BOB_KEY).sign_hash_sync(&authorization.signature_hash()).unwrap();
    let tx = TransactionRequest::default()
        .to(BOB)
        .input(stores(11).into())
        .with_authorization_list(vec![authorization.into_signed(signature)]);
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
    assert_eq!(provider.get_storage_at(BOB, U256::ZERO).await.unwrap(), U256::from(11));
    assert_eq!(provider.get_storage_at(program, U256::ZERO).await.unwrap(), U256::ZERO);
    let call = TransactionRequest::default().to(BOB).input(stores(1).into());
    assert_eq!(provider.call(call).await.unwrap(), BOB.into_word().to_vec());
}

#[tokio::test]
async fn going_back_before_an_activation_undoes_it() {
    let devnode = devnode();
    let provider = in_process(&devnode);
    let program = deploy(&provider, &code()).await;
    let snapshot = result(&devnode, "evm_snapshot", json!([]));
    let sent = result(&devnode, "eth_sendTransactionSync", json!([activation(program)]));
    assert_eq!(sent["status"], "0x1");
    result(
        &devnode,
        "eth_call",
        json!([{ "to": program, "data": stores(1) }, "latest"]),
    );
    result(&devnode, "evm_revert", json!([snapshot]));
    assert_eq!(ask(&devnode, "eth_call", version_call())["error"]["data"], "0x6f809c4e");
    assert_eq!(
        error(
            &devnode,
            "eth_call",
            json!([{ "to": program, "data": stores(1) }, "latest"])
        )
        .0,
        -32000
    );
}
