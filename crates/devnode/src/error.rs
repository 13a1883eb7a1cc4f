//! Why a devnode cannot start or serve.

use std::{io, net::SocketAddr};

/// Why a devnode cannot start or serve.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The phrase derives no accounts.
    #[error("the mnemonic gives no accounts: {0}; use a BIP-39 phrase of 12 to 24 English words")]
    Mnemonic(String),
    /// Somebody else has the port.
    #[error("cannot listen on {addr}: {source}; choose another port, or 0 for any that is free")]
    Bind {
        /// The address asked for.
        addr: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// No thread could be started.
    #[error("cannot start a thread: {0}; the machine may be out of memory or processes")]
    Thread(io::Error),
    /// The chain's thread is gone.
    #[error("the devnode has stopped: its thread failed; start another")]
    Stopped,
}
