//! `ArbSys`, without messages to L1: a devnode has none.

use alloy::primitives::{Address, U160, U256};
use alloy::sol;
use alloy::sol_types::SolInterface;
use revm::Database;

use super::call::{Call, Failure, Outcome, Purity};
use IArbSys::IArbSysCalls as Calls;

/// `arbOSVersion` counts from here.
const VERSION_OFFSET: u64 = 55;
/// Hashes are answered for this many blocks.
const HASHES: u64 = 256;
/// Custom errors are returned from this version on.
const ERRORS_FROM: u64 = 11;

sol! {
    #[allow(missing_docs)]
    interface IArbSys {
        function arbBlockNumber() external view returns (uint256);
        function arbBlockHash(uint256 arbBlockNum) external view returns (bytes32);
        function arbChainID() external view returns (uint256);
        function arbOSVersion() external view returns (uint256);
        function getStorageGasAvailable() external view returns (uint256);
        function isTopLevelCall() external view returns (bool);
        function mapL1SenderContractAddressToL2Alias(address sender, address unused) external pure returns (address);
        function wasMyCallersAddressAliased() external view returns (bool);
        function myCallersAddressWithoutAliasing() external view returns (address);

        error InvalidBlockNumber(uint256 requested, uint256 current);
    }
}

pub(super) fn call<DB: Database>(call: &mut Call<'_, DB>, input: &[u8]) -> Outcome<DB> {
    let method = Calls::abi_decode_validate(input).map_err(|_| Failure::BurnAll)?;
    let pure = matches!(method, Calls::mapL1SenderContractAddressToL2Alias(_));
    call.allow(if pure { Purity::Pure } else { Purity::View })?;
    let number = |value: u64| Ok(U256::from(value).to_be_bytes::<32>().into());
    match method {
        Calls::arbBlockNumber(_) => number(call.ctx.chain.l2_block),
        Calls::arbBlockHash(args) => block_hash(call, args.arbBlockNum),
        Calls::arbChainID(_) => number(call.ctx.chain.config.chain_id),
        Calls::arbOSVersion(_) => number(VERSION_OFFSET + call.arbos_version()),
        Calls::getStorageGasAvailable(_) => number(0),
        // Called by an account, or by a contract that an account called.
        Calls::isTopLevelCall(_) => number(u64::from(call.ctx.chain.callers.len() <= 1)),
        Calls::mapL1SenderContractAddressToL2Alias(args) => {
            let alias = U160::from_be_bytes(args.sender.0.0).wrapping_add(ALIAS);
            Ok(Address::from(alias).into_word().0.into())
        }
        // No transaction of a devnode comes from L1, so nobody is aliased.
        Calls::wasMyCallersAddressAliased(_) => number(0),
        Calls::myCallersAddressWithoutAliasing(_) => {
            let caller = call.ctx.chain.callers.last().copied().unwrap_or_default();
            Ok(caller.into_word().0.into())
        }
    }
}

/// What L1 contracts' addresses are shifted by on L2: `0x1111000000000000000000000000000000001111`.
const ALIAS: U160 = U160::from_limbs([0x1111, 0, 0x1111_0000]);

fn block_hash<DB: Database>(call: &mut Call<'_, DB>, requested: U256) -> Outcome<DB> {
    let current = call.ctx.chain.l2_block;
    let number: u64 = requested.saturating_to();
    let known = (number < current && current - number <= HASHES)
        .then(|| call.ctx.chain.l2_hashes.get(&number).copied())
        .flatten();
    match known {
        Some(hash) => Ok(hash.0.into()),
        None if call.arbos_version() >= ERRORS_FROM => Err(Failure::error(&IArbSys::InvalidBlockNumber {
            requested,
            current: U256::from(current),
        })),
        None => Err(Failure::Plain),
    }
}
