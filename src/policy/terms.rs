//! A policy as the contracts take it, and the hash by which the account remembers it.

use super::Policy;
use crate::{
    bindings::IPolicies::{self, Place},
    error::{Error, Result},
    position::{self, Position},
    price::int24,
};
use alloy::{
    primitives::{Address, B256, U256, aliases::U24, keccak256},
    sol_types::{SolStruct, SolValue},
};
use hedgerow_core::policy::{Action, Guards, Proceeds, RangeKind, Rule};

const POLICY: &str = "Policy(Guards guards,Rule[] rules)";

impl Policy {
    /// The guards for a call.
    pub fn guards(&self) -> IPolicies::Guards {
        let it = &self.guards;
        IPolicies::Guards {
            keeper: it.keeper,
            expiry: it.expiry,
            twapWindow: it.twap_window,
            maxDeviation: u24(it.max_deviation),
            maxLoss: u24(it.max_loss),
            maxPeriodLoss: u24(it.max_period_loss),
            period: it.period,
            cooldown: it.cooldown,
            maxPerDay: it.max_per_day,
            maxRuns: it.max_runs,
            minDeployed: u24(it.min_deployed),
            minValue: it.min_value,
            feeToken: it.fee_token,
            maxFee: it.max_fee,
            maxFeeShare: u24(it.max_fee_share),
            nativeToken: it.native_token,
            sequencerFeed: it.sequencer_feed,
            sequencerGrace: it.sequencer_grace,
            keepEntry: it.keep_entry,
            entrySqrtPriceX96: it.entry_sqrt_price.saturating_to(),
            salt: it.salt.into(),
        }
    }

    /// The rules for a call.
    pub fn rules(&self) -> Result<Vec<IPolicies::Rule>> {
        self.rules.iter().map(rule).collect()
    }

    /// Reads what a call or an event carried.
    pub fn of(guards: &IPolicies::Guards, rules: &[IPolicies::Rule]) -> Result<Self> {
        Ok(Self {
            guards: Guards {
                keeper: guards.keeper,
                expiry: guards.expiry,
                twap_window: guards.twapWindow,
                max_deviation: guards.maxDeviation.to(),
                max_loss: guards.maxLoss.to(),
                max_period_loss: guards.maxPeriodLoss.to(),
                period: guards.period,
                cooldown: guards.cooldown,
                max_per_day: guards.maxPerDay,
                max_runs: guards.maxRuns,
                min_deployed: guards.minDeployed.to(),
                min_value: guards.minValue,
                fee_token: guards.feeToken,
                max_fee: guards.maxFee,
                max_fee_share: guards.maxFeeShare.to(),
                native_token: guards.nativeToken,
                sequencer_feed: guards.sequencerFeed,
                sequencer_grace: guards.sequencerGrace,
                keep_entry: guards.keepEntry,
                entry_sqrt_price: U256::from(guards.entrySqrtPriceX96),
                salt: guards.salt.0,
            },
            rules: rules.iter().map(of_rule).collect::<Result<_>>()?,
        })
    }

    /// `policyId`: the EIP-712 struct hash of `Policy(Guards guards,Rule[] rules)`.
    pub fn id(&self) -> Result<B256> {
        let guards = self.guards();
        let rules = self.rules()?;
        let encoded = [
            POLICY,
            &IPolicies::Guards::eip712_encode_type(),
            &IPolicies::Rule::eip712_encode_type(),
        ]
        .concat();
        let hashes: Vec<u8> = rules.iter().flat_map(|rule| rule.eip712_hash_struct().0).collect();
        let words = (keccak256(encoded), guards.eip712_hash_struct(), keccak256(hashes));
        Ok(keccak256(words.abi_encode()))
    }
}

/// The types that an order is hashed with besides its own, sorted by name as EIP-712 wants them.
pub fn types() -> [String; 4] {
    [
        IPolicies::Guards::eip712_encode_type().into_owned(),
        Place::eip712_encode_type().into_owned(),
        POLICY.to_owned(),
        IPolicies::Rule::eip712_encode_type().into_owned(),
    ]
}

/// A share or a tick count; what is larger than its field was refused before.
fn u24(value: u32) -> U24 {
    U24::saturating_from(value)
}

fn rule(it: &Rule) -> Result<IPolicies::Rule> {
    Ok(IPolicies::Rule {
        action: it.action.code(),
        outTicks: u24(it.out_ticks),
        outSeconds: it.out_seconds,
        il: u24(it.il),
        bandLower: int24(it.band.0)?,
        bandUpper: int24(it.band.1)?,
        feesValue: it.fees_value,
        feesGasMultiple: it.fees_gas_multiple,
        elapsed: it.elapsed,
        deltaDrift: u24(it.delta_drift),
        rangeKind: it.range_kind.code(),
        width: u24(it.width),
        maxWidth: u24(it.max_width),
        bias: int24(it.bias)?,
        volMultiple: it.vol_multiple,
        volWindow: it.vol_window,
        volHorizon: it.vol_horizon,
        proceeds: it.proceeds.code(),
    })
}

fn of_rule(it: &IPolicies::Rule) -> Result<Rule> {
    let unknown =
        |what, value: u8| Error::invalid(what, value, "this release knows no such value: use the one that set it");
    Ok(Rule {
        action: Action::from_code(it.action).ok_or_else(|| unknown("the rule's action", it.action))?,
        out_ticks: it.outTicks.to(),
        out_seconds: it.outSeconds,
        il: it.il.to(),
        band: (it.bandLower.as_i32(), it.bandUpper.as_i32()),
        fees_value: it.feesValue,
        fees_gas_multiple: it.feesGasMultiple,
        elapsed: it.elapsed,
        delta_drift: it.deltaDrift.to(),
        range_kind: RangeKind::from_code(it.rangeKind)
            .ok_or_else(|| unknown("the rule's kind of range", it.rangeKind))?,
        width: it.width.to(),
        max_width: it.maxWidth.to(),
        bias: it.bias.as_i32(),
        vol_multiple: it.volMultiple,
        vol_window: it.volWindow,
        vol_horizon: it.volHorizon,
        proceeds: Proceeds::from_code(it.proceeds).ok_or_else(|| unknown("the rule's proceeds", it.proceeds))?,
    })
}

/// A position as the contracts name it.
pub fn place(position: &Position) -> Result<Place> {
    Ok(match position.place {
        position::Place::Nft(token_id) => nft(position.source, token_id),
        position::Place::Direct {
            tick_lower, tick_upper, ..
        } => Place {
            factory: position.factory,
            token0: position.token0.address,
            token1: position.token1.address,
            fee: U24::saturating_from(position.fee),
            tickLower: int24(tick_lower)?,
            tickUpper: int24(tick_upper)?,
            ..nft(Address::ZERO, U256::ZERO)
        },
    })
}

/// An NFT as the contracts name it.
pub fn nft(manager: Address, token_id: U256) -> Place {
    Place {
        positionManager: manager,
        tokenId: token_id,
        factory: Address::ZERO,
        token0: Address::ZERO,
        token1: Address::ZERO,
        fee: U24::ZERO,
        tickLower: Default::default(),
        tickUpper: Default::default(),
    }
}
