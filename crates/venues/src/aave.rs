//! Aave v3: collateral is lent, the volatile token borrowed and sold in the position's own pool, by a margin account.

use alloy_primitives::{Address, U256};
use alloy_sol_types::{SolCall, SolError};
use hedgerow_core::{full_math::mul_div, hedging::Market};
use hedgerow_positions::errors::{OrRevert, Revert};
use hedgerow_program::{
    abi::{Word, address, head, revert, uint, uint128},
    host::Host,
    put, words,
};
use hedgerow_terms::{
    hedging::Where,
    interfaces::{
        IFeed,
        IMargin::{coverCall, shortCall, supplyCall, termsCall, withdrawCall},
        IMarginFactory,
        hedges::IHedges,
    },
};

use crate::{
    book::foreign,
    interfaces::{IAaveOracle, IAavePool, IAddressesProvider, IToken},
    venue::{COLLATERAL, Traded, VOLATILE, Venue},
};

/// The kind of this venue in the interface's `Venue`.
pub const AAVE_V3: u8 = 1;

/// Words of the interface's `MarginTerms`.
const TERMS: usize = 6;
/// Words of what `getReserveData` answers with.
const RESERVE: usize = 15;
/// A wad in which a health factor is told, per thousandth.
const WAD_PER_THOUSANDTH: u64 = 1_000_000_000_000_000;

/// Why a reserve refuses, as the interface's `ReserveClosed` numbers it.
mod why {
    pub const INACTIVE: u8 = 1;
    pub const FROZEN: u8 = 2;
    pub const PAUSED: u8 = 3;
    pub const NOT_LENT_OUT: u8 = 4;
    pub const NO_COLLATERAL: u8 = 5;
}

/// A market of Aave v3 and the pool in which a hedge trades.
///
/// Whose market and whose factory these are, the owner says, as with a position manager: one that lies reaches nothing but the
/// collateral that was paid in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AaveV3 {
    /// The factory of margin accounts; zero where none is to be found or made.
    pub margins: Address,
    /// Aave's pool.
    pub market: Address,
    /// The position's pool.
    pub swap_pool: Address,
    /// Its tokens.
    pub tokens: [Address; 2],
    /// Which of them is borrowed.
    pub volatile: u8,
    /// The e-mode category; zero for none.
    pub e_mode: u8,
}

impl AaveV3 {
    /// The venue that a call names, for a position in this pool. Errors: `InvalidHedge` of a venue that is not known, or a token that
    /// the pool does not have.
    #[inline(never)]
    pub fn named(named: &Where, pool: &hedgerow_positions::venue::Venue) -> Result<Self, Revert> {
        if named.kind != AAVE_V3 {
            return Err(invalid(0));
        }
        if named.volatile > 1 {
            return Err(invalid(3));
        }
        Ok(Self {
            margins: named.margins,
            market: named.market,
            swap_pool: pool.pool,
            tokens: pool.tokens,
            volatile: named.volatile,
            e_mode: named.e_mode,
        })
    }

    /// The venue of a margin account, as that knows it itself: it was compared with what the position is in when it was opened.
    #[inline(never)]
    pub fn of<H: Host>(host: &H, account: &Address) -> Result<Self, Revert> {
        let [market, swap_pool, token0, token1, volatile, e_mode] = terms(host, account)?;
        Ok(Self {
            margins: Address::ZERO,
            market: address(&market),
            swap_pool: address(&swap_pool),
            tokens: [address(&token0), address(&token1)],
            volatile: volatile[31] & 1,
            e_mode: e_mode[31],
        })
    }

    /// The volatile token, or the collateral.
    pub fn asset(&self, which: usize) -> &Address {
        &self.tokens[(usize::from(self.volatile) + which) & 1]
    }

    /// Whether selling the volatile token sells token0.
    pub fn sells_token0(&self) -> bool {
        self.volatile == 0
    }

    /// A call of the factory's, which answers with an account.
    #[inline(never)]
    fn ask_factory<H: Host>(&self, host: &H, selector: [u8; 4], salt: &Word, make: bool) -> Result<Address, Revert> {
        let mut call = [[0; 32]; 3 + TERMS];
        put!(call; head(selector), host.this(), salt, self.market, self.swap_pool, self.tokens[0], self.tokens[1],
            self.volatile, self.e_mode);
        let mut answer = [[0; 32]];
        let answered = if make {
            // Its caller is the owner.
            put!(call; [0; 32], head(selector));
            host.send(&self.margins, &call[1..], &mut answer)
        } else {
            host.view(&self.margins, &call, &mut answer)
        };
        answered.or_revert(host, &self.margins)?;
        Ok(address(&answer[0]))
    }

    /// The prices of both tokens in the market's base currency, and the greater age of their feeds. A price that the oracle
    /// refuses to tell is zero, a feed that does not say when it answered is of the greatest age.
    #[inline(never)]
    fn prices<H: Host>(&self, host: &H) -> Result<([U256; 2], u64), Revert> {
        let provider = view(host, &self.market, &[head(IAavePool::ADDRESSES_PROVIDERCall::SELECTOR)])?;
        let provider = address(&provider);
        let oracle = view(
            host,
            &provider,
            &[head(IAddressesProvider::getPriceOracleCall::SELECTOR)],
        )?;
        let oracle = address(&oracle);
        let (mut prices, mut age) = ([U256::ZERO; 2], 0);
        for (which, price) in prices.iter_mut().enumerate() {
            let asset = self.asset(which);
            let call = words![head(IAaveOracle::getAssetPriceCall::SELECTOR), asset];
            if let Ok(word) = host.view_word(&oracle, &call) {
                *price = uint(&word);
            }
            age = age.max(feed_age(host, &oracle, asset));
        }
        Ok((prices, age))
    }

    /// Of the e-mode category: its liquidation threshold, and whether it prices its assets by a source of its own.
    #[inline(never)]
    fn category<H: Host>(&self, host: &H) -> Result<(u32, bool), Revert> {
        let call = words![head(IAavePool::getEModeCategoryDataCall::SELECTOR), self.e_mode];
        let mut words = [[0; 32]; 5];
        host.view(&self.market, &call, &mut words)
            .or_revert(host, &self.market)?;
        Ok((uint128(&words[2]) as u32 & 0xffff, words[4] != [0; 32]))
    }

    /// What counts of the collateral, in basis points.
    #[inline(never)]
    fn threshold<H: Host>(&self, host: &H, account: &Address, collateral: &Reserve, category: u32) -> u32 {
        let own = collateral.bits(16, 16) as u32;
        if self.e_mode == 0 {
            return own;
        }
        // Since 3.2 a reserve does not name its category any more; an account that holds collateral tells what counts for it.
        match self.account_data(host, account) {
            Ok(words) if words[3] != [0; 32] => uint128(&words[3]) as u32,
            _ if collateral.bits(168, 8) as u8 == self.e_mode => category,
            _ => own,
        }
    }

    #[inline(never)]
    fn account_data<H: Host>(&self, host: &H, account: &Address) -> Result<[Word; 6], Revert> {
        let mut words = [[0; 32]; 6];
        let call = words![head(IAavePool::getUserAccountDataCall::SELECTOR), account];
        host.view(&self.market, &call, &mut words)
            .or_revert(host, &self.market)?;
        Ok(words)
    }
}

impl Venue for AaveV3 {
    fn account_of<H: Host>(&self, host: &H, salt: &Word) -> Result<Address, Revert> {
        self.ask_factory(host, IMarginFactory::marginOfCall::SELECTOR, salt, false)
    }

    fn open<H: Host>(&self, host: &H, salt: &Word) -> Result<Address, Revert> {
        self.ask_factory(host, IMarginFactory::openCall::SELECTOR, salt, true)
    }

    #[inline(never)]
    fn require<H: Host>(&self, host: &H, account: &Address) -> Result<(), Revert> {
        let wanted = words![
            self.market,
            self.swap_pool,
            self.tokens[0],
            self.tokens[1],
            self.volatile,
            self.e_mode
        ];
        for (i, (found, wanted)) in terms(host, account)?.iter().zip(&wanted).enumerate() {
            if found != wanted {
                return Err(match i {
                    4 => invalid(3),
                    5 => invalid(4),
                    _ => foreign(&address(wanted), &address(found)),
                });
            }
        }
        Ok(())
    }

    #[inline(never)]
    fn market<H: Host>(&self, host: &H, account: &Address) -> Result<Market, Revert> {
        let reserves = [
            Reserve::read(host, &self.market, self.asset(VOLATILE))?,
            Reserve::read(host, &self.market, self.asset(COLLATERAL))?,
        ];
        let [volatile, collateral] = &reserves;
        let (mut prices, price_age) = self.prices(host)?;
        let mut category = 0;
        if self.e_mode != 0 {
            let (threshold, priced) = self.category(host)?;
            category = threshold;
            if priced {
                // One price for all of a category's assets is none to hedge by.
                prices = [U256::ZERO; 2];
            }
        }
        let debt = volatile.token(10);
        Ok(Market {
            debt: balance(host, &debt, account)?,
            collateral: balance(host, &collateral.token(8), account)?,
            prices,
            price_age,
            decimals: reserves.each_ref().map(|reserve| reserve.bits(48, 8) as u8),
            threshold: self.threshold(host, account, collateral, category),
            borrow_rate: uint(&volatile.0[4]),
            supply_rate: uint(&collateral.0[2]),
            borrowable: {
                let lent = balance(host, self.asset(VOLATILE), &volatile.token(8))?;
                lent.min(volatile.left(80, &total(host, &debt)?))
            },
            suppliable: {
                let accrued = mul_div(uint(&collateral.0[12]), uint(&collateral.0[1]), RAY).unwrap_or(U256::MAX);
                collateral.left(116, &total(host, &collateral.token(8))?.saturating_add(accrued))
            },
            withdrawable: balance(host, self.asset(COLLATERAL), &collateral.token(8))?,
            closed: [volatile.closed_to_borrowers(), collateral.closed_to_lenders()],
            stuck: [volatile.stuck(), collateral.stuck()],
        })
    }

    fn health<H: Host>(&self, host: &H, account: &Address) -> Result<u32, Revert> {
        let factor = uint(&self.account_data(host, account)?[5]);
        let thousandths = mul_div(factor, U256::ONE, U256::from(WAD_PER_THOUSANDTH));
        Ok(thousandths.unwrap_or(U256::MAX).saturating_to())
    }

    fn enlarge<H: Host>(
        &self,
        host: &H,
        account: &Address,
        amount: &U256,
        limit: &U256,
        pay_out: &U256,
    ) -> Result<Traded, Revert> {
        trade(host, account, shortCall::SELECTOR, amount, limit, pay_out)
    }

    fn reduce<H: Host>(&self, host: &H, account: &Address, amount: &U256, limit: &U256) -> Result<Traded, Revert> {
        trade(host, account, coverCall::SELECTOR, amount, limit, &U256::ZERO)
    }

    fn supply<H: Host>(&self, host: &H, account: &Address) -> Result<(), Revert> {
        let call = [head(supplyCall::SELECTOR)];
        host.send(account, &call, &mut []).or_revert(host, account)
    }

    fn withdraw<H: Host>(&self, host: &H, account: &Address, amount: &U256) -> Result<(), Revert> {
        let call = words![head(withdrawCall::SELECTOR), amount];
        host.send(account, &call, &mut []).or_revert(host, account)
    }
}

/// One, as Aave tells rates and indexes.
const RAY: U256 = U256::from_limbs([0x9fd0_803c_e800_0000, 0x033b_2e3c, 0, 0]);

/// What Aave has of a token: the words of `getReserveData`.
struct Reserve([Word; RESERVE]);

impl Reserve {
    /// Errors: `ReserveClosed` of a token that the market does not have.
    #[inline(never)]
    fn read<H: Host>(host: &H, market: &Address, asset: &Address) -> Result<Self, Revert> {
        let mut words = [[0; 32]; RESERVE];
        let call = words![head(IAavePool::getReserveDataCall::SELECTOR), asset];
        host.view(market, &call, &mut words).or_revert(host, market)?;
        if words[8] == [0; 32] {
            return Err(closed(asset, why::INACTIVE));
        }
        Ok(Self(words))
    }

    /// So many bits of the configuration, at most 64.
    #[inline(never)]
    fn bits(&self, from: usize, count: u32) -> u64 {
        (uint(&self.0[0]) >> from).as_limbs()[0] & u64::MAX >> (64 - count)
    }

    fn bit(&self, at: usize) -> bool {
        self.bits(at, 1) != 0
    }

    fn token(&self, word: usize) -> Address {
        self.0.get(word).map_or(Address::ZERO, address)
    }

    /// What a cap of 36 bits, in whole tokens, leaves beyond a total; without a cap everything.
    #[inline(never)]
    fn left(&self, cap: usize, total: &U256) -> u128 {
        let cap = self.bits(cap, 36);
        if cap == 0 {
            return u128::MAX;
        }
        let unit = 10_u128.saturating_pow(self.bits(48, 8) as u32);
        u128::from(cap)
            .saturating_mul(unit)
            .saturating_sub(total.saturating_to())
    }

    /// Why nothing at all can be done with it; zero where something can.
    fn stuck(&self) -> u8 {
        match (self.bit(56), self.bit(60)) {
            (false, _) => why::INACTIVE,
            (_, true) => why::PAUSED,
            _ => 0,
        }
    }

    fn shut(&self) -> u8 {
        match self.stuck() {
            0 if self.bit(57) => why::FROZEN,
            stuck => stuck,
        }
    }

    fn closed_to_borrowers(&self) -> u8 {
        match self.shut() {
            0 if !self.bit(58) => why::NOT_LENT_OUT,
            shut => shut,
        }
    }

    /// Collateral in isolation, which has a debt ceiling, would let others decide what can be borrowed against it.
    fn closed_to_lenders(&self) -> u8 {
        match self.shut() {
            0 if self.bits(0, 16) == 0 || self.bits(212, 40) != 0 => why::NO_COLLATERAL,
            shut => shut,
        }
    }
}

/// The terms that a margin account was made for.
#[inline(never)]
fn terms<H: Host>(host: &H, account: &Address) -> Result<[Word; TERMS], Revert> {
    let mut words = [[0; 32]; TERMS];
    host.view(account, &[head(termsCall::SELECTOR)], &mut words)
        .or_revert(host, account)?;
    Ok(words)
}

#[inline(never)]
fn trade<H: Host>(
    host: &H,
    account: &Address,
    selector: [u8; 4],
    amount: &U256,
    limit: &U256,
    pay_out: &U256,
) -> Result<Traded, Revert> {
    let mut answer = [[0; 32]; 2];
    host.send(account, &words![head(selector), amount, limit, pay_out], &mut answer)
        .or_revert(host, account)?;
    Ok(Traded {
        amount: uint(&answer[0]),
        swapped: uint(&answer[1]),
    })
}

/// Seconds since the feed of an asset last answered; the greatest integer where nobody says.
#[inline(never)]
fn feed_age<H: Host>(host: &H, oracle: &Address, asset: &Address) -> u64 {
    let call = words![head(IAaveOracle::getSourceOfAssetCall::SELECTOR), asset];
    let mut round = [[0; 32]; 5];
    let answered = host.view_word(oracle, &call).and_then(|source| {
        let call = [head(IFeed::latestRoundDataCall::SELECTOR)];
        host.view(&address(&source), &call, &mut round)
    });
    match (answered, u64::try_from(uint(&round[3]))) {
        (Ok(()), Ok(updated)) if updated != 0 => host.timestamp().saturating_sub(updated),
        _ => u64::MAX,
    }
}

#[inline(never)]
fn view<H: Host>(host: &H, to: &Address, call: &[Word]) -> Result<Word, Revert> {
    host.view_word(to, call).or_revert(host, to)
}

#[inline(never)]
fn balance<H: Host>(host: &H, token: &Address, of: &Address) -> Result<u128, Revert> {
    let call = words![head(IToken::balanceOfCall::SELECTOR), of];
    Ok(uint(&view(host, token, &call)?).saturating_to())
}

#[inline(never)]
fn total<H: Host>(host: &H, token: &Address) -> Result<U256, Revert> {
    view(host, token, &[head(IToken::totalSupplyCall::SELECTOR)]).map(|word| uint(&word))
}

/// `ReserveClosed`.
#[cold]
#[inline(never)]
pub fn closed(asset: &Address, why: u8) -> Revert {
    revert(IHedges::ReserveClosed::SELECTOR, &words![asset, why])
}

/// `InvalidHedge`.
#[cold]
#[inline(never)]
pub fn invalid(field: u8) -> Revert {
    revert(IHedges::InvalidHedge::SELECTOR, &words![field])
}
