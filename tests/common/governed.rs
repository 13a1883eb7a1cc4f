//! A position of the owner that a policy governs, and what keepers do with it.

use alloy::{
    primitives::{Address, B256, U256, aliases::I24, aliases::U24, aliases::U160, keccak256},
    rpc::types::TransactionReceipt,
    signers::local::PrivateKeySigner,
    sol,
    sol_types::{SolCall, SolEvent, SolStruct, eip712_domain},
};
use hedgerow::{
    bindings::IPolicies::{
        self, Decision, PolicyRun, PolicyState, checkCall, endPolicyCall, followPolicyCall, placeOrderCall,
        policyOfCall, policyStatusCall, runCall, setPolicyCall,
    },
    client::{Call, Client, Transaction},
    error::Result,
};
use hedgerow_core::policy::Reason;

use super::{
    World,
    held::{Held, Kind},
    world::{FEE, int24},
};

pub use IPolicies::{Guards, Place, Rule};

/// What a policy says.
pub type Terms = (Guards, Vec<Rule>);

/// The structs as they are signed: alloy's EIP-712 beside the program's own.
pub mod signed {
    use super::sol;

    sol! {
        struct Place {
            address positionManager; uint256 tokenId; address factory; address token0; address token1; uint24 fee;
            int24 tickLower; int24 tickUpper;
        }
        struct Guards {
            address keeper; uint64 expiry; uint32 twapWindow; uint24 maxDeviation; uint24 maxLoss; uint24 maxPeriodLoss;
            uint32 period; uint32 cooldown; uint16 maxPerDay; uint32 maxRuns; uint24 minDeployed; uint128 minValue;
            uint8 feeToken; uint128 maxFee; uint24 maxFeeShare; uint8 nativeToken; address sequencerFeed;
            uint32 sequencerGrace; bool keepEntry; uint160 entrySqrtPriceX96; bytes32 salt;
        }
        struct Rule {
            uint8 action; uint24 outTicks; uint32 outSeconds; uint24 il; int24 bandLower; int24 bandUpper;
            uint128 feesValue; uint16 feesGasMultiple; uint32 elapsed; uint24 deltaDrift; uint8 rangeKind; uint24 width;
            uint24 maxWidth; int24 bias; uint16 volMultiple; uint32 volWindow; uint32 volHorizon; uint8 proceeds;
        }
        struct Policy { Guards guards; Rule[] rules; }
        struct PolicyOrder { Place place; Policy policy; uint256 deadline; uint256 generation; }
    }
}

/// The numbers of the interface's actions.
pub const REBALANCE: u8 = 0;
pub const WALK: u8 = 1;
pub const EXIT: u8 = 2;
pub const COMPOUND: u8 = 3;
pub const HARVEST: u8 = 4;
/// What a policy's status is.
pub const NEVER: u8 = 0;
pub const SET: u8 = 1;
pub const ENDED: u8 = 2;

/// Guards that let ordinary things happen, until a year from now.
pub fn guards(now: u64) -> Guards {
    Guards {
        keeper: Address::ZERO,
        expiry: now + 300 * 86_400,
        twapWindow: 600,
        maxDeviation: U24::from(200),
        maxLoss: U24::from(10_000),
        maxPeriodLoss: U24::from(20_000),
        period: 86_400,
        cooldown: 3_600,
        maxPerDay: 24,
        maxRuns: 0,
        minDeployed: U24::from(950_000),
        minValue: 0,
        feeToken: 1,
        maxFee: u128::MAX,
        maxFeeShare: U24::from(100_000),
        nativeToken: 0,
        sequencerFeed: Address::ZERO,
        sequencerGrace: 0,
        keepEntry: false,
        entrySqrtPriceX96: U160::ZERO,
        salt: B256::ZERO,
    }
}

/// A rule that fires after a second.
pub fn rule(action: u8) -> Rule {
    Rule {
        action,
        outTicks: U24::ZERO,
        outSeconds: 0,
        il: U24::ZERO,
        bandLower: I24::ZERO,
        bandUpper: I24::ZERO,
        feesValue: 0,
        feesGasMultiple: 0,
        elapsed: 1,
        deltaDrift: U24::ZERO,
        rangeKind: 0,
        width: if action <= WALK { U24::from(1_200) } else { U24::ZERO },
        maxWidth: U24::ZERO,
        bias: I24::ZERO,
        volMultiple: 0,
        volWindow: 0,
        volHorizon: 0,
        proceeds: 0,
    }
}

/// Terms of one rule that fires after a second.
pub fn terms(now: u64, action: u8) -> Terms {
    (guards(now), vec![rule(action)])
}

/// The policy's id as alloy computes it.
pub fn id_of(guards: &Guards, rules: &[Rule]) -> B256 {
    policy_of(guards, rules).eip712_hash_struct()
}

fn policy_of(guards: &Guards, rules: &[Rule]) -> signed::Policy {
    use alloy::sol_types::SolValue;
    signed::Policy {
        guards: signed::Guards::abi_decode(&guards.abi_encode()).unwrap(),
        rules: Vec::<signed::Rule>::abi_decode(&rules.to_vec().abi_encode()).unwrap(),
    }
}

/// What a run did.
#[derive(Clone, Debug)]
pub struct Ran {
    pub event: PolicyRun,
    pub receipt: TransactionReceipt,
}

impl World {
    /// The timestamp of the next block, or close to it.
    pub async fn now(&self) -> u64 {
        self.client.latest().await.unwrap().1
    }

    pub fn account(&self) -> Address {
        self.owner.address()
    }

    /// How a position is named to the programs of policies.
    pub fn place(&self, held: &Held) -> Place {
        match held.kind {
            Kind::Nft => Place {
                positionManager: self.npm,
                tokenId: held.id,
                factory: Address::ZERO,
                token0: Address::ZERO,
                token1: Address::ZERO,
                fee: U24::ZERO,
                tickLower: I24::ZERO,
                tickUpper: I24::ZERO,
            },
            Kind::Direct => Place {
                positionManager: Address::ZERO,
                tokenId: U256::ZERO,
                factory: self.factory,
                token0: self.tokens[0],
                token1: self.tokens[1],
                fee: U24::from(FEE),
                tickLower: int24(held.range.0),
                tickUpper: int24(held.range.1),
            },
        }
    }

    /// The owner sets a policy.
    pub async fn set_policy(&self, held: &Held, (guards, rules): &Terms) -> Result<TransactionReceipt> {
        let set = setPolicyCall {
            place: self.place(held),
            guards: guards.clone(),
            rules: rules.clone(),
        };
        self.transact(&self.owner, &set).await
    }

    /// A policy is set and a minute passes.
    pub async fn governed(&self, held: &Held, terms: &Terms) -> B256 {
        self.set_policy(held, terms).await.unwrap();
        self.pass(60).await;
        id_of(&terms.0, &terms.1)
    }

    pub async fn end_policy(&self, id: B256) -> Result<TransactionReceipt> {
        self.transact(&self.owner, &endPolicyCall { policyId: id }).await
    }

    pub async fn follow_policy(&self, from: Place, to: Place) -> Result<TransactionReceipt> {
        self.transact(&self.owner, &followPolicyCall { from, to }).await
    }

    /// Somebody runs a policy.
    pub async fn run_by(&self, who: &PrivateKeySigner, held: &Held, (guards, rules): &Terms, fee: U256) -> Result<Ran> {
        let run = self.run_call(held, (guards, rules), fee);
        let receipt = self.transact(who, &run).await?;
        let account = self.account();
        let own = receipt.inner.logs().iter().filter(|log| log.address() == account);
        let events: Vec<PolicyRun> = own
            .filter_map(|log| PolicyRun::decode_log(&log.inner).ok().map(|event| event.data))
            .collect();
        assert_eq!(events.len(), 1, "{events:?}");
        Ok(Ran {
            event: events[0].clone(),
            receipt,
        })
    }

    /// A stranger does.
    pub async fn run(&self, held: &Held, terms: &Terms, fee: U256) -> Result<Ran> {
        self.run_by(&self.stranger, held, terms, fee).await
    }

    pub fn run_call(&self, held: &Held, (guards, rules): (&Guards, &[Rule]), fee: U256) -> runCall {
        runCall {
            place: self.place(held),
            guards: guards.clone(),
            rules: rules.to_vec(),
            fee,
        }
    }

    pub fn check_call(&self, held: &Held, (guards, rules): (&Guards, &[Rule])) -> checkCall {
        checkCall {
            place: self.place(held),
            guards: guards.clone(),
            rules: rules.to_vec(),
        }
    }

    /// What the terms say of a position now.
    pub async fn check(&self, held: &Held, (guards, rules): &Terms) -> Decision {
        self.read(self.account(), &self.check_call(held, (guards, rules))).await
    }

    /// Why they act, or why not.
    pub async fn reason(&self, held: &Held, terms: &Terms) -> Reason {
        let decision = self.check(held, terms).await;
        let reason = Reason::from_code(decision.reason).unwrap();
        assert_eq!(decision.act, reason.acts());
        reason
    }

    pub async fn policy(&self, held: &Held) -> PolicyState {
        self.read(
            self.account(),
            &policyOfCall {
                place: self.place(held),
            },
        )
        .await
    }

    pub async fn policy_status(&self, id: B256) -> u8 {
        self.read(self.account(), &policyStatusCall { policyId: id }).await
    }

    /// An order of the owner's, signed for the account's domain as ERC-5267 tells it.
    pub async fn order_policy(&self, held: &Held, terms: &Terms, deadline: U256) -> placeOrderCall {
        let generation = self
            .read(self.account(), &hedgerow::bindings::IShell::generationCall {})
            .await;
        self.order_signed_by(&self.owner, held, terms, deadline, generation)
    }

    pub fn order_signed_by(
        &self,
        who: &PrivateKeySigner,
        held: &Held,
        (guards, rules): &Terms,
        deadline: U256,
        generation: u64,
    ) -> placeOrderCall {
        use alloy::{signers::SignerSync, sol_types::SolValue};
        let place = self.place(held);
        let order = signed::PolicyOrder {
            place: signed::Place::abi_decode(&place.abi_encode()).unwrap(),
            policy: policy_of(guards, rules),
            deadline,
            generation: U256::from(generation),
        };
        let domain = eip712_domain! {
            name: "Hedgerow",
            version: "1",
            chain_id: self.client.chain_id(),
            verifying_contract: self.account(),
            salt: self.shell.into_word(),
        };
        let signature = who.sign_hash_sync(&order.eip712_signing_hash(&domain)).unwrap();
        placeOrderCall {
            place,
            guards: guards.clone(),
            rules: rules.clone(),
            deadline,
            signature: signature.as_bytes().into(),
        }
    }

    /// Somebody calls the account.
    pub async fn transact<C: SolCall>(&self, who: &PrivateKeySigner, call: &C) -> Result<TransactionReceipt> {
        let account = self.account();
        self.client
            .send(who, Transaction::call(account, call), C::SIGNATURE)
            .await
    }

    /// What a call of the account would answer or be refused with, for somebody; nothing changes.
    pub async fn attempt<C: SolCall>(&self, who: &PrivateKeySigner, call: &C) -> Result<C::Return> {
        let client: &Client = &self.client;
        client
            .simulate(Call::new(who.address(), self.account(), call), call)
            .await
    }
}

/// The newest position after a run: the same one of another id or range.
pub fn moved(held: &Held, ran: &Ran) -> Held {
    Held {
        kind: held.kind,
        id: ran.event.newId,
        range: (ran.event.tickLower.as_i32(), ran.event.tickUpper.as_i32()),
    }
}

/// Where the account keeps a policy's two words, and what governs a position: from the layout as it is published.
pub fn slots(generation: u64, policy_id: B256, source: Address, position_id: U256) -> ([B256; 2], B256) {
    use alloy::sol_types::SolValue;
    let root = U256::from_be_bytes(keccak256("hedgerow.policies").0) - U256::ONE;
    let root = U256::from_be_bytes(keccak256(root.abi_encode()).0) & !U256::from(0xff);
    let table = |offset: u64| keccak256((U256::from(generation), root + U256::from(offset)).abi_encode());
    let book = keccak256((keccak256((source, position_id).abi_encode()), table(0)).abi_encode());
    let state = keccak256((policy_id, table(1)).abi_encode());
    let next = U256::from_be_bytes(state.0) + U256::ONE;
    ([state, next.into()], book)
}
