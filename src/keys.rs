//! Where a signing key comes from: an environment variable, an encrypted keystore, or, on development chains only, the well-known
//! mnemonic. Never from the command line.

use crate::{
    client::{self, Client},
    error::{Error, Result},
};
use alloy::signers::local::{MnemonicBuilder, PrivateKeySigner, coins_bip39::English};
use clap::Args;
use std::path::PathBuf;

/// The mnemonic of Anvil's and the devnode's funded accounts.
pub const DEVELOPMENT_MNEMONIC: &str = "test test test test test test test test test test test junk";
/// How many accounts of the mnemonic are funded.
pub const DEVELOPMENT_ACCOUNTS: u32 = 10;

const KEY: &str = "HEDGEROW_PRIVATE_KEY";
const PASSWORD: &str = "HEDGEROW_KEYSTORE_PASSWORD";

/// Which key signs.
#[derive(Args, Clone, Debug, Default)]
pub struct KeyArgs {
    /// Sign with the key in this encrypted keystore file (password from HEDGEROW_KEYSTORE_PASSWORD, else asked for);
    /// without it, with the key in the environment variable HEDGEROW_PRIVATE_KEY
    #[arg(long, value_name = "FILE", env = "HEDGEROW_KEYSTORE", conflicts_with = "dev_account")]
    pub keystore: Option<PathBuf>,
    /// Sign with the Nth account of the well-known development mnemonic (development chains only)
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(0..DEVELOPMENT_ACCOUNTS as i64))]
    pub dev_account: Option<u32>,
}

impl KeyArgs {
    /// The key these arguments name. A development key is refused on any chain where it could lose something.
    pub fn signer(&self, client: &Client) -> Result<PrivateKeySigner> {
        self.signer_on(client.chain_id())
    }

    /// The same without a node to ask which chain it is.
    pub fn signer_on(&self, chain_id: u64) -> Result<PrivateKeySigner> {
        if let Some(index) = self.dev_account {
            if !client::is_development_chain(chain_id) {
                return Err(Error::invalid(
                    "--dev-account",
                    index,
                    format!(
                        "everybody knows its key, and chain {chain_id} is not a development chain: use HEDGEROW_PRIVATE_KEY or --keystore"
                    ),
                ));
            }
            return development(index);
        }
        match &self.keystore {
            Some(path) => from_keystore(path),
            None => from_environment(KEY)?.ok_or_else(|| {
                Error::missing(
                    "a signing key",
                    format!("set {KEY}, or give --keystore FILE, or --dev-account N on a devnode"),
                )
            }),
        }
    }
}

/// The Nth account of the development mnemonic.
pub fn development(index: u32) -> Result<PrivateKeySigner> {
    MnemonicBuilder::<English>::default()
        .phrase(DEVELOPMENT_MNEMONIC)
        .index(index)
        .and_then(|builder| builder.build())
        .map_err(|error| Error::Signer(alloy::signers::Error::other(error.to_string())))
}

/// The key in an environment variable, if it is set. Its value is never repeated in a message.
pub fn from_environment(name: &'static str) -> Result<Option<PrivateKeySigner>> {
    match std::env::var(name) {
        Ok(key) if !key.trim().is_empty() => key.trim().parse().map(Some).map_err(|_| {
            Error::invalid(
                name,
                "(hidden)",
                "it must hold 32 bytes in hexadecimal that are a secp256k1 key",
            )
        }),
        _ => Ok(None),
    }
}

fn from_keystore(path: &PathBuf) -> Result<PrivateKeySigner> {
    if !path.is_file() {
        return Err(Error::bad_file(path, "there is no such keystore file"));
    }
    let password = match std::env::var(PASSWORD) {
        Ok(password) => password,
        Err(_) => rpassword::prompt_password(format!("Password of {}: ", path.display()))
            .map_err(Error::io(format!("asking for a password (or set {PASSWORD})")))?,
    };
    PrivateKeySigner::decrypt_keystore(path, password)
        .map_err(|error| Error::bad_file(path, format!("it does not open: {error}; check the password")))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use alloy::primitives::address;

    #[test]
    fn development_accounts_are_anvils() {
        assert_eq!(
            development(0).unwrap().address(),
            address!("f39Fd6e51aad88F6F4ce6aB8827279cffFb92266")
        );
        assert_eq!(
            development(9).unwrap().address(),
            address!("a0Ee7A142d267C1f36714E4a8F75612F20a79720")
        );
    }
}
