//! Every vector's program, activated on the chain: `ArbWasm.activateProgram` accepts what Nitro accepts, for the gas
//! that its schedule says.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;
mod world;

use alloy::primitives::{Address, U256, address};
use alloy::sol;
use alloy::sol_types::SolCall;
use common::Vector;
use serde_json::Value;
use world::{ALICE, ARB_WASM, World, classic, ether, fragmented, intrinsic};

sol! {
    function activateProgram(address program) external payable returns (uint16 version, uint256 dataFee);
}

const PROGRAM: Address = address!("1000000000000000000000000000000000000001");
/// Everything in an activation but what the module itself costs, since ArbOS 59.
const SCHEDULE: u64 = 1_748_626;
/// Before, the activation gas parameter was not read.
const SCHEDULE_BEFORE_59: u64 = SCHEDULE - 800;
/// Reading a fragment: a cold account, and 3 gas a word.
const FRAGMENT: u64 = 2_600;

/// Activates the vector's program; what differs from the vector, if anything does.
fn disagreement(vector: &Vector, wasm: &[u8]) -> Option<String> {
    let mut world = World::new(vector.number("arbos_version").unwrap());
    world.config.stylus.version = vector.number("stylus_version").unwrap() as u16;
    world.config.stylus.page_limit = vector.number("page_limit").unwrap_or(128) as u16;
    world.config.debug = vector.flag("debug");
    let mut reading = 0;
    let code = match vector.number("fragments") {
        Some(count) => {
            let (root, pieces) = fragmented(wasm, count as usize, |index| {
                Address::with_last_byte(0xf0 + index as u8)
            });
            for (at, piece) in pieces {
                reading += FRAGMENT + 3 * (piece.len() as u64).div_ceil(32);
                world.place(at, &piece);
            }
            root
        }
        None => classic(wasm),
    };
    world.place(PROGRAM, &code);
    let data = activateProgramCall { program: PROGRAM }.abi_encode();
    world.gas_limit = 1 << 40;
    let result = world.simulate(ALICE, ARB_WASM, ether(1), data.clone());
    let expected = &vector.expect["activation"];
    let accepted = expected["ok"] == Value::Bool(true);
    if result.is_success() != accepted {
        return Some(format!("want ok = {accepted}, have {result:?}"));
    }
    if !accepted {
        return None;
    }
    let answer = activateProgramCall::abi_decode_returns(result.output().unwrap()).unwrap();
    let schedule = match vector.number("arbos_version").unwrap() {
        59.. => SCHEDULE,
        _ => SCHEDULE_BEFORE_59,
    };
    let have = result.tx_gas_used();
    let want = expected["activationGas"].as_u64();
    let want = want.map_or(have, |gas| intrinsic(&data) + schedule + reading + gas);
    let version_is_right = u64::from(answer.version) == vector.number("stylus_version").unwrap();
    (have != want || !version_is_right || answer.dataFee == U256::ZERO).then(|| {
        format!(
            "want {want} gas, have {have}; version {}, fee {}",
            answer.version, answer.dataFee
        )
    })
}

#[test]
fn deployment_vectors_are_activated_or_refused_as_nitro_does() {
    let folder = common::folder();
    let (mut ran, mut failures) = (0, Vec::new());
    for vector in common::load(&folder) {
        let wasm = vector.wasm(&folder);
        for vector in [Some(vector.clone()), vector.on_arbos51()].into_iter().flatten() {
            ran += 1;
            if let Some(found) = disagreement(&vector, &wasm) {
                failures.push(format!(
                    "{} at ArbOS {}: {found}",
                    vector.name, vector.config["arbos_version"]
                ));
            }
        }
    }
    assert!(ran >= common::least_runs(500), "only {ran} runs");
    assert!(
        failures.is_empty(),
        "{} of {ran} runs differ:\n{}",
        failures.len(),
        failures.join("\n")
    );
}
