//! Frames of both machines in one transaction: what a revert takes back, memory pages, reentrancy, refunds.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod world;

use alloy::primitives::{Address, U256, address};
use hedgerow_devnode::chain::measure::{FrameCall, run_frame};
use hedgerow_devnode::wasm::trace::{Status, TraceEvent};
use world::{ALICE, World, forwarder, program};

const PROGRAM: Address = address!("00000000000000000000000000000000000000a1");
const OTHER: Address = address!("00000000000000000000000000000000000000a2");
const EVM: Address = address!("00000000000000000000000000000000000000e1");
const WRITER: Address = address!("00000000000000000000000000000000000000e2");
const SLOT: u64 = 0x11;

/// EVM code that stores 7 in slot 1.
const STORES_7: [u8; 6] = [0x60, 7, 0x60, 1, 0x55, 0x00];

fn forward(kind: u8, to: Address, data: &[u8]) -> Vec<u8> {
    [&[kind][..], to.as_slice(), data].concat()
}

#[test]
fn a_trapping_program_takes_back_its_own_and_its_callees_writes() {
    let mut world = World::new(61);
    world.place_program(PROGRAM, &program("writes_then_traps.wat"));
    world.place(WRITER, &STORES_7);
    world.place(EVM, &forwarder(0xf1, PROGRAM, false));
    let result = world.send(ALICE, EVM, U256::ZERO, WRITER.to_vec());
    assert!(result.is_success(), "{result:?}");
    assert_eq!(world.frames()[0].status, Status::Failure);
    assert_eq!(world.slot(EVM, 0), U256::from(1), "the call answered failure");
    assert_eq!(world.slot(PROGRAM, SLOT), U256::ZERO);
    assert_eq!(world.slot(WRITER, 1), U256::ZERO);
}

#[test]
fn a_reverting_evm_frame_takes_back_what_programs_wrote_below_it() {
    let mut world = World::new(61);
    world.place_program(PROGRAM, &program("callee.wat"));
    world.place_program(OTHER, &program("forwards.wat"));
    // Calls PROGRAM, then reverts: the forwarder with REVERT in place of RETURN.
    let mut reverting = forwarder(0xf1, PROGRAM, false);
    *reverting.last_mut().unwrap() = 0xfd;
    world.place(EVM, &reverting);
    let result = world.send(ALICE, OTHER, U256::ZERO, forward(0, EVM, &[]));
    assert!(result.is_success(), "{result:?}");
    let output = result.output().unwrap();
    assert_eq!(
        (output[0], output.len()),
        (2, 1 + 76),
        "reverted, with the program's answer as its data"
    );
    assert_eq!(world.slot(PROGRAM, SLOT), U256::ZERO);
    assert_eq!(world.slot(EVM, 0), U256::ZERO);
}

#[test]
fn writes_of_both_machines_survive_success() {
    let mut world = World::new(61);
    world.place_program(OTHER, &program("forwards.wat"));
    world.place_program(PROGRAM, &program("callee.wat"));
    world.place(EVM, &forwarder(0xf1, PROGRAM, false));
    assert!(world.send(ALICE, OTHER, U256::ZERO, forward(0, EVM, &[])).is_success());
    assert_eq!(world.slot(PROGRAM, SLOT), U256::from(0x22));
    assert_eq!(world.slot(EVM, 0), U256::from(2));
}

#[test]
fn nested_programs_pay_for_the_pages_they_open_together() {
    let mut world = World::new(61);
    world.place_program(OTHER, &program("forwards.wat"));
    world.place_program(PROGRAM, &program("callee_5_pages.wat"));
    // The EVM contract calls OTHER, which calls PROGRAM: five pages each.
    world.place(EVM, &forwarder(0xf1, OTHER, true));
    assert!(
        world
            .send(ALICE, EVM, U256::ZERO, forward(0, PROGRAM, &[]))
            .is_success()
    );
    let frames = world.frames();
    let costs: Vec<_> = frames.iter().map(|frame| (frame.depth, frame.memory_cost)).collect();
    // Two pages are free; beyond, 1,000 each, and the exponential part: 1 at five pages, 3 at ten.
    assert_eq!(costs, [(2, 5_000 + 3 - 1), (1, 3_000)]);
    assert_eq!(frames[1].pages_ever, 10);
}

#[test]
fn a_transaction_cannot_open_more_pages_than_the_limit() {
    let mut world = World::new(61);
    world.config.stylus.page_limit = 9;
    world.place_program(OTHER, &program("forwards.wat"));
    world.place_program(PROGRAM, &program("callee_5_pages.wat"));
    let result = world.send(ALICE, OTHER, U256::ZERO, forward(0, PROGRAM, &[]));
    assert_eq!(result.output().unwrap().to_vec(), [2]);
    assert_eq!(world.frames()[0].status, Status::OutOfGasBeforeStart);
}

#[test]
fn a_program_called_back_through_the_evm_is_reentrant() {
    let mut world = World::new(61);
    world.place_program(OTHER, &program("forwards.wat"));
    world.place(EVM, &forwarder(0xf1, OTHER, true));
    world.place_program(PROGRAM, &program("callee.wat"));
    // OTHER calls EVM calls OTHER delegate-calls PROGRAM, which runs as OTHER and says that it is reentrant.
    let inner = forward(1, PROGRAM, &[]);
    let result = world.send(ALICE, OTHER, U256::ZERO, forward(0, EVM, &inner));
    let output = result.output().unwrap().to_vec();
    assert_eq!(output[..2], [0, 0]);
    assert_eq!(output[2..6], 1u32.to_le_bytes());
    assert_eq!(output[26..46], *OTHER.as_slice());
}

#[test]
fn a_program_cannot_be_destroyed_by_a_contract_it_delegates_to() {
    let mut world = World::new(61);
    let hash = world.place_program(OTHER, &program("forwards.wat"));
    // PUSH20 ALICE SELFDESTRUCT
    let destroys = [&[0x73][..], ALICE.as_slice(), &[0xff]].concat();
    world.place(EVM, &destroys);
    let result = world.send(ALICE, OTHER, U256::from(9), forward(1, EVM, &[]));
    assert_eq!(result.output().unwrap().to_vec(), [2], "the destruction reverted");
    assert_eq!(world.balance(OTHER), U256::from(9));
    // Called, the contract destroys itself as ever.
    let result = world.send(ALICE, OTHER, U256::ZERO, forward(0, EVM, &[]));
    assert_eq!(result.output().unwrap().to_vec(), [0]);
    let info = revm::Database::basic(&mut world.db, OTHER).unwrap().unwrap();
    assert_eq!(info.code_hash, hash);
}

#[test]
fn clearing_a_slot_from_a_program_is_refunded() {
    let mut world = World::new(61);
    world.place_program(PROGRAM, &program("callee.wat"));
    let used = |world: &mut World| {
        let result = world.send(ALICE, PROGRAM, U256::ZERO, vec![]);
        let gas = *result.gas();
        (result.tx_gas_used(), gas.inner_refunded())
    };
    // The first call pays 20,000 for a fresh slot, the second writes what is there already.
    let (first, none) = used(&mut world);
    world.next_block();
    let (second, _) = used(&mut world);
    assert_eq!((first - second, none), (20_000 - 100, 0));
    world
        .db
        .insert_account_storage(PROGRAM, U256::from(SLOT), U256::from(0x22))
        .unwrap();
    world.place_program(OTHER, &clears());
    world
        .db
        .insert_account_storage(OTHER, U256::from(SLOT), U256::from(1))
        .unwrap();
    let result = world.send(ALICE, OTHER, U256::ZERO, vec![]);
    assert_eq!(result.gas().inner_refunded(), 4_800);
    assert_eq!(world.slot(OTHER, SLOT), U256::ZERO);
}

/// Stores zero in slot 0x11.
fn clears() -> Vec<u8> {
    wat::parse_str(
        r#"(module
            (import "vm_hooks" "storage_cache_bytes32" (func $store (param i32 i32)))
            (import "vm_hooks" "storage_flush_cache" (func $flush (param i32)))
            (memory (export "memory") 1 1)
            (func (export "user_entrypoint") (param i32) (result i32)
                (i32.store8 (i32.const 31) (i32.const 0x11))
                (call $store (i32.const 0) (i32.const 64))
                (call $flush (i32.const 0))
                i32.const 0))"#,
    )
    .unwrap()
}

#[test]
fn recursion_between_programs_ends_at_the_depth_limit_without_a_crash() {
    let mut world = World::new(61);
    // Calls itself with all its gas until nothing is left.
    let recursive = wat::parse_str(
        r#"(module
            (import "vm_hooks" "contract_address" (func $self (param i32)))
            (import "vm_hooks" "call_contract" (func $call (param i32 i32 i32 i32 i64 i32) (result i32)))
            (memory (export "memory") 1 1)
            (func (export "user_entrypoint") (param i32) (result i32)
                (call $self (i32.const 0))
                (drop (call $call
                    (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 32) (i64.const -1) (i32.const 100)))
                i32.const 0))"#,
    )
    .unwrap();
    world.place_program(PROGRAM, &recursive);
    let result = world.send(ALICE, PROGRAM, U256::ZERO, vec![]);
    assert!(result.is_success(), "{result:?}");
    let deepest = world.frames().iter().map(|frame| frame.depth).max().unwrap();
    assert!(deepest > 100, "only {deepest} frames");
}

#[test]
fn the_deepest_stack_that_stylus_ever_allowed_fits_the_native_one() {
    // 262,144 words until ArbOS 50; the smallest function that calls itself takes the most native stack for each word,
    // one with many locals alive across the call the most in all.
    let smallest = r#"(func $f (call $f))"#.to_owned();
    let locals: String = (0..300)
        .map(|i| format!("(local.set {i} (i64.load (i32.const {})))", i * 8))
        .collect();
    let uses: String = (0..300)
        .map(|i| format!("(i64.store (i32.const {}) (local.get {i}))", i * 8))
        .collect();
    let widest = format!("(func $f (local {}) {locals} (call $f) {uses})", "i64 ".repeat(300));
    for function in [smallest, widest] {
        let mut world = World::new(40);
        let text = format!(
            r#"(module (memory (export "memory") 1 1) {function}
                (func (export "user_entrypoint") (param i32) (result i32) (call $f) i32.const 0))"#
        );
        world.place_program(PROGRAM, &wat::parse_str(text).unwrap());
        assert!(!world.send(ALICE, PROGRAM, U256::ZERO, vec![]).is_success());
        let frame = &world.frames()[0];
        assert_eq!((frame.status, frame.stack_left), (Status::OutOfStack, 0));
    }
}

#[test]
fn storage_may_take_the_last_gas_but_not_more() {
    // A fresh slot costs 22,100 gas. The program needs a little ink to return, so it starts with less than a gas more.
    let wasm = wat::parse_str(
        r#"(module
            (import "vm_hooks" "storage_cache_bytes32" (func $store (param i32 i32)))
            (import "vm_hooks" "storage_flush_cache" (func $flush (param i32)))
            (memory (export "memory") 1 1)
            (func (export "user_entrypoint") (param i32) (result i32)
                (i32.store8 (i32.const 31) (i32.const 0x11))
                (call $store (i32.const 0) (i32.const 0))
                (call $flush (i32.const 0))
                i32.const 0))"#,
    )
    .unwrap();
    let mut world = World::new(61);
    world.place_program(PROGRAM, &wasm);
    // The flush takes 68,073 ink before it looks at the gas left.
    let before_flush = flush_with(&mut world, u64::MAX / 2).1;
    let ink = |gas: u64| before_flush + 68_073 + gas * 10_000 + 9_999;
    assert_eq!(flush_with(&mut world, ink(22_099)).0, Status::OutOfInk);
    assert_eq!(flush_with(&mut world, ink(22_100)).0, Status::Success);
}

/// How the program ends when it starts with this ink, and what it used before its flush.
fn flush_with(world: &mut World, ink: u64) -> (Status, u64) {
    let call = FrameCall {
        caller: ALICE,
        to: PROGRAM,
        value: U256::ZERO,
        input: Default::default(),
        gas: 100_000_000,
        is_static: false,
        open_frames: 0,
        exact_ink: Some(ink),
    };
    let (block, options) = (world.block(), world.options());
    run_frame(&mut world.db, &world.config, block, world::base(), call, &options).unwrap();
    let events = world.trace.take();
    let used = events.iter().find_map(|event| match event {
        TraceEvent::Host(call) if call.name == "storage_flush_cache" => Some(ink - call.start_ink),
        _ => None,
    });
    let status = events.iter().find_map(|event| match event {
        TraceEvent::Frame(report) => Some(report.status),
        _ => None,
    });
    (status.unwrap(), used.unwrap_or_default())
}
