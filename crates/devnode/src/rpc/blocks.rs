//! Blocks, transactions and receipts.

use alloy::{
    eips::{BlockId, BlockNumberOrTag},
    primitives::B256,
};
use serde_json::Value;

use super::{
    Answer, Service,
    answer::{self, quantity},
    params::Params,
};
use crate::chain::block::Block;

impl Service {
    pub(super) fn block_method(&self, method: &str, params: &Params) -> Option<Answer> {
        Some(match method {
            "eth_getBlockByNumber" => self.block_by_number(params),
            "eth_getBlockByHash" => self.block_by_hash(params),
            "eth_getBlockReceipts" => self.block_receipts(params),
            "eth_getBlockTransactionCountByNumber" => self.transactions_in_number(params),
            "eth_getBlockTransactionCountByHash" => self.transactions_in_hash(params),
            "eth_getTransactionByHash" => self.transaction_by_hash(params),
            "eth_getTransactionByBlockNumberAndIndex" => self.transaction_by_number_and_index(params),
            "eth_getTransactionByBlockHashAndIndex" => self.transaction_by_hash_and_index(params),
            "eth_getTransactionReceipt" => self.transaction_receipt(params),
            _ => return None,
        })
    }

    fn block_by_number(&self, params: &Params) -> Answer {
        let tag: BlockNumberOrTag = params.required(0, "block")?;
        let full = params.optional(1, "full")?.unwrap_or(false);
        if tag.is_pending() {
            return answer::block(&self.pending_block(), full);
        }
        self.chain
            .block_by_tag(tag)
            .map_or(Ok(Value::Null), |block| answer::block(block, full))
    }

    /// The block that would come next, empty: what waits has not run yet.
    fn pending_block(&self) -> Block {
        self.chain.next_context().seal(Vec::new(), self.chain.state().clone())
    }

    fn block_by_hash(&self, params: &Params) -> Answer {
        let full = params.optional(1, "full")?.unwrap_or(false);
        self.hashed(params)?
            .map_or(Ok(Value::Null), |block| answer::block(block, full))
    }

    fn hashed(&self, params: &Params) -> Result<Option<&Block>, super::error::RpcError> {
        let hash: B256 = params.required(0, "hash")?;
        Ok(self.chain.block_by_hash(hash).map(AsRef::as_ref))
    }

    fn numbered(&self, params: &Params) -> Result<Option<&Block>, super::error::RpcError> {
        let tag: BlockNumberOrTag = params.required(0, "block")?;
        Ok(self.chain.block_by_tag(tag).map(AsRef::as_ref))
    }

    fn block_receipts(&self, params: &Params) -> Answer {
        let block = match params.required(0, "block")? {
            BlockId::Hash(hash) => self.chain.block_by_hash(hash.block_hash),
            BlockId::Number(tag) => self.chain.block_by_tag(tag),
        };
        let Some(block) = block else { return Ok(Value::Null) };
        (0..block.txs.len())
            .map(|index| answer::receipt(block, index))
            .collect::<Result<_, _>>()
            .map(Value::Array)
    }

    fn transactions_in_number(&self, params: &Params) -> Answer {
        self.numbered(params)?
            .map_or(Ok(Value::Null), |block| quantity(block.txs.len()))
    }

    fn transactions_in_hash(&self, params: &Params) -> Answer {
        self.hashed(params)?
            .map_or(Ok(Value::Null), |block| quantity(block.txs.len()))
    }

    fn transaction_by_hash(&self, params: &Params) -> Answer {
        let hash: B256 = params.required(0, "hash")?;
        if let Some((block, index)) = self.chain.mined(hash) {
            return answer::transaction(block, index);
        }
        let waiting = self.chain.queue().iter().find(|tx| *tx.tx_hash() == hash);
        waiting.map_or(Ok(Value::Null), answer::pending_transaction)
    }

    fn transaction_by_number_and_index(&self, params: &Params) -> Answer {
        transaction_in(self.numbered(params)?, params)
    }

    fn transaction_by_hash_and_index(&self, params: &Params) -> Answer {
        transaction_in(self.hashed(params)?, params)
    }

    fn transaction_receipt(&self, params: &Params) -> Answer {
        let hash: B256 = params.required(0, "hash")?;
        self.chain
            .mined(hash)
            .map_or(Ok(Value::Null), |(block, index)| answer::receipt(block, index))
    }
}

fn transaction_in(block: Option<&Block>, params: &Params) -> Answer {
    let index = usize::try_from(params.number_u64(1, "index")?).unwrap_or(usize::MAX);
    match block.filter(|block| index < block.txs.len()) {
        Some(block) => answer::transaction(block, index),
        None => Ok(Value::Null),
    }
}
