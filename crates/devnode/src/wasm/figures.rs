//! What activation predicts about a program, and what predicting it costs.
//!
//! Every division rounds towards zero, part by part. Source: Nitro v3.10.0, `prover/src/binary.rs` (`instrument`) and
//! `prover/src/programs/mod.rs` (`activate`).

use super::emit::ADDED_GLOBALS;
use super::error::ActivationError;
use super::limits::{ARBOS_CHARGING_FIXES, saturating_sum};
use super::module::Module;

/// Gas per microsecond of activation.
const GAS_PER_MICROSECOND: u64 = 28;

/// The predicted costs of a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Figures {
    /// Pages at the start.
    pub footprint: u16,
    /// The cost of a call besides the cached part, in units of the chain's init-cost parameter.
    pub init_cost: u16,
    /// The part of a call's cost that remains when the program is cached.
    pub cached_init_cost: u16,
    /// The size of the compiled program, in bytes.
    pub asm_estimate: u32,
}

/// Sizes that the predictions are made from.
struct Sizes {
    functions: u64,
    types: u64,
    length: u64,
    globals: u64,
    data: u64,
    footprint: u64,
}

impl Sizes {
    fn of(module: &Module<'_>) -> Self {
        let arity = |index: &u32| {
            module
                .types
                .get(*index as usize)
                .map_or(0, |ty| (ty.params().len() + ty.results().len()) as u64)
        };
        Self {
            functions: module.codes.len() as u64,
            types: module.functions.iter().map(arity).sum(),
            length: module.length,
            globals: module.globals.len() as u64 + ADDED_GLOBALS,
            data: module.datas.iter().map(|data| data.range.len() as u64).sum::<u64>() + module.element_bytes(),
            footprint: module.initial_pages(),
        }
    }
}

fn part(count: u64, numerator: u64, denominator: u64) -> u64 {
    count.saturating_mul(numerator) / denominator
}

/// Predicts a program's costs.
///
/// # Errors
/// [`ActivationError::CostTooHigh`] when one does not fit its field of the program's word.
pub fn predict(module: &Module<'_>, stylus_version: u16) -> Result<Figures, ActivationError> {
    let sizes = Sizes::of(module);
    let asm = saturating_sum(
        [
            512_000,
            part(sizes.functions, 996_829, 1000),
            part(sizes.types, 11_416, 1000),
            part(sizes.length, 62_628, 10_000),
        ]
        .into_iter(),
    );
    let cached = saturating_sum(
        [
            part(sizes.functions, 13_420, 100_000),
            part(sizes.types, 89, 100_000),
            part(sizes.length, 122, 100_000),
            part(sizes.globals, 1628, 1000),
            part(sizes.data, 75_244, 100_000),
            sizes.footprint.saturating_mul(5),
        ]
        .into_iter(),
    );
    let init = saturating_sum(
        [
            // In version 1 a cached program saved everything; since version 2 the cached part is charged apart.
            if stylus_version == 1 { cached } else { 0 },
            part(sizes.functions, 8252, 1000),
            part(sizes.types, 1059, 1000),
            part(sizes.length, 1286, 10_000),
        ]
        .into_iter(),
    );
    Ok(Figures {
        footprint: fit("footprint", sizes.footprint)?,
        init_cost: fit("init cost", init)?,
        cached_init_cost: fit("cached init cost", cached)?,
        asm_estimate: fit("asm estimate", asm)?,
    })
}

fn fit<T: TryFrom<u64>>(what: &'static str, cost: u64) -> Result<T, ActivationError> {
    let bits = 8 * size_of::<T>() as u32;
    T::try_from(cost).map_err(|_| ActivationError::CostTooHigh { what, cost, bits })
}

/// The gas that parsing and instrumenting the module costs, on top of the fixed part of an activation. `operators` is
/// the number of operators in the instrumented module.
pub fn activation_gas(module: &Module<'_>, operators: u64, arbos_version: u64) -> u64 {
    let data = saturating_sum(module.datas.iter().map(|data| data.data.len() as u64));
    let length = if arbos_version >= ARBOS_CHARGING_FIXES {
        module.length
    } else {
        0
    };
    let microseconds = [
        part(length, 31_733, 100_000),
        part(module.functions.len() as u64, 17_263, 100_000),
        part(data, 17_376, 100_000),
        part(module.element_bytes(), 17_376, 100_000),
        module.initial_pages().saturating_mul(2217),
        part(operators, 535, 1000),
    ];
    saturating_sum(microseconds.into_iter()).saturating_mul(GAS_PER_MICROSECOND)
}
