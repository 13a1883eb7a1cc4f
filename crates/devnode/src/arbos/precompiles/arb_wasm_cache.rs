//! `ArbWasmCache`: keeps programs cheap to enter. Only the chain's owner may.

use alloy::primitives::{Address, B256, Bytes};
use alloy::sol;
use alloy::sol_types::{SolCall, SolInterface};
use revm::Database;

use super::call::{Call, Failure, Outcome, Purity, READ_GAS, WRITE_GAS};
use crate::arbos::programs::{self, ProgramError};
use IArbWasmCache::IArbWasmCacheCalls as Calls;

/// `cacheProgram` replaced `cacheCodehash` at this version.
const CACHE_PROGRAM_FROM: u64 = 31;

sol! {
    #[allow(missing_docs)]
    interface IArbWasmCache {
        function isCacheManager(address manager) external view returns (bool);
        function allCacheManagers() external view returns (address[] memory managers);
        function cacheCodehash(bytes32 codehash) external;
        function cacheProgram(address program) external;
        function evictCodehash(bytes32 codehash) external;
        function codehashIsCached(bytes32 codehash) external view returns (bool);

        event UpdateProgramCache(address indexed manager, bytes32 indexed codehash, bool cached);
    }
}

pub(super) fn call<DB: Database>(call: &mut Call<'_, DB>, input: &[u8]) -> Outcome<DB> {
    let method = Calls::abi_decode_validate(input).map_err(|_| Failure::BurnAll)?;
    let by_program = call.arbos_version() >= CACHE_PROGRAM_FROM;
    let exists = match method {
        Calls::cacheCodehash(_) => !by_program,
        Calls::cacheProgram(_) => by_program,
        _ => true,
    };
    if !exists {
        return Err(Failure::BurnAll);
    }
    let writes = matches!(
        method,
        Calls::cacheCodehash(_) | Calls::cacheProgram(_) | Calls::evictCodehash(_)
    );
    call.allow(if writes { Purity::Write } else { Purity::View })?;
    match method {
        Calls::isCacheManager(_) => {
            call.burn(READ_GAS)?;
            Ok(IArbWasmCache::isCacheManagerCall::abi_encode_returns(&false).into())
        }
        Calls::allCacheManagers(_) => {
            call.burn(READ_GAS)?;
            Ok(IArbWasmCache::allCacheManagersCall::abi_encode_returns(&Vec::<Address>::new()).into())
        }
        Calls::codehashIsCached(args) => {
            let cached = call.program(args.codehash)?.cached;
            Ok(IArbWasmCache::codehashIsCachedCall::abi_encode_returns(&cached).into())
        }
        Calls::cacheCodehash(args) => set_cached(call, args.codehash, true),
        Calls::cacheProgram(args) => {
            let hash = call.code_hash(args.program)?;
            set_cached(call, hash, true)
        }
        Calls::evictCodehash(args) => set_cached(call, args.codehash, false),
    }
}

fn set_cached<DB: Database>(call: &mut Call<'_, DB>, code_hash: B256, cached: bool) -> Outcome<DB> {
    // Managers, then owners.
    call.burn(2 * READ_GAS)?;
    let manager = call.caller();
    if manager != call.ctx.chain.config.owner {
        return Err(Failure::BurnAll);
    }
    let params = call.params()?;
    let mut program = call.program(code_hash)?;
    if cached {
        // A program that never was active counts as one of version 0 here.
        match program.check(&params, call.now()) {
            Err(ProgramError::NotActivated) => return Err(ProgramError::NeedsUpgrade(0, params.version).into()),
            checked => checked?,
        }
    }
    if program.cached != cached {
        call.emit(&IArbWasmCache::UpdateProgramCache {
            manager,
            codehash: code_hash,
            cached,
        })?;
        // The price of caching, and of reading the module's hash.
        call.burn(u64::from(program.init_cost) + READ_GAS)?;
        program.cached = cached;
        call.burn(WRITE_GAS)?;
        programs::store(call.ctx, code_hash, program).map_err(Failure::Database)?;
    }
    Ok(Bytes::new())
}
