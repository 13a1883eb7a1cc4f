//! The context that frames, host functions and precompiles share during one transaction.

use std::collections::BTreeMap;
use std::sync::Arc;

use alloy::primitives::map::AddressMap;
use alloy::primitives::{Address, B256};
use revm::context::{BlockEnv, CfgEnv, Context, Journal, TxEnv};

use super::config::{ArbConfig, CallOptions};
use crate::arbos::recent::RecentPrograms;
use crate::wasm::trace::Trace;

/// revm's context with what ArbOS keeps beside it.
pub type ArbContext<DB> = Context<BlockEnv, TxEnv, CfgEnv, DB, Journal<DB>, TxFacts>;

/// Wasm pages of all Stylus frames of a transaction. Not journaled: a revert does not give back `ever`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pages {
    /// Pages of the frames that are open now.
    pub open: u16,
    /// The most that were ever open.
    pub ever: u16,
}

impl Pages {
    /// Opens `new` pages and tells what was open before.
    pub fn add(&mut self, new: u16) -> Self {
        let before = *self;
        self.open = self.open.saturating_add(new);
        self.ever = self.ever.max(self.open);
        before
    }
}

/// What ArbOS knows about the running transaction.
#[derive(Clone, Debug)]
pub struct TxFacts {
    /// The chain.
    pub config: Arc<ArbConfig>,
    /// Number of the L2 block.
    pub l2_block: u64,
    /// Hashes of recent L2 blocks.
    pub l2_hashes: Arc<BTreeMap<u64, B256>>,
    /// Whether this is a simulation.
    pub simulate: bool,
    /// Programs that ran in this block.
    pub recent: RecentPrograms,
    /// Wasm pages.
    pub pages: Pages,
    /// Open frames by acting address, delegate calls aside: more than one means reentrancy.
    pub open_frames: AddressMap<u32>,
    /// Who called each open frame, outermost first.
    pub callers: Vec<Address>,
    /// Open Stylus frames.
    pub stylus_depth: usize,
    /// Gas above the compute limit, given back after the transaction.
    pub held_gas: u64,
    /// Where frames are recorded.
    pub trace: Option<Trace>,
    /// Starts the first Stylus frame with exactly this ink instead of what its gas buys: a measuring aid, never set by
    /// a transaction.
    pub exact_ink: Option<u64>,
}

impl TxFacts {
    /// The facts at the start of a transaction.
    pub fn new(config: Arc<ArbConfig>, options: &CallOptions) -> Self {
        Self {
            config,
            l2_block: options.l2_block,
            l2_hashes: options.l2_hashes.clone(),
            simulate: options.simulate,
            recent: options.recent.clone(),
            pages: Pages::default(),
            open_frames: AddressMap::default(),
            callers: Vec::new(),
            stylus_depth: 0,
            held_gas: 0,
            trace: options.trace.clone(),
            exact_ink: None,
        }
    }

    /// Notes that a frame opened; `acting` is who it counts for, if anybody.
    pub fn enter(&mut self, caller: Address, acting: Option<Address>) {
        self.callers.push(caller);
        if let Some(acting) = acting {
            *self.open_frames.entry(acting).or_default() += 1;
        }
    }

    /// Notes that the innermost frame, which counted for `acting`, closed.
    pub fn leave(&mut self, acting: Option<Address>) {
        self.callers.pop();
        if let Some(count) = acting.and_then(|acting| self.open_frames.get_mut(&acting)) {
            *count = count.saturating_sub(1);
        }
    }

    /// Whether `address` acts in another open frame than the one that is about to open; `counts` says whether that one
    /// will count itself.
    pub fn is_reentrant(&self, address: Address, counts: bool) -> bool {
        let open = self.open_frames.get(&address).copied().unwrap_or_default();
        open + u32::from(counts) > 1
    }
}
