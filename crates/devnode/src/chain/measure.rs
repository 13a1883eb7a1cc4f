//! One call by itself, without a transaction around it: for measuring programs.

use alloy::primitives::{Address, Bytes, Log, U256};
use revm::Database;
use revm::context::result::EVMError;
use revm::context::{BlockEnv, ContextTr, JournalTr, LocalContextTr, TxEnv};
use revm::handler::Handler;
use revm::interpreter::interpreter_action::FrameInit;
use revm::interpreter::{CallInput, CallInputs, CallScheme, CallValue, FrameInput, InstructionResult, SharedMemory};
use revm::state::EvmState;

use super::accounts;
use super::config::{ArbConfig, CallOptions};
use super::evm::{ArbEvm, context};
use super::handler::ArbHandler;

/// One call that is no transaction: nothing is validated, charged or settled around it.
#[derive(Clone, Debug)]
pub struct FrameCall {
    /// Who calls.
    pub caller: Address,
    /// What is called.
    pub to: Address,
    /// Wei sent along.
    pub value: U256,
    /// Call data.
    pub input: Bytes,
    /// Gas of the frame.
    pub gas: u64,
    /// Whether state must not change.
    pub is_static: bool,
    /// Frames in which `to` acts already.
    pub open_frames: u32,
    /// Starts the program with exactly this ink instead of what its gas buys.
    pub exact_ink: Option<u64>,
}

/// What a [`FrameCall`] did.
#[derive(Clone, Debug)]
pub struct FrameDone {
    /// How it ended.
    pub result: InstructionResult,
    /// What it returned.
    pub output: Bytes,
    /// Gas left.
    pub gas_left: u64,
    /// The refund counter.
    pub refund: i64,
    /// Logs.
    pub logs: Vec<Log>,
    /// Accounts that were touched.
    pub state: EvmState,
}

/// Runs `call` in the surroundings of `tx` (its caller is the origin, its price the gas price).
///
/// # Errors
/// A failure of the database.
pub fn run_frame<DB: Database>(
    db: DB,
    config: &ArbConfig,
    block: BlockEnv,
    tx: TxEnv,
    call: FrameCall,
    options: &CallOptions,
) -> Result<FrameDone, EVMError<DB::Error>> {
    let mut evm = ArbEvm::new(context(db, config, block, tx, options));
    let mut handler = ArbHandler::default();
    handler.load_accounts(&mut evm)?;
    evm.ctx.chain.open_frames.insert(call.to, call.open_frames);
    evm.ctx.chain.exact_ink = call.exact_ink;
    evm.ctx.journal_mut().load_account(call.caller)?;
    let account = evm.ctx.journal_mut().load_account_with_code(call.to)?;
    let (hash, code) = (account.info.code_hash(), account.info.code.clone().unwrap_or_default());
    let inputs = CallInputs {
        input: CallInput::Bytes(call.input),
        return_memory_offset: 0..0,
        gas_limit: call.gas,
        reservoir: 0,
        bytecode_address: call.to,
        known_bytecode: accounts::resolve(&mut evm.ctx, hash, code)?,
        target_address: call.to,
        caller: call.caller,
        value: CallValue::Transfer(call.value),
        scheme: CallScheme::Call,
        is_static: call.is_static,
        charged_new_account_state_gas: false,
    };
    let memory = SharedMemory::new_with_buffer(evm.ctx.local().shared_memory_buffer().clone());
    let frame_input = FrameInput::Call(Box::new(inputs));
    let done = handler.run_exec_loop(
        &mut evm,
        FrameInit {
            depth: 0,
            memory,
            frame_input,
        },
    )?;
    let logs = evm.ctx.journal_mut().take_logs();
    let refund = if done.instruction_result().is_ok() {
        done.gas().refunded()
    } else {
        0
    };
    Ok(FrameDone {
        result: done.instruction_result(),
        gas_left: done.gas().remaining(),
        refund,
        output: done.into_interpreter_result().output,
        logs,
        state: evm.ctx.journal_mut().finalize(),
    })
}
