//! `ArbGasInfo`. L1 data costs nothing here, as on a Nitro devnode whose price per unit is set to zero.

use alloy::primitives::{Bytes, U256};
use alloy::sol;
use alloy::sol_types::SolInterface;
use revm::Database;
use revm::context::{Block, ContextTr};

use super::call::{Call, Failure, Outcome, Purity, READ_GAS};
use crate::chain::config::TX_COMPUTE_LIMIT;
use IArbGasInfo::IArbGasInfoCalls as Calls;

/// Gas of storing a word, which prices "in storage".
const STORAGE_GAS: u64 = 20_000;
/// Gas a second that the chain is meant to sustain.
const SPEED_LIMIT: u64 = 7_000_000;
/// Gas that a block may use.
const BLOCK_COMPUTE_LIMIT: u64 = 32_000_000;
/// Gas backlogs that are tolerated, in seconds.
const TOLERANCE: u64 = 10;
const PRICING_INERTIA: u64 = 102;
const L1_INERTIA: u64 = 10;
const TX_LIMIT_FROM: u64 = 50;

sol! {
    #[allow(missing_docs)]
    interface IArbGasInfo {
        function getPricesInWeiWithAggregator(address aggregator) external view returns (uint256, uint256, uint256, uint256, uint256, uint256);
        function getPricesInWei() external view returns (uint256, uint256, uint256, uint256, uint256, uint256);
        function getPricesInArbGasWithAggregator(address aggregator) external view returns (uint256, uint256, uint256);
        function getPricesInArbGas() external view returns (uint256, uint256, uint256);
        function getGasAccountingParams() external view returns (uint256, uint256, uint256);
        function getMinimumGasPrice() external view returns (uint256);
        function getL1BaseFeeEstimate() external view returns (uint256);
        function getL1BaseFeeEstimateInertia() external view returns (uint64);
        function getL1GasPriceEstimate() external view returns (uint256);
        function getCurrentTxL1GasFees() external view returns (uint256);
        function getGasBacklog() external view returns (uint64);
        function getPricingInertia() external view returns (uint64);
        function getGasBacklogTolerance() external view returns (uint64);
        function getL1PricingSurplus() external view returns (int256);
        function getMaxTxGasLimit() external view returns (uint256);
    }
}

pub(super) fn call<DB: Database>(call: &mut Call<'_, DB>, input: &[u8]) -> Outcome<DB> {
    let method = Calls::abi_decode_validate(input).map_err(|_| Failure::BurnAll)?;
    if matches!(method, Calls::getMaxTxGasLimit(_)) && call.arbos_version() < TX_LIMIT_FROM {
        return Err(Failure::BurnAll);
    }
    call.allow(Purity::View)?;
    let price = call.ctx.block().basefee();
    let floor = call.ctx.chain.config.min_base_fee.min(price);
    let (slots, answer) = match method {
        Calls::getPricesInWei(_) | Calls::getPricesInWeiWithAggregator(_) => (
            2,
            vec![0, 0, price.saturating_mul(STORAGE_GAS), floor, price - floor, price],
        ),
        Calls::getPricesInArbGas(_) | Calls::getPricesInArbGasWithAggregator(_) => (1, vec![0, 0, STORAGE_GAS]),
        Calls::getGasAccountingParams(_) => (2, vec![SPEED_LIMIT, BLOCK_COMPUTE_LIMIT, BLOCK_COMPUTE_LIMIT]),
        Calls::getMinimumGasPrice(_) => (1, vec![call.ctx.chain.config.min_base_fee]),
        Calls::getL1BaseFeeEstimateInertia(_) => (1, vec![L1_INERTIA]),
        Calls::getPricingInertia(_) => (1, vec![PRICING_INERTIA]),
        Calls::getGasBacklogTolerance(_) => (1, vec![TOLERANCE]),
        Calls::getMaxTxGasLimit(_) => (1, vec![TX_COMPUTE_LIMIT]),
        Calls::getL1BaseFeeEstimate(_)
        | Calls::getL1GasPriceEstimate(_)
        | Calls::getGasBacklog(_)
        | Calls::getL1PricingSurplus(_) => (1, vec![0]),
        // Kept by the running transaction, not in state.
        Calls::getCurrentTxL1GasFees(_) => (0, vec![0]),
    };
    call.burn(slots * READ_GAS)?;
    let words: Vec<_> = answer
        .into_iter()
        .map(|value| U256::from(value).to_be_bytes::<32>())
        .collect();
    Ok(Bytes::from(words.concat()))
}
