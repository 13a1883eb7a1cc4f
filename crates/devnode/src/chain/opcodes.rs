//! The one opcode that Arbitrum changes: a Stylus account cannot be destroyed.

use alloy::primitives::{Address, U256};
use revm::Database;
use revm::context::{ContextTr, Host, JournalTr};
use revm::context_interface::context::ContextError;
use revm::handler::instructions::EthInstructions;
use revm::interpreter::instructions::host::selfdestruct;
use revm::interpreter::interpreter::EthInterpreter;
use revm::interpreter::{Instruction, InstructionContext, InstructionExecResult, InstructionResult};
use revm::primitives::hardfork::SpecId;

use super::accounts;
use super::context::ArbContext;
use crate::arbos::code::is_program;

const SELFDESTRUCT: u8 = 0xff;

/// Ethereum's opcodes with Arbitrum's `SELFDESTRUCT`. `NUMBER` needs no change: blocks carry the L1 number.
pub(super) fn instructions<DB: Database>(spec: SpecId) -> EthInstructions<EthInterpreter, ArbContext<DB>> {
    let mut instructions = EthInstructions::new_mainnet_with_spec(spec);
    let gas = instructions.gas_table()[usize::from(SELFDESTRUCT)];
    instructions.insert_instruction(SELFDESTRUCT, Instruction::new(guarded_selfdestruct), gas);
    instructions
}

/// Reverts if the acting account holds a program, which happens when a program delegate-calls a contract that destroys
/// itself; what the opcode would have cost is charged first.
fn guarded_selfdestruct<DB: Database>(
    context: InstructionContext<'_, ArbContext<DB>, EthInterpreter>,
) -> InstructionExecResult {
    let InstructionContext { interpreter, host } = context;
    let acting = interpreter.input.target_address;
    let version = host.chain.config.arbos_version;
    let code = match accounts::peek_code(host, acting) {
        Ok((_, code)) => code,
        Err(error) => return Err(fail(host, error)),
    };
    if interpreter.runtime_flag.is_static || !is_program(code.original_byte_slice(), version) {
        return selfdestruct(InstructionContext { interpreter, host });
    }
    let target = interpreter.stack.pop().map_err(|_| InstructionResult::StackUnderflow)?;
    let (has_value, is_cold, is_empty) = match touch(host, acting, target) {
        Ok(facts) => facts,
        Err(error) => return Err(fail(host, error)),
    };
    let price = host.gas_params().selfdestruct_cost(has_value && is_empty, is_cold);
    if !interpreter.gas.record_regular_cost(price) {
        return Err(InstructionResult::OutOfGas);
    }
    Err(InstructionResult::Revert)
}

/// Whether the acting account has a balance, and whether the target is cold and whether it is empty.
fn touch<DB: Database>(
    host: &mut ArbContext<DB>,
    acting: Address,
    target: U256,
) -> Result<(bool, bool, bool), DB::Error> {
    let target = Address::from_word(target.into());
    let has_value = !host.journal_mut().load_account(acting)?.info.balance.is_zero();
    let loaded = host.journal_mut().load_account(target)?;
    Ok((has_value, loaded.is_cold, loaded.is_empty()))
}

fn fail<DB: Database>(host: &mut ArbContext<DB>, error: DB::Error) -> InstructionResult {
    *host.error() = Err(ContextError::Db(error));
    InstructionResult::FatalExternalError
}
