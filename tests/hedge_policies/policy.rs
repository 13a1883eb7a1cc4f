//! A hedge policy of the scene's position, and what keepers do with it.

use alloy::{
    primitives::{B256, U256, aliases::U24},
    providers::ext::AnvilApi,
    rpc::types::TransactionReceipt,
    signers::local::PrivateKeySigner,
    sol_types::SolEvent,
};
use hedgerow::{
    bindings::{
        IHedges::{
            self, Guards, HedgeDecision, HedgePolicyRun, HedgeRule, HedgeTerms, Place, Venue, checkHedgeCall,
            checkHedgedCall, hedgePolicyOfCall, runHedgeCall, runHedgedCall, setHedgePolicyCall,
        },
        IPolicies,
    },
    error::Result,
    hedge::{HedgePolicy, terms::recast},
};
use hedgerow_core::policy::Reason;

use crate::{
    common::{World, governed},
    scene::{DELTA, Scene},
};

/// What a policy says.
#[derive(Clone, Debug)]
pub struct Policy {
    pub place: Place,
    pub venue: Venue,
    pub guards: Guards,
    pub terms: HedgeTerms,
    pub rule: HedgeRule,
}

/// What a run did.
#[derive(Clone, Debug)]
pub struct Ran {
    pub event: HedgePolicyRun,
    pub receipt: TransactionReceipt,
}

/// A rule that keeps all of the delta hedged, to five per cent, and its health above 1.25.
pub fn rule() -> HedgeRule {
    HedgeRule {
        target: DELTA,
        share: U24::from(1_000_000),
        band: U24::from(50_000),
        inner: U24::from(20_000),
        il: U24::ZERO,
        rangeExit: false,
        elapsed: 0,
        lowHealth: 1_250,
        closeRate: U24::ZERO,
    }
}

impl Policy {
    /// One under which ordinary things happen.
    pub async fn of(scene: &Scene) -> Self {
        let mut guards = governed::guards(scene.world.now().await);
        guards.maxDeviation = U24::from(300);
        guards.feeToken = 1 - scene.volatile as u8;
        guards.maxFee = 5_000_000;
        let mut terms = scene.terms();
        // Whatever happens in an hour is worth hedging, and feeds of any age will do.
        (terms.margin, terms.horizon, terms.maxOracleAge) = ((-1_000_000).try_into().unwrap(), 3_600, 0);
        Self {
            place: scene.place(),
            venue: scene.venue(),
            guards: recast(&guards).unwrap(),
            terms,
            rule: rule(),
        }
    }

    /// Its id, as the command computes it with alloy.
    pub fn id(&self) -> B256 {
        self.native().id().unwrap()
    }

    pub fn native(&self) -> HedgePolicy {
        HedgePolicy::of(&self.venue, &self.guards, &self.terms, &self.rule).unwrap()
    }

    pub fn setting(&self) -> setHedgePolicyCall {
        let it = self.clone();
        setHedgePolicyCall {
            place: it.place,
            venue: it.venue,
            guards: it.guards,
            terms: it.terms,
            rule: it.rule,
        }
    }

    pub fn checking(&self) -> checkHedgeCall {
        let it = self.clone();
        checkHedgeCall {
            place: it.place,
            venue: it.venue,
            guards: it.guards,
            terms: it.terms,
            rule: it.rule,
        }
    }

    pub fn checking_along(&self) -> checkHedgedCall {
        let it = self.clone();
        checkHedgedCall {
            place: it.place,
            venue: it.venue,
            guards: it.guards,
            terms: it.terms,
            rule: it.rule,
        }
    }

    pub fn running(&self, fee: U256) -> runHedgeCall {
        let it = self.clone();
        runHedgeCall {
            place: it.place,
            venue: it.venue,
            guards: it.guards,
            terms: it.terms,
            rule: it.rule,
            fee,
        }
    }

    /// With the policy of the position itself.
    pub fn running_with(&self, (guards, rules): &governed::Terms, fee: U256) -> runHedgedCall {
        let it = self.clone();
        let rules: Vec<IHedges::Rule> = rules
            .iter()
            .map(|rule: &IPolicies::Rule| recast(rule).unwrap())
            .collect();
        runHedgedCall {
            place: it.place,
            positionGuards: recast(guards).unwrap(),
            rules,
            venue: it.venue,
            guards: it.guards,
            terms: it.terms,
            rule: it.rule,
            fee,
        }
    }
}

impl Scene {
    /// The owner sets a policy, and a minute passes.
    pub async fn govern(&self, policy: &Policy) -> B256 {
        let world = &self.world;
        world.transact(&world.owner, &policy.setting()).await.unwrap();
        world.pass(60).await;
        policy.id()
    }

    /// What governs the hedge at a place.
    pub async fn governing(&self, place: &Place) -> B256 {
        let call = hedgePolicyOfCall { place: place.clone() };
        self.world.read(self.world.account(), &call).await
    }

    pub async fn check(&self, policy: &Policy) -> HedgeDecision {
        self.world.read(self.world.account(), &policy.checking()).await
    }

    /// Why it acts, or why not.
    pub async fn reason(&self, policy: &Policy) -> Reason {
        let decision = self.check(policy).await;
        let reason = Reason::from_code(decision.reason).unwrap();
        assert_eq!(decision.act, reason.acts());
        reason
    }

    pub async fn run_by(&self, who: &PrivateKeySigner, policy: &Policy, fee: U256) -> Result<Ran> {
        let receipt = self.world.transact(who, &policy.running(fee)).await?;
        Ok(self.ran(receipt))
    }

    /// A stranger runs it for nothing.
    pub async fn run(&self, policy: &Policy) -> Result<Ran> {
        self.run_by(&self.world.stranger, policy, U256::ZERO).await
    }

    /// A stranger runs the position's policy with it.
    pub async fn run_with(&self, policy: &Policy, terms: &governed::Terms, fee: U256) -> Result<TransactionReceipt> {
        let call = policy.running_with(terms, fee);
        self.world.transact(&self.world.stranger, &call).await
    }

    /// The only run of a hedge's policy in a transaction.
    pub fn ran(&self, receipt: TransactionReceipt) -> Ran {
        let runs = self.runs(&receipt);
        assert_eq!(runs.len(), 1, "{runs:?}");
        Ran {
            event: runs[0].clone(),
            receipt,
        }
    }

    pub fn runs(&self, receipt: &TransactionReceipt) -> Vec<HedgePolicyRun> {
        let account = self.world.account();
        let own = receipt.inner.logs().iter().filter(|log| log.address() == account);
        own.filter_map(|log| HedgePolicyRun::decode_log(&log.inner).ok().map(|event| event.data))
            .collect()
    }

    /// The price moves, the market's feeds follow, and the mean with them.
    pub async fn drift(&self, sell_volatile: bool, units: u64) {
        self.push(sell_volatile, units).await;
        self.world.pass(1_300).await;
        self.aave.follow(&self.world).await;
    }
}

pub async fn snapshot(world: &World) -> U256 {
    world.client.provider().anvil_snapshot().await.unwrap()
}

pub async fn revert(world: &World, to: U256) {
    assert!(world.client.provider().anvil_revert(to).await.unwrap());
}

/// What was logged as ended.
pub fn ended(world: &World, receipt: &TransactionReceipt) -> Vec<B256> {
    let own = receipt
        .inner
        .logs()
        .iter()
        .filter(|log| log.address() == world.account());
    own.filter_map(|log| {
        IPolicies::PolicyEnded::decode_log(&log.inner)
            .ok()
            .map(|event| event.policyId)
    })
    .collect()
}
