//! `hedgerow undelegate`.

use crate::{
    cli::{NodeArgs, PositionManagerArgs},
    client::Client,
    confirm::ConfirmArgs,
    delegation::Delegation,
    error::{Error, Result},
    keys::KeyArgs,
    output::{self, Progress},
    position::Place,
    redelegation::{Redelegation, Sent, SponsorArgs},
    search::{Found, Search},
};
use alloy::primitives::Address;
use clap::Args;
use serde::Serialize;

/// Arguments of `hedgerow undelegate`.
#[derive(Args, Debug)]
pub struct UndelegateArgs {
    /// Do not look for direct positions first (they stay the wallet's either way)
    #[arg(long, conflicts_with = "from_block")]
    pub no_search: bool,
    /// Look for direct positions since this block
    #[arg(long, value_name = "BLOCK", default_value_t = 0)]
    pub from_block: u64,
    #[command(flatten)]
    sponsor: SponsorArgs,
    #[command(flatten)]
    manager: PositionManagerArgs,
    #[command(flatten)]
    node: NodeArgs,
    #[command(flatten)]
    key: KeyArgs,
    #[command(flatten)]
    confirm: ConfirmArgs,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    account: Address,
    before: Option<Address>,
    after: Option<Address>,
    /// Positions that the wallet holds in pools itself; null when they were not looked for.
    direct_positions: Option<Vec<Place>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    most_gas: Option<u64>,
    #[serde(flatten)]
    sent: Option<Sent>,
}

/// Looks for what is affected, shows it, asks, sends, and looks again.
pub async fn run(args: UndelegateArgs) -> Result<()> {
    let client = args.node.connect().await?;
    let signer = args.key.signer(&client)?;
    let account = signer.address();
    let before = Delegation::of(&client, account).await?;
    let mut report = Report {
        account,
        before: before.target(),
        after: before.target(),
        direct_positions: None,
        most_gas: None,
        sent: None,
    };
    let json = args.confirm.json;
    if before == Delegation::None {
        return if json {
            output::print_json(&report)
        } else {
            output::print(&format!("{account} is not delegated; there is nothing to change."))
        };
    }
    report.direct_positions = direct_positions(&args, &client, account).await?;
    let change = Redelegation::new(signer, args.sponsor.signer(&client)?, None);
    report.most_gas = Some(change.gas(&client).await?);
    if !json {
        output::print(&preview(&change, &report))?;
    }
    if args.confirm.go_ahead("Undelegate?")? {
        report.sent = Some(change.send(&client).await?);
        report.after = None;
    }
    if json {
        return output::print_json(&report);
    }
    output::print(&match &report.sent {
        None => "Nothing was sent (--dry-run).".into(),
        Some(sent) => format!(
            "{account} is an ordinary wallet again (transaction {}, {} gas paid by {})",
            sent.transaction, sent.gas_used, sent.paid_by
        ),
    })
}

/// The direct positions, none where they cannot be looked for: that must not keep anybody delegated.
async fn direct_positions(args: &UndelegateArgs, client: &Client, account: Address) -> Result<Option<Vec<Place>>> {
    if args.no_search {
        return Ok(None);
    }
    let progress = Progress::new();
    let mut found = Found::default();
    let search = async {
        let manager = args.manager.resolve(client)?;
        let mut search = Search::begin(client, &progress, manager, account).await?;
        search.by_events(args.from_block, &[], &mut found).await
    };
    let result = search.await;
    progress.finish();
    match result {
        Err(error @ Error::Unreachable { .. }) => Err(error),
        Err(error) => {
            output::say(&format!("warning: direct positions were not looked for: {error}"));
            Ok(None)
        }
        Ok(()) => {
            let mut places: Vec<Place> = found.positions.iter().map(|position| position.place).collect();
            places.extend(found.unreadable.iter().map(|(place, _)| *place));
            places.sort();
            Ok(Some(places))
        }
    }
}

fn preview(change: &Redelegation, report: &Report) -> String {
    let mut rows = vec![
        ("account", report.account.to_string()),
        ("now", report.before.map_or(Delegation::None, Delegation::To).in_words()),
        ("then", "an ordinary wallet, without code".into()),
        (
            "sent and paid by",
            format!(
                "{} (at most {} gas)",
                change.payer.address(),
                report.most_gas.unwrap_or_default()
            ),
        ),
        (
            "what stays",
            "tokens, NFTs, allowances, deposits at EntryPoints, and the account's state, should it delegate again"
                .into(),
        ),
    ];
    match report.direct_positions.as_deref() {
        None => rows.push(("direct positions", "not looked for".into())),
        Some([]) => rows.push(("direct positions", "none".into())),
        Some(places) => {
            let list: Vec<String> = places.iter().map(ToString::to_string).collect();
            rows.push(("direct positions", list.join("\n")));
            rows.push((
                "warning",
                "these stay the wallet's, but cannot be moved or compounded any more; to leave one, an ordinary wallet sends two \
                 transactions to its pool, burn and collect"
                    .into(),
            ));
        }
    }
    output::table(
        &["undelegation", ""],
        rows.into_iter()
            .map(|(name, value)| vec![name.to_owned(), value])
            .collect(),
    )
}
