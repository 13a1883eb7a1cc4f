//! Balances and code of other accounts.

use alloy::primitives::{Address, Bytes};
use wasmtime::{Caller, Linker};

use super::io::len_u32;
use super::pricing::{self, COLD_ACCOUNT_GAS, EVM_API, HOSTIO, PTR};
use super::{Host, HostResult, HostState, unexpected};
use crate::wasm::exchange::{Reply, Request};

/// From this version on, empty code is not remembered, so that asking again costs again.
const EMPTY_CODE_FORGOTTEN_FROM: u64 = 40;

type C<'a> = Caller<'a, HostState>;

pub(super) fn link(linker: &mut Linker<HostState>) -> wasmtime::Result<()> {
    let module = "vm_hooks";
    linker.func_wrap_async(module, "account_balance", |c: C<'_>, (address, to): (u32, u32)| {
        Box::new(async move { Ok(balance(Host::new(c)?, address, to).await?) })
    })?;
    linker.func_wrap_async(module, "account_codehash", |c: C<'_>, (address, to): (u32, u32)| {
        Box::new(async move { Ok(code_hash(Host::new(c)?, address, to).await?) })
    })?;
    linker.func_wrap_async(module, "account_code_size", |c: C<'_>, (address,): (u32,)| {
        Box::new(async move { Ok(code_size(Host::new(c)?, address).await?) })
    })?;
    linker.func_wrap_async(
        module,
        "account_code",
        |c: C<'_>, (address, offset, size, to): (u32, u32, u32, u32)| {
            Box::new(async move { Ok(code(Host::new(c)?, address, offset, size, to).await?) })
        },
    )?;
    Ok(())
}

async fn balance(mut host: Host<'_>, address: u32, to: u32) -> HostResult<()> {
    host.buy_ink(HOSTIO + 2 * PTR + EVM_API)?;
    host.require_gas(COLD_ACCOUNT_GAS)?;
    let address = host.read_address(address)?;
    let Reply::Word(balance, gas) = host.ask(Request::Balance(address)).await else {
        return unexpected();
    };
    host.buy_gas(gas)?;
    host.write(to, balance.as_slice())?;
    host.record("account_balance", &[address.as_slice()], &[balance.as_slice()]);
    Ok(())
}

async fn code_hash(mut host: Host<'_>, address: u32, to: u32) -> HostResult<()> {
    host.buy_ink(HOSTIO + 2 * PTR + EVM_API)?;
    host.require_gas(COLD_ACCOUNT_GAS)?;
    let address = host.read_address(address)?;
    let Reply::Word(hash, gas) = host.ask(Request::CodeHash(address)).await else {
        return unexpected();
    };
    host.buy_gas(gas)?;
    host.write(to, hash.as_slice())?;
    host.record("account_codehash", &[address.as_slice()], &[hash.as_slice()]);
    Ok(())
}

/// The code of `address`; the last code asked for costs nothing again.
async fn load_code(host: &mut Host<'_>, address: Address) -> HostResult<Bytes> {
    if let Some((last, code)) = &host.state().last_code
        && *last == address
    {
        return Ok(code.clone());
    }
    let gas = host.gas_left();
    let Reply::Code(code, cost) = host.ask(Request::Code { address, gas }).await else {
        return unexpected();
    };
    if !code.is_empty() || host.env().arbos_version < EMPTY_CODE_FORGOTTEN_FROM {
        host.state_mut().last_code = Some((address, code.clone()));
    }
    host.buy_gas(cost)?;
    Ok(code)
}

async fn code_size(mut host: Host<'_>, address: u32) -> HostResult<u32> {
    host.buy_ink(HOSTIO + EVM_API)?;
    host.require_gas(COLD_ACCOUNT_GAS)?;
    let address = host.read_address(address)?;
    let len = len_u32(&load_code(&mut host, address).await?);
    host.record("account_code_size", &[address.as_slice()], &[&len.to_be_bytes()]);
    Ok(len)
}

async fn code(mut host: Host<'_>, address: u32, offset: u32, size: u32, to: u32) -> HostResult<u32> {
    host.buy_ink(HOSTIO + EVM_API)?;
    host.require_gas(COLD_ACCOUNT_GAS)?;
    let address = host.read_address(address)?;
    let code = load_code(&mut host, address).await?;
    host.buy_ink(pricing::write(len_u32(&code)))?;
    let rest = code.get(offset as usize..).unwrap_or_default();
    let part = &rest[..rest.len().min(size as usize)];
    host.write(to, part)?;
    host.record(
        "account_code",
        &[address.as_slice(), &offset.to_be_bytes(), &size.to_be_bytes()],
        &[part],
    );
    Ok(len_u32(part))
}
