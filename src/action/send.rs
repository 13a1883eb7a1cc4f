//! Sends a plan: as the account's own transaction, as a user operation through a bundler or straight to the EntryPoint, or, for a
//! wallet without code, as ordinary transactions.

use super::{
    operation::{Outcome, Unsigned},
    own_call::OwnCall,
    plan::Plan,
};
use crate::{
    bindings::{IManager::IManagerEvents, IUniswapV3Pool::Collect},
    bundler::Bundler,
    client::{Client, Transaction},
    delegation,
    error::{Error, Result},
    output::decimal_string,
    sponsorship::Sponsorship,
};
use alloy::{
    primitives::{Address, B256, U256},
    rpc::types::TransactionReceipt,
    signers::local::PrivateKeySigner,
    sol_types::{SolEvent, SolEventInterface},
};
use serde::Serialize;

/// How it will be sent, with every key and address looked up before anything is.
#[derive(Clone, Debug)]
pub enum Route {
    /// As the account's own transaction.
    Own,
    /// As a user operation straight to the EntryPoint, from this key.
    Direct(PrivateKeySigner, Option<Sponsorship>),
    /// As a user operation through a bundler.
    Bundled(Bundler, Option<Sponsorship>),
    /// As a user operation that somebody else sends.
    Elsewhere(Option<Sponsorship>),
}

/// What was sent and what came of it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Sent {
    /// The transaction that did it; the last one where there were several.
    pub transaction: B256,
    /// The user operation's hash.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_operation: Option<B256>,
    /// Gas of all transactions together.
    pub gas_used: u64,
    /// Who paid for the gas.
    pub paid_by: Address,
    /// wei for the gas.
    #[serde(with = "decimal_string")]
    pub paid_wei: U256,
    /// The position that there is now; zero for none.
    #[serde(with = "decimal_string")]
    pub new_id: U256,
    /// Its liquidity; what was added when compounding.
    #[serde(with = "decimal_string")]
    pub liquidity: u128,
    /// raw token0 put in, or paid to the account.
    #[serde(with = "decimal_string")]
    pub amount0: U256,
    /// raw token1.
    #[serde(with = "decimal_string")]
    pub amount1: U256,
}

impl Route {
    /// Who pays for the user operation, if not the account.
    pub const fn sponsorship(&self) -> Option<&Sponsorship> {
        match self {
            Self::Own => None,
            Self::Direct(_, payer) | Self::Bundled(_, payer) | Self::Elsewhere(payer) => payer.as_ref(),
        }
    }

    /// Sends a plan and reads the account's own event of it.
    pub async fn send(&self, client: &Client, signer: &PrivateKeySigner, plan: &Plan) -> Result<Sent> {
        match self {
            Self::Own if plan.shell.is_none() => plain(client, signer, plan).await,
            _ => Sent::of(plan, &self.carry(client, signer, &plan.own_call()?).await?),
        }
    }

    /// Sends a call that the account makes of itself.
    pub async fn carry(&self, client: &Client, signer: &PrivateKeySigner, call: &OwnCall) -> Result<Carried> {
        match self {
            Self::Own => {
                let receipt = as_self(client, signer, call).await?;
                Ok(Carried {
                    user_operation: None,
                    paid_by: call.account,
                    paid_wei: paid(&receipt),
                    receipt,
                })
            }
            Self::Direct(sender, payer) => {
                let unsigned = Unsigned::build(client, call, payer.as_ref()).await?;
                let signed = unsigned.sign(client, signer)?;
                Ok(Carried::of(signed.hash, signed.send_directly(client, sender).await?))
            }
            Self::Bundled(bundler, payer) => {
                let mut unsigned = Unsigned::build(client, call, payer.as_ref()).await?;
                let authorization = unsigned.sign_authorization(signer)?;
                unsigned
                    .estimate_by(client, bundler, call, payer.as_ref(), authorization.as_ref())
                    .await?;
                let signed = unsigned.sign(client, signer)?;
                Ok(Carried::of(signed.hash, bundler.send(client, &signed).await?))
            }
            Self::Elsewhere(_) => Err(Error::missing(
                "a sender",
                "this call is for somebody else to send: leave --emit out",
            )),
        }
    }
}

/// A call in a block.
#[derive(Clone, Debug)]
pub struct Carried {
    /// The transaction that carried it.
    pub receipt: TransactionReceipt,
    /// The user operation's hash.
    pub user_operation: Option<B256>,
    /// Who paid for the gas.
    pub paid_by: Address,
    /// wei for the gas.
    pub paid_wei: U256,
}

impl Carried {
    fn of(hash: B256, outcome: Outcome) -> Self {
        Self {
            user_operation: Some(hash),
            paid_by: outcome.payer(),
            paid_wei: outcome.event.actualGasCost,
            receipt: outcome.receipt,
        }
    }
}

/// Sends it as the account's own transaction, which carries the authorisation if it is needed.
pub async fn as_self(client: &Client, signer: &PrivateKeySigner, call: &OwnCall) -> Result<TransactionReceipt> {
    let mut transaction = Transaction {
        to: Some(call.account),
        data: call.data.clone(),
        ..Transaction::default()
    };
    if !call.delegated {
        // The transaction itself takes the account's next nonce first.
        let nonce = client.nonce(call.account).await? + 1;
        let signed = delegation::authorise(signer, client.chain_id(), call.shell, nonce)?;
        transaction = transaction.with_authorization(signed);
    }
    client.send(signer, transaction, &call.what).await
}

/// Sends the steps of a wallet without code one after another. Liquidity that was taken out waits in the pool until it is
/// collected, so a break in between loses nothing: the second half can be done at any time.
async fn plain(client: &Client, signer: &PrivateKeySigner, plan: &Plan) -> Result<Sent> {
    let (mut gas_used, mut wei, mut last) = (0, U256::ZERO, B256::ZERO);
    let mut amounts = [U256::ZERO; 2];
    for step in &plan.steps {
        let transaction = Transaction {
            to: Some(step.to),
            data: step.data.clone(),
            ..Transaction::default()
        };
        let receipt = client.send(signer, transaction, &step.what).await?;
        gas_used += receipt.gas_used;
        wei += paid(&receipt);
        last = receipt.transaction_hash;
        let events = receipt.inner.logs().iter().filter(|log| log.address() == step.to);
        if let Some(event) = events.filter_map(|log| Collect::decode_log(&log.inner).ok()).next() {
            amounts = [U256::from(event.amount0), U256::from(event.amount1)];
        }
    }
    Ok(Sent {
        transaction: last,
        user_operation: None,
        gas_used,
        paid_by: plan.account,
        paid_wei: wei,
        new_id: U256::ZERO,
        liquidity: 0,
        amount0: amounts[0],
        amount1: amounts[1],
    })
}

fn paid(receipt: &TransactionReceipt) -> U256 {
    U256::from(receipt.gas_used) * U256::from(receipt.effective_gas_price)
}

impl Sent {
    fn of(plan: &Plan, carried: &Carried) -> Result<Self> {
        let done = Done::of(plan.account, &carried.receipt)?;
        Ok(Self {
            transaction: carried.receipt.transaction_hash,
            user_operation: carried.user_operation,
            gas_used: carried.receipt.gas_used,
            paid_by: carried.paid_by,
            paid_wei: carried.paid_wei,
            new_id: done.new_id,
            liquidity: done.liquidity,
            amount0: done.amounts[0],
            amount1: done.amounts[1],
        })
    }
}

/// What the account's own event says.
#[derive(Clone, Copy, Debug)]
pub struct Done {
    /// The position that there is now; zero for none.
    pub new_id: U256,
    /// Its liquidity.
    pub liquidity: u128,
    /// What went in, or was paid to the account.
    pub amounts: [U256; 2],
}

impl Done {
    /// Finds the event of a position action that `account` emitted.
    pub fn of(account: Address, receipt: &TransactionReceipt) -> Result<Self> {
        let events = receipt.inner.logs().iter().filter(|log| log.address() == account);
        let mut found = events.filter_map(|log| IManagerEvents::decode_log(&log.inner).ok());
        found
            .next()
            .map(|event| Self::from(event.data))
            .ok_or_else(|| Error::Mismatch {
                what: format!("transaction {}", receipt.transaction_hash),
                expected: "the account's event".into(),
                found: "none".into(),
            })
    }
}

/// All events have one shape.
macro_rules! events {
    ($($name:ident),*) => {
        impl From<IManagerEvents> for Done {
            fn from(event: IManagerEvents) -> Self {
                match event {
                    $(IManagerEvents::$name(e) => Self {
                        new_id: e.newId,
                        liquidity: e.liquidity,
                        amounts: [e.amount0, e.amount1],
                    },)*
                }
            }
        }
    };
}
events!(
    Rebalanced,
    Walked,
    Compounded,
    Harvested,
    Exited,
    Opened,
    ConvertedToDirect,
    ConvertedToNft
);
