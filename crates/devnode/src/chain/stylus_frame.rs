//! A frame that runs a Stylus program.

use alloy::primitives::{B256, Bytes, U256};
use revm::Database;
use revm::context::{Block, ContextTr, Transaction};
use revm::handler::evm::ContextDbError;
use revm::handler::{EthFrame, FrameInitOrResult, FrameResult, ItemOrResult};
use revm::interpreter::{CallInputs, CallScheme, FrameInput, InstructionResult, InterpreterAction, InterpreterResult};

use super::context::ArbContext;
use super::frames::Frame;
use super::host_answers::{Asker, PAGE_LIMIT_FROM, answer};
use super::programs::{LoadError, compiled};
use super::subcalls::{self, Parent, Pending, Subframe};
use crate::arbos::programs::{self as lifecycle, Program, page_gas};
use crate::wasm::exchange::Reply;
use crate::wasm::host::Environment;
use crate::wasm::host::pricing::InkPrice;
use crate::wasm::run::{Finished, ProgramRun, Start, Step};
use crate::wasm::trace::{FrameReport, Status, TraceEvent};

/// Return data costs at least what the EVM's memory would, from this version on.
const RETURN_DATA_FROM: u64 = 31;
/// Recently run programs stay cheap from this version on.
const RECENT_FROM: u64 = 60;

/// A program under way, and the EVM frame whose place it takes: inputs, checkpoint, gas counter.
#[derive(Debug)]
pub struct StylusFrame {
    eth: Box<EthFrame>,
    run: ProgramRun,
    reply: Option<Reply>,
    pending: Option<Pending>,
    pages_before: u16,
    report: FrameReport,
    finished: bool,
}

type Error<DB> = ContextDbError<ArbContext<DB>>;

/// A frame that started, or ended before it did.
pub(super) type Entered = ItemOrResult<Box<StylusFrame>, FrameResult>;

impl StylusFrame {
    /// Charges for entering the program with hash `code_hash` and prepares its run.
    pub(super) fn enter<DB: Database>(
        mut eth: Box<EthFrame>,
        ctx: &mut ArbContext<DB>,
        code_hash: B256,
        code: &[u8],
    ) -> Result<Entered, Error<DB>> {
        let inputs = call_inputs(&eth)?;
        let (address, input) = (inputs.target_address, inputs.input.bytes(ctx));
        let gas_start = eth.interpreter.gas.remaining();
        let mut report = FrameReport::starting(ctx.chain.stylus_depth + 1, address, code_hash, gas_start);
        let config = ctx.chain.config.clone();
        let params = &config.stylus;

        let program = lifecycle::load(ctx, code_hash)?;
        if program.check(params, ctx.block().timestamp().saturating_to()).is_err() {
            return end_early(eth, ctx, report, Status::NotCallable);
        }
        let pages_before = ctx.chain.pages;
        price_entry(ctx, &program, &mut report);
        if !eth.interpreter.gas.record_regular_cost(report.call_cost) {
            return end_early(eth, ctx, report, Status::OutOfGasBeforeStart);
        }
        ctx.chain.pages.add(program.footprint);
        let compiled = match compiled(ctx, code_hash, code) {
            Ok(compiled) => compiled,
            Err(LoadError::Database(error)) => return Err(error.into()),
            Err(_) => {
                ctx.chain.pages.open = pages_before.open;
                return end_early(eth, ctx, report, Status::NotCallable);
            }
        };
        let price = InkPrice(params.ink_price);
        let gas = eth.interpreter.gas.remaining();
        report.ink_start = ctx.chain.exact_ink.take().unwrap_or_else(|| price.to_ink(gas));
        let start = Start {
            environment: environment(ctx, call_inputs(&eth)?, input, price),
            ink: report.ink_start,
            stack: params.max_stack_depth,
            trace: ctx.chain.trace.clone().map(|trace| (trace, report.depth)),
        };
        ctx.chain.stylus_depth += 1;
        let run = ProgramRun::new(compiled, start);
        let pages_before = pages_before.open;
        Ok(ItemOrResult::Item(Box::new(Self {
            eth,
            run,
            reply: None,
            pending: None,
            pages_before,
            report,
            finished: false,
        })))
    }

    /// The EVM frame whose place this one takes.
    pub(super) fn eth(&self) -> &EthFrame {
        &self.eth
    }

    /// Whether the program ended.
    pub(super) fn is_finished(&self) -> bool {
        self.finished
    }

    /// Runs the program until it needs another frame or ends.
    pub(super) fn run<DB: Database>(
        &mut self,
        ctx: &mut ArbContext<DB>,
    ) -> Result<FrameInitOrResult<Frame>, Error<DB>> {
        loop {
            let request = match self.run.step(self.reply.take()) {
                Step::Asks(request) => request,
                Step::Done(finished) => return self.finish(ctx, finished),
            };
            let inputs = call_inputs(&self.eth)?;
            let asker = Asker {
                address: inputs.target_address,
                is_static: inputs.is_static,
            };
            let mut refund = 0;
            let answered = answer(ctx, asker, &mut refund, &request)?;
            if answered.is_some() {
                self.reply = answered;
                self.eth.interpreter.gas.record_refund(refund);
                continue;
            }
            match subcalls::start(
                ctx,
                Parent {
                    inputs: call_inputs(&self.eth)?,
                },
                request,
            )? {
                Subframe::Answered(reply) => self.reply = Some(reply),
                Subframe::Start(input, pending) => {
                    self.pending = Some(pending);
                    let action = InterpreterAction::NewFrame(input);
                    return Ok(match self.eth.process_next_action::<_, Error<DB>>(ctx, action)? {
                        ItemOrResult::Item(init) => ItemOrResult::Item(init),
                        ItemOrResult::Result(result) => ItemOrResult::Result(result),
                    });
                }
            }
        }
    }

    /// Takes the result of the frame that the program asked for.
    pub(super) fn take_result(&mut self, child: FrameResult) {
        self.eth.interpreter.memory.free_child_context();
        if child.instruction_result().is_ok() {
            self.eth.interpreter.gas.record_refund(child.gas().refunded());
        }
        self.reply = self.pending.take().map(|pending| subcalls::reply(pending, child));
    }

    fn finish<DB: Database>(
        &mut self,
        ctx: &mut ArbContext<DB>,
        finished: Finished,
    ) -> Result<FrameInitOrResult<Frame>, Error<DB>> {
        let config = ctx.chain.config.clone();
        let Finished {
            status,
            output,
            ink_left,
            stack_left,
            pages,
        } = finished;
        let mut gas_left = InkPrice(config.stylus.ink_price).to_gas(ink_left);
        let mut outcome = match status {
            Status::Success => InstructionResult::Return,
            Status::Revert | Status::Failure => InstructionResult::Revert,
            Status::OutOfStack => InstructionResult::CallTooDeep,
            _ => InstructionResult::OutOfGas,
        };
        let mut returned = output.clone();
        if !output.is_empty() && config.arbos_version >= RETURN_DATA_FROM {
            match self.report.gas_start.checked_sub(evm_memory_gas(output.len() as u64)) {
                Some(most) => gas_left = gas_left.min(most),
                None => {
                    (gas_left, outcome, returned) = (0, InstructionResult::OutOfGas, Bytes::new());
                }
            }
        }
        let gas = &mut self.eth.interpreter.gas;
        gas.set_remaining(gas_left);
        self.report.refund = gas.refunded();
        let result = InterpreterResult {
            result: outcome,
            output: returned,
            gas: *gas,
        };

        self.report.status = status;
        self.report.output = output;
        self.report.gas_left = gas_left;
        (self.report.ink_left, self.report.stack_left) = (ink_left, stack_left);
        (self.report.pages_end, self.report.pages_ever) = (pages, ctx.chain.pages.ever);
        record(ctx, &self.report);
        ctx.chain.pages.open = self.pages_before;
        ctx.chain.stylus_depth -= 1;
        self.finished = true;
        let result = self
            .eth
            .process_next_action::<_, Error<DB>>(ctx, InterpreterAction::Return(result))?;
        Ok(match result {
            ItemOrResult::Item(init) => ItemOrResult::Item(init),
            ItemOrResult::Result(result) => ItemOrResult::Result(result),
        })
    }
}

impl FrameReport {
    fn starting(depth: usize, address: alloy::primitives::Address, code_hash: B256, gas_start: u64) -> Self {
        Self {
            depth,
            address,
            code_hash,
            status: Status::NotCallable,
            output: Bytes::new(),
            gas_start,
            gas_left: 0,
            call_cost: 0,
            memory_cost: 0,
            ink_start: 0,
            ink_left: 0,
            stack_left: 0,
            pages_end: 0,
            pages_ever: 0,
            refund: 0,
        }
    }
}

/// Works out what entering `program` costs, and notes that it ran in this block.
fn price_entry<DB: Database>(ctx: &mut ArbContext<DB>, program: &Program, report: &mut FrameReport) {
    let config = ctx.chain.config.clone();
    let (params, pages) = (&config.stylus, ctx.chain.pages);
    report.memory_cost = page_gas(params, pages, program.footprint);
    report.call_cost = report.memory_cost;
    let recent = || ctx.chain.recent.insert(report.code_hash, params.block_cache_size);
    let cached = program.cached || (recent() && config.arbos_version >= RECENT_FROM);
    // In version 1 the cached cost is part of the init cost.
    if cached || program.version > 1 {
        report.call_cost = report.call_cost.saturating_add(program.cached_gas(params));
    }
    if !cached {
        report.call_cost = report.call_cost.saturating_add(program.init_gas(params));
    }
    let open = pages.open.saturating_add(program.footprint);
    if config.arbos_version >= PAGE_LIMIT_FROM && open > params.page_limit {
        report.call_cost = u64::MAX;
    }
}

fn record<DB: Database>(ctx: &ArbContext<DB>, report: &FrameReport) {
    if let Some(trace) = &ctx.chain.trace {
        trace.push(TraceEvent::Frame(report.clone()));
    }
}

/// Ends a frame whose program does not start: all its gas is lost, and nothing is returned.
fn end_early<DB: Database>(
    mut eth: Box<EthFrame>,
    ctx: &mut ArbContext<DB>,
    mut report: FrameReport,
    status: Status,
) -> Result<Entered, Error<DB>> {
    report.status = status;
    record(ctx, &report);
    let mut gas = eth.interpreter.gas;
    gas.spend_all();
    let result = InterpreterResult {
        result: InstructionResult::OutOfGas,
        output: Bytes::new(),
        gas,
    };
    match eth.process_next_action::<_, Error<DB>>(ctx, InterpreterAction::Return(result))? {
        ItemOrResult::Result(result) => Ok(ItemOrResult::Result(result)),
        ItemOrResult::Item(_) => Err(lost()),
    }
}

/// The inputs of a frame that was called; programs are never the init code of a create.
fn call_inputs<E>(eth: &EthFrame) -> Result<&CallInputs, revm::context_interface::context::ContextError<E>> {
    match &eth.input {
        FrameInput::Call(inputs) => Ok(inputs),
        _ => Err(lost()),
    }
}

fn lost<E>() -> revm::context_interface::context::ContextError<E> {
    revm::context_interface::context::ContextError::Custom("a program's frame is not a call: please report this".into())
}

fn environment<DB: Database>(
    ctx: &ArbContext<DB>,
    inputs: &CallInputs,
    input: Bytes,
    ink_price: InkPrice,
) -> Environment {
    let (block, tx) = (ctx.block(), ctx.tx());
    Environment {
        arbos_version: ctx.chain.config.arbos_version,
        ink_price,
        address: inputs.target_address,
        sender: inputs.caller,
        value: inputs.call_value(),
        input,
        reentrant: ctx
            .chain
            .is_reentrant(inputs.target_address, !is_delegate(inputs.scheme)),
        origin: tx.caller(),
        gas_price: U256::from(tx.effective_gas_price(u128::from(block.basefee()))),
        basefee: U256::from(block.basefee()),
        coinbase: block.beneficiary(),
        gas_limit: block.gas_limit(),
        block_number: block.number().saturating_to(),
        timestamp: block.timestamp().saturating_to(),
        chain_id: ctx.chain.config.chain_id,
    }
}

/// Whether a call of this kind runs foreign code as its caller.
pub(super) fn is_delegate(scheme: CallScheme) -> bool {
    matches!(scheme, CallScheme::DelegateCall | CallScheme::CallCode)
}

/// What the EVM charges for `bytes` of fresh memory.
fn evm_memory_gas(bytes: u64) -> u64 {
    let words = bytes.div_ceil(32);
    words
        .saturating_mul(3)
        .saturating_add(words.saturating_mul(words) / 512)
}
