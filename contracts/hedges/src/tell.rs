//! What a change did, measured and told.

use alloy_primitives::{Address, I256, U256};
use alloy_sol_types::{SolError, SolEvent};
use hedgerow_core::{
    hedging::{Market, Pool, accounts, health},
    policy::Snapshot,
};
use hedgerow_positions::{
    errors::{OrRevert, Revert},
    interfaces::IManager,
    token,
};
use hedgerow_program::{
    abi::{Encode, Word, revert},
    host::{Host, Storage},
    words,
};
use hedgerow_terms::interfaces::hedges::IHedges;
use hedgerow_venues::{
    hedge::{Hedge, in_collateral, signed},
    venue::{COLLATERAL, Traded, VOLATILE, Venue},
};

/// What the account holds of the volatile token and the collateral.
pub type Purse = [U256; 2];

/// Reads it.
#[inline(never)]
pub fn purse<H: Host>(host: &H, hedge: &Hedge) -> Result<Purse, Revert> {
    let mut held = [U256::ZERO; 2];
    for (which, held) in held.iter_mut().enumerate() {
        let asset = hedge.venue.asset(which);
        *held = token::balance(host, asset).or_revert(host, asset)?;
    }
    Ok(held)
}

/// A change, before what it left is read.
pub struct Change<'a> {
    /// How events know the position.
    pub name: &'a (Address, U256),
    /// What the account held before it.
    pub before: Purse,
    /// The most of it that the hedge may have taken.
    pub named: Purse,
    /// What was sold, or bought back.
    pub traded: Traded,
    /// Whether it was sold.
    pub sold: bool,
    /// The sqrt price at which it is told.
    pub sqrt_price: U256,
    /// The position.
    pub snapshot: &'a Snapshot,
    /// Its pool.
    pub pool: &'a Pool,
}

/// What a change left.
pub struct Left {
    /// What the venue says of the hedge.
    pub market: Market,
    /// Its health in thousandths.
    pub health: u32,
    /// Raw collateral that came to the account.
    pub paid_out: U256,
}

impl Change<'_> {
    /// Reads what the change left, brings the record up to date, and tells: `Hedged`.
    ///
    /// Errors: `AmountBelowMinimum` where the account holds less than what was named leaves it.
    #[inline(never)]
    pub fn settle<H: Storage>(&self, host: &H, hedge: &mut Hedge) -> Result<Left, Revert> {
        let market = hedge.venue.market(host, &hedge.margin)?;
        let held = purse(host, hedge)?;
        let least = [
            self.before[0].saturating_sub(self.named[0]),
            self.before[1].saturating_sub(self.named[1]),
        ];
        if held[0] < least[0] || held[1] < least[1] {
            return Err(revert(
                IManager::AmountBelowMinimum::SELECTOR,
                &words![held[0], held[1]],
            ));
        }
        let paid_out = held[COLLATERAL].saturating_sub(self.before[COLLATERAL]);
        let given = self.before[VOLATILE].saturating_sub(held[VOLATILE]);
        let paid_in = self.before[COLLATERAL]
            .saturating_sub(held[COLLATERAL])
            .saturating_add(in_collateral(&given, &self.sqrt_price, hedge.venue.volatile));
        let paid_in = signed(paid_in.saturating_to()).saturating_sub(signed(paid_out.saturating_to()));
        let record = &mut hedge.record;
        record.paid_in = record.paid_in.saturating_add(paid_in);
        record.borrowed = record.borrowed.saturating_add(gain(hedge.market.debt, market.debt));
        record.deposited = record
            .deposited
            .saturating_add(gain(hedge.market.collateral, market.collateral));
        record.adjusted_at = self.snapshot.now;
        let left = Left {
            health: health(&market, market.debt, market.collateral),
            paid_out,
            market,
        };
        self.tell(host, hedge, &left, paid_in);
        Ok(left)
    }

    #[inline(never)]
    fn tell<H: Storage>(&self, host: &H, hedge: &Hedge, left: &Left, paid_in: i128) {
        let Left { market, health, .. } = left;
        let traded = I256::from_raw(self.traded.amount);
        let traded = if self.sold { traded } else { traded.wrapping_neg() };
        let mut words = [[0; 32]; 15];
        let head = words![
            IHedges::Hedged::SIGNATURE_HASH.0,
            self.name.0,
            self.name.1,
            hedge.margin,
            traded,
            self.traded.swapped,
            wide(paid_in),
            market.debt,
            market.collateral,
            thousandths(*health),
        ];
        words[..10].copy_from_slice(&head);
        let told = accounts(&hedge.record, market, self.pool, self.snapshot, self.sqrt_price);
        words[10..].copy_from_slice(&account_words(&told));
        host.log(4, &words);
    }
}

/// The words of the interface's `HedgeAccounts`.
#[inline(never)]
pub fn account_words(told: &hedgerow_core::hedging::Accounts) -> [Word; 5] {
    words![told.hedge, told.carry, told.fees, told.il, told.net]
}

/// An `int128` as the chain's integer.
pub fn wide(value: i128) -> I256 {
    let size = I256::from_raw(U256::from(value.unsigned_abs()));
    if value < 0 { size.wrapping_neg() } else { size }
}

/// A health as the interface tells it: without debt the greatest integer of all.
pub fn thousandths(health: u32) -> Word {
    if health == u32::MAX { [0xff; 32] } else { health.word() }
}

/// What the one has beyond the other, of either sign.
fn gain(before: u128, after: u128) -> i128 {
    signed(after).saturating_sub(signed(before))
}
