//! Arguments, result, exit, memory growth, return data and hashing.

use alloy::primitives::{Bytes, keccak256};
use wasmtime::{Caller, Linker};

use super::pricing::{self, EVM_API, HOSTIO};
use super::{Escape, Host, HostResult, HostState, unexpected};
use crate::wasm::exchange::{Reply, Request};

/// From this version on, growth by more pages than a `u16` holds costs everything.
const WIDE_GROWTH_FROM: u64 = 59;

pub(super) fn link(linker: &mut Linker<HostState>) -> wasmtime::Result<()> {
    let module = "vm_hooks";
    linker.func_wrap(module, "read_args", |c: Caller<'_, HostState>, to: u32| {
        Ok(read_args(Host::new(c)?, to)?)
    })?;
    linker.func_wrap(
        module,
        "write_result",
        |c: Caller<'_, HostState>, from: u32, len: u32| Ok(write_result(Host::new(c)?, from, len)?),
    )?;
    linker.func_wrap(module, "exit_early", |c: Caller<'_, HostState>, status: u32| {
        Ok(exit_early(Host::new(c)?, status)?)
    })?;
    linker.func_wrap(
        module,
        "native_keccak256",
        |c: Caller<'_, HostState>, from: u32, len: u32, to: u32| Ok(native_keccak256(Host::new(c)?, from, len, to)?),
    )?;
    linker.func_wrap(module, "return_data_size", |c: Caller<'_, HostState>| {
        Ok(return_data_size(Host::new(c)?)?)
    })?;
    linker.func_wrap(
        module,
        "read_return_data",
        |c: Caller<'_, HostState>, to: u32, offset: u32, size: u32| {
            Ok(read_return_data(Host::new(c)?, to, offset, size)?)
        },
    )?;
    linker.func_wrap_async(
        module,
        "pay_for_memory_grow",
        |c: Caller<'_, HostState>, (pages,): (u32,)| {
            Box::new(async move { Ok(pay_for_memory_grow(Host::new(c)?, pages).await?) })
        },
    )?;
    Ok(())
}

fn read_args(mut host: Host<'_>, to: u32) -> HostResult<()> {
    let input = host.env().input.clone();
    host.buy_ink(HOSTIO)?;
    host.buy_ink(pricing::write(len_u32(&input)))?;
    host.write(to, &input)?;
    host.record("read_args", &[], &[&input]);
    Ok(())
}

fn write_result(mut host: Host<'_>, from: u32, len: u32) -> HostResult<()> {
    host.buy_ink(HOSTIO)?;
    host.buy_ink(pricing::read(len))?;
    host.buy_ink(pricing::read(len))?;
    let output: Bytes = host.read(from, len)?.into();
    host.record("write_result", &[&output], &[]);
    host.state_mut().output = output;
    Ok(())
}

fn exit_early(mut host: Host<'_>, status: u32) -> HostResult<()> {
    host.record("exit_early", &[&status.to_be_bytes()], &[]);
    Err(Escape::Exit(status))
}

fn native_keccak256(mut host: Host<'_>, from: u32, len: u32, to: u32) -> HostResult<()> {
    host.buy_ink(pricing::keccak(len))?;
    let preimage = host.read(from, len)?;
    let digest = keccak256(&preimage);
    host.write(to, digest.as_slice())?;
    host.record("native_keccak256", &[&preimage], &[digest.as_slice()]);
    Ok(())
}

fn return_data_size(mut host: Host<'_>) -> HostResult<u32> {
    host.buy_ink(HOSTIO)?;
    let len = len_u32(&host.state().return_data);
    host.record("return_data_size", &[], &[&len.to_be_bytes()]);
    Ok(len)
}

fn read_return_data(mut host: Host<'_>, to: u32, offset: u32, size: u32) -> HostResult<u32> {
    host.buy_ink(HOSTIO + EVM_API)?;
    let data = host.state().return_data.clone();
    let rest = data.get(offset as usize..).unwrap_or_default();
    let part = &rest[..rest.len().min(size as usize)];
    host.buy_ink(pricing::write(len_u32(part)))?;
    if !part.is_empty() {
        host.write(to, part)?;
    }
    host.record(
        "read_return_data",
        &[&offset.to_be_bytes(), &size.to_be_bytes()],
        &[part],
    );
    Ok(len_u32(part))
}

async fn pay_for_memory_grow(mut host: Host<'_>, pages: u32) -> HostResult<()> {
    if host.env().arbos_version >= WIDE_GROWTH_FROM && pages > u32::from(u16::MAX) {
        return host.out_of_ink();
    }
    // Before, the argument was cut to 16 bits.
    let pages = pages as u16;
    if pages == 0 {
        host.buy_ink(HOSTIO)?;
    } else {
        match host.ask(Request::AddPages(pages)).await {
            Reply::Done(gas) => host.buy_gas(gas)?,
            Reply::OutOfGas => return host.out_of_ink(),
            _ => return unexpected(),
        }
    }
    host.record("pay_for_memory_grow", &[&pages.to_be_bytes()], &[]);
    Ok(())
}

/// Lengths of things that came through 32-bit pointers or gas-bound frames fit; anything longer saturates and prices
/// itself out.
pub(super) fn len_u32(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.len()).unwrap_or(u32::MAX)
}
