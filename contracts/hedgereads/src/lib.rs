//! Hedge readings: the Stylus program that reads a position, its pool, its hedge and the venue, for the programs that reckon with them.
//!
//! It runs by delegatecall from the shell, so that the account it reads for is the EOA. It changes nothing; it stands apart because
//! what reads and what reckons together are more than a program may be.
#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

use alloc::vec::Vec;
use alloy_primitives::Address;
use alloy_sol_types::SolCall;
use hedgerow_core::hedging::Pool;
use hedgerow_positions::{
    errors::{OrRevert, Revert},
    pool,
    price::Spot,
    venue::Venue as PoolVenue,
};
use hedgerow_program::{
    abi::{Call, Malformed, Word, encode},
    host::Storage,
};
use hedgerow_terms::{
    hedging::{VENUE, Where},
    interfaces::hedges::IHedges,
    place::{self, PLACE, Place, Seen},
    store::Store,
};
use hedgerow_venues::{
    book,
    hedge::Hedge,
    price,
    reading::{Reading, nothing},
};

/// Answers one call. Malformed or unknown calldata reverts with nothing, as Solidity does.
pub fn answer<H: Storage>(host: &H, input: &[u8]) -> Result<Vec<u8>, Revert> {
    if !host.value().is_zero() {
        return Err(Revert::new());
    }
    let (selector, call) = Call::new(input)?;
    match selector.to_be_bytes() {
        IHedges::readHedgeCall::SELECTOR => {
            let (place, venue) = parted(call.head()?)?;
            Ok(encode(
                &read(host, &Place::decode(place)?, &Where::decode(venue)?)?.encode(),
            ))
        }
        _ => Err(Revert::new()),
    }
}

fn parted(words: &[Word; PLACE + VENUE]) -> Result<(&[Word; PLACE], &[Word; VENUE]), Malformed> {
    match (words.first_chunk(), words.last_chunk()) {
        (Some(place), Some(venue)) => Ok((place, venue)),
        _ => Err(Malformed),
    }
}

/// `readHedge`. A position that is gone is one of no liquidity, in the pool that its hedge trades in.
///
/// Errors: `NotOwner` of a position that is not the account's, where there is no hedge either; `ForeignVenue`, `InvalidHedge`,
/// `CallFailed`, `UnknownVersion`.
#[inline(never)]
fn read<H: Storage>(host: &H, place: &Place, named: &Where) -> Result<Reading, Revert> {
    let store = Store::open(host)?;
    let key = place::key(host, &place.name(host));
    match place.find(host) {
        Ok(seen) => {
            let venue = &seen.held.venue;
            let hedge = Hedge::find(host, &store, &key, named, venue)?;
            let terms = price::pool(host, venue, named.volatile)?;
            reading(host, hedge, terms, (venue.pool, venue.tokens), Some(&seen))
        }
        Err(gone) => {
            let entry = book::entry(host, &store, &key);
            if entry.is_none() {
                return Err(gone);
            }
            let hedge = Hedge::of(host, &store, &entry)?;
            let venue = PoolVenue {
                pool: hedge.venue.swap_pool,
                tokens: hedge.venue.tokens,
                fee: 0,
            };
            let terms = price::pool(host, &venue, hedge.venue.volatile)?;
            reading(host, hedge, terms, (venue.pool, venue.tokens), None)
        }
    }
}

#[inline(never)]
fn reading<H: Storage>(
    host: &H,
    hedge: Hedge,
    terms: Pool,
    (pool, tokens): (Address, [Address; 2]),
    seen: Option<&Seen>,
) -> Result<Reading, Revert> {
    let spot = Spot::read(host, &pool)?;
    let mut snapshot = nothing();
    (snapshot.spot_sqrt_price, snapshot.spot_tick) = (spot.sqrt_price, spot.tick);
    snapshot.spacing = pool::tick_spacing(host, &pool).or_revert(host, &pool)?;
    if let Some(seen) = seen {
        (snapshot.range, snapshot.liquidity) = (seen.held.range, seen.held.liquidity);
        snapshot.fees = seen.fees(host, spot.tick)?;
    }
    Ok(Reading {
        pool,
        tokens,
        terms,
        snapshot,
        margin: hedge.margin,
        opened: hedge.salt.is_none(),
        record: hedge.record,
        market: hedge.market,
    })
}

hedgerow_program::entrypoint!(answer);
