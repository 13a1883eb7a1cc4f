//! Programs that call no host function meter themselves to the unit on any engine.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use common::Vector;
use hedgerow_devnode::wasm::emit::{INK_LEFT, INK_STATUS, STACK_LEFT};
use hedgerow_devnode::wasm::{ActivationConfig, activate};
use wasmtime::{Engine, Instance, Module, Store, Val};

/// The stack that a program may use since ArbOS 50, in words.
const MAX_STACK: i32 = 22_000;

#[derive(Debug, PartialEq, Eq)]
struct Outcome {
    status: String,
    ink_left: u64,
    stack_left: u64,
}

fn expected(vector: &Vector) -> Outcome {
    let number = |key: &str| vector.expect[key].as_u64().unwrap();
    let status = vector.expect["status"].as_str().unwrap().to_owned();
    Outcome {
        status,
        ink_left: number("inkLeft"),
        stack_left: number("stackLeft"),
    }
}

fn run(wasm: &[u8], ink: u64, calldata_length: i32) -> Outcome {
    let engine = Engine::default();
    let module = Module::new(&engine, wasm).unwrap();
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    let [ink_left, ink_status, stack_left] =
        [INK_LEFT, INK_STATUS, STACK_LEFT].map(|name| instance.get_global(&mut store, name).unwrap());
    ink_left.set(&mut store, Val::I64(ink.cast_signed())).unwrap();
    stack_left.set(&mut store, Val::I32(MAX_STACK)).unwrap();

    let entrypoint = instance
        .get_typed_func::<i32, i32>(&mut store, "user_entrypoint")
        .unwrap();
    let result = entrypoint.call(&mut store, calldata_length);

    let mut number = |global: wasmtime::Global| match global.get(&mut store) {
        Val::I64(value) => value.cast_unsigned(),
        Val::I32(value) => u64::from(value.cast_unsigned()),
        value => panic!("not an integer: {value:?}"),
    };
    let [ink_left, exhausted, stack_left] = [ink_left, ink_status, stack_left].map(&mut number);
    let status = match result {
        Ok(0) => "success",
        Ok(_) => "revert",
        Err(_) if stack_left == 0 => "out of stack",
        Err(_) if exhausted == 1 => "out of ink",
        Err(_) => "failure",
    };
    // The host forfeits what an exhausted program has left.
    let ink_left = if status.starts_with("out of") { 0 } else { ink_left };
    Outcome {
        status: status.into(),
        ink_left,
        stack_left,
    }
}

#[test]
fn metering_without_host_functions_matches_the_vectors() {
    let folder = common::folder();
    let mut runs = 0;
    for vector in common::load(&folder) {
        let wasm = vector.wasm(&folder);
        let alone = !wasm.windows(8).any(|window| window == b"vm_hooks");
        // Before ArbOS 50 the stack was deeper than this test's engine allows.
        let runs_here = vector.number("arbos_version").unwrap() >= 50;
        let started = vector.expect.contains_key("inkStart") && vector.expect["status"] != "out of gas before start";
        if !alone || !runs_here || !started {
            continue;
        }
        let config = ActivationConfig {
            stylus_version: vector.number("stylus_version").unwrap() as u16,
            arbos_version: vector.number("arbos_version").unwrap(),
            debug: vector.flag("debug"),
            ..ActivationConfig::default()
        };
        let activation = activate(&wasm, &config).unwrap();
        let ink = vector.expect["inkStart"].as_u64().unwrap();
        let length = i32::try_from(vector.calldata().len()).unwrap();
        assert_eq!(
            run(&activation.instrumented, ink, length),
            expected(&vector),
            "{}",
            vector.name
        );
        runs += 1;
    }
    // Another set may have no such program.
    assert!(
        runs >= 15 || common::least_runs(15) == 1,
        "the base set has more; found {runs}"
    );
}
