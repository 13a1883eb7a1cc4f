//! Positions kept by Uniswap's NonfungiblePositionManager, each an NFT.

use alloy_primitives::{Address, U256};
use alloy_sol_types::{SolCall, SolError};
use hedgerow_program::{
    abi::{Word, address, head, revert, uint, uint128},
    host::Host,
    uniswap, words,
};

use crate::{
    custody::{Custody, Held, Minted, Payout},
    errors::{OrRevert, Revert},
    interfaces::{IManager, INonfungiblePositionManager as Npm},
    swap::Mix,
    token,
    venue::Venue,
};

/// A position manager with Uniswap's interface. Whose it is, the caller says: one that lies about its positions can lie only to
/// those who name it, and reaches nothing but what it paid out itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Nft {
    /// Where it is.
    pub manager: Address,
}

impl Nft {
    /// The factory whose pools its positions are in.
    pub fn factory<H: Host>(&self, host: &H) -> Result<Address, Revert> {
        uniswap::factory(host, &self.manager).or_revert(host, &self.manager)
    }

    /// Refuses a position that the account does not own: `NotOwner`. One that does not exist fails in the position manager.
    pub fn require_owned<H: Host>(&self, host: &H, id: &U256) -> Result<(), Revert> {
        let call = words![head(Npm::ownerOfCall::SELECTOR), id];
        let owner = address(&host.view_word(&self.manager, &call).or_revert(host, &self.manager)?);
        if owner == host.this() {
            return Ok(());
        }
        Err(revert(IManager::NotOwner::SELECTOR, &words![id, owner]))
    }

    /// Token0 and token1 of everything owed, collected.
    #[inline(never)]
    fn collect_all<H: Host>(&self, host: &H, id: &U256) -> Result<[U256; 2], Revert> {
        let call = words![head(Npm::collectCall::SELECTOR), id, host.this(), u128::MAX, u128::MAX,];
        let mut paid = [[0; 32]; 2];
        self.send(host, &call, &mut paid)?;
        Ok([uint(&paid[0]), uint(&paid[1])])
    }

    /// Makes a call that adds liquidity, with allowances for exactly what `mix` takes, put back afterwards to what they were.
    #[inline(never)]
    fn with_allowances<H: Host>(
        &self,
        host: &H,
        tokens: &[Address; 2],
        mix: &Mix,
        call: &[Word],
        answer: &mut [Word],
    ) -> Result<(), Revert> {
        let manager = &self.manager;
        let mut found = [None; 2];
        for (i, found) in found.iter_mut().enumerate() {
            *found = allow(host, &tokens[i], manager, &mix.taken[i])?;
        }
        self.send(host, call, answer)?;
        for (token, found) in tokens.iter().zip(found) {
            if let Some(found) = found {
                let left = token::allowance(host, token, manager).or_revert(host, token)?;
                token::set_allowance(host, token, manager, &left, &found).or_revert(host, token)?;
            }
        }
        Ok(())
    }

    fn send<H: Host>(&self, host: &H, call: &[Word], answer: &mut [Word]) -> Result<(), Revert> {
        host.send(&self.manager, call, answer).or_revert(host, &self.manager)
    }
}

impl Custody for Nft {
    type Name = U256;
    /// Two tokens and a fee.
    type Key = ([Address; 2], u32);

    fn venue<H: Host>(&self, host: &H, (tokens, fee): &Self::Key) -> Result<Venue, Revert> {
        let factory = self.factory(host)?;
        Venue::new(host, &self.manager, &factory, *tokens, *fee)
    }

    fn source(&self, _: &Venue) -> Address {
        self.manager
    }

    fn find<H: Host>(&self, host: &H, id: &U256) -> Result<Held, Revert> {
        self.require_owned(host, id)?;
        let position = uniswap::position(host, &self.manager, id).or_revert(host, &self.manager)?;
        Ok(Held {
            id: *id,
            venue: self.venue(host, &([position.token0, position.token1], position.fee))?,
            range: (position.tick_lower, position.tick_upper),
            liquidity: position.liquidity,
        })
    }

    fn pay_out<H: Host>(&self, host: &H, held: &Held) -> Result<Payout, Revert> {
        let call = words![
            head(Npm::decreaseLiquidityCall::SELECTOR),
            held.id,
            held.liquidity,
            // The caller's minimum is held by the action, against what comes back, so that the refusal tells the amounts.
            U256::ZERO,
            U256::ZERO,
            U256::MAX,
        ];
        let mut principal = [[0; 32]; 2];
        self.send(host, &call, &mut principal)?;
        let paid = self.collect_all(host, &held.id)?;
        Ok(Payout::new([uint(&principal[0]), uint(&principal[1])], paid))
    }

    fn collect<H: Host>(&self, host: &H, held: &Held) -> Result<[U256; 2], Revert> {
        self.collect_all(host, &held.id)
    }

    fn mint<H: Host>(&self, host: &H, venue: &Venue, (lower, upper): (i32, i32), mix: &Mix) -> Result<Minted, Revert> {
        let call = words![
            head(Npm::mintCall::SELECTOR),
            venue.tokens[0],
            venue.tokens[1],
            venue.fee,
            lower,
            upper,
            mix.held[0],
            mix.held[1],
            U256::ZERO,
            U256::ZERO,
            host.this(),
            U256::MAX,
        ];
        let mut answer = [[0; 32]; 4];
        self.with_allowances(host, &venue.tokens, mix, &call, &mut answer)?;
        let [id, added @ ..] = &answer;
        Ok(minted(uint(id), added))
    }

    fn increase<H: Host>(&self, host: &H, held: &Held, mix: &Mix) -> Result<Minted, Revert> {
        let call = words![
            head(Npm::increaseLiquidityCall::SELECTOR),
            held.id,
            mix.held[0],
            mix.held[1],
            U256::ZERO,
            U256::ZERO,
            U256::MAX,
        ];
        let mut answer = [[0; 32]; 3];
        self.with_allowances(host, &held.venue.tokens, mix, &call, &mut answer)?;
        Ok(minted(held.id, &answer))
    }

    fn discard<H: Host>(&self, host: &H, held: &Held) -> Result<(), Revert> {
        let call = words![head(Npm::burnCall::SELECTOR), held.id];
        self.send(host, &call, &mut [])
    }
}

fn minted(id: U256, [liquidity, amount0, amount1]: &[Word; 3]) -> Minted {
    Minted {
        id,
        liquidity: uint128(liquidity),
        amounts: [uint(amount0), uint(amount1)],
    }
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
