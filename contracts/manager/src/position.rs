//! What the position manager does for the account: pay a position out, mint another, burn what is empty.

use alloy_primitives::{Address, U256};
use alloy_sol_types::{SolCall, SolError};
use hedgerow_program::{
    abi::{address, head, revert, uint, uint128},
    host::Host,
    uniswap::Position,
    words,
};

use crate::{
    errors::{OrRevert, Revert},
    interfaces::{IManager, INonfungiblePositionManager as Npm},
    swap::Mix,
    token,
};

/// A position that was minted.
pub struct Minted {
    /// Its NFT.
    pub token_id: U256,
    /// Its liquidity.
    pub liquidity: u128,
    /// Token0 and token1 that went into it.
    pub amounts: [U256; 2],
}

/// Refuses a position that the account does not own; one that does not exist fails in the position manager.
pub fn require_owned<H: Host>(host: &H, manager: &Address, token_id: &U256) -> Result<(), Revert> {
    let call = words![head(Npm::ownerOfCall::SELECTOR), token_id];
    let owner = address(&host.view_word(manager, &call).or_revert(host, manager)?);
    if owner == host.this() {
        return Ok(());
    }
    Err(revert(IManager::NotOwner::SELECTOR, &words![token_id, owner]))
}

/// Withdraws all liquidity, not less than `minimum` of either token, and collects it together with the fees.
pub fn pay_out<H: Host>(
    host: &H,
    manager: &Address,
    token_id: &U256,
    position: &Position,
    minimum: &[U256; 2],
) -> Result<(), Revert> {
    let decrease = words![
        head(Npm::decreaseLiquidityCall::SELECTOR),
        token_id,
        position.liquidity,
        // The minimum is held here, against what comes back, so that the refusal tells the amounts.
        U256::ZERO,
        U256::ZERO,
        U256::MAX,
    ];
    let mut amounts = [[0; 32]; 2];
    host.send(manager, &decrease, &mut amounts).or_revert(host, manager)?;
    if uint(&amounts[0]) < minimum[0] || uint(&amounts[1]) < minimum[1] {
        return Err(revert(IManager::AmountBelowMinimum::SELECTOR, &amounts));
    }
    let collect = words![
        head(Npm::collectCall::SELECTOR),
        token_id,
        host.this(),
        u128::MAX,
        u128::MAX,
    ];
    host.send(manager, &collect, &mut []).or_revert(host, manager)
}

/// Mints `[lower, upper]` in the old position's pool from what `mix` holds, with allowances for exactly what is taken, put
/// back afterwards to what they were.
pub fn mint<H: Host>(
    host: &H,
    manager: &Address,
    position: &Position,
    (lower, upper): (i32, i32),
    mix: &Mix,
    min_liquidity: u128,
) -> Result<Minted, Revert> {
    let tokens = [position.token0, position.token1];
    let found = [
        allow(host, &tokens[0], manager, &mix.taken[0])?,
        allow(host, &tokens[1], manager, &mix.taken[1])?,
    ];
    let call = words![
        head(Npm::mintCall::SELECTOR),
        tokens[0],
        tokens[1],
        position.fee,
        lower,
        upper,
        mix.held[0],
        mix.held[1],
        U256::ZERO,
        U256::ZERO,
        host.this(),
        U256::MAX,
    ];
    let mut words = [[0; 32]; 4];
    host.send(manager, &call, &mut words).or_revert(host, manager)?;
    let liquidity = uint128(&words[1]);
    if liquidity < min_liquidity {
        let arguments = words![liquidity, min_liquidity];
        return Err(revert(IManager::LiquidityBelowMinimum::SELECTOR, &arguments));
    }
    for (token, found) in tokens.into_iter().zip(found) {
        if let Some(found) = found {
            let left = token::allowance(host, &token, manager).or_revert(host, &token)?;
            token::set_allowance(host, &token, manager, &left, &found).or_revert(host, &token)?;
        }
    }
    Ok(Minted {
        token_id: uint(&words[0]),
        liquidity,
        amounts: [uint(&words[2]), uint(&words[3])],
    })
}

/// Lets `spender` take `amount`; returns the allowance that was there before, or nothing when there is nothing to take.
fn allow<H: Host>(host: &H, token: &Address, spender: &Address, amount: &U256) -> Result<Option<U256>, Revert> {
    if amount.is_zero() {
        return Ok(None);
    }
    let found = token::allowance(host, token, spender).or_revert(host, token)?;
    if found < *amount {
        token::set_allowance(host, token, spender, &found, amount).or_revert(host, token)?;
    }
    Ok(Some(found))
}

/// Burns the NFT of a position that was paid out.
pub fn burn<H: Host>(host: &H, manager: &Address, token_id: &U256) -> Result<(), Revert> {
    host.send(manager, &words![head(Npm::burnCall::SELECTOR), token_id], &mut [])
        .or_revert(host, manager)
}
