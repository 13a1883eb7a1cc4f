//! Finds the terms of a hedge's policy: the account stores their hash, and its own event published them.

use super::HedgePolicy;
use crate::{
    bindings::IHedges::HedgePolicySet,
    client::Client,
    error::{Error, Result},
    output::Progress,
    search::events::logs,
};
use alloy::{
    primitives::{Address, B256},
    rpc::types::Filter,
    sol_types::SolEvent,
};

/// The terms of the hedge policy of this id that `account` set between two blocks. An event is only a hint: the terms must have the id's
/// hash.
pub async fn terms(
    client: &Client,
    progress: &Progress,
    account: Address,
    id: B256,
    blocks: (u64, u64),
) -> Result<HedgePolicy> {
    let filter = Filter::new()
        .address(account)
        .event_signature(HedgePolicySet::SIGNATURE_HASH)
        .topic1(id);
    for log in logs(client, progress, "the hedge policy's terms", &filter, blocks).await? {
        let Ok(set) = HedgePolicySet::decode_log(&log.inner) else {
            continue;
        };
        let policy = HedgePolicy::of(&set.venue, &set.guards, &set.terms, &set.rule)?;
        if policy.id()? == id {
            return Ok(policy);
        }
    }
    Err(Error::missing(
        "the hedge policy's terms",
        format!(
            "no event in the blocks {} to {} published them: give the policy's file",
            blocks.0, blocks.1
        ),
    ))
}
