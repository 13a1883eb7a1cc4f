//! What `hedgerow policy` does with hedges: a file with a `[hedge]`, set in one call with the rules beside it.

use super::{decision_json, decision_rows, governing, set::SetArgs, table, terms_json};
use crate::{
    action::{OwnCall, own_batch},
    bindings::{
        IHedges::{HedgePolicySet, setHedgePolicyCall},
        IPolicies::setPolicyCall,
    },
    client::Client,
    commands::sending::{Shown, see_through},
    error::{Error, Result},
    hedge::{
        self, HedgePolicy,
        predict::{HedgePrediction, thousandths},
        words as hedge_words,
        write::health,
    },
    output::Progress,
    policy::{
        Pair, Policy, defaults,
        observe::{NO_POLICY, Scene},
        predict::Prediction,
        read, terms, words,
    },
};
use alloy::{
    primitives::{Address, B256, Bytes, U256},
    signers::local::PrivateKeySigner,
    sol_types::{SolCall, SolEvent},
};
use hedgerow_core::policy::Status;
use serde_json::{Value, json};

/// The terms that govern a position and its hedge, from the chain's events; what is not governed has none.
pub async fn found(client: &Client, progress: &Progress, scene: &Scene, from_block: u64) -> Result<read::Terms> {
    let hedge = hedge::observe::governing(client, scene).await?;
    let ranges = match scene.governing {
        NO_POLICY if hedge != NO_POLICY => None,
        _ => Some(governing(client, progress, scene, from_block).await?),
    };
    let blocks = (from_block, scene.block.as_u64().unwrap_or_default());
    let hedge = match hedge {
        NO_POLICY => None,
        id => Some(hedge::find::terms(client, progress, scene.account, id, blocks).await?),
    };
    Ok(read::Terms { ranges, hedge })
}

/// What the core makes of a hedge's policy, which must be what the account itself answers.
pub async fn decide(client: &Client, shell: Address, scene: &Scene, policy: &HedgePolicy) -> Result<HedgePrediction> {
    let prediction = HedgePrediction::make(client, scene, policy).await?;
    prediction.require(&hedge::predict::ask(client, shell, scene, policy).await?)?;
    Ok(prediction)
}

/// A hedge decision for `--json`.
pub fn hedge_json(prediction: &HedgePrediction) -> Value {
    let it = &prediction.decision;
    json!({
        "act": it.act,
        "reason": it.reason.code(),
        "reasonName": format!("{:?}", it.reason),
        "target": it.target.to_string(),
        "trade": it.trade.to_string(),
        "tick": it.tick,
        "meanTick": it.mean_tick,
        "value": it.value.to_string(),
        "equity": it.equity.to_string(),
        "il": it.il.to_string(),
        "health": thousandths(it.health).to_string(),
        "gate": it.gate.to_string(),
        "notBefore": it.not_before.to_string(),
    })
}

/// A hedge policy's terms for `--json`: as the contracts name them.
pub fn hedge_terms_json(policy: &HedgePolicy) -> Result<Value> {
    use crate::typed_data::to_json;
    Ok(json!({
        "venue": to_json(&policy.venue.for_call()),
        "guards": to_json(&hedge::terms::guards(&policy.guards)?),
        "terms": to_json(&hedge::terms::hedge_terms(&policy.terms)),
        "rule": to_json(&hedge::terms::hedge_rule(&policy.rule)),
    }))
}

/// What a hedge decision is about, for a table.
pub fn hedge_rows(prediction: &HedgePrediction, policy: &HedgePolicy, pair: &Pair) -> Vec<(String, String)> {
    let (it, volatile) = (&prediction.decision, policy.venue.volatile);
    let row = |name: &str, text: String| (name.to_owned(), text);
    let mut rows = vec![
        row("hedge acts now", hedge_words::decision(it, pair.token(volatile))),
        row("hedge", hedge_words::holdings(&prediction.hedge.market, pair, volatile)),
        row("health factor", health(it.health)),
        row("worth", hedge_words::signed(&pair.token1, it.equity)),
    ];
    if it.act && it.trade > 0 {
        rows.push(row(
            "gate",
            format!("leaves {}", hedge_words::signed(&pair.token1, it.gate)),
        ));
    }
    if it.not_before > prediction.snapshot.now {
        rows.push(row("not before", crate::human::date(it.not_before)));
    }
    rows
}

/// What is to be set.
struct Draft {
    scene: Scene,
    hedge: (HedgePolicy, HedgePrediction),
    ranges: Option<(Policy, Prediction)>,
}

/// Sets a hedge's policy, and the position's beside it: the account itself is made its keeper, so that only the hedge's runs it.
pub async fn set(
    args: &SetArgs,
    client: &Client,
    signer: Option<&PrivateKeySigner>,
    (scene, hedge, ranges): (Scene, HedgePolicy, Option<Policy>),
) -> Result<()> {
    let (account, shell) = (scene.account, args.send.shell(client)?);
    let progress = Progress::new();
    progress.step("reading the hedge and its venue");
    let draft = Draft::read(args, client, scene, hedge, ranges).await?;
    progress.step("simulating");
    let data = draft.calldata()?;
    let what = "setting the policy";
    let call = OwnCall::prepare(client, (account, shell), data, what, args.send.lifetime).await?;
    call.simulate(client).await?;
    let gas = call.gas(client).await?;
    progress.finish();
    let shown = draft.shown(client, gas)?;
    let id = draft.hedge.0.id()?;
    see_through(&args.send, client, signer, &call, shown, async |carried| {
        let logs = carried.receipt.inner.logs().iter();
        let own = logs.filter(|log| log.address() == account);
        let set = own.filter_map(|log| HedgePolicySet::decode_log(&log.inner).ok()).next();
        match set {
            Some(event) if event.policyId == id => Ok(format!(
                "Policy {id} governs the hedge of {}",
                draft.scene.position.place
            )),
            found => Err(Error::Mismatch {
                what: format!(
                    "the account's event in transaction {}",
                    carried.receipt.transaction_hash
                ),
                expected: format!("the policy {id}"),
                found: found.map_or_else(|| "none".into(), |event| event.policyId.to_string()),
            }),
        }
    })
    .await
}

impl Draft {
    async fn read(
        args: &SetArgs,
        client: &Client,
        scene: Scene,
        hedge: HedgePolicy,
        ranges: Option<Policy>,
    ) -> Result<Self> {
        let used = |status: Status| match status {
            Status::None => Ok(()),
            _ => Err(Error::bad_file(
                &args.file,
                format!(
                    "these terms were set before; give them another salt, such as \"{}\"",
                    defaults::salt()?
                ),
            )),
        };
        let prediction = HedgePrediction::make(client, &scene, &hedge).await?;
        used(prediction.state.status)?;
        let ranges = match ranges {
            None => None,
            Some(mut policy) => {
                policy.guards.keeper = scene.account;
                let prediction = Prediction::make(client, &scene, &policy).await?;
                used(prediction.state.status)?;
                Some((policy, prediction))
            }
        };
        Ok(Self {
            hedge: (hedge, prediction),
            scene,
            ranges,
        })
    }

    fn calldata(&self) -> Result<Bytes> {
        let mut calls: Vec<Bytes> = Vec::new();
        if let Some((policy, _)) = &self.ranges {
            let call = setPolicyCall {
                place: terms::place(&self.scene.position)?,
                guards: policy.guards(),
                rules: policy.rules()?,
            };
            calls.push(call.abi_encode().into());
        }
        let (hedge, _) = &self.hedge;
        let call = setHedgePolicyCall {
            place: hedge::terms::place(&self.scene.position)?,
            venue: hedge.venue.for_call(),
            guards: hedge::terms::guards(&hedge.guards)?,
            terms: hedge::terms::hedge_terms(&hedge.terms),
            rule: hedge::terms::hedge_rule(&hedge.rule),
        };
        calls.push(call.abi_encode().into());
        Ok(own_batch(self.scene.account, calls))
    }

    fn shown(&self, client: &Client, gas: u64) -> Result<Shown> {
        let (scene, (hedge, prediction)) = (&self.scene, &self.hedge);
        let pair = scene.pair(client);
        let decision = &prediction.decision;
        let worth = decision
            .value
            .saturating_add(decision.equity.max(Default::default()).into_raw());
        let mut rows = allowed(self.ranges.as_ref().map(|(policy, _)| policy), hedge, &pair);
        rows.extend(words::worst(&hedge_alone(hedge), &pair, worth, scene.now));
        let mut now = hedge_rows(prediction, hedge, &pair);
        // Whether it is set is what is being asked.
        now.retain(|(name, _)| name != "hedge acts now");
        rows.extend(now);
        let mut document = json!({
            "chainId": client.chain_id(),
            "account": scene.account,
            "position": scene.position.place,
            "hedgePolicyId": hedge.id()?,
            "hedgeTerms": hedge_terms_json(hedge)?,
            "hedgeDecision": hedge_json(prediction),
            "gas": gas,
        });
        rows.push(("hedge's policy".into(), hedge.id()?.to_string()));
        if let Some((policy, prediction)) = &self.ranges {
            rows.push(("position's policy".into(), policy.id()?.to_string()));
            document["policyId"] = json!(policy.id()?);
            document["terms"] = terms_json(policy)?;
            document["decision"] = decision_json(prediction);
        }
        rows.push(("gas, as own transaction".into(), format!("about {gas}")));
        Ok(Shown {
            document,
            text: table(&format!("policy for {} and its hedge", scene.position.place), rows),
            question: "Set it?",
        })
    }
}

/// What a keeper is allowed under both, row by row.
pub fn allowed(ranges: Option<&Policy>, hedge: &HedgePolicy, pair: &Pair) -> Vec<(String, String)> {
    // The rules are run through the hedge's policy, by its keeper.
    let shown = Policy {
        guards: hedge.guards,
        rules: ranges.map(|policy| policy.rules.clone()).unwrap_or_default(),
    };
    let mut rows = words::allowed(&shown, pair);
    rows.extend(hedge_words::allowed(hedge, pair));
    rows
}

/// The hedge's guards as a policy without rules, for what they cost at worst.
pub fn hedge_alone(hedge: &HedgePolicy) -> Policy {
    Policy {
        guards: hedge.guards,
        rules: Vec::new(),
    }
}

/// What two decisions are about, for a table.
pub fn both_rows(
    ranges: Option<(&Prediction, &Policy)>,
    hedge: (&HedgePrediction, &HedgePolicy),
    pair: &Pair,
) -> Vec<(String, String)> {
    let mut rows = ranges.map_or_else(Vec::new, |(prediction, policy)| {
        let mut rows = decision_rows(prediction, policy, pair);
        rows.retain(|(name, _)| name != "most for the keeper");
        rows
    });
    rows.extend(hedge_rows(hedge.0, hedge.1, pair));
    let fee = pair.token(hedge.1.guards.fee_token);
    rows.push((
        "most for the keeper".into(),
        fee.exact(U256::from(hedge.1.guards.max_fee)),
    ));
    rows
}

/// The policy that ends a hedge's, if one governs it.
pub async fn ending(client: &Client, scene: &Scene) -> Result<Option<B256>> {
    let id = hedge::observe::governing(client, scene).await?;
    if id == NO_POLICY {
        return Ok(None);
    }
    let status = scene.state(client, id).await?.status;
    Ok((status == Status::Set).then_some(id))
}
