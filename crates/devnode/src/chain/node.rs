//! The chain itself: one sequencer that mines every transaction as it comes, keeps every block's state, and can go back.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use alloy::{
    consensus::{Receipt, ReceiptEnvelope, ReceiptWithBloom, Transaction, TxEnvelope, transaction::Recovered},
    eips::{BlockId, BlockNumberOrTag},
    primitives::{Address, B256, U256},
};
use revm::{
    context::{BlockEnv, TxEnv, result::ExecutionResult},
    database_interface::WrapDatabaseRef,
    primitives::TxKind,
    state::EvmState,
};

use super::{
    block::{Block, BlockContext, MinedTx, RECENT_HASHES, l1_number_at, remember_hash},
    config::{ArbConfig, CallOptions},
    evm::transact,
    genesis::genesis_state,
    state::State,
    time::{ChainClock, system_seconds},
    tx::{self, TxError},
};
use crate::config::{Clock, Config};

/// A block that was asked for and does not exist.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnknownBlock {
    /// No block has this number yet.
    #[error("header not found: block {0} is not mined yet, the latest is {1}")]
    Number(u64, u64),
    /// No block has this hash.
    #[error("header not found: no block has hash {0}")]
    Hash(B256),
}

/// Where a call runs: a state, and the block it pretends to be in.
#[derive(Clone, Debug)]
pub struct Scene {
    /// State that the call starts from; change it freely, it is a copy.
    pub state: State,
    /// Block environment.
    pub env: BlockEnv,
    /// L2 block number, for `ArbSys`.
    pub l2_block: u64,
}

/// What `evm_snapshot` keeps.
#[derive(Clone, Debug)]
struct Snapshot {
    height: u64,
    state: State,
    clock: ChainClock,
    queue: Vec<Recovered<TxEnvelope>>,
}

/// The chain.
#[derive(Clone, Debug)]
pub struct Chain {
    arb: ArbConfig,
    config: Config,
    blocks: Vec<Arc<Block>>,
    numbers: HashMap<B256, u64>,
    places: HashMap<B256, (u64, usize)>,
    hashes: Arc<BTreeMap<u64, B256>>,
    /// State of the latest block plus what was set directly since.
    state: State,
    clock: ChainClock,
    automine: bool,
    queue: Vec<Recovered<TxEnvelope>>,
    snapshots: BTreeMap<u64, Snapshot>,
    next_snapshot: u64,
}

impl Chain {
    /// A chain at block 0, with `accounts` funded.
    pub fn new(config: Config, accounts: &[Address]) -> Self {
        let state = genesis_state(&config, accounts);
        let timestamp = match config.clock {
            Clock::Step(_) => config.genesis_timestamp,
            Clock::System => config.genesis_timestamp.max(system_seconds()),
        };
        let context = BlockContext {
            number: 0,
            parent_hash: B256::ZERO,
            timestamp,
            l1_number: config.l1_start_block,
            base_fee: config.base_fee,
            arbos_version: config.arbos_version,
        };
        let mut chain = Self {
            arb: ArbConfig::new(config.chain_id, config.arbos_version),
            clock: ChainClock::new(config.clock),
            config,
            blocks: Vec::new(),
            numbers: HashMap::new(),
            places: HashMap::new(),
            hashes: Arc::default(),
            state: state.clone(),
            automine: true,
            queue: Vec::new(),
            snapshots: BTreeMap::new(),
            next_snapshot: 1,
        };
        chain.append(context.seal(Vec::new(), state));
        chain
    }

    /// What the chain was started with.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The execution core's view of this chain.
    pub fn arb(&self) -> &ArbConfig {
        &self.arb
    }

    /// The latest block.
    pub fn latest(&self) -> &Arc<Block> {
        // Block 0 is appended when the chain is made and never taken away.
        &self.blocks[self.blocks.len() - 1]
    }

    /// Number of the latest block.
    pub fn height(&self) -> u64 {
        self.latest().header.number
    }

    /// The state now: that of the latest block, and what was set directly since.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// The state now, to set things directly, outside any transaction.
    pub fn state_mut(&mut self) -> &mut State {
        &mut self.state
    }

    /// The clock of the blocks to come.
    pub fn clock_mut(&mut self) -> &mut ChainClock {
        &mut self.clock
    }

    /// Whether a transaction is mined the moment it is sent.
    pub fn automine(&self) -> bool {
        self.automine
    }

    /// Turns automatic mining on or off. Turning it on does not mine what waits.
    pub fn set_automine(&mut self, automine: bool) {
        self.automine = automine;
    }

    /// Transactions that wait for a block.
    pub fn queue(&self) -> &[Recovered<TxEnvelope>] {
        &self.queue
    }

    /// The block with this number or tag. `pending` is `None`: it is not a block yet.
    pub fn block_by_tag(&self, tag: BlockNumberOrTag) -> Option<&Arc<Block>> {
        match tag {
            BlockNumberOrTag::Pending => None,
            BlockNumberOrTag::Latest | BlockNumberOrTag::Safe | BlockNumberOrTag::Finalized => Some(self.latest()),
            BlockNumberOrTag::Earliest => self.blocks.first(),
            BlockNumberOrTag::Number(number) => self.blocks.get(usize::try_from(number).ok()?),
        }
    }

    /// The block with this hash.
    pub fn block_by_hash(&self, hash: B256) -> Option<&Arc<Block>> {
        self.numbers
            .get(&hash)
            .and_then(|number| self.blocks.get(*number as usize))
    }

    /// A mined transaction: its block and its index there.
    pub fn mined(&self, hash: B256) -> Option<(&Arc<Block>, usize)> {
        let (number, index) = *self.places.get(&hash)?;
        Some((self.blocks.get(number as usize)?, index))
    }

    /// The parent chain's block number that a block saw.
    pub fn l1_number_of(&self, number: u64) -> Result<u64, UnknownBlock> {
        Ok(self.block_at(number.into())?.l1_number())
    }

    /// The first and last block that saw this block of the parent chain.
    pub fn blocks_of_l1(&self, l1_number: u64) -> Option<(u64, u64)> {
        // The parent's number never falls from one block to the next.
        let first = self.blocks.partition_point(|block| block.l1_number() < l1_number);
        let end = self.blocks.partition_point(|block| block.l1_number() <= l1_number);
        (first < end).then(|| (first as u64, end as u64 - 1))
    }

    /// The state at a block, `pending` and `latest` both being the state now.
    pub fn state_at(&self, id: BlockId) -> Result<&State, UnknownBlock> {
        let block = match id {
            BlockId::Number(BlockNumberOrTag::Pending) => return Ok(&self.state),
            id => self.block_at(id)?,
        };
        Ok(if block.header.number == self.height() {
            &self.state
        } else {
            &block.state
        })
    }

    fn block_at(&self, id: BlockId) -> Result<&Arc<Block>, UnknownBlock> {
        match id {
            BlockId::Hash(hash) => self
                .block_by_hash(hash.block_hash)
                .ok_or(UnknownBlock::Hash(hash.block_hash)),
            BlockId::Number(tag) => self
                .block_by_tag(tag)
                .ok_or_else(|| UnknownBlock::Number(tag.as_number().unwrap_or_default(), self.height())),
        }
    }

    /// Where a call at this block runs: after its last transaction, in its environment; for `pending`, in the
    /// environment of the block that would come next.
    pub fn scene(&self, id: BlockId) -> Result<Scene, UnknownBlock> {
        let state = self.state_at(id)?.clone();
        let context = match id {
            BlockId::Number(BlockNumberOrTag::Pending) => self.next_context(),
            id => BlockContext::of(self.block_at(id)?),
        };
        Ok(Scene {
            state,
            env: context.env(),
            l2_block: context.number,
        })
    }

    /// The next block's context, were it made now.
    pub fn next_context(&self) -> BlockContext {
        let parent = self.latest();
        self.context_at(self.clock.peek(parent.header.timestamp))
    }

    fn context_at(&self, timestamp: u64) -> BlockContext {
        let parent = self.latest();
        let start = self.blocks[0].header.timestamp;
        BlockContext {
            number: parent.header.number + 1,
            parent_hash: parent.hash,
            timestamp,
            l1_number: l1_number_at(self.config.l1_start_block, timestamp.saturating_sub(start)),
            base_fee: self.config.base_fee,
            arbos_version: self.config.arbos_version,
        }
    }

    /// Runs a call that changes nothing. Also returns what it touched.
    pub fn simulate(&self, scene: &Scene, call: TxEnv) -> Result<(ExecutionResult, EvmState), TxError> {
        let sender = call.caller;
        let options = CallOptions {
            simulate: true,
            l2_block: scene.l2_block,
            l2_hashes: self.hashes.clone(),
            ..CallOptions::default()
        };
        transact(
            WrapDatabaseRef(&scene.state),
            &self.arb,
            scene.env.clone(),
            call,
            &options,
        )
        .map(|outcome| (outcome.result, outcome.state))
        .map_err(|error| tx::refusal(error, sender))
    }

    /// Takes a transaction: mines it at once, or, with automatic mining off, lets it wait.
    ///
    /// # Errors
    /// A transaction that may not enter a block; nothing changed then. A transaction that reverts is no error.
    pub fn submit(&mut self, tx: Recovered<TxEnvelope>) -> Result<B256, TxError> {
        let hash = *tx.tx_hash();
        if self.automine {
            self.mine_one(tx)?;
        } else {
            let mut expected = self.state.clone();
            expected.set_nonce(tx.signer(), self.pending_nonce(tx.signer()));
            tx::validate(&tx, &expected, self.config.chain_id, self.config.base_fee)?;
            self.queue.push(tx);
        }
        Ok(hash)
    }

    /// The next nonce of an account, counting what waits.
    pub fn pending_nonce(&self, address: Address) -> u64 {
        let waiting = self.queue.iter().filter(|tx| tx.signer() == address).count();
        self.state.nonce(address).saturating_add(waiting as u64)
    }

    fn mine_one(&mut self, tx: Recovered<TxEnvelope>) -> Result<(), TxError> {
        let mut builder = Builder::new(self.next_context(), self);
        builder.push(self, tx)?;
        self.finish(builder);
        Ok(())
    }

    /// Makes a block of what waits (of nothing, if nothing does), at `timestamp` or when the clock says. Transactions
    /// that may no longer enter a block are dropped.
    pub fn mine(&mut self, timestamp: Option<u64>) -> &Arc<Block> {
        let context = match timestamp {
            Some(timestamp) => self.context_at(timestamp),
            None => self.next_context(),
        };
        let mut builder = Builder::new(context, self);
        for tx in std::mem::take(&mut self.queue) {
            // Dropped, as a sequencer would: its sender or its nonce changed while it waited.
            let _ = builder.push(self, tx);
        }
        self.finish(builder);
        self.latest()
    }

    fn finish(&mut self, builder: Builder) {
        self.clock.advance(builder.context.timestamp);
        self.state = builder.state.clone();
        self.append(builder.context.seal(builder.txs, builder.state));
    }

    fn append(&mut self, block: Block) {
        let number = block.header.number;
        self.numbers.insert(block.hash, number);
        for (index, mined) in block.txs.iter().enumerate() {
            self.places.insert(*mined.tx.tx_hash(), (number, index));
        }
        remember_hash(Arc::make_mut(&mut self.hashes), number, block.hash);
        self.blocks.push(Arc::new(block));
    }

    /// Remembers this moment and returns its number.
    pub fn snapshot(&mut self) -> u64 {
        let id = self.next_snapshot;
        self.next_snapshot += 1;
        let (state, queue) = (self.state.clone(), self.queue.clone());
        self.snapshots.insert(
            id,
            Snapshot {
                height: self.height(),
                state,
                clock: self.clock,
                queue,
            },
        );
        id
    }

    /// Goes back to a snapshot, which is used up with every later one. False if there is no such snapshot.
    pub fn revert(&mut self, id: u64) -> bool {
        let Some(snapshot) = self.snapshots.remove(&id) else {
            return false;
        };
        self.snapshots.split_off(&id);
        for block in self.blocks.drain(snapshot.height as usize + 1..) {
            self.numbers.remove(&block.hash);
            for mined in &block.txs {
                self.places.remove(mined.tx.tx_hash());
            }
        }
        let mut hashes = BTreeMap::new();
        for block in self.blocks.iter().rev().take(RECENT_HASHES as usize) {
            remember_hash(&mut hashes, block.header.number, block.hash);
        }
        self.hashes = Arc::new(hashes);
        self.state = snapshot.state;
        self.clock = snapshot.clock;
        self.queue = snapshot.queue;
        true
    }
}

/// A block in the making.
struct Builder {
    context: BlockContext,
    options: CallOptions,
    state: State,
    txs: Vec<MinedTx>,
    gas_used: u64,
    logs: u64,
}

impl Builder {
    fn new(context: BlockContext, chain: &Chain) -> Self {
        let options = CallOptions {
            simulate: false,
            l2_block: context.number,
            l2_hashes: chain.hashes.clone(),
            ..CallOptions::default()
        };
        Self {
            context,
            options,
            state: chain.state.clone(),
            txs: Vec::new(),
            gas_used: 0,
            logs: 0,
        }
    }

    fn push(&mut self, chain: &Chain, tx: Recovered<TxEnvelope>) -> Result<(), TxError> {
        tx::validate(&tx, &self.state, chain.config.chain_id, self.context.base_fee)?;
        let env = tx::env(&tx, self.context.base_fee);
        let outcome = transact(
            WrapDatabaseRef(&self.state),
            &chain.arb,
            self.context.env(),
            env,
            &self.options,
        )
        .map_err(|error| tx::refusal(error, tx.signer()))?;
        self.state.commit(outcome.state);
        self.record(tx, outcome.result);
        Ok(())
    }

    fn record(&mut self, tx: Recovered<TxEnvelope>, result: ExecutionResult) {
        let gas_used = result.tx_gas_used();
        self.gas_used += gas_used;
        let contract_address = match tx.kind() {
            TxKind::Create => Some(tx.signer().create(tx.nonce())),
            TxKind::Call(_) => None,
        };
        let status = result.is_success();
        let logs = if status { result.into_logs() } else { Vec::new() };
        let first_log = self.logs;
        self.logs += logs.len() as u64;
        let receipt = Receipt {
            status: status.into(),
            cumulative_gas_used: self.gas_used,
            logs,
        };
        let receipt = ReceiptEnvelope::from_typed(tx.tx_type(), ReceiptWithBloom::from(receipt));
        self.txs.push(MinedTx {
            tx,
            receipt,
            gas_used,
            contract_address,
            first_log,
        });
    }
}

/// The most that `balance` pays for at `price`, after `value` is set aside; `None` when gas is free.
pub fn affordable_gas(balance: U256, value: U256, price: u128) -> Option<u64> {
    if price == 0 {
        return None;
    }
    let gas = balance.saturating_sub(value) / U256::from(price);
    Some(gas.try_into().unwrap_or(u64::MAX))
}
