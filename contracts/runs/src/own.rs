//! The owner's own actions, called as the account calls itself: what a policy does is nothing else.

use alloy_primitives::{Address, U256};
use alloy_sol_types::SolCall;
use hedgerow_core::policy::Proceeds;
use hedgerow_positions::{
    custody::Held,
    errors::{OrRevert, Revert},
    interfaces::{IManager, INonfungiblePositionManager as Npm, IUniswapV3Pool as Pool},
};
use hedgerow_program::{
    abi::{Encode, Word, head, uint},
    host::{Host, MAX_REASON},
    put, words,
};
use hedgerow_terms::store::ZERO;

use hedgerow_terms::place::{PLACE, Place};

/// The most words that a call takes: its head, a pool and a range, two amounts, seven limits.
const MOST: usize = 1 + 6 + 2 + LIMITS;
/// Words of the interface's `Limits`.
const LIMITS: usize = 7;

/// Whose actions are called: those of position managers or of direct positions, with which words, within which limits.
pub struct Own<'a> {
    /// The position, and the words by which it is named.
    pub place: &'a Place,
    /// See [`Own::place`].
    pub words: &'a [Word; PLACE],
    /// The interface's `Limits`.
    pub limits: [Word; LIMITS],
}

impl Own<'_> {
    /// `exit` or `exitDirect`.
    pub fn exit<H: Host>(&self, host: &H, proceeds: Proceeds) -> Result<U256, Revert> {
        let selectors = [IManager::exitCall::SELECTOR, IManager::exitDirectCall::SELECTOR];
        self.call(host, selectors, self.named(), &[U256::from(proceeds.code())])
    }

    /// `harvest` or `harvestDirect`.
    pub fn harvest<H: Host>(&self, host: &H) -> Result<U256, Revert> {
        let selectors = [IManager::harvestCall::SELECTOR, IManager::harvestDirectCall::SELECTOR];
        self.call(host, selectors, self.named(), &[])
    }

    /// `compound` or `compoundDirect`.
    pub fn compound<H: Host>(&self, host: &H) -> Result<U256, Revert> {
        let selectors = [IManager::compoundCall::SELECTOR, IManager::compoundDirectCall::SELECTOR];
        self.call(host, selectors, self.named(), &[])
    }

    /// Collects so much of one token that a position is owed, as the account, and leaves the rest; returns the position's id.
    #[inline(never)]
    pub fn collect<H: Host>(&self, host: &H, held: &Held, token: usize, amount: &U256) -> Result<U256, Revert> {
        if amount.is_zero() {
            return Ok(held.id);
        }
        let mut most = [U256::ZERO; 2];
        most[token & 1] = *amount;
        let (pool, (lower, upper)) = (&held.venue.pool, held.range);
        let mut words = words![ZERO, host.this(), lower, upper, most[0], most[1]];
        let (to, call) = match self.place {
            Place::Nft(nft, id) => {
                put!(words; ZERO, head(Npm::collectCall::SELECTOR), id, host.this());
                (&nft.manager, &words[1..])
            }
            Place::Direct(..) => {
                // A pool reckons what is owed when it is touched.
                let touch = words![head(Pool::burnCall::SELECTOR), lower, upper, 0_u32];
                host.send(pool, &touch, &mut []).or_revert(host, pool)?;
                put!(words; head(Pool::collectCall::SELECTOR));
                (pool, &words[..])
            }
        };
        host.send(to, call, &mut []).or_revert(host, to)?;
        Ok(held.id)
    }

    /// `open` or `openDirect`: at most these amounts go into another range of the same pool; returns the new position's id.
    pub fn open<H: Host>(
        &self,
        host: &H,
        pool: (&[Address; 2], u32),
        range: (i32, i32),
        amounts: &[U256; 2],
    ) -> Result<U256, Revert> {
        let selectors = [IManager::openCall::SELECTOR, IManager::openDirectCall::SELECTOR];
        let ([token0, token1], fee) = pool;
        let first = match self.place {
            Place::Nft(nft, _) => nft.manager,
            Place::Direct(key, _) => key.factory,
        };
        let mut named = [[0; 32]; 6];
        put!(named; first, token0, token1, fee, range.0, range.1);
        self.call(host, selectors, &named, amounts)
    }

    /// The words by which the actions know the position: of an NFT its two, of a direct position the other six.
    fn named(&self) -> &[Word] {
        match self.place {
            Place::Nft(..) => &self.words[..2],
            Place::Direct(..) => &self.words[2..],
        }
    }

    /// Calls the account; a reason to fail is its own.
    #[inline(never)]
    fn call<H: Host>(&self, host: &H, selectors: [[u8; 4]; 2], named: &[Word], more: &[U256]) -> Result<U256, Revert> {
        let direct = matches!(self.place, Place::Direct(..));
        let mut words = [[0; 32]; MOST];
        let mut length = 0;
        for part in [&[head(selectors[usize::from(direct)])], named] {
            length += append(&mut words, length, part);
        }
        for value in more {
            length += append(&mut words, length, &[value.word()]);
        }
        length += append(&mut words, length, &self.limits);
        let mut answer = [[0; 32]];
        let call = words.get(..length).unwrap_or_default();
        match host.send(&host.this(), call, &mut answer) {
            Ok(()) => Ok(uint(&answer[0])),
            // An action's own reason may quote another contract's.
            Err(_) => Err(host.return_data(2 * MAX_REASON)),
        }
    }
}

/// Copies words to a place; returns how many.
#[inline(never)]
fn append(words: &mut [Word], at: usize, part: &[Word]) -> usize {
    for (slot, word) in words.iter_mut().skip(at).zip(part) {
        *slot = *word;
    }
    part.len()
}
