//! Who keeps a position, and what it takes to move it: the one part that knows a position manager.

use alloy_primitives::{Address, U256};
use hedgerow_program::host::Host;

use crate::{errors::Revert, swap::Mix, venue::Venue};

/// A position of the account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// Its number there; in events it is known by this and [`Custody::source`].
    pub id: U256,
    /// The pool that it is in.
    pub venue: Venue,
    /// Its ends.
    pub range: (i32, i32),
    /// Its liquidity.
    pub liquidity: u128,
}

/// What a position paid out, as its keeper tells it. What arrived is another matter: the ledger measures that.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Payout {
    /// Token0 and token1 of the liquidity.
    pub principal: [U256; 2],
    /// Token0 and token1 of fees, and of liquidity that was withdrawn before and not collected.
    pub fees: [U256; 2],
}

impl Payout {
    /// Of what was withdrawn, and what was then collected in all.
    pub fn new(principal: [U256; 2], paid: [U256; 2]) -> Self {
        Self {
            principal,
            fees: [
                paid[0].saturating_sub(principal[0]),
                paid[1].saturating_sub(principal[1]),
            ],
        }
    }

    /// Both together.
    pub fn total(&self) -> [U256; 2] {
        [
            self.principal[0].saturating_add(self.fees[0]),
            self.principal[1].saturating_add(self.fees[1]),
        ]
    }
}

/// Liquidity that was added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Minted {
    /// The position that it is in.
    pub id: U256,
    /// How much.
    pub liquidity: u128,
    /// Token0 and token1 that went into it.
    pub amounts: [U256; 2],
}

/// A keeper of positions: Uniswap's position manager ([`crate::nft::Nft`]), or the pool itself ([`crate::direct::Direct`]).
///
/// The actions are written against this trait alone. A keeper of another design must guarantee:
/// - `find` succeeds only for a position of the account itself, and computes the pool's address from the code that made it
///   (CREATE2), never takes it from an answer or the caller: the swap's callback is opened to that address;
/// - the account is the recipient of everything paid out and the owner of everything minted;
/// - nothing is left behind that others could use: allowances are exactly what they were before;
/// - no more than [`Mix::taken`] of the account's tokens can leave, whatever the keeper asks for;
/// - a failure of any call is a revert (`CallFailed` with its reason), never a result.
pub trait Custody {
    /// How a caller names a position.
    type Name;
    /// How a caller names a pool in which there is no position yet.
    type Key;

    /// The pool of that name.
    fn venue<H: Host>(&self, host: &H, key: &Self::Key) -> Result<Venue, Revert>;

    /// What stands beside the id in events.
    fn source(&self, venue: &Venue) -> Address;

    /// The position, once it is certain that the account owns it. Its liquidity may be zero.
    fn find<H: Host>(&self, host: &H, name: &Self::Name) -> Result<Held, Revert>;

    /// Withdraws all liquidity and everything owed.
    fn pay_out<H: Host>(&self, host: &H, held: &Held) -> Result<Payout, Revert>;

    /// Takes the fees, token0 and token1, and leaves the liquidity.
    fn collect<H: Host>(&self, host: &H, held: &Held) -> Result<[U256; 2], Revert>;

    /// Mints a new position from what `mix` takes.
    fn mint<H: Host>(&self, host: &H, venue: &Venue, range: (i32, i32), mix: &Mix) -> Result<Minted, Revert>;

    /// Adds what `mix` takes to a position.
    fn increase<H: Host>(&self, host: &H, held: &Held, mix: &Mix) -> Result<Minted, Revert>;

    /// Removes what is left of a position that was paid out.
    fn discard<H: Host>(&self, host: &H, held: &Held) -> Result<(), Revert>;
}
