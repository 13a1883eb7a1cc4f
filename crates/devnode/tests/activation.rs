//! What activation accepts and refuses beyond the vectors, at the edges of its limits.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use hedgerow_devnode::wasm::{Activation, ActivationConfig, ActivationError, activate, process};
use proptest::prelude::*;
use wasm_encoder::{CustomSection, Section};

const BASE: ActivationConfig = ActivationConfig {
    stylus_version: 3,
    arbos_version: 61,
    page_limit: 128,
    debug: false,
};
const DEBUG: ActivationConfig = ActivationConfig { debug: true, ..BASE };
/// The smallest entrypoint.
const ENTRYPOINT: &str = r#"(func (export "user_entrypoint") (param i32) (result i32) i32.const 0)"#;
const MEMORY: &str = r#"(memory (export "memory") 1 1)"#;

fn module(fields: &str) -> Vec<u8> {
    wat::parse_str(format!("(module {fields})")).unwrap()
}

/// A program with the given fields before the usual memory and entrypoint.
fn program(fields: &str) -> Vec<u8> {
    module(&format!("{fields} {MEMORY} {ENTRYPOINT}"))
}

fn refusal(wasm: &[u8], config: &ActivationConfig) -> ActivationError {
    activate(wasm, config).expect_err("the module must be refused")
}

fn shared_file(name: &str) -> Vec<u8> {
    std::fs::read(common::folder().join("wasm").join(name)).unwrap()
}

#[test]
fn rustc_output_activates_only_after_processing() {
    let raw = shared_file("hello.wasm");
    let error = refusal(&raw, &BASE).to_string();
    assert!(error.contains("zero byte expected"), "{error}");
    activate(&process(&raw).unwrap(), &BASE).unwrap();
}

#[test]
fn processing_rustc_output_agrees_with_cargo_stylus_but_for_its_custom_section() {
    let theirs = shared_file("hello.processed.wasm");
    let ours = process(&shared_file("hello.wasm")).unwrap();
    let mut marked = ours.clone();
    marked.extend([0, 45, 12]);
    marked.extend(b"project_hash");
    assert_eq!(theirs[..marked.len()], marked);
    assert_eq!(theirs.len(), marked.len() + 32);
    let [theirs, ours] = [theirs, ours].map(|wasm| activate(&wasm, &BASE).unwrap());
    assert_eq!(theirs.instrumented, ours.instrumented);
    assert_eq!(theirs.footprint, ours.footprint);
    assert_eq!(theirs.cached_init_cost, ours.cached_init_cost);
    assert!(theirs.init_cost > ours.init_cost && theirs.asm_estimate > ours.asm_estimate);
}

#[test]
fn processing_is_idempotent_and_drops_the_data_count() {
    let once = process(&shared_file("hello.wasm")).unwrap();
    assert_eq!(process(&once).unwrap(), once);

    let mut counted = wasm_encoder::Module::new().finish();
    counted.extend([wasm_encoder::SectionId::DataCount as u8, 1, 0]);
    assert_eq!(process(&counted).unwrap(), wasm_encoder::Module::new().finish());
}

#[test]
fn custom_sections_are_charged_by_length_and_not_run() {
    let plain = program("");
    let mut long = plain.clone();
    CustomSection {
        name: "filler".into(),
        data: vec![0; 10_000].into(),
    }
    .append_to(&mut long);
    let (plain, long) = (activate(&plain, &BASE).unwrap(), activate(&long, &BASE).unwrap());
    assert_eq!(plain.instrumented, long.instrumented);
    assert!(long.init_cost > plain.init_cost && long.activation_gas > plain.activation_gas);
}

#[test]
fn unknown_versions_are_refused() {
    for stylus_version in [0, 4, u16::MAX] {
        let error = refusal(&program(""), &ActivationConfig { stylus_version, ..BASE });
        assert!(matches!(error, ActivationError::UnknownVersion(version) if version == stylus_version));
    }
}

#[test]
fn multiple_values_end_with_version_3() {
    let wasm = program("(func (result i32 i32) i32.const 1 i32.const 2)");
    for (stylus_version, accepted) in [(1, true), (2, true), (3, false)] {
        assert_eq!(
            activate(&wasm, &ActivationConfig { stylus_version, ..BASE }).is_ok(),
            accepted
        );
    }
}

#[test]
fn only_debug_chains_offer_the_console_and_start_functions() {
    let console = program(r#"(import "console" "tee_i32" (func (param i32) (result i32)))"#);
    assert!(matches!(
        refusal(&console, &BASE),
        ActivationError::UnknownImport { debug_only: true, .. }
    ));
    activate(&console, &DEBUG).unwrap();

    let start = program("(func $go) (start $go)");
    assert!(matches!(refusal(&start, &BASE), ActivationError::StartFunction));
    let exports = exports(&activate(&start, &DEBUG).unwrap());
    assert!(exports.contains(&"stylus_start".to_owned()));
}

fn exports(activation: &Activation) -> Vec<String> {
    let mut names = Vec::new();
    for payload in wasmparser::Parser::new(0).parse_all(&activation.instrumented) {
        match payload.unwrap() {
            wasmparser::Payload::ExportSection(section) => {
                names.extend(section.into_iter().map(|export| export.unwrap().name.to_owned()));
            }
            wasmparser::Payload::StartSection { .. } => panic!("the start function must not run by itself"),
            _ => {}
        }
    }
    names
}

#[test]
fn the_instrumented_module_exports_what_the_host_needs_and_nothing_else() {
    let wasm = program(r#"(global (export "extra") i32 (i32.const 7)) (func (export "another"))"#);
    let state = ["stylus_ink_left", "stylus_ink_status", "stylus_stack_left"];
    let kept = [&["memory", "user_entrypoint"], &state[..]].concat();
    assert_eq!(exports(&activate(&wasm, &BASE).unwrap()), kept);
    let all = [&["extra", "another", "memory", "user_entrypoint"], &state[..]].concat();
    assert_eq!(exports(&activate(&wasm, &DEBUG).unwrap()), all);
}

#[test]
fn dropped_exports_do_not_count() {
    let many = |count| {
        (0..count)
            .map(|index| format!(r#"(export "e{index}" (func 0))"#))
            .collect::<String>()
    };
    // Four globals of the instrumentation, the memory and the entrypoint take 6 of 1024.
    activate(&program(&many(1025)), &BASE).unwrap();
    activate(&program(&many(1018)), &DEBUG).unwrap();
    let error = refusal(&program(&many(1019)), &DEBUG);
    assert!(
        matches!(
            error,
            ActivationError::TooMany {
                what: "exports",
                count: 1025,
                limit: 1024
            }
        ),
        "{error}"
    );
}

#[test]
fn each_count_is_accepted_at_its_limit_and_refused_above() {
    type Fields = fn(usize) -> String;
    let functions: Fields = |count| "(func)".repeat(count - 1);
    let locals: Fields = |count| format!("(func (local {}))", "i32 ".repeat(count));
    let datas: Fields = |count| r#"(data "")"#.repeat(count);
    let elements: Fields = |count| format!("(table 1 funcref) {}", "(elem func)".repeat(count));
    let globals: Fields = |count| "(global i32 (i32.const 0))".repeat(count - 4);
    let table: Fields = |count| format!("(table {count} funcref)");
    let cases: [(Fields, usize, &str); 6] = [
        (functions, 4096, "functions"),
        (locals, 348, "locals in a function"),
        (datas, 128, "data segments"),
        (elements, 128, "element segments"),
        (globals, 32_768, "globals"),
        (table, 4096, "table entries"),
    ];
    for (fields, limit, what) in cases {
        activate(&program(&fields(limit)), &BASE).unwrap_or_else(|error| panic!("{what}: {error}"));
        match refusal(&program(&fields(limit + 1)), &BASE) {
            ActivationError::TooMany { what: found, count, .. } => assert_eq!((found, count), (what, limit as u64 + 1)),
            error => panic!("{what}: {error}"),
        }
    }
}

#[test]
fn imports_are_counted_from_arbos_32() {
    let wasm = program(&r#"(import "vm_hooks" "msg_reentrant" (func (result i32)))"#.repeat(514));
    assert!(matches!(
        refusal(&wasm, &BASE),
        ActivationError::TooMany {
            what: "imports",
            count: 514,
            ..
        }
    ));
    activate(
        &wasm,
        &ActivationConfig {
            arbos_version: 31,
            stylus_version: 2,
            ..BASE
        },
    )
    .unwrap();
}

#[test]
fn the_module_name_is_limited_to_512_bytes() {
    let named = |length| module(&format!("${} {MEMORY} {ENTRYPOINT}", "n".repeat(length)));
    activate(&named(512), &BASE).unwrap();
    assert!(matches!(
        refusal(&named(513), &BASE),
        ActivationError::NameTooLong { length: 513, .. }
    ));
}

#[test]
fn an_active_segment_must_fit_the_initial_memory() {
    let data = |offset: i64, text: &str| program(&format!(r#"(data (i32.const {offset}) "{text}")"#));
    activate(&data(65_535, "x"), &BASE).unwrap();
    activate(&data(65_536, ""), &BASE).unwrap();
    for (offset, text) in [(65_536, "x"), (65_537, ""), (-1, ""), (-1, "x")] {
        let error = refusal(&data(offset, text), &BASE);
        assert!(
            matches!(error, ActivationError::SegmentOutOfBounds { what: "data", .. }),
            "{offset}: {error}"
        );
    }
}

#[test]
fn floats_may_be_carried_but_not_computed_with() {
    let with = |body: &str| program(&format!("(func (param f32) (local f64) {body})"));
    for body in [
        "local.get 0 drop",
        "f64.const 1 local.set 1",
        "local.get 0 i32.reinterpret_f32 drop",
    ] {
        activate(&with(body), &BASE).unwrap_or_else(|error| panic!("{body}: {error}"));
    }
    for body in [
        "local.get 0 f32.neg drop",
        "local.get 0 i32.trunc_f32_s drop",
        "local.get 0 f64.promote_f32 drop",
    ] {
        assert!(
            matches!(
                refusal(&with(body), &BASE),
                ActivationError::FloatingPoint { function: 0, .. }
            ),
            "{body}"
        );
    }
}

#[test]
fn names_are_compared_by_their_last_component() {
    let import = r#"(import "vm_hooks" "msg_sender" (func (param i32)))"#;
    let exported = |name| program(&format!(r#"{import} (export "{name}" (func 0))"#));
    assert!(matches!(
        refusal(&exported("a__msg_sender"), &BASE),
        ActivationError::ExportNamedLikeImport(_)
    ));
    assert!(matches!(
        refusal(&exported("a__stylus"), &BASE),
        ActivationError::ReservedName { kind: "export", .. }
    ));
    activate(&exported("stylus__a"), &BASE).unwrap();
    activate(&exported("msg_sender__a"), &BASE).unwrap();
}

#[test]
fn pages_in_use_shrink_what_a_program_may_start_with() {
    let wasm = module(&format!(r#"(memory (export "memory") 4 4) {ENTRYPOINT}"#));
    activate(&wasm, &ActivationConfig { page_limit: 4, ..BASE }).unwrap();
    let error = refusal(&wasm, &ActivationConfig { page_limit: 3, ..BASE });
    assert!(
        matches!(error, ActivationError::TooMany { count: 4, limit: 3, .. }),
        "{error}"
    );
}

#[test]
fn an_import_may_be_the_entrypoint() {
    let import = r#"(import "vm_hooks" "account_code_size" (func (param i32) (result i32)))"#;
    let wasm = module(&format!(r#"{import} {MEMORY} (export "user_entrypoint" (func 0))"#));
    activate(&wasm, &BASE).unwrap();
}

/// Small modules of the vectors, to be damaged.
fn seeds() -> Vec<Vec<u8>> {
    let folder = common::folder();
    let vectors = common::load(&folder);
    let mut seeds: Vec<_> = vectors
        .iter()
        .map(|vector| vector.wasm(&folder))
        .filter(|wasm| wasm.len() < 2000)
        .collect();
    seeds.sort();
    seeds.dedup();
    seeds
}

#[derive(Debug, Clone)]
enum Damage {
    Set(usize, u8),
    Insert(usize, u8),
    Remove(usize),
    Truncate(usize),
    Repeat(usize, usize),
}

fn damage() -> impl Strategy<Value = Damage> {
    prop_oneof![
        6 => (any::<usize>(), any::<u8>()).prop_map(|(at, byte)| Damage::Set(at, byte)),
        2 => (any::<usize>(), any::<u8>()).prop_map(|(at, byte)| Damage::Insert(at, byte)),
        2 => any::<usize>().prop_map(Damage::Remove),
        1 => any::<usize>().prop_map(Damage::Truncate),
        1 => (any::<usize>(), 1usize..64).prop_map(|(at, length)| Damage::Repeat(at, length)),
    ]
}

fn apply(wasm: &mut Vec<u8>, damage: Damage) {
    let at = |index: usize| index % wasm.len().max(1);
    match damage {
        _ if wasm.is_empty() => {}
        Damage::Set(index, byte) => {
            let index = at(index);
            wasm[index] = byte;
        }
        Damage::Insert(index, byte) => wasm.insert(at(index), byte),
        Damage::Remove(index) => drop(wasm.remove(at(index))),
        Damage::Truncate(index) => wasm.truncate(at(index)),
        Damage::Repeat(index, length) => {
            let start = at(index);
            let copy = wasm[start..(start + length).min(wasm.len())].to_vec();
            wasm.splice(start..start, copy);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damaged_modules_are_refused_or_still_instrumented_validly(
        seed in any::<prop::sample::Index>(),
        damages in prop::collection::vec(damage(), 1..4),
        stylus_version in 1u16..=3,
        debug: bool,
    ) {
        thread_local!(static SEEDS: Vec<Vec<u8>> = seeds());
        let mut wasm = SEEDS.with(|seeds| seeds[seed.index(seeds.len())].clone());
        for damage in damages {
            apply(&mut wasm, damage);
        }
        if let Ok(activation) = activate(&wasm, &ActivationConfig { stylus_version, debug, ..BASE }) {
            wasmparser::Validator::new().validate_all(&activation.instrumented).unwrap();
        }
        if let Ok(processed) = process(&wasm) {
            prop_assert_eq!(process(&processed).unwrap(), processed);
        }
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), header: bool) {
        let mut wasm = if header { b"\0asm\x01\0\0\0".to_vec() } else { Vec::new() };
        wasm.extend(bytes);
        activate(&wasm, &BASE).ok();
        process(&wasm).ok();
    }
}
