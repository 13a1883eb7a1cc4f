//! Programs that call the host with anything: the host answers or the frame fails, and the process lives on.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod world;

use alloy::primitives::{Address, U256, address};
use hedgerow_devnode::chain::measure::{FrameCall, run_frame};
use hedgerow_devnode::wasm::trace::Status;
use proptest::prelude::*;
use world::{ALICE, World, program};

const PROGRAM: Address = address!("00000000000000000000000000000000000000a1");

/// Host functions and the types of their parameters and result: `i` is i32, `l` is i64.
const HOST: [(&str, &str, &str); 42] = [
    ("read_args", "i", ""),
    ("write_result", "ii", ""),
    ("exit_early", "i", ""),
    ("storage_load_bytes32", "ii", ""),
    ("storage_cache_bytes32", "ii", ""),
    ("storage_flush_cache", "i", ""),
    ("transient_load_bytes32", "ii", ""),
    ("transient_store_bytes32", "ii", ""),
    ("call_contract", "iiiili", "i"),
    ("delegate_call_contract", "iiili", "i"),
    ("static_call_contract", "iiili", "i"),
    ("create1", "iiiii", ""),
    ("create2", "iiiiii", ""),
    ("read_return_data", "iii", "i"),
    ("return_data_size", "", "i"),
    ("emit_log", "iii", ""),
    ("account_balance", "ii", ""),
    ("account_code", "iiii", "i"),
    ("account_code_size", "i", "i"),
    ("account_codehash", "ii", ""),
    ("block_basefee", "i", ""),
    ("block_coinbase", "i", ""),
    ("block_gas_limit", "", "l"),
    ("block_number", "", "l"),
    ("block_timestamp", "", "l"),
    ("chainid", "", "l"),
    ("contract_address", "i", ""),
    ("evm_gas_left", "", "l"),
    ("evm_ink_left", "", "l"),
    ("math_div", "ii", ""),
    ("math_mod", "ii", ""),
    ("math_pow", "ii", ""),
    ("math_add_mod", "iii", ""),
    ("math_mul_mod", "iii", ""),
    ("msg_reentrant", "", "i"),
    ("msg_sender", "i", ""),
    ("msg_value", "i", ""),
    ("native_keccak256", "iii", ""),
    ("tx_gas_price", "i", ""),
    ("tx_ink_price", "", "i"),
    ("tx_origin", "i", ""),
    ("pay_for_memory_grow", "i", ""),
];

fn types(letters: &str) -> String {
    letters
        .chars()
        .map(|letter| if letter == 'l' { " i64" } else { " i32" })
        .collect()
}

/// A program that makes these calls, each with these arguments.
fn wasm(calls: &[(usize, Vec<u32>)]) -> Vec<u8> {
    let imports: String = HOST
        .iter()
        .map(|(name, takes, gives)| {
            format!(
                r#"(import "vm_hooks" "{name}" (func ${name} (param{}) (result{})))"#,
                types(takes),
                types(gives)
            )
        })
        .collect();
    let body: String = calls
        .iter()
        .map(|(which, arguments)| {
            let (name, takes, gives) = HOST[which % HOST.len()];
            let arguments: String = takes
                .chars()
                .zip(arguments.iter().cycle())
                .map(|(letter, value)| format!(" ({}.const {})", types(&letter.to_string()).trim(), *value as i32))
                .collect();
            let call = format!("(call ${name}{arguments})");
            if gives.is_empty() {
                call
            } else {
                format!("(drop {call})")
            }
        })
        .collect();
    let text = format!(
        r#"(module {imports} (memory (export "memory") 1)
            (data (i32.const 0) "\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\a2\60\01\60\00\fd")
            (func (export "user_entrypoint") (param i32) (result i32) {body} i32.const 0))"#
    );
    wat::parse_str(text).unwrap()
}

/// Pointers and lengths: small, at the edge of the memory, and beyond every edge.
fn argument() -> impl Strategy<Value = u32> {
    prop_oneof![4 => 0u32..128, 2 => 65_500u32..65_540, 1 => any::<u32>(), 1 => Just(u32::MAX), 1 => Just(1 << 31)]
}

fn calls() -> impl Strategy<Value = Vec<(usize, Vec<u32>)>> {
    prop::collection::vec((0..HOST.len(), prop::collection::vec(argument(), 1..7)), 1..24)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..Default::default() })]

    #[test]
    fn any_sequence_of_host_calls_ends_in_order(
        calls in calls(),
        gas in prop_oneof![Just(200_000u64), Just(5_000_000), 10_000u64..60_000],
        is_static in any::<bool>(),
        version in prop_oneof![Just(30u64), Just(40), Just(51), Just(61)],
    ) {
        let mut world = World::new(version);
        world.place_program(PROGRAM, &wasm(&calls));
        world.place_program(address!("00000000000000000000000000000000000000a2"), &program("callee.wat"));
        let call = FrameCall {
            caller: ALICE,
            to: PROGRAM,
            value: U256::ZERO,
            input: vec![7; 100].into(),
            gas,
            is_static,
            open_frames: 0,
            exact_ink: None,
        };
        let (block, options) = (world.block(), world.options());
        let done = run_frame(&mut world.db, &world.config, block, world::base(), call, &options).unwrap();
        prop_assert!(done.gas_left <= gas);
        let frame = world.frames().pop().unwrap();
        prop_assert!(frame.status != Status::NotCallable);
        if !done.result.is_ok() || is_static {
            let changed = done.state.values().flat_map(|account| account.storage.values()).any(|slot| slot.is_changed());
            prop_assert!(!changed && done.logs.is_empty(), "what failed or was static left a trace");
        }
    }
}
