//! What a keeper says: a line for each position, whether it acted or not, and why.

use super::{
    act::Outcome,
    decide::{Finding, Job},
};
use crate::{human, output};
use alloy::primitives::Address;
use serde_json::{Value, json};

/// A position in one round.
#[derive(Clone, Debug)]
pub struct Report {
    /// The round's block.
    pub block: u64,
    /// Its timestamp.
    pub now: u64,
    /// What was found.
    pub finding: Finding,
    /// What became of it, where something was to be done.
    pub outcome: Option<Outcome>,
    /// What went wrong, where something did.
    pub failure: Option<String>,
}

impl Report {
    /// The line for people, without its time.
    pub fn text(&self) -> String {
        let it = &self.finding;
        let mut text = format!("{} {}, {}: {}", it.account, it.place, it.about.name(), it.text);
        if it.job.is_none() && it.not_before > self.now {
            text = format!("{text}; not before {}", human::date(it.not_before));
        }
        if let (Some(outcome), Some(job)) = (&self.outcome, &it.job) {
            text = format!("{text}. {}", became(outcome, job));
        }
        match &self.failure {
            Some(failure) => format!("{text}. Failed: {failure}"),
            None => text,
        }
    }

    /// The document for programs: one line of JSON.
    pub fn document(&self) -> Value {
        let it = &self.finding;
        json!({
            "block": self.block,
            "timestamp": self.now,
            "account": it.account,
            "position": it.place,
            "policies": it.about.name(),
            "policyId": it.id,
            "reason": it.reason.map(|reason| reason.code()),
            "reasonName": it.reason.map(|reason| format!("{reason:?}")),
            "notBefore": it.not_before.to_string(),
            "due": it.job.is_some(),
            "said": it.text,
            "outcome": self.outcome.as_ref().map(outcome_json),
            "failure": self.failure,
        })
    }

    /// Prints it in either form.
    pub fn print(&self, json: bool) -> crate::error::Result<()> {
        if json {
            return output::print(&self.document().to_string());
        }
        output::print(&format!("{}  {}", human::date(self.now), self.text()))
    }

    /// What tells one position's reports from another's.
    pub fn key(&self) -> (Address, String) {
        (
            self.finding.account,
            format!("{} {}", self.finding.place, self.finding.id),
        )
    }

    /// Whether the same would be said again: times pass, the words stay.
    pub fn words(&self) -> String {
        let outcome = self.outcome.as_ref().map(outcome_json);
        format!(
            "{:?} {} {outcome:?} {:?}",
            self.finding.reason, self.finding.text, self.failure
        )
    }
}

fn became(outcome: &Outcome, job: &Job) -> String {
    match outcome {
        Outcome::Sent(sent) => format!(
            "Done in transaction {}: {} gas, {} earned, a loss of {} to the owner",
            sent.transaction,
            sent.gas_used,
            job.fee_text(sent.fee),
            human::percent(sent.loss)
        ),
        Outcome::Would { fee, gas } => {
            format!(
                "Would be done for {} with about {gas} gas (--dry-run)",
                job.fee_text(*fee)
            )
        }
        Outcome::Left(why) => format!("Left: {why}"),
        Outcome::Overtaken { transaction, reason } => {
            format!("Overtaken: transaction {transaction} reverted: {reason}")
        }
    }
}

fn outcome_json(outcome: &Outcome) -> Value {
    match outcome {
        Outcome::Sent(sent) => json!({
            "became": "sent",
            "transaction": sent.transaction,
            "gasUsed": sent.gas_used,
            "fee": sent.fee.to_string(),
            "newId": sent.new_id.to_string(),
            "loss": sent.loss,
        }),
        Outcome::Would { fee, gas } => json!({ "became": "dryRun", "fee": fee.to_string(), "gas": gas }),
        Outcome::Left(why) => json!({ "became": "left", "why": why }),
        Outcome::Overtaken { transaction, reason } => {
            json!({ "became": "overtaken", "transaction": transaction, "why": reason })
        }
    }
}
