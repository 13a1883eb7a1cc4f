//! Who pays for a user operation if not the account: a paymaster whose key is here, or one that a service answers for (ERC-7677).

use crate::{
    client::Client,
    error::{Error, Result},
    keys::{self, KeyArgs},
    paymaster::SigningPaymaster,
    paymaster_service::PaymasterService,
    user_operation::UserOperation,
};
use alloy::{eips::eip7702::SignedAuthorization, primitives::Address, signers::local::PrivateKeySigner};
use clap::Args;
use serde_json::{Value, json};

const PAYMASTER_KEY: &str = "HEDGEROW_PAYMASTER_PRIVATE_KEY";

/// Who pays.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "User operations")]
pub struct SponsorshipArgs {
    /// A paymaster that pays for what the key in HEDGEROW_PAYMASTER_PRIVATE_KEY signs
    #[arg(long, value_name = "ADDRESS", env = "HEDGEROW_PAYMASTER")]
    paymaster: Option<Address>,
    /// The paymaster's key is that of account N of the development mnemonic
    #[arg(long, value_name = "N", requires = "paymaster", value_parser = clap::value_parser!(u32).range(0..keys::DEVELOPMENT_ACCOUNTS as i64))]
    paymaster_dev_account: Option<u32>,
    /// A paymaster's service (ERC-7677) to ask instead
    #[arg(
        long,
        value_name = "URL",
        env = "HEDGEROW_PAYMASTER_URL",
        hide_env_values = true,
        conflicts_with = "paymaster"
    )]
    paymaster_url: Option<String>,
    /// What that service wants to know besides, as JSON
    #[arg(long, value_name = "JSON", requires = "paymaster_url")]
    paymaster_context: Option<String>,
}

/// A payer.
#[derive(Clone, Debug)]
pub enum Sponsorship {
    /// A paymaster whose key signs here.
    Signing(Box<SigningPaymaster>),
    /// A service.
    Service(PaymasterService),
}

impl SponsorshipArgs {
    /// Whether anybody is named.
    pub const fn is_named(&self) -> bool {
        self.paymaster.is_some() || self.paymaster_url.is_some()
    }

    /// The payer, if one is named; looks its key up, and its domain.
    pub async fn prepare(&self, client: &Client) -> Result<Option<Sponsorship>> {
        if let Some(url) = &self.paymaster_url {
            let context = self.paymaster_context.as_deref().map_or(Ok(json!({})), |text| {
                serde_json::from_str::<Value>(text)
                    .map_err(|error| Error::invalid("--paymaster-context", text, format!("it is not JSON: {error}")))
            });
            return PaymasterService::new(url, context?).map(|service| Some(Sponsorship::Service(service)));
        }
        let Some(address) = self.paymaster else { return Ok(None) };
        let remedy = "the paymaster pays only for what its key signs";
        let key = other_key(client, self.paymaster_dev_account, PAYMASTER_KEY, remedy)?;
        let paymaster = SigningPaymaster::connect(client, address, key).await?;
        Ok(Some(Sponsorship::Signing(Box::new(paymaster))))
    }
}

/// A key that is not the account's: of a development account, or from its variable.
pub fn other_key(client: &Client, index: Option<u32>, name: &'static str, why: &str) -> Result<PrivateKeySigner> {
    match index {
        Some(index) => KeyArgs {
            dev_account: Some(index),
            keystore: None,
        }
        .signer(client),
        None => keys::from_environment(name)?
            .ok_or_else(|| Error::missing(name, format!("set it in the environment: {why}"))),
    }
}

impl Sponsorship {
    /// Puts its part into an operation with data that only has the right length, to estimate with. True where that data holds already.
    pub async fn stub(
        &self,
        operation: &mut UserOperation,
        authorization: Option<&SignedAuthorization>,
        chain: (u64, Address),
    ) -> Result<bool> {
        match self {
            Self::Signing(paymaster) => {
                operation.sponsor = Some(paymaster.placeholder());
                Ok(false)
            }
            Self::Service(service) => {
                let stub = service.stub(operation, authorization, chain).await?;
                operation.sponsor = Some(stub.sponsor);
                Ok(stub.last)
            }
        }
    }

    /// Puts the data in that the paymaster accepts, for an operation that lacks only the account's signature.
    pub async fn finish(
        &self,
        operation: &mut UserOperation,
        authorization: Option<&SignedAuthorization>,
        chain: (u64, Address),
        valid_until: u64,
    ) -> Result<()> {
        match self {
            Self::Signing(paymaster) => paymaster.sponsor(operation, valid_until),
            Self::Service(service) => {
                let (paymaster, data) = service.data(operation, authorization, chain).await?;
                match &mut operation.sponsor {
                    Some(sponsor) if sponsor.paymaster == paymaster => sponsor.data = data,
                    other => {
                        return Err(Error::Mismatch {
                            what: "the paymaster that the service answers for".into(),
                            expected: other
                                .as_ref()
                                .map_or_else(|| "none".into(), |s| s.paymaster.to_string()),
                            found: paymaster.to_string(),
                        });
                    }
                }
                Ok(())
            }
        }
    }
}
