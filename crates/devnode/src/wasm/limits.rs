//! How large a module may be. Versions 1 to 3 of Stylus share these numbers.
//!
//! Source: Nitro v3.10.0, `prover/src/binary.rs` (`parse_user`) and `prover/src/programs/config.rs`.

use super::error::ActivationError;
use super::module::Module;

/// The most pages a module may start with.
pub const HEAP_BOUND: u64 = 128;
/// The largest stack frame, in words.
pub const MAX_FRAME_SIZE: u32 = 10 * 1024;
/// The most operands that one function may hold at once.
pub const MAX_FRAME_CONTENTION: u32 = 4096;
/// The most operators in an instrumented function.
pub const MAX_OPERATORS: u64 = 65_536;
/// The most bytes in an exported name, and in the module's own name.
pub const MAX_NAME: usize = 512;
/// The most imports, from ArbOS 32.
pub const MAX_IMPORTS: u64 = 513;

const MAX_DATAS: u64 = 128;
const MAX_ELEMENTS: u64 = 128;
const MAX_EXPORTS: u64 = 1024;
const MAX_FUNCTIONS: u64 = 4096;
const MAX_GLOBALS: u64 = 32_768;
const MAX_LOCALS: u64 = 348;
const MAX_TABLE_ENTRIES: u64 = 4096;
const MAX_ELEMENT_BYTES: u64 = 4096;

/// The first ArbOS version that charges for the module's length and limits its imports.
pub const ARBOS_CHARGING_FIXES: u64 = 32;

fn at_most(limit: u64, count: u64, what: &'static str) -> Result<(), ActivationError> {
    if count > limit {
        Err(ActivationError::TooMany { what, count, limit })
    } else {
        Ok(())
    }
}

/// Checks a module's counts. `globals` and `exports` are those of the instrumented module, `operators` the length of
/// each instrumented function.
///
/// # Errors
/// The first count that is over its limit.
pub fn check(
    module: &Module<'_>,
    globals: u64,
    exports: u64,
    operators: &[u64],
    arbos_version: u64,
) -> Result<(), ActivationError> {
    at_most(MAX_DATAS, module.datas.len() as u64, "data segments")?;
    at_most(MAX_ELEMENTS, module.elements.len() as u64, "element segments")?;
    at_most(MAX_EXPORTS, exports, "exports")?;
    at_most(MAX_FUNCTIONS, module.codes.len() as u64, "functions")?;
    at_most(MAX_GLOBALS, globals, "globals")?;
    for code in &module.codes {
        at_most(MAX_LOCALS, u64::from(code.local_count()), "locals in a function")?;
    }
    for count in operators {
        at_most(MAX_OPERATORS, *count, "operators in an instrumented function")?;
    }
    if arbos_version >= ARBOS_CHARGING_FIXES {
        at_most(MAX_IMPORTS, module.imports.len() as u64, "imports")?;
    }
    at_most(
        MAX_TABLE_ENTRIES,
        saturating_sum(module.tables.iter().map(|table| table.initial)),
        "table entries",
    )?;
    // Nitro measures element segments by their bytes, though it calls them entries.
    at_most(MAX_ELEMENT_BYTES, module.element_bytes(), "bytes of element segments")?;
    name(
        "an export's name",
        module.kept_exports().map(|export| export.name.len()).max().unwrap_or(0),
    )?;
    name("the module's name", module.name.map_or(0, str::len))
}

fn name(what: &'static str, length: usize) -> Result<(), ActivationError> {
    if length > MAX_NAME {
        return Err(ActivationError::NameTooLong {
            what,
            length,
            limit: MAX_NAME,
        });
    }
    Ok(())
}

/// Adds without overflowing.
pub fn saturating_sum(values: impl Iterator<Item = u64>) -> u64 {
    values.fold(0, u64::saturating_add)
}
