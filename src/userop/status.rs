//! What became of a user operation: from a bundler that knows it, or from the EntryPoint's own events.

use crate::{
    action::operation::{Outcome, why},
    bindings::UserOperationEvent,
    bundler::Bundler,
    client::Client,
    error::Result,
    output::{Progress, decimal_string},
    search::events,
};
use alloy::{
    primitives::{Address, B256, U256},
    providers::Provider,
    rpc::types::Filter,
    sol_types::SolEvent,
};
use serde::Serialize;

/// How far an operation has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum State {
    /// Nobody knows it.
    Unknown,
    /// A bundler has it, no block does.
    Waiting,
    /// Done.
    Done,
    /// In a block and paid for, but its calls were taken back.
    Reverted,
}

/// What became of it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    /// Its hash.
    pub user_op_hash: B256,
    /// How far it has come.
    pub state: State,
    /// What the chain says of it.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub carried: Option<Carried>,
}

/// An operation in a block.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Carried {
    /// The transaction.
    pub transaction: B256,
    /// Its block.
    pub block: Option<u64>,
    /// The account.
    pub sender: Address,
    /// The account's nonce.
    #[serde(with = "decimal_string")]
    pub nonce: U256,
    /// Who paid.
    pub paid_by: Address,
    /// wei paid.
    #[serde(with = "decimal_string")]
    pub paid_wei: U256,
    /// Gas paid for.
    #[serde(with = "decimal_string")]
    pub gas: U256,
    /// Why its calls were taken back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Status {
    /// From the transaction that carried it.
    pub fn of(outcome: &Outcome) -> Self {
        let event = &outcome.event;
        Self {
            user_op_hash: event.userOpHash,
            state: match outcome.revert {
                None => State::Done,
                Some(_) => State::Reverted,
            },
            carried: Some(Carried {
                transaction: outcome.receipt.transaction_hash,
                block: outcome.receipt.block_number,
                sender: event.sender,
                nonce: event.nonce,
                paid_by: outcome.payer(),
                paid_wei: event.actualGasCost,
                gas: event.actualGasUsed,
                reason: outcome.revert.as_ref().map(why),
            }),
        }
    }

    const fn without_a_block(user_op_hash: B256, state: State) -> Self {
        Self {
            user_op_hash,
            state,
            carried: None,
        }
    }
}

/// Where an operation is looked for.
#[derive(Debug)]
pub struct Where<'a> {
    /// The node.
    pub client: &'a Client,
    /// A bundler, where one is named.
    pub bundler: Option<&'a Bundler>,
    /// The EntryPoint.
    pub entry_point: Address,
    /// The first block whose events are looked through.
    pub from_block: u64,
}

impl Where<'_> {
    /// Asks the bundler, then looks through the EntryPoint's events.
    pub async fn status(&self, hash: B256, progress: &Progress) -> Result<Status> {
        let mut waiting = false;
        if let Some(bundler) = self.bundler {
            if let Some(transaction) = bundler.carried(hash).await? {
                return self.of(hash, transaction).await;
            }
            waiting = bundler.knows(hash).await?;
        }
        if let Some(transaction) = self.by_events(hash, progress).await? {
            return self.of(hash, transaction).await;
        }
        let state = if waiting { State::Waiting } else { State::Unknown };
        Ok(Status::without_a_block(hash, state))
    }

    async fn of(&self, hash: B256, transaction: B256) -> Result<Status> {
        let receipt = self.client.receipt(transaction).await?;
        Ok(Status::of(&Outcome::of(hash, receipt)?))
    }

    async fn by_events(&self, hash: B256, progress: &Progress) -> Result<Option<B256>> {
        let latest = self.client.provider().get_block_number().await;
        let latest = latest.map_err(|error| self.client.error("eth_blockNumber", error))?;
        let filter = Filter::new()
            .address(self.entry_point)
            .event_signature(UserOperationEvent::SIGNATURE_HASH)
            .topic1(hash);
        let blocks = (self.from_block, latest);
        let found = events::logs(self.client, progress, "the user operation", &filter, blocks).await?;
        Ok(found.first().and_then(|log| log.transaction_hash))
    }
}
