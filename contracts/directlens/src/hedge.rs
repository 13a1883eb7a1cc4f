//! The hedge of a position, as the account that owns both tells it.

use alloy_sol_types::SolCall;
use hedgerow_program::{
    abi::{Revert, Word, head, strict},
    host::{Host, MAX_REASON},
    put,
};

use crate::interface::IHedgingAccount;

/// Words of the interface's `Place`, of its `HedgeState` and of its `HedgeAccounts`.
const PLACE: usize = 8;
const STATE: usize = 10;
const ACCOUNTS: usize = 5;

/// `hedge(...)`. Reverts with the account's own reason.
pub fn hedge<H: Host>(
    host: &H,
    [account, place @ .., window]: &[Word; PLACE + 2],
    output: &mut [Word; STATE + ACCOUNTS],
) -> Result<(), Revert> {
    let account = strict::address(account)?;
    let mut call = [[0; 32]; PLACE + 2];
    put!(call; head(IHedgingAccount::hedgeOfCall::SELECTOR));
    for (slot, word) in call[1..].iter_mut().zip(place.iter().chain([window])) {
        *slot = *word;
    }
    let (state, accounts) = output.split_at_mut(STATE);
    host.view(&account, &call[..=PLACE], state)
        .map_err(|_| Revert(host.return_data(MAX_REASON)))?;
    put!(call; head(IHedgingAccount::hedgeAccountsCall::SELECTOR));
    host.view(&account, &call, accounts)
        .map_err(|_| Revert(host.return_data(MAX_REASON)))
}
