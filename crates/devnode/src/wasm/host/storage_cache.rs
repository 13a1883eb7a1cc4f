//! The write-back cache that storage host calls go through. It lives as long as the frame; what is not flushed is lost.

use std::collections::BTreeMap;

use alloy::primitives::B256;

#[derive(Clone, Copy, Debug)]
struct Word {
    value: B256,
    /// What the chain is known to hold.
    known: Option<B256>,
}

/// Slots by key, with counts of accesses that set what an access costs.
#[derive(Debug, Default)]
pub(super) struct StorageCache {
    slots: BTreeMap<B256, Word>,
    reads: u32,
    writes: u32,
}

impl StorageCache {
    /// Gas of one more load, whether it hits or misses.
    pub fn read_gas(&mut self) -> u64 {
        self.reads = self.reads.saturating_add(1);
        match self.reads {
            0..=32 => 0,
            33..=128 => 2,
            _ => 10,
        }
    }

    /// Gas of one more store.
    pub fn write_gas(&mut self) -> u64 {
        self.writes = self.writes.saturating_add(1);
        match self.writes {
            0..=8 => 0,
            9..=64 => 7,
            _ => 10,
        }
    }

    /// The cached value of `key`.
    pub fn get(&self, key: &B256) -> Option<B256> {
        self.slots.get(key).map(|word| word.value)
    }

    /// Caches what the chain answered.
    pub fn insert_known(&mut self, key: B256, value: B256) {
        self.slots.insert(
            key,
            Word {
                value,
                known: Some(value),
            },
        );
    }

    /// Caches what the program stores.
    pub fn store(&mut self, key: B256, value: B256) {
        self.slots.entry(key).or_insert(Word { value, known: None }).value = value;
    }

    /// Takes what has to be written, in the order of keys, and remembers it as written. `clear` forgets every slot.
    pub fn flush(&mut self, clear: bool) -> Vec<(B256, B256)> {
        let mut dirty = Vec::new();
        for (key, word) in &mut self.slots {
            if word.known != Some(word.value) {
                dirty.push((*key, word.value));
                word.known = Some(word.value);
            }
        }
        if clear {
            self.slots.clear();
        }
        dirty
    }
}
