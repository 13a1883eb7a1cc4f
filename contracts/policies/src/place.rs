//! Which position: the interface's `Place`.

use alloy_primitives::{Address, U256};
use hedgerow_positions::{
    direct::{self, PoolKey},
    nft::Nft,
};
use hedgerow_program::{
    abi::{Encode, Malformed, Word, strict, uint},
    host::Host,
    uniswap, words,
};

/// Words of the interface's `Place`.
pub const PLACE: usize = 8;

/// How a call names a position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A position manager and its NFT.
    Nft(Nft, U256),
    /// A pool and a range.
    Direct(PoolKey, (i32, i32)),
}

impl Place {
    /// The struct's words, read as strictly as Solidity reads them. One encoding for each: what belongs to the other kind is zero.
    #[inline(never)]
    pub fn decode(words: &[Word; PLACE]) -> Result<Self, Malformed> {
        let [manager, id, factory, token0, token1, fee, lower, upper] = words;
        let manager = strict::address(manager)?;
        let key = PoolKey {
            factory: strict::address(factory)?,
            tokens: [strict::address(token0)?, strict::address(token1)?],
            fee: strict::uint24(fee)?,
        };
        let range = (strict::int24(lower)?, strict::int24(upper)?);
        let zero = |words: &[Word]| words.as_flattened().iter().all(|byte| *byte == 0);
        if manager.is_zero() && zero(&words[..2]) {
            return Ok(Self::Direct(key, range));
        }
        if !manager.is_zero() && zero(&words[2..]) {
            return Ok(Self::Nft(Nft { manager }, uint(id)));
        }
        Err(Malformed)
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
}

/// The book's key of a position: `keccak256(abi.encode(source, id))`.
pub fn key<H: Host>(host: &H, (source, id): &(Address, U256)) -> Word {
    host.keccak256(words![source, id].as_flattened())
}
