//! Deploying Stylus programs: the only code starting with `EF` that may be deployed.

use alloy::primitives::Bytes;
use revm::Database;
use revm::bytecode::Bytecode;
use revm::context::{Cfg, ContextTr, JournalTr};
use revm::handler::{EthFrame, FrameData, FrameResult};
use revm::interpreter::{CreateOutcome, InstructionResult, InterpreterAction, InterpreterResult};

use super::context::ArbContext;
use crate::arbos::code::is_deployable;

/// Finishes a create whose init code returned a program; gives `action` back if it did anything else.
pub(super) fn finish_program<DB: Database>(
    ctx: &mut ArbContext<DB>,
    frame: &EthFrame,
    action: InterpreterAction,
) -> Result<FrameResult, InterpreterAction> {
    let (FrameData::Create(create), InterpreterAction::Return(result)) = (&frame.data, &action) else {
        return Err(action);
    };
    if !result.result.is_ok() || !is_deployable(&result.output, ctx.chain.config.arbos_version) {
        return Err(action);
    }
    let InterpreterResult { output, mut gas, .. } = result.clone();
    let price = ctx.cfg().gas_params().code_deposit_cost(output.len());
    let outcome = if output.len() > ctx.cfg().max_code_size() {
        InstructionResult::CreateContractSizeLimit
    } else if !gas.record_regular_cost(price) {
        InstructionResult::OutOfGas
    } else {
        InstructionResult::Return
    };
    if outcome.is_ok() {
        ctx.journal_mut().checkpoint_commit();
        ctx.journal_mut()
            .set_code(create.created_address, Bytecode::new_legacy(output.clone()));
    } else {
        ctx.journal_mut().checkpoint_revert(frame.checkpoint);
    }
    let output = if outcome.is_ok() { output } else { Bytes::new() };
    let result = InterpreterResult {
        result: outcome,
        output,
        gas,
    };
    Ok(FrameResult::Create(CreateOutcome::new(
        result,
        Some(create.created_address),
    )))
}
