//! Reading accounts, and what gas costs.

use alloy::{
    eips::BlockNumberOrTag,
    primitives::{Address, B256},
    rpc::types::FeeHistory,
};

use super::{
    Answer, Service,
    answer::{quantity, to_json},
    error::RpcError,
    params::Params,
};

/// As many blocks as a fee history may span.
const FEE_HISTORY_BLOCKS: u64 = 1_024;

impl Service {
    pub(super) fn state_method(&self, method: &str, params: &Params) -> Option<Answer> {
        let config = self.chain.config();
        Some(match method {
            "eth_chainId" => quantity(config.chain_id),
            "eth_blockNumber" => quantity(self.chain.height()),
            "eth_gasPrice" => quantity(config.base_fee),
            // Arbitrum drops tips.
            "eth_maxPriorityFeePerGas" => quantity(0u64),
            "eth_feeHistory" => self.fee_history(params),
            "eth_accounts" => to_json(self.wallet.accounts()),
            "eth_getBalance" => self.balance(params),
            "eth_getCode" => self.code(params),
            "eth_getStorageAt" => self.storage(params),
            "eth_getTransactionCount" => self.transaction_count(params),
            _ => return None,
        })
    }

    fn balance(&self, params: &Params) -> Answer {
        let address: Address = params.required(0, "address")?;
        to_json(self.chain.state_at(params.block(1)?)?.balance(address))
    }

    fn code(&self, params: &Params) -> Answer {
        let address: Address = params.required(0, "address")?;
        to_json(self.chain.state_at(params.block(1)?)?.code(address))
    }

    fn storage(&self, params: &Params) -> Answer {
        let address: Address = params.required(0, "address")?;
        let slot = params.number_u256(1, "slot")?;
        to_json(B256::from(
            self.chain.state_at(params.block(2)?)?.storage(address, slot),
        ))
    }

    fn transaction_count(&self, params: &Params) -> Answer {
        let address: Address = params.required(0, "address")?;
        let block = params.block(1)?;
        if block == BlockNumberOrTag::Pending.into() {
            return quantity(self.chain.pending_nonce(address));
        }
        quantity(self.chain.state_at(block)?.nonce(address))
    }

    fn fee_history(&self, params: &Params) -> Answer {
        let count = params.number_u64(0, "blockCount")?.min(FEE_HISTORY_BLOCKS);
        let newest: BlockNumberOrTag = params.required(1, "newestBlock")?;
        let percentiles: Option<Vec<f64>> = params.optional(2, "rewardPercentiles")?;
        let in_order = |list: &Vec<f64>| {
            list.iter().all(|p| (0.0..=100.0).contains(p)) && list.windows(2).all(|pair| pair[0] <= pair[1])
        };
        if percentiles.as_ref().is_some_and(|list| !in_order(list)) {
            return Err(RpcError::invalid_params(
                "rewardPercentiles must grow and lie between 0 and 100",
            ));
        }
        let last = match newest {
            BlockNumberOrTag::Number(number) if number > self.chain.height() => {
                return Err(RpcError::refused(format!(
                    "request beyond head block: requested {number}, head {}",
                    self.chain.height()
                )));
            }
            BlockNumberOrTag::Number(number) => number,
            BlockNumberOrTag::Earliest => 0,
            _ => self.chain.height(),
        };
        let count = count.min(last + 1);
        let first = last + 1 - count;
        let blocks = (first..=last).filter_map(|number| self.chain.block_by_tag(number.into()));
        let ratio = |used: u64, limit: u64| used as f64 / limit as f64;
        let gas_used_ratio: Vec<f64> = blocks.map(|b| ratio(b.header.gas_used, b.header.gas_limit)).collect();
        let base_fee = u128::from(self.chain.config().base_fee);
        to_json(FeeHistory {
            base_fee_per_gas: vec![base_fee; gas_used_ratio.len() + 1],
            reward: percentiles.map(|list| vec![vec![0; list.len()]; gas_used_ratio.len()]),
            gas_used_ratio,
            oldest_block: first,
            ..FeeHistory::default()
        })
    }
}
