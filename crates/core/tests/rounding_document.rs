//! `docs/rounding.md` names functions and tests, and nothing that does not exist.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The source of `crate::module` as the document calls it; a module may be a folder.
fn module(name: &str) -> Option<String> {
    let (library, module) = name.split_once("::")?;
    let folder = root().join(match library {
        "core" => "crates/core/src",
        "positions" => "crates/positions/src",
        "lens" => "contracts/lens/src",
        _ => return None,
    });
    let file = module.replace("::", "/");
    let candidates = [folder.join(format!("{file}.rs")), folder.join(file).join("mod.rs")];
    candidates.iter().find_map(|path| fs::read_to_string(path).ok())
}

fn declares(source: &str, function: &str) -> bool {
    source.match_indices(&format!("fn {function}")).any(|(at, found)| {
        let before = source[..at].chars().next_back();
        let after = source[at + found.len()..].chars().next();
        before.is_none_or(char::is_whitespace) && matches!(after, Some('(' | '<'))
    })
}

#[test]
fn every_function_and_test_that_the_rounding_map_names_exists() {
    let text = fs::read_to_string(root().join("docs/rounding.md")).unwrap();
    let (mut functions, mut tests) = (BTreeSet::new(), BTreeSet::new());
    for row in text.lines().filter(|line| line.starts_with("| ")) {
        for name in row.split('`').skip(1).step_by(2) {
            let (place, function) = name.rsplit_once("::").expect(name);
            let known = if place.ends_with(".rs") {
                tests.insert(name);
                fs::read_to_string(root().join(place)).unwrap_or_default()
            } else {
                functions.insert(name);
                module(place).unwrap_or_default()
            };
            assert!(declares(&known, function), "{name} does not exist");
        }
    }
    assert!(
        functions.len() > 20 && tests.len() > 15,
        "{} and {}",
        functions.len(),
        tests.len()
    );
}

#[test]
fn every_row_of_the_rounding_map_says_where_which_way_for_whom_how_much_and_what_tests_it() {
    let text = fs::read_to_string(root().join("docs/rounding.md")).unwrap();
    for row in text.lines().filter(|line| line.starts_with("| ")) {
        let cells: Vec<_> = row.trim_matches('|').split('|').map(str::trim).collect();
        assert_eq!(cells.len(), 6, "{row}");
        assert!(cells.iter().all(|cell| !cell.is_empty()), "{row}");
        let heading = cells[0] == "quantity" || cells[0] == "---";
        assert!(
            heading || cells[1].contains("::") && cells[5].contains(".rs::"),
            "{row}"
        );
    }
}
