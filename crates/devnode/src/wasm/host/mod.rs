//! The host functions that a program imports from `vm_hooks`, priced and ordered as Nitro does it.
//!
//! Every host function takes its base ink first, then ink for sizes, then checks that enough is left for the dearest
//! case (without spending it), then reads memory, works, and pays the gas that the work turned out to cost.

mod accounts;
mod calls;
mod debug;
mod environment;
mod io;
mod math;
pub mod pricing;
mod storage;
mod storage_cache;

use alloy::primitives::{Address, B256, Bytes, U256};
use wasmtime::{Caller, Global, Linker, Memory, Val};

use super::exchange::{Exchange, Reply, Request};
use super::trace::{HostCall, Trace, TraceEvent};
use pricing::InkPrice;
use storage_cache::StorageCache;

/// Why a program stopped before its entry point returned.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum Escape {
    /// The program asked to stop with this status.
    #[error("the program exited with status {0}")]
    Exit(u32),
    /// Not enough ink.
    #[error("out of ink")]
    OutOfInk,
    /// A pointer outside the program's memory.
    #[error("host call reads or writes {len} bytes at {offset}, outside the program's memory")]
    Memory {
        /// Where.
        offset: u32,
        /// How many bytes.
        len: usize,
    },
    /// A host call that cannot be carried out.
    #[error("host call refused: {0}")]
    Refused(&'static str),
}

type HostResult<T> = Result<T, Escape>;

/// What a program can ask about its call, its transaction and its block.
#[derive(Clone, Debug)]
pub struct Environment {
    /// ArbOS version.
    pub arbos_version: u64,
    /// Ink per gas.
    pub ink_price: InkPrice,
    /// The acting address.
    pub address: Address,
    /// Who called.
    pub sender: Address,
    /// Wei that came along.
    pub value: U256,
    /// Call data.
    pub input: Bytes,
    /// Whether the acting address has another open frame.
    pub reentrant: bool,
    /// Who signed the transaction.
    pub origin: Address,
    /// What its gas costs.
    pub gas_price: U256,
    /// The block's base fee.
    pub basefee: U256,
    /// The block's coinbase.
    pub coinbase: Address,
    /// The block's gas limit.
    pub gas_limit: u64,
    /// The L1 block number.
    pub block_number: u64,
    /// Seconds since 1970.
    pub timestamp: u64,
    /// EIP-155 chain id.
    pub chain_id: u64,
}

/// The exports of an instance that host functions use.
#[derive(Clone, Copy, Debug)]
pub struct Handles {
    /// The program's memory.
    pub memory: Memory,
    /// Ink left.
    pub ink_left: Global,
    /// Non-zero once the ink ran out.
    pub ink_status: Global,
    /// Stack words left.
    pub stack_left: Global,
}

/// What belongs to one running program.
#[derive(Debug)]
pub struct HostState {
    pub(super) environment: Environment,
    pub(super) exchange: Exchange,
    pub(super) handles: Option<Handles>,
    pub(super) output: Bytes,
    return_data: Bytes,
    storage: StorageCache,
    last_code: Option<(Address, Bytes)>,
    pub(super) trace: Option<(Trace, usize)>,
}

impl HostState {
    /// The state of a program that has not started.
    pub fn new(environment: Environment, exchange: Exchange, trace: Option<(Trace, usize)>) -> Self {
        Self {
            environment,
            exchange,
            handles: None,
            output: Bytes::new(),
            return_data: Bytes::new(),
            storage: StorageCache::default(),
            last_code: None,
            trace,
        }
    }

    pub(super) fn record(&self, name: &'static str, ink: (u64, u64), args: &[&[u8]], outs: &[&[u8]]) {
        if let Some((trace, depth)) = &self.trace {
            trace.push(TraceEvent::Host(HostCall {
                depth: *depth,
                name,
                args: args.concat(),
                outs: outs.concat(),
                start_ink: ink.0,
                end_ink: ink.1,
            }));
        }
    }
}

/// One host call under way.
pub(super) struct Host<'a> {
    caller: Caller<'a, HostState>,
    handles: Handles,
    start_ink: u64,
}

impl<'a> Host<'a> {
    fn new(mut caller: Caller<'a, HostState>) -> HostResult<Self> {
        let handles = caller
            .data()
            .handles
            .ok_or(Escape::Refused("host call before the program started"))?;
        let start_ink = read_ink(&handles, &mut caller);
        Ok(Self {
            caller,
            handles,
            start_ink,
        })
    }

    fn state(&self) -> &HostState {
        self.caller.data()
    }

    fn state_mut(&mut self) -> &mut HostState {
        self.caller.data_mut()
    }

    fn env(&self) -> &Environment {
        &self.caller.data().environment
    }

    fn ink_left(&mut self) -> u64 {
        read_ink(&self.handles, &mut self.caller)
    }

    fn gas_left(&mut self) -> u64 {
        let ink = self.ink_left();
        self.env().ink_price.to_gas(ink)
    }

    fn set_ink(&mut self, ink: u64) -> HostResult<()> {
        // The activated module exports a mutable i64; nothing else passes instantiation.
        let set = self.handles.ink_left.set(&mut self.caller, Val::I64(ink.cast_signed()));
        set.map_err(|_| Escape::Refused("the ink counter is not a mutable i64"))
    }

    fn out_of_ink<T>(&mut self) -> HostResult<T> {
        self.set_ink(0)?;
        let set = self.handles.ink_status.set(&mut self.caller, Val::I32(1));
        set.map_err(|_| Escape::Refused("the ink status is not a mutable i32"))?;
        Err(Escape::OutOfInk)
    }

    fn buy_ink(&mut self, ink: u64) -> HostResult<()> {
        match self.ink_left().checked_sub(ink) {
            Some(left) => self.set_ink(left),
            None => self.out_of_ink(),
        }
    }

    fn buy_gas(&mut self, gas: u64) -> HostResult<()> {
        let ink = self.env().ink_price.to_ink(gas);
        self.buy_ink(ink)
    }

    /// Fails unless `gas` could be bought.
    fn require_gas(&mut self, gas: u64) -> HostResult<()> {
        let ink = self.env().ink_price.to_ink(gas);
        if self.ink_left() < ink {
            self.out_of_ink()
        } else {
            Ok(())
        }
    }

    fn read(&self, offset: u32, len: u32) -> HostResult<Vec<u8>> {
        let range = offset as usize..offset as usize + len as usize;
        let memory = self.handles.memory.data(&self.caller);
        let bytes = memory.get(range).ok_or(Escape::Memory {
            offset,
            len: len as usize,
        })?;
        Ok(bytes.to_vec())
    }

    fn read_array<const N: usize>(&self, offset: u32) -> HostResult<[u8; N]> {
        let memory = self.handles.memory.data(&self.caller);
        let bytes = memory.get(offset as usize..offset as usize + N);
        bytes
            .and_then(|bytes| bytes.try_into().ok())
            .ok_or(Escape::Memory { offset, len: N })
    }

    fn read_word(&self, offset: u32) -> HostResult<B256> {
        self.read_array(offset).map(B256::new)
    }

    fn read_address(&self, offset: u32) -> HostResult<Address> {
        self.read_array(offset).map(Address::new)
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> HostResult<()> {
        let range = offset as usize..offset as usize + bytes.len();
        let memory = self.handles.memory.data_mut(&mut self.caller);
        let target = memory.get_mut(range).ok_or(Escape::Memory {
            offset,
            len: bytes.len(),
        })?;
        target.copy_from_slice(bytes);
        Ok(())
    }

    async fn ask(&mut self, request: Request) -> Reply {
        self.state().exchange.ask(request).await
    }

    fn record(&mut self, name: &'static str, args: &[&[u8]], outs: &[&[u8]]) {
        if self.state().trace.is_some() {
            let ink = (self.start_ink, self.ink_left());
            self.state().record(name, ink, args, outs);
        }
    }
}

fn read_ink(handles: &Handles, caller: &mut Caller<'_, HostState>) -> u64 {
    // Anything else than an i64 never passes instantiation.
    handles.ink_left.get(caller).i64().unwrap_or_default().cast_unsigned()
}

/// What a reply of the wrong kind means: the loop always answers in kind, so a program cannot cause it.
fn unexpected<T>() -> HostResult<T> {
    Err(Escape::Refused("the chain answered something else than it was asked"))
}

/// Links every host function.
///
/// # Errors
/// When two functions share a name, which they do not.
pub fn link(linker: &mut Linker<HostState>) -> wasmtime::Result<()> {
    io::link(linker)?;
    environment::link(linker)?;
    storage::link(linker)?;
    calls::link(linker)?;
    accounts::link(linker)?;
    math::link(linker)?;
    debug::link(linker)
}
