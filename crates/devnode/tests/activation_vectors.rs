//! Activation agrees with Nitro's virtual machine on every vector.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use common::Vector;
use hedgerow_devnode::wasm::{Activation, ActivationConfig, activate};
use serde_json::Value;

/// The pages that a program may start with unless the vector says otherwise.
const PAGE_LIMIT: u64 = 128;
/// The most fragments of a program since ArbOS 60, and the first version that knows fragments.
const MAX_FRAGMENTS: u64 = 4;
const ARBOS_FRAGMENTS: u64 = 60;

fn config(vector: &Vector) -> ActivationConfig {
    ActivationConfig {
        stylus_version: vector.number("stylus_version").unwrap().try_into().unwrap(),
        arbos_version: vector.number("arbos_version").unwrap(),
        page_limit: vector.number("page_limit").unwrap_or(PAGE_LIMIT).try_into().unwrap(),
        debug: vector.flag("debug"),
    }
}

/// Whether the chain refuses the code before it looks at the module.
fn refused_by_the_chain(vector: &Vector) -> bool {
    let arbos = vector.number("arbos_version").unwrap();
    vector
        .number("fragments")
        .is_some_and(|count| count > MAX_FRAGMENTS || arbos < ARBOS_FRAGMENTS)
}

fn disagreements(vector: &Vector, wasm: &[u8]) -> Vec<String> {
    let expected = &vector.expect["activation"];
    let accepted = expected["ok"].as_bool().unwrap();
    let mut found = Vec::new();
    match activate(wasm, &config(vector)) {
        Ok(activation) if accepted || refused_by_the_chain(vector) => {
            if accepted {
                figures(expected, &activation, &mut found);
            }
            if let Err(error) = wasmparser::Validator::new().validate_all(&activation.instrumented) {
                found.push(format!("the instrumented module is invalid: {error}"));
            }
        }
        Ok(_) => found.push(format!("accepted, not refused for {}", expected["error"])),
        Err(error) if accepted => found.push(format!("refused: {error}")),
        Err(_) => {}
    }
    found
}

fn figures(expected: &Value, activation: &Activation, found: &mut Vec<String>) {
    let figures = [
        ("footprint", u64::from(activation.footprint)),
        ("initCost", u64::from(activation.init_cost)),
        ("cachedInitCost", u64::from(activation.cached_init_cost)),
        ("asmEstimate", u64::from(activation.asm_estimate)),
        ("activationGas", activation.activation_gas),
    ];
    for (name, have) in figures {
        if let Some(want) = expected[name].as_u64().filter(|want| *want != have) {
            found.push(format!("{name} {have}, not {want}"));
        }
    }
}

#[test]
fn activation_matches_the_vectors() {
    let folder = common::folder();
    let mut failures = Vec::new();
    let mut runs = 0;
    for vector in common::load(&folder) {
        let wasm = vector.wasm(&folder);
        for run in [Some(vector.clone()), vector.on_arbos51()].into_iter().flatten() {
            runs += 1;
            let arbos = run.number("arbos_version").unwrap();
            let found = disagreements(&run, &wasm);
            failures.extend(
                found
                    .into_iter()
                    .map(|found| format!("{} on ArbOS {arbos}: {found}", run.name)),
            );
        }
    }
    assert!(
        failures.is_empty(),
        "{} of {runs} runs:\n{}",
        failures.len(),
        failures.join("\n")
    );
    assert!(
        runs >= common::least_runs(278),
        "most of the vectors have two runs; found {runs}"
    );
}
