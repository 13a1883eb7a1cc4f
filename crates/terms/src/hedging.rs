//! The terms of hedges as calls bring them, and the hash by which the account knows a keeper's hedge policy.

use alloy_primitives::{Address, b256};
use hedgerow_core::{
    hedging::{HedgeRule, Kind, Target, Terms},
    policy::Guards,
};
use hedgerow_program::{
    abi::{Call, Malformed, Word, address, strict, uint, uint32, uint64, uint128},
    host::Host,
};

use crate::{
    place::PLACE,
    terms::{GUARDS, GUARDS_TYPE, fit, guards, struct_hash},
};

/// Words of the interface's `Venue`.
pub const VENUE: usize = 5;
/// Words of the interface's `HedgeTarget`.
pub const TARGET: usize = 3;
/// Words of the interface's `HedgeTerms`.
pub const TERMS: usize = 15;
/// Words of the interface's `HedgeRule`.
pub const RULE: usize = 9;
/// Words of the interface's `HedgeLimits`.
pub const LIMITS: usize = 4;
/// Words of a place and a hedge policy.
pub const POLICY: usize = PLACE + VENUE + GUARDS + TERMS + RULE;

/// The EIP-712 type hashes of `Venue`, `HedgeTerms`, `HedgeRule`, and
/// `HedgePolicy(Venue venue,Guards guards,HedgeTerms terms,HedgeRule rule)` with all of them.
const VENUE_TYPE: Word = b256!("ad20886aca43a5b34bfb4e134b2701fd2ba73e23e193d1436db225535024faae").0;
const TERMS_TYPE: Word = b256!("d52c24e7a86eefe83f23d88311c215783ccd7c8ea73ee541d038c1dc4bdd9c09").0;
const RULE_TYPE: Word = b256!("5a727fcbf5e0c6d7466927d955f8ebaab33853dbcd4db5697a7306cc764cb854").0;
const POLICY_TYPE: Word = b256!("9c3752dd4cb459f5b9086c245bdf93983dcf72e2075849c0014d0eb5779587d4").0;

/// The widths of fields in bits, as of the guards: a `bool` counts as one, an `int24` as none and is read strictly.
const VENUE_BITS: [u8; VENUE] = [8, 160, 160, 8, 8];
const TARGET_BITS: [u8; TARGET] = [8, 24, 128];
const TERMS_BITS: [u8; TERMS] = [32, 32, 128, 128, 24, 32, 24, 32, 0, 32, 1, 64, 0, 0, 160];
const RULE_BITS: [u8; RULE] = [8, 24, 24, 24, 24, 1, 32, 32, 24];

/// The interface's `Venue`: where a hedge lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Where {
    /// 1: Aave v3.
    pub kind: u8,
    /// The factory of margin accounts.
    pub margins: Address,
    /// Aave's pool.
    pub market: Address,
    /// Which of the pool's tokens is borrowed; whoever acts on it has to refuse more than 1.
    pub volatile: u8,
    /// Aave's e-mode category; 0 for none.
    pub e_mode: u8,
}

impl Where {
    /// The struct's words, read as strictly as Solidity reads them.
    #[inline(never)]
    pub fn decode(words: &[Word; VENUE]) -> Result<Self, Malformed> {
        fit(words, &VENUE_BITS)?;
        Ok(Self {
            kind: words[0][31],
            margins: address(&words[1]),
            market: address(&words[2]),
            volatile: words[3][31],
            e_mode: words[4][31],
        })
    }
}

/// The interface's `HedgeTarget`, read as strictly as Solidity reads it; a kind that is none is malformed.
#[inline(never)]
pub fn target(words: &[Word; TARGET]) -> Result<Target, Malformed> {
    fit(words, &TARGET_BITS)?;
    Ok(Target {
        kind: Kind::from_code(words[0][31]).ok_or(Malformed)?,
        share: uint32(&words[1]),
        amount: uint128(&words[2]),
    })
}

/// The interface's `HedgeTerms`, read as strictly as Solidity reads them.
#[inline(never)]
pub fn terms(words: &[Word; TERMS]) -> Result<Terms, Malformed> {
    fit(words, &TERMS_BITS)?;
    Ok(Terms {
        min_health: uint32(&words[0]),
        health: uint32(&words[1]),
        max_collateral: uint128(&words[2]),
        min_trade: uint128(&words[3]),
        max_oracle_deviation: uint32(&words[4]),
        max_oracle_age: uint32(&words[5]),
        max_borrow_rate: uint32(&words[6]),
        horizon: uint32(&words[7]),
        margin: strict::int24(&words[8])?,
        vol_window: uint32(&words[9]),
        override_gate: words[10][31] == 1,
        fees_since: uint64(&words[11]),
        fee_growth: [uint(&words[12]), uint(&words[13])],
        entry_sqrt_price: uint(&words[14]),
    })
}

/// The interface's `HedgeRule`, read as strictly as Solidity reads it; a target that is none is malformed.
#[inline(never)]
pub fn rule(words: &[Word; RULE]) -> Result<HedgeRule, Malformed> {
    fit(words, &RULE_BITS)?;
    Ok(HedgeRule {
        target: Kind::from_code(words[0][31]).ok_or(Malformed)?,
        share: uint32(&words[1]),
        band: uint32(&words[2]),
        inner: uint32(&words[3]),
        il: uint32(&words[4]),
        range_exit: words[5][31] == 1,
        elapsed: uint32(&words[6]),
        low_health: uint32(&words[7]),
        close_rate: uint32(&words[8]),
    })
}

/// A keeper's hedge policy as a call brings it: the words as they are hashed, and what they mean.
pub struct HedgePolicy<'a> {
    /// The position's words.
    pub place: &'a [Word; PLACE],
    /// The venue's words.
    pub venue_words: &'a [Word; VENUE],
    /// The guards' words.
    pub guard_words: &'a [Word; GUARDS],
    /// The words of the hedge's terms.
    pub term_words: &'a [Word; TERMS],
    /// The rule's words.
    pub rule_words: &'a [Word; RULE],
    /// The venue.
    pub venue: Where,
    /// The guards.
    pub guards: Guards,
    /// The hedge's terms.
    pub terms: Terms,
    /// The rule.
    pub rule: HedgeRule,
}

impl<'a> HedgePolicy<'a> {
    /// The first arguments of every function that takes a hedge policy alone.
    pub fn decode(call: &Call<'a>) -> Result<Self, Malformed> {
        let (place, rest) = call.head::<POLICY>()?.split_first_chunk().ok_or(Malformed)?;
        Self::read(place, rest)
    }

    /// A place's words, and those of venue, guards, terms and rule. Whatever passes has one encoding only, so that its hash is that of its
    /// words.
    #[inline(never)]
    pub fn read(place: &'a [Word; PLACE], words: &'a [Word]) -> Result<Self, Malformed> {
        let (venue_words, words) = words.split_first_chunk().ok_or(Malformed)?;
        let (guard_words, words) = words.split_first_chunk().ok_or(Malformed)?;
        let (term_words, words) = words.split_first_chunk().ok_or(Malformed)?;
        let rule_words = words.first_chunk().ok_or(Malformed)?;
        Ok(Self {
            place,
            venue_words,
            guard_words,
            term_words,
            rule_words,
            venue: Where::decode(venue_words)?,
            guards: guards(guard_words)?,
            terms: terms(term_words)?,
            rule: rule(rule_words)?,
        })
    }

    /// The policy's id: the EIP-712 struct hash of `HedgePolicy`.
    #[inline(never)]
    pub fn id<H: Host>(&self, host: &H) -> Word {
        let parts = [
            struct_hash(host, &VENUE_TYPE, self.venue_words),
            struct_hash(host, &GUARDS_TYPE, self.guard_words),
            struct_hash(host, &TERMS_TYPE, self.term_words),
            struct_hash(host, &RULE_TYPE, self.rule_words),
        ];
        struct_hash(host, &POLICY_TYPE, &parts)
    }
}
