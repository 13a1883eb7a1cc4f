//! `ArbWasm`: activates programs and tells about them.

use alloy::primitives::{B256, U256};
use alloy::sol;
use alloy::sol_types::{SolCall, SolInterface};
use revm::Database;

use super::activation::{self, ACTIVATION_GAS_FROM};
use super::call::{Call, Done, Failure, Outcome, Purity, READ_GAS, WRITE_GAS};
use crate::arbos::data_fee;
use crate::arbos::params::StylusParams;
use crate::arbos::programs::{self, Program, ProgramError};
use IArbWasm::IArbWasmCalls as Calls;

/// How fast pages beyond the free ones get dearer: a constant that no rule reads any more.
const PAGE_RAMP: u64 = 620_674_314;
const DAY: u64 = 86_400;

sol! {
    #[allow(missing_docs)]
    interface IArbWasm {
        function activateProgram(address program) external payable returns (uint16 version, uint256 dataFee);
        function codehashVersion(bytes32 codehash) external view returns (uint16 version);
        function codehashAsmSize(bytes32 codehash) external view returns (uint32 size);
        function codehashKeepalive(bytes32 codehash) external payable;
        function programVersion(address program) external view returns (uint16 version);
        function programInitGas(address program) external view returns (uint64 gas, uint64 gasWhenCached);
        function programMemoryFootprint(address program) external view returns (uint16 footprint);
        function programTimeLeft(address program) external view returns (uint64 secs);
        function stylusVersion() external view returns (uint16 version);
        function inkPrice() external view returns (uint32 price);
        function maxStackDepth() external view returns (uint32 depth);
        function freePages() external view returns (uint16 pages);
        function pageGas() external view returns (uint16 gas);
        function pageRamp() external view returns (uint64 ramp);
        function pageLimit() external view returns (uint16 limit);
        function minInitGas() external view returns (uint64 gas, uint64 cached);
        function initCostScalar() external view returns (uint64 percent);
        function expiryDays() external view returns (uint16 days_);
        function keepaliveDays() external view returns (uint16 days_);
        function blockCacheSize() external view returns (uint16 count);
        function activationGas() external view returns (uint64 gas);

        event ProgramActivated(bytes32 indexed codehash, bytes32 moduleHash, address program, uint256 dataFee, uint16 version);
        event ProgramLifetimeExtended(bytes32 indexed codehash, uint256 dataFee);

        error ProgramNotWasm();
        error ProgramNotActivated();
        error ProgramNeedsUpgrade(uint16 version, uint16 stylusVersion);
        error ProgramExpired(uint64 ageInSeconds);
        error ProgramUpToDate();
        error ProgramKeepaliveTooSoon(uint64 ageInSeconds);
        error ProgramInsufficientValue(uint256 have, uint256 want);
    }
}

impl<E> From<ProgramError> for Failure<E> {
    fn from(error: ProgramError) -> Self {
        match error {
            ProgramError::NotActivated => Self::error(&IArbWasm::ProgramNotActivated {}),
            ProgramError::NeedsUpgrade(version, stylus_version) => Self::error(&IArbWasm::ProgramNeedsUpgrade {
                version,
                stylusVersion: stylus_version,
            }),
            ProgramError::Expired(age) => Self::error(&IArbWasm::ProgramExpired { ageInSeconds: age }),
        }
    }
}

pub(super) fn call<DB: Database>(call: &mut Call<'_, DB>, input: &[u8]) -> Outcome<DB> {
    let method = Calls::abi_decode_validate(input).map_err(|_| Failure::BurnAll)?;
    let since_60 = matches!(method, Calls::activationGas(_));
    if since_60 && call.arbos_version() < ACTIVATION_GAS_FROM {
        return Err(Failure::BurnAll);
    }
    call.allow(match method {
        Calls::activateProgram(_) | Calls::codehashKeepalive(_) => Purity::Payable,
        _ => Purity::View,
    })?;
    match method {
        Calls::activateProgram(args) => activation::activate_program(call, args.program),
        Calls::codehashKeepalive(args) => keepalive(call, args.codehash),
        Calls::codehashVersion(args) => about(call, args.codehash, |_, program| word(program.version)),
        Calls::codehashAsmSize(args) => about(call, args.codehash, |_, program| word(asm_bytes(program))),
        Calls::programVersion(args) => {
            let hash = call.code_hash(args.program)?;
            about(call, hash, |_, program| word(program.version))
        }
        Calls::programInitGas(args) => {
            let hash = call.code_hash(args.program)?;
            about(call, hash, init_gas)
        }
        Calls::programMemoryFootprint(args) => {
            let hash = call.code_hash(args.program)?;
            about(call, hash, |_, program| word(program.footprint))
        }
        Calls::programTimeLeft(args) => {
            let (hash, now) = (call.code_hash(args.program)?, call.now());
            about(call, hash, move |params, program| {
                word((u64::from(params.expiry_days) * DAY).saturating_sub(program.age(now)))
            })
        }
        Calls::activationGas(_) => {
            call.burn(READ_GAS)?;
            Ok(word(call.ctx.chain.config.stylus.activation_gas).into())
        }
        parameter => Ok(parameter_word(&parameter, &call.params()?).into()),
    }
}

/// The answer to a method without arguments.
fn parameter_word(method: &Calls, params: &StylusParams) -> Vec<u8> {
    match method {
        Calls::stylusVersion(_) => word(params.version),
        Calls::inkPrice(_) => word(params.ink_price),
        Calls::maxStackDepth(_) => word(params.max_stack_depth),
        Calls::freePages(_) => word(params.free_pages),
        Calls::pageGas(_) => word(params.page_gas),
        Calls::pageRamp(_) => word(PAGE_RAMP),
        Calls::pageLimit(_) => word(params.page_limit),
        Calls::initCostScalar(_) => word(u64::from(params.init_cost_scalar) * 2),
        Calls::expiryDays(_) => word(params.expiry_days),
        Calls::keepaliveDays(_) => word(params.keepalive_days),
        Calls::blockCacheSize(_) => word(params.block_cache_size),
        Calls::minInitGas(_) => [
            word(u64::from(params.min_init_gas) * 128),
            word(u64::from(params.min_cached_init_gas) * 32),
        ]
        .concat(),
        // The others take arguments and were answered before.
        _ => Vec::new(),
    }
}

/// Answers about a program that can be called; anything else is an error of `ArbWasm`.
fn about<DB: Database>(
    call: &mut Call<'_, DB>,
    code_hash: B256,
    answer: impl FnOnce(&StylusParams, &Program) -> Vec<u8>,
) -> Outcome<DB> {
    let params = call.params()?;
    let program = call.program(code_hash)?;
    program.check(&params, call.now())?;
    Ok(answer(&params, &program).into())
}

fn init_gas(params: &StylusParams, program: &Program) -> Vec<u8> {
    let (init, cached) = (program.init_gas(params), program.cached_gas(params));
    // In version 1 the cached cost is part of the init cost.
    let init = if program.version > 1 { init + cached } else { init };
    [word(init), word(cached)].concat()
}

fn asm_bytes(program: &Program) -> u32 {
    program.asm_kb.saturating_mul(1024)
}

/// Starts a program's lifetime anew, for the data fee.
fn keepalive<DB: Database>(call: &mut Call<'_, DB>, code_hash: B256) -> Outcome<DB> {
    let params = call.params()?;
    let mut program = call.program(code_hash)?;
    let now = call.now();
    program.check(&params, now)?;
    let age = program.age(now);
    if age < u64::from(params.keepalive_days) * DAY {
        return Err(Failure::error(&IArbWasm::ProgramKeepaliveTooSoon { ageInSeconds: age }));
    }
    let fee = charge_data(call, asm_bytes(&program))?;
    program.activated_at = programs::hours(now);
    call.burn(WRITE_GAS)?;
    programs::store(call.ctx, code_hash, program).map_err(Failure::Database)?;
    pay_fee(call, fee)?;
    call.emit(&IArbWasm::ProgramLifetimeExtended {
        codehash: code_hash,
        dataFee: fee,
    })?;
    Ok(IArbWasm::codehashKeepaliveCall::abi_encode_returns(&IArbWasm::codehashKeepaliveReturn {}).into())
}

/// Takes `bytes` of machine code into account: five parameters read, two written.
pub(super) fn charge_data<DB: Database>(call: &mut Call<'_, DB>, bytes: u32) -> Done<DB, U256> {
    call.burn(5 * READ_GAS + 2 * WRITE_GAS)?;
    let now = call.now();
    data_fee::charge(call.ctx, bytes, now).map_err(Failure::Database)
}

/// Takes the data fee out of the value that came along.
pub(super) fn pay_fee<DB: Database>(call: &mut Call<'_, DB>, fee: U256) -> Done<DB, ()> {
    let have = call.value();
    if have < fee {
        return Err(Failure::error(&IArbWasm::ProgramInsufficientValue { have, want: fee }));
    }
    call.burn(READ_GAS)?;
    call.pay(fee)
}

fn word(value: impl Into<u64>) -> Vec<u8> {
    U256::from(value.into()).to_be_bytes::<32>().to_vec()
}
