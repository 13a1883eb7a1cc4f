//! Who may make the account act, and that only one action runs at a time.

use alloy_primitives::{Address, address};
use alloy_sol_types::SolError;
use hedgerow_program::{
    abi::{Encode, Word, revert},
    host::Host,
    words,
};

use crate::{
    errors::Revert,
    interfaces::IManager,
    slots::{LOCK, ZERO},
};

/// EntryPoint v0.8 (ERC-4337), the same address on every chain. It calls the account only with what the account's
/// `validateUserOp` accepted.
pub const ENTRY_POINT: Address = address!("4337084D9E255Ff0702461CF8895CE9E3b5Ff108");

/// Runs `action` for the account itself or EntryPoint, and for nobody else, never inside another action.
///
/// The lock is transient: a revert releases it with everything else.
pub fn guarded<H: Host, T>(host: &H, action: impl FnOnce() -> Result<T, Revert>) -> Result<T, Revert> {
    let caller = host.caller();
    if caller != host.this() && caller != ENTRY_POINT {
        return Err(revert(IManager::Unauthorised::SELECTOR, &words![caller]));
    }
    if host.transient(&LOCK) != ZERO {
        return Err(revert(IManager::ReentrantCall::SELECTOR, &[]));
    }
    host.set_transient(&LOCK, &held());
    let result = action()?;
    host.set_transient(&LOCK, &ZERO);
    Ok(result)
}

fn held() -> Word {
    1_u32.word()
}
