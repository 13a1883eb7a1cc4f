//! `hedgerow delegate`.

use crate::{
    cli::{NodeArgs, RecordArgs},
    client::{Client, Transaction},
    delegation::{self, Delegation},
    error::{Error, Result},
    keys::{self, KeyArgs},
    output,
};
use alloy::{
    primitives::{Address, B256},
    signers::local::PrivateKeySigner,
};
use clap::Args;
use serde::Serialize;

const SPONSOR_KEY: &str = "HEDGEROW_SPONSOR_PRIVATE_KEY";

/// Arguments of `hedgerow delegate`.
#[derive(Args, Debug)]
pub struct DelegateArgs {
    /// The shell to delegate to; by default the one deployed on this chain
    #[arg(long, value_name = "ADDRESS", conflicts_with = "revoke")]
    pub to: Option<Address>,
    /// End the delegation: the EOA has no code afterwards
    #[arg(long)]
    pub revoke: bool,
    /// Go ahead although the EOA is delegated to something else
    #[arg(long)]
    pub replace: bool,
    /// Only show the delegation as it is
    #[arg(long, conflicts_with_all = ["to", "revoke", "replace"])]
    pub show: bool,
    /// Have account N of the development mnemonic send and pay for it (else the key in HEDGEROW_SPONSOR_PRIVATE_KEY, else the EOA)
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(0..keys::DEVELOPMENT_ACCOUNTS as i64))]
    pub sponsor_dev_account: Option<u32>,
    #[command(flatten)]
    node: NodeArgs,
    #[command(flatten)]
    key: KeyArgs,
    #[command(flatten)]
    record: RecordArgs,
    /// Print one JSON document
    #[arg(long)]
    pub json: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    account: Address,
    before: Option<Address>,
    after: Option<Address>,
    #[serde(skip_serializing_if = "Option::is_none")]
    transaction: Option<B256>,
    #[serde(skip_serializing_if = "Option::is_none")]
    gas_used: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    paid_by: Option<Address>,
}

/// Shows, checks, signs, sends, and shows again.
pub async fn run(args: DelegateArgs) -> Result<()> {
    let client = args.node.connect().await?;
    let signer = args.key.signer(&client)?;
    let account = signer.address();
    let before = Delegation::of(&client, account).await?;
    let mut report = Report {
        account,
        before: before.target(),
        after: before.target(),
        transaction: None,
        gas_used: None,
        paid_by: None,
    };
    if !args.json {
        output::print(&format!("{account} is {}", before.in_words()))?;
    }
    if let Some(target) = wanted(&args, &client, account, before).await? {
        let payer = payer(&args, &client)?;
        send(&client, &signer, payer.as_ref(), target, &mut report).await?;
    }
    if args.json {
        return output::print_json(&report);
    }
    match (report.transaction, report.gas_used, report.paid_by) {
        (Some(hash), Some(gas), Some(payer)) => {
            let now = report.after.map_or(Delegation::None, Delegation::To).in_words();
            output::print(&format!(
                "Now it is {now} (transaction {hash}, {gas} gas paid by {payer})"
            ))
        }
        _ if args.show => Ok(()),
        _ => output::print("There is nothing to change."),
    }
}

/// The delegate to sign for; the zero address revokes; none when it is so already.
async fn wanted(args: &DelegateArgs, client: &Client, account: Address, now: Delegation) -> Result<Option<Address>> {
    if args.show {
        return Ok(None);
    }
    if args.revoke {
        return Ok((now != Delegation::None).then_some(Address::ZERO));
    }
    let shell = match args.to {
        Some(shell) => shell,
        None => args.record.of(client)?.account_address()?,
    };
    if !args.replace && now.require(account, shell)? || now == Delegation::To(shell) {
        return Ok(None);
    }
    delegation::require_working_shell(client, shell).await?;
    Ok(Some(shell))
}

fn payer(args: &DelegateArgs, client: &Client) -> Result<Option<PrivateKeySigner>> {
    match args.sponsor_dev_account {
        Some(index) => KeyArgs {
            dev_account: Some(index),
            keystore: None,
        }
        .signer(client)
        .map(Some),
        None => keys::from_environment(SPONSOR_KEY),
    }
}

async fn send(
    client: &Client,
    signer: &PrivateKeySigner,
    payer: Option<&PrivateKeySigner>,
    target: Address,
    report: &mut Report,
) -> Result<()> {
    let account = signer.address();
    let sender = payer.unwrap_or(signer);
    // The EOA's own transaction takes its next nonce before the authorisation is looked at.
    let nonce = client.nonce(account).await? + u64::from(sender.address() == account);
    let signed = delegation::authorise(signer, client.chain_id(), target, nonce)?;
    let transaction = Transaction {
        to: Some(account),
        ..Transaction::default()
    }
    .with_authorization(signed);
    let receipt = client.send(sender, transaction, "the delegation").await?;
    let after = Delegation::of(client, account).await?;
    let expected = if target.is_zero() {
        Delegation::None
    } else {
        Delegation::To(target)
    };
    if after != expected {
        return Err(Error::Mismatch {
            what: format!(
                "the delegation of {account} after transaction {}",
                receipt.transaction_hash
            ),
            expected: expected.in_words(),
            found: after.in_words(),
        });
    }
    report.after = after.target();
    report.transaction = Some(receipt.transaction_hash);
    report.gas_used = Some(receipt.gas_used);
    report.paid_by = Some(sender.address());
    Ok(())
}
