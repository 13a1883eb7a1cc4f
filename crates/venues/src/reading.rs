//! A position, its pool, its hedge and the venue, as one program reads them and others ask for them: the interface's `HedgeReading`.

use alloy_primitives::{Address, U256};
use alloy_sol_types::SolCall;
use hedgerow_core::{
    hedging::{Market, Pool, Record},
    policy::Snapshot,
};
use hedgerow_positions::errors::Revert;
use hedgerow_program::{
    abi::{Word, address, head, int24, uint, uint32, uint64, uint128},
    host::{Host, MAX_REASON},
    put,
};
use hedgerow_terms::{hedging::VENUE, interfaces::hedges::IHedges, place::PLACE};

/// Words of the interface's `HedgeReading`.
pub const READING: usize = 40;

/// What all that is reckoned of a hedge is reckoned from.
pub struct Reading {
    /// The position's pool, or the one that its hedge trades in.
    pub pool: Address,
    /// The pool's tokens.
    pub tokens: [Address; 2],
    /// What of the pool a hedge depends on.
    pub terms: Pool,
    /// The pool and the position, of no liquidity where that is gone; what the chain and the account add is left out.
    pub snapshot: Snapshot,
    /// The hedge's account at the venue, or where that would be.
    pub margin: Address,
    /// Whether there is a hedge.
    pub opened: bool,
    /// What is remembered of it.
    pub record: Record,
    /// What it owes and holds, and what the venue says.
    pub market: Market,
}

impl Reading {
    /// Asks the account. The volatile token is the venue's. Errors: those of `readHedge`.
    #[inline(never)]
    pub fn ask<H: Host>(host: &H, place: &[Word; PLACE], venue: &[Word; VENUE]) -> Result<Self, Revert> {
        let mut call = [[0; 32]; 1 + PLACE + VENUE];
        let source = [head(IHedges::readHedgeCall::SELECTOR)];
        for (slot, word) in call.iter_mut().zip(source.iter().chain(place).chain(venue)) {
            *slot = *word;
        }
        let mut words = [[0; 32]; READING];
        match host.view(&host.this(), &call, &mut words) {
            Ok(()) => Ok(Self::decode(&words, venue[3][31])),
            Err(_) => Err(host.return_data(2 * MAX_REASON)),
        }
    }

    #[inline(never)]
    fn decode(words: &[Word; READING], volatile: u8) -> Self {
        let signed = |word: &Word| uint128(word) as i128;
        let mut snapshot = nothing();
        snapshot.spot_sqrt_price = uint(&words[6]);
        (snapshot.spot_tick, snapshot.spacing) = (int24(&words[7]), int24(&words[8]));
        snapshot.range = (int24(&words[9]), int24(&words[10]));
        snapshot.liquidity = uint128(&words[11]);
        snapshot.fees = [uint128(&words[12]), uint128(&words[13])];
        Self {
            pool: address(&words[0]),
            tokens: [address(&words[1]), address(&words[2])],
            terms: Pool {
                fee_pips: uint32(&words[3]),
                fee_growth: [uint(&words[4]), uint(&words[5])],
                volatile,
            },
            snapshot,
            margin: address(&words[14]),
            opened: words[15][31] == 1,
            record: Record {
                entry_sqrt_price: uint(&words[16]),
                opened_at: uint64(&words[17]),
                adjusted_at: uint64(&words[18]),
                paid_in: signed(&words[19]),
                fees_earned: uint128(&words[20]),
                borrowed: signed(&words[21]),
                deposited: signed(&words[22]),
            },
            market: Market {
                debt: uint128(&words[23]),
                collateral: uint128(&words[24]),
                prices: [uint(&words[25]), uint(&words[26])],
                price_age: uint64(&words[27]),
                decimals: [words[28][31], words[29][31]],
                threshold: uint32(&words[30]),
                borrow_rate: uint(&words[31]),
                supply_rate: uint(&words[32]),
                borrowable: uint128(&words[33]),
                suppliable: uint128(&words[34]),
                withdrawable: uint128(&words[35]),
                closed: [words[36][31], words[37][31]],
                stuck: [words[38][31], words[39][31]],
            },
        }
    }

    /// The words of the interface's struct.
    #[inline(never)]
    pub fn encode(&self) -> [Word; READING] {
        let (pool, at, record, market) = (&self.terms, &self.snapshot, &self.record, &self.market);
        let mut words = [[0; 32]; READING];
        put!(
            words;
            self.pool, self.tokens[0], self.tokens[1], pool.fee_pips, pool.fee_growth[0], pool.fee_growth[1],
            at.spot_sqrt_price, at.spot_tick, at.spacing, at.range.0, at.range.1, at.liquidity, at.fees[0], at.fees[1],
            self.margin, self.opened, record.entry_sqrt_price, record.opened_at, record.adjusted_at,
            wide(record.paid_in), record.fees_earned, wide(record.borrowed), wide(record.deposited),
            market.debt, market.collateral, market.prices[0], market.prices[1], market.price_age,
            market.decimals[0], market.decimals[1], market.threshold, market.borrow_rate, market.supply_rate,
            market.borrowable, market.suppliable, market.withdrawable,
            market.closed[0], market.closed[1], market.stuck[0], market.stuck[1],
        );
        words
    }
}

/// A pool and a position of which nothing is known yet.
pub const fn nothing() -> Snapshot {
    Snapshot {
        now: 0,
        paused: false,
        governed: false,
        base_fee: U256::ZERO,
        sequencer: None,
        spot_sqrt_price: U256::ZERO,
        spot_tick: 0,
        spacing: 1,
        range: (0, 1),
        liquidity: 0,
        fees: [0; 2],
    }
}

/// An `int128` as a word's integer.
fn wide(value: i128) -> U256 {
    let size = U256::from(value.unsigned_abs());
    if value < 0 { U256::ZERO.wrapping_sub(size) } else { size }
}
