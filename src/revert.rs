//! Revert data in words: every custom error that the contracts in reach can raise, and what to do about those that a user can do
//! something about.

mod hedges;

use crate::bindings::{
    IArbWasm::IArbWasmErrors, IEntryPoint::IEntryPointErrors, IHedges::IHedgesErrors, ILens::ILensErrors,
    IManager::IManagerErrors, IMargin::IMarginErrors, IPolicies::IPoliciesErrors, ISessions::ISessionsErrors,
    IShell::IShellErrors, ITokenErrors::ITokenErrorsErrors, Preview::PreviewErrors,
};
use crate::{
    human,
    policy::{keys, words},
};
use alloy::{
    hex,
    sol_types::{Panic, Revert, SolError, SolInterface},
};
use hedgerow_core::policy::Reason;

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
    if let Ok(error) = IPoliciesErrors::abi_decode(data) {
        return policies(error);
    }
    if let Ok(error) = IHedgesErrors::abi_decode(data) {
        return hedges::hedges(error);
    }
    if let Ok(error) = IShellErrors::abi_decode(data) {
        return shell(error);
    }
    if let Ok(error) = IMarginErrors::abi_decode(data) {
        return hedges::margin(error);
    }
    if let Ok(error) = ISessionsErrors::abi_decode(data) {
        return sessions(error);
    }
    if let Ok(PreviewErrors::Unreadable(e)) = PreviewErrors::abi_decode(data) {
        return format!("{} does not answer as a token or pool does", e.target);
    }
    if let Ok(error) = ILensErrors::abi_decode(data) {
        return trim(&format!("{error:?}"));
    }
    if let Ok(error) = IEntryPointErrors::abi_decode(data) {
        return entry_point(error);
    }
    if let Ok(error) = ITokenErrorsErrors::abi_decode(data) {
        return token(error);
    }
    if let Ok(error) = IArbWasmErrors::abi_decode(data) {
        return trim(&format!("{error:?}"));
    }
    format!("unknown error {}", hex::encode_prefixed(data))
}

/// What tokens refuse.
fn token(error: ITokenErrorsErrors) -> String {
    match error {
        ITokenErrorsErrors::ERC20InsufficientBalance(e) => {
            format!("{} has {} raw units, and needs {}", e.sender, e.balance, e.needed)
        }
        ITokenErrorsErrors::ERC20InsufficientAllowance(e) => {
            format!(
                "{} may take {} raw units, and needs {}",
                e.spender, e.allowance, e.needed
            )
        }
    }
}

/// Uniswap v3 says why in one or three letters; those that a user can do something about get words.
fn uniswap(reason: &str) -> String {
    let words = match reason {
        "OLD" => {
            "the pool does not remember that many seconds: lower --twap-window (0 leaves the guard out), or have \
             increaseObservationCardinalityNext called on the pool and wait"
        }
        "LOK" => "the pool is not initialised, or is being used in the same call",
        "NP" => "the pool holds no such position",
        "M0" => "the pool got less token0 than it is owed",
        "M1" => "the pool got less token1 than it is owed",
        "IIA" => "the pool got less than the swap owes it",
        "TF" | "ST" | "STF" => "a token refused the transfer, or balance or allowance are too low",
        "LO" => "a tick of the range can take no more liquidity",
        "Not cleared" => "the old position is not empty yet",
        _ => return format!("{reason:?}"),
    };
    format!("{reason:?}: {words}")
}

const AGAIN: &str = "plan again, or raise --slippage-percent";

fn manager(error: IManagerErrors) -> String {
    match error {
        IManagerErrors::Unauthorised(e) => unauthorised(&e.caller.to_string()),
        IManagerErrors::ReentrantCall(_) => REENTRANT.into(),
        IManagerErrors::DeadlinePassed(e) => late(&e.deadline.to_string(), &e.timestamp.to_string()),
        IManagerErrors::NotOwner(e) => format!("position {} belongs to {}: use the owner's key", e.tokenId, e.owner),
        IManagerErrors::NoLiquidity(e) => format!("position {} holds no liquidity", e.id),
        IManagerErrors::InvalidRange(e) => format!(
            "the range {} to {} is empty, out of bounds or off the pool's tick spacing of {}",
            e.tickLower, e.tickUpper, e.tickSpacing
        ),
        IManagerErrors::NotOneSided(e) => format!(
            "between ticks {} and {} a position does not hold the one token it would have to at the pool's tick {}: wait until the \
             price has left the range, name a range on the same side of it, or use `rebalance`",
            e.tickLower, e.tickUpper, e.tick
        ),
        IManagerErrors::NothingToAdd(e) => format!(
            "there is nothing to add to position {}: no fees, or too little for one unit of liquidity",
            e.id
        ),
        IManagerErrors::ForeignFactory(e) => format!(
            "the pool's factory {} is not the position manager's, {}: name a pool of that one, or another --position-manager",
            e.factory, e.expected
        ),
        other => manager_limits(other),
    }
}

/// The limits that the caller stated, and what others said no to.
fn manager_limits(error: IManagerErrors) -> String {
    match error {
        IManagerErrors::PriceDeviation(e) => format!(
            "the price (tick {}) is more than {} ticks from its time-weighted mean (tick {}): wait until it settles, or raise --max-tick-deviation",
            e.tick, e.maxTickDeviation, e.twapTick
        ),
        IManagerErrors::AmountBelowMinimum(e) => format!(
            "the amounts are {} and {}, less than the minimum: {AGAIN}",
            e.amount0, e.amount1
        ),
        IManagerErrors::LiquidityBelowMinimum(e) => format!(
            "the position would have liquidity {}, below the minimum of {}: {AGAIN}",
            e.liquidity, e.minLiquidity
        ),
        IManagerErrors::SwapIncomplete(e) => format!(
            "the pool could swap only {} of {}: there is too little liquidity on that side; choose another range, or `exit` to both \
             tokens, which needs no swap",
            e.swapped, e.wanted
        ),
        IManagerErrors::CallFailed(e) => format!("a call to {} failed: {}", e.target, explain(&e.reason)),
        other => trim(&format!("{other:?}")),
    }
}

/// What policies refuse.
fn policies(error: IPoliciesErrors) -> String {
    match error {
        IPoliciesErrors::Paused(_) => "the account is paused: its owner has stopped keepers and session keys".into(),
        IPoliciesErrors::PolicyNotSet(e) if e.found.is_zero() => {
            format!(
                "no policy governs the position, or not any more (these terms are {})",
                e.policyId
            )
        }
        IPoliciesErrors::PolicyNotSet(e) => format!("the policy {} governs the position, not {}", e.found, e.policyId),
        IPoliciesErrors::PolicyUsed(e) => {
            format!("the terms {} were used before: give them another salt", e.policyId)
        }
        IPoliciesErrors::InvalidTerm(e) => {
            format!(
                "the policy's {} makes no sense: `hedgerow policy check` tells more",
                keys::of(e.rule, e.field)
            )
        }
        IPoliciesErrors::CeilingExceeded(e) => format!(
            "the policy's {} is beyond {}, which is the most that the code allows anybody",
            keys::of(e.rule, e.field),
            e.limit
        ),
        IPoliciesErrors::WrongKeeper(e) => format!("only {} may run this policy, not {}", e.keeper, e.caller),
        IPoliciesErrors::NotNow(e) => {
            let reason = Reason::from_code(e.reason).map_or("of an unknown reason", words::reason);
            format!("the policy does not act now: {reason}")
        }
        IPoliciesErrors::FeeExceedsMaximum(e) => {
            format!(
                "a fee of {} is more than the {} that this action allows or brings: ask for less",
                e.fee, e.maximum
            )
        }
        IPoliciesErrors::LossExceedsMaximum(e) => format!(
            "it would cost {}, and the policy allows {}: run it at a better price, or in the next period",
            human::percent(e.loss.saturating_to()),
            human::percent(e.maximum.saturating_to())
        ),
        IPoliciesErrors::DeployedBelowMinimum(e) => format!(
            "only {} would be liquidity, and the policy asks for {}: run it at a better price",
            human::percent(e.deployed.saturating_to()),
            human::percent(e.minimum.saturating_to())
        ),
        IPoliciesErrors::ForeignPool(e) => {
            format!("the positions are in different pools, {} and {}", e.pool, e.expected)
        }
        IPoliciesErrors::OrderExpired(e) => {
            late(&e.deadline.to_string(), &e.timestamp.to_string()).replace("plan again", "have a new one signed")
        }
        IPoliciesErrors::InvalidOrder(_) => {
            "the order is not signed by the account, or of another account, chain, shell or generation".into()
        }
    }
}

/// What session keys are refused.
fn sessions(error: ISessionsErrors) -> String {
    match error {
        ISessionsErrors::KeyNotActive(e) => {
            format!(
                "the session {} was never added, or was revoked: have the owner add it",
                e.keyId
            )
        }
        ISessionsErrors::KeyUsed(e) => format!("the terms {} were used before: give them another salt", e.keyId),
        ISessionsErrors::InvalidSession(e) => {
            format!(
                "term {} of the session makes no sense or is beyond what the code allows anybody",
                e.field
            )
        }
        ISessionsErrors::OutsideSession(e) => {
            format!(
                "the session is from {} to {}, and it is {}",
                e.start, e.expiry, e.timestamp
            )
        }
        ISessionsErrors::SpendLimitExceeded(e) => {
            format!(
                "{} of {} would have left, and the session allows {} in this period",
                e.spent, e.token, e.limit
            )
        }
        other => trim(&format!("{other:?}")),
    }
}

const REENTRANT: &str =
    "something called the account back while it was acting: a token or contract in reach is hostile or broken";

fn unauthorised(caller: &str) -> String {
    format!("{caller} may not act for this account")
}

fn late(deadline: &str, timestamp: &str) -> String {
    format!("the deadline {deadline} has passed (it is {timestamp}): plan again")
}

fn shell(error: IShellErrors) -> String {
    match error {
        IShellErrors::Unauthorised(e) => unauthorised(&e.caller.to_string()),
        IShellErrors::ReentrantCall(_) => REENTRANT.into(),
        IShellErrors::DeadlinePassed(e) => late(&e.deadline.to_string(), &e.timestamp.to_string()),
        IShellErrors::CallFailed(e) => format!("a call to {} failed: {}", e.target, explain(&e.reason)),
        IShellErrors::CallbackRefused(e) => format!("{} called back, but {} was expected to", e.caller, e.expected),
        IShellErrors::CallbackAmounts(e) => format!(
            "the pool asked for {} and {}, which no swap does",
            e.amount0Delta, e.amount1Delta
        ),
        IShellErrors::CallbackExceedsMaximum(e) => {
            format!("the pool asked for {}, more than the {} announced", e.amount, e.maximum)
        }
        IShellErrors::InvalidSignature(_) => "the signature is not the account's, or is of something else".into(),
        IShellErrors::NonceUsed(e) => format!(
            "nonce {} is not the account's next, {}: it was carried already, or others come first",
            e.nonce, e.expected
        ),
        IShellErrors::WrongExecutor(e) => {
            format!("only {} may carry this batch, not {}", e.executor, e.caller)
        }
        IShellErrors::InsufficientGas(e) => format!(
            "{} gas were left, and the owner asked for {}: send it with more",
            e.gasLeft, e.minGas
        ),
        IShellErrors::UnknownVersion(e) => format!(
            "the account's state was written by version {} and this is {}: `hedgerow account wipe` forgets it",
            e.found, e.expected
        ),
        IShellErrors::NotDelegated(e) => format!("{} is the shell itself and belongs to nobody", e.shell),
        IShellErrors::SafeERC20FailedOperation(e) => {
            format!("the token {} refused a transfer, or answered it with false", e.token)
        }
        other => trim(&format!("{other:?}")),
    }
}

/// What to do about those of the EntryPoint's codes that a user can do something about.
fn operation_remedy(reason: &str) -> Option<&'static str> {
    Some(match reason.get(..4)? {
        "AA21" => {
            "the account cannot pay for it: send it ether, deposit for it at the EntryPoint, or name a --paymaster"
        }
        "AA22" | "AA32" => "its time is over: plan again",
        "AA24" => "the account does not accept the signature: it is of another key, or of another operation",
        "AA25" => "its nonce was used: plan again",
        "AA31" => "the paymaster's deposit at the EntryPoint is used up",
        "AA34" => "the paymaster does not accept the signature: give the key that it trusts",
        _ => return None,
    })
}

fn entry_point(error: IEntryPointErrors) -> String {
    match error {
        IEntryPointErrors::FailedOp(e) => {
            let words = operation_remedy(&e.reason).map(|words| format!(": {words}"));
            format!(
                "the user operation was refused: {}{}",
                e.reason,
                words.unwrap_or_default()
            )
        }
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
    use crate::bindings::{IArbWasm, IManager, IShell};
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
            reason: Revert::from("whatever").abi_encode().into(),
        };
        assert!(explain(&nested.abi_encode()).ends_with("failed: \"whatever\""));
        assert_eq!(explain(&IArbWasm::ProgramUpToDate {}.abi_encode()), "ProgramUpToDate");
        assert_eq!(explain(&[0xde, 0xad, 0xbe, 0xef]), "unknown error 0xdeadbeef");
    }

    #[test]
    fn what_a_user_can_do_something_about_says_what() {
        let nothing = IManager::NothingToAdd { id: U256::from(9) };
        assert!(explain(&nothing.abi_encode()).contains("position 9: no fees"));
        let short = IManager::SwapIncomplete {
            wanted: U256::from(10),
            swapped: U256::ZERO,
        };
        assert!(explain(&short.abi_encode()).contains("`exit` to both"));
        let old = IShell::UnknownVersion { found: 7, expected: 1 };
        assert!(explain(&old.abi_encode()).contains("account wipe"));
        assert!(explain(&Revert::from("OLD").abi_encode()).contains("--twap-window"));
    }
}
