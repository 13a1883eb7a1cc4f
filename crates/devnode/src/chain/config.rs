//! What a caller of the execution core says about the chain and about one transaction.

use std::collections::BTreeMap;
use std::sync::Arc;

use alloy::primitives::{Address, B256, address};
use revm::primitives::hardfork::SpecId;

use crate::arbos::params::StylusParams;
use crate::arbos::recent::RecentPrograms;
use crate::wasm::engine::ProgramCache;

/// The sequencer's fee address: what `block.coinbase` answers on Arbitrum chains.
pub const SEQUENCER: Address = address!("a4b000000000000000000073657175656e636572");

/// Gas that one transaction may compute with; what it offers beyond is held back and returned. Before ArbOS 50 this is the
/// limit of a block.
pub const TX_COMPUTE_LIMIT: u64 = 32_000_000;

/// The block gas limit that Arbitrum chains report.
pub const BLOCK_GAS_LIMIT: u64 = 1 << 50;

/// The chain that transactions run on. Cheap to clone.
#[derive(Clone, Debug)]
pub struct ArbConfig {
    /// EIP-155 chain id.
    pub chain_id: u64,
    /// ArbOS version, 30 or later.
    pub arbos_version: u64,
    /// Prices and limits of Stylus programs.
    pub stylus: StylusParams,
    /// May activate and evict cached programs, and owns the chain.
    pub owner: Address,
    /// Where base fees and activation data fees go.
    pub network_fee_account: Address,
    /// The least base fee, in wei.
    pub min_base_fee: u64,
    /// Programs compiled so far; chains may share them.
    pub programs: ProgramCache,
    /// Debug chains link the `debug` and `console` host functions.
    pub debug: bool,
}

impl ArbConfig {
    /// The chain `chain_id` at ArbOS `arbos_version`, with Nitro's default parameters for that version.
    pub fn new(chain_id: u64, arbos_version: u64) -> Self {
        Self {
            chain_id,
            arbos_version,
            stylus: StylusParams::for_arbos(arbos_version),
            owner: address!("f39Fd6e51aad88F6F4ce6aB8827279cffFb92266"),
            network_fee_account: address!("a4b0500000000000000000000000000000000fee"),
            min_base_fee: 100_000_000,
            programs: ProgramCache::shared(),
            debug: false,
        }
    }

    /// The Ethereum rule set that this ArbOS version includes.
    pub fn spec(&self) -> SpecId {
        match self.arbos_version {
            50.. => SpecId::OSAKA,
            40.. => SpecId::PRAGUE,
            _ => SpecId::CANCUN,
        }
    }
}

/// How to run one transaction.
#[derive(Clone, Debug, Default)]
pub struct CallOptions {
    /// `eth_call` and estimates: nonce, base fee and EIP-3607 are not checked and no gas is held back. The balance still
    /// has to cover `gas price × gas limit + value`, as in geth: pass a gas price of zero to charge nothing.
    pub simulate: bool,
    /// Number of the L2 block that the transaction is in (the `NUMBER` opcode answers the L1 number of `BlockEnv`).
    pub l2_block: u64,
    /// Hashes of recent L2 blocks, for `ArbSys.arbBlockHash`.
    pub l2_hashes: Arc<BTreeMap<u64, B256>>,
    /// Programs that ran in this block: pass the same handle to every transaction of a block, a new one for each block
    /// and for each simulation.
    pub recent: RecentPrograms,
    /// Records every Stylus frame and host call when set.
    pub trace: Option<crate::wasm::trace::Trace>,
}

impl CallOptions {
    /// A transaction that is included in L2 block `l2_block`.
    pub fn execute(l2_block: u64, recent: RecentPrograms) -> Self {
        Self {
            l2_block,
            recent,
            ..Self::default()
        }
    }

    /// A simulation on top of L2 block `l2_block`.
    pub fn simulate(l2_block: u64) -> Self {
        Self {
            simulate: true,
            l2_block,
            ..Self::default()
        }
    }
}
