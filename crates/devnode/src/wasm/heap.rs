//! The heap bound: growing memory is paid for before it happens, whether or not it then succeeds.

use wasmparser::{Operator, TypeRef, ValType};

use super::emit::State;
use super::error::ActivationError;
use super::imports::{PAY_FOR_MEMORY_GROW, VM_HOOKS};
use super::limits::HEAP_BOUND;
use super::module::Module;

/// Finds what growing memory must call: `None` when the memory cannot grow.
///
/// # Errors
/// [`ActivationError::TooMany`] when the memory starts larger than the bound, and
/// [`ActivationError::MissingPayForMemoryGrow`] when it can grow without a way to pay.
pub fn pay_function(module: &Module<'_>) -> Result<Option<u32>, ActivationError> {
    let Some(memory) = module.memories.first() else {
        return Ok(None);
    };
    let min = memory.initial;
    if min > HEAP_BOUND {
        return Err(ActivationError::TooMany {
            what: "initial memory pages",
            count: min,
            limit: HEAP_BOUND,
        });
    }
    if memory.maximum == Some(min) {
        return Ok(None);
    }
    let missing = ActivationError::MissingPayForMemoryGrow { min };
    let found = module
        .imports
        .iter()
        .position(|import| import.module == VM_HOOKS && import.name == PAY_FOR_MEMORY_GROW);
    let Some(index) = found else { return Err(missing) };
    let TypeRef::Func(ty) = module.imports[index].ty else {
        return Err(missing);
    };
    let fits = module
        .types
        .get(ty as usize)
        .is_some_and(|ty| ty.params() == [ValType::I32] && ty.results().is_empty());
    let index = u32::try_from(index).map_err(|_| missing.clone())?;
    if fits { Ok(Some(index)) } else { Err(missing) }
}

/// Puts a call of `pay` with the requested pages in front of every `memory.grow`.
pub fn bound<'a>(body: Vec<Operator<'a>>, pay: Option<u32>, state: State) -> Vec<Operator<'a>> {
    let Some(function_index) = pay else { return body };
    let mut out = Vec::with_capacity(body.len());
    for operator in body {
        if let Operator::MemoryGrow { .. } = operator {
            let global_index = state.scratch;
            out.extend([
                Operator::GlobalSet { global_index },
                Operator::GlobalGet { global_index },
                Operator::GlobalGet { global_index },
                Operator::Call { function_index },
            ]);
        }
        out.push(operator);
    }
    out
}
