//! Storage through the cache, transient storage, and logs.

use alloy::primitives::B256;
use wasmtime::{Caller, Linker};

use super::pricing::{self, COLD_SLOAD_GAS, EVM_API, HOSTIO, PTR, SSTORE_SENTRY_GAS, STORAGE_CACHE_GAS, TRANSIENT_GAS};
use super::{Escape, Host, HostResult, HostState, unexpected};
use crate::wasm::exchange::{Reply, Request};

/// From this version on, a flush is paid for and a cache miss costs the crossing in gas rather than 59,673 gas.
const CHARGING_FIXES: u64 = 32;
/// From this version on, a flush that cannot be paid is out of ink; before, the program failed and kept its gas.
const FLUSH_OUT_OF_INK_FROM: u64 = 50;

type C<'a> = Caller<'a, HostState>;

pub(super) fn link(linker: &mut Linker<HostState>) -> wasmtime::Result<()> {
    let module = "vm_hooks";
    linker.func_wrap_async(module, "storage_load_bytes32", |c: C<'_>, (key, to): (u32, u32)| {
        Box::new(async move { Ok(storage_load(Host::new(c)?, key, to).await?) })
    })?;
    linker.func_wrap(module, "storage_cache_bytes32", |c: C<'_>, key: u32, value: u32| {
        Ok(storage_cache(Host::new(c)?, key, value)?)
    })?;
    linker.func_wrap_async(module, "storage_flush_cache", |c: C<'_>, (clear,): (u32,)| {
        Box::new(async move { Ok(storage_flush(Host::new(c)?, clear != 0).await?) })
    })?;
    linker.func_wrap_async(module, "transient_load_bytes32", |c: C<'_>, (key, to): (u32, u32)| {
        Box::new(async move { Ok(transient_load(Host::new(c)?, key, to).await?) })
    })?;
    linker.func_wrap_async(
        module,
        "transient_store_bytes32",
        |c: C<'_>, (key, value): (u32, u32)| {
            Box::new(async move { Ok(transient_store(Host::new(c)?, key, value).await?) })
        },
    )?;
    linker.func_wrap_async(module, "emit_log", |c: C<'_>, (data, len, topics): (u32, u32, u32)| {
        Box::new(async move { Ok(emit_log(Host::new(c)?, data, len, topics).await?) })
    })?;
    Ok(())
}

async fn storage_load(mut host: Host<'_>, key: u32, to: u32) -> HostResult<()> {
    host.buy_ink(HOSTIO + 2 * PTR)?;
    let crossing = if host.env().arbos_version < CHARGING_FIXES {
        EVM_API
    } else {
        host.env().ink_price.to_gas(EVM_API)
    };
    host.require_gas(COLD_SLOAD_GAS + STORAGE_CACHE_GAS + crossing)?;
    let key = host.read_word(key)?;
    let mut cost = host.state_mut().storage.read_gas();
    let value = match host.state().storage.get(&key) {
        Some(value) => value,
        None => {
            let Reply::Word(value, gas) = host.ask(Request::LoadStorage(key)).await else {
                return unexpected();
            };
            cost += gas + crossing;
            host.state_mut().storage.insert_known(key, value);
            value
        }
    };
    host.buy_gas(cost)?;
    host.write(to, value.as_slice())?;
    host.record("storage_load_bytes32", &[key.as_slice()], &[value.as_slice()]);
    Ok(())
}

fn storage_cache(mut host: Host<'_>, key: u32, value: u32) -> HostResult<()> {
    host.buy_ink(HOSTIO + 2 * PTR)?;
    host.require_gas(SSTORE_SENTRY_GAS + STORAGE_CACHE_GAS)?;
    let key = host.read_word(key)?;
    let value = host.read_word(value)?;
    let cost = host.state_mut().storage.write_gas();
    host.state_mut().storage.store(key, value);
    host.buy_gas(cost)?;
    host.record("storage_cache_bytes32", &[key.as_slice(), value.as_slice()], &[]);
    Ok(())
}

async fn storage_flush(mut host: Host<'_>, clear: bool) -> HostResult<()> {
    host.buy_ink(HOSTIO + EVM_API)?;
    host.require_gas(SSTORE_SENTRY_GAS)?;
    let gas = host.gas_left();
    let slots = host.state_mut().storage.flush(clear);
    if !slots.is_empty() {
        let version = host.env().arbos_version;
        match host.ask(Request::StoreStorage { slots, gas }).await {
            Reply::Done(cost) if version >= CHARGING_FIXES => host.buy_gas(cost)?,
            Reply::Done(_) => {}
            Reply::OutOfGas if version >= FLUSH_OUT_OF_INK_FROM => return host.out_of_ink(),
            Reply::OutOfGas => return Err(Escape::Refused("not enough gas to store")),
            Reply::Refused(why) => return Err(Escape::Refused(why)),
            _ => return unexpected(),
        }
    }
    host.record("storage_flush_cache", &[&[u8::from(clear)]], &[]);
    Ok(())
}

async fn transient_load(mut host: Host<'_>, key: u32, to: u32) -> HostResult<()> {
    host.buy_ink(HOSTIO + 2 * PTR + EVM_API)?;
    host.buy_gas(TRANSIENT_GAS)?;
    let key = host.read_word(key)?;
    let Reply::Word(value, _) = host.ask(Request::LoadTransient(key)).await else {
        return unexpected();
    };
    host.write(to, value.as_slice())?;
    host.record("transient_load_bytes32", &[key.as_slice()], &[value.as_slice()]);
    Ok(())
}

async fn transient_store(mut host: Host<'_>, key: u32, value: u32) -> HostResult<()> {
    host.buy_ink(HOSTIO + 2 * PTR + EVM_API)?;
    host.buy_gas(TRANSIENT_GAS)?;
    let key = host.read_word(key)?;
    let value = host.read_word(value)?;
    match host.ask(Request::StoreTransient(key, value)).await {
        Reply::Done(_) => {}
        Reply::Refused(why) => return Err(Escape::Refused(why)),
        _ => return unexpected(),
    }
    host.record("transient_store_bytes32", &[key.as_slice(), value.as_slice()], &[]);
    Ok(())
}

async fn emit_log(mut host: Host<'_>, data: u32, len: u32, topics: u32) -> HostResult<()> {
    host.buy_ink(HOSTIO + EVM_API)?;
    if topics > 4 || len < topics * 32 {
        return Err(Escape::Refused("a log has at most four topics, and 32 bytes for each"));
    }
    host.buy_ink(pricing::read(len))?;
    host.buy_gas(pricing::log_gas(topics, len - topics * 32))?;
    let bytes = host.read(data, len)?;
    let (head, tail) = bytes.split_at(topics as usize * 32);
    let request = Request::Log {
        topics: head.chunks_exact(32).map(B256::from_slice).collect(),
        data: tail.to_vec().into(),
    };
    match host.ask(request).await {
        Reply::Done(_) => {}
        Reply::Refused(why) => return Err(Escape::Refused(why)),
        _ => return unexpected(),
    }
    host.record("emit_log", &[&topics.to_be_bytes(), &bytes], &[]);
    Ok(())
}
