//! `hedgerow account wipe`.

use crate::{
    account::Header,
    bindings::IAccountState::wipeCall,
    cli::{NodeArgs, RecordArgs},
    client::{Call, Client, Transaction},
    confirm::ConfirmArgs,
    delegation::Delegation,
    error::{Error, Result},
    keys::KeyArgs,
    output,
};
use alloy::primitives::{Address, B256};
use clap::Args;
use serde::Serialize;

const ACTION: &str = "wiping the account's state";

/// Arguments of `hedgerow account wipe`.
#[derive(Args, Debug)]
pub struct WipeArgs {
    #[command(flatten)]
    node: NodeArgs,
    #[command(flatten)]
    key: KeyArgs,
    #[command(flatten)]
    record: RecordArgs,
    #[command(flatten)]
    confirm: ConfirmArgs,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    account: Address,
    shell: Address,
    before: Header,
    after: Header,
    most_gas: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    transaction: Option<B256>,
    #[serde(skip_serializing_if = "Option::is_none")]
    gas_used: Option<u64>,
}

/// Looks, tries, shows what will be void, asks, sends, and looks again.
pub async fn run(args: WipeArgs) -> Result<()> {
    let client = args.node.connect().await?;
    let signer = args.key.signer(&client)?;
    let account = signer.address();
    let shell = require_shell(&args, &client, account).await?;
    let before = Header::read(&client, account).await?;
    let attempt = Call::new(account, account, &wipeCall {});
    client
        .simulate_as("wiping (simulated, nothing was sent)", attempt, &wipeCall {})
        .await?;
    let transaction = Transaction::call(account, &wipeCall {});
    let filled = client.fill(account, transaction.clone(), ACTION).await?;
    let mut report = Report {
        account,
        shell,
        before,
        after: before,
        most_gas: filled.gas.unwrap_or_default(),
        transaction: None,
        gas_used: None,
    };
    if !args.confirm.json {
        output::print(&preview(&report))?;
    }
    if args.confirm.go_ahead("Wipe?")? {
        let receipt = client.send(&signer, transaction, ACTION).await?;
        report.after = Header::read(&client, account).await?;
        report.transaction = Some(receipt.transaction_hash);
        report.gas_used = Some(receipt.gas_used);
        require_wiped(&report)?;
    }
    if args.confirm.json {
        return output::print_json(&report);
    }
    output::print(&match (report.transaction, report.gas_used) {
        (Some(hash), Some(gas)) => format!(
            "The state begins anew with generation {} (transaction {hash}, {gas} gas).",
            report.after.generation
        ),
        _ => "Nothing was sent (--dry-run).".into(),
    })
}

/// Only the shell's own code knows how to wipe; a stranger's function of that name could do anything.
async fn require_shell(args: &WipeArgs, client: &Client, account: Address) -> Result<Address> {
    let shell = args.record.of(client)?.account_address()?;
    if Delegation::of(client, account).await?.require(account, shell)? {
        return Ok(shell);
    }
    Err(Error::invalid(
        "the account",
        account,
        "it is not delegated, so nothing signed for it can run either; `hedgerow delegate` first, should it be wiped for later",
    ))
}

fn require_wiped(report: &Report) -> Result<()> {
    if report.after.generation == report.before.generation.saturating_add(1) && report.after.sequence == 0 {
        return Ok(());
    }
    Err(Error::Mismatch {
        what: format!("the generation of {} after the wipe", report.account),
        expected: report.before.generation.saturating_add(1).to_string(),
        found: report.after.generation.to_string(),
    })
}

fn preview(report: &Report) -> String {
    let before = &report.before;
    let rows = [
        (
            "state",
            format!(
                "version {}, generation {}, next signed batch {}",
                before.version, before.generation, before.sequence
            ),
        ),
        (
            "then",
            format!("generation {}, counted from 0", before.generation.saturating_add(1)),
        ),
        (
            "void",
            "every batch signed for others to send, of every nonce key, used or not: signatures name their generation".into(),
        ),
        (
            "not touched",
            "tokens, positions, allowances, deposits; signatures given to other contracts (permits, orders): revoke those there"
                .into(),
        ),
        ("paid by", format!("the account (at most {} gas)", report.most_gas)),
    ];
    let title = format!("wipe {}", report.account);
    output::table(
        &[&title, ""],
        rows.into_iter()
            .map(|(name, value)| vec![name.to_owned(), value])
            .collect(),
    )
}
