//! Every execution vector, to the unit: at its own configuration, and at ArbOS 51 where the vector leaves that open.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;
mod world;

use std::collections::BTreeMap;
use std::path::Path;

use alloy::primitives::{Address, B256, Bytes, TxKind, U256, address, keccak256};
use common::Vector;
use hedgerow_devnode::chain::config::{ArbConfig, CallOptions, SEQUENCER};
use hedgerow_devnode::chain::measure::{FrameCall, FrameDone, run_frame};
use hedgerow_devnode::wasm::engine::ProgramCache;
use hedgerow_devnode::wasm::trace::{FrameReport, Status, Trace, TraceEvent};
use revm::bytecode::Bytecode;
use revm::context::{BlockEnv, TxEnv};
use revm::database::InMemoryDB;
use revm::interpreter::InstructionResult;
use revm::state::AccountInfo;
use serde_json::{Value, json};
use world::{TIMESTAMP, classic, fragmented, note_activation};

const CONTRACT: Address = address!("1000000000000000000000000000000000000001");
const SENDER: Address = address!("3f1eae7d46d88f08fc2f8ed27fcb2ab183eb2d0e");

fn config(vector: &Vector) -> ArbConfig {
    let mut config = ArbConfig::new(412_346, vector.number("arbos_version").unwrap());
    let narrow = |key: &str| vector.number(key).map(|n| u16::try_from(n).unwrap());
    config.stylus.version = narrow("stylus_version").unwrap();
    config.stylus.page_limit = narrow("page_limit").unwrap_or(config.stylus.page_limit);
    config.stylus.free_pages = narrow("free_pages").unwrap_or(config.stylus.free_pages);
    config.stylus.ink_price = vector.number("ink_price").map_or(config.stylus.ink_price, |n| n as u32);
    config.debug = vector.flag("debug");
    config
}

fn insert_code(db: &mut InMemoryDB, at: Address, code: Vec<u8>, balance: U256, nonce: u64) -> B256 {
    let hash = keccak256(&code);
    let info = if code.is_empty() {
        AccountInfo {
            balance,
            nonce,
            ..Default::default()
        }
    } else {
        let bytecode = Bytecode::new_raw_checked(code.into()).unwrap();
        AccountInfo::new(balance, nonce, hash, bytecode)
    };
    db.insert_account_info(at, info);
    hash
}

/// A program that a vector calls: from the vectors' folder, or ours where they name one without including it.
fn called_program(folder: &Path, file: &str) -> Vec<u8> {
    let ours = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/programs");
    let name = Path::new(file).file_name().unwrap();
    let places = [folder.join(file), folder.join("wat").join(name), ours.join(name)];
    let found = places.iter().find(|place| place.is_file());
    wat::parse_file(found.unwrap_or_else(|| panic!("{file} is missing"))).unwrap()
}

/// A number as text, decimal or with `0x`, or as a number.
fn wei(value: &Value) -> U256 {
    match value.as_u64() {
        Some(number) => U256::from(number),
        None => value.as_str().unwrap().parse().unwrap(),
    }
}

fn key(text: &str) -> U256 {
    U256::from_str_radix(text.trim_start_matches("0x"), 16).unwrap()
}

fn world_of(vector: &Vector, folder: &Path, config: &ArbConfig) -> InMemoryDB {
    let mut db = InMemoryDB::default();
    let wasm = vector.wasm(folder);
    let accounts = vector
        .config
        .get("accounts")
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default();
    let (mut balance, mut contract_nonce) = (U256::ZERO, 1);
    for (at, account) in &accounts {
        let at: Address = at.parse().unwrap();
        let funds = account.get("balance").map(wei).unwrap_or_default();
        if at == CONTRACT {
            balance = funds;
            contract_nonce = account.get("nonce").and_then(Value::as_u64).unwrap_or(1);
            continue;
        }
        let nonce = account.get("nonce").and_then(Value::as_u64).unwrap_or(0);
        if let Some(file) = account.get("wat") {
            let wasm = called_program(folder, file.as_str().unwrap());
            let hash = insert_code(&mut db, at, classic(&wasm), funds, nonce.max(1));
            if account.get("activated") != Some(&Value::Bool(false)) {
                note_activation(&mut db, config, hash, &wasm, false);
            }
        } else {
            let code = account
                .get("code")
                .map(|code| code.as_str().unwrap().parse::<Bytes>().unwrap());
            insert_code(&mut db, at, code.unwrap_or_default().to_vec(), funds, nonce);
        }
    }
    let code = match vector.number("fragments") {
        Some(count) => {
            let (root, pieces) = fragmented(&wasm, count as usize, |index| {
                Address::with_last_byte(0xf0 + index as u8)
            });
            for (at, piece) in pieces {
                insert_code(&mut db, at, piece, U256::ZERO, 1);
            }
            root
        }
        None => classic(&wasm),
    };
    let hash = insert_code(&mut db, CONTRACT, code, balance, contract_nonce);
    note_activation(&mut db, config, hash, &wasm, vector.flag("cached"));
    for (key, value) in vector
        .config
        .get("storage")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        db.insert_account_storage(CONTRACT, self::key(key), wei(value)).unwrap();
    }
    db
}

fn address_of(vector: &Vector, key: &str) -> Address {
    vector
        .config
        .get(key)
        .map_or(SENDER, |at| at.as_str().unwrap().parse().unwrap())
}

fn run(vector: &Vector, folder: &Path, cache: &ProgramCache) -> (FrameDone, Vec<TraceEvent>) {
    let mut config = config(vector);
    config.programs = cache.clone();
    let mut db = world_of(vector, folder, &config);
    let value = vector.config.get("value").map(wei).unwrap_or_default();
    let sender = address_of(vector, "sender");
    let mut funded = db.load_account(sender).unwrap().info.clone();
    funded.balance += value;
    db.insert_account_info(sender, funded);
    let entry = vector
        .expect
        .get("callCost")
        .and_then(Value::as_u64)
        .unwrap_or_default();
    let exact_ink = vector.number("ink");
    let gas = match (vector.number("contract_gas"), vector.number("gas"), exact_ink) {
        (Some(all), ..) => all,
        (_, Some(gas), _) => gas + entry,
        (.., Some(ink)) => ink / u64::from(config.stylus.ink_price) + entry,
        _ => panic!("{}: no gas", vector.name),
    };
    let call = FrameCall {
        caller: sender,
        to: CONTRACT,
        value,
        input: vector.calldata().into(),
        gas,
        is_static: vector.flag("read_only"),
        open_frames: vector.number("reentrant").unwrap_or(vector.flag("reentrant").into()) as u32,
        exact_ink,
    };
    let block = BlockEnv {
        number: U256::from(1_000_000),
        timestamp: U256::from(TIMESTAMP),
        basefee: 100_000_000,
        gas_limit: 1 << 50,
        beneficiary: SEQUENCER,
        prevrandao: Some(B256::with_last_byte(1)),
        ..Default::default()
    };
    let tx = TxEnv {
        caller: address_of(vector, "origin"),
        gas_price: 100_000_000,
        gas_priority_fee: Some(0),
        tx_type: 2,
        kind: TxKind::Call(CONTRACT),
        ..Default::default()
    };
    let trace = Trace::default();
    let options = CallOptions {
        trace: Some(trace.clone()),
        ..Default::default()
    };
    let done = run_frame(&mut db, &config, block, tx, call, &options).unwrap();
    (done, trace.take())
}

/// The report of the vector's own frame.
fn outer_report(events: &[TraceEvent]) -> FrameReport {
    let report = events.iter().rev().find_map(|event| match event {
        TraceEvent::Frame(report) if report.depth == 1 => Some(report.clone()),
        _ => None,
    });
    report.expect("the outer frame reports")
}

fn status(report: &FrameReport) -> &'static str {
    match report.status {
        Status::Success => "success",
        Status::Revert => "revert",
        Status::Failure => "failure",
        Status::OutOfInk => "out of ink",
        Status::OutOfStack => "out of stack",
        Status::OutOfGasBeforeStart => "out of gas before start",
        Status::NotCallable => "not callable",
    }
}

/// What happened, in the vector's own terms.
fn observed(done: &FrameDone, events: &[TraceEvent]) -> serde_json::Map<String, Value> {
    let report = outer_report(events);
    let hostios: Vec<Value> = events
        .iter()
        .filter_map(|event| match event {
            TraceEvent::Host(call) => Some(json!([
                call.depth,
                call.name,
                hex::encode(&call.args),
                hex::encode(&call.outs),
                call.start_ink,
                call.end_ink
            ])),
            TraceEvent::Frame(_) => None,
        })
        .collect();
    let logs: Vec<Value> = done
        .logs
        .iter()
        .map(|log| {
            let topics: Vec<_> = log.topics().iter().map(hex::encode).collect();
            json!({ "address": hex::encode(log.address), "data": hex::encode(&log.data.data), "topics": topics })
        })
        .collect();
    let mut diff: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    for (at, account) in &done.state {
        for (key, slot) in account.storage.iter().filter(|(_, slot)| slot.is_changed()) {
            let entry = diff.entry(hex::encode(at)).or_default();
            entry.insert(
                hex::encode(B256::from(*key)),
                hex::encode(B256::from(slot.present_value)),
            );
        }
    }
    let result = match done.result {
        result if result.is_ok() => "ok",
        InstructionResult::Revert => "execution reverted",
        InstructionResult::CallTooDeep => "max call depth exceeded",
        _ => "out of gas",
    };
    let Value::Object(map) = json!({
        "status": status(&report),
        "evmResult": result,
        "output": hex::encode(&done.output),
        "inkStart": report.ink_start,
        "inkUsed": report.ink_start - report.ink_left,
        "inkLeft": report.ink_left,
        "callCost": report.call_cost,
        "memoryInitCost": report.memory_cost,
        "contractGasStart": report.gas_start,
        "contractGasUsed": report.gas_start - done.gas_left,
        "stackLeft": report.stack_left,
        "pagesEnd": report.pages_end,
        "pagesEver": report.pages_ever,
        "refund": done.refund,
        "logs": logs,
        "storageDiff": diff,
        "hostios": hostios,
    }) else {
        unreachable!()
    };
    map
}

/// What differs between the vector and the run, shortened. What a vector does not state is not compared.
fn differences(vector: &Vector, have: &serde_json::Map<String, Value>, skip_ink_of_calls: bool) -> Vec<String> {
    let mut found = Vec::new();
    for (key, have) in have {
        let Some(want) = vector.expect.get(key) else { continue };
        if key == "hostios" {
            if !skip_ink_of_calls {
                found.extend(first_difference(want.as_array().unwrap(), have.as_array().unwrap()));
            }
        } else if want != have {
            let short = |value: &Value| value.to_string().chars().take(200).collect::<String>();
            found.push(format!("{key}: want {}, have {}", short(want), short(have)));
        }
    }
    found
}

fn first_difference(want: &[Value], have: &[Value]) -> Option<String> {
    let at = (0..want.len().max(have.len())).find(|at| want.get(*at) != have.get(*at))?;
    Some(format!(
        "host call {at}: want {:?}, have {:?}",
        want.get(at),
        have.get(at)
    ))
}

#[test]
fn execution_vectors_match_to_the_unit() {
    let folder = common::folder();
    let cache = ProgramCache::default();
    let (mut ran, mut failures) = (0, Vec::new());
    for vector in common::load(&folder) {
        for (vector, at_51) in [(Some(vector.clone()), false), (vector.on_arbos51(), true)] {
            let Some(vector) = vector.filter(|vector| vector.expect.contains_key("status")) else {
                continue;
            };
            if vector.expect["activation"]["ok"] != Value::Bool(true) {
                continue;
            }
            let (done, events) = run(&vector, &folder, &cache);
            ran += 1;
            // The vectors do not repeat the host calls where only their ink differs.
            let repeated = vector.arbos51.contains_key("hostios");
            let skip = at_51
                && !repeated
                && vector
                    .arbos51
                    .keys()
                    .any(|key| key != "activation" && key != "codeSize");
            let found = differences(&vector, &observed(&done, &events), skip);
            if !found.is_empty() {
                let version = &vector.config["arbos_version"];
                failures.push(format!(
                    "{} at ArbOS {version}:\n    {}",
                    vector.name,
                    found.join("\n    ")
                ));
            }
        }
    }
    assert!(ran >= common::least_runs(300), "only {ran} runs");
    assert!(
        failures.is_empty(),
        "{} of {ran} runs differ:\n{}",
        failures.len(),
        failures.join("\n")
    );
}

/// Host calls that neither ask for more ink than they take nor tell the program what it has.
const WITHOUT_SENTRY: [&str; 34] = [
    "user_entrypoint",
    "user_returned",
    "read_args",
    "write_result",
    "exit_early",
    "transient_load_bytes32",
    "transient_store_bytes32",
    "read_return_data",
    "return_data_size",
    "emit_log",
    "block_basefee",
    "block_coinbase",
    "block_gas_limit",
    "block_number",
    "block_timestamp",
    "chainid",
    "contract_address",
    "msg_reentrant",
    "msg_sender",
    "msg_value",
    "tx_gas_price",
    "tx_ink_price",
    "tx_origin",
    "math_div",
    "math_mod",
    "math_pow",
    "math_add_mod",
    "math_mul_mod",
    "native_keccak256",
    "pay_for_memory_grow",
    "console_log_text",
    "null_host",
    "start_benchmark",
    "end_benchmark",
];

/// Whether the vector's program ends the same way with any ink that suffices.
fn is_indifferent_to_ink(vector: &Vector) -> bool {
    let calls = vector.expect.get("hostios").and_then(Value::as_array);
    vector.expect.get("status") == Some(&json!("success"))
        && vector.expect.contains_key("inkUsed")
        && calls.is_some_and(|calls| {
            let mut names = calls.iter().filter_map(|call| call[1].as_str());
            names.all(|name| WITHOUT_SENTRY.contains(&name))
        })
}

#[test]
fn vectors_need_exactly_the_ink_that_they_use() {
    let folder = common::folder();
    let cache = ProgramCache::default();
    let mut ran = 0;
    for vector in common::load(&folder).into_iter().filter(is_indifferent_to_ink) {
        let used = vector.expect["inkUsed"].as_u64().unwrap();
        for (ink, ends) in [(used, Status::Success), (used - 1, Status::OutOfInk)] {
            let mut vector = vector.clone();
            vector.config.retain(|key, _| key != "gas" && key != "contract_gas");
            vector.config.insert("ink".into(), ink.into());
            let (_, events) = run(&vector, &folder, &cache);
            let report = outer_report(&events);
            let have = (&report.status, report.ink_left);
            assert_eq!(have, (&ends, 0), "{} with {ink} ink", vector.name);
            ran += 1;
        }
    }
    // Another set may have no such program.
    assert!(ran >= 100 || common::least_runs(100) == 1, "only {ran} runs");
}
