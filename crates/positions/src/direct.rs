//! Positions that the pool itself keeps for the account: known by pool and range, no NFT, no position manager.

use alloy_primitives::{Address, U256};
use alloy_sol_types::SolCall;
use hedgerow_program::{
    abi::{Encode, Word, head, uint, uint128},
    held,
    host::Host,
    words,
};

use crate::{
    custody::{Custody, Held, Minted, Payout},
    errors::{OrRevert, Revert},
    interfaces::IUniswapV3Pool as Pool,
    slots::ZERO,
    swap::{Mix, announce},
    venue::Venue,
};

/// The interface's `PoolKey`: what a pool's CREATE2 address is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolKey {
    /// The pool's factory.
    pub factory: Address,
    /// The pool's tokens.
    pub tokens: [Address; 2],
    /// The pool's fee in hundredths of a basis point.
    pub fee: u32,
}

/// The pool as the keeper of its owner's position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Direct;

impl Custody for Direct {
    type Name = (PoolKey, (i32, i32));
    type Key = PoolKey;

    fn venue<H: Host>(&self, host: &H, key: &PoolKey) -> Result<Venue, Revert> {
        Venue::new(host, &key.factory, &key.factory, key.tokens, key.fee)
    }

    fn source(&self, venue: &Venue) -> Address {
        venue.pool
    }

    fn find<H: Host>(&self, host: &H, (key, range): &Self::Name) -> Result<Held, Revert> {
        let venue = self.venue(host, key)?;
        let id = id(host, *range);
        let mut words = [[0; 32]; 5];
        let call = words![head(Pool::positionsCall::SELECTOR), id];
        host.view(&venue.pool, &call, &mut words).or_revert(host, &venue.pool)?;
        Ok(Held {
            id,
            venue,
            range: *range,
            liquidity: uint128(&words[0]),
        })
    }

    fn pay_out<H: Host>(&self, host: &H, held: &Held) -> Result<Payout, Revert> {
        let principal = burn(host, held, held.liquidity)?;
        Ok(Payout::new(principal, collect(host, held)?))
    }

    fn collect<H: Host>(&self, host: &H, held: &Held) -> Result<[U256; 2], Revert> {
        // A pool reckons what is owed when it is touched, and refuses to be where nothing is.
        if held.liquidity != 0 {
            burn(host, held, 0)?;
        }
        collect(host, held)
    }

    fn mint<H: Host>(&self, host: &H, venue: &Venue, (lower, upper): (i32, i32), mix: &Mix) -> Result<Minted, Revert> {
        let [token0, token1] = &venue.tokens;
        let pool = venue.pool.word();
        announce(host, &pool, 0, &token0.word(), &mix.taken[0].word());
        announce(host, &pool, 1, &token1.word(), &mix.taken[1].word());
        let call = words![
            head(Pool::mintCall::SELECTOR),
            host.this(),
            lower,
            upper,
            mix.liquidity,
            // Where the callback's data begins, and that there is none.
            160_u32,
            0_u32,
        ];
        let amounts = send(host, &venue.pool, &call)?;
        announce(host, &ZERO, 0, &ZERO, &ZERO);
        announce(host, &ZERO, 1, &ZERO, &ZERO);
        Ok(Minted {
            id: id(host, (lower, upper)),
            liquidity: mix.liquidity,
            amounts,
        })
    }

    fn increase<H: Host>(&self, host: &H, held: &Held, mix: &Mix) -> Result<Minted, Revert> {
        self.mint(host, &held.venue, held.range, mix)
    }

    fn discard<H: Host>(&self, _: &H, _: &Held) -> Result<(), Revert> {
        Ok(())
    }
}

/// The pool's key of the account's position: `keccak256(owner ‖ tickLower ‖ tickUpper)`, packed.
pub fn id<H: Host>(host: &H, range: (i32, i32)) -> U256 {
    uint(&held::key(host, &host.this(), range))
}

fn burn<H: Host>(host: &H, held: &Held, liquidity: u128) -> Result<[U256; 2], Revert> {
    let (lower, upper) = held.range;
    let call = words![head(Pool::burnCall::SELECTOR), lower, upper, liquidity];
    send(host, &held.venue.pool, &call)
}

fn collect<H: Host>(host: &H, held: &Held) -> Result<[U256; 2], Revert> {
    let (lower, upper) = held.range;
    let call = words![
        head(Pool::collectCall::SELECTOR),
        host.this(),
        lower,
        upper,
        u128::MAX,
        u128::MAX,
    ];
    send(host, &held.venue.pool, &call)
}

fn send<H: Host>(host: &H, pool: &Address, call: &[Word]) -> Result<[U256; 2], Revert> {
    let mut answer = [[0; 32]; 2];
    host.send(pool, call, &mut answer).or_revert(host, pool)?;
    Ok([uint(&answer[0]), uint(&answer[1])])
}
