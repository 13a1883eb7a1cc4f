//! What the account remembers of hedges: one ERC-7201 namespace, `hedgerow.hedges`, root R. Per generation and era of the account's
//! state, as of policies (`hedgerow_terms::store`):
//! - the book, table R: under a position's key the margin account, bits 160 to 167 the venue's kind, 168 to 175 the volatile token;
//! - the records, table R + 1: under a margin account three words ([`Record`]);
//! - the policies, table R + 2: under a position's key the id of the policy that governs its hedge.

use alloy_primitives::{Address, U256, b256};
use alloy_sol_types::{SolError, SolEvent};
use hedgerow_core::{hedging::Record, policy::Status};
use hedgerow_positions::errors::Revert;
use hedgerow_program::{
    abi::{Encode, Word, address, revert, uint},
    host::{Host, Storage},
    words,
};
use hedgerow_terms::{
    interfaces::hedges::IHedges,
    store::{Store, ZERO, not_set},
};

/// R, the namespace's root.
const BOOK: Word = b256!("c99f6e2089a151b6a9e44df8d621d7b47f461ac10332b3775761de1b16f5d400").0;
/// R + 1.
const RECORDS: Word = b256!("c99f6e2089a151b6a9e44df8d621d7b47f461ac10332b3775761de1b16f5d401").0;
/// R + 2.
const POLICIES: Word = b256!("c99f6e2089a151b6a9e44df8d621d7b47f461ac10332b3775761de1b16f5d402").0;

/// A position's entry in the book.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The hedge's own account at its venue; zero for no hedge.
    pub margin: Address,
    /// The kind of the venue.
    pub kind: u8,
    /// Which of the pool's tokens is owed.
    pub volatile: u8,
}

impl Entry {
    /// Whether there is no hedge.
    pub fn is_none(&self) -> bool {
        self.margin.is_zero()
    }

    fn word(&self) -> Word {
        let mut word = self.margin.word();
        (word[11], word[10]) = (self.kind, self.volatile);
        word
    }
}

/// The position's entry.
#[inline(never)]
pub fn entry<H: Storage>(host: &H, store: &Store, position_key: &Word) -> Entry {
    let word = host.load(&store.slot(host, position_key, &BOOK));
    Entry {
        margin: address(&word),
        kind: word[11],
        volatile: word[10],
    }
}

/// Writes it.
#[inline(never)]
pub fn enter<H: Storage>(host: &H, store: &Store, position_key: &Word, entry: &Entry) {
    host.store(&store.slot(host, position_key, &BOOK), &entry.word());
}

/// Strikes it out, and forgets what was remembered of its margin account.
#[inline(never)]
pub fn strike<H: Storage>(host: &H, store: &Store, position_key: &Word, margin: &Address) {
    host.store(&store.slot(host, position_key, &BOOK), &ZERO);
    for slot in record_slots(host, store, margin) {
        host.store(&slot, &ZERO);
    }
}

/// Where the id of the policy of a position's hedge is.
pub fn policy_slot<H: Host>(host: &H, store: &Store, position_key: &Word) -> Word {
    store.slot(host, position_key, &POLICIES)
}

/// What is remembered of a margin account's hedge; all zero before it is opened.
#[inline(never)]
pub fn record<H: Storage>(host: &H, store: &Store, margin: &Address) -> Record {
    let words = record_slots(host, store, margin).map(|slot| uint(&host.load(&slot)));
    Record::unpack(&words)
}

/// Remembers it.
#[inline(never)]
pub fn keep<H: Storage>(host: &H, store: &Store, margin: &Address, record: &Record) {
    for (slot, word) in record_slots(host, store, margin).iter().zip(record.pack()) {
        host.store(slot, &word.word());
    }
}

/// Adds fees of the position that were collected, in raw token1, to what is remembered of its hedge.
pub fn earn<H: Storage>(host: &H, store: &Store, margin: &Address, fees: &U256) {
    let mut record = record(host, store, margin);
    record.fees_earned = record.fees_earned.saturating_add(fees.saturating_to());
    keep(host, store, margin, &record);
}

/// Has the hedge of one position, and the policy that governs it, belong to another from now on; nothing where they are the same.
///
/// Errors: `ForeignVenue` where the other one has a hedge of its own, `PolicyNotSet` where its hedge has another policy.
#[inline(never)]
pub fn follow<H: Storage>(
    host: &H,
    store: &Store,
    from: &Word,
    to: &Word,
    name: &(Address, U256),
) -> Result<(), Revert> {
    if from == to {
        return Ok(());
    }
    let (moved, found) = (entry(host, store, from), entry(host, store, to));
    if !found.is_none() {
        return Err(foreign(&found.margin, &moved.margin));
    }
    host.store(&store.slot(host, from, &BOOK), &ZERO);
    enter(host, store, to, &moved);
    let old = policy_slot(host, store, from);
    let id = host.load(&old);
    if store.state(host, &id).status == Status::Set {
        let new = policy_slot(host, store, to);
        let found = host.load(&new);
        if found != id && store.state(host, &found).status == Status::Set {
            return Err(not_set(&id, &found));
        }
        host.store(&old, &ZERO);
        host.store(&new, &id);
    }
    host.log(
        4,
        &words![IHedges::HedgeFollowed::SIGNATURE_HASH.0, moved.margin, name.0, name.1],
    );
    Ok(())
}

/// `ForeignVenue`.
#[cold]
#[inline(never)]
pub fn foreign(found: &Address, expected: &Address) -> Revert {
    revert(IHedges::ForeignVenue::SELECTOR, &words![found, expected])
}

#[inline(never)]
fn record_slots<H: Host>(host: &H, store: &Store, margin: &Address) -> [Word; 3] {
    let first = uint(&store.slot(host, &margin.word(), &RECORDS));
    [0_u64, 1, 2].map(|i| first.wrapping_add(U256::from(i)).word())
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy_primitives::keccak256;

    #[test]
    fn tables_begin_at_the_root_of_their_erc7201_namespace() {
        let inner = U256::from_be_bytes(keccak256("hedgerow.hedges").0) - U256::ONE;
        let root = U256::from_be_bytes(keccak256(inner.to_be_bytes::<32>()).0) & !U256::from(0xff);
        for (offset, table) in [BOOK, RECORDS, POLICIES].into_iter().enumerate() {
            assert_eq!(U256::from_be_bytes(table), root + U256::from(offset), "{offset}");
        }
    }
}
