//! A position and its keeper, of whichever kind. A choice made while it runs: the actions compiled once for each kind would make the
//! program, and so every entry, half as dear again.

use alloy_primitives::{Address, U256};
use hedgerow_positions::{
    custody::{Custody, Held, Minted, Payout},
    direct::{Direct, PoolKey},
    errors::Revert,
    nft::Nft,
    swap::Mix,
};
use hedgerow_program::host::Host;

/// How a call names a position.
pub enum Named {
    /// A position manager and its NFT.
    Nft(Nft, U256),
    /// A pool and a range.
    Direct(PoolKey, (i32, i32)),
}

impl Named {
    /// The position, once it is certain that it is the account's own.
    #[inline(never)]
    pub fn find<H: Host>(&self, host: &H) -> Result<Kept, Revert> {
        Ok(match self {
            Self::Nft(nft, id) => Kept {
                held: nft.find(host, id)?,
                keeper: Keeper::Nft(*nft),
            },
            Self::Direct(key, range) => Kept {
                held: Direct.find(host, &(*key, *range))?,
                keeper: Keeper::Direct,
            },
        })
    }
}

/// Who keeps a position.
#[derive(Clone, Copy)]
pub enum Keeper {
    /// A position manager.
    Nft(Nft),
    /// The pool itself.
    Direct,
}

/// A position of the account, and who keeps it.
pub struct Kept {
    /// The position.
    pub held: Held,
    /// Its keeper.
    pub keeper: Keeper,
}

impl Kept {
    /// What stands beside the id in events.
    pub fn source(&self) -> Address {
        match &self.keeper {
            Keeper::Nft(nft) => nft.source(&self.held.venue),
            Keeper::Direct => Direct.source(&self.held.venue),
        }
    }

    /// Whether it is nothing but its fees: no liquidity is left in it.
    pub fn is_empty(&self) -> bool {
        self.held.liquidity == 0
    }

    /// Withdraws all liquidity, where there is any, and everything owed.
    #[inline(never)]
    pub fn pay_out<H: Host>(&self, host: &H) -> Result<Payout, Revert> {
        if self.is_empty() {
            return Ok(Payout {
                principal: [U256::ZERO; 2],
                fees: self.collect(host)?,
            });
        }
        match &self.keeper {
            Keeper::Nft(nft) => nft.pay_out(host, &self.held),
            Keeper::Direct => Direct.pay_out(host, &self.held),
        }
    }

    /// Takes the fees and leaves the liquidity.
    #[inline(never)]
    pub fn collect<H: Host>(&self, host: &H) -> Result<[U256; 2], Revert> {
        match &self.keeper {
            Keeper::Nft(nft) => nft.collect(host, &self.held),
            Keeper::Direct => Direct.collect(host, &self.held),
        }
    }

    /// Removes what is left of it.
    #[inline(never)]
    pub fn discard<H: Host>(&self, host: &H) -> Result<(), Revert> {
        match &self.keeper {
            Keeper::Nft(nft) => nft.discard(host, &self.held),
            Keeper::Direct => Direct.discard(host, &self.held),
        }
    }

    /// Has a keeper mint `range` in the position's pool from what `mix` takes.
    #[inline(never)]
    pub fn mint<H: Host>(&self, host: &H, keeper: &Keeper, range: (i32, i32), mix: &Mix) -> Result<Minted, Revert> {
        match keeper {
            Keeper::Nft(nft) => nft.mint(host, &self.held.venue, range, mix),
            Keeper::Direct => Direct.mint(host, &self.held.venue, range, mix),
        }
    }
}
