//! What a call asks for.

use alloy_primitives::U256;
use alloy_sol_types::SolError;
use hedgerow_core::{
    hedging::{Target, Terms},
    policy::MILLION,
};
use hedgerow_positions::{errors::Revert, interfaces::IManager};
use hedgerow_program::{
    abi::{Malformed, Word, revert, strict, uint},
    host::Host,
    words,
};
use hedgerow_terms::hedging::{self, LIMITS as LIMIT_WORDS, TARGET, TERMS, VENUE, Where};
use hedgerow_venues::aave::invalid;

/// Words of the interface's `HedgeLimits`.
pub const LIMITS: usize = LIMIT_WORDS;
/// Words of a venue, a target, terms and limits.
pub const ORDER: usize = VENUE + TARGET + TERMS + LIMITS;
/// Health at which a debt is liquidated, in thousandths.
const LIQUIDATED: u32 = 1_000;

/// The interface's `HedgeLimits`.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Seconds of the time-weighted price; zero for spot, and no guard.
    pub window: u32,
    /// Ticks between spot and that price.
    pub max_deviation: u32,
    /// Raw collateral that is paid out on top.
    pub release: u128,
    /// Last timestamp.
    pub deadline: U256,
}

impl Limits {
    /// The struct's words, read as strictly as Solidity reads them.
    pub fn decode([window, deviation, release, deadline]: &[Word; LIMITS]) -> Result<Self, Malformed> {
        Ok(Self {
            window: strict::uint32(window)?,
            max_deviation: strict::uint24(deviation)?,
            release: strict::uint128(release)?,
            deadline: uint(deadline),
        })
    }

    /// Refuses a block later than the deadline: `DeadlinePassed`.
    pub fn require_in_time<H: Host>(&self, host: &H) -> Result<(), Revert> {
        let now = host.timestamp();
        if U256::from(now) <= self.deadline {
            return Ok(());
        }
        Err(revert(IManager::DeadlinePassed::SELECTOR, &words![self.deadline, now]))
    }
}

/// What a hedge is to be.
#[derive(Debug)]
pub struct Order {
    /// Where it lives.
    pub venue: Where,
    /// What should be owed.
    pub target: Target,
    /// What it may do.
    pub terms: Terms,
    /// The price guard of this call.
    pub limits: Limits,
}

impl Order {
    /// The words of the four structs, read as strictly as Solidity reads them.
    #[inline(never)]
    pub fn decode(words: &[Word; ORDER]) -> Result<Self, Malformed> {
        let (venue, words) = words.split_first_chunk().ok_or(Malformed)?;
        let (target, words) = words.split_first_chunk().ok_or(Malformed)?;
        let (terms, words) = words.split_first_chunk().ok_or(Malformed)?;
        Ok(Self {
            venue: Where::decode(venue)?,
            target: hedging::target(target)?,
            terms: hedging::terms(terms)?,
            limits: Limits::decode(words.first_chunk().ok_or(Malformed)?)?,
        })
    }

    /// Refuses what makes no sense: `InvalidHedge` with the field's place, counted through venue, target and terms.
    pub fn require_sane(&self) -> Result<(), Revert> {
        const FIRST_TERM: u8 = (VENUE + TARGET) as u8;
        if self.target.share > MILLION {
            return Err(invalid(VENUE as u8 + 1));
        }
        if self.terms.min_health <= LIQUIDATED {
            return Err(invalid(FIRST_TERM));
        }
        if self.terms.health < self.terms.min_health {
            return Err(invalid(FIRST_TERM + 1));
        }
        Ok(())
    }
}
