//! `hedgerow delegate`.

use crate::{
    account::Standing,
    cli::{NodeArgs, RecordArgs},
    client::Client,
    confirm::ConfirmArgs,
    delegation::{self, Delegation},
    error::{Error, Result},
    keys::KeyArgs,
    output,
    redelegation::{Redelegation, Sent, SponsorArgs},
};
use alloy::primitives::{Address, keccak256};
use clap::Args;
use serde::Serialize;

/// Arguments of `hedgerow delegate`.
#[derive(Args, Debug)]
pub struct DelegateArgs {
    /// The shell to delegate to; by default the one deployed on this chain
    #[arg(long, value_name = "ADDRESS")]
    pub to: Option<Address>,
    /// Go ahead although the EOA is delegated to something else
    #[arg(long)]
    pub replace: bool,
    /// Delegate to any contract, even if it is not the shell recorded for this chain: its code can do everything with the wallet
    #[arg(long, requires = "to")]
    pub any_code: bool,
    /// Only show the delegation as it is
    #[arg(long, conflicts_with_all = ["to", "replace", "yes", "dry_run"])]
    pub show: bool,
    #[command(flatten)]
    sponsor: SponsorArgs,
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
    before: Option<Address>,
    after: Option<Address>,
    warnings: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    most_gas: Option<u64>,
    #[serde(flatten)]
    sent: Option<Sent>,
}

/// Looks, checks, shows what will be, asks, sends, and looks again.
pub async fn run(args: DelegateArgs) -> Result<()> {
    let client = args.node.connect().await?;
    let signer = args.key.signer(&client)?;
    let account = signer.address();
    let before = Delegation::of(&client, account).await?;
    let mut report = Report {
        account,
        before: before.target(),
        after: before.target(),
        warnings: Vec::new(),
        most_gas: None,
        sent: None,
    };
    if !args.confirm.json {
        output::print(&format!("{account} is {}", before.in_words()))?;
    }
    if args.show {
        return if args.confirm.json {
            output::print_json(&report)
        } else {
            Ok(())
        };
    }
    if let Some(target) = wanted(&args, &client, account, before).await? {
        report.warnings = warnings(&args, &client, before).await?;
        let change = Redelegation::new(signer, args.sponsor.signer(&client)?, Some(target));
        report.most_gas = Some(change.gas(&client).await?);
        if !args.confirm.json {
            output::print(&preview(&change, &report))?;
        }
        if args.confirm.go_ahead("Delegate?")? {
            report.sent = Some(change.send(&client).await?);
            report.after = Some(target);
        }
    } else if !args.confirm.json {
        return output::print("There is nothing to change.");
    }
    if args.confirm.json {
        return output::print_json(&report);
    }
    output::print(&closing(&report))
}

/// The delegate to sign for; none when it is so already.
async fn wanted(args: &DelegateArgs, client: &Client, account: Address, now: Delegation) -> Result<Option<Address>> {
    let recorded = args.record.of(client)?.account;
    let shell = match (args.to, &recorded) {
        (Some(shell), _) => shell,
        (None, _) => args.record.of(client)?.account_address()?,
    };
    if !args.replace && now.require(account, shell)? || now == Delegation::To(shell) {
        return Ok(None);
    }
    let code = client.code(shell).await?;
    if args.any_code {
        return match code.is_empty() {
            true => Err(Error::NotDeployed {
                what: "contract",
                address: shell,
                chain_id: client.chain_id(),
                remedy: "an account that runs no code would only look delegated; correct --to".into(),
            }),
            false => Ok(Some(shell)),
        };
    }
    delegation::require_working_shell(client, shell).await?;
    match recorded {
        Some(known) if known.address == shell && known.code_hash == keccak256(&code) => Ok(Some(shell)),
        Some(known) if known.address == shell => Err(Error::Mismatch {
            what: format!("the code of the shell at {shell}"),
            expected: known.code_hash.to_string(),
            found: keccak256(&code).to_string(),
        }),
        _ => Err(Error::invalid(
            "--to",
            shell,
            "it is not the shell recorded for this chain, though it answers like one, and its code could do everything with \
             the wallet. Deploy ours with `hedgerow deploy account`, or repeat with --any-code if you know that code",
        )),
    }
}

async fn warnings(args: &DelegateArgs, client: &Client, before: Delegation) -> Result<Vec<String>> {
    let mut warnings = Vec::new();
    let recorded = args.record.of(client)?.account.map(|shell| shell.address);
    match (Standing::of(client, before, recorded).await?, before.target()) {
        (Standing::Stranger, Some(theirs)) => warnings.push(format!(
            "this ends the delegation to {theirs}, a stranger's code: what it holds or allows elsewhere (keys, allowances, plugins) \
             is not undone by that"
        )),
        (Standing::OtherShell, Some(theirs)) => {
            warnings.push(format!("this ends the delegation to another shell, {theirs}"));
        }
        _ => {}
    }
    if args.any_code {
        warnings.push("the code at --to was not checked: whoever wrote it can do everything with this wallet".into());
    }
    Ok(warnings)
}

fn preview(change: &Redelegation, report: &Report) -> String {
    let now = report.before.map_or(Delegation::None, Delegation::To).in_words();
    let then = change.target.map_or(Delegation::None, Delegation::To).in_words();
    let rows = [
        ("account", report.account.to_string()),
        ("now", now),
        ("then", then),
        ("valid on", "this chain only".into()),
        (
            "sent and paid by",
            format!(
                "{} (at most {} gas)",
                change.payer.address(),
                report.most_gas.unwrap_or_default()
            ),
        ),
    ];
    let warnings = report.warnings.iter().map(|text| ("warning", text.clone()));
    let rows = rows.into_iter().chain(warnings);
    output::table(
        &["delegation", ""],
        rows.map(|(name, value)| vec![name.to_owned(), value]).collect(),
    )
}

fn closing(report: &Report) -> String {
    match &report.sent {
        None => "Nothing was sent (--dry-run).".into(),
        Some(sent) => format!(
            "Now it is {} (transaction {}, {} gas paid by {})",
            report.after.map_or(Delegation::None, Delegation::To).in_words(),
            sent.transaction,
            sent.gas_used,
            sent.paid_by
        ),
    }
}
