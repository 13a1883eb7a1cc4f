//! Blocks as they are kept: Nitro's header, the transactions with their receipts, and the state after them.

use std::collections::BTreeMap;

use alloy::{
    consensus::{
        EMPTY_OMMER_ROOT_HASH, Header, ReceiptEnvelope, TxEnvelope, TxReceipt, proofs, transaction::Recovered,
    },
    primitives::{Address, B64, B256, Bloom, Bytes, U256},
};
use revm::context::BlockEnv;

use super::{
    config::{BLOCK_GAS_LIMIT, SEQUENCER},
    state::State,
};

/// Seconds between two blocks of the parent chain.
const PARENT_BLOCK_TIME: u64 = 12;

/// How many recent block hashes `ArbSys.arbBlockHash` answers for.
pub const RECENT_HASHES: u64 = 256;

/// A transaction in a block, with what became of it.
#[derive(Clone, Debug)]
pub struct MinedTx {
    /// The signed transaction and who sent it.
    pub tx: Recovered<TxEnvelope>,
    /// Consensus receipt: status, cumulative gas, logs and their bloom filter.
    pub receipt: ReceiptEnvelope,
    /// Gas that this transaction alone paid for.
    pub gas_used: u64,
    /// Where a creation put its contract.
    pub contract_address: Option<Address>,
    /// Index, within the block, of this transaction's first log.
    pub first_log: u64,
}

/// A block and the state it left.
#[derive(Clone, Debug)]
pub struct Block {
    /// RLP header hash.
    pub hash: B256,
    /// The header as Nitro writes it.
    pub header: Header,
    /// Transactions in order.
    pub txs: Vec<MinedTx>,
    /// State after the last transaction.
    pub state: State,
}

impl Block {
    /// The parent chain's block number that this block saw: what `NUMBER` reads.
    pub fn l1_number(&self) -> u64 {
        l1_number_of(&self.header)
    }
}

/// What is known of a block before its transactions run.
#[derive(Clone, Debug)]
pub struct BlockContext {
    /// L2 block number.
    pub number: u64,
    /// Hash of the block before.
    pub parent_hash: B256,
    /// Seconds since 1970.
    pub timestamp: u64,
    /// Block number of the parent chain.
    pub l1_number: u64,
    /// Base fee in wei per gas.
    pub base_fee: u64,
    /// ArbOS version, which headers record.
    pub arbos_version: u64,
}

impl BlockContext {
    /// The block's environment for the EVM. `NUMBER` is the parent chain's number, `PREVRANDAO` is one, as on Arbitrum.
    pub fn env(&self) -> BlockEnv {
        BlockEnv {
            number: U256::from(self.l1_number),
            beneficiary: SEQUENCER,
            timestamp: U256::from(self.timestamp),
            gas_limit: BLOCK_GAS_LIMIT,
            basefee: self.base_fee,
            difficulty: U256::ONE,
            prevrandao: Some(B256::with_last_byte(1)),
            ..BlockEnv::default()
        }
    }

    /// The context that a mined block ran in.
    pub fn of(block: &Block) -> Self {
        Self {
            number: block.header.number,
            parent_hash: block.header.parent_hash,
            timestamp: block.header.timestamp,
            l1_number: block.l1_number(),
            base_fee: block.header.base_fee_per_gas.unwrap_or_default(),
            arbos_version: u64::from_be_bytes(word(&block.header.mix_hash, 2)),
        }
    }

    /// Closes the block over its transactions and the state after them.
    ///
    /// The state root stays zero: nothing here proves against it, and a trie over the whole state would cost more than
    /// the transactions themselves. Every other field is what its name says.
    pub fn seal(&self, txs: Vec<MinedTx>, state: State) -> Block {
        let envelopes: Vec<&TxEnvelope> = txs.iter().map(|mined| mined.tx.inner()).collect();
        let receipts: Vec<&ReceiptEnvelope> = txs.iter().map(|mined| &mined.receipt).collect();
        let mut bloom = Bloom::ZERO;
        for receipt in &receipts {
            bloom |= receipt.bloom();
        }
        let header = Header {
            parent_hash: self.parent_hash,
            ommers_hash: EMPTY_OMMER_ROOT_HASH,
            beneficiary: SEQUENCER,
            state_root: B256::ZERO,
            transactions_root: proofs::calculate_transaction_root(&envelopes),
            receipts_root: proofs::calculate_receipt_root(&receipts),
            logs_bloom: bloom,
            difficulty: U256::ONE,
            number: self.number,
            gas_limit: BLOCK_GAS_LIMIT,
            gas_used: txs.iter().map(|mined| mined.gas_used).sum(),
            timestamp: self.timestamp,
            extra_data: Bytes::from(B256::ZERO.to_vec()),
            mix_hash: self.mix_hash(),
            nonce: B64::ZERO,
            base_fee_per_gas: Some(self.base_fee),
            ..Header::default()
        };
        Block {
            hash: header.hash_slow(),
            header,
            txs,
            state,
        }
    }

    /// Nitro packs four words of eight bytes: messages sent to the parent chain, its block number, the ArbOS version,
    /// and nothing.
    fn mix_hash(&self) -> B256 {
        let mut packed = [0u8; 32];
        packed[8..16].copy_from_slice(&self.l1_number.to_be_bytes());
        packed[16..24].copy_from_slice(&self.arbos_version.to_be_bytes());
        B256::from(packed)
    }
}

/// The parent chain's block number `elapsed` seconds of chain time after the start.
pub fn l1_number_at(start: u64, elapsed: u64) -> u64 {
    start.saturating_add(elapsed / PARENT_BLOCK_TIME)
}

/// Keeps the hashes of the last [`RECENT_HASHES`] blocks.
pub fn remember_hash(hashes: &mut BTreeMap<u64, B256>, number: u64, hash: B256) {
    hashes.insert(number, hash);
    while hashes.len() as u64 > RECENT_HASHES {
        hashes.pop_first();
    }
}

fn l1_number_of(header: &Header) -> u64 {
    u64::from_be_bytes(word(&header.mix_hash, 1))
}

fn word(packed: &B256, index: usize) -> [u8; 8] {
    let mut bytes = [0u8; 8];
    bytes.copy_from_slice(&packed[8 * index..8 * index + 8]);
    bytes
}
