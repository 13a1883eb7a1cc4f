//! `docs/maths.md` names every public function of the core, and nothing that does not exist.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Modules of types, not of maths; and what a module keeps to itself.
const WITHOUT_FORMULAS: [&str; 3] = ["error", "lib", "units"];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

/// The name behind `fn`, where the line declares a function with this beginning.
fn declared<'a>(line: &'a str, beginnings: &[&str]) -> Option<&'a str> {
    let rest = beginnings.iter().find_map(|beginning| line.strip_prefix(beginning))?;
    rest.split(['(', '<']).next()
}

/// `module::function` of every `pub fn`; a file in a module's folder counts as the module.
fn public_functions(root: &Path) -> BTreeSet<String> {
    let source = root.join("src");
    let library = fs::read_to_string(source.join("lib.rs")).unwrap();
    let mut all = BTreeSet::new();
    for path in sources(&source) {
        let inside = path.strip_prefix(&source).unwrap();
        let first = inside.components().next().unwrap().as_os_str().to_string_lossy();
        let module = first.trim_end_matches(".rs");
        if WITHOUT_FORMULAS.contains(&module) || !library.contains(&format!("pub mod {module};")) {
            continue;
        }
        for line in fs::read_to_string(&path).unwrap().lines() {
            let method = line
                .strip_prefix("    ")
                .filter(|line| !line.starts_with(' '))
                .unwrap_or(line);
            if let Some(name) = declared(method, &["pub fn ", "pub const fn "]) {
                all.insert(format!("{module}::{name}"));
            }
        }
    }
    all
}

fn tests(root: &Path) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for path in sources(&root.join("tests")) {
        let file = path.file_stem().unwrap().to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).unwrap();
        let mut is_test = false;
        for line in text.lines().map(str::trim) {
            if let Some(name) = declared(line, &["fn "]).filter(|_| is_test) {
                all.insert(format!("{file}/{name}"));
            }
            is_test = line == "#[test]" || (is_test && (line.starts_with("#[") || line.starts_with("//")));
        }
    }
    all
}

/// What stands in backticks and is one name with this separator.
fn named(document: &str, separator: &str) -> BTreeSet<String> {
    let is_name = |part: &str| {
        !part.is_empty()
            && part
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
    };
    let quoted = document.split('`').skip(1).step_by(2);
    quoted
        .filter(|text| {
            text.split_once(separator)
                .is_some_and(|(left, right)| is_name(left) && is_name(right))
        })
        .map(str::to_owned)
        .collect()
}

#[test]
fn the_document_names_what_exists_and_nothing_else() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let document = fs::read_to_string(root.join("../../docs/maths.md")).unwrap();
    let (functions, mentioned) = (public_functions(root), named(&document, "::"));
    assert!(functions.len() > 100, "{functions:?}");
    let missing: Vec<_> = functions.difference(&mentioned).collect();
    assert!(missing.is_empty(), "docs/maths.md does not name {missing:?}");
    let gone: Vec<_> = mentioned.difference(&functions).collect();
    assert!(
        gone.is_empty(),
        "docs/maths.md names {gone:?}, which the core does not have"
    );

    let (tests, cited) = (tests(root), named(&document, "/"));
    assert!(cited.len() > 80);
    // A folder, and no test.
    let unknown: Vec<_> = cited
        .difference(&tests)
        .filter(|name| *name != "tests/reference")
        .collect();
    assert!(
        unknown.is_empty(),
        "docs/maths.md cites {unknown:?}, which are no tests"
    );
}
