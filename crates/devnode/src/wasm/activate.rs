//! Activation: a module in, an instrumented module and its figures out.

use alloy::primitives::{B256, keccak256};

use super::depth;
use super::dynamic::dynamic;
use super::emit::{self, ADDED_GLOBALS, State};
use super::error::ActivationError;
use super::figures;
use super::heap;
use super::limits;
use super::meter::meter;
use super::module::Module;
use super::validate::validate;

/// The newest Stylus version whose rules are known here.
pub const NEWEST_VERSION: u16 = 3;

/// The rules that an activation follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ActivationConfig {
    /// The version of Stylus: 1, 2 or 3.
    pub stylus_version: u16,
    /// The version of ArbOS, which decides what is charged.
    pub arbos_version: u64,
    /// The pages that a program may start with: the chain's limit, less what the transaction already uses.
    pub page_limit: u16,
    /// Whether this is a debug chain: `console` and `debug` imports, start functions and every export are kept.
    pub debug: bool,
}

impl Default for ActivationConfig {
    /// Arbitrum One today.
    fn default() -> Self {
        Self {
            stylus_version: 3,
            arbos_version: 61,
            page_limit: 128,
            debug: false,
        }
    }
}

/// An activated program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activation {
    /// The module to run. It meters itself through the exported mutable globals [`emit::INK_LEFT`] (i64),
    /// [`emit::INK_STATUS`] (i32) and [`emit::STACK_LEFT`] (i32), all 0 at first: the host sets ink and stack before a
    /// call. When it traps, stack 0 means out of stack, otherwise status 1 means out of ink.
    pub instrumented: Vec<u8>,
    /// Pages at the start.
    pub footprint: u16,
    /// The cost of a call besides the cached part, in units of the chain's init-cost parameter.
    pub init_cost: u16,
    /// The part of a call's cost that remains when the program is cached.
    pub cached_init_cost: u16,
    /// The size of the compiled program, in bytes: what the data fee is charged for.
    pub asm_estimate: u32,
    /// The gas that parsing and instrumenting cost, on top of the fixed part of an activation.
    pub activation_gas: u64,
    /// Identifies the instrumented module: the Keccak-256 of the Stylus version (two bytes, big-endian) and the
    /// module. Nitro commits to its own fraud-proof machine instead, which nothing on chain reads.
    pub module_hash: B256,
}

/// Validates, measures and instruments a module, in Nitro's order: start mover, ink meter, dynamic meter, depth
/// checker, heap bound.
///
/// # Errors
/// Why the module is refused; the caller then burns all the gas it has.
pub fn activate(wasm: &[u8], config: &ActivationConfig) -> Result<Activation, ActivationError> {
    if !(1..=NEWEST_VERSION).contains(&config.stylus_version) {
        return Err(ActivationError::UnknownVersion(config.stylus_version));
    }
    let mut module = Module::parse(wasm, config.stylus_version, config.debug)?;
    validate(&module)?;
    let (bodies, state) = instrument(&mut module)?;
    let figures = figures::predict(&module, config.stylus_version)?;
    if module.initial_pages() > u64::from(config.page_limit) {
        let (count, limit) = (module.initial_pages(), u64::from(config.page_limit));
        return Err(ActivationError::TooMany {
            what: "initial memory pages",
            count,
            limit,
        });
    }
    let operators: Vec<_> = bodies.iter().map(|body| body.len() as u64).collect();
    let globals = module.globals.len() as u64 + ADDED_GLOBALS;
    let exports = module.kept_exports().count() as u64 + u64::from(module.start.is_some()) + ADDED_GLOBALS;
    limits::check(&module, globals, exports, &operators, config.arbos_version)?;
    let operators = limits::saturating_sum(operators.into_iter());
    let activation_gas = figures::activation_gas(&module, operators, config.arbos_version);
    let instrumented = emit::emit(&module, bodies, state)?;
    let module_hash = keccak256([&config.stylus_version.to_be_bytes(), instrumented.as_slice()].concat());
    let figures::Figures {
        footprint,
        init_cost,
        cached_init_cost,
        asm_estimate,
    } = figures;
    Ok(Activation {
        instrumented,
        footprint,
        init_cost,
        cached_init_cost,
        asm_estimate,
        activation_gas,
        module_hash,
    })
}

type Bodies<'a> = Vec<Vec<wasmparser::Operator<'a>>>;

/// Takes the operators out of `module` and returns them instrumented; the rest of the module stays as it is.
fn instrument<'a>(module: &mut Module<'a>) -> Result<(Bodies<'a>, State), ActivationError> {
    let globals = module.globals.len();
    let too_many = ActivationError::TooMany {
        what: "globals",
        count: globals as u64,
        limit: u64::from(u32::MAX),
    };
    let state = State::after(globals).ok_or(too_many)?;
    let pay = heap::pay_function(module)?;
    let mut bodies = Vec::with_capacity(module.codes.len());
    for function in 0..module.codes.len() {
        let body = std::mem::take(&mut module.codes[function].operators);
        let body = meter(body, &module.types, state);
        let body = dynamic(body, state, function)?;
        let body = depth::check(body, &module.codes[function], module, state, function)?;
        bodies.push(heap::bound(body, pay, state));
    }
    Ok((bodies, state))
}
