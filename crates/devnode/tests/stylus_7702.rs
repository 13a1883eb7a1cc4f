//! An account that delegates (EIP-7702) to a Stylus program runs it as itself, whoever calls.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod world;

use alloy::eips::eip7702::{Authorization, RecoveredAuthority, RecoveredAuthorization};
use alloy::primitives::{Address, TxKind, U256, address};
use revm::context::TxEnv;
use revm::context::either::Either;
use revm::context::result::ExecutionResult;
use world::{ALICE, World, base, forwarder, program};

const WALLET: Address = address!("00000000000000000000000000000000000077a1");
const CALLEE: Address = address!("00000000000000000000000000000000000000a1");
const CALLER: Address = address!("00000000000000000000000000000000000000c1");
/// Where `callee.wat` stores what.
const SLOT: u64 = 0x11;
const STORED: u64 = 0x22;

/// A chain where WALLET delegates to `target`.
fn delegated(target: Address) -> World {
    let mut world = World::new(61);
    world.place_program(CALLEE, &program("callee.wat"));
    world.place(WALLET, &[&[0xef, 0x01, 0x00][..], target.as_slice()].concat());
    world
}

/// What `callee.wat` answers: reentrant, sender, acting address, value.
fn answer(sender: Address, acting: Address, value: u64) -> Vec<u8> {
    [
        &[0u8; 4][..],
        sender.as_slice(),
        acting.as_slice(),
        &U256::from(value).to_be_bytes::<32>(),
    ]
    .concat()
}

fn output(result: &ExecutionResult) -> Vec<u8> {
    assert!(result.is_success(), "{result:?}");
    result.output().unwrap().to_vec()
}

#[test]
fn one_transaction_delegates_and_runs_the_program_as_the_account() {
    let mut world = World::new(61);
    world.place_program(CALLEE, &program("callee.wat"));
    world.fund(WALLET, U256::from(7));
    let authorization = Authorization {
        chain_id: U256::from(412_346),
        address: CALLEE,
        nonce: 0,
    };
    let authority = RecoveredAuthority::Valid(WALLET);
    let tx = TxEnv {
        caller: ALICE,
        kind: TxKind::Call(WALLET),
        value: U256::from(5),
        tx_type: 4,
        authorization_list: vec![Either::Right(RecoveredAuthorization::new_unchecked(
            authorization,
            authority,
        ))],
        ..base()
    };
    let result = world.run(tx);
    assert_eq!(output(&result), answer(ALICE, WALLET, 5));
    assert_eq!(world.slot(WALLET, SLOT), U256::from(STORED));
    assert_eq!(world.slot(CALLEE, SLOT), U256::ZERO);
    assert_eq!(world.balance(WALLET), U256::from(12));
}

#[test]
fn an_evm_call_runs_it_as_the_account() {
    let mut world = delegated(CALLEE);
    world.place(CALLER, &forwarder(0xf1, WALLET, false));
    let result = world.send(ALICE, CALLER, U256::ZERO, vec![]);
    assert_eq!(output(&result), answer(CALLER, WALLET, 0));
    assert_eq!(world.slot(WALLET, SLOT), U256::from(STORED));
    assert_eq!(world.slot(CALLER, 0), U256::from(2), "CALL answered success");
}

#[test]
fn an_evm_static_call_cannot_store() {
    let mut world = delegated(CALLEE);
    world.place(CALLER, &forwarder(0xfa, WALLET, false));
    let result = world.send(ALICE, CALLER, U256::ZERO, vec![]);
    assert_eq!(output(&result), vec![0u8; 0]);
    assert_eq!(world.slot(CALLER, 0), U256::from(1), "STATICCALL answered failure");
    assert_eq!(world.slot(WALLET, SLOT), U256::ZERO);
}

#[test]
fn an_evm_delegate_call_runs_it_as_the_caller() {
    let mut world = delegated(CALLEE);
    world.place(CALLER, &forwarder(0xf4, WALLET, true));
    let result = world.send(ALICE, CALLER, U256::from(3), vec![]);
    assert_eq!(output(&result), answer(ALICE, CALLER, 3));
    assert_eq!(world.slot(CALLER, SLOT), U256::from(STORED));
    assert_eq!(world.slot(WALLET, SLOT), U256::ZERO);
}

#[test]
fn a_stylus_program_calls_it_as_the_account() {
    let mut world = delegated(CALLEE);
    world.place_program(CALLER, &program("forwards.wat"));
    for (kind, sender, acting) in [(0u8, CALLER, WALLET), (1, ALICE, CALLER)] {
        let result = world.send(
            ALICE,
            CALLER,
            U256::ZERO,
            [&[kind][..], WALLET.as_slice(), &[9]].concat(),
        );
        assert_eq!(output(&result), [&[0][..], &answer(sender, acting, 0)].concat());
        assert_eq!(world.slot(acting, SLOT), U256::from(STORED));
    }
    let result = world.send(ALICE, CALLER, U256::ZERO, [&[2][..], WALLET.as_slice(), &[9]].concat());
    assert_eq!(output(&result), vec![2], "a static call that stores fails");
}

#[test]
fn the_accounts_code_stays_the_designator() {
    let mut world = delegated(CALLEE);
    world.send(ALICE, WALLET, U256::ZERO, vec![]);
    let info = revm::Database::basic(&mut world.db, WALLET).unwrap().unwrap();
    let code = revm::Database::code_by_hash(&mut world.db, info.code_hash).unwrap();
    assert_eq!(code.original_byte_slice().len(), 23);
}

#[test]
fn activating_the_account_is_not_activating_the_program() {
    let mut world = delegated(CALLEE);
    let data = [&alloy::primitives::hex!("58c780c2")[..], WALLET.into_word().as_slice()].concat();
    let result = world.send(ALICE, world::ARB_WASM, world::ether(1), data);
    assert_eq!(
        result.output().unwrap().to_vec(),
        alloy::primitives::hex!("27f38212"),
        "ProgramNotWasm"
    );
}

#[test]
fn an_account_whose_program_is_not_activated_loses_the_gas_of_its_callers() {
    let mut world = delegated(address!("00000000000000000000000000000000000000a2"));
    let code = world::classic(&wat::parse_str("(module)").unwrap());
    world.place(address!("00000000000000000000000000000000000000a2"), &code);
    let result = world.send(ALICE, WALLET, U256::ZERO, vec![]);
    assert!(matches!(result, ExecutionResult::Halt { .. }));
    assert_eq!(result.tx_gas_used(), 20_000_000);
}

#[test]
fn a_delegation_to_a_precompile_runs_nothing() {
    for precompile in [Address::with_last_byte(2), world::ARB_WASM] {
        let mut world = delegated(precompile);
        // Account code reads 0xfe where ArbOS has a precompile.
        world.place(world::ARB_WASM, &[0xfe]);
        let result = world.send(ALICE, WALLET, U256::from(1), vec![1, 2, 3, 4]);
        assert_eq!(output(&result), vec![0u8; 0]);
        world.place(CALLER, &forwarder(0xf1, WALLET, false));
        assert!(output(&world.send(ALICE, CALLER, U256::ZERO, vec![])).is_empty());
        assert_eq!(world.slot(CALLER, 0), U256::from(2), "CALL answered success");
    }
}

#[test]
fn a_transfer_with_a_stipend_does_not_reach_an_account_that_delegates_to_a_program() {
    let mut world = delegated(CALLEE);
    // PUSH0 ×4, PUSH1 1 (wei), PUSH20 WALLET, PUSH0 (gas), CALL, PUSH0 MSTORE, PUSH1 32 PUSH0 RETURN: what `transfer` does.
    let mut code = vec![0x5f, 0x5f, 0x5f, 0x5f, 0x60, 1, 0x73];
    code.extend_from_slice(WALLET.as_slice());
    code.extend_from_slice(&[0x5f, 0xf1, 0x5f, 0x52, 0x60, 32, 0x5f, 0xf3]);
    world.place(CALLER, &code);
    let result = world.send(ALICE, CALLER, U256::from(1), vec![]);
    assert_eq!(U256::from_be_slice(&output(&result)), U256::ZERO);
}
