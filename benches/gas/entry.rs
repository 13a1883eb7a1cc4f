//! What entering each program costs, and what of the program it comes from.

use hedgerow::{
    artifacts::Artifacts,
    error::{Error, Result},
    measure::{Measured, measure},
};
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
        for payload in Parser::new(0).parse_all(&artifacts.program(name)?) {
            let bad = |error: wasmparser::BinaryReaderError| Error::BadProgram {
                name: name.into(),
                reason: error.to_string(),
            };
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
