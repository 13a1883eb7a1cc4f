//! What the account remembers of policies: one ERC-7201 namespace, `hedgerow.policies`, root R. Per generation g of the account's
//! state, so that wiping leaves everything behind unreachable:
//! - the book: `keccak256(abi.encode(positionKey, keccak256(abi.encode(g, R))))` holds the id of the policy that governs a position;
//! - the states: two words from `keccak256(abi.encode(policyId, keccak256(abi.encode(g, R + 1))))`.

use alloy_primitives::b256;
use hedgerow_program::{
    abi::{Encode, Word, uint, uint64},
    host::{Host, Storage},
    words,
};

/// The header of the account's state, which the shell writes: its version, generation and whether it is paused.
const HEADER: Word = b256!("194aa7df3377ad6b171a14de35542ddd378079643490eefd63aa1ec877537900").0;
/// R, the namespace's root.
const BOOKS: Word = b256!("57e46363c2a618fc5035824d98505d7a8772523556ec3e18fc34e6c734b11600").0;
/// R + 1.
const STATES: Word = b256!("57e46363c2a618fc5035824d98505d7a8772523556ec3e18fc34e6c734b11601").0;
/// What an unset slot holds.
pub const ZERO: Word = [0; 32];
/// The last byte of a state's second word: never set, set, ended.
pub const NONE: u8 = 0;
/// See [`NONE`].
pub const SET: u8 = 1;
/// See [`NONE`].
pub const ENDED: u8 = 2;

/// What is remembered in the account's present generation.
#[derive(Clone, Copy, Debug)]
pub struct Store {
    generation: u64,
    /// Whether the owner has stopped all keepers.
    pub paused: bool,
}

impl Store {
    /// Reads the account's header.
    #[inline(never)]
    pub fn open<H: Storage>(host: &H) -> Self {
        let header = uint(&host.load(&HEADER));
        Self {
            generation: (header >> 32_usize).as_limbs()[0],
            paused: header.bit(160),
        }
    }

    /// How often the account's state was wiped; part of what an order signs.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// The slot of what governs the position of this key.
    #[inline(never)]
    pub fn book<H: Host>(&self, host: &H, position_key: &Word) -> Word {
        self.slot(host, position_key, &BOOKS)
    }

    /// The slots of a policy's state.
    #[inline(never)]
    pub fn state<H: Host>(&self, host: &H, policy_id: &Word) -> [Word; 2] {
        let first = self.slot(host, policy_id, &STATES);
        let second = uint(&first).wrapping_add(alloy_primitives::U256::ONE);
        [first, second.word()]
    }

    fn slot<H: Host>(&self, host: &H, key: &Word, root: &Word) -> Word {
        let table = host.keccak256(words![self.generation, root].as_flattened());
        host.keccak256(words![key, table].as_flattened())
    }
}

/// Whether a policy is set, by its state's second word.
pub fn status(second: &Word) -> u8 {
    uint64(second) as u8
}
