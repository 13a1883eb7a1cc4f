//! Changing who keeps a position: a position manager or the pool itself. Same pool, same range, nothing swapped.

use alloc::vec::Vec;
use alloy_sol_types::{SolError, SolEvent};
use hedgerow_positions::{errors::Revert, interfaces::IManager, limits::Limits, nft::Nft, price::Guard};
use hedgerow_program::{
    abi::{Word, revert},
    host::Host,
    words,
};

use crate::{
    kept::{Keeper, Kept, Named},
    leave::no_liquidity,
    remint::{Again, remint},
};

/// Turns an NFT into a direct position of the same range, or adds it to the one that is there. Errors: those of
/// `IManager.toDirect`.
pub fn to_direct<H: Host>(host: &H, position: &Kept, limits: &Limits) -> Result<Vec<u8>, Revert> {
    let event = &IManager::ConvertedToDirect::SIGNATURE_HASH.0;
    convert(host, position, &Keeper::Direct, limits, event)
}

/// Turns a direct position into an NFT of the same range, of a position manager for the same factory. Errors: those of
/// `IManager.toNft`.
pub fn to_nft<H: Host>(
    host: &H,
    position: &Kept,
    nft: &Nft,
    named: &Named,
    limits: &Limits,
) -> Result<Vec<u8>, Revert> {
    let expected = nft.factory(host)?;
    if let Named::Direct(key, _) = named
        && key.factory != expected
    {
        let arguments = words![key.factory, expected];
        return Err(revert(IManager::ForeignFactory::SELECTOR, &arguments));
    }
    let event = &IManager::ConvertedToNft::SIGNATURE_HASH.0;
    convert(host, position, &Keeper::Nft(*nft), limits, event)
}

fn convert<H: Host>(host: &H, position: &Kept, to: &Keeper, limits: &Limits, event: &Word) -> Result<Vec<u8>, Revert> {
    if position.is_empty() {
        return Err(no_liquidity(position));
    }
    let market = Guard::begin(host, &position.held.venue.pool, limits)?;
    let to = (to, position.held.range);
    remint(host, position, to, &Again::Liquidity, &market, limits, event)
}
