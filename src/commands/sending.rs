//! What every command that makes the account call itself shares: how the call is sent, or given away for another to send.

use crate::{
    action::{
        OwnCall,
        emit::{self, Form},
        send::{Carried, Route},
    },
    bundler::Bundler,
    cli::{NodeArgs, RecordArgs},
    client::Client,
    confirm::ConfirmArgs,
    decimal::format_units,
    deployment::Deployment,
    error::{Error, Result},
    keys::{self, KeyArgs},
    output::{self, Progress, decimal_string},
    signed_batch::Terms,
    sponsorship::{SponsorshipArgs, other_key},
};
use alloy::{
    primitives::{Address, B256, U256, aliases::U192},
    signers::local::PrivateKeySigner,
};
use clap::{Args, ValueEnum};
use serde::Serialize;
use serde_json::Value;
use std::sync::{Arc, Mutex, PoisonError};

const SENDER_KEY: &str = "HEDGEROW_SENDER_PRIVATE_KEY";

/// How it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Via {
    /// As the account's own transaction
    #[value(name = "self")]
    Own,
    /// As an ERC-4337 user operation
    Userop,
}

/// How a call that the account makes of itself is sent.
#[derive(Args, Debug)]
pub struct SendArgs {
    /// How to send it
    #[arg(long, value_enum, default_value = "self")]
    pub via: Via,
    /// Send nothing: print it in this form, for another to sign or send
    #[arg(long, value_enum, value_name = "FORM", conflicts_with_all = ["yes", "dry_run"])]
    pub emit: Option<Form>,
    /// Look from this account without its key; for --dry-run and --emit
    #[arg(long, value_name = "ADDRESS")]
    pub from: Option<Address>,
    /// The shell the account runs; by default the one deployed on this chain
    #[arg(long, value_name = "ADDRESS")]
    pub account: Option<Address>,
    /// How it is confirmed.
    #[command(flatten)]
    pub confirm: ConfirmArgs,
    /// Seconds from now in which another may send it
    #[arg(long, value_name = "SECONDS", default_value_t = 600, help_heading = "Limits")]
    pub lifetime: u64,
    /// Where the call goes instead of to the chain.
    #[arg(skip)]
    pub collector: Option<Collector>,
    #[command(flatten)]
    carrier: CarrierArgs,
    #[command(flatten)]
    sponsorship: SponsorshipArgs,
    #[command(flatten)]
    batch: BatchArgs,
    /// The node.
    #[command(flatten)]
    pub node: NodeArgs,
    #[command(flatten)]
    key: KeyArgs,
    #[command(flatten)]
    record: RecordArgs,
}

/// How a user operation is sent.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "User operations")]
pub struct CarrierArgs {
    /// Send it to this bundler; without it, straight to the EntryPoint from HEDGEROW_SENDER_PRIVATE_KEY
    #[arg(long, value_name = "URL", env = "HEDGEROW_BUNDLER_URL")]
    pub bundler_url: Option<String>,
    /// Send it straight to the EntryPoint from account N of the development mnemonic
    #[arg(long, value_name = "N", conflicts_with = "bundler_url", value_parser = clap::value_parser!(u32).range(0..keys::DEVELOPMENT_ACCOUNTS as i64))]
    pub sender_dev_account: Option<u32>,
}

impl CarrierArgs {
    /// The key that sends it straight to the EntryPoint.
    pub fn sender(&self, client: &Client) -> Result<PrivateKeySigner> {
        let remedy = "a plain EOA has to carry the user operation; or give --bundler-url";
        other_key(client, self.sender_dev_account, SENDER_KEY, remedy)
    }
}

/// The calls that commands were asked for, where they are to become parts of one operation instead of being sent.
pub type Collector = Arc<Mutex<Vec<OwnCall>>>;

/// What a batch that is signed as typed data is bound to.
#[derive(Args, Debug)]
#[command(next_help_heading = "Typed data")]
struct BatchArgs {
    /// Only this address may carry the signed batch; by default anybody
    #[arg(long, value_name = "ADDRESS")]
    executor: Option<Address>,
    /// Sequence of nonces that the batch belongs to; batches of different keys do not wait for each other
    #[arg(long, value_name = "KEY", default_value = "0")]
    nonce_key: U192,
}

/// What became of a call that was sent.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SentCall {
    transaction: B256,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_operation: Option<B256>,
    gas_used: u64,
    paid_by: Address,
    #[serde(with = "decimal_string")]
    paid_wei: U256,
}

impl From<&Carried> for SentCall {
    fn from(carried: &Carried) -> Self {
        Self {
            transaction: carried.receipt.transaction_hash,
            user_operation: carried.user_operation,
            gas_used: carried.receipt.gas_used,
            paid_by: carried.paid_by,
            paid_wei: carried.paid_wei,
        }
    }
}

impl SentCall {
    /// For the end of a sentence.
    pub fn text(&self) -> String {
        let cost = format_units(self.paid_wei, 18);
        format!(
            "transaction {}; {} gas; {cost} ETH paid by {}",
            self.transaction, self.gas_used, self.paid_by
        )
    }
}

/// The error where `--from` only looks.
pub fn watch_only() -> Error {
    Error::missing(
        "a signing key",
        "--from only looks: add --dry-run or --emit FORM, or give the key instead",
    )
}

impl SendArgs {
    /// The key that signs; none where `--from` only looks.
    pub fn signer(&self, client: &Client) -> Result<Option<PrivateKeySigner>> {
        match self.from {
            None => self.key.signer(client).map(Some),
            Some(_) if self.emit.is_some() || self.confirm.dry_run => Ok(None),
            Some(_) => Err(watch_only()),
        }
    }

    /// The account: the one that is only looked from, else the key's.
    pub fn account_of(&self, signer: Option<&PrivateKeySigner>) -> Address {
        self.from.or(signer.map(PrivateKeySigner::address)).unwrap_or_default()
    }

    /// The shell that the account runs, or is to run.
    pub fn shell(&self, client: &Client) -> Result<Address> {
        match self.account {
            Some(shell) => Ok(shell),
            None => self.record.of(client)?.account_address(),
        }
    }

    /// What is recorded of the chain.
    pub fn deployment(&self, client: &Client) -> Result<Deployment> {
        self.record.of(client)
    }

    /// Whether the call was asked for as part of something else; it is kept for that.
    pub fn collects(&self, call: &OwnCall) -> bool {
        let Some(collector) = &self.collector else { return false };
        // A lock that somebody died with holds calls all the same.
        let mut calls = collector.lock().unwrap_or_else(PoisonError::into_inner);
        calls.push(call.clone());
        true
    }

    /// The call in the form in which it leaves.
    pub async fn emitted(
        &self,
        client: &Client,
        call: &OwnCall,
        signer: Option<&PrivateKeySigner>,
        route: &Route,
        form: Form,
    ) -> Result<Value> {
        match form {
            Form::Userop => emit::user_operation(client, call, signer, route.sponsorship()).await,
            Form::Sendcalls => emit::send_calls(client, call),
            Form::Calls => Ok(emit::calls(call)),
            Form::TypedData => {
                let terms = Terms {
                    nonce_key: self.batch.nonce_key,
                    deadline: call.deadline,
                    executor: self.batch.executor.unwrap_or_default(),
                    min_gas: emit::gas_to_begin(client, call).await?,
                };
                emit::typed_data(client, call, terms).await
            }
        }
    }
}

impl Route {
    /// Looks up every key and address that sending will need.
    pub async fn prepare(args: &SendArgs, client: &Client) -> Result<Self> {
        let carrier = &args.carrier;
        let emits = args.emit == Some(Form::Userop);
        if args.via == Via::Own && !emits || args.collector.is_some() {
            return Ok(Self::Own);
        }
        let sponsorship = args.sponsorship.prepare(client).await?;
        if emits || args.confirm.dry_run && args.from.is_some() {
            return Ok(Self::Elsewhere(sponsorship));
        }
        if let Some(url) = &carrier.bundler_url {
            let bundler = Bundler::connect(url, client.chain_id()).await?;
            return Ok(Self::Bundled(bundler, sponsorship));
        }
        Ok(Self::Direct(carrier.sender(client)?, sponsorship))
    }
}

/// What is shown of a call before it is sent.
#[derive(Clone, Debug)]
pub struct Shown {
    /// For `--json`: an object, to which what is emitted or sent is added.
    pub document: Value,
    /// For people.
    pub text: String,
    /// What is asked.
    pub question: &'static str,
}

/// Shows a call that was simulated; emits it, or asks and sends it; reports. `afterwards` looks at what came of it and says so in a
/// sentence.
pub async fn see_through(
    args: &SendArgs,
    client: &Client,
    signer: Option<&PrivateKeySigner>,
    call: &OwnCall,
    mut shown: Shown,
    afterwards: impl AsyncFnOnce(&Carried) -> Result<String>,
) -> Result<()> {
    if args.collects(call) {
        return Ok(());
    }
    let route = Route::prepare(args, client).await?;
    let json = args.confirm.json;
    if let Some(form) = args.emit {
        let emitted = args.emitted(client, call, signer, &route, form).await?;
        if json {
            shown.document["emitted"] = emitted;
            return output::print_json(&shown.document);
        }
        output::say(&shown.text);
        return output::print_json(&emitted);
    }
    if !json {
        output::print(&shown.text)?;
    }
    let mut said = "Nothing was sent (--dry-run).".to_owned();
    if args.confirm.go_ahead(shown.question)? {
        let signer = signer.ok_or_else(watch_only)?;
        let progress = Progress::new();
        progress.step(format!("sending {}", call.what));
        let carried = route.carry(client, signer, call).await?;
        let outcome = afterwards(&carried).await?;
        progress.finish();
        let sent = SentCall::from(&carried);
        said = format!("{outcome} ({}).", sent.text());
        shown.document["sent"] =
            serde_json::to_value(&sent).map_err(|error| Error::io("writing JSON")(error.into()))?;
    }
    if json {
        return output::print_json(&shown.document);
    }
    output::print(&said)
}
