//! What a call asks for: which position, what is to be done with it, within which limits.

use alloc::vec::Vec;
use alloy_sol_types::SolCall;
use hedgerow_positions::{direct::PoolKey, errors::Revert, interfaces::IManager, limits::Limits, nft::Nft};
use hedgerow_program::{
    abi::{Call, Malformed, Word, strict, uint},
    host::Host,
};

use crate::{convert, kept::Named, leave, leave::Proceeds, walk};

/// What is to be done with a position.
enum Task {
    Harvest,
    Exit(Proceeds),
    Walk((i32, i32)),
    ToDirect,
    ToNft(Nft),
}

/// One call.
pub struct Order {
    named: Named,
    task: Task,
    limits: Limits,
}

impl Order {
    /// The arguments of the function with this selector, read as strictly as Solidity reads them.
    pub fn decode(selector: u32, call: &Call<'_>) -> Result<Self, Malformed> {
        let (named, task, limits) = match selector.to_be_bytes() {
            IManager::harvestCall::SELECTOR => {
                let [manager, id, limits @ ..] = call.head::<9>()?;
                (nft(manager, id)?, Task::Harvest, limits)
            }
            IManager::exitCall::SELECTOR => {
                let [manager, id, proceeds, limits @ ..] = call.head::<10>()?;
                (nft(manager, id)?, Task::Exit(Proceeds::decode(proceeds)?), limits)
            }
            IManager::walkCall::SELECTOR => {
                let [manager, id, lower, upper, limits @ ..] = call.head::<11>()?;
                (nft(manager, id)?, Task::Walk(range(lower, upper)?), limits)
            }
            IManager::toDirectCall::SELECTOR => {
                let [manager, id, limits @ ..] = call.head::<9>()?;
                (nft(manager, id)?, Task::ToDirect, limits)
            }
            IManager::harvestDirectCall::SELECTOR => {
                let [a, b, c, d, e, f, limits @ ..] = call.head::<13>()?;
                (direct([a, b, c, d, e, f])?, Task::Harvest, limits)
            }
            IManager::exitDirectCall::SELECTOR => {
                let [a, b, c, d, e, f, proceeds, limits @ ..] = call.head::<14>()?;
                let task = Task::Exit(Proceeds::decode(proceeds)?);
                (direct([a, b, c, d, e, f])?, task, limits)
            }
            IManager::walkDirectCall::SELECTOR => {
                let [a, b, c, d, e, f, lower, upper, limits @ ..] = call.head::<15>()?;
                (direct([a, b, c, d, e, f])?, Task::Walk(range(lower, upper)?), limits)
            }
            IManager::toNftCall::SELECTOR => {
                let [manager, a, b, c, d, e, f, limits @ ..] = call.head::<14>()?;
                let manager = strict::address(manager)?;
                (direct([a, b, c, d, e, f])?, Task::ToNft(Nft { manager }), limits)
            }
            _ => return Err(Malformed),
        };
        Ok(Self {
            named,
            task,
            limits: Limits::decode(limits)?,
        })
    }

    /// Carries it out; everything or nothing.
    pub fn run<H: Host>(&self, host: &H) -> Result<Vec<u8>, Revert> {
        let limits = &self.limits;
        limits.require_in_time(host)?;
        let position = self.named.find(host)?;
        match &self.task {
            Task::Harvest => leave::harvest(host, &position, limits),
            Task::Exit(proceeds) => leave::exit(host, &position, *proceeds, limits),
            Task::Walk(range) => walk::run(host, &position, *range, limits),
            Task::ToDirect => convert::to_direct(host, &position, limits),
            Task::ToNft(nft) => convert::to_nft(host, &position, nft, &self.named, limits),
        }
    }
}

#[inline(never)]
fn nft(manager: &Word, id: &Word) -> Result<Named, Malformed> {
    let manager = strict::address(manager)?;
    Ok(Named::Nft(Nft { manager }, uint(id)))
}

#[inline(never)]
fn direct([factory, token0, token1, fee, lower, upper]: [&Word; 6]) -> Result<Named, Malformed> {
    let key = PoolKey {
        factory: strict::address(factory)?,
        tokens: [strict::address(token0)?, strict::address(token1)?],
        fee: strict::uint24(fee)?,
    };
    Ok(Named::Direct(key, range(lower, upper)?))
}

fn range(lower: &Word, upper: &Word) -> Result<(i32, i32), Malformed> {
    Ok((strict::int24(lower)?, strict::int24(upper)?))
}
