//! Revert data in words: every custom error that the contracts in reach can raise, and what to do about the common ones.

use crate::bindings::{
    IArbWasm::IArbWasmErrors, IEntryPoint::IEntryPointErrors, ILens::ILensErrors, IManager::IManagerErrors,
    IShell::IShellErrors,
};
use alloy::{
    hex,
    sol_types::{Panic, Revert, SolError, SolInterface},
};

/// Explains revert data: `Error(string)`, `Panic(uint256)`, or one of the known custom errors; else its bytes.
pub fn explain(data: &[u8]) -> String {
    if data.is_empty() {
        return "no reason given".into();
    }
    if let Ok(revert) = Revert::abi_decode(data) {
        return uniswap(&revert.reason);
    }
    if let Ok(panic) = Panic::abi_decode(data) {
        return panic.to_string();
    }
    if let Ok(error) = IManagerErrors::abi_decode(data) {
        return manager(error);
    }
    if let Ok(error) = IShellErrors::abi_decode(data) {
        return trim(&format!("{error:?}"));
    }
    if let Ok(error) = ILensErrors::abi_decode(data) {
        return trim(&format!("{error:?}"));
    }
    if let Ok(error) = IEntryPointErrors::abi_decode(data) {
        return entry_point(error);
    }
    if let Ok(error) = IArbWasmErrors::abi_decode(data) {
        return trim(&format!("{error:?}"));
    }
    format!("unknown error {}", hex::encode_prefixed(data))
}

/// Uniswap v3 says why in one or three letters; those that a user can do something about get words.
fn uniswap(reason: &str) -> String {
    match reason {
        "OLD" => "\"OLD\": the pool does not remember that many seconds: lower --twap-window (0 leaves the guard out), or have \
                  increaseObservationCardinalityNext called on the pool and wait"
            .into(),
        other => format!("{other:?}"),
    }
}

fn manager(error: IManagerErrors) -> String {
    match error {
        IManagerErrors::Unauthorised(e) => format!("{} may not act for this account", e.caller),
        IManagerErrors::DeadlinePassed(e) => {
            format!(
                "the deadline {} has passed (it is {}): plan again",
                e.deadline, e.timestamp
            )
        }
        IManagerErrors::NotOwner(e) => format!("position {} belongs to {}", e.tokenId, e.owner),
        IManagerErrors::NoLiquidity(e) => format!("position {} holds no liquidity", e.id),
        IManagerErrors::InvalidRange(e) => format!(
            "the range {} to {} is empty, out of bounds or off the pool's tick spacing of {}",
            e.tickLower, e.tickUpper, e.tickSpacing
        ),
        IManagerErrors::PriceDeviation(e) => format!(
            "the price (tick {}) is more than {} ticks from its time-weighted mean (tick {}): wait until it settles, or raise --max-tick-deviation",
            e.tick, e.maxTickDeviation, e.twapTick
        ),
        IManagerErrors::AmountBelowMinimum(e) => format!(
            "the old position pays out {} and {}, less than the minimum: plan again, or raise --slippage-percent",
            e.amount0, e.amount1
        ),
        IManagerErrors::LiquidityBelowMinimum(e) => format!(
            "the new position would have liquidity {}, below the minimum of {}: plan again, or raise --slippage-percent",
            e.liquidity, e.minLiquidity
        ),
        IManagerErrors::SwapIncomplete(e) => {
            format!(
                "the pool could swap only {} of {}: it is too shallow for this range",
                e.swapped, e.wanted
            )
        }
        IManagerErrors::CallFailed(e) => format!("a call to {} failed: {}", e.target, explain(&e.reason)),
        other => trim(&format!("{other:?}")),
    }
}

fn entry_point(error: IEntryPointErrors) -> String {
    match error {
        IEntryPointErrors::FailedOp(e) => format!("the user operation was refused: {}", e.reason),
        IEntryPointErrors::FailedOpWithRevert(e) => {
            format!("the user operation was refused: {}: {}", e.reason, explain(&e.inner))
        }
    }
}

/// `Name(Name { .. })`, as enums of errors print, says its name twice.
fn trim(debug: &str) -> String {
    debug
        .split_once('(')
        .map_or(debug, |(_, rest)| rest.strip_suffix(')').unwrap_or(rest))
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bindings::{IArbWasm, IManager};
    use alloy::primitives::{Address, U256};

    #[test]
    fn known_errors_are_told_in_words() {
        let late = IManager::DeadlinePassed {
            deadline: U256::from(5),
            timestamp: U256::from(7),
        };
        assert!(explain(&late.abi_encode()).contains("deadline 5 has passed"));
        let nested = IManager::CallFailed {
            target: Address::ZERO,
            reason: Revert::from("STF").abi_encode().into(),
        };
        assert!(explain(&nested.abi_encode()).ends_with("failed: \"STF\""));
        assert_eq!(explain(&IArbWasm::ProgramUpToDate {}.abi_encode()), "ProgramUpToDate");
        assert_eq!(explain(&[0xde, 0xad, 0xbe, 0xef]), "unknown error 0xdeadbeef");
    }
}
