//! The chain's state: accounts, storage and code in persistent maps, so that a copy (a snapshot, a block's state, the
//! ground a call runs on) costs nothing until it is written to.

use std::convert::Infallible;

use alloy::primitives::{Address, B256, Bytes, KECCAK256_EMPTY, U256, keccak256};
use imbl::HashMap;
use revm::{
    DatabaseRef,
    state::{AccountInfo, Bytecode, EvmState},
};

/// One account without its code, which is kept once per hash.
#[derive(Clone, Debug)]
struct StoredAccount {
    nonce: u64,
    balance: U256,
    code_hash: B256,
    storage: HashMap<U256, U256>,
}

impl Default for StoredAccount {
    fn default() -> Self {
        Self {
            nonce: 0,
            balance: U256::ZERO,
            code_hash: KECCAK256_EMPTY,
            storage: HashMap::new(),
        }
    }
}

impl StoredAccount {
    fn is_empty(&self) -> bool {
        self.nonce == 0 && self.balance.is_zero() && self.code_hash == KECCAK256_EMPTY
    }
}

/// Every account of the chain at one moment. Cloning is O(1).
#[derive(Clone, Debug, Default)]
pub struct State {
    accounts: HashMap<Address, StoredAccount>,
    code: HashMap<B256, Bytecode>,
}

impl State {
    /// Balance in wei; zero for an account that does not exist.
    pub fn balance(&self, address: Address) -> U256 {
        self.accounts
            .get(&address)
            .map(|account| account.balance)
            .unwrap_or_default()
    }

    /// How many transactions (or creations) the account has made.
    pub fn nonce(&self, address: Address) -> u64 {
        self.accounts
            .get(&address)
            .map(|account| account.nonce)
            .unwrap_or_default()
    }

    /// The account's code exactly as stored: for a delegated account the 23-byte designator.
    pub fn code(&self, address: Address) -> Bytes {
        self.accounts
            .get(&address)
            .and_then(|account| self.code.get(&account.code_hash))
            .map(Bytecode::original_bytes)
            .unwrap_or_default()
    }

    /// One storage slot.
    pub fn storage(&self, address: Address, slot: U256) -> U256 {
        self.accounts
            .get(&address)
            .and_then(|account| account.storage.get(&slot))
            .copied()
            .unwrap_or_default()
    }

    /// Sets a balance.
    pub fn set_balance(&mut self, address: Address, balance: U256) {
        self.accounts.entry(address).or_default().balance = balance;
    }

    /// Sets a nonce.
    pub fn set_nonce(&mut self, address: Address, nonce: u64) {
        self.accounts.entry(address).or_default().nonce = nonce;
    }

    /// Sets the code; empty code makes the account a plain one.
    ///
    /// # Errors
    /// Code that begins as a delegation (`0xef01`) but is not one, with what is wrong with it.
    pub fn set_code(&mut self, address: Address, code: Bytes) -> Result<(), String> {
        let code_hash = if code.is_empty() {
            KECCAK256_EMPTY
        } else {
            keccak256(&code)
        };
        if !code.is_empty() && !self.code.contains_key(&code_hash) {
            let parsed = Bytecode::new_raw_checked(code).map_err(|error| error.to_string())?;
            self.code.insert(code_hash, parsed);
        }
        self.accounts.entry(address).or_default().code_hash = code_hash;
        Ok(())
    }

    /// Sets one storage slot.
    pub fn set_storage(&mut self, address: Address, slot: U256, value: U256) {
        write_slot(&mut self.accounts.entry(address).or_default().storage, slot, value);
    }

    /// Forgets every slot of an account.
    pub fn clear_storage(&mut self, address: Address) {
        self.accounts.entry(address).or_default().storage = HashMap::new();
    }

    /// Writes what a transaction changed. Accounts that it left empty disappear (EIP-161).
    pub fn commit(&mut self, changes: EvmState) {
        for (address, changed) in changes {
            if !changed.is_touched() {
                continue;
            }
            if changed.is_selfdestructed() {
                self.accounts.remove(&address);
                continue;
            }
            let created = changed.is_created();
            let account = self.accounts.entry(address).or_default();
            account.nonce = changed.info.nonce;
            account.balance = changed.info.balance;
            account.code_hash = changed.info.code_hash;
            if created {
                account.storage = HashMap::new();
            }
            for (slot, value) in changed.storage {
                if value.is_changed() || created {
                    write_slot(&mut account.storage, slot, value.present_value());
                }
            }
            if account.is_empty() {
                self.accounts.remove(&address);
            }
            if let Some(code) = changed.info.code.filter(|code| !code.is_empty()) {
                self.code.entry(changed.info.code_hash).or_insert(code);
            }
        }
    }
}

fn write_slot(storage: &mut HashMap<U256, U256>, slot: U256, value: U256) {
    if value.is_zero() {
        storage.remove(&slot);
    } else {
        storage.insert(slot, value);
    }
}

/// The hash that `BLOCKHASH` answers for a block of the parent chain. There is no parent chain, so it is drawn from the
/// number: stable and different for every block, which is all a program may rely on.
pub fn parent_chain_hash(number: u64) -> B256 {
    keccak256([b"hedgerow devnode parent block".as_slice(), &number.to_be_bytes()].concat())
}

impl DatabaseRef for State {
    type Error = Infallible;

    fn basic_ref(&self, address: Address) -> Result<Option<AccountInfo>, Infallible> {
        Ok(self.accounts.get(&address).map(|account| AccountInfo {
            balance: account.balance,
            nonce: account.nonce,
            code_hash: account.code_hash,
            code: Some(self.code.get(&account.code_hash).cloned().unwrap_or_default()),
            ..AccountInfo::default()
        }))
    }

    fn code_by_hash_ref(&self, code_hash: B256) -> Result<Bytecode, Infallible> {
        Ok(self.code.get(&code_hash).cloned().unwrap_or_default())
    }

    fn storage_ref(&self, address: Address, slot: U256) -> Result<U256, Infallible> {
        Ok(self.storage(address, slot))
    }

    fn block_hash_ref(&self, number: u64) -> Result<B256, Infallible> {
        Ok(parent_chain_hash(number))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    const ALICE: Address = Address::repeat_byte(0xa1);

    #[test]
    fn a_copy_does_not_see_later_writes() {
        let mut state = State::default();
        state.set_storage(ALICE, U256::from(1), U256::from(7));
        let copy = state.clone();
        state.set_storage(ALICE, U256::from(1), U256::from(8));
        state.set_balance(ALICE, U256::from(5));
        assert_eq!(copy.storage(ALICE, U256::from(1)), U256::from(7));
        assert_eq!(copy.balance(ALICE), U256::ZERO);
        assert_eq!(state.storage(ALICE, U256::from(1)), U256::from(8));
    }

    #[test]
    fn a_malformed_delegation_is_refused_and_changes_nothing() {
        let mut state = State::default();
        assert!(
            state
                .set_code(ALICE, Bytes::from_static(&[0xef, 0x01, 0x00, 0x11]))
                .is_err()
        );
        assert!(state.code(ALICE).is_empty());
    }

    #[test]
    fn code_that_is_a_stylus_program_is_kept_byte_for_byte() {
        let mut state = State::default();
        let program = Bytes::from_static(&[0xef, 0xf0, 0x00, 0x00, 0x01, 0x02]);
        state.set_code(ALICE, program.clone()).unwrap();
        assert_eq!(state.code(ALICE), program);
    }
}
