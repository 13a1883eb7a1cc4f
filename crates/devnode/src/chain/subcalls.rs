//! The frames that a program asks for, and what they cost it.

use alloy::primitives::Address;
use revm::Database;
use revm::context::{ContextTr, CreateScheme, JournalTr};
use revm::handler::FrameResult;
use revm::interpreter::{CallInput, CallInputs, CallScheme, CallValue, CreateInputs, FrameInput};

use super::accounts;
use super::context::ArbContext;
use crate::wasm::exchange::{Reply, Request};
use crate::wasm::host::pricing::{COLD_ACCOUNT_GAS, WARM_GAS};

/// Gas of sending value, on top of the access.
const VALUE_GAS: u64 = 9_000;
/// Gas of sending value to an account that does not exist yet.
const NEW_ACCOUNT_GAS: u64 = 25_000;
/// Gas that a call with value gets for free.
const STIPEND: u64 = 2_300;
/// Gas of a create, on top of its code's deposit.
const CREATE_GAS: u64 = 32_000;
/// Gas of hashing a word of `create2`'s code.
const HASH_WORD_GAS: u64 = 6;

/// The frame whose program asks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Parent<'a> {
    /// The inputs of its own call.
    pub inputs: &'a CallInputs,
}

/// What the parent has paid when the child starts: the child's unused gas is taken off.
#[derive(Clone, Copy, Debug)]
pub(super) enum Pending {
    /// A call.
    Call {
        /// The base price and all the gas that was passed on.
        paid: u64,
    },
    /// A create.
    Create {
        /// The base price and all the gas that was passed on.
        paid: u64,
    },
}

/// Either an answer at once, or a frame to run first.
pub(super) enum Subframe {
    /// Nothing runs.
    Answered(Reply),
    /// Run this.
    Start(FrameInput, Pending),
}

/// Starts a call or create.
pub(super) fn start<DB: Database>(
    ctx: &mut ArbContext<DB>,
    parent: Parent<'_>,
    request: Request,
) -> Result<Subframe, DB::Error> {
    match request {
        Request::Call { .. } => call(ctx, parent.inputs, request),
        Request::Create { .. } => Ok(create(parent.inputs, request)),
        _ => Ok(Subframe::Answered(Reply::Refused("this request takes no frame"))),
    }
}

fn call<DB: Database>(ctx: &mut ArbContext<DB>, parent: &CallInputs, request: Request) -> Result<Subframe, DB::Error> {
    let Request::Call {
        scheme,
        to,
        value,
        input,
        gas_left,
        gas_wanted,
    } = request
    else {
        return Ok(Subframe::Answered(Reply::Refused("not a call")));
    };
    let failed = |gas| {
        Ok(Subframe::Answered(Reply::Called {
            success: false,
            output: Default::default(),
            gas,
        }))
    };
    if parent.is_static && !value.is_zero() {
        return failed(0);
    }
    let Some(base) = call_price(ctx, to, !value.is_zero(), gas_left)? else {
        return failed(gas_left);
    };
    let available = u128::from(gas_left - base) * 63 / 64;
    let mut gas = gas_wanted.min(u64::try_from(available).unwrap_or(u64::MAX));
    if !value.is_zero() {
        gas = gas.saturating_add(STIPEND);
    }
    let account = ctx.journal_mut().load_account_with_code(to)?;
    let (hash, code) = (account.info.code_hash(), account.info.code.clone().unwrap_or_default());
    let known_bytecode = accounts::resolve(ctx, hash, code)?;
    let delegate = scheme == CallScheme::DelegateCall;
    let inputs = CallInputs {
        input: CallInput::Bytes(input),
        return_memory_offset: 0..0,
        gas_limit: gas,
        reservoir: 0,
        bytecode_address: to,
        known_bytecode,
        target_address: if delegate { parent.target_address } else { to },
        caller: if delegate { parent.caller } else { parent.target_address },
        value: if delegate {
            CallValue::Apparent(parent.call_value())
        } else {
            CallValue::Transfer(value)
        },
        scheme,
        is_static: parent.is_static || scheme == CallScheme::StaticCall,
        charged_new_account_state_gas: false,
    };
    let paid = base.saturating_add(gas);
    Ok(Subframe::Start(
        FrameInput::Call(Box::new(inputs)),
        Pending::Call { paid },
    ))
}

/// What a call costs before it passes gas on; `None` if `budget` does not cover it. Unlike an EVM call, a delegation's
/// target costs nothing. The account is warm afterwards in either case, once the budget covers a warm access.
fn call_price<DB: Database>(
    ctx: &mut ArbContext<DB>,
    to: Address,
    has_value: bool,
    budget: u64,
) -> Result<Option<u64>, DB::Error> {
    let mut price = WARM_GAS;
    if price > budget {
        return Ok(None);
    }
    let load = ctx.journal_mut().load_account(to)?;
    if load.is_cold {
        price += COLD_ACCOUNT_GAS - WARM_GAS;
    }
    if has_value {
        price += VALUE_GAS;
        if load.is_empty() {
            price += NEW_ACCOUNT_GAS;
        }
    }
    Ok((price <= budget).then_some(price))
}

fn create(parent: &CallInputs, request: Request) -> Subframe {
    let Request::Create {
        code,
        value,
        salt,
        gas_left,
    } = request
    else {
        return Subframe::Answered(Reply::Refused("not a create"));
    };
    if parent.is_static {
        return Subframe::Answered(Reply::Refused("a static call cannot create"));
    }
    let mut base = CREATE_GAS;
    if salt.is_some() {
        base += HASH_WORD_GAS * (code.len() as u64).div_ceil(32);
    }
    let Some(rest) = gas_left.checked_sub(base) else {
        return Subframe::Answered(Reply::OutOfGas);
    };
    let gas = rest - rest / 64;
    let scheme = salt.map_or(CreateScheme::Create, |salt| CreateScheme::Create2 { salt });
    let inputs = CreateInputs::new(parent.target_address, scheme, value, code, gas, 0);
    Subframe::Start(
        FrameInput::Create(Box::new(inputs)),
        Pending::Create { paid: base + gas },
    )
}

/// What the program is told about the child that ended.
pub(super) fn reply(pending: Pending, child: FrameResult) -> Reply {
    let outcome = child.instruction_result();
    let returned = if outcome.is_ok_or_revert() {
        child.gas().remaining()
    } else {
        0
    };
    match (pending, child) {
        (Pending::Call { paid }, child) => Reply::Called {
            success: outcome.is_ok(),
            output: child.interpreter_result().output.clone(),
            gas: paid.saturating_sub(returned),
        },
        (Pending::Create { paid }, child) => {
            let address = match &child {
                FrameResult::Create(created) if outcome.is_ok() => created.address.unwrap_or_default(),
                _ => Address::ZERO,
            };
            // Only a revert's data is handed on.
            let output = if outcome.is_revert() {
                child.interpreter_result().output.clone()
            } else {
                Default::default()
            };
            Reply::Created {
                address,
                output,
                gas: paid.saturating_sub(returned),
            }
        }
    }
}
