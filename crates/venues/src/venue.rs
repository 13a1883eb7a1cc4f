//! Where hedges live.

use alloy_primitives::{Address, U256};
use hedgerow_core::hedging::Market;
use hedgerow_positions::errors::Revert;
use hedgerow_program::{abi::Word, host::Host};

/// The volatile token's place in a [`Market`]'s pairs, and the collateral's.
pub const VOLATILE: usize = 0;
/// See [`VOLATILE`].
pub const COLLATERAL: usize = 1;

/// What a trade came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traded {
    /// Raw volatile token sold or bought back.
    pub amount: U256,
    /// Raw collateral token that came or went for it.
    pub swapped: U256,
}

/// A place where a position's volatile token can be sold short against collateral in the other one: a money market, which lends it;
/// a perpetual, which books it; an option seller, whose delta it is; somebody else's liquidity, borrowed and taken apart.
///
/// The actions are written against this trait and the core alone. What of a hedge is arithmetic, the core does for every venue from
/// the [`Market`] that this one reads: the quote (`hedging::plan`: what is traded and paid in to reach a target), the value
/// (`hedging::accounts`: collateral less debt, at the pool's price), the cost of carry and what it is weighed against
/// (`hedging::outlook`). A perpetual says its short position as the debt, its margin as the collateral, its funding as the
/// borrow rate. A venue of another design must guarantee:
/// - a hedge has an account of its own there, which this account alone commands: what the owner holds at the venue otherwise is
///   neither read nor touched, and losses end with the hedge's collateral;
/// - nothing is left behind that others could use, no allowance above all; what is paid out goes to this account and nowhere else;
/// - `reduce` and `withdraw` are never refused for what only enlarging has to heed: prices, caps, rates, the gate;
/// - a failure of any call is a revert (`CallFailed` with its reason), never a result.
pub trait Venue {
    /// Where the account of this salt is, or would be.
    fn account_of<H: Host>(&self, host: &H, salt: &Word) -> Result<Address, Revert>;

    /// The same, made now if it is not there yet.
    fn open<H: Host>(&self, host: &H, salt: &Word) -> Result<Address, Revert>;

    /// Refuses an account that is not one of this venue, for these tokens and terms: `ForeignVenue`, `InvalidHedge`.
    fn require<H: Host>(&self, host: &H, account: &Address) -> Result<(), Revert>;

    /// What it owes and holds now, and what the venue says of the two tokens.
    fn market<H: Host>(&self, host: &H, account: &Address) -> Result<Market, Revert>;

    /// Its health as the venue itself reckons it, in thousandths, rounded down; the greatest integer without debt.
    fn health<H: Host>(&self, host: &H, account: &Address) -> Result<u32, Revert>;

    /// Sells `amount` of the volatile token short, against all collateral that was sent there: everything or less, where the price
    /// reaches `limit` before. Then pays out so much of the collateral.
    fn enlarge<H: Host>(
        &self,
        host: &H,
        account: &Address,
        amount: &U256,
        limit: &U256,
        pay_out: &U256,
    ) -> Result<Traded, Revert>;

    /// Gives back the volatile token that was sent there, then buys back `amount` of it with the hedge's own collateral: everything
    /// or less, where the price reaches `limit` before.
    fn reduce<H: Host>(&self, host: &H, account: &Address, amount: &U256, limit: &U256) -> Result<Traded, Revert>;

    /// Adds the collateral that was sent there.
    fn supply<H: Host>(&self, host: &H, account: &Address) -> Result<(), Revert>;

    /// Pays out so much collateral; all of it for the greatest integer.
    fn withdraw<H: Host>(&self, host: &H, account: &Address, amount: &U256) -> Result<(), Revert>;
}
