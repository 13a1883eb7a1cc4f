//! Session keys as their owner writes, reads and lists them: what another key may make the account do, and until when.

pub mod list;
pub mod read;
pub mod write;

use crate::bindings::ISessions::Session;
use alloy::{
    primitives::{Address, B256, keccak256},
    sol_types::SolValue,
};

/// The native token, as a limit names it.
pub const NATIVE: Address = Address::ZERO;
/// What stands for empty calldata in a call's rule.
pub const NO_CALLDATA: [u8; 4] = [0xe0; 4];

/// `keyId`: the hash of the terms, by which the account remembers them.
pub fn id(session: &Session) -> B256 {
    keccak256(session.abi_encode())
}

/// The key's kind, as files and tables name it.
pub const fn kind(number: u8) -> &'static str {
    match number {
        0 => "secp256k1",
        1 => "p256",
        2 => "webauthn",
        _ => "unknown",
    }
}

/// Whose key it is: an address, or a point.
pub fn public_key(session: &Session) -> String {
    match session.kind {
        0 => Address::from_word(session.x).to_string(),
        _ => format!("x {} y {}", session.x, session.y),
    }
}
