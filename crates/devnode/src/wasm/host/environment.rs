//! What a program asks about its call, its transaction and its block.

use alloy::primitives::B256;
use wasmtime::{Caller, Linker};

use super::pricing::{HOSTIO, PTR};
use super::{Environment, Host, HostResult, HostState};

pub(super) fn link(linker: &mut Linker<HostState>) -> wasmtime::Result<()> {
    link_pointers(linker)?;
    link_values(linker)
}

fn link_pointers(linker: &mut Linker<HostState>) -> wasmtime::Result<()> {
    type Answer = fn(&Environment) -> Vec<u8>;
    let answers: [(&'static str, Answer); 7] = [
        ("block_basefee", |env| env.basefee.to_be_bytes::<32>().to_vec()),
        ("block_coinbase", |env| env.coinbase.to_vec()),
        ("contract_address", |env| env.address.to_vec()),
        ("msg_sender", |env| env.sender.to_vec()),
        ("msg_value", |env| B256::from(env.value).to_vec()),
        ("tx_gas_price", |env| B256::from(env.gas_price).to_vec()),
        ("tx_origin", |env| env.origin.to_vec()),
    ];
    for (name, answer) in answers {
        linker.func_wrap("vm_hooks", name, move |caller: Caller<'_, HostState>, to: u32| {
            Ok(write_answer(Host::new(caller)?, name, answer, to)?)
        })?;
    }
    Ok(())
}

fn write_answer(
    mut host: Host<'_>,
    name: &'static str,
    answer: fn(&Environment) -> Vec<u8>,
    to: u32,
) -> HostResult<()> {
    host.buy_ink(HOSTIO + PTR)?;
    let bytes = answer(host.env());
    host.write(to, &bytes)?;
    host.record(name, &[], &[&bytes]);
    Ok(())
}

fn link_values(linker: &mut Linker<HostState>) -> wasmtime::Result<()> {
    type Wide = fn(&mut Host<'_>) -> u64;
    type Narrow = fn(&Environment) -> u32;
    let wide: [(&'static str, Wide); 6] = [
        ("block_gas_limit", |host| host.env().gas_limit),
        ("block_number", |host| host.env().block_number),
        ("block_timestamp", |host| host.env().timestamp),
        ("chainid", |host| host.env().chain_id),
        ("evm_gas_left", |host| host.gas_left()),
        ("evm_ink_left", |host| host.ink_left()),
    ];
    let narrow: [(&'static str, Narrow); 2] = [
        ("msg_reentrant", |env| u32::from(env.reentrant)),
        ("tx_ink_price", |env| env.ink_price.0),
    ];
    for (name, answer) in wide {
        linker.func_wrap("vm_hooks", name, move |caller: Caller<'_, HostState>| {
            let mut host = Host::new(caller)?;
            host.buy_ink(HOSTIO)?;
            let value = answer(&mut host);
            host.record(name, &[], &[&value.to_be_bytes()]);
            Ok(value)
        })?;
    }
    for (name, answer) in narrow {
        linker.func_wrap("vm_hooks", name, move |caller: Caller<'_, HostState>| {
            let mut host = Host::new(caller)?;
            host.buy_ink(HOSTIO)?;
            let value = answer(host.env());
            host.record(name, &[], &[&value.to_be_bytes()]);
            Ok(value)
        })?;
    }
    Ok(())
}
