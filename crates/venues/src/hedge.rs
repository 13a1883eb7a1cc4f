//! A position's hedge, as the account and the venue have it.

use alloy_primitives::{Address, U256};
use hedgerow_core::{
    full_math::mul_div,
    hedging::{Market, Record, Terms},
};
use hedgerow_positions::{errors::Revert, venue::Venue as PoolVenue};
use hedgerow_program::{abi::Word, host::Storage};
use hedgerow_terms::{
    hedging::Where,
    store::{Store, ZERO},
};

use crate::{
    aave::{AAVE_V3, AaveV3},
    book::{self, Entry},
    price::Price,
    venue::Venue,
};

/// How many salts are tried for a position whose margin account serves another hedge by now.
const SALTS: u32 = 8;

/// A hedge that is there, or the one that would be opened.
pub struct Hedge {
    /// Where it lives.
    pub venue: AaveV3,
    /// Its own account there; of a hedge that would be opened, where that would be.
    pub margin: Address,
    /// The salt that makes it; nothing where it is open.
    pub salt: Option<Word>,
    /// What is remembered of it; the default where nothing is.
    pub record: Record,
    /// What it owes and holds, and what the venue says.
    pub market: Market,
}

impl Hedge {
    /// The hedge of a position in this pool, or the one that would be opened for it.
    ///
    /// Errors: `ForeignVenue` and `InvalidHedge` where the hedge that is there is another one, `CallFailed` of a factory or a market
    /// that does not answer.
    #[inline(never)]
    pub fn find<H: Storage>(
        host: &H,
        store: &Store,
        position_key: &Word,
        named: &Where,
        pool: &PoolVenue,
    ) -> Result<Self, Revert> {
        let venue = AaveV3::named(named, pool)?;
        let entry = book::entry(host, store, position_key);
        let (margin, salt) = if entry.is_none() {
            let (margin, salt) = unused(host, store, &venue, position_key)?;
            (margin, Some(salt))
        } else {
            venue.require(host, &entry.margin)?;
            (entry.margin, None)
        };
        let record = match salt {
            Some(_) => Record::default(),
            None => book::record(host, store, &margin),
        };
        let market = venue.market(host, &margin)?;
        Ok(Self {
            venue,
            margin,
            salt,
            record,
            market,
        })
    }

    /// The hedge of an entry in the book, by what its margin account says itself.
    #[inline(never)]
    pub fn of<H: Storage>(host: &H, store: &Store, entry: &Entry) -> Result<Self, Revert> {
        let venue = AaveV3::of(host, &entry.margin)?;
        Ok(Self {
            margin: entry.margin,
            salt: None,
            record: book::record(host, store, &entry.margin),
            market: venue.market(host, &entry.margin)?,
            venue,
        })
    }

    /// Begins the record of a hedge that is opened now.
    ///
    /// What its margin account has already, because a wipe forgot it or somebody gave it, counts as paid in at today's price: it is
    /// neither profit nor loss of this hedge.
    #[inline(never)]
    pub fn begin(&mut self, terms: &Terms, price: &Price, now: u64) {
        if self.salt.is_none() {
            return;
        }
        let entry = terms.entry_sqrt_price;
        self.record = Record {
            entry_sqrt_price: if entry.is_zero() { price.sqrt_price } else { entry },
            opened_at: now,
            adjusted_at: now,
            paid_in: signed(self.market.collateral).saturating_sub(signed(self.owed(price.sqrt_price))),
            fees_earned: 0,
            borrowed: signed(self.market.debt),
            deposited: signed(self.market.collateral),
        };
    }

    /// Enters an opened hedge in the book, and what is remembered of it.
    #[inline(never)]
    pub fn keep<H: Storage>(&self, host: &H, store: &Store, position_key: &Word) {
        if self.salt.is_some() {
            let entry = Entry {
                margin: self.margin,
                kind: AAVE_V3,
                volatile: self.venue.volatile,
            };
            book::enter(host, store, position_key, &entry);
        }
        book::keep(host, store, &self.margin, &self.record);
    }

    /// What the debt is worth in raw collateral at a sqrt price; rounded down.
    fn owed(&self, sqrt_price: U256) -> u128 {
        in_collateral(&U256::from(self.market.debt), &sqrt_price, self.venue.volatile).saturating_to()
    }
}

/// What raw volatile token is worth in raw collateral at a sqrt price (Q64.96): `amount S^2` or `amount / S^2`; rounded down twice, the
/// greatest integer where it does not fit.
#[inline(never)]
pub fn in_collateral(amount: &U256, sqrt_price: &U256, volatile: u8) -> U256 {
    let unit = U256::ONE << 96_usize;
    let (by, per) = if volatile == 0 {
        (*sqrt_price, unit)
    } else {
        (unit, *sqrt_price)
    };
    let once = mul_div(*amount, by, per);
    once.and_then(|once| mul_div(once, by, per)).unwrap_or(U256::MAX)
}

/// As a signed integer; the greatest where it does not fit.
pub fn signed(amount: u128) -> i128 {
    i128::try_from(amount).unwrap_or(i128::MAX)
}

/// The first margin account of a position that serves no other hedge: the position's key is its salt, then that one's hash, and so on.
/// A hedge keeps its margin account when its position moves, so the next one in that place finds it taken.
#[inline(never)]
fn unused<H: Storage>(host: &H, store: &Store, venue: &AaveV3, position_key: &Word) -> Result<(Address, Word), Revert> {
    let mut salt = *position_key;
    for _ in 0..SALTS {
        let margin = venue.account_of(host, &salt)?;
        if book::record(host, store, &margin).opened_at == 0 {
            return Ok((margin, salt));
        }
        salt = host.keccak256(&salt);
    }
    Err(book::foreign(&venue.margins, &Address::from_slice(&ZERO[12..])))
}
