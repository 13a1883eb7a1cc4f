//! The lists of deliberate faults against the tree: each fault's text stands where it is to be replaced, the test that notices it
//! exists, and `docs/mutations.md` tells of it.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use toml::de::{DeTable, DeValue};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A fault as its list has it.
struct Fault {
    list: String,
    name: String,
    file: String,
    text: String,
    with: String,
    breaks: String,
    test: String,
    tests: String,
    build: String,
    run: String,
}

fn string(table: &DeTable, key: &str) -> Option<String> {
    let value = table.iter().find(|(name, _)| name.get_ref() == key)?.1;
    value.get_ref().as_str().map(str::to_owned)
}

fn faults() -> Vec<Fault> {
    let mut paths: Vec<_> = fs::read_dir(root().join("tests/mutations"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    let mut found = Vec::new();
    for path in paths {
        let text = fs::read_to_string(&path).unwrap();
        let table = DeTable::parse(&text).unwrap();
        let listed = table.get_ref();
        let Some(DeValue::Array(array)) = listed
            .iter()
            .find(|(name, _)| name.get_ref() == "fault")
            .map(|(_, value)| value.get_ref())
        else {
            panic!("{} lists no faults", path.display());
        };
        for fault in array.iter() {
            let fault = fault.get_ref().as_table().unwrap();
            let of = |key: &str| {
                string(fault, key)
                    .or_else(|| string(listed, key))
                    .unwrap_or_else(|| panic!("a fault of {} has no {key}", path.display()))
            };
            found.push(Fault {
                list: path.file_stem().unwrap().to_str().unwrap().to_owned(),
                name: of("name"),
                file: of("file"),
                text: of("text"),
                with: of("with"),
                breaks: of("breaks"),
                test: of("test"),
                tests: of("tests"),
                build: of("build"),
                run: of("run"),
            });
        }
    }
    found
}

/// Every file of Rust or Solidity at or below a path.
fn sources(path: &Path, found: &mut String) {
    if path.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            sources(&entry.unwrap().path(), found);
        }
    } else if path.extension().is_some_and(|kind| kind == "rs" || kind == "sol") {
        found.push_str(&fs::read_to_string(path).unwrap());
    }
}

#[test]
fn every_faults_text_occurs_once_in_its_file_and_is_replaced_by_another() {
    for fault in faults() {
        let text = fs::read_to_string(root().join(&fault.file)).expect(&fault.file);
        let count = text.matches(&fault.text).count();
        assert_eq!(
            count, 1,
            "{} {} in {}: {}",
            fault.list, fault.name, fault.file, fault.text
        );
        assert_ne!(fault.text, fault.with, "{} {}", fault.list, fault.name);
    }
}

#[test]
fn every_fault_names_a_test_that_exists_and_is_run_alone() {
    for fault in faults() {
        let mut text = String::new();
        sources(&root().join(&fault.tests), &mut text);
        let function = fault.test.rsplit("::").next().unwrap();
        let declared = [format!("fn {function}("), format!("function {function}(")];
        assert!(
            declared.iter().any(|name| text.contains(name)),
            "{} {}: {function}",
            fault.list,
            fault.name
        );
        assert!(
            fault.run.contains("{test}") && !fault.build.contains("{test}"),
            "{}",
            fault.list
        );
    }
}

#[test]
fn the_table_of_faults_has_every_one_of_them_and_no_other() {
    let document = fs::read_to_string(root().join("docs/mutations.md")).unwrap();
    let faults = faults();
    let rows: BTreeSet<_> = document
        .lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("| fault |") && !line.starts_with("| --- |"))
        .map(str::to_owned)
        .collect();
    let expected: BTreeSet<_> = faults
        .iter()
        .map(|fault| {
            format!(
                "| {} | `{}` | {} | `{}` |",
                fault.name, fault.file, fault.breaks, fault.test
            )
        })
        .collect();
    assert_eq!(rows, expected, "refresh it: scripts/mutations --table");
    assert!(faults.len() >= 100 && document.contains(&format!("{} faults.", faults.len())));
}

#[test]
fn no_fault_is_listed_twice() {
    let faults = faults();
    let names: BTreeSet<_> = faults.iter().map(|fault| (&fault.list, &fault.name)).collect();
    let changes: BTreeSet<_> = faults
        .iter()
        .map(|fault| (&fault.file, &fault.text, &fault.with))
        .collect();
    assert_eq!((names.len(), changes.len()), (faults.len(), faults.len()));
}
