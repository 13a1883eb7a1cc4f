//! The accounts that the devnode signs for: the development accounts, and whoever is impersonated.

use std::collections::{BTreeMap, HashSet};

use alloy::{
    consensus::{SignableTransaction, TxEnvelope, TypedTransaction, transaction::Recovered},
    primitives::{Address, B256, Bytes, Signature, U256, eip191_hash_message},
    signers::{SignerSync, local::PrivateKeySigner},
};

use super::error::RpcError;

/// Keys and impersonations.
#[derive(Clone, Debug, Default)]
pub struct Wallet {
    order: Vec<Address>,
    keys: BTreeMap<Address, PrivateKeySigner>,
    impersonated: HashSet<Address>,
    impersonate_all: bool,
}

impl Wallet {
    /// A wallet of these keys, listed in this order.
    pub fn new(keys: Vec<PrivateKeySigner>) -> Self {
        let order = keys.iter().map(PrivateKeySigner::address).collect();
        Self {
            order,
            keys: keys.into_iter().map(|key| (key.address(), key)).collect(),
            ..Self::default()
        }
    }

    /// The accounts with keys, in order.
    pub fn accounts(&self) -> &[Address] {
        &self.order
    }

    /// Lets `eth_sendTransaction` send for `address` without its key.
    pub fn impersonate(&mut self, address: Address) {
        self.impersonated.insert(address);
    }

    /// Ends an impersonation.
    pub fn stop_impersonating(&mut self, address: Address) {
        self.impersonated.remove(&address);
    }

    /// Impersonates everybody, or nobody beyond those named.
    pub fn impersonate_all(&mut self, all: bool) {
        self.impersonate_all = all;
    }

    /// Signs a transaction for `from`.
    ///
    /// An impersonated sender has no key: its transaction carries its address in place of a signature, so that two
    /// senders never share a transaction hash.
    pub fn sign(&self, tx: TypedTransaction, from: Address) -> Result<Recovered<TxEnvelope>, RpcError> {
        let signature = match self.keys.get(&from) {
            Some(key) => sign_hash(key, tx.signature_hash())?,
            None if self.impersonate_all || self.impersonated.contains(&from) => {
                Signature::new(U256::from_be_slice(from.as_slice()), U256::ONE, false)
            }
            None => return Err(unknown_account(from)),
        };
        Ok(Recovered::new_unchecked(
            TxEnvelope::from(tx.into_signed(signature)),
            from,
        ))
    }

    /// Signs a message as `personal_sign` does (EIP-191).
    pub fn sign_message(&self, from: Address, message: &Bytes) -> Result<Bytes, RpcError> {
        self.sign_digest(from, eip191_hash_message(message))
    }

    /// Signs a digest as it is.
    pub fn sign_digest(&self, from: Address, digest: B256) -> Result<Bytes, RpcError> {
        let key = self.keys.get(&from).ok_or_else(|| unknown_account(from))?;
        Ok(Bytes::from(sign_hash(key, digest)?.as_bytes().to_vec()))
    }
}

fn sign_hash(key: &PrivateKeySigner, hash: B256) -> Result<Signature, RpcError> {
    key.sign_hash_sync(&hash)
        .map_err(|error| RpcError::internal(format!("signing failed: {error}")))
}

fn unknown_account(address: Address) -> RpcError {
    RpcError::refused(format!(
        "unknown account {address}: eth_accounts lists those with keys; anvil_impersonateAccount allows any other"
    ))
}
