//! Transient slots that the manager shares with the shell: `keccak256(name) - 1`.
//!
//! The shell answers the pool's callback, the manager says in advance what it may pay; both read the same four slots.

use alloy_primitives::b256;
use hedgerow_program::abi::Word;

/// `hedgerow.transient.callback.pool`: the one address that may call back; zero for none.
pub const CALLBACK_POOL: Word = b256!("54c25171beb8b31e73f1b5ff679e8842c289c3ba20503a01ada6c7ba53d98120").0;
/// `hedgerow.transient.callback.token`: the token it is paid.
pub const CALLBACK_TOKEN: Word = b256!("86aa484ab5464705744804c73c7d51dba624e093a3553a81d7c53cb3f6593829").0;
/// `hedgerow.transient.callback.max`: the most it may ask for.
pub const CALLBACK_MAX: Word = b256!("ac8edfa3c7e9d15e452e932c489dce14b945bf908d736f9019d06fba21ce080b").0;
/// `hedgerow.transient.lock`: nonzero while a position action runs.
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
            (CALLBACK_TOKEN, "hedgerow.transient.callback.token"),
            (CALLBACK_MAX, "hedgerow.transient.callback.max"),
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
