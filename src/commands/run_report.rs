//! What `hedgerow run` shows before and after.

use crate::{
    bindings::IPolicies,
    client::Client,
    decimal::format_units,
    error::Result,
    human, output,
    policy::{Pair, Policy, observe::Scene, predict::Prediction, words, write},
    position::Place,
};
use alloy::{
    primitives::{Address, B256, U256},
    rpc::types::TransactionReceipt,
};
use serde_json::{Value, json};

/// What a run would do.
#[derive(Clone, Debug)]
pub struct Shown {
    chain_id: u64,
    account: Address,
    place: Place,
    policy_id: B256,
    pair: Pair,
    policy: Policy,
    prediction: Prediction,
    fee: U256,
    gas: u64,
    gas_price: u128,
    outcome: Option<Outcome>,
}

/// What a run did, as the account's event tells.
#[derive(Clone, Debug)]
pub struct Outcome {
    transaction: B256,
    gas_used: u64,
    new_id: U256,
    value_before: U256,
    value_after: U256,
    loss: u32,
    fee: U256,
}

impl Outcome {
    /// Reads receipt and event.
    pub fn of(receipt: &TransactionReceipt, event: &IPolicies::PolicyRun) -> Self {
        Self {
            transaction: receipt.transaction_hash,
            gas_used: receipt.gas_used,
            new_id: event.newId,
            value_before: event.valueBefore,
            value_after: event.valueAfter,
            loss: event.loss.to(),
            fee: event.fee,
        }
    }
}

impl Shown {
    /// Describes a run that was simulated, with its fee, its gas and the gas price.
    pub fn new(
        client: &Client,
        scene: &Scene,
        policy: &Policy,
        prediction: &Prediction,
        (fee, gas, gas_price): (U256, u64, u128),
    ) -> Result<Self> {
        Ok(Self {
            chain_id: client.chain_id(),
            account: scene.account,
            place: scene.position.place,
            policy_id: policy.id()?,
            pair: scene.pair(client),
            policy: policy.clone(),
            prediction: prediction.clone(),
            fee,
            gas,
            gas_price,
            outcome: None,
        })
    }

    /// Adds what came of it.
    pub fn done(&mut self, outcome: Outcome) {
        self.outcome = Some(outcome);
    }

    fn fee_text(&self, fee: U256) -> String {
        self.pair.token(self.policy.guards.fee_token).exact(fee)
    }

    /// For people, before.
    pub fn text(&self) -> String {
        let decision = &self.prediction.decision;
        let cost = U256::from(self.gas) * U256::from(self.gas_price);
        let row = |name: &str, text: String| vec![name.to_owned(), text];
        let range = match decision.range {
            (0, 0) => "none".into(),
            (lower, upper) => format!("ticks {lower} to {upper}"),
        };
        let most = self.prediction.fee_limit(&self.policy);
        let mut rows = vec![
            row("account", self.account.to_string()),
            row("acts now", words::decision(decision)),
            row("value", self.pair.token1.exact(decision.value)),
            row("range afterwards", range),
            row(
                "may cost the owner",
                format!("at most {} of it", human::percent(self.policy.guards.max_loss)),
            ),
            row(
                "the keeper gets",
                format!("{} (at most {})", self.fee_text(self.fee), self.fee_text(most)),
            ),
            row(
                "the keeper pays",
                format!("about {} gas, at most {} ETH", self.gas, format_units(cost, 18)),
            ),
        ];
        if self.pays_less(cost) {
            rows.push(row("beware", "the gas can cost more than the fee is worth".into()));
        }
        output::table(&[&format!("run {}", self.place), ""], rows)
    }

    /// Whether the fee, paid in the native token, is less than the gas.
    fn pays_less(&self, cost: U256) -> bool {
        let guards = &self.policy.guards;
        guards.native_token == guards.fee_token + 1 && self.fee < cost
    }

    /// For people, after.
    pub fn outcome_text(&self) -> String {
        let Some(outcome) = &self.outcome else {
            return "Nothing was sent (--dry-run).".into();
        };
        let left = match (outcome.new_id.is_zero(), self.place) {
            (true, _) => "the position is gone".into(),
            (false, Place::Nft(_)) => format!("position {} is in place", outcome.new_id),
            (false, Place::Direct { pool, .. }) => {
                let (lower, upper) = self.prediction.decision.range;
                format!("position {pool}:{lower}:{upper} is in place")
            }
        };
        format!(
            "Done: {left}; {} before, {} after, a loss of {}; the keeper got {} (transaction {}; {} gas).",
            self.pair.token1.exact(outcome.value_before),
            self.pair.token1.exact(outcome.value_after),
            human::percent(outcome.loss),
            self.fee_text(outcome.fee),
            outcome.transaction,
            outcome.gas_used
        )
    }

    /// For `--json`.
    pub fn document(&self) -> Result<Value> {
        let decision = &self.prediction.decision;
        let mut document = json!({
            "chainId": self.chain_id,
            "account": self.account,
            "position": self.place,
            "policyId": self.policy_id,
            "reason": decision.reason.code(),
            "rule": decision.rule,
            "action": write::action(decision.action),
            "tickLower": decision.range.0,
            "tickUpper": decision.range.1,
            "value": decision.value.to_string(),
            "fee": self.fee.to_string(),
            "mostFee": self.prediction.fee_limit(&self.policy).to_string(),
            "gas": self.gas,
        });
        if let Some(outcome) = &self.outcome {
            document["sent"] = json!({
                "transaction": outcome.transaction,
                "gasUsed": outcome.gas_used,
                "newId": outcome.new_id.to_string(),
                "valueBefore": outcome.value_before.to_string(),
                "valueAfter": outcome.value_after.to_string(),
                "loss": outcome.loss,
                "fee": outcome.fee.to_string(),
            });
        }
        Ok(document)
    }
}
