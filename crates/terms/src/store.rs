//! What the account remembers of policies: one ERC-7201 namespace, `hedgerow.policies`, root R. Per generation g of the account's
//! state, and the era that a wipe begins (g = generation + era * 2^64), so that wiping leaves everything behind unreachable, and what
//! an earlier delegate may have written here for generations to come as well:
//! - the book: `keccak256(abi.encode(positionKey, keccak256(abi.encode(g, R))))` holds the id of the policy that governs a position;
//! - the states: two words from `keccak256(abi.encode(policyId, keccak256(abi.encode(g, R + 1))))`.

use alloy_primitives::{U256, b256};
use alloy_sol_types::{SolError, SolEvent};
use hedgerow_core::policy::{Reason, State, Status};
use hedgerow_positions::errors::Revert;
use hedgerow_program::{
    abi::{Encode, Word, revert, uint},
    host::{Host, Storage},
    words,
};

use crate::interfaces::{IPolicies, IShell};

/// The header of the account's state, which the shell writes: its version, generation and whether it is paused.
const HEADER: Word = b256!("194aa7df3377ad6b171a14de35542ddd378079643490eefd63aa1ec877537900").0;
/// The version of the account's state that is understood here; zero is a state never written.
const STATE_VERSION: u32 = 1;
const GENERATION: usize = 32;
const PAUSED: usize = 160;
const ERA: usize = 200;
/// R, the namespace's root.
const BOOKS: Word = b256!("57e46363c2a618fc5035824d98505d7a8772523556ec3e18fc34e6c734b11600").0;
/// R + 1.
const STATES: Word = b256!("57e46363c2a618fc5035824d98505d7a8772523556ec3e18fc34e6c734b11601").0;

/// What an unset slot holds.
pub const ZERO: Word = [0; 32];

/// What is remembered in the account's present generation.
#[derive(Clone, Copy, Debug)]
pub struct Store {
    /// How often the account's state was wiped; part of what an order signs.
    pub generation: u64,
    /// 56 bits that nobody could foresee before the last wipe; zero before the first.
    era: u64,
    /// Whether the owner has stopped all keepers.
    pub paused: bool,
}

impl Store {
    /// Reads the account's header. Errors: `UnknownVersion` of a state that another shell wrote.
    #[inline(never)]
    pub fn open<H: Storage>(host: &H) -> Result<Self, Revert> {
        let header = uint(&host.load(&HEADER));
        let version = header.as_limbs()[0] as u32;
        if version > STATE_VERSION {
            return Err(revert(
                IShell::UnknownVersion::SELECTOR,
                &words![version, STATE_VERSION],
            ));
        }
        Ok(Self {
            generation: (header >> GENERATION).as_limbs()[0],
            era: (header >> ERA).as_limbs()[0],
            paused: header.bit(PAUSED),
        })
    }

    /// The slot of what governs the position of this key.
    #[inline(never)]
    pub fn book<H: Host>(&self, host: &H, position_key: &Word) -> Word {
        self.slot(host, position_key, &BOOKS)
    }

    /// What is remembered of a policy.
    #[inline(never)]
    pub fn state<H: Storage>(&self, host: &H, id: &Word) -> State {
        let words = self.state_slots(host, id).map(|slot| uint(&host.load(&slot)));
        State::unpack(&words)
    }

    /// Remembers it.
    #[inline(never)]
    pub fn keep<H: Storage>(&self, host: &H, id: &Word, state: &State) {
        for (slot, word) in self.state_slots(host, id).iter().zip(state.pack()) {
            host.store(slot, &word.word());
        }
    }

    /// Ends a policy that is set, or cancels one that never was; it can never be set again.
    #[inline(never)]
    pub fn end<H: Storage>(&self, host: &H, id: &Word) {
        let mut state = self.state(host, id);
        if state.status != Status::Ended {
            state.status = Status::Ended;
            self.keep(host, id, &state);
            ended(host, id);
        }
    }

    #[inline(never)]
    fn state_slots<H: Host>(&self, host: &H, id: &Word) -> [Word; 2] {
        let first = self.slot(host, id, &STATES);
        let second = uint(&first).wrapping_add(U256::ONE);
        [first, second.word()]
    }

    /// Where `key` lies in the table of this root: `keccak256(abi.encode(key, keccak256(abi.encode(g, root))))`.
    #[inline(never)]
    pub fn slot<H: Host>(&self, host: &H, key: &Word, root: &Word) -> Word {
        let generation = u128::from(self.era) << 64 | u128::from(self.generation);
        let table = host.keccak256(words![generation, root].as_flattened());
        host.keccak256(words![key, table].as_flattened())
    }
}

/// `PolicyEnded`.
#[inline(never)]
pub fn ended<H: Host>(host: &H, id: &Word) {
    host.log(2, &[IPolicies::PolicyEnded::SIGNATURE_HASH.0, *id]);
}

/// Enters a policy in the book for another position, and strikes it out where it was. Errors: `PolicyNotSet` where another governs
/// that position.
#[inline(never)]
pub fn take_over<H: Storage>(host: &H, store: &Store, id: &Word, old: &Word, key: &Word) -> Result<(), Revert> {
    let book = store.book(host, key);
    let found = host.load(&book);
    if found != *id && store.state(host, &found).status == Status::Set {
        return Err(not_set(id, &found));
    }
    host.store(old, &ZERO);
    host.store(&book, id);
    Ok(())
}

/// `PolicyNotSet`.
#[cold]
#[inline(never)]
pub fn not_set(id: &Word, found: &Word) -> Revert {
    revert(IPolicies::PolicyNotSet::SELECTOR, &[*id, *found])
}

/// `NotNow`.
#[cold]
#[inline(never)]
pub fn not_now(reason: Reason, not_before: u64) -> Revert {
    revert(IPolicies::NotNow::SELECTOR, &words![reason.code(), not_before])
}
