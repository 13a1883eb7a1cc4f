//! What Stylus asks of a valid module besides its size: names, imports, exports, initialisers.

use std::collections::{HashMap, HashSet};

use wasmparser::{ConstExpr, DataKind, ElementItems, ElementKind, ExternalKind, FuncType, Operator, TypeRef, ValType};

use super::error::ActivationError;
use super::floats;
use super::imports;
use super::module::{ENTRYPOINT, MEMORY, Module};

const PAGE: u64 = 65_536;
const RESERVED: &str = "stylus";

/// Checks everything about a module that does not depend on its instrumentation.
///
/// # Errors
/// The first rule that the module breaks.
pub fn validate(module: &Module<'_>) -> Result<(), ActivationError> {
    imports(module)?;
    names(module)?;
    globals(module)?;
    if module.start.is_some() && !module.debug {
        return Err(ActivationError::StartFunction);
    }
    if module
        .export(MEMORY)
        .is_none_or(|export| export.kind != ExternalKind::Memory)
    {
        return Err(ActivationError::MissingExport(MEMORY));
    }
    entrypoint(module)?;
    for (function, code) in module.codes.iter().enumerate() {
        if let Some(operator) = code.operators.iter().find(|operator| floats::is_arithmetic(operator)) {
            return Err(ActivationError::FloatingPoint {
                function,
                operator: format!("{operator:?}"),
            });
        }
    }
    data_segments(module)?;
    element_segments(module)
}

fn imports(module: &Module<'_>) -> Result<(), ActivationError> {
    let mut seen = HashMap::new();
    for import in &module.imports {
        let (from, name) = (import.module.to_owned(), import.name.to_owned());
        let TypeRef::Func(ty) = import.ty else {
            return Err(ActivationError::UnsupportedImport { module: from, name });
        };
        // Nitro compares the indices of the types, not the types.
        if seen
            .insert((import.module, import.name), ty)
            .is_some_and(|prior| prior != ty)
        {
            return Err(ActivationError::InconsistentImport { module: from, name });
        }
        if import.name.starts_with(RESERVED) {
            return Err(ActivationError::ReservedName { kind: "import", name });
        }
        let known = imports::find(import.module, import.name);
        let Some(known) = known.filter(|known| module.debug || !known.debug_only) else {
            return Err(ActivationError::UnknownImport {
                module: from,
                name,
                debug_only: known.is_some(),
            });
        };
        let (_, params, results) = known.function;
        let have = module.types.get(ty as usize);
        if have.is_none_or(|have| have.params() != params || have.results() != results) {
            let have = have.map_or_else(String::new, |ty| signature(ty.params(), ty.results()));
            return Err(ActivationError::ImportType {
                module: from,
                name,
                have,
                want: signature(params, results),
            });
        }
    }
    Ok(())
}

fn names(module: &Module<'_>) -> Result<(), ActivationError> {
    let last = |name| str::rsplit(name, "__").next().unwrap_or(name);
    let exported: HashSet<_> = module.exports.iter().map(|export| last(export.name)).collect();
    if let Some(import) = module.imports.iter().find(|import| exported.contains(import.name)) {
        return Err(ActivationError::ExportNamedLikeImport(import.name.into()));
    }
    match module
        .exports
        .iter()
        .find(|export| last(export.name).starts_with(RESERVED))
    {
        Some(export) => Err(ActivationError::ReservedName {
            kind: "export",
            name: export.name.into(),
        }),
        None => Ok(()),
    }
}

fn globals(module: &Module<'_>) -> Result<(), ActivationError> {
    for global in &module.globals {
        constant(&global.init_expr).ok_or(ActivationError::NotConstant("a global"))?;
    }
    Ok(())
}

/// The single constant of an initialiser.
fn constant<'a>(expression: &ConstExpr<'a>) -> Option<Operator<'a>> {
    use Operator as O;
    let mut reader = expression.get_operators_reader();
    let operator = reader.read().ok()?;
    let alone = matches!(reader.read().ok()?, O::End) && reader.eof();
    let plain = matches!(
        operator,
        O::I32Const { .. } | O::I64Const { .. } | O::F32Const { .. } | O::F64Const { .. }
    );
    (alone && plain).then_some(operator)
}

/// The offset of an active segment. A negative one counts as a huge one.
fn offset(expression: &ConstExpr<'_>, what: &'static str) -> Result<u64, ActivationError> {
    match constant(expression) {
        Some(Operator::I32Const { value }) => Ok(i64::from(value).cast_unsigned()),
        _ => Err(ActivationError::NotConstant(what)),
    }
}

fn in_bounds(what: &'static str, offset: u64, length: u64, size: u64) -> Result<(), ActivationError> {
    if offset.checked_add(length).is_some_and(|end| end <= size) {
        return Ok(());
    }
    Err(ActivationError::SegmentOutOfBounds {
        what,
        offset,
        length,
        size,
    })
}

fn data_segments(module: &Module<'_>) -> Result<(), ActivationError> {
    let size = module.initial_pages().saturating_mul(PAGE);
    for data in &module.datas {
        if let DataKind::Active { offset_expr, .. } = &data.kind {
            let offset = offset(offset_expr, "the offset of a data segment")?;
            in_bounds("data", offset, data.data.len() as u64, size)?;
        }
    }
    Ok(())
}

fn element_segments(module: &Module<'_>) -> Result<(), ActivationError> {
    for element in &module.elements {
        let ElementKind::Active {
            table_index,
            offset_expr,
        } = &element.kind
        else {
            continue;
        };
        let offset = offset(offset_expr, "the offset of an element segment")?;
        let ElementItems::Functions(functions) = &element.items else {
            return Err(ActivationError::NotConstant("an element segment"));
        };
        let size = module
            .tables
            .get(table_index.unwrap_or(0) as usize)
            .map_or(0, |table| table.initial);
        in_bounds("element", offset, u64::from(functions.count()), size)?;
    }
    Ok(())
}

fn entrypoint(module: &Module<'_>) -> Result<(), ActivationError> {
    let export = module
        .export(ENTRYPOINT)
        .ok_or(ActivationError::MissingExport(ENTRYPOINT))?;
    let ty = match export.kind {
        ExternalKind::Func => module.function_type(export.index),
        kind => return Err(ActivationError::BadEntrypoint(format!("a {kind:?}"))),
    };
    let fits = |ty: &FuncType| ty.params() == [ValType::I32] && ty.results() == [ValType::I32];
    match ty {
        Some(ty) if fits(ty) => Ok(()),
        Some(ty) => Err(ActivationError::BadEntrypoint(signature(ty.params(), ty.results()))),
        None => Err(ActivationError::MissingExport(ENTRYPOINT)),
    }
}

fn signature(params: &[ValType], results: &[ValType]) -> String {
    let list = |types: &[ValType]| types.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    format!("({}) -> ({})", list(params), list(results))
}
