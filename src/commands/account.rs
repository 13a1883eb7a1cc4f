//! `hedgerow account`, and its `status`.

use super::{
    account_keys,
    account_wipe::{self, WipeArgs},
};
use crate::{
    account::{self, AtEntryPoint, Header, ProgramState, STATE_VERSION, Standing},
    cli::{NodeArgs, OwnerArgs, RecordArgs},
    client::Client,
    decimal::format_units,
    delegation::Delegation,
    error::Result,
    output::{self, decimal_string},
};
use alloy::primitives::{Address, U256};
use clap::{Args, Subcommand};
use serde::Serialize;

/// What to do with an account.
#[derive(Subcommand, Debug)]
pub enum AccountCommand {
    /// Show whose code it runs, what that needs, what is written down, and what it has for gas
    Status(StatusArgs),
    /// Void every batch that was signed for others to send, and begin the account's state anew
    Wipe(WipeArgs),
    /// Let other keys act for the account, within limits of their own
    #[command(subcommand)]
    Keys(account_keys::KeysCommand),
}

/// Arguments of `hedgerow account status`.
#[derive(Args, Debug)]
pub struct StatusArgs {
    #[command(flatten)]
    owner: OwnerArgs,
    #[command(flatten)]
    node: NodeArgs,
    #[command(flatten)]
    record: RecordArgs,
    /// Print one JSON document
    #[arg(long)]
    pub json: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    chain_id: u64,
    account: Address,
    #[serde(with = "decimal_string")]
    balance: U256,
    nonce: u64,
    /// Signed and sent, but not in a block yet.
    pending_transactions: u64,
    delegate: Option<Address>,
    standing: Standing,
    programs: Vec<ProgramState>,
    state: Header,
    state_known: bool,
    entry_points: Vec<AtEntryPoint>,
    #[serde(with = "decimal_string")]
    gas_price: u128,
    warnings: Vec<String>,
}

/// Dispatches.
pub async fn run(command: AccountCommand) -> Result<()> {
    match command {
        AccountCommand::Status(args) => status(args).await,
        AccountCommand::Keys(command) => account_keys::run(command).await,
        AccountCommand::Wipe(args) => account_wipe::run(args).await,
    }
}

async fn status(args: StatusArgs) -> Result<()> {
    let client = args.node.connect().await?;
    let owner = args.owner.resolve(&client)?;
    let recorded = args.record.of(&client)?.account.map(|shell| shell.address);
    let report = look(&client, owner, recorded).await?;
    if args.json {
        return output::print_json(&report);
    }
    output::print(&text(&report))
}

async fn look(client: &Client, owner: Address, recorded: Option<Address>) -> Result<Report> {
    let delegation = Delegation::of(client, owner).await?;
    let standing = Standing::of(client, delegation, recorded).await?;
    // What a stranger's code says of programs means nothing; without a delegation, the recorded shell's are of interest.
    let shell = match standing {
        Standing::Ours | Standing::OtherShell => delegation.target(),
        Standing::NotDelegated => recorded,
        Standing::Stranger => None,
    };
    let programs = match shell {
        Some(shell) => account::programs_of(client, shell).await?,
        None => Vec::new(),
    };
    let state = Header::read(client, owner).await?;
    let (nonce, pending_transactions) = account::nonces(client, owner).await?;
    let mut report = Report {
        chain_id: client.chain_id(),
        account: owner,
        balance: client.balance(owner).await?,
        nonce,
        pending_transactions,
        delegate: delegation.target(),
        standing,
        programs,
        state,
        state_known: state.is_known(),
        entry_points: account::at_entry_points(client, owner).await?,
        gas_price: client.fees().await?.0,
        warnings: Vec::new(),
    };
    report.warnings = warnings(&report);
    Ok(report)
}

fn warnings(report: &Report) -> Vec<String> {
    let mut warnings = Vec::new();
    let delegate = report.delegate.unwrap_or_default();
    match report.standing {
        Standing::Stranger => warnings.push(format!(
            "this account runs a stranger's code ({delegate}), which can do everything with it. If you did not choose that, \
             `hedgerow undelegate` at once; else `hedgerow delegate --replace` to run ours instead"
        )),
        Standing::OtherShell => warnings.push(format!(
            "{delegate} answers like a Hedgerow shell but is not the one recorded for this chain: compare it with where your \
             shell was deployed; `hedgerow delegate --replace` changes to the recorded one"
        )),
        Standing::NotDelegated | Standing::Ours => {}
    }
    for program in &report.programs {
        if let Some(reason) = &program.inactive {
            warnings.push(format!("the program {} is {reason}", program.name));
        }
    }
    if !report.state_known {
        warnings.push(format!(
            "the account's state is of version {}, which this release (version {STATE_VERSION}) does not know: use the release \
             that wrote it, or `hedgerow account wipe`",
            report.state.version
        ));
    }
    if report.pending_transactions != 0 {
        warnings.push(format!(
            "{} transactions of this account are not in a block yet: an authorisation signed now could be void by then",
            report.pending_transactions
        ));
    }
    warnings
}

fn text(report: &Report) -> String {
    let ether = |wei: U256| format!("{} ETH", format_units(wei, 18));
    let mut rows = vec![
        ("ether", ether(report.balance)),
        ("transactions", format!("{} sent", report.nonce)),
        ("code", code(report)),
    ];
    rows.extend(report.programs.iter().map(|it| (it.name, program(it))));
    rows.push(("state", state(report)));
    rows.extend(report.entry_points.iter().map(|it| {
        let name = if it.version == "0.9" {
            "EntryPoint v0.9"
        } else {
            "EntryPoint v0.8"
        };
        (name, format!("deposit {}, next nonce {}", ether(it.deposit), it.nonce))
    }));
    rows.push((
        "gas price",
        format!("{} gwei", format_units(U256::from(report.gas_price), 9)),
    ));
    rows.extend(report.warnings.iter().map(|warning| ("warning", warning.clone())));
    let title = format!("account {}", report.account);
    output::table(
        &[&title, ""],
        rows.into_iter()
            .map(|(name, value)| vec![name.to_owned(), value])
            .collect(),
    )
}

fn code(report: &Report) -> String {
    let delegate = report.delegate.unwrap_or_default();
    match report.standing {
        Standing::NotDelegated => "none: an ordinary wallet (`hedgerow delegate` changes that)".into(),
        Standing::Ours => format!("our shell {delegate}"),
        Standing::OtherShell => format!("another shell, {delegate}"),
        Standing::Stranger => format!("a stranger's: {delegate}"),
    }
}

fn program(it: &ProgramState) -> String {
    let cached = match it.cached {
        Some(true) => ", cached",
        Some(false) => ", not cached",
        None => "",
    };
    match (it.deployed, it.seconds_left, &it.inactive) {
        (false, ..) => format!("{}: NOT DEPLOYED", it.address),
        (true, Some(seconds), _) => format!("{}: active for {} more days{cached}", it.address, seconds / 86_400),
        (true, None, _) => format!("{}: NOT ACTIVE", it.address),
    }
}

fn state(report: &Report) -> String {
    let Header {
        version,
        generation,
        sequence,
        paused,
        ..
    } = report.state;
    let stopped = if paused {
        ", PAUSED: keepers and session keys are stopped"
    } else {
        ""
    };
    match (version, report.state_known) {
        (0, _) => "never written".into(),
        (_, true) => format!("version {version}, generation {generation}, next signed batch {sequence}{stopped}"),
        (_, false) => format!("version {version}, which this release does not know"),
    }
}
