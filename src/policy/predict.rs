//! What the chain will say of a policy, computed by the core from what was read; and what it says.

use super::{Policy, observe::Scene, terms};
use crate::{
    bindings::IPolicies::{self, checkCall},
    client::{Call, Client},
    delegation,
    error::{Error, Result},
    price::int24,
};
use alloy::{
    primitives::{Address, U256},
    rpc::types::state::{AccountOverride, StateOverridesBuilder},
};
use hedgerow_core::policy::{self, Decision, Oracle, Snapshot, State, TooShort};
use std::collections::BTreeMap;

/// Who asks in simulations: somebody whose balance is assumed.
pub(crate) const NOBODY: Address = Address::repeat_byte(0x5e);
/// How often the core may ask for accumulators that were not read yet: every rule asks twice at most.
const MAX_ROUNDS: usize = 2 * policy::MAX_RULES + 2;

/// What was decided, and from what.
#[derive(Clone, Debug)]
pub struct Prediction {
    /// What was remembered.
    pub state: State,
    /// What was read.
    pub snapshot: Snapshot,
    /// What the core makes of it.
    pub decision: Decision,
}

/// The accumulators that were read, and those that were asked for in vain.
#[derive(Debug, Default)]
pub(crate) struct Accumulators {
    read: BTreeMap<Vec<u32>, core::result::Result<Vec<i64>, TooShort>>,
    missing: Vec<Vec<u32>>,
}

impl Accumulators {
    /// What `decide` makes of the pool's past. What of it that depends on shows only while it is made, so it is made again until
    /// nothing is missing.
    pub(crate) async fn settle<T>(client: &Client, scene: &Scene, mut decide: impl FnMut(&mut Self) -> T) -> Result<T> {
        let mut oracle = Self::default();
        for _ in 0..MAX_ROUNDS {
            let decided = decide(&mut oracle);
            if oracle.missing.is_empty() {
                return Ok(decided);
            }
            for ago in std::mem::take(&mut oracle.missing) {
                let read = scene.accumulators(client, &ago).await?;
                oracle.read.insert(ago, read);
            }
        }
        Err(Error::Maths {
            what: "the decision",
            reason: "it asks for ever more of the pool's past".into(),
        })
    }
}

impl Oracle for Accumulators {
    fn accumulators(&mut self, ago: &[u32], out: &mut [i64]) -> core::result::Result<(), TooShort> {
        let Some(known) = self.read.get(ago) else {
            self.missing.push(ago.to_vec());
            return Err(TooShort);
        };
        let known = known.as_ref().map_err(|error| *error)?;
        for (slot, value) in out.iter_mut().zip(known) {
            *slot = *value;
        }
        Ok(())
    }
}

impl Prediction {
    /// Decides by the core.
    pub async fn make(client: &Client, scene: &Scene, policy: &Policy) -> Result<Self> {
        let state = scene.state(client, policy.id()?).await?;
        let snapshot = scene.snapshot(client, policy).await?;
        let decide =
            |oracle: &mut Accumulators| policy::decide(&policy.guards, &policy.rules, &state, &snapshot, oracle);
        let decision = Accumulators::settle(client, scene, decide).await?;
        Ok(Self {
            state,
            snapshot,
            decision,
        })
    }

    /// The most that a keeper may take now, in raw fee token.
    pub fn fee_limit(&self, policy: &Policy) -> U256 {
        policy::fee_limit(&policy.guards, &self.decision, &self.snapshot)
    }

    /// The decision as the chain writes it.
    pub fn as_answer(&self) -> Result<IPolicies::Decision> {
        let it = &self.decision;
        Ok(IPolicies::Decision {
            act: it.act,
            reason: it.reason.code(),
            rule: it.rule,
            action: it.action.code(),
            tickLower: int24(it.range.0)?,
            tickUpper: int24(it.range.1)?,
            tick: int24(it.tick)?,
            meanTick: int24(it.mean_tick)?,
            value: it.value,
            feesValue: it.fees_value,
            il: it.il,
            notBefore: U256::from(it.not_before),
        })
    }

    /// Refuses a chain that says otherwise, to the last digit.
    pub fn require(&self, answer: &IPolicies::Decision) -> Result<()> {
        let predicted = self.as_answer()?;
        if predicted == *answer {
            return Ok(());
        }
        Err(Error::Mismatch {
            what:
                "what the chain says of the policy (this release and the deployed program may be of different versions)"
                    .into(),
            expected: format!("{predicted:?}"),
            found: format!("{answer:?}"),
        })
    }
}

/// What the account itself answers, at the block of the scene and at that block's base fee; as with the shell's code, so that it
/// may be asked before it is delegated.
pub async fn ask(client: &Client, shell: Address, scene: &Scene, policy: &Policy) -> Result<IPolicies::Decision> {
    let call = checkCall {
        place: terms::place(&scene.position)?,
        guards: policy.guards(),
        rules: policy.rules()?,
    };
    let overrides = StateOverridesBuilder::default()
        .with_code(scene.account, delegation::designator(shell))
        .append(NOBODY, AccountOverride::default().with_balance(U256::MAX >> 1));
    let request = Call {
        overrides: Some(overrides.build()),
        block: Some(scene.block),
        gas_price: (scene.base_fee > 0).then(|| scene.base_fee.into()),
        ..Call::new(NOBODY, scene.account, &call)
    };
    client
        .simulate_as("asking the account what its policy says", request, &call)
        .await
}
