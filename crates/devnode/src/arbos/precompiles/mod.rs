//! The precompiles of the chain: Ethereum's, and ArbOS's at `0x64`…`0x72`.

mod activation;
mod arb_info;
mod arb_sys;
mod arb_wasm;
mod arb_wasm_cache;
mod call;
mod gas_info;
mod owner_public;

use std::sync::OnceLock;

use alloy::primitives::{Address, Bytes, address};
use revm::Database;
use revm::context::ContextTr;
use revm::context_interface::context::ContextError;
use revm::handler::{EthPrecompiles, PrecompileProvider};
use revm::interpreter::{CallInputs, Gas, InstructionResult, InterpreterResult};
use revm::precompile::{Precompiles, secp256r1};
use revm::primitives::AddressSet;
use revm::primitives::hardfork::SpecId;

use crate::chain::context::ArbContext;
use call::{Call, Failure, Outcome};

/// `ArbSys`.
pub const ARB_SYS: Address = address!("0000000000000000000000000000000000000064");
/// `ArbInfo`.
pub const ARB_INFO: Address = address!("0000000000000000000000000000000000000065");
/// `ArbOwnerPublic`.
pub const ARB_OWNER_PUBLIC: Address = address!("000000000000000000000000000000000000006b");
/// `ArbGasInfo`.
pub const ARB_GAS_INFO: Address = address!("000000000000000000000000000000000000006c");
/// `ArbWasm`.
pub const ARB_WASM: Address = address!("0000000000000000000000000000000000000071");
/// `ArbWasmCache`.
pub const ARB_WASM_CACHE: Address = address!("0000000000000000000000000000000000000072");

/// The ArbOS precompiles that this chain has.
pub const ALL: [Address; 6] = [
    ARB_SYS,
    ARB_INFO,
    ARB_OWNER_PUBLIC,
    ARB_GAS_INFO,
    ARB_WASM,
    ARB_WASM_CACHE,
];

/// Provides revm with the precompiles of one ArbOS version.
#[derive(Debug)]
pub struct ArbPrecompiles {
    ethereum: EthPrecompiles,
    warm: AddressSet,
}

impl ArbPrecompiles {
    /// The precompiles at `arbos_version`.
    pub fn new(arbos_version: u64, spec: SpecId) -> Self {
        let ethereum = if arbos_version >= 50 {
            EthPrecompiles::new(spec)
        } else {
            // Cancun's, and P256 from the start; BLS12-381 came with ArbOS 50.
            static BEFORE_50: OnceLock<Precompiles> = OnceLock::new();
            let precompiles = BEFORE_50.get_or_init(|| {
                let mut precompiles = Precompiles::cancun().clone();
                precompiles.extend([secp256r1::P256VERIFY]);
                precompiles
            });
            EthPrecompiles { precompiles, spec }
        };
        let warm = ethereum.warm_addresses().iter().copied().chain(ALL).collect();
        Self { ethereum, warm }
    }
}

impl<DB: Database> PrecompileProvider<ArbContext<DB>> for ArbPrecompiles {
    type Output = InterpreterResult;

    fn set_spec(&mut self, _: SpecId) -> bool {
        false
    }

    fn run(&mut self, ctx: &mut ArbContext<DB>, inputs: &CallInputs) -> Result<Option<InterpreterResult>, String> {
        let function = match inputs.bytecode_address {
            ARB_SYS => arb_sys::call,
            ARB_INFO => arb_info::call,
            ARB_OWNER_PUBLIC => owner_public::call,
            ARB_GAS_INFO => gas_info::call,
            ARB_WASM => arb_wasm::call,
            ARB_WASM_CACHE => arb_wasm_cache::call,
            _ => return PrecompileProvider::<ArbContext<DB>>::run(&mut self.ethereum, ctx, inputs),
        };
        let input = inputs.input.bytes(ctx);
        let mut call = Call::new(ctx, inputs);
        let outcome = call
            .open(&input)
            .and_then(|()| function(&mut call, &input))
            .and_then(|output| {
                call.burn_words(output.len())?;
                Ok(output)
            });
        let gas_left = call.gas_left();
        Ok(Some(settle(ctx, inputs.gas_limit, gas_left, outcome)))
    }

    fn warm_addresses(&self) -> &AddressSet {
        &self.warm
    }
}

/// Turns what a precompile answered into what a frame returns. Failures are reverts; most of them keep no gas.
fn settle<DB: Database>(
    ctx: &mut ArbContext<DB>,
    gas_limit: u64,
    gas_left: u64,
    outcome: Outcome<DB>,
) -> InterpreterResult {
    let (result, output, gas_left) = match outcome {
        Ok(output) => (InstructionResult::Return, output, gas_left),
        Err(Failure::Error(data)) => {
            // The error's data is paid for like a result.
            let price = call::words(data.len()) * call::WORD_GAS;
            match gas_left.checked_sub(price) {
                Some(left) => (InstructionResult::Revert, data.into(), left),
                None => (InstructionResult::Revert, Bytes::new(), 0),
            }
        }
        Err(Failure::BurnAll) => (InstructionResult::Revert, Bytes::new(), 0),
        Err(Failure::Plain) => (InstructionResult::Revert, Bytes::new(), gas_left),
        Err(Failure::Database(error)) => {
            *ctx.error() = Err(ContextError::Db(error));
            (InstructionResult::PrecompileError, Bytes::new(), 0)
        }
    };
    let mut gas = Gas::new(gas_limit);
    gas.set_remaining(gas_left.min(gas_limit));
    InterpreterResult { result, output, gas }
}
