//! Policies as owners set them: terms made of a number, within what the code allows, and often enough foolish.

use alloy::{
    primitives::{
        Address, B256, U256,
        aliases::{I24, U24, U160},
    },
    sol_types::{Eip712Domain, SolStruct, SolValue},
};
use hedgerow::bindings::IPolicies::{Guards, Place, Rule};

use super::{look::At, script::Chance, stage::Stage};
use crate::common::world::{FEE, SPACING, int24};

const DAY: u64 = 86_400;

/// Guards and rules.
#[derive(Clone, Debug)]
pub struct Terms {
    pub guards: Guards,
    pub rules: Vec<Rule>,
}

pub fn uint24(value: u64) -> U24 {
    U24::from(value)
}

impl Terms {
    /// Terms of this number, set at `now` in the spacing of the stage's pool; `tick` is the pool's.
    pub fn made(number: i64, stage: &Stage, now: u64, tick: i32) -> Self {
        let chance = &mut Chance::new(number as u64);
        let rules = (0..=chance.below(3)).map(|_| rule(chance, tick)).collect();
        let max_loss = chance.pick(&[500, 3_000, 10_000, 30_000_u64]);
        let guards = Guards {
            keeper: chance.pick(&[
                Address::ZERO,
                Address::ZERO,
                Address::ZERO,
                stage.keepers[0],
                stage.attacker,
            ]),
            expiry: now + chance.pick(&[7_200, 5 * DAY, 100 * DAY, 300 * DAY]),
            twapWindow: chance.pick(&[60, 300, 1_800, 3_600, 43_200]),
            maxDeviation: uint24(chance.pick(&[5, 50, 200, 500])),
            maxLoss: uint24(max_loss),
            maxPeriodLoss: uint24(chance.pick(&[max_loss, 2 * max_loss, 100_000])),
            period: chance.pick(&[1, 7, 366]) * DAY as u32,
            cooldown: chance.pick(&[60, 60, 600, 7_200]),
            maxPerDay: chance.pick(&[1, 3, 24]),
            maxRuns: chance.pick(&[0, 0, 0, 1, 4]),
            minDeployed: uint24(chance.pick(&[900_000, 950_000, 990_000])),
            minValue: chance.pick(&[0, 0, 1_000_000]),
            feeToken: chance.below(2) as u8,
            maxFee: chance.pick(&[0, 1_000, u128::MAX]),
            maxFeeShare: uint24(chance.pick(&[0, 100_000, 500_000])),
            nativeToken: 1,
            sequencerFeed: Address::ZERO,
            sequencerGrace: 0,
            keepEntry: chance.chance(2),
            entrySqrtPriceX96: U160::ZERO,
            salt: B256::from(U256::from(number as u64)),
        };
        Self { guards, rules }
    }
}

fn rule(chance: &mut Chance, tick: i32) -> Rule {
    let mut rule = Rule {
        action: chance.pick(&[0, 0, 0, 1, 1, 2, 3, 3, 4]),
        outTicks: U24::ZERO,
        outSeconds: 0,
        il: U24::ZERO,
        bandLower: I24::ZERO,
        bandUpper: I24::ZERO,
        feesValue: 0,
        feesGasMultiple: 0,
        elapsed: 0,
        deltaDrift: U24::ZERO,
        rangeKind: 0,
        width: uint24(chance.pick(&[2, 4, 10, 20, 60]) * SPACING as u64),
        maxWidth: U24::ZERO,
        bias: I24::ZERO,
        volMultiple: 0,
        volWindow: 0,
        volHorizon: 0,
        proceeds: chance.below(3) as u8,
    };
    match chance.below(10) {
        0 | 1 => (rule.outTicks, rule.outSeconds) = (uint24(chance.below(120)), chance.pick(&[1, 60, 600])),
        2 => rule.il = uint24(chance.pick(&[1, 1_000, 20_000])),
        3 => {
            let half = chance.pick(&[10, 300]);
            (rule.bandLower, rule.bandUpper) = (int24(tick - half), int24(tick + half));
        }
        4 => rule.feesValue = chance.pick(&[1, 1_000_000]),
        5 => rule.feesGasMultiple = chance.pick(&[1, 50]),
        6 => rule.deltaDrift = uint24(chance.pick(&[1_000, 100_000])),
        _ => rule.elapsed = chance.pick(&[1, 600, 7_200]),
    }
    // An exit ends everything: not for every reason.
    if rule.action == 2 && rule.elapsed != 0 {
        rule.elapsed = 50_000;
    }
    if rule.action == 0 && chance.chance(2) {
        rule.rangeKind = 1;
        rule.maxWidth = rule.width * uint24(4);
        (rule.volMultiple, rule.volWindow) = (chance.pick(&[50, 200]), chance.pick(&[600, 7_200]));
        rule.volHorizon = 86_400;
    }
    if rule.action == 0 && chance.chance(4) {
        let half = rule.width.to::<i64>() / 4;
        rule.bias = int24(chance.between((-half, half)) as i32);
    }
    rule
}

/// How the interface names a position.
pub fn place(stage: &Stage, at: At) -> Place {
    let nothing = Place {
        positionManager: Address::ZERO,
        tokenId: U256::ZERO,
        factory: Address::ZERO,
        token0: Address::ZERO,
        token1: Address::ZERO,
        fee: U24::ZERO,
        tickLower: I24::ZERO,
        tickUpper: I24::ZERO,
    };
    match at {
        At::Nft(id) => Place {
            positionManager: stage.npm,
            tokenId: id,
            ..nothing
        },
        At::Direct(lower, upper) => Place {
            factory: stage.factory,
            token0: stage.tokens[0],
            token1: stage.tokens[1],
            fee: U24::from(FEE),
            tickLower: int24(lower),
            tickUpper: int24(upper),
            ..nothing
        },
    }
}

/// What an order's signature is over, as the interface's comments have it.
mod typed {
    alloy::sol! {
        struct Place {
            address positionManager;
            uint256 tokenId;
            address factory;
            address token0;
            address token1;
            uint24 fee;
            int24 tickLower;
            int24 tickUpper;
        }
        struct Guards {
            address keeper;
            uint64 expiry;
            uint32 twapWindow;
            uint24 maxDeviation;
            uint24 maxLoss;
            uint24 maxPeriodLoss;
            uint32 period;
            uint32 cooldown;
            uint16 maxPerDay;
            uint32 maxRuns;
            uint24 minDeployed;
            uint128 minValue;
            uint8 feeToken;
            uint128 maxFee;
            uint24 maxFeeShare;
            uint8 nativeToken;
            address sequencerFeed;
            uint32 sequencerGrace;
            bool keepEntry;
            uint160 entrySqrtPriceX96;
            bytes32 salt;
        }
        struct Rule {
            uint8 action;
            uint24 outTicks;
            uint32 outSeconds;
            uint24 il;
            int24 bandLower;
            int24 bandUpper;
            uint128 feesValue;
            uint16 feesGasMultiple;
            uint32 elapsed;
            uint24 deltaDrift;
            uint8 rangeKind;
            uint24 width;
            uint24 maxWidth;
            int24 bias;
            uint16 volMultiple;
            uint32 volWindow;
            uint32 volHorizon;
            uint8 proceeds;
        }
        struct Policy {
            Guards guards;
            Rule[] rules;
        }
        struct PolicyOrder {
            Place place;
            Policy policy;
            uint256 deadline;
            uint256 generation;
        }
    }
}

impl Terms {
    fn policy(&self) -> typed::Policy {
        typed::Policy {
            guards: typed::Guards::abi_decode(&self.guards.abi_encode()).unwrap(),
            rules: self
                .rules
                .iter()
                .map(|rule| typed::Rule::abi_decode(&rule.abi_encode()).unwrap())
                .collect(),
        }
    }

    /// The policy's id: its EIP-712 struct hash, by another's implementation.
    pub fn id(&self) -> B256 {
        self.policy().eip712_hash_struct()
    }

    /// What the owner signs to have the policy set.
    pub fn order_hash(&self, stage: &Stage, place: &Place, deadline: u64, generation: u64) -> B256 {
        let domain = Eip712Domain::new(
            Some("Hedgerow".into()),
            Some("1".into()),
            Some(U256::from(stage.machine.chain_id())),
            Some(stage.account),
            Some(stage.shell.into_word()),
        );
        let order = typed::PolicyOrder {
            place: typed::Place::abi_decode(&place.abi_encode()).unwrap(),
            policy: self.policy(),
            deadline: U256::from(deadline),
            generation: U256::from(generation),
        };
        order.eip712_signing_hash(&domain)
    }

    /// The same terms but for one field (of the guards, then of the first rule), which is one more or one less.
    pub fn altered(&self, field: usize) -> Self {
        let mut words = [self.guards.abi_encode(), self.rules[0].abi_encode()].concat();
        let at = field % (words.len() / 32) * 32 + 31;
        words[at] ^= 1;
        let mut other = self.clone();
        let (guards, rule) = words.split_at(self.guards.abi_encode().len());
        if let (Ok(guards), Ok(rule)) = (Guards::abi_decode_validate(guards), Rule::abi_decode_validate(rule)) {
            (other.guards, other.rules[0]) = (guards, rule);
        }
        other
    }
}
