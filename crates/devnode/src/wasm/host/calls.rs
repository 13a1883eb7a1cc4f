//! Calls and creates.

use alloy::primitives::Bytes;
use revm::interpreter::CallScheme;
use wasmtime::{Caller, Linker};

use super::io::len_u32;
use super::pricing::{self, EVM_API, HOSTIO, PTR};
use super::{Escape, Host, HostResult, HostState, unexpected};
use crate::wasm::exchange::{Reply, Request};

type C<'a> = Caller<'a, HostState>;

/// What a call answers when it failed in any way, a revert included.
const FAILED: u8 = 2;

/// Pointers and sizes that a call host function was given.
struct CallArgs {
    to: u32,
    data: u32,
    len: u32,
    value: Option<u32>,
    gas: u64,
    out_len: u32,
}

/// Pointers and sizes that a create host function was given.
struct CreateArgs {
    code: u32,
    len: u32,
    value: u32,
    salt: Option<u32>,
    address: u32,
    out_len: u32,
}

pub(super) fn link(linker: &mut Linker<HostState>) -> wasmtime::Result<()> {
    let module = "vm_hooks";
    linker.func_wrap_async(
        module,
        "call_contract",
        |c: C<'_>, (to, data, len, value, gas, out_len): (u32, u32, u32, u32, u64, u32)| {
            let args = CallArgs {
                to,
                data,
                len,
                value: Some(value),
                gas,
                out_len,
            };
            Box::new(async move { Ok(call(Host::new(c)?, CallScheme::Call, args).await?) })
        },
    )?;
    let without_value = [
        ("delegate_call_contract", CallScheme::DelegateCall),
        ("static_call_contract", CallScheme::StaticCall),
    ];
    for (name, scheme) in without_value {
        linker.func_wrap_async(
            module,
            name,
            move |c: C<'_>, (to, data, len, gas, out_len): (u32, u32, u32, u64, u32)| {
                let args = CallArgs {
                    to,
                    data,
                    len,
                    value: None,
                    gas,
                    out_len,
                };
                Box::new(async move { Ok(call(Host::new(c)?, scheme, args).await?) })
            },
        )?;
    }
    linker.func_wrap_async(
        module,
        "create1",
        |c: C<'_>, (code, len, value, address, out_len): (u32, u32, u32, u32, u32)| {
            let args = CreateArgs {
                code,
                len,
                value,
                salt: None,
                address,
                out_len,
            };
            Box::new(async move { Ok(create(Host::new(c)?, args).await?) })
        },
    )?;
    linker.func_wrap_async(
        module,
        "create2",
        |c: C<'_>, (code, len, value, salt, address, out_len): (u32, u32, u32, u32, u32, u32)| {
            let args = CreateArgs {
                code,
                len,
                value,
                salt: Some(salt),
                address,
                out_len,
            };
            Box::new(async move { Ok(create(Host::new(c)?, args).await?) })
        },
    )?;
    Ok(())
}

async fn call(mut host: Host<'_>, scheme: CallScheme, args: CallArgs) -> HostResult<u32> {
    host.buy_ink(HOSTIO + 3 * PTR + EVM_API)?;
    // Once for reading the program's memory, once for handing the bytes to the chain.
    host.buy_ink(pricing::read(args.len))?;
    host.buy_ink(pricing::read(args.len))?;
    let gas_left = host.gas_left();
    let to = host.read_address(args.to)?;
    let input: Bytes = host.read(args.data, args.len)?.into();
    let value = args.value.map(|value| host.read_word(value)).transpose()?;

    let request = Request::Call {
        scheme,
        to,
        value: value.map(Into::into).unwrap_or_default(),
        input: input.clone(),
        gas_left,
        gas_wanted: args.gas.min(gas_left),
    };
    let Reply::Called { success, output, gas } = host.ask(request).await else {
        return unexpected();
    };
    host.buy_gas(gas)?;
    let len = len_u32(&output);
    host.state_mut().return_data = output;
    host.write(args.out_len, &len.to_le_bytes())?;
    let status = if success { 0 } else { FAILED };

    let name = match scheme {
        CallScheme::DelegateCall => "delegate_call_contract",
        CallScheme::StaticCall => "static_call_contract",
        _ => "call_contract",
    };
    let value: &[u8] = value.as_ref().map_or(&[], |value| value.as_slice());
    host.record(
        name,
        &[to.as_slice(), &args.gas.to_be_bytes(), value, &input],
        &[&len.to_be_bytes(), &[status]],
    );
    Ok(status.into())
}

async fn create(mut host: Host<'_>, args: CreateArgs) -> HostResult<()> {
    let pointers = if args.salt.is_some() { 4 } else { 3 };
    host.buy_ink(HOSTIO + pointers * PTR + EVM_API)?;
    host.buy_ink(pricing::read(args.len))?;
    host.buy_ink(pricing::read(args.len))?;
    let code: Bytes = host.read(args.code, args.len)?.into();
    let value = host.read_word(args.value)?;
    let salt = args.salt.map(|salt| host.read_word(salt)).transpose()?;
    let gas_left = host.gas_left();

    let request = Request::Create {
        code: code.clone(),
        value: value.into(),
        salt: salt.map(Into::into),
        gas_left,
    };
    let (address, output, gas) = match host.ask(request).await {
        Reply::Created { address, output, gas } => (address, output, gas),
        Reply::OutOfGas => return Err(Escape::Refused("not enough gas to create")),
        Reply::Refused(why) => return Err(Escape::Refused(why)),
        _ => return unexpected(),
    };
    host.buy_gas(gas)?;
    let len = len_u32(&output);
    host.state_mut().return_data = output;
    host.write(args.out_len, &len.to_le_bytes())?;
    host.write(args.address, address.as_slice())?;

    let name = if salt.is_some() { "create2" } else { "create1" };
    let salt: &[u8] = salt.as_ref().map_or(&[], |salt| salt.as_slice());
    host.record(
        name,
        &[value.as_slice(), salt, &code],
        &[address.as_slice(), &len.to_be_bytes()],
    );
    Ok(())
}
