//! `hedgerow hedge show`.

use super::{GuardArgs, TermsArgs, VenueArgs, open, table};
use crate::{
    cli::{NodeArgs, OwnerArgs, PositionManagerArgs, RecordArgs},
    error::Result,
    hedge::{
        observe::{self, governing},
        quote::Quote,
        words,
    },
    human, output,
    policy::observe::{NO_POLICY, Scene},
    position::Place,
    price,
};
use clap::Args;
use hedgerow_core::hedging::accounts;
use serde_json::{Value, json};

/// Arguments of `hedgerow hedge show`.
#[derive(Args, Debug)]
pub struct ShowArgs {
    /// The position: the number of an NFT, or POOL:TICK_LOWER:TICK_UPPER for liquidity that its owner holds in the pool itself
    #[arg(value_name = "POSITION")]
    place: Place,
    #[command(flatten)]
    owner: OwnerArgs,
    #[command(flatten)]
    venue: VenueArgs,
    #[command(flatten)]
    terms: TermsArgs,
    #[command(flatten)]
    guard: GuardArgs,
    #[command(flatten)]
    manager: PositionManagerArgs,
    #[command(flatten)]
    node: NodeArgs,
    #[command(flatten)]
    record: RecordArgs,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

/// Reads and tells; there may be no hedge yet.
pub async fn run(args: ShowArgs) -> Result<()> {
    let client = args.node.connect().await?;
    let manager = args.manager.resolve(&client)?;
    let owner = args.owner.resolve(&client)?;
    let scene = Scene::read(&client, manager, owner, args.place).await?;
    let found = observe::remembered(&client, &scene).await?;
    let deployment = args.record.of(&client)?;
    let venue = args
        .venue
        .of(&client, manager, &scene, found.as_ref(), &deployment)
        .await?;
    let order = args.guard.order(venue, args.terms.of(&client, &scene, &venue).await?);
    let quote = Quote::make(&client, &scene, &order).await?;
    let snapshot = scene
        .snapshot_under(&client, &crate::hedge::quote::NO_GUARDS, false)
        .await?;
    let record = quote.hedge.record();
    let became = found.map(|_| {
        accounts(
            &record,
            &quote.hedge.market,
            &quote.hedge.pool,
            &snapshot,
            quote.sqrt_price,
        )
    });
    let policy = governing(&client, &scene).await?;
    let policy = (policy != NO_POLICY).then_some(policy);
    if args.json {
        return output::print_json(&json!({
            "chainId": client.chain_id(),
            "account": scene.account,
            "position": scene.position.place,
            "block": scene.block.as_u64(),
            "margin": found.map(|found| found.margin),
            "policyId": policy,
            "entrySqrtPriceX96": record.entry_sqrt_price.to_string(),
            "openedAt": record.opened_at,
            "adjustedAt": record.adjusted_at,
            "paidIn": record.paid_in.to_string(),
            "accounts": became.map_or(Value::Null, |it| json!({
                "hedge": it.hedge.to_string(),
                "carry": it.carry.to_string(),
                "fees": it.fees.to_string(),
                "il": it.il.to_string(),
                "net": it.net.to_string(),
            })),
            "quote": open::document(&order, &quote),
        }));
    }
    let pair = scene.pair(&client);
    let row = |name: &str, text: String| (name.to_owned(), text);
    let mut rows = Vec::new();
    if let (Some(found), Some(became)) = (&found, &became) {
        let entry = price::price_from(record.entry_sqrt_price, pair.token0.decimals, pair.token1.decimals)?;
        let times = (human::date(record.opened_at), human::date(record.adjusted_at));
        rows.push(row("margin account", found.margin.to_string()));
        rows.push(row(
            "opened",
            format!("{}, at {entry}; last changed {}", times.0, times.1),
        ));
        rows.extend(words::accounts(became, &pair));
        rows.push(row("now, a target would be", String::new()));
    } else {
        rows.push(row("hedge", "none; one would be".into()));
    }
    rows.extend(words::plan(&quote, &pair));
    rows.extend(words::gate(&quote, &order.terms, &pair));
    if let Some(id) = policy {
        rows.push(row("keepers' policy", id.to_string()));
    }
    output::print(&table(&format!("hedge of {}", scene.position.place), rows))
}
