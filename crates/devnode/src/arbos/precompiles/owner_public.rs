//! `ArbOwnerPublic`.

use alloy::primitives::U256;
use alloy::sol;
use alloy::sol_types::{SolCall, SolInterface};
use revm::Database;

use super::call::{Call, Failure, Outcome, PARAMS_GAS, Purity, READ_GAS};
use crate::arbos::code::FRAGMENTS_FROM;
use IArbOwnerPublic::IArbOwnerPublicCalls as Calls;

/// Brotli level that L1 costs are computed with.
const BROTLI_LEVEL: u64 = 1;

sol! {
    #[allow(missing_docs)]
    interface IArbOwnerPublic {
        function isChainOwner(address addr) external view returns (bool);
        function getAllChainOwners() external view returns (address[] memory);
        function getNetworkFeeAccount() external view returns (address);
        function getInfraFeeAccount() external view returns (address);
        function getBrotliCompressionLevel() external view returns (uint64);
        function getScheduledUpgrade() external view returns (uint64 arbosVersion, uint64 scheduledForTimestamp);
        function isCalldataPriceIncreaseEnabled() external view returns (bool);
        function getMaxStylusContractFragments() external view returns (uint8);
    }
}

pub(super) fn call<DB: Database>(call: &mut Call<'_, DB>, input: &[u8]) -> Outcome<DB> {
    let method = Calls::abi_decode_validate(input).map_err(|_| Failure::BurnAll)?;
    if matches!(method, Calls::getMaxStylusContractFragments(_)) && call.arbos_version() < FRAGMENTS_FROM {
        return Err(Failure::BurnAll);
    }
    call.allow(Purity::View)?;
    call.burn(match method {
        // A length and a member; a version and a time.
        Calls::getAllChainOwners(_) | Calls::getScheduledUpgrade(_) => 2 * READ_GAS,
        Calls::getMaxStylusContractFragments(_) => PARAMS_GAS,
        _ => READ_GAS,
    })?;
    let config = &call.ctx.chain.config;
    let number = |value: u64| U256::from(value).to_be_bytes::<32>().to_vec();
    Ok(match method {
        Calls::isChainOwner(args) => number(u64::from(args.addr == config.owner)),
        Calls::getAllChainOwners(_) => IArbOwnerPublic::getAllChainOwnersCall::abi_encode_returns(&vec![config.owner]),
        Calls::getNetworkFeeAccount(_) | Calls::getInfraFeeAccount(_) => {
            config.network_fee_account.into_word().to_vec()
        }
        Calls::getBrotliCompressionLevel(_) => number(BROTLI_LEVEL),
        Calls::getScheduledUpgrade(_) => [number(0), number(0)].concat(),
        Calls::isCalldataPriceIncreaseEnabled(_) => number(0),
        Calls::getMaxStylusContractFragments(_) => number(config.stylus.max_fragments.into()),
    }
    .into())
}
