//! What entering each program costs, and what of the program it comes from.

use hedgerow::{
    artifacts::Artifacts,
    error::{Error, Result},
    measure::{Measured, measure},
};
use hedgerow_devnode::wasm::process;
use serde::Serialize;
use wasmparser::{Parser, Payload};

/// A program's entry and what it depends on.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// Its size and gas.
    #[serde(flatten)]
    pub measured: Measured,
    /// Functions of its own.
    pub functions: u32,
    /// Bytes of static data: strings and tables.
    pub data: usize,
}

impl Entry {
    /// Of the program `name`.
    pub fn of(name: &str) -> Result<Self> {
        let artifacts = Artifacts::locate();
        let (mut functions, mut data) = (0, 0);
        let refused = |reason: String| Error::BadProgram {
            name: name.into(),
            reason,
        };
        let bad = |error: wasmparser::BinaryReaderError| refused(error.to_string());
        let module = process(&artifacts.program(name)?).map_err(|error| refused(error.to_string()))?;
        for payload in Parser::new(0).parse_all(&module) {
            match payload.map_err(bad)? {
                Payload::CodeSectionStart { count, .. } => functions = count,
                Payload::DataSection(segments) => {
                    for segment in segments {
                        data += segment.map_err(bad)?.data.len();
                    }
                }
                _ => {}
            }
        }
        Ok(Self {
            measured: measure(&artifacts, name)?,
            functions,
            data,
        })
    }
}
