//! The programs that ran lately in a block: entering one of them again costs only its cached entry price.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use alloy::primitives::B256;

/// A least-recently-used set of code hashes, shared by the transactions of one block. Clones share the set; a reverted
/// frame does not take its program out again.
#[derive(Clone, Debug, Default)]
pub struct RecentPrograms(Arc<Mutex<VecDeque<B256>>>);

impl RecentPrograms {
    /// Notes that `code_hash` runs and tells whether it already was among the last `capacity` programs.
    pub fn insert(&self, code_hash: B256, capacity: u16) -> bool {
        let mut recent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let hit = match recent.iter().position(|hash| *hash == code_hash) {
            Some(index) => recent.remove(index).is_some(),
            None => false,
        };
        recent.push_back(code_hash);
        while recent.len() > usize::from(capacity) {
            recent.pop_front();
        }
        hit
    }

    /// A copy that no longer shares with this one: what a simulation inside a block starts from.
    pub fn fork(&self) -> Self {
        let recent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Self(Arc::new(Mutex::new(recent.clone())))
    }
}
