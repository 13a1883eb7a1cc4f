//! `hedgerow position list`.

use crate::{
    cli::{NodeArgs, OwnerArgs, PositionManagerArgs},
    decimal::format_units,
    error::{Error, Result},
    output::{self, Progress, decimal_string},
    position::{Place, Position, Summary},
    search::{Found, Search, ticks::DEFAULT_MAX_PAIRS},
};
use alloy::primitives::{Address, U256};
use clap::Args;
use serde::Serialize;

/// Arguments of `hedgerow position list`.
#[derive(Args, Debug)]
pub struct ListArgs {
    #[command(flatten)]
    owner: OwnerArgs,
    /// Only direct positions in this pool (repeatable), and no NFTs
    #[arg(long, value_name = "ADDRESS")]
    pub pool: Vec<Address>,
    /// Look for direct positions since this block; they cannot be older than their wallet
    #[arg(long, value_name = "BLOCK", default_value_t = 0, conflicts_with = "from_state")]
    pub from_block: u64,
    /// Only NFTs, which takes no logs
    #[arg(long, conflicts_with_all = ["pool", "from_state"])]
    pub nfts_only: bool,
    /// Look for direct positions without logs: ask the pools named by --pool for every pair of their initialised ticks. Finds those
    /// that hold liquidity
    #[arg(long, requires = "pool")]
    pub from_state: bool,
    /// The most pairs of ticks to ask one pool for
    #[arg(long, value_name = "COUNT", requires = "from_state", default_value_t = DEFAULT_MAX_PAIRS)]
    pub max_pairs: u64,
    #[command(flatten)]
    manager: PositionManagerArgs,
    #[command(flatten)]
    node: NodeArgs,
    /// Print one JSON document
    #[arg(long)]
    pub json: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    chain_id: u64,
    owner: Address,
    block: u64,
    position_manager: Address,
    factory: Address,
    positions: Vec<Row>,
    /// Contracts that say they gave the owner liquidity and are no pools of the factory.
    foreign_contracts: Vec<Address>,
    /// Places that hold nothing.
    empty: usize,
    unreadable: Vec<Unreadable>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    #[serde(flatten)]
    position: Summary,
    /// raw.
    #[serde(with = "decimal_string")]
    amount0: U256,
    /// raw.
    #[serde(with = "decimal_string")]
    amount1: U256,
    /// raw.
    #[serde(with = "decimal_string")]
    fees0: U256,
    /// raw.
    #[serde(with = "decimal_string")]
    fees1: U256,
    /// wad of raw token1, fees not counted.
    #[serde(with = "decimal_string")]
    value: U256,
}

#[derive(Serialize)]
struct Unreadable {
    place: Place,
    reason: String,
}

/// Searches and shows.
pub async fn run(args: ListArgs) -> Result<()> {
    let client = args.node.connect().await?;
    let manager = args.manager.resolve(&client)?;
    let owner = args.owner.resolve(&client)?;
    let progress = Progress::new();
    let mut search = Search::begin(&client, &progress, manager, owner).await?;
    if args.from_block > search.number {
        let remedy = format!("the chain's last block is {}", search.number);
        return Err(Error::invalid("--from-block", args.from_block, remedy));
    }
    let mut found = find(&args, &mut search).await?;
    progress.finish();
    let rows = rows(&mut found);
    for (place, reason) in &found.unreadable {
        output::say(&format!(
            "warning: {place} is left out, for it cannot be read: {reason}"
        ));
    }
    if !found.foreign.is_empty() {
        output::say(&format!(
            "{} contracts say they gave {owner} liquidity but are no pools of {}; they are left out",
            found.foreign.len(),
            search.factory
        ));
    }
    if !args.json {
        return output::print(&text(&rows, &found, &search, args.sought()));
    }
    output::print_json(&Report {
        chain_id: client.chain_id(),
        owner,
        block: search.number,
        position_manager: manager,
        factory: search.factory,
        positions: rows,
        foreign_contracts: found.foreign.into_iter().collect(),
        empty: found.empty,
        unreadable: found
            .unreadable
            .into_iter()
            .map(|(place, reason)| Unreadable { place, reason })
            .collect(),
    })
}

async fn find(args: &ListArgs, search: &mut Search<'_>) -> Result<Found> {
    let mut found = Found::default();
    if args.pool.is_empty() {
        search.nfts(&mut found).await?;
    }
    if args.from_state {
        for pool in &args.pool {
            search.by_state(*pool, args.max_pairs, &mut found).await?;
        }
    } else if !args.nfts_only {
        search.by_events(args.from_block, &args.pool, &mut found).await?;
    }
    Ok(found)
}

/// One row a position, in order; one that cannot be reckoned with (a token of absurd decimals, say) must not hide the others.
fn rows(found: &mut Found) -> Vec<Row> {
    found.positions.sort_by_key(|position| position.place);
    let mut rows = Vec::with_capacity(found.positions.len());
    for position in &found.positions {
        match row(position) {
            Ok(row) => rows.push(row),
            Err(error) => found.unreadable.push((position.place, error.to_string())),
        }
    }
    rows
}

fn row(position: &Position) -> Result<Row> {
    let figures = position.figures(position.sqrt_price)?;
    Ok(Row {
        position: position.summary()?,
        amount0: figures.amount0,
        amount1: figures.amount1,
        fees0: figures.fees0,
        fees1: figures.fees1,
        value: figures.value,
    })
}

impl ListArgs {
    /// What was looked for, in words.
    fn sought(&self) -> &'static str {
        match (self.nfts_only, self.pool.is_empty()) {
            (true, _) => "positions as NFTs",
            (false, true) => "positions",
            (false, false) => "direct positions in the pools named",
        }
    }
}

fn text(rows: &[Row], found: &Found, search: &Search<'_>, sought: &str) -> String {
    if rows.is_empty() {
        let empty = match found.empty {
            0 => String::new(),
            count => format!(" ({count} that hold nothing)"),
        };
        return format!("{} has no {sought} as of block {}{empty}.", search.owner, search.number);
    }
    let cells = rows.iter().map(|row| {
        let it = &row.position;
        let fee = format_units(U256::from(it.fee), 4);
        vec![
            it.place.to_string(),
            format!("{}/{} {fee} %", it.token0.symbol, it.token1.symbol),
            format!("{} to {}", it.price_lower, it.price_upper),
            it.price.clone(),
            if it.in_range { "yes".into() } else { "no".into() },
            it.token1.short_wad(row.value, 6),
            format!("{} + {}", it.token0.short(row.fees0, 6), it.token1.short(row.fees1, 6)),
        ]
    });
    output::table(
        &["position", "pool", "range", "price", "in range", "value", "fees"],
        cells.collect(),
    )
}
