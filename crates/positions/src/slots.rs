//! Transient slots that the programs share with the shell: `keccak256(name) - 1`.
//!
//! The shell answers the pool's callbacks, a program says in advance what they may be paid; both take the same lock.

use alloy_primitives::b256;
use hedgerow_program::abi::Word;

/// `hedgerow.transient.callback.pool`: the one address that may call back; zero for none.
pub const CALLBACK_POOL: Word = b256!("54c25171beb8b31e73f1b5ff679e8842c289c3ba20503a01ada6c7ba53d98120").0;
/// `hedgerow.transient.callback.token0` and `token1`: what it may be paid in.
pub const CALLBACK_TOKENS: [Word; 2] = [
    b256!("3aaf76f2c5015e72836b7302d5a1464ada001f428fdf83ab2a89abc111aeab69").0,
    b256!("c5084e365ee2d183120e3f2bc8e188570623474e3a1c90508ac33dec98afe12c").0,
];
/// `hedgerow.transient.callback.max0` and `max1`: the most it may ask for of each.
pub const CALLBACK_MAXIMA: [Word; 2] = [
    b256!("43c981af54c0057f3e03136ddb25871ebfb30256f2b2e5e28593a35c5b0a9fc2").0,
    b256!("3a00b26fe718dd36c8731a270b8d083ffa1e52cc55110ba6aac007f7b193e706").0,
];
/// `hedgerow.transient.lock`: 0 free, 1 while a batch of the account runs, 2 while a position action runs.
pub const LOCK: Word = b256!("b4675657863721b7d2dc7068562a7c02f2d79d57cf3c32b40002de3dda184034").0;

/// What an unset slot holds.
pub const ZERO: Word = [0; 32];

#[cfg(test)]
mod tests {
    use super::*;
    use alloy_primitives::{U256, keccak256};

    #[test]
    fn slots_are_the_hashes_of_their_names_less_one() {
        for (slot, name) in [
            (CALLBACK_POOL, "hedgerow.transient.callback.pool"),
            (CALLBACK_TOKENS[0], "hedgerow.transient.callback.token0"),
            (CALLBACK_TOKENS[1], "hedgerow.transient.callback.token1"),
            (CALLBACK_MAXIMA[0], "hedgerow.transient.callback.max0"),
            (CALLBACK_MAXIMA[1], "hedgerow.transient.callback.max1"),
            (LOCK, "hedgerow.transient.lock"),
        ] {
            assert_eq!(
                U256::from_be_bytes(slot) + U256::ONE,
                U256::from_be_bytes(keccak256(name).0),
                "{name}"
            );
        }
    }
}
