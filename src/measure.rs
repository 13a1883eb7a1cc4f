//! What a program will cost, worked out from its file alone: the devnode's own activation, without a chain.

use crate::{
    artifacts::Artifacts,
    error::{Error, Result},
    program::{MAX_CODE_SIZE, MAX_PAYLOAD_SIZE, Program},
};
use hedgerow_devnode::{
    arbos::{params::StylusParams, programs},
    wasm::{
        activate::{ActivationConfig, activate},
        process::process,
    },
};
use serde::Serialize;

/// A program's size and what entering it costs on a chain of today's ArbOS.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Measured {
    /// Its name.
    pub name: String,
    /// Bytes on the chain: prefixes and compressed module.
    pub size: usize,
    /// The most that one contract may have, or of a program in pieces the compressed module.
    pub limit: usize,
    /// Bytes of the module before compression.
    pub wasm_size: usize,
    /// Wasm pages open from the start; above two each costs gas on every call.
    pub footprint: u16,
    /// Gas of entering it the first time in a block.
    pub entry_gas: u64,
    /// Gas of entering it when it is cached, or again in the same block.
    pub cached_entry_gas: u64,
}

/// Measures the program `name`; refuses one that is too large or that no chain would activate.
pub fn measure(artifacts: &Artifacts, name: &str) -> Result<Measured> {
    let bad = |reason: String| Error::BadProgram {
        name: name.into(),
        reason,
    };
    let wasm = artifacts.program(name)?;
    let program = Program::from_wasm(name, &wasm)?;
    let module = process(&wasm).map_err(|error| bad(error.to_string()))?;
    let activation = activate(&module, &ActivationConfig::default()).map_err(|error| bad(error.to_string()))?;
    let stylus = StylusParams::for_arbos(hedgerow_devnode::Config::default().arbos_version);
    let activated = programs::Program {
        init_cost: activation.init_cost,
        cached_cost: activation.cached_init_cost,
        ..programs::Program::default()
    };
    let cached_entry_gas = activated.cached_gas(&stylus);
    Ok(Measured {
        name: name.into(),
        size: program.size(),
        limit: if program.fragments.is_empty() {
            MAX_CODE_SIZE
        } else {
            MAX_PAYLOAD_SIZE
        },
        wasm_size: program.wasm_size,
        footprint: activation.footprint,
        entry_gas: activated.init_gas(&stylus) + cached_entry_gas,
        cached_entry_gas,
    })
}
