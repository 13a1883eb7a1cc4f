//! What a transaction costs and pays on Arbitrum, against rules stated in the ArbOS documentation.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use alloy::primitives::{Address, Bytes, TxKind, U256, address};
use hedgerow_devnode::chain::config::{ArbConfig, CallOptions};
use hedgerow_devnode::chain::evm::transact;
use revm::context::result::{EVMError, InvalidTransaction};
use revm::context::{BlockEnv, TxEnv};
use revm::database::InMemoryDB;
use revm::state::AccountInfo;

const ALICE: Address = address!("00000000000000000000000000000000000a11ce");
const BOB: Address = address!("0000000000000000000000000000000000000b0b");
const ETHER: u128 = 1_000_000_000_000_000_000;

fn funded() -> InMemoryDB {
    let mut db = InMemoryDB::default();
    db.insert_account_info(
        ALICE,
        AccountInfo {
            balance: U256::from(ETHER),
            ..Default::default()
        },
    );
    db
}

fn block() -> BlockEnv {
    BlockEnv {
        basefee: 100_000_000,
        gas_limit: 1 << 50,
        number: U256::from(7),
        ..Default::default()
    }
}

fn transfer() -> TxEnv {
    TxEnv {
        caller: ALICE,
        kind: TxKind::Call(BOB),
        value: U256::from(5),
        gas_limit: 100_000,
        gas_price: 3_000_000_000,
        gas_priority_fee: Some(1_000_000_000),
        tx_type: 2,
        chain_id: Some(412_346),
        ..Default::default()
    }
}

#[test]
fn a_tip_is_dropped_and_the_base_fee_goes_to_the_network() {
    let config = ArbConfig::new(412_346, 61);
    let done = transact(funded(), &config, block(), transfer(), &CallOptions::default()).unwrap();
    assert_eq!(done.result.tx_gas_used(), 21_000);
    let fee = U256::from(21_000u128 * 100_000_000);
    assert_eq!(done.state[&ALICE].info.balance, U256::from(ETHER) - fee - U256::from(5));
    assert_eq!(done.state[&config.network_fee_account].info.balance, fee);
    assert_eq!(done.state[&BOB].info.balance, U256::from(5));
}

#[test]
fn a_legacy_transaction_pays_the_base_fee_too() {
    let tx = TxEnv {
        tx_type: 0,
        gas_priority_fee: None,
        chain_id: None,
        ..transfer()
    };
    let config = ArbConfig::new(412_346, 61);
    let done = transact(funded(), &config, block(), tx, &CallOptions::default()).unwrap();
    let paid = U256::from(ETHER) - U256::from(5) - done.state[&ALICE].info.balance;
    assert_eq!(paid, U256::from(21_000u128 * 100_000_000));
}

#[test]
fn calldata_has_no_floor_price() {
    // 10,000 non-zero bytes: 16 gas each; Ethereum's floor would ask 40.
    let tx = TxEnv {
        data: Bytes::from(vec![1u8; 10_000]),
        gas_limit: 1_000_000,
        ..transfer()
    };
    let config = ArbConfig::new(412_346, 61);
    let done = transact(funded(), &config, block(), tx, &CallOptions::default()).unwrap();
    assert_eq!(done.result.tx_gas_used(), 21_000 + 160_000);
}

#[test]
fn gas_beyond_the_compute_limit_is_returned_unused() {
    // The program of BOB loops for ever: JUMPDEST PUSH0 JUMP.
    let mut db = funded();
    let code = revm::bytecode::Bytecode::new_legacy(Bytes::from_static(&[0x5b, 0x5f, 0x56]));
    db.insert_account_info(BOB, AccountInfo::from_bytecode(code));
    let tx = TxEnv {
        gas_limit: 50_000_000,
        ..transfer()
    };
    let done = transact(db, &ArbConfig::new(412_346, 61), block(), tx, &CallOptions::default()).unwrap();
    assert!(!done.result.is_success());
    assert_eq!(done.result.tx_gas_used(), 32_000_000);
}

#[test]
fn blob_transactions_are_refused() {
    let tx = TxEnv {
        tx_type: 3,
        ..transfer()
    };
    let error = transact(funded(), &ArbConfig::new(1, 61), block(), tx, &CallOptions::default()).unwrap_err();
    assert!(matches!(
        error,
        EVMError::Transaction(InvalidTransaction::Eip4844NotSupported)
    ));
}
