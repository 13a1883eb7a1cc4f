//! Which position: the interface's `Place`, and what is found there.

use alloy_primitives::{Address, U256};
use alloy_sol_types::SolCall;
use hedgerow_positions::{
    custody::{Custody, Held},
    direct::{self, Direct, PoolKey},
    errors::{OrRevert, Revert},
    nft::Nft,
    venue::Venue,
};
use hedgerow_program::{
    abi::{Malformed, Word, address, head, int24, strict, uint, uint32, uint128},
    held::{self, collectable},
    host::Host,
    uniswap, words,
};

use crate::{interfaces::IPositionManager, store::ZERO, terms::fit};

/// Words of the interface's `Place`.
pub const PLACE: usize = 8;
/// The width of each field in bits; see [`fit`].
const PLACE_BITS: [u8; PLACE] = [160, 0, 160, 160, 160, 24, 0, 0];

/// How a call names a position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A position manager and its NFT.
    Nft(Nft, U256),
    /// A pool and a range.
    Direct(PoolKey, (i32, i32)),
}

/// A position of the account.
pub struct Seen {
    /// What it is.
    pub held: Held,
    /// What the place itself records of it: the pool of a direct position, the position manager of an NFT.
    record: held::Held,
    /// Who holds it in the pool.
    holder: Option<Address>,
}

impl Place {
    /// The struct's words, read as strictly as Solidity reads them. One encoding for each: what belongs to the other kind is zero.
    #[inline(never)]
    pub fn decode(words: &[Word; PLACE]) -> Result<Self, Malformed> {
        fit(words, &PLACE_BITS)?;
        let [manager, id, factory, token0, token1, fee, lower, upper] = words;
        let manager = address(manager);
        let zero = |words: &[Word]| words.iter().all(|word| *word == ZERO);
        if !manager.is_zero() {
            return if zero(&words[2..]) {
                Ok(Self::Nft(Nft { manager }, uint(id)))
            } else {
                Err(Malformed)
            };
        }
        let key = PoolKey {
            factory: address(factory),
            tokens: [address(token0), address(token1)],
            fee: uint32(fee),
        };
        if !zero(&words[1..2]) {
            return Err(Malformed);
        }
        Ok(Self::Direct(key, (strict::int24(lower)?, strict::int24(upper)?)))
    }

    /// The position's source and id, by which events and the book know it. Nothing is called.
    #[inline(never)]
    pub fn name<H: Host>(&self, host: &H) -> (Address, U256) {
        match self {
            Self::Nft(nft, id) => (nft.manager, *id),
            Self::Direct(key, range) => (
                uniswap::pool_address(host, &key.factory, &key.tokens, key.fee),
                direct::id(host, *range),
            ),
        }
    }

    /// The place itself, or for a token id of zero the account's newest NFT there.
    pub fn newest<H: Host>(self, host: &H) -> Result<Self, Revert> {
        match self {
            Self::Nft(nft, id) if id.is_zero() => {
                let manager = &nft.manager;
                let count = words![head(IPositionManager::balanceOfCall::SELECTOR), host.this()];
                let count = uint(&host.view_word(manager, &count).or_revert(host, manager)?);
                let last = count.saturating_sub(U256::ONE);
                let last = words![
                    head(IPositionManager::tokenOfOwnerByIndexCall::SELECTOR),
                    host.this(),
                    last
                ];
                let id = host.view_word(manager, &last).or_revert(host, manager)?;
                Ok(Self::Nft(nft, uint(&id)))
            }
            other => Ok(other),
        }
    }

    /// The same position manager's NFT of another id, or the same pool's position of another range.
    pub fn moved(&self, id: U256, range: (i32, i32)) -> Self {
        match self {
            Self::Nft(nft, _) => Self::Nft(*nft, id),
            Self::Direct(key, _) => Self::Direct(*key, range),
        }
    }

    /// The position, once it is certain that it is the account's own.
    ///
    /// Errors: `NotOwner`, `CallFailed`.
    #[inline(never)]
    pub fn find<H: Host>(&self, host: &H) -> Result<Seen, Revert> {
        match self {
            Self::Nft(nft, id) => {
                nft.require_owned(host, id)?;
                let mut words = [[0; 32]; 12];
                let call = words![head(IPositionManager::positionsCall::SELECTOR), id];
                host.view(&nft.manager, &call, &mut words)
                    .or_revert(host, &nft.manager)?;
                let record = held::Held {
                    liquidity: uint128(&words[7]),
                    inside_last: [uint(&words[8]), uint(&words[9])],
                    owed: [uint128(&words[10]), uint128(&words[11])],
                };
                // Its leading bits are the manager's word: an answer must not carry more than its type holds.
                let fee = uint32(&words[4]) & 0x00ff_ffff;
                let key = ([address(&words[2]), address(&words[3])], fee);
                let held = Held {
                    id: *id,
                    venue: nft.venue(host, &key)?,
                    range: (int24(&words[5]), int24(&words[6])),
                    liquidity: record.liquidity,
                };
                Ok(Seen {
                    held,
                    record,
                    holder: Some(nft.manager),
                })
            }
            Self::Direct(key, range) => {
                let venue = Direct.venue(host, key)?;
                let id = direct::id(host, *range);
                let record = record(host, &venue, &words![id][0])?;
                let held = Held {
                    id,
                    venue,
                    range: *range,
                    liquidity: record.liquidity,
                };
                Ok(Seen {
                    held,
                    record,
                    holder: None,
                })
            }
        }
    }
}

impl Seen {
    /// What the position is owed, token0 and token1, were it touched now; `tick` is the pool's.
    #[inline(never)]
    pub fn fees<H: Host>(&self, host: &H, tick: i32) -> Result<[u128; 2], Revert> {
        let Held { venue, range, .. } = &self.held;
        let pool = &venue.pool;
        let (in_pool, account) = match &self.holder {
            Some(manager) => (
                record(host, venue, &held::key(host, manager, *range))?,
                Some(&self.record),
            ),
            None => (self.record, None),
        };
        collectable(host, pool, tick, *range, &in_pool, account).or_revert(host, pool)
    }
}

fn record<H: Host>(host: &H, venue: &Venue, key: &Word) -> Result<held::Held, Revert> {
    held::Held::read(host, &venue.pool, key).or_revert(host, &venue.pool)
}

/// The book's key of a position: `keccak256(abi.encode(source, id))`.
pub fn key<H: Host>(host: &H, (source, id): &(Address, U256)) -> Word {
    host.keccak256(words![source, id].as_flattened())
}
