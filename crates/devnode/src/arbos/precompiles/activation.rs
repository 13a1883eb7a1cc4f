//! `ArbWasm.activateProgram`.

use alloy::primitives::{Address, B256, U256};
use alloy::sol_types::SolCall;
use revm::Database;
use revm::context::{ContextTr, JournalTr};

use super::arb_wasm::{IArbWasm, charge_data, pay_fee};
use super::call::{Call, Done, Failure, Outcome, READ_GAS, WRITE_GAS, words};
use crate::arbos::code::{self, CodeError, FRAGMENTS_FROM, ProgramCode};
use crate::arbos::params::StylusParams;
use crate::arbos::programs::{self, Program};
use crate::chain::accounts;
use crate::chain::programs::{LoadError, module};
use crate::wasm::engine::Compiled;
use crate::wasm::{Activation, ActivationConfig, activate};

/// From this version on, `activationGas` is read and charged.
pub(super) const ACTIVATION_GAS_FROM: u64 = 59;
/// What every activation costs before its module is looked at.
const FIXED_GAS: u64 = 1_659_168;
/// Largest code of a fragment, in words: what reading one costs is checked for the worst case.
const FRAGMENT_WORDS: u64 = 768;
/// Gas of reading a word of a fragment.
const FRAGMENT_WORD_GAS: u64 = 3;
const COLD_ACCOUNT_GAS: u64 = 2_600;
const WARM_GAS: u64 = 100;

/// Activates the program at `account`: measures it, writes down what entering it costs, and takes the data fee.
pub(super) fn activate_program<DB: Database>(call: &mut Call<'_, DB>, account: Address) -> Outcome<DB> {
    if call.arbos_version() >= ACTIVATION_GAS_FROM {
        call.burn(READ_GAS)?;
        call.burn(call.ctx.chain.config.stylus.activation_gas)?;
    }
    call.burn(FIXED_GAS)?;
    let touched = call.ctx.journal().evm_state().get(&account);
    if touched.is_some_and(|account| account.is_selfdestructed()) {
        return Err(Failure::Plain);
    }
    let params = call.params()?;
    let (code_hash, code) = accounts::peek_code(call.ctx, account).map_err(Failure::Database)?;
    let known = call.program(code_hash)?;
    if known.check(&params, call.now()).is_ok() {
        return Err(Failure::error(&IArbWasm::ProgramUpToDate {}));
    }
    let wasm = read_module(call, &params, code.original_byte_slice())?;
    let figures = measure(call, &params, &wasm)?;
    let data_fee = write_down(call, &params, code_hash, &figures, known.cached)?;
    pay_fee(call, data_fee)?;
    call.emit(&IArbWasm::ProgramActivated {
        codehash: code_hash,
        moduleHash: figures.module_hash,
        program: account,
        dataFee: data_fee,
        version: params.version,
    })?;
    let answer = IArbWasm::activateProgramReturn {
        version: params.version,
        dataFee: data_fee,
    };
    Ok(IArbWasm::activateProgramCall::abi_encode_returns(&answer).into())
}

/// The module in the account's code. Reading fragments costs gas.
fn read_module<DB: Database>(call: &mut Call<'_, DB>, params: &StylusParams, code: &[u8]) -> Done<DB, Vec<u8>> {
    let version = call.arbos_version();
    match code::parse(code, version, params.max_fragments) {
        // A length over the limit is refused before a fragment is read.
        Ok(ProgramCode::Root { len, .. }) if len > params.max_wasm_size => return Err(Failure::Plain),
        Ok(ProgramCode::Root { fragments, .. }) => charge_fragments(call, &fragments)?,
        Ok(ProgramCode::Classic { .. }) => {}
        Err(CodeError::NotAProgram) => return Err(not_a_program(code, version)),
        Err(_) => return Err(Failure::Plain),
    }
    module(call.ctx, code).map_err(|error| match error {
        LoadError::Database(error) => Failure::Database(error),
        _ => Failure::Plain,
    })
}

/// Until ArbOS 60 only empty code was a Solidity error; since then a fragment, whose root should be activated, is not.
fn not_a_program<E>(code: &[u8], arbos_version: u64) -> Failure<E> {
    let plain = match arbos_version {
        FRAGMENTS_FROM.. => code::is_deployable(code, arbos_version),
        _ => !code.is_empty(),
    };
    if plain {
        Failure::Plain
    } else {
        Failure::error(&IArbWasm::ProgramNotWasm {})
    }
}

/// Charges for reading each fragment, once there is gas for the largest that it could be.
fn charge_fragments<DB: Database>(call: &mut Call<'_, DB>, fragments: &[Address]) -> Done<DB, ()> {
    for fragment in fragments {
        let loaded = call
            .ctx
            .journal_mut()
            .load_account_with_code(*fragment)
            .map_err(Failure::Database)?;
        let access = if loaded.is_cold { COLD_ACCOUNT_GAS } else { WARM_GAS };
        let code = loaded.info.code.clone().unwrap_or_default();
        let code = code.original_byte_slice();
        if call.gas_left() < access + FRAGMENT_WORD_GAS * FRAGMENT_WORDS {
            return Err(Failure::BurnAll);
        }
        call.burn(access + FRAGMENT_WORD_GAS * words(code.len()))?;
        code::fragment(*fragment, code).map_err(|_| Failure::Plain)?;
    }
    Ok(())
}

/// Measures and instruments the module and charges for that. From here on, a module that is refused takes all gas.
fn measure<DB: Database>(call: &mut Call<'_, DB>, params: &StylusParams, wasm: &[u8]) -> Done<DB, Activation> {
    let rules = ActivationConfig {
        stylus_version: params.version,
        arbos_version: call.arbos_version(),
        page_limit: params.page_limit.saturating_sub(call.ctx.chain.pages.open),
        debug: call.ctx.chain.config.debug,
    };
    let figures = activate(wasm, &rules).map_err(|_| Failure::BurnAll)?;
    call.burn(figures.activation_gas)?;
    // Compiled now, as Nitro does, so that a module which does not compile is refused rather than accepted and stuck.
    let cache = call.ctx.chain.config.programs.clone();
    let compile = || Compiled::new(&figures.instrumented);
    cache
        .get_or_compile(figures.module_hash, compile)
        .map_err(|_| Failure::BurnAll)?;
    Ok(figures)
}

/// Writes down the module's hash, the data fee's model and the program, and answers the fee.
fn write_down<DB: Database>(
    call: &mut Call<'_, DB>,
    params: &StylusParams,
    code_hash: B256,
    figures: &Activation,
    cached: bool,
) -> Done<DB, U256> {
    call.burn(WRITE_GAS)?;
    programs::store_module_hash(call.ctx, code_hash, figures.module_hash).map_err(Failure::Database)?;
    let fee = charge_data(call, figures.asm_estimate)?;
    let program = Program {
        version: params.version,
        init_cost: figures.init_cost,
        cached_cost: figures.cached_init_cost,
        footprint: figures.footprint,
        activated_at: programs::hours(call.now()),
        asm_kb: figures.asm_estimate.div_ceil(1024),
        cached,
    };
    call.burn(WRITE_GAS)?;
    programs::store(call.ctx, code_hash, program).map_err(Failure::Database)?;
    Ok(fee)
}
