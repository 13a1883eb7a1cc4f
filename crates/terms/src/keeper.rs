//! What a keeper meets: whether it may run a policy, what it is paid, and what it must not have cost.

use alloy_primitives::{Address, U256};
use alloy_sol_types::SolError;
use hedgerow_core::policy::{Defect, Guards, Reason, Violation};
use hedgerow_positions::{
    errors::{OrRevert, Revert},
    token,
};
use hedgerow_program::{
    abi::{Word, revert},
    host::Host,
    words,
};

use crate::{
    interfaces::IPolicies,
    store::{not_now, not_set},
};

/// Refuses whoever is not the guards' keeper, where they name one: `WrongKeeper`.
pub fn require<H: Host>(host: &H, guards: &Guards) -> Result<Address, Revert> {
    let caller = host.caller();
    if !guards.keeper.is_zero() && guards.keeper != caller {
        return Err(wrong(&caller, &guards.keeper));
    }
    Ok(caller)
}

/// `WrongKeeper`.
#[cold]
#[inline(never)]
pub fn wrong(caller: &Address, keeper: &Address) -> Revert {
    revert(IPolicies::WrongKeeper::SELECTOR, &words![caller, keeper])
}

/// Why a policy does nothing: `Paused`, `PolicyNotSet`, `NotNow`.
pub fn idle(reason: Reason, not_before: u64, id: &Word, governing: &Word) -> Revert {
    match reason {
        Reason::Paused => revert(IPolicies::Paused::SELECTOR, &[]),
        Reason::NotSet | Reason::Ended => not_set(id, governing),
        reason => not_now(reason, not_before),
    }
}

/// Pays the keeper, never of anything but what `came`. Errors: `FeeExceedsMaximum`, `CallFailed`.
#[inline(never)]
pub fn pay<H: Host>(host: &H, keeper: &Address, token: &Address, fee: &U256, came: &U256) -> Result<(), Revert> {
    require_fee(fee, came)?;
    if fee.is_zero() {
        // Some tokens refuse to move nothing.
        return Ok(());
    }
    token::transfer(host, token, keeper, fee).or_revert(host, token)
}

/// `FeeExceedsMaximum`.
#[inline(never)]
pub fn require_fee(fee: &U256, maximum: &U256) -> Result<(), Revert> {
    if fee <= maximum {
        return Ok(());
    }
    Err(revert(IPolicies::FeeExceedsMaximum::SELECTOR, &words![fee, maximum]))
}

/// `LossExceedsMaximum` or `DeployedBelowMinimum`.
#[cold]
#[inline(never)]
pub fn violated(violation: &Violation) -> Revert {
    match *violation {
        Violation::Loss { loss, maximum } | Violation::PeriodLoss { loss, maximum } => {
            revert(IPolicies::LossExceedsMaximum::SELECTOR, &words![loss, maximum])
        }
        Violation::Deployed { deployed, minimum } => {
            revert(IPolicies::DeployedBelowMinimum::SELECTOR, &words![deployed, minimum])
        }
    }
}

/// `InvalidTerm` or `CeilingExceeded`.
#[cold]
#[inline(never)]
pub fn refused(defect: &Defect) -> Revert {
    match *defect {
        Defect::Invalid { rule, field } => revert(IPolicies::InvalidTerm::SELECTOR, &words![rule, field]),
        Defect::Ceiling { rule, field, limit } => {
            revert(IPolicies::CeilingExceeded::SELECTOR, &words![rule, field, limit])
        }
    }
}
