//! Finds what was built or installed beside the command: programs (WebAssembly), our contracts (forge) and other people's (npm).

use crate::error::{Error, Result};
use alloy::{hex, primitives::Bytes, sol_types::SolValue};
use serde_json::Value;
use std::{
    env, fs,
    path::{Path, PathBuf},
};

/// The project's folder, which holds `node_modules`, `out` and `target`.
#[derive(Clone, Debug)]
pub struct Artifacts {
    root: PathBuf,
}

impl Artifacts {
    /// `HEDGEROW_HOME`; else the nearest folder from here up that is this project; else where the command was compiled.
    pub fn locate() -> Self {
        if let Some(home) = env::var_os("HEDGEROW_HOME") {
            return Self { root: home.into() };
        }
        let here = env::current_dir().ok();
        let found = here
            .iter()
            .flat_map(|dir| dir.ancestors())
            .find(|dir| is_project(dir))
            .map(Path::to_path_buf);
        Self {
            root: found.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR"))),
        }
    }

    /// rustc's output for one of our programs (`lens`, `manager`).
    pub fn program(&self, name: &str) -> Result<Vec<u8>> {
        read(&self.programs().join(format!("hedgerow_{name}.wasm")))
    }

    /// Whose std the programs were linked with, as `scripts/setup` notes it beside them: another one makes other bytes.
    pub fn standard_library(&self) -> Result<String> {
        let path = self.programs().join("std");
        let text = String::from_utf8(read(&path)?).map_err(|error| Error::bad_file(&path, error))?;
        Ok(text.trim().to_owned())
    }

    fn programs(&self) -> PathBuf {
        let target =
            env::var_os("CARGO_TARGET_DIR").map_or_else(|| self.root.join("target"), |dir| self.root.join(dir));
        target.join("wasm32-unknown-unknown/contract")
    }

    /// Init code of one of our contracts, compiled by forge: `out/<file>.sol/<name>.json`.
    pub fn contract(&self, file: &str, name: &str) -> Result<Bytes> {
        bytecode(&self.compiled(file, name))
    }

    /// Where the constructor of one of our contracts writes into the code, in bytes from its start: 32 each.
    pub fn immutables(&self, file: &str, name: &str) -> Result<Vec<usize>> {
        let path = self.compiled(file, name);
        let json = json(&path)?;
        let references = json["deployedBytecode"]["immutableReferences"].as_object();
        let uses = references
            .into_iter()
            .flat_map(|of| of.values())
            .flat_map(|uses| uses.as_array().into_iter().flatten());
        let mut starts = uses
            .map(|used| {
                let start = used["start"].as_u64().filter(|_| used["length"] == 32);
                start.and_then(|start| usize::try_from(start).ok())
            })
            .collect::<Option<Vec<_>>>()
            .ok_or_else(|| {
                Error::bad_file(
                    &path,
                    "it does not say where the immutables are: run scripts/setup again",
                )
            })?;
        starts.sort_unstable();
        Ok(starts)
    }

    /// The compiler of one of our contracts: version and commit.
    pub fn compiler(&self, file: &str, name: &str) -> Result<String> {
        let path = self.compiled(file, name);
        let version = json(&path)?["metadata"]["compiler"]["version"]
            .as_str()
            .map(str::to_owned);
        version.ok_or_else(|| Error::bad_file(&path, "it does not name its compiler: run scripts/setup again"))
    }

    /// The committed file that says what was built, byte for byte.
    pub fn build_record(&self) -> PathBuf {
        self.root.join("abi/programs.json")
    }

    fn compiled(&self, file: &str, name: &str) -> PathBuf {
        self.root.join(format!("out/{file}.sol/{name}.json"))
    }

    /// Init code of somebody else's contract, as published in an npm package.
    pub fn published(&self, path: &str) -> Result<Bytes> {
        bytecode(&self.published_path(path))
    }

    /// Where an npm package's file is.
    pub fn published_path(&self, path: &str) -> PathBuf {
        self.root.join("node_modules").join(path)
    }
}

/// Init code with its constructor's arguments behind it.
pub fn with_arguments<T: SolValue>(init_code: &Bytes, arguments: &T) -> Bytes
where
    for<'a> <T::SolType as alloy::sol_types::SolType>::Token<'a>: alloy::sol_types::abi::TokenSeq<'a>,
{
    [init_code.as_ref(), &arguments.abi_encode_params()].concat().into()
}

fn is_project(dir: &Path) -> bool {
    dir.join("Cargo.toml").is_file() && dir.join("contracts/manager/Cargo.toml").is_file()
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).map_err(|_| Error::MissingArtifact { path: path.to_owned() })
}

fn json(path: &Path) -> Result<Value> {
    serde_json::from_slice(&read(path)?).map_err(|error| Error::bad_file(path, error))
}

/// Hardhat and truffle write `"bytecode": "0x…"`, forge `"bytecode": {"object": "0x…"}`.
fn bytecode(path: &Path) -> Result<Bytes> {
    let json = json(path)?;
    let field = &json["bytecode"];
    let text = field.as_str().or_else(|| field["object"].as_str());
    let code = text
        .and_then(|text| hex::decode(text).ok())
        .filter(|code| !code.is_empty());
    code.map(Bytes::from)
        .ok_or_else(|| Error::bad_file(path, "it holds no linked bytecode: run scripts/setup again"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn bytecode_is_read_from_either_form_and_refused_when_unlinked() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.json");
        for (text, expected) in [
            (r#"{"bytecode":"0x6001"}"#, Some("6001")),
            (r#"{"bytecode":{"object":"6002"}}"#, Some("6002")),
            (r#"{"bytecode":"0x60__$library$__"}"#, None),
            (r#"{"bytecode":"0x"}"#, None),
        ] {
            fs::write(&path, text).unwrap();
            assert_eq!(bytecode(&path).ok().map(hex::encode).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn a_missing_artifact_says_to_run_setup() {
        let error = Artifacts {
            root: "/nonexistent".into(),
        }
        .contract("Account", "Account")
        .unwrap_err();
        assert!(error.to_string().contains("run scripts/setup"), "{error}");
        assert_eq!(error.exit_code(), 2);
    }
}
