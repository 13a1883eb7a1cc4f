//! Who may make the account act, and that only one action runs at a time.

use alloy_primitives::{Address, address};
use alloy_sol_types::SolError;
use hedgerow_program::{
    abi::{Encode, revert},
    host::Host,
    words,
};

use crate::{
    errors::Revert,
    interfaces::IManager,
    slots::{LOCK, ZERO},
};

/// The EntryPoints (ERC-4337) v0.8 and v0.9, the same addresses on every chain. They call the account only with what its
/// `validateUserOp` accepted.
pub const ENTRY_POINTS: [Address; 2] = [
    address!("4337084D9E255Ff0702461CF8895CE9E3b5Ff108"),
    address!("433709009B8330FDa32311DF1C2AFA402eD8D009"),
];

/// What the lock holds while the account's own batch runs, in which it may call itself.
pub const BATCH: u32 = 1;
/// What the lock holds while a position action runs, in which nothing may.
pub const ACTION: u32 = 2;

/// Runs `action` for the account itself or an EntryPoint, and for nobody else; never inside another action, and inside a
/// batch of the account only for the account.
///
/// The lock is left as it was found. It is transient: a revert releases it with everything else.
///
/// Errors: `Unauthorised`, `ReentrantCall`, and the action's own.
pub fn guarded<H: Host, T>(host: &H, action: impl FnOnce() -> Result<T, Revert>) -> Result<T, Revert> {
    let caller = host.caller();
    let own = caller == host.this();
    if !own && !ENTRY_POINTS.contains(&caller) {
        return Err(revert(IManager::Unauthorised::SELECTOR, &words![caller]));
    }
    let found = host.transient(&LOCK);
    if found != ZERO && !(own && found == BATCH.word()) {
        return Err(revert(IManager::ReentrantCall::SELECTOR, &[]));
    }
    host.set_transient(&LOCK, &ACTION.word());
    let result = action()?;
    host.set_transient(&LOCK, &found);
    Ok(result)
}

/// Whether `caller` brings the owner's will: the account itself, or an EntryPoint.
pub fn is_owner<H: Host>(host: &H, caller: &Address) -> bool {
    *caller == host.this() || ENTRY_POINTS.contains(caller)
}

/// Runs `action` whoever calls, with the lock holding `hold` meanwhile; never inside another action, and inside a batch of the
/// account only for the account.
///
/// The lock is left as it was found. Errors: `ReentrantCall`, and the action's own.
pub fn locked<H: Host, T>(host: &H, hold: u32, action: impl FnOnce() -> Result<T, Revert>) -> Result<T, Revert> {
    let found = host.transient(&LOCK);
    if found != ZERO && !(found == BATCH.word() && host.caller() == host.this()) {
        return Err(revert(IManager::ReentrantCall::SELECTOR, &[]));
    }
    host.set_transient(&LOCK, &hold.word());
    let result = action()?;
    host.set_transient(&LOCK, &found);
    Ok(result)
}
