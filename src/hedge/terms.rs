//! A hedge's terms as the contracts take them, and the hash by which the account remembers a keeper's.

use super::{HedgePolicy, Venue};
use crate::{
    bindings::{
        IHedges::{self, HedgeLimits, HedgeTarget, Place},
        IPolicies,
    },
    error::{Error, Result},
    policy::{Policy, terms},
    position::Position,
};
use alloy::{
    primitives::{
        B256, U256,
        aliases::{I24, U24},
        keccak256,
    },
    sol_types::{SolStruct, SolValue},
};
use hedgerow_core::{
    hedging::{HedgeRule, Kind, Target, Terms},
    policy::Guards,
};

/// The kind of venue that Aave v3 is.
pub const AAVE_V3: u8 = 1;
const POLICY: &str = "HedgePolicy(Venue venue,Guards guards,HedgeTerms terms,HedgeRule rule)";

/// A struct of one interface as another interface's struct of the same fields.
pub fn recast<From: SolValue, To>(value: &From) -> Result<To>
where
    To: SolValue + std::convert::From<<To::SolType as alloy::sol_types::SolType>::RustType>,
{
    To::abi_decode(&value.abi_encode()).map_err(|error| Error::Maths {
        what: "the encoding of a struct",
        reason: error.to_string(),
    })
}

/// A position as `IHedges` names it.
pub fn place(position: &Position) -> Result<Place> {
    recast(&terms::place(position)?)
}

/// Guards as `IHedges` takes them.
pub fn guards(guards: &Guards) -> Result<IHedges::Guards> {
    let policy = Policy {
        guards: *guards,
        rules: Vec::new(),
    };
    recast(&policy.guards())
}

impl Venue {
    /// For a call.
    pub const fn for_call(&self) -> IHedges::Venue {
        IHedges::Venue {
            kind: AAVE_V3,
            margins: self.margins,
            market: self.market,
            volatileToken: self.volatile,
            eMode: self.e_mode,
        }
    }

    /// Reads what a call or an event carried; a kind that this release does not know is refused.
    pub fn of(it: &IHedges::Venue) -> Result<Self> {
        if it.kind != AAVE_V3 {
            return Err(unknown("the hedge's kind of venue", it.kind));
        }
        Ok(Self {
            margins: it.margins,
            market: it.market,
            volatile: it.volatileToken,
            e_mode: it.eMode,
        })
    }
}

/// A target for a call.
pub fn target(it: &Target) -> HedgeTarget {
    HedgeTarget {
        kind: it.kind.code(),
        share: u24(it.share),
        amount: it.amount,
    }
}

/// What a hedge may be, for a call.
pub fn hedge_terms(it: &Terms) -> IHedges::HedgeTerms {
    IHedges::HedgeTerms {
        minHealth: it.min_health,
        health: it.health,
        maxCollateral: it.max_collateral,
        minTrade: it.min_trade,
        maxOracleDeviation: u24(it.max_oracle_deviation),
        maxOracleAge: it.max_oracle_age,
        maxBorrowRate: u24(it.max_borrow_rate),
        horizon: it.horizon,
        margin: I24::try_from(it.margin).unwrap_or(I24::MAX),
        volWindow: it.vol_window,
        overrideGate: it.override_gate,
        feesSince: it.fees_since,
        feeGrowth0: it.fee_growth[0],
        feeGrowth1: it.fee_growth[1],
        entrySqrtPriceX96: it.entry_sqrt_price.saturating_to(),
    }
}

/// When it is adjusted, for a call.
pub fn hedge_rule(it: &HedgeRule) -> IHedges::HedgeRule {
    IHedges::HedgeRule {
        target: it.target.code(),
        share: u24(it.share),
        band: u24(it.band),
        inner: u24(it.inner),
        il: u24(it.il),
        rangeExit: it.range_exit,
        elapsed: it.elapsed,
        lowHealth: it.low_health,
        closeRate: u24(it.close_rate),
    }
}

/// The price guard of a call that pays nobody.
pub fn limits(twap_window: u32, max_tick_deviation: u32, deadline: U256) -> HedgeLimits {
    HedgeLimits {
        twapWindow: twap_window,
        maxTickDeviation: u24(max_tick_deviation),
        release: 0,
        deadline,
    }
}

impl HedgePolicy {
    /// Reads what a call or an event carried.
    pub fn of(
        venue: &IHedges::Venue,
        guards: &IHedges::Guards,
        terms: &IHedges::HedgeTerms,
        rule: &IHedges::HedgeRule,
    ) -> Result<Self> {
        let guards: IPolicies::Guards = recast(guards)?;
        Ok(Self {
            venue: Venue::of(venue)?,
            guards: Policy::of(&guards, &[])?.guards,
            terms: of_terms(terms),
            rule: of_rule(rule)?,
        })
    }

    /// `policyId`: the EIP-712 struct hash of `HedgePolicy(Venue venue,Guards guards,HedgeTerms terms,HedgeRule rule)`.
    pub fn id(&self) -> Result<B256> {
        let (venue, guards) = (self.venue.for_call(), guards(&self.guards)?);
        let (terms, rule) = (hedge_terms(&self.terms), hedge_rule(&self.rule));
        let encoded = [
            POLICY,
            &IHedges::Guards::eip712_encode_type(),
            &IHedges::HedgeRule::eip712_encode_type(),
            &IHedges::HedgeTerms::eip712_encode_type(),
            &IHedges::Venue::eip712_encode_type(),
        ]
        .concat();
        let words = (
            keccak256(encoded),
            venue.eip712_hash_struct(),
            guards.eip712_hash_struct(),
            terms.eip712_hash_struct(),
            rule.eip712_hash_struct(),
        );
        Ok(keccak256(words.abi_encode()))
    }
}

fn of_terms(it: &IHedges::HedgeTerms) -> Terms {
    Terms {
        min_health: it.minHealth,
        health: it.health,
        max_collateral: it.maxCollateral,
        min_trade: it.minTrade,
        max_oracle_deviation: it.maxOracleDeviation.to(),
        max_oracle_age: it.maxOracleAge,
        max_borrow_rate: it.maxBorrowRate.to(),
        horizon: it.horizon,
        margin: it.margin.as_i32(),
        vol_window: it.volWindow,
        override_gate: it.overrideGate,
        fees_since: it.feesSince,
        fee_growth: [it.feeGrowth0, it.feeGrowth1],
        entry_sqrt_price: U256::from(it.entrySqrtPriceX96),
    }
}

fn of_rule(it: &IHedges::HedgeRule) -> Result<HedgeRule> {
    Ok(HedgeRule {
        target: Kind::from_code(it.target).ok_or_else(|| unknown("the hedge's target", it.target))?,
        share: it.share.to(),
        band: it.band.to(),
        inner: it.inner.to(),
        il: it.il.to(),
        range_exit: it.rangeExit,
        elapsed: it.elapsed,
        low_health: it.lowHealth,
        close_rate: it.closeRate.to(),
    })
}

fn unknown(what: &'static str, value: u8) -> Error {
    Error::invalid(what, value, "this release knows no such value: use the one that set it")
}

/// A share; what is larger than its field was refused before.
fn u24(value: u32) -> U24 {
    U24::saturating_from(value)
}
