//! What an action may use: changes of the account's own balances, measured while it runs.

use alloy_primitives::{Address, U256};
use hedgerow_program::host::Host;

use crate::{
    errors::{OrRevert, Revert},
    token,
};

/// The balances of two tokens below which an action must not go.
pub struct Ledger {
    tokens: [Address; 2],
    floor: [U256; 2],
}

impl Ledger {
    /// Everything that the account holds now stays, but for what the caller `named`: at most that, and at most what there is.
    pub fn open<H: Host>(host: &H, tokens: &[Address; 2], named: &[U256; 2]) -> Result<Self, Revert> {
        let floor = above(host, tokens, named)?;
        Ok(Self { tokens: *tokens, floor })
    }

    /// What the account held when this was opened, less what was named.
    pub fn floor(&self) -> &[U256; 2] {
        &self.floor
    }

    /// What may be used now: what came since, and what is left of what was named.
    pub fn available<H: Host>(&self, host: &H) -> Result<[U256; 2], Revert> {
        above(host, &self.tokens, &self.floor)
    }
}

/// What the account holds beyond two amounts; zero where it holds less.
#[inline(never)]
fn above<H: Host>(host: &H, tokens: &[Address; 2], amounts: &[U256; 2]) -> Result<[U256; 2], Revert> {
    let mut beyond = [U256::ZERO; 2];
    for ((beyond, token), amount) in beyond.iter_mut().zip(tokens).zip(amounts) {
        *beyond = token::balance(host, token)
            .or_revert(host, token)?
            .saturating_sub(*amount);
    }
    Ok(beyond)
}
