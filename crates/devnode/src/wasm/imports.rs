//! The host functions that a program may import, with their exact types.
//!
//! Source: Nitro v3.10.0, `user-host-trait` and the forwarder's stub.

use wasmparser::ValType::{self, F32, F64, I32, I64};

/// A host function: name, parameters, results.
pub type HostFunction = (&'static str, &'static [ValType], &'static [ValType]);

/// The module that programs import host functions from.
pub const VM_HOOKS: &str = "vm_hooks";

/// The host functions of `vm_hooks`, which every chain offers.
pub const HOSTIOS: &[HostFunction] = &[
    ("read_args", &[I32], &[]),
    ("write_result", &[I32, I32], &[]),
    ("exit_early", &[I32], &[]),
    ("storage_load_bytes32", &[I32, I32], &[]),
    ("storage_cache_bytes32", &[I32, I32], &[]),
    ("storage_flush_cache", &[I32], &[]),
    ("transient_load_bytes32", &[I32, I32], &[]),
    ("transient_store_bytes32", &[I32, I32], &[]),
    ("call_contract", &[I32, I32, I32, I32, I64, I32], &[I32]),
    ("delegate_call_contract", &[I32, I32, I32, I64, I32], &[I32]),
    ("static_call_contract", &[I32, I32, I32, I64, I32], &[I32]),
    ("create1", &[I32, I32, I32, I32, I32], &[]),
    ("create2", &[I32, I32, I32, I32, I32, I32], &[]),
    ("read_return_data", &[I32, I32, I32], &[I32]),
    ("return_data_size", &[], &[I32]),
    ("emit_log", &[I32, I32, I32], &[]),
    ("account_balance", &[I32, I32], &[]),
    ("account_code", &[I32, I32, I32, I32], &[I32]),
    ("account_code_size", &[I32], &[I32]),
    ("account_codehash", &[I32, I32], &[]),
    ("block_basefee", &[I32], &[]),
    ("block_coinbase", &[I32], &[]),
    ("block_gas_limit", &[], &[I64]),
    ("block_number", &[], &[I64]),
    ("block_timestamp", &[], &[I64]),
    ("chainid", &[], &[I64]),
    ("contract_address", &[I32], &[]),
    ("evm_gas_left", &[], &[I64]),
    ("evm_ink_left", &[], &[I64]),
    ("msg_reentrant", &[], &[I32]),
    ("msg_sender", &[I32], &[]),
    ("msg_value", &[I32], &[]),
    ("tx_gas_price", &[I32], &[]),
    ("tx_ink_price", &[], &[I32]),
    ("tx_origin", &[I32], &[]),
    ("math_div", &[I32, I32], &[]),
    ("math_mod", &[I32, I32], &[]),
    ("math_pow", &[I32, I32], &[]),
    ("math_add_mod", &[I32, I32, I32], &[]),
    ("math_mul_mod", &[I32, I32, I32], &[]),
    ("native_keccak256", &[I32, I32, I32], &[]),
    (PAY_FOR_MEMORY_GROW, &[I32], &[]),
];

/// The host function that a module must import to grow its memory.
pub const PAY_FOR_MEMORY_GROW: &str = "pay_for_memory_grow";

/// The host functions of `console`, which only debug chains offer.
pub const CONSOLE: &[HostFunction] = &[
    ("log_txt", &[I32, I32], &[]),
    ("log_i32", &[I32], &[]),
    ("log_i64", &[I64], &[]),
    ("log_f32", &[F32], &[]),
    ("log_f64", &[F64], &[]),
    ("tee_i32", &[I32], &[I32]),
    ("tee_i64", &[I64], &[I64]),
    ("tee_f32", &[F32], &[F32]),
    ("tee_f64", &[F64], &[F64]),
];

/// The host functions of `debug`, which only debug chains offer.
pub const DEBUG: &[HostFunction] = &[
    ("null_host", &[], &[]),
    ("start_benchmark", &[], &[]),
    ("end_benchmark", &[], &[]),
];

/// What is known about an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// The function and its type.
    pub function: HostFunction,
    /// Whether only debug chains offer it.
    pub debug_only: bool,
}

/// Finds a host function by the module and the name it is imported from.
pub fn find(module: &str, name: &str) -> Option<Known> {
    let (table, debug_only) = match module {
        VM_HOOKS => (HOSTIOS, false),
        "console" => (CONSOLE, true),
        "debug" => (DEBUG, true),
        _ => return None,
    };
    let function = *table.iter().find(|(known, ..)| *known == name)?;
    Some(Known { function, debug_only })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_names_each_of_the_42_host_functions_once() {
        let mut names: Vec<_> = HOSTIOS.iter().map(|(name, ..)| *name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), 42);
    }

    #[test]
    fn a_console_function_is_known_as_debug_only() {
        assert!(find("console", "log_txt").is_some_and(|known| known.debug_only));
        assert!(find(VM_HOOKS, "log_txt").is_none());
        assert!(find("env", "read_args").is_none());
    }
}
