//! `docs/security.md` against the tree: every class of defect has its row, and every test that it names is there.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

const TREES: [&str; 5] = ["tests", "src", "crates", "contracts", "benches"];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn document() -> String {
    fs::read_to_string(root().join("docs/security.md")).unwrap()
}

/// Every file with tests in it, below a folder.
fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|kind| kind == "rs" || kind == "sol") {
            found.push(path);
        }
    }
}

/// The name of the function that a line declares.
fn declared(line: &str) -> Option<&str> {
    let (_, after) = line.split_once("fn ").or_else(|| line.split_once("function "))?;
    let end = after.find(|c: char| !c.is_alphanumeric() && c != '_')?;
    Some(&after[..end])
}

/// The tests of a file: in Rust what stands behind `#[test]` or `#[tokio::test]`, in Solidity what forge runs.
fn tests_of(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap();
    let solidity = path.extension().is_some_and(|kind| kind == "sol");
    let (mut tests, mut marked) = (Vec::new(), false);
    for line in text.lines().map(str::trim) {
        marked |= line == "#[test]" || line.starts_with("#[tokio::test");
        let Some(name) = declared(line) else { continue };
        let run = if solidity {
            name.starts_with("test") || name.starts_with("invariant")
        } else {
            marked
        };
        if run {
            tests.push(name.to_owned());
        }
        marked = false;
    }
    tests
}

/// All tests of the project.
fn tests() -> BTreeSet<String> {
    let mut files = Vec::new();
    for tree in TREES {
        sources(&root().join(tree), &mut files);
    }
    files.iter().flat_map(|path| tests_of(path)).collect()
}

/// What a line has in code that can only be a test: two underscores, or forge's own beginnings.
fn named(line: &str) -> Vec<&str> {
    let code = line.split('`').skip(1).step_by(2);
    code.filter(|word| word.chars().all(|c| c.is_alphanumeric() || c == '_'))
        .filter(|word| word.matches('_').count() > 1 || word.starts_with("test") || word.starts_with("invariant"))
        .collect()
}

/// The row of a class: its cells.
fn row<'a>(document: &'a str, class: &str) -> Vec<&'a str> {
    let mut rows = document
        .lines()
        .filter(|line| line.starts_with(&format!("| {class} |")));
    let row = rows.next().unwrap_or_else(|| panic!("{class} has no row"));
    assert!(rows.next().is_none(), "{class} has two rows");
    row.trim_matches('|').split(" | ").map(str::trim).collect()
}

#[test]
fn every_test_that_the_document_names_exists() {
    let (document, tests) = (document(), tests());
    let named: BTreeSet<&str> = document.lines().flat_map(named).collect();
    assert!(named.len() > 60, "only {} tests are named", named.len());
    let missing: Vec<_> = named.iter().filter(|name| !tests.contains(**name)).collect();
    assert!(missing.is_empty(), "no test of this name: {missing:?}");
}

#[test]
fn every_class_of_defect_is_attacked_or_told_why_it_cannot_be() {
    let document = document();
    let classes = (1..=17)
        .map(|n| format!("A{n}"))
        .chain((1..=20).map(|n| format!("B{n}")));
    for class in classes {
        let cells = row(&document, &class);
        let (here, tests) = (cells[2], named(cells.get(3).unwrap_or(&"")));
        assert!(here.len() > 20, "{class}: what of it here?");
        assert!(
            !tests.is_empty() || here.starts_with("cannot"),
            "{class}: name the tests that attack with it, or say why it cannot be"
        );
    }
}

#[test]
fn every_property_is_numbered_and_held_by_a_test() {
    let document = document();
    let (_, behind) = document.split_once("\n## Properties\n").unwrap();
    let section = behind.split("\n## ").next().unwrap();
    let properties: Vec<_> = section
        .lines()
        .filter(|line| line.starts_with(|c: char| c.is_ascii_digit()))
        .collect();
    assert!(properties.len() >= 25, "{} properties", properties.len());
    for (at, property) in properties.iter().enumerate() {
        assert!(
            property.starts_with(&format!("{}. ", at + 1)),
            "out of turn: {property}"
        );
        assert!(!named(property).is_empty(), "held by nothing: {property}");
    }
}

/// The numbered lines of a document's sections, from one heading to another.
fn numbered(document: &str, heading: &str) -> Vec<String> {
    let (_, behind) = document.split_once(heading).unwrap();
    let lines = behind.split("\n## ").next().unwrap().lines();
    lines
        .filter(|line| line.starts_with(|c: char| c.is_ascii_digit()))
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_property_of_policies_and_session_keys_is_numbered_and_held_by_a_test() {
    let (document, tests) = (fs::read_to_string(root().join("docs/properties.md")).unwrap(), tests());
    let checked = numbered(&document, "\n## Checked after every step\n");
    let elsewhere = numbered(&document, "\n## Held elsewhere\n");
    let of_hedges = numbered(&document, "\n## Checked of hedges after every step\n");
    let first = checked.len() + elsewhere.len() + 1;
    let properties = [checked.clone(), elsewhere, of_hedges.clone()].concat();
    assert!(properties.len() >= 30, "{} properties", properties.len());
    for (at, property) in properties.iter().enumerate() {
        assert!(
            property.starts_with(&format!("{}. ", at + 1)),
            "out of turn: {property}"
        );
        let held = named(property);
        assert!(!held.is_empty(), "held by nothing: {property}");
        let missing: Vec<_> = held.iter().filter(|name| !tests.contains(**name)).collect();
        assert!(missing.is_empty(), "no test of this name: {missing:?}");
    }
    // The stateful tests hold exactly those of their own sections, by their numbers.
    assert_eq!(numbers("tests/invariant", "hold("), (1..=checked.len()).collect());
    let last = first + of_hedges.len();
    assert_eq!(numbers("tests/hedge_policies", "holds("), (first..last).collect());
}

/// The numbers that calls of this function begin with, in all files of a folder.
fn numbers(folder: &str, call: &str) -> BTreeSet<usize> {
    let mut files = Vec::new();
    sources(&root().join(folder), &mut files);
    let text: String = files.iter().map(|path| fs::read_to_string(path).unwrap()).collect();
    let text: String = text.split_whitespace().collect();
    text.split(call)
        .skip(1)
        .filter_map(|call| call.split(',').next()?.parse().ok())
        .collect()
}

/// The document is only as good as the reading of it: what is no test must not pass for one.
#[test]
fn only_tests_count_as_tests() {
    let tests = tests();
    assert!(tests.contains("only_tests_count_as_tests") && tests.contains("test_B18_a_batch_runs_once"));
    for helper in ["tests_of", "declared", "sources", "setUp", "int24"] {
        assert!(!tests.contains(helper), "{helper}");
    }
    assert_eq!(
        named("`a_b_c` and `scripts/test`, `minLiquidity`, `testFuzz_x`"),
        ["a_b_c", "testFuzz_x"]
    );
}
