//! The Stylus conformance vectors: where they are and what they hold.
//!
//! Each vector is a module and a call, with what Nitro's own virtual machine answered. See the folder's README.

#![allow(dead_code, clippy::unwrap_used, clippy::expect_used)]

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Map, Value};

/// The folder of the vectors: the one that `STYLUS_VECTORS` names, else the one shared beside the workspace, else the
/// crate's own copy.
pub fn folder() -> PathBuf {
    if let Some(named) = std::env::var_os("STYLUS_VECTORS") {
        // Cargo runs tests in the crate's folder, but who names a relative one mostly means the workspace's.
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let places = [workspace.join(&named), PathBuf::from(&named)];
        let found = places.into_iter().find(|place| place.join("vectors.json").is_file());
        return found.unwrap_or_else(|| panic!("{} holds no vectors.json", named.display()));
    }
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/stylus-vectors");
    if shared.join("vectors.json").is_file() {
        shared
    } else {
        own_copy()
    }
}

/// How many runs a test must at least have made: `published` of the crate's own copy; one of any other set, whose size
/// is not known here.
pub fn least_runs(published: usize) -> usize {
    if folder() == own_copy() { published } else { 1 }
}

fn own_copy() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stylus-vectors")
}

/// Every vector of the folder, in order.
pub fn load(folder: &Path) -> Vec<Vector> {
    let path = folder.join("vectors.json");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let set: Set = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let found = set.vectors.len();
    assert_eq!(set.count.unwrap_or(found), found, "the set is incomplete");
    set.vectors.into_iter().map(Vector::with_versions).collect()
}

#[derive(Debug, Deserialize)]
struct Set {
    count: Option<usize>,
    vectors: Vec<Vector>,
}

/// One module, one call, one set of answers.
#[derive(Debug, Clone, Deserialize)]
pub struct Vector {
    /// The vector's name.
    pub name: String,
    /// The module.
    #[serde(default)]
    pub wasm: Wasm,
    /// Its readable source in the folder.
    #[serde(default)]
    pub program: Option<String>,
    /// The calldata, in hex without a prefix.
    #[serde(default)]
    pub calldata: String,
    /// What differs from the default call.
    #[serde(default)]
    pub config: Map<String, Value>,
    /// The answers under `config`.
    pub expect: Map<String, Value>,
    /// The answers that differ on ArbOS 51 with Stylus version 2.
    #[serde(default)]
    pub arbos51: Map<String, Value>,
}

/// A module, inside the vector or in a file of its own.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Wasm {
    size: Option<usize>,
    hex: Option<String>,
    file: Option<String>,
}

impl Vector {
    /// The module's bytes; its source is compiled where the set has no bytes.
    pub fn wasm(&self, folder: &Path) -> Vec<u8> {
        let bytes = match (&self.wasm.hex, &self.wasm.file, &self.program) {
            (Some(hex), ..) => hex::decode(hex).unwrap(),
            (_, Some(file), _) => std::fs::read(folder.join(file)).unwrap_or_else(|error| panic!("{file}: {error}")),
            (_, _, Some(source)) => wat::parse_file(folder.join(source)).unwrap(),
            _ => panic!("{}: no module", self.name),
        };
        let size = self.wasm.size.unwrap_or(bytes.len());
        assert_eq!(bytes.len(), size, "{}: the module is damaged", self.name);
        bytes
    }

    /// A vector that names no versions is of the base configuration.
    fn with_versions(mut self) -> Self {
        let arbos = self.number("arbos_version").unwrap_or(61);
        self.config.insert("arbos_version".into(), arbos.into());
        let stylus = match arbos {
            59.. => 3,
            31.. => 2,
            _ => 1,
        };
        self.config.entry("stylus_version").or_insert_with(|| stylus.into());
        self
    }

    /// The call data.
    pub fn calldata(&self) -> Vec<u8> {
        hex::decode(self.calldata.trim_start_matches("0x")).unwrap()
    }

    /// A number of the configuration.
    pub fn number(&self, key: &str) -> Option<u64> {
        self.config.get(key).and_then(Value::as_u64)
    }

    /// A flag of the configuration, off unless set.
    pub fn flag(&self, key: &str) -> bool {
        self.config.get(key).and_then(Value::as_bool).unwrap_or(false)
    }

    /// The same call on ArbOS 51 with Stylus version 2. `None` for vectors that name a version of their own.
    pub fn on_arbos51(&self) -> Option<Self> {
        if self.number("arbos_version") != Some(61) {
            return None;
        }
        let mut vector = self.clone();
        vector.config.insert("arbos_version".into(), 51.into());
        vector.config.insert("stylus_version".into(), 2.into());
        for (key, value) in &self.arbos51 {
            vector.expect.insert(key.clone(), value.clone());
        }
        Some(vector)
    }
}
