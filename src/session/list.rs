//! The sessions of an account: its own events published them, its state says what became of them.

use super::id;
use crate::{
    bindings::ISessions::{KeyAdded, Session, keyStatusCall, spendingCall},
    client::Client,
    error::Result,
    output::Progress,
    search::events::logs,
};
use alloy::{
    primitives::{Address, B256, U256},
    rpc::types::Filter,
    sol_types::SolEvent,
};

/// A session and what became of it.
#[derive(Clone, Debug)]
pub struct Known {
    /// Its id.
    pub id: B256,
    /// Its terms.
    pub session: Session,
    /// Whether it may act, its times and the pause aside.
    pub active: bool,
    /// wei that its user operations were allowed to cost so far.
    pub gas_spent: u128,
    /// What was spent under each limit, in the period that is now.
    pub spent: Vec<u128>,
}

/// All sessions that `account` published between two blocks, in that order. An event is only a hint: terms must have the id's hash,
/// and what counts is what the account remembers.
pub async fn sessions(
    client: &Client,
    progress: &Progress,
    account: Address,
    now: u64,
    blocks: (u64, u64),
) -> Result<Vec<Known>> {
    let filter = Filter::new().address(account).event_signature(KeyAdded::SIGNATURE_HASH);
    let mut found: Vec<Known> = Vec::new();
    for log in logs(client, progress, "session keys", &filter, blocks).await? {
        let Ok(event) = KeyAdded::decode_log(&log.inner) else {
            continue;
        };
        let (key, session) = (event.keyId, event.session.clone());
        if id(&session) != key || found.iter().any(|known| known.id == key) {
            continue;
        }
        found.push(look(client, account, now, session).await?);
    }
    Ok(found)
}

async fn look(client: &Client, account: Address, now: u64, session: Session) -> Result<Known> {
    let id = id(&session);
    let status = client.read(account, &keyStatusCall { keyId: id }).await?;
    let mut spent = Vec::new();
    for (index, limit) in session.limits.iter().enumerate() {
        let call = spendingCall {
            keyId: id,
            index: U256::from(index),
        };
        let spending = client.read(account, &call).await?;
        // What was spent in an earlier period does not count any more.
        let window = now.checked_div(limit.period.into()).unwrap_or_default();
        spent.push(if spending.window == window { spending.spent } else { 0 });
    }
    Ok(Known {
        id,
        active: status.status == 1,
        gas_spent: status.gasSpent,
        spent,
        session,
    })
}
