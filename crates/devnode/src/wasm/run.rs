//! One run of a program: a fiber that the frame loop steps from request to request.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use alloy::primitives::Bytes;
use wasmtime::{Extern, Global, Instance, Store, Trap, Val};

use super::engine::Compiled;
use super::exchange::{Exchange, Reply, Request};
use super::host::{Environment, Escape, Handles, HostState};
use super::trace::{Status, Trace};

/// What a program starts with.
#[derive(Clone, Debug)]
pub struct Start {
    /// What it can ask about.
    pub environment: Environment,
    /// Its ink.
    pub ink: u64,
    /// Its stack words.
    pub stack: u32,
    /// Where to record, and the depth to record.
    pub trace: Option<(Trace, usize)>,
}

/// How a program ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finished {
    /// How.
    pub status: Status,
    /// What it returned.
    pub output: Bytes,
    /// Ink left.
    pub ink_left: u64,
    /// Stack words left.
    pub stack_left: u32,
    /// Pages of its memory.
    pub pages: u16,
}

/// What a program needs to go on.
#[derive(Debug)]
pub enum Step {
    /// An answer.
    Asks(Request),
    /// Nothing: it ended.
    Done(Finished),
}

/// A program under way.
pub struct ProgramRun {
    fiber: Pin<Box<dyn Future<Output = Finished> + Send>>,
    exchange: Exchange,
}

impl fmt::Debug for ProgramRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ProgramRun")
    }
}

impl ProgramRun {
    /// Prepares a run; nothing executes before the first [`ProgramRun::step`].
    pub fn new(program: Compiled, start: Start) -> Self {
        let exchange = Exchange::default();
        let fiber = Box::pin(run(program, start, exchange.clone()));
        Self { fiber, exchange }
    }

    /// Runs until the program asks for something or ends. `reply` answers what it asked last.
    pub fn step(&mut self, reply: Option<Reply>) -> Step {
        if let Some(reply) = reply {
            self.exchange.reply(reply);
        }
        let mut context = Context::from_waker(Waker::noop());
        match self.fiber.as_mut().poll(&mut context) {
            Poll::Ready(finished) => Step::Done(finished),
            Poll::Pending => match self.exchange.take_request() {
                Some(request) => Step::Asks(request),
                // Only requests suspend the fiber. Should the engine ever yield by itself, end the program as a fault
                // rather than spin.
                None => Step::Done(Finished::fault()),
            },
        }
    }
}

impl Finished {
    /// A program that could not run.
    fn fault() -> Self {
        Self {
            status: Status::Failure,
            output: Bytes::new(),
            ink_left: 0,
            stack_left: 0,
            pages: 0,
        }
    }
}

async fn run(program: Compiled, start: Start, exchange: Exchange) -> Finished {
    let Start {
        environment,
        ink,
        stack,
        trace,
    } = start;
    let input_len = u32::try_from(environment.input.len()).unwrap_or(u32::MAX);
    let state = HostState::new(environment, exchange, trace);
    let mut store = Store::new(program.0.module().engine(), state);
    let Ok(instance) = program.0.instantiate_async(&mut store).await else {
        return Finished::fault();
    };
    let Some(handles) = handles(&instance, &mut store) else {
        return Finished::fault();
    };
    let prepared = handles
        .ink_left
        .set(&mut store, Val::I64(ink.cast_signed()))
        .and_then(|()| handles.stack_left.set(&mut store, Val::I32(stack.cast_signed())));
    let entry = instance.get_typed_func::<u32, u32>(&mut store, "user_entrypoint");
    let (Ok(()), Ok(entry)) = (prepared, entry) else {
        return Finished::fault();
    };
    store.data_mut().handles = Some(handles);
    store
        .data()
        .record("user_entrypoint", (ink, ink), &[&input_len.to_be_bytes()], &[]);
    let returned = entry.call_async(&mut store, input_len).await;
    finish(&mut store, &handles, ink, returned)
}

/// Reads how the program ended. A trap means out of stack if no words are left, otherwise out of ink if the counter says
/// so, otherwise a failure.
fn finish(
    store: &mut Store<HostState>,
    handles: &Handles,
    ink_start: u64,
    returned: wasmtime::Result<u32>,
) -> Finished {
    let stack_left = word(&handles.stack_left, store);
    let exhausted = word(&handles.ink_status, store) != 0;
    let exit = returned.or_else(|error| match error.downcast_ref::<Escape>() {
        Some(Escape::Exit(status)) => Ok(*status),
        _ if stack_left == 0 || matches!(error.downcast_ref(), Some(Trap::StackOverflow)) => Err(Status::OutOfStack),
        _ if exhausted => Err(Status::OutOfInk),
        _ => Err(Status::Failure),
    });
    if let Ok(exit) = exit {
        store
            .data()
            .record("user_returned", (ink_start, ink_start), &[], &[&exit.to_be_bytes()]);
    }
    let status = match exit {
        Ok(0) => Status::Success,
        Ok(_) => Status::Revert,
        Err(status) => status,
    };
    let output = match status {
        Status::Success | Status::Revert => std::mem::take(&mut store.data_mut().output),
        _ => Bytes::new(),
    };
    let ink_left = match status {
        Status::OutOfInk | Status::OutOfStack => 0,
        _ => handles
            .ink_left
            .get(&mut *store)
            .i64()
            .unwrap_or_default()
            .cast_unsigned(),
    };
    let pages = u16::try_from(handles.memory.size(store)).unwrap_or(u16::MAX);
    Finished {
        status,
        output,
        ink_left,
        stack_left,
        pages,
    }
}

fn word(global: &Global, store: &mut Store<HostState>) -> u32 {
    global.get(store).i32().unwrap_or_default().cast_unsigned()
}

fn handles(instance: &Instance, store: &mut Store<HostState>) -> Option<Handles> {
    let mut global = |name| instance.get_export(&mut *store, name).and_then(Extern::into_global);
    let (ink_left, ink_status, stack_left) = (
        global("stylus_ink_left")?,
        global("stylus_ink_status")?,
        global("stylus_stack_left")?,
    );
    let memory = instance.get_memory(store, "memory")?;
    Some(Handles {
        memory,
        ink_left,
        ink_status,
        stack_left,
    })
}
