//! What a devnode is started with.

use alloy::primitives::U256;

/// The phrase whose accounts every Ethereum development tool knows.
pub const DEV_MNEMONIC: &str = "test test test test test test test test test test test junk";

/// How a block gets its timestamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// Every block is this many seconds (at least one) after its parent: runs repeat exactly.
    Step(u64),
    /// The machine's clock, moved by `evm_increaseTime`; never before the parent's timestamp.
    System,
}

/// What a devnode is started with. `Config::default()` gives Nitro's development chain id, ArbOS 61 and Anvil's ten
/// accounts, and runs that repeat exactly.
#[derive(Clone, Debug)]
pub struct Config {
    /// Chain id, in transactions and in the `CHAINID` opcode.
    pub chain_id: u64,
    /// ArbOS version; decides the EVM's rules and how Stylus programs are metered.
    pub arbos_version: u64,
    /// Phrase that the development accounts derive from, on `m/44'/60'/0'/0/i`.
    pub mnemonic: String,
    /// How many development accounts are funded and unlocked.
    pub accounts: u32,
    /// What each development account owns at the start, in wei.
    pub balance: U256,
    /// Base fee of every block, in wei per gas. Arbitrum's floor, which an idle chain stays at.
    pub base_fee: u64,
    /// Timestamp of block 0, in seconds since 1970. Under [`Clock::System`] only a lower bound.
    pub genesis_timestamp: u64,
    /// The parent chain's block number when the devnode starts: what the `NUMBER` opcode reads on Arbitrum. It grows by
    /// one every twelve seconds of chain time.
    pub l1_start_block: u64,
    /// How blocks get their timestamps.
    pub clock: Clock,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            chain_id: 412_346,
            arbos_version: 61,
            mnemonic: DEV_MNEMONIC.to_owned(),
            accounts: 10,
            balance: U256::from(10_000u64) * U256::from(10u64).pow(U256::from(18u64)),
            base_fee: 100_000_000,
            genesis_timestamp: 1_790_000_000,
            l1_start_block: 26_000_000,
            clock: Clock::Step(1),
        }
    }
}
