//! Puts an instrumented module together again.

use std::convert::Infallible;

use wasm_encoder::reencode::{Error, Reencode, RoundtripReencoder};
use wasm_encoder::{
    CodeSection, ConstExpr, ExportKind, ExportSection, Function, GlobalSection, GlobalType, RawSection, SectionId,
    ValType,
};
use wasmparser::Operator;

use super::error::ActivationError;
use super::module::Module;

/// The exported global that holds the ink left, an unsigned 64-bit number.
pub const INK_LEFT: &str = "stylus_ink_left";
/// The exported global that is 1 once the ink is exhausted.
pub const INK_STATUS: &str = "stylus_ink_status";
/// The exported global that holds the stack space left, in words; 0 once it is exhausted.
pub const STACK_LEFT: &str = "stylus_stack_left";
/// The exported function that was the module's start function.
pub const START: &str = "stylus_start";
/// How many globals the instrumentation adds: the three above and a scratch register.
pub const ADDED_GLOBALS: u64 = 4;

/// The indices of the globals that the instrumentation adds.
#[derive(Debug, Clone, Copy)]
pub struct State {
    /// The ink left.
    pub ink_left: u32,
    /// Whether the ink is exhausted.
    pub ink_status: u32,
    /// A register for operands that are needed twice.
    pub scratch: u32,
    /// The stack space left.
    pub stack_left: u32,
}

impl State {
    /// The indices in a module that defines `globals` of its own; no module imports any.
    pub fn after(globals: usize) -> Option<Self> {
        let first = u32::try_from(globals).ok()?;
        first.checked_add(4)?;
        Some(Self {
            ink_left: first,
            ink_status: first + 1,
            scratch: first + 2,
            stack_left: first + 3,
        })
    }
}

/// Encodes `module` with the bodies replaced by `bodies` and the instrumentation's globals added. Custom sections are
/// left out, as are the exports that the chain drops; a start function becomes an export.
///
/// # Errors
/// [`ActivationError::Invalid`] for what the encoder cannot express; no valid module has any.
pub fn emit(module: &Module<'_>, bodies: Vec<Vec<Operator<'_>>>, state: State) -> Result<Vec<u8>, ActivationError> {
    let mut out = wasm_encoder::Module::new();
    // Sections must come in the order of their ids, but for the data count, which no module here has.
    copy(module, &mut out, |id| id < SectionId::Global as u8);
    out.section(&globals(module)?);
    out.section(&exports(module, state)?);
    copy(module, &mut out, |id| id == SectionId::Element as u8);
    out.section(&code(module, bodies)?);
    copy(module, &mut out, |id| id == SectionId::Data as u8);
    Ok(out.finish())
}

fn copy(module: &Module<'_>, out: &mut wasm_encoder::Module, wanted: impl Fn(u8) -> bool) {
    for raw in module.raw.iter().filter(|raw| wanted(raw.id)) {
        out.section(&RawSection {
            id: raw.id,
            data: raw.data,
        });
    }
}

fn globals(module: &Module<'_>) -> Result<GlobalSection, ActivationError> {
    let mut section = GlobalSection::new();
    for global in &module.globals {
        RoundtripReencoder
            .parse_global(&mut section, global.clone())
            .map_err(refused)?;
    }
    let mutable = |val_type| GlobalType {
        val_type,
        mutable: true,
        shared: false,
    };
    section.global(mutable(ValType::I64), &ConstExpr::i64_const(0));
    for _ in 0..3 {
        section.global(mutable(ValType::I32), &ConstExpr::i32_const(0));
    }
    Ok(section)
}

fn exports(module: &Module<'_>, state: State) -> Result<ExportSection, ActivationError> {
    let mut section = ExportSection::new();
    for export in module.kept_exports() {
        RoundtripReencoder
            .parse_export(&mut section, *export)
            .map_err(refused)?;
    }
    if let Some(start) = module.start {
        section.export(START, ExportKind::Func, start);
    }
    section.export(INK_LEFT, ExportKind::Global, state.ink_left);
    section.export(INK_STATUS, ExportKind::Global, state.ink_status);
    section.export(STACK_LEFT, ExportKind::Global, state.stack_left);
    Ok(section)
}

fn code(module: &Module<'_>, bodies: Vec<Vec<Operator<'_>>>) -> Result<CodeSection, ActivationError> {
    let mut section = CodeSection::new();
    for (code, body) in module.codes.iter().zip(bodies) {
        let mut locals = Vec::with_capacity(code.locals.len());
        for (count, ty) in &code.locals {
            locals.push((*count, RoundtripReencoder.val_type(*ty).map_err(refused)?));
        }
        let mut function = Function::new(locals);
        for operator in body {
            function.instruction(&RoundtripReencoder.instruction(operator).map_err(refused)?);
        }
        section.function(&function);
    }
    Ok(section)
}

fn refused(error: Error<Infallible>) -> ActivationError {
    ActivationError::Invalid(error.to_string())
}
