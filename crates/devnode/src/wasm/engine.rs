//! The engine: compiles activated modules and keeps them, so that a program is compiled once per process.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use alloy::primitives::B256;
use wasmtime::{Config, Engine, InstancePre, Linker, Module, OptLevel};

use super::host::{self, HostState};

/// Native stack of a program. 262,144 words of 8 bytes, the deepest that Stylus ever allowed, need 2 MiB; a call of the
/// smallest function takes 5 words of it and about 64 bytes of native stack, which needs 4 MiB. Pages are only touched
/// when used.
const WASM_STACK: usize = 16 << 20;
/// What host functions may use on top.
const HOST_STACK: usize = 1 << 20;
/// 128 pages: no program can have more.
const MEMORY: u64 = 128 << 16;
/// Programs kept compiled; the cache is emptied when it is full.
const CACHED: usize = 512;

/// A program cannot be compiled or linked: its code was not produced by activation, or the machine is out of memory.
#[derive(Clone, Debug, thiserror::Error)]
#[error("cannot compile program: {0}; activate it again")]
pub struct EngineError(String);

struct Shared {
    engine: Engine,
    linker: Linker<HostState>,
}

/// One engine for the process: code compiled for one chain serves all of them.
static SHARED: LazyLock<Result<Shared, EngineError>> = LazyLock::new(|| {
    let error = |error: wasmtime::Error| EngineError(format!("{error:#}"));
    let mut config = Config::new();
    config
        .max_wasm_stack(WASM_STACK)
        .async_stack_size(WASM_STACK + HOST_STACK)
        .memory_reservation(MEMORY)
        .memory_guard_size(0)
        .memory_reservation_for_growth(0)
        .memory_may_move(true)
        .cranelift_opt_level(OptLevel::Speed)
        .cranelift_nan_canonicalization(true)
        .concurrency_support(false)
        .wasm_backtrace_max_frames(None)
        .wasm_simd(false)
        .wasm_relaxed_simd(false)
        .wasm_tail_call(false)
        .wasm_multi_memory(false)
        .wasm_memory64(false)
        .wasm_extended_const(false)
        .wasm_bulk_memory(true)
        .wasm_multi_value(true);
    let engine = Engine::new(&config).map_err(error)?;
    let mut linker = Linker::new(&engine);
    host::link(&mut linker).map_err(error)?;
    Ok(Shared { engine, linker })
});

fn shared() -> Result<&'static Shared, EngineError> {
    SHARED.as_ref().map_err(Clone::clone)
}

/// A program that is ready to be instantiated.
#[derive(Clone)]
pub struct Compiled(pub(super) InstancePre<HostState>);

impl Compiled {
    /// Compiles an instrumented module.
    ///
    /// # Errors
    /// When the module is not the product of activation.
    pub fn new(instrumented: &[u8]) -> Result<Self, EngineError> {
        let error = |error: wasmtime::Error| EngineError(format!("{error:#}"));
        let shared = shared()?;
        let module = Module::new(&shared.engine, instrumented).map_err(error)?;
        shared.linker.instantiate_pre(&module).map(Self).map_err(error)
    }
}

impl fmt::Debug for Compiled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Compiled")
    }
}

/// Compiled programs by the hash of their instrumented module, which names the code that runs and nothing else: chains
/// may share a cache. Clones share the programs.
#[derive(Clone, Debug, Default)]
pub struct ProgramCache(Arc<Mutex<HashMap<B256, Compiled>>>);

impl ProgramCache {
    /// The cache of this process.
    pub fn shared() -> Self {
        static CACHE: LazyLock<ProgramCache> = LazyLock::new(ProgramCache::default);
        CACHE.clone()
    }

    /// The program with this module hash, compiled by `make` if it is not there yet.
    ///
    /// # Errors
    /// What `make` returns.
    pub fn get_or_compile<E>(
        &self,
        module_hash: B256,
        make: impl FnOnce() -> Result<Compiled, E>,
    ) -> Result<Compiled, E> {
        if let Some(found) = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&module_hash) {
            return Ok(found.clone());
        }
        let compiled = make()?;
        let mut programs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if programs.len() >= CACHED {
            programs.clear();
        }
        programs.insert(module_hash, compiled.clone());
        Ok(compiled)
    }
}
