//! The execution core: one transaction, EVM and Stylus frames in one loop.

use std::sync::Arc;

use alloy::primitives::B256;
use revm::bytecode::Bytecode;
use revm::context::result::{EVMError, InvalidTransaction, ResultAndState};
use revm::context::{
    BlockEnv, CfgEnv, Context, ContextTr, FrameStack, JournalTr, LocalContextTr, TransactionType, TxEnv,
};
use revm::context_interface::local::OutFrame;
use revm::handler::evm::{ContextDbError, FrameInitResult};
use revm::handler::instructions::EthInstructions;
use revm::handler::{EthFrame, EvmTr, FrameInitOrResult, FrameResult, Handler, ItemOrResult};
use revm::interpreter::FrameInput;
use revm::interpreter::interpreter::EthInterpreter;
use revm::interpreter::interpreter_action::FrameInit;
use revm::primitives::hardfork::SpecId;
use revm::{Database, Journal};

use super::accounts;
use super::config::{ArbConfig, CallOptions};
use super::context::{ArbContext, TxFacts};
use super::create;
use super::frames::Frame;
use super::handler::ArbHandler;
use super::opcodes;
use super::stylus_frame::StylusFrame;
use crate::arbos::code;
use crate::arbos::precompiles::ArbPrecompiles;

/// What account code reads where a precompile is.
const PRECOMPILE_CODE: &[u8] = &[0xfe];

type Instructions<DB> = EthInstructions<EthInterpreter, ArbContext<DB>>;

/// revm's pieces with a frame stack that holds frames of both machines.
pub struct ArbEvm<DB: Database> {
    pub(super) ctx: ArbContext<DB>,
    instructions: Instructions<DB>,
    precompiles: ArbPrecompiles,
    frames: Vec<Frame>,
    /// `EvmTr` asks for one; the frames are in `frames`.
    unused: FrameStack<Frame>,
}

impl<DB: Database> ArbEvm<DB> {
    pub(super) fn new(ctx: ArbContext<DB>) -> Self {
        let (spec, version) = (ctx.cfg.spec, ctx.chain.config.arbos_version);
        Self {
            ctx,
            instructions: opcodes::instructions(spec),
            precompiles: ArbPrecompiles::new(version, spec),
            frames: Vec::new(),
            unused: FrameStack::new(),
        }
    }

    /// The Stylus program that a call is about to run, if it is one. A delegation to a precompile runs nothing.
    fn program_of(&mut self, init: &mut FrameInit) -> Result<Option<(B256, Bytecode)>, ContextDbError<ArbContext<DB>>> {
        let FrameInput::Call(inputs) = &mut init.frame_input else {
            return Ok(None);
        };
        // Only precompiles have this code, and only reached through a delegation does it get here with another address.
        if inputs.known_bytecode.1.original_byte_slice() == PRECOMPILE_CODE {
            let (hash, code) = accounts::peek_code(&mut self.ctx, inputs.bytecode_address)?;
            inputs.known_bytecode = accounts::resolve(&mut self.ctx, hash, code)?;
        }
        let (hash, code) = &inputs.known_bytecode;
        let is_program = code::is_program(code.original_byte_slice(), self.ctx.chain.config.arbos_version);
        Ok(is_program.then(|| (*hash, code.clone())))
    }
}

impl<DB: Database> EvmTr for ArbEvm<DB> {
    type Context = ArbContext<DB>;
    type Instructions = Instructions<DB>;
    type Precompiles = ArbPrecompiles;
    type Frame = Frame;

    fn all(
        &self,
    ) -> (
        &Self::Context,
        &Self::Instructions,
        &Self::Precompiles,
        &FrameStack<Frame>,
    ) {
        (&self.ctx, &self.instructions, &self.precompiles, &self.unused)
    }

    fn all_mut(
        &mut self,
    ) -> (
        &mut Self::Context,
        &mut Self::Instructions,
        &mut Self::Precompiles,
        &mut FrameStack<Frame>,
    ) {
        (
            &mut self.ctx,
            &mut self.instructions,
            &mut self.precompiles,
            &mut self.unused,
        )
    }

    fn frame_init(
        &mut self,
        mut input: FrameInit,
    ) -> Result<FrameInitResult<'_, Frame>, ContextDbError<Self::Context>> {
        let program = self.program_of(&mut input)?;
        let mut eth = Box::new(EthFrame::invalid());
        let slot = OutFrame::new_init(&mut *eth);
        if let ItemOrResult::Result(result) =
            EthFrame::init_with_context(slot, &mut self.ctx, &mut self.precompiles, input)?
        {
            return Ok(ItemOrResult::Result(result));
        }
        let frame = match program {
            None => Frame::Evm(eth),
            Some((hash, code)) => match StylusFrame::enter(eth, &mut self.ctx, hash, code.original_byte_slice())? {
                ItemOrResult::Item(frame) => Frame::Stylus(frame),
                ItemOrResult::Result(result) => return Ok(ItemOrResult::Result(result)),
            },
        };
        self.ctx.chain.enter(frame.caller(), frame.counted_address());
        Ok(ItemOrResult::Item(self.frames.push_mut(frame)))
    }

    fn frame_run(&mut self) -> Result<FrameInitOrResult<Frame>, ContextDbError<Self::Context>> {
        let frame = match self.frames.last_mut() {
            Some(Frame::Evm(frame)) => frame,
            Some(Frame::Stylus(frame)) => return frame.run(&mut self.ctx),
            None => return Err(no_frame()),
        };
        let (table, gas) = (self.instructions.instruction_table(), self.instructions.gas_table());
        let action = frame.interpreter.run_plain(table, gas, &mut self.ctx);
        let result = match create::finish_program(&mut self.ctx, frame, action) {
            Ok(created) => created,
            Err(action) => {
                match frame.process_next_action::<_, ContextDbError<Self::Context>>(&mut self.ctx, action)? {
                    ItemOrResult::Item(init) => return Ok(ItemOrResult::Item(init)),
                    ItemOrResult::Result(result) => result,
                }
            }
        };
        frame.set_finished(true);
        Ok(ItemOrResult::Result(result))
    }

    fn frame_return_result(
        &mut self,
        result: FrameResult,
    ) -> Result<Option<FrameResult>, ContextDbError<Self::Context>> {
        if let Some(frame) = self.frames.pop_if(|frame| frame.is_finished()) {
            self.ctx.chain.leave(frame.counted_address());
        }
        match self.frames.last_mut() {
            None => return Ok(Some(result)),
            Some(Frame::Evm(frame)) => {
                frame.return_result::<_, ContextDbError<Self::Context>>(&mut self.ctx, result)?
            }
            Some(Frame::Stylus(frame)) => frame.take_result(result),
        }
        Ok(None)
    }
}

fn no_frame<E>() -> revm::context_interface::context::ContextError<E> {
    revm::context_interface::context::ContextError::Custom("the frame loop lost its frame: please report this".into())
}

/// Executes `tx` in `block` on top of `db` and returns its result — status, logs, gas used, output — and the state that
/// it changed; nothing is written to `db`.
///
/// `block.number` is the L1 block number (`NUMBER` on Arbitrum), `block.basefee` the L2 base fee. Tips are dropped: the
/// price paid is the base fee. Blob transactions are refused.
///
/// # Errors
/// What makes a transaction invalid (it would not be included), or a failure of the database.
pub fn transact<DB: Database>(
    db: DB,
    config: &ArbConfig,
    block: BlockEnv,
    tx: TxEnv,
    options: &CallOptions,
) -> Result<ResultAndState, EVMError<DB::Error>> {
    let tx = without_tip(config, &block, tx, options)?;
    let mut evm = ArbEvm::new(context(db, config, block, tx, options));
    let result = ArbHandler::default().run(&mut evm)?;
    Ok(ResultAndState {
        result,
        state: evm.ctx.journal_mut().finalize(),
    })
}

/// The context in which `tx` runs.
pub(super) fn context<DB: Database>(
    db: DB,
    config: &ArbConfig,
    block: BlockEnv,
    tx: TxEnv,
    options: &CallOptions,
) -> ArbContext<DB> {
    let spec = config.spec();
    let mut cfg = CfgEnv::new_with_spec(spec).with_chain_id(config.chain_id);
    // EIP-7825's cap is Ethereum's; ArbOS holds gas back instead.
    cfg.tx_gas_limit_cap = Some(u64::MAX);
    cfg.disable_block_gas_limit = options.simulate;
    cfg.disable_nonce_check = options.simulate;
    cfg.disable_base_fee = options.simulate;
    cfg.disable_eip3607 = options.simulate;
    let mut ctx = Context::<BlockEnv, TxEnv, CfgEnv, DB, Journal<DB>, ()>::new(db, spec)
        .with_cfg(cfg)
        .with_block(block)
        .with_tx(tx)
        .with_chain(TxFacts::new(Arc::new(config.clone()), options));
    ctx.journaled_state.set_spec_id(spec);
    ctx.local.clear();
    ctx
}

/// Checks what is lost when the tip is: then makes every transaction pay exactly the base fee.
fn without_tip<E>(
    config: &ArbConfig,
    block: &BlockEnv,
    mut tx: TxEnv,
    options: &CallOptions,
) -> Result<TxEnv, EVMError<E>> {
    let refuse = |reason| Err(EVMError::Transaction(reason));
    match TransactionType::from(tx.tx_type) {
        TransactionType::Eip4844 => return refuse(InvalidTransaction::Eip4844NotSupported),
        TransactionType::Eip7702 if config.spec() < SpecId::PRAGUE => {
            return refuse(InvalidTransaction::Eip7702NotSupported);
        }
        TransactionType::Legacy | TransactionType::Eip2930 => {
            if !options.simulate && tx.gas_price < u128::from(block.basefee) {
                return refuse(InvalidTransaction::GasPriceLessThanBasefee);
            }
            // From here on a gas price is a fee cap without a tip.
            tx.chain_id = tx.chain_id.or(Some(config.chain_id));
            tx.tx_type = TransactionType::Eip1559 as u8;
        }
        _ => {
            if tx.gas_priority_fee.unwrap_or_default() > tx.gas_price {
                return refuse(InvalidTransaction::PriorityFeeGreaterThanMaxFee);
            }
        }
    }
    tx.gas_priority_fee = Some(0);
    Ok(tx)
}
