//! The life of a program: what activation wrote down, when it may be called, and what entering it costs.

use alloy::primitives::{B256, U256};
use revm::Database;

use super::params::StylusParams;
use super::state;
use crate::chain::context::{ArbContext, Pages};

/// Hours are counted from here, in seconds since 1970.
pub const ARBITRUM_START: u64 = 1_421_388_000;
const HOUR: u64 = 3_600;
const DAY: u64 = 24 * HOUR;

/// Why a program cannot be called or managed.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
pub enum ProgramError {
    /// Never activated.
    #[error("program not activated; call ArbWasm.activateProgram")]
    NotActivated,
    /// Activated under another Stylus version.
    #[error("program of Stylus version {0}, the chain has {1}; activate it again")]
    NeedsUpgrade(u16, u16),
    /// Activated too long ago.
    #[error("program activated {0} seconds ago has expired; activate it again")]
    Expired(u64),
}

/// What activation wrote down about a code hash.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Program {
    /// Stylus version, zero if never activated.
    pub version: u16,
    /// See [`StylusParams::init_cost_scalar`].
    pub init_cost: u16,
    /// See [`StylusParams::cached_cost_scalar`].
    pub cached_cost: u16,
    /// Wasm pages at the start.
    pub footprint: u16,
    /// Hours since [`ARBITRUM_START`].
    pub activated_at: u32,
    /// Estimated size of the machine code, in KiB, rounded up.
    pub asm_kb: u32,
    /// Whether a cache manager keeps it cached.
    pub cached: bool,
}

impl Program {
    /// The word that ArbOS stores.
    pub fn pack(self) -> U256 {
        let mut word = [0u8; 32];
        word[0..2].copy_from_slice(&self.version.to_be_bytes());
        word[2..4].copy_from_slice(&self.init_cost.to_be_bytes());
        word[4..6].copy_from_slice(&self.cached_cost.to_be_bytes());
        word[6..8].copy_from_slice(&self.footprint.to_be_bytes());
        word[8..11].copy_from_slice(&self.activated_at.to_be_bytes()[1..]);
        word[11..14].copy_from_slice(&self.asm_kb.to_be_bytes()[1..]);
        word[14] = u8::from(self.cached);
        U256::from_be_bytes(word)
    }

    fn unpack(word: U256) -> Self {
        let word = word.to_be_bytes::<32>();
        let short = |at: usize| u16::from_be_bytes([word[at], word[at + 1]]);
        let triple = |at: usize| u32::from_be_bytes([0, word[at], word[at + 1], word[at + 2]]);
        Self {
            version: short(0),
            init_cost: short(2),
            cached_cost: short(4),
            footprint: short(6),
            activated_at: triple(8),
            asm_kb: triple(11),
            cached: word[14] != 0,
        }
    }

    /// Seconds since the activation.
    pub fn age(&self, now: u64) -> u64 {
        now.saturating_sub(ARBITRUM_START + u64::from(self.activated_at) * HOUR)
    }

    /// Gas of entering the program when it is not cached, on top of [`Program::cached_gas`] from version 2 on.
    pub fn init_gas(&self, params: &StylusParams) -> u64 {
        u64::from(params.min_init_gas) * 128 + scaled(self.init_cost, params.init_cost_scalar)
    }

    /// Gas of entering the program when it is cached.
    pub fn cached_gas(&self, params: &StylusParams) -> u64 {
        u64::from(params.min_cached_init_gas) * 32 + scaled(self.cached_cost, params.cached_cost_scalar)
    }

    /// Fails unless the program can be called at `now`.
    ///
    /// # Errors
    /// Why it cannot.
    pub fn check(&self, params: &StylusParams, now: u64) -> Result<(), ProgramError> {
        if self.version == 0 {
            return Err(ProgramError::NotActivated);
        }
        if self.version != params.version {
            return Err(ProgramError::NeedsUpgrade(self.version, params.version));
        }
        let age = self.age(now);
        if age > u64::from(params.expiry_days) * DAY {
            return Err(ProgramError::Expired(age));
        }
        Ok(())
    }
}

/// `cost`, scaled in units of 2 %, rounded up.
fn scaled(cost: u16, scalar: u8) -> u64 {
    (u64::from(cost) * u64::from(scalar) * 2).div_ceil(100)
}

/// Gas for opening `new` pages.
pub fn page_gas(params: &StylusParams, pages: Pages, new: u16) -> u64 {
    let open = pages.open.saturating_add(new);
    let ever = pages.ever.max(open);
    if ever <= params.free_pages {
        return 0;
    }
    let paid = |pages: u16| u64::from(pages.saturating_sub(params.free_pages));
    let linear = u64::from(params.page_gas).saturating_mul(paid(open).saturating_sub(paid(pages.open)));
    linear.saturating_add(exponential(ever).saturating_sub(exponential(pages.ever)))
}

/// The whole exponential price of `pages` pages: ⌊31874000^(pages ÷ 128)⌋, beyond any gas above 128.
fn exponential(pages: u16) -> u64 {
    EXPONENTIAL.get(usize::from(pages)).copied().unwrap_or(u64::MAX)
}

const EXPONENTIAL: [u64; 129] = [
    1, 1, 1, 1, 1, 1, 2, 2, 2, 3, 3, 4, 5, 5, 6, 7, 8, 9, 11, 12, 14, 17, 19, 22, 25, 29, 33, 38, 43, 50, 57, 65, 75,
    85, 98, 112, 128, 147, 168, 193, 221, 253, 289, 331, 379, 434, 497, 569, 651, 745, 853, 976, 1117, 1279, 1463,
    1675, 1917, 2194, 2511, 2874, 3290, 3765, 4309, 4932, 5645, 6461, 7395, 8464, 9687, 11087, 12689, 14523, 16621,
    19024, 21773, 24919, 28521, 32642, 37359, 42758, 48938, 56010, 64104, 73368, 83971, 96106, 109994, 125890, 144082,
    164904, 188735, 216010, 247226, 282953, 323844, 370643, 424206, 485509, 555672, 635973, 727880, 833067, 953456,
    1091243, 1248941, 1429429, 1636000, 1872423, 2143012, 2452704, 2807151, 3212820, 3677113, 4208502, 4816684,
    5512756, 6309419, 7221210, 8264766, 9459129, 10826093, 12390601, 14181199, 16230562, 18576084, 21260563, 24332984,
    27849408, 31873999,
];

/// Hours since [`ARBITRUM_START`].
pub fn hours(now: u64) -> u32 {
    u32::try_from(now.saturating_sub(ARBITRUM_START) / HOUR).unwrap_or(u32::MAX)
}

/// Where ArbOS's account stores the word about `code_hash`.
pub fn slot(code_hash: B256) -> U256 {
    state::slot("program", code_hash.as_slice())
}

/// What is written down about `code_hash`.
///
/// # Errors
/// What the database reports.
pub fn load<DB: Database>(ctx: &mut ArbContext<DB>, code_hash: B256) -> Result<Program, DB::Error> {
    state::load(ctx, slot(code_hash)).map(Program::unpack)
}

/// Writes it down.
///
/// # Errors
/// What the database reports.
pub fn store<DB: Database>(ctx: &mut ArbContext<DB>, code_hash: B256, program: Program) -> Result<(), DB::Error> {
    state::store(ctx, slot(code_hash), program.pack())
}

/// Where ArbOS's account stores the hash of the instrumented module.
pub fn module_slot(code_hash: B256) -> U256 {
    state::slot("module", code_hash.as_slice())
}

/// The hash of the instrumented module.
///
/// # Errors
/// What the database reports.
pub fn load_module_hash<DB: Database>(ctx: &mut ArbContext<DB>, code_hash: B256) -> Result<B256, DB::Error> {
    state::load(ctx, module_slot(code_hash)).map(B256::from)
}

/// Writes down the hash of the instrumented module.
///
/// # Errors
/// What the database reports.
pub fn store_module_hash<DB: Database>(
    ctx: &mut ArbContext<DB>,
    code_hash: B256,
    module_hash: B256,
) -> Result<(), DB::Error> {
    state::store(ctx, module_slot(code_hash), module_hash.into())
}
