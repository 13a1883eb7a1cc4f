//! What the chain will say of a hedge's policy, computed by the core from what was read; and what it says.

use super::{HedgePolicy, observe, observe::Hedge, terms};
use crate::{
    bindings::IHedges::{self, checkHedgeCall},
    client::{Call, Client},
    delegation,
    error::{Error, Result},
    policy::{
        observe::Scene,
        predict::{Accumulators, NOBODY},
    },
    price::int24,
};
use alloy::{
    primitives::{Address, U256},
    rpc::types::state::{AccountOverride, StateOverridesBuilder},
};
use hedgerow_core::{
    hedging::{HedgeDecision, decide_hedge},
    policy::{Snapshot, State},
};

/// What was decided, and from what.
#[derive(Clone, Debug)]
pub struct HedgePrediction {
    /// What was remembered of the policy.
    pub state: State,
    /// The hedge and its venue.
    pub hedge: Hedge,
    /// The chain, the pool and the position.
    pub snapshot: Snapshot,
    /// What the core makes of it.
    pub decision: HedgeDecision,
}

impl HedgePrediction {
    /// Decides by the core.
    pub async fn make(client: &Client, scene: &Scene, policy: &HedgePolicy) -> Result<Self> {
        let id = policy.id()?;
        let state = scene.state(client, id).await?;
        let governed = observe::governing(client, scene).await? == id;
        let snapshot = scene.snapshot_under(client, &policy.guards, governed).await?;
        let hedge = Hedge::read(client, scene, &policy.venue).await?;
        let record = hedge.record();
        let decide = |oracle: &mut Accumulators| {
            decide_hedge(
                &policy.guards,
                &policy.terms,
                &policy.rule,
                &state,
                &record,
                &hedge.market,
                &hedge.pool,
                &snapshot,
                oracle,
            )
        };
        let decision = Accumulators::settle(client, scene, decide).await?;
        Ok(Self {
            state,
            hedge,
            snapshot,
            decision,
        })
    }

    /// The decision as the chain writes it.
    pub fn as_answer(&self) -> Result<IHedges::HedgeDecision> {
        let it = &self.decision;
        Ok(IHedges::HedgeDecision {
            act: it.act,
            reason: it.reason.code(),
            target: U256::from(it.target),
            trade: it.trade.try_into().unwrap_or_default(),
            tick: int24(it.tick)?,
            meanTick: int24(it.mean_tick)?,
            value: it.value,
            equity: it.equity,
            il: it.il,
            health: thousandths(it.health),
            gate: it.gate,
            notBefore: U256::from(it.not_before),
        })
    }

    /// Refuses a chain that says otherwise, to the last digit.
    pub fn require(&self, answer: &IHedges::HedgeDecision) -> Result<()> {
        let predicted = self.as_answer()?;
        if predicted == *answer {
            return Ok(());
        }
        Err(Error::Mismatch {
            what:
                "what the chain says of the hedge's policy (this release and the deployed program may be of different \
                   versions)"
                    .into(),
            expected: format!("{predicted:?}"),
            found: format!("{answer:?}"),
        })
    }
}

/// A health factor as the contracts write it: the greatest integer without debt.
pub fn thousandths(health: u32) -> U256 {
    match health {
        u32::MAX => U256::MAX,
        health => U256::from(health),
    }
}

/// What the account itself answers at the scene's block, as with the shell's code.
pub async fn ask(
    client: &Client,
    shell: Address,
    scene: &Scene,
    policy: &HedgePolicy,
) -> Result<IHedges::HedgeDecision> {
    let call = checkHedgeCall {
        place: terms::place(&scene.position)?,
        venue: policy.venue.for_call(),
        guards: terms::guards(&policy.guards)?,
        terms: terms::hedge_terms(&policy.terms),
        rule: terms::hedge_rule(&policy.rule),
    };
    let request = asking(shell, scene, &call);
    client
        .simulate_as("asking the account what its hedge's policy says", request, &call)
        .await
}

/// A view of the account as of the scene's block, as with the shell's code: it may be asked before it is delegated.
pub(super) fn asking<C: alloy::sol_types::SolCall>(shell: Address, scene: &Scene, call: &C) -> Call {
    let overrides = StateOverridesBuilder::default()
        .with_code(scene.account, delegation::designator(shell))
        .append(NOBODY, AccountOverride::default().with_balance(U256::MAX >> 1));
    Call {
        overrides: Some(overrides.build()),
        block: Some(scene.block),
        gas_price: (scene.base_fee > 0).then(|| scene.base_fee.into()),
        ..Call::new(NOBODY, scene.account, call)
    }
}
