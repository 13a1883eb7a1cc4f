//! A call that an account makes of itself: what every way of sending carries, whatever it does.

use super::operation::AUTHORIZATION_GAS;
use crate::{
    client::{Call, Client},
    delegation::{self, Delegation},
    error::Result,
};
use alloy::{
    primitives::{Address, Bytes, U256},
    rpc::types::state::{StateOverride, StateOverridesBuilder},
};

/// A call that an account makes of itself.
#[derive(Clone, Debug)]
pub struct OwnCall {
    /// The account.
    pub account: Address,
    /// The shell that it runs, or will.
    pub shell: Address,
    /// Whether it runs it already.
    pub delegated: bool,
    /// Calldata.
    pub data: Bytes,
    /// What it is, as in "the rebalance".
    pub what: String,
    /// The last timestamp at which another may send it.
    pub deadline: U256,
}

impl OwnCall {
    /// A call of an account that runs `shell`, or is to; refuses one that runs other code.
    pub async fn prepare(
        client: &Client,
        (account, shell): (Address, Address),
        data: Bytes,
        what: impl Into<String>,
        lifetime: u64,
    ) -> Result<Self> {
        let delegated = Delegation::of(client, account).await?.require(account, shell)?;
        delegation::require_working_shell(client, shell).await?;
        let (_, timestamp) = client.latest().await?;
        Ok(Self {
            account,
            shell,
            delegated,
            data,
            what: what.into(),
            deadline: U256::from(timestamp.saturating_add(lifetime)),
        })
    }

    /// The account's code as it will be once the authorisation is processed.
    pub fn overrides(&self) -> Option<StateOverride> {
        let code = delegation::designator(self.shell);
        (!self.delegated).then(|| StateOverridesBuilder::default().with_code(self.account, code).build())
    }

    /// The call as `from` would make it.
    pub fn request(&self, from: Address) -> Call {
        Call {
            from,
            to: self.account,
            data: self.data.clone(),
            overrides: self.overrides(),
            ..Call::default()
        }
    }

    /// Runs it without sending it; what it answers.
    pub async fn simulate(&self, client: &Client) -> Result<Bytes> {
        let what = format!("{} (simulated, nothing was sent)", self.what);
        client.call(self.request(self.account), &what).await
    }

    /// Gas of the call alone, made by `from`, as the node estimates it: with what the transaction itself costs.
    pub async fn estimate(&self, client: &Client, from: Address) -> Result<u64> {
        client
            .estimate(self.request(from), &format!("estimating {}", self.what))
            .await
    }

    /// Gas as the account's own transaction, with what an authorisation costs where one is needed.
    pub async fn gas(&self, client: &Client) -> Result<u64> {
        let authorization = if self.delegated { 0 } else { AUTHORIZATION_GAS };
        let estimate = self.estimate(client, self.account).await?;
        Ok(estimate + u64::try_from(authorization).unwrap_or_default())
    }
}
