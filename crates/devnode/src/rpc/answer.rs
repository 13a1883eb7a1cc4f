//! Blocks, transactions, receipts and logs in the JSON that clients read, with the fields that Arbitrum adds.

use alloy::{
    consensus::{Transaction as _, TxEnvelope, transaction::Recovered},
    eips::Encodable2718,
    primitives::{B256, U256},
    rlp::Encodable,
    rpc::types::{Block as RpcBlock, BlockTransactions, Header as RpcHeader, Log, Transaction, TransactionReceipt},
};
use serde::Serialize;
use serde_json::{Value, json};

use super::{Answer, error::RpcError};
use crate::chain::block::Block;

/// Any serialisable value as an answer.
pub fn to_json(value: impl Serialize) -> Answer {
    serde_json::to_value(value).map_err(|error| RpcError::internal(error.to_string()))
}

/// A hex quantity.
pub fn quantity(value: impl TryInto<U256>) -> Answer {
    to_json(value.try_into().unwrap_or(U256::MAX))
}

fn with_fields(value: Value, fields: &[(&str, Value)]) -> Value {
    let Value::Object(mut object) = value else { return value };
    for (name, field) in fields {
        object.insert((*name).to_owned(), field.clone());
    }
    Value::Object(object)
}

fn hex(value: u64) -> Value {
    Value::String(format!("{value:#x}"))
}

/// A block with its transactions in full, or only their hashes.
pub fn block(block: &Block, full: bool) -> Answer {
    let transactions = if full {
        BlockTransactions::Full((0..block.txs.len()).map(|index| mined(block, index)).collect())
    } else {
        BlockTransactions::Hashes(block.txs.iter().map(|mined| *mined.tx.tx_hash()).collect())
    };
    let body: usize = block.txs.iter().map(|mined| mined.tx.inner().encode_2718_len()).sum();
    let header = RpcHeader {
        hash: block.hash,
        inner: block.header.clone(),
        total_difficulty: None,
        size: Some(U256::from(block.header.length() + body)),
    };
    let answer = to_json(RpcBlock {
        header,
        uncles: Vec::new(),
        transactions,
        withdrawals: None,
    })?;
    Ok(with_fields(
        answer,
        &[
            ("l1BlockNumber", hex(block.l1_number())),
            ("sendCount", hex(0)),
            ("sendRoot", json!(B256::ZERO)),
        ],
    ))
}

/// A mined transaction.
pub fn transaction(block: &Block, index: usize) -> Answer {
    to_json(mined(block, index))
}

fn mined(block: &Block, index: usize) -> Transaction<TxEnvelope> {
    Transaction {
        inner: block.txs[index].tx.clone(),
        block_hash: Some(block.hash),
        block_number: Some(block.header.number),
        transaction_index: Some(index as u64),
        effective_gas_price: block.header.base_fee_per_gas.map(u128::from),
        block_timestamp: Some(block.header.timestamp),
    }
}

/// A transaction that waits for a block.
pub fn pending_transaction(tx: &Recovered<TxEnvelope>) -> Answer {
    to_json(Transaction {
        inner: tx.clone(),
        block_hash: None,
        block_number: None,
        transaction_index: None,
        effective_gas_price: Some(tx.max_fee_per_gas()),
        block_timestamp: None,
    })
}

/// A receipt. Nothing is charged for data on the parent chain, so `gasUsedForL1` is zero.
pub fn receipt(block: &Block, index: usize) -> Answer {
    let mined = &block.txs[index];
    let (from, to) = (mined.tx.signer(), mined.tx.to());
    let mut logs = logs_of(block, index).into_iter();
    let inner = mined.receipt.clone().map_logs(|log| {
        logs.next().unwrap_or_else(|| Log {
            inner: log,
            ..Log::default()
        })
    });
    let receipt = TransactionReceipt {
        inner,
        transaction_hash: *mined.tx.tx_hash(),
        transaction_index: Some(index as u64),
        block_hash: Some(block.hash),
        block_number: Some(block.header.number),
        gas_used: mined.gas_used,
        effective_gas_price: block.header.base_fee_per_gas.map(u128::from).unwrap_or_default(),
        blob_gas_used: None,
        blob_gas_price: None,
        from,
        to,
        contract_address: mined.contract_address,
    };
    let fields = [
        ("gasUsedForL1", hex(0)),
        ("l1BlockNumber", hex(block.l1_number())),
        ("timeboosted", json!(false)),
    ];
    Ok(with_fields(to_json(receipt)?, &fields))
}

/// The logs of one transaction, placed in their block.
pub fn logs_of(block: &Block, index: usize) -> Vec<Log> {
    let mined = &block.txs[index];
    let place = |(offset, inner): (usize, &alloy::primitives::Log)| Log {
        inner: inner.clone(),
        block_hash: Some(block.hash),
        block_number: Some(block.header.number),
        block_timestamp: Some(block.header.timestamp),
        transaction_hash: Some(*mined.tx.tx_hash()),
        transaction_index: Some(index as u64),
        log_index: Some(mined.first_log + offset as u64),
        removed: false,
    };
    mined.receipt.logs().iter().enumerate().map(place).collect()
}
