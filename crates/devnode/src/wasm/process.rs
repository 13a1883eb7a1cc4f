//! What a compiled program needs before it can be deployed.

use std::convert::Infallible;

use wasm_encoder::reencode::{self, Reencode, utils};
use wasm_encoder::{DataSection, Module, RawSection, SectionId};
use wasmparser::{DataSectionReader, Parser};

use super::sparse::without_zeros;

/// Why a module could not be processed.
#[derive(Debug, Clone, thiserror::Error)]
#[error("cannot re-encode the module: {0}; is it a core WebAssembly module?")]
pub struct ProcessError(String);

/// Makes the output of rustc activate. Every number is re-encoded in its shortest form, because LLVM writes the table of
/// a `call_indirect` in five bytes, which Stylus refuses. Custom sections are dropped, because a program pays for its
/// length at every entry, and so are the zeros in its data; the data count goes too, because Stylus refuses it and only
/// needless operators need it.
///
/// # Errors
/// [`ProcessError`] when the bytes are not a module.
pub fn process(wasm: &[u8]) -> Result<Vec<u8>, ProcessError> {
    let kept = without_needless_sections(wasm)?;
    let mut module = Module::new();
    Shortest
        .parse_core_module(&mut module, Parser::new(0), &kept)
        .map_err(|error| ProcessError(error.to_string()))?;
    Ok(module.finish())
}

struct Shortest;

impl Reencode for Shortest {
    type Error = Infallible;

    fn parse_data_section(
        &mut self,
        data: &mut DataSection,
        section: DataSectionReader<'_>,
    ) -> Result<(), reencode::Error<Infallible>> {
        match without_zeros(section.clone())? {
            Some(sparse) => *data = sparse,
            None => utils::parse_data_section(self, data, section)?,
        }
        Ok(())
    }
}

fn without_needless_sections(wasm: &[u8]) -> Result<Vec<u8>, ProcessError> {
    let mut kept = Module::new();
    for payload in Parser::new(0).parse_all(wasm) {
        let payload = payload.map_err(|error| ProcessError(error.to_string()))?;
        let Some((id, range)) = payload.as_section() else {
            continue;
        };
        if id == SectionId::Custom as u8 || id == SectionId::DataCount as u8 {
            continue;
        }
        let data = wasm
            .get(range)
            .ok_or_else(|| ProcessError("a section exceeds the module".into()))?;
        kept.section(&RawSection { id, data });
    }
    Ok(kept.finish())
}
