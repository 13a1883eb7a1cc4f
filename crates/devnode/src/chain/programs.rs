//! From an account's code to a program that can run.

use alloy::primitives::B256;
use revm::Database;

use super::accounts;
use super::context::ArbContext;
use crate::arbos::code::{self, CodeError, ProgramCode};
use crate::arbos::programs;
use crate::wasm::engine::{Compiled, EngineError};
use crate::wasm::{ActivationConfig, ActivationError, activate};

/// Why a program's code cannot be run.
#[derive(Debug, thiserror::Error)]
pub enum LoadError<E> {
    /// The database failed.
    #[error("the database failed")]
    Database(E),
    /// The account does not hold a program.
    #[error(transparent)]
    Code(#[from] CodeError),
    /// Its module is refused.
    #[error(transparent)]
    Activation(#[from] ActivationError),
    /// Its fragments hold another module than the one that was activated.
    #[error("the program's fragments changed since it was activated; activate it again")]
    Changed,
    /// Its module does not compile.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

/// The wasm module in a program's code, gathered from its fragments if it has some.
///
/// # Errors
/// When the code is damaged or the module too large.
pub fn module<DB: Database>(ctx: &mut ArbContext<DB>, code: &[u8]) -> Result<Vec<u8>, LoadError<DB::Error>> {
    let config = ctx.chain.config.clone();
    let limit = config.stylus.max_wasm_size;
    match code::parse(code, config.arbos_version, config.stylus.max_fragments)? {
        ProgramCode::Classic { dictionary, payload } => Ok(code::decompress(dictionary, payload, limit)?),
        ProgramCode::Root {
            dictionary,
            len,
            fragments,
        } => {
            let mut payload = Vec::new();
            for address in fragments {
                let (_, code) = accounts::peek_code(ctx, address).map_err(LoadError::Database)?;
                payload.extend_from_slice(code::fragment(address, code.original_byte_slice())?);
            }
            let wasm = code::decompress(dictionary, &payload, limit)?;
            if wasm.len() as u64 != u64::from(len) {
                return Err(CodeError::Length {
                    announced: len,
                    actual: wasm.len(),
                }
                .into());
            }
            Ok(wasm)
        }
    }
}

/// The compiled program with this code, from the cache if it ran before. Costs no gas: activation paid.
///
/// # Errors
/// When the code does not hold the program that was activated.
pub fn compiled<DB: Database>(
    ctx: &mut ArbContext<DB>,
    code_hash: B256,
    code: &[u8],
) -> Result<Compiled, LoadError<DB::Error>> {
    let config = ctx.chain.config.clone();
    let module_hash = programs::load_module_hash(ctx, code_hash).map_err(LoadError::Database)?;
    config.programs.get_or_compile(module_hash, || {
        let wasm = module(ctx, code)?;
        let rules = ActivationConfig {
            stylus_version: config.stylus.version,
            arbos_version: config.arbos_version,
            // The frame's own checks bound its pages.
            page_limit: u16::MAX,
            debug: config.debug,
        };
        let activated = activate(&wasm, &rules)?;
        if activated.module_hash != module_hash {
            return Err(LoadError::Changed);
        }
        Ok(Compiled::new(&activated.instrumented)?)
    })
}
