//! What ArbOS remembers, in the storage of its own account, so that reverts and snapshots cover it. The layout is ours:
//! a slot is the hash of a name and a key.

use alloy::primitives::{Address, U256, address, keccak256};
use revm::Database;
use revm::context::journaled_state::account::JournaledAccountTr;
use revm::context::{ContextTr, JournalTr};

use crate::chain::context::ArbContext;

/// The account that holds ArbOS state.
pub const ACCOUNT: Address = address!("A4B05FffffFffFFFFfFFfffFfffFFfffFfFfFFFf");

/// The slot of `name` for `key`.
pub fn slot(name: &str, key: &[u8]) -> U256 {
    keccak256([name.as_bytes(), &[0], key].concat()).into()
}

/// Reads a slot.
///
/// # Errors
/// What the database reports.
pub fn load<DB: Database>(ctx: &mut ArbContext<DB>, slot: U256) -> Result<U256, DB::Error> {
    ctx.journal_mut().load_account(ACCOUNT)?;
    Ok(ctx.journal_mut().sload(ACCOUNT, slot)?.data)
}

/// Writes a slot.
///
/// # Errors
/// What the database reports.
pub fn store<DB: Database>(ctx: &mut ArbContext<DB>, slot: U256, value: U256) -> Result<(), DB::Error> {
    // A nonce keeps the account from counting as empty, which would erase it.
    {
        let mut account = ctx.journal_mut().load_account_mut(ACCOUNT)?;
        if account.nonce() == 0 {
            account.set_nonce(1);
        }
    }
    ctx.journal_mut().sstore(ACCOUNT, slot, value)?;
    Ok(())
}
