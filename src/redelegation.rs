//! A change of an EOA's delegation: signed for this chain alone, tried, sent, and looked at afterwards.

use crate::{
    client::{Client, Transaction},
    delegation::{self, Delegation},
    error::{Error, Result},
    keys::{self, KeyArgs},
};
use alloy::{
    primitives::{Address, B256},
    signers::local::PrivateKeySigner,
};
use clap::Args;
use serde::Serialize;

const SPONSOR_KEY: &str = "HEDGEROW_SPONSOR_PRIVATE_KEY";
const ACTION: &str = "the delegation";

/// Who sends the authorisation, and pays.
#[derive(Args, Clone, Debug, Default)]
pub struct SponsorArgs {
    /// Have account N of the development mnemonic send and pay for it (else the key in HEDGEROW_SPONSOR_PRIVATE_KEY, else the EOA)
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(0..keys::DEVELOPMENT_ACCOUNTS as i64))]
    pub sponsor_dev_account: Option<u32>,
}

impl SponsorArgs {
    /// The sponsor's key, if there is one.
    pub fn signer(&self, client: &Client) -> Result<Option<PrivateKeySigner>> {
        match self.sponsor_dev_account {
            Some(index) => KeyArgs {
                dev_account: Some(index),
                keystore: None,
            }
            .signer(client)
            .map(Some),
            None => keys::from_environment(SPONSOR_KEY),
        }
    }
}

/// What an EOA shall run from now on, and who pays for it.
#[derive(Clone, Debug)]
pub struct Redelegation {
    /// The EOA's key.
    pub signer: PrivateKeySigner,
    /// Who sends the authorisation.
    pub payer: PrivateKeySigner,
    /// Whose code it shall run; none for nobody's.
    pub target: Option<Address>,
}

/// A change that was made.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Sent {
    /// The transaction.
    pub transaction: B256,
    /// What it used.
    pub gas_used: u64,
    /// Who paid.
    pub paid_by: Address,
}

impl Redelegation {
    /// A change, sent by the sponsor if there is one.
    pub fn new(signer: PrivateKeySigner, sponsor: Option<PrivateKeySigner>, target: Option<Address>) -> Self {
        Self {
            payer: sponsor.unwrap_or_else(|| signer.clone()),
            signer,
            target,
        }
    }

    /// The most gas that it may use; nothing is sent.
    pub async fn gas(&self, client: &Client) -> Result<u64> {
        let transaction = self.transaction(client).await?;
        let filled = client.fill(self.payer.address(), transaction, ACTION).await?;
        Ok(filled.gas.unwrap_or_default())
    }

    /// Sends it, and refuses a chain that then says otherwise.
    pub async fn send(&self, client: &Client) -> Result<Sent> {
        let account = self.signer.address();
        let transaction = self.transaction(client).await?;
        let receipt = client.send(&self.payer, transaction, ACTION).await?;
        let after = Delegation::of(client, account).await?;
        let expected = self.target.map_or(Delegation::None, Delegation::To);
        if after != expected {
            let hash = receipt.transaction_hash;
            return Err(Error::Mismatch {
                what: format!("the delegation of {account} after transaction {hash}"),
                expected: expected.in_words(),
                found: after.in_words(),
            });
        }
        Ok(Sent {
            transaction: receipt.transaction_hash,
            gas_used: receipt.gas_used,
            paid_by: self.payer.address(),
        })
    }

    async fn transaction(&self, client: &Client) -> Result<Transaction> {
        let account = self.signer.address();
        // The EOA's own transaction takes its next nonce before the authorisation is looked at.
        let nonce = client.nonce(account).await? + u64::from(self.payer.address() == account);
        let target = self.target.unwrap_or_default();
        let signed = delegation::authorise(&self.signer, client.chain_id(), target, nonce)?;
        Ok(Transaction {
            to: Some(account),
            ..Transaction::default()
        }
        .with_authorization(signed))
    }
}
