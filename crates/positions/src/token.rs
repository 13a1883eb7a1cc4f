//! ERC-20 calls that tolerate the tokens people hold: those that return nothing, and those whose `approve` refuses to
//! change one allowance into another.

use alloy_primitives::{Address, U256};
use alloy_sol_types::SolCall;
use hedgerow_program::{
    abi::{Word, call_data, head, uint},
    host::{Failed, Host},
    words,
};

use crate::interfaces::IERC20;

/// What the account holds of `token`.
#[inline(never)]
pub fn balance<H: Host>(host: &H, token: &Address) -> Result<U256, Failed> {
    let call = words![head(IERC20::balanceOfCall::SELECTOR), host.this()];
    host.view_word(token, &call).map(|word| uint(&word))
}

/// What `spender` may take of the account's `token`.
#[inline(never)]
pub fn allowance<H: Host>(host: &H, token: &Address, spender: &Address) -> Result<U256, Failed> {
    let call = words![head(IERC20::allowanceCall::SELECTOR), host.this(), spender,];
    host.view_word(token, &call).map(|word| uint(&word))
}

/// Changes what `spender` may take of `token` from `current` to `wanted`, through zero where both are not.
#[inline(never)]
pub fn set_allowance<H: Host>(
    host: &H,
    token: &Address,
    spender: &Address,
    current: &U256,
    wanted: &U256,
) -> Result<(), Failed> {
    if current == wanted {
        return Ok(());
    }
    if !current.is_zero() && !wanted.is_zero() {
        approve(host, token, spender, &U256::ZERO)?;
    }
    approve(host, token, spender, wanted)
}

/// Sends `amount` of the account's `token` to somebody.
pub fn transfer<H: Host>(host: &H, token: &Address, to: &Address, amount: &U256) -> Result<(), Failed> {
    act(host, token, words![head(IERC20::transferCall::SELECTOR), to, amount])
}

fn approve<H: Host>(host: &H, token: &Address, spender: &Address, amount: &U256) -> Result<(), Failed> {
    act(
        host,
        token,
        words![head(IERC20::approveCall::SELECTOR), spender, amount],
    )
}

/// A call succeeds when it does not revert and returns either nothing or `true`.
///
/// An address without code would pass as well: callers have read the token's balance before.
fn act<H: Host>(host: &H, token: &Address, call: [Word; 3]) -> Result<(), Failed> {
    let mut answer = [0; 32];
    match host.call(token, call_data(&call), &mut answer) {
        Some(0) => Ok(()),
        Some(length) if length >= 32 && uint(&answer) == U256::ONE => Ok(()),
        _ => Err(Failed),
    }
}
