//! `hedgerow position`.

use crate::{
    bindings::{IDirectLens, ILens},
    cli::{NodeArgs, OwnerArgs, PositionManagerArgs, RecordArgs},
    client::Client,
    decimal::{Decimal, format_percent, format_signed, format_units},
    error::{Error, Result},
    output,
    position::{Figures, Place, Position, Summary},
    price,
};
use alloy::primitives::{Address, U256, aliases::U24};
use clap::{Args, Subcommand};
use serde::Serialize;

/// What to do with a position.
#[derive(Subcommand, Debug)]
pub enum PositionCommand {
    /// Show what a position is, is worth, and has lost against holding
    Show(ShowArgs),
    /// Open a position in a pool
    Open(Box<super::positions::OpenArgs>),
    /// Turn an NFT into liquidity that the wallet holds in the pool itself, or back
    Convert(Box<super::positions::PlainArgs>),
    /// List an owner's positions: NFTs, and liquidity held in the pools themselves, found from the chain alone
    List(super::position_list::ListArgs),
    /// Watch positions live: range, price, losses, fees, hedge, and how far the next trigger of their policies is
    Watch(super::position_watch::WatchArgs),
}

/// Arguments of `hedgerow position show`.
#[derive(Args, Debug)]
pub struct ShowArgs {
    /// The position: the number of an NFT, or POOL:TICK_LOWER:TICK_UPPER for liquidity that the owner holds in the pool itself
    pub place: Place,
    /// Price at entry, whole token1 per whole token0; without an entry price, IL is against the price now
    #[arg(long, value_name = "PRICE", conflicts_with = "entry_sqrt_price")]
    pub entry_price: Option<Decimal>,
    /// Price at entry as the pool's sqrtPriceX96
    #[arg(long, value_name = "SQRT_PRICE_X96")]
    pub entry_sqrt_price: Option<U256>,
    /// The lens to ask as well; by default the one deployed on this chain, if any
    #[arg(long, value_name = "ADDRESS")]
    pub lens: Option<Address>,
    #[command(flatten)]
    owner: OwnerArgs,
    #[command(flatten)]
    manager: PositionManagerArgs,
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
    position: Summary,
    entry_price: String,
    native: Figures,
    #[serde(skip_serializing_if = "Option::is_none")]
    lens: Option<Figures>,
    #[serde(skip_serializing_if = "Option::is_none")]
    identical: Option<bool>,
}

/// Dispatches.
pub async fn run(command: PositionCommand) -> Result<()> {
    match command {
        PositionCommand::Show(args) => show(args).await,
        PositionCommand::Open(args) => super::positions::open(*args).await,
        PositionCommand::Convert(args) => super::positions::convert(*args).await,
        PositionCommand::List(args) => super::position_list::run(args).await,
        PositionCommand::Watch(args) => super::position_watch::run(args).await,
    }
}

async fn show(args: ShowArgs) -> Result<()> {
    let client = args.node.connect().await?;
    let manager = args.manager.resolve(&client)?;
    let owner = args
        .place
        .is_direct()
        .then(|| args.owner.resolve(&client))
        .transpose()?;
    let position = Position::read(&client, manager, owner, args.place).await?;
    let entry = entry_sqrt_price(&args, &position)?;
    let native = position.figures(entry)?;
    let lens = match lens_address(&args, &client).await? {
        Some(lens) => Some(ask_lens(&client, lens, &position, entry).await?),
        None => None,
    };
    let report = Report {
        chain_id: client.chain_id(),
        entry_price: price::price_from(entry, position.token0.decimals, position.token1.decimals)?,
        identical: lens.as_ref().map(|lens| *lens == native),
        position: position.summary()?,
        native,
        lens,
    };
    if args.json {
        output::print_json(&report)
    } else {
        output::print(&text(&report, &position))
    }
}

fn entry_sqrt_price(args: &ShowArgs, position: &Position) -> Result<U256> {
    match (&args.entry_price, args.entry_sqrt_price) {
        (Some(entry), _) => price::sqrt_price_from(
            "--entry-price",
            entry,
            position.token0.decimals,
            position.token1.decimals,
        ),
        (None, Some(entry)) => {
            hedgerow_core::tick::check_sqrt_price(entry)
                .map_err(|error| Error::invalid("--entry-sqrt-price", entry, error.to_string()))?;
            Ok(entry)
        }
        (None, None) => Ok(position.sqrt_price),
    }
}

/// The lens named, which must be there; else the recorded one for this kind of position, if the chain (a restarted devnode, say) still has it.
async fn lens_address(args: &ShowArgs, client: &Client) -> Result<Option<Address>> {
    if let Some(address) = args.lens {
        if client.code(address).await?.is_empty() {
            return Err(Error::NotDeployed {
                what: "lens",
                address,
                chain_id: client.chain_id(),
                remedy: "correct --lens, or leave it out".into(),
            });
        }
        return Ok(Some(address));
    }
    let record = args.record.of(client)?;
    let recorded = if args.place.is_direct() {
        record.directlens
    } else {
        record.lens
    };
    match recorded {
        Some(lens) if !client.code(lens.address).await?.is_empty() => Ok(Some(lens.address)),
        _ => Ok(None),
    }
}

/// The figures that the lens for this kind of position computes on-chain from the same one.
pub async fn ask_lens(client: &Client, lens: Address, position: &Position, entry: U256) -> Result<Figures> {
    let answer = match position.place {
        Place::Nft(token_id) => {
            let call = ILens::positionCall {
                positionManager: position.source,
                tokenId: token_id,
                entrySqrtPriceX96: entry.saturating_to(),
            };
            client.read(lens, &call).await?
        }
        Place::Direct {
            tick_lower, tick_upper, ..
        } => {
            let key = position.pool_key();
            let call = IDirectLens::positionCall {
                pool: IDirectLens::PoolKey {
                    factory: key.factory,
                    token0: key.token0,
                    token1: key.token1,
                    fee: U24::from(key.fee),
                },
                owner: position.owner,
                tickLower: price::int24(tick_lower)?,
                tickUpper: price::int24(tick_upper)?,
                entrySqrtPriceX96: entry.saturating_to(),
            };
            client.read(lens, &call).await?.into()
        }
    };
    Ok(Figures::from_lens(&answer))
}

fn text(report: &Report, position: &Position) -> String {
    let rows = [what_it_is(&report.position), what_it_is_worth(report, position)].concat();
    let rows = rows
        .into_iter()
        .map(|(name, value)| vec![name.to_owned(), value])
        .collect();
    output::table(&[&format!("position {}", position.place), ""], rows)
}

fn what_it_is(it: &Summary) -> Vec<(&'static str, String)> {
    let prices = format!("{} to {}", it.price_lower, it.price_upper);
    vec![
        ("owner", it.owner.to_string()),
        (
            "held",
            match it.kind {
                "direct" => "in the pool itself, without an NFT".into(),
                _ => format!("as an NFT of {}", it.source),
            },
        ),
        (
            "pool",
            format!("{} ({} %)", it.pool, format_units(U256::from(it.fee), 4)),
        ),
        (
            "range",
            format!("{prices} (ticks {} to {})", it.tick_lower, it.tick_upper),
        ),
        (
            "price",
            format!(
                "{} {}/{} (tick {})",
                it.price, it.token1.symbol, it.token0.symbol, it.tick
            ),
        ),
        ("in range", if it.in_range { "yes".into() } else { "no".into() }),
        ("liquidity", it.liquidity.to_string()),
    ]
}

fn what_it_is_worth(report: &Report, position: &Position) -> Vec<(&'static str, String)> {
    let (token0, token1, figures) = (&position.token0, &position.token1, &report.native);
    let both = |a: U256, b: U256| format!("{} + {}", token0.exact(a), token1.exact(b));
    let lens = match report.identical {
        Some(true) => "says the same, to the last digit",
        Some(false) => "DIFFERS from the native core; see --json",
        None => "not known on this chain (give --lens, or run `hedgerow deploy`)",
    };
    vec![
        ("amounts", both(figures.amount0, figures.amount1)),
        ("fees owed", both(figures.fees0, figures.fees1)),
        ("value", token1.short_wad(figures.value, 6)),
        (
            "hold value",
            format!(
                "{} (entered at {})",
                token1.short_wad(figures.hold, 6),
                report.entry_price
            ),
        ),
        (
            "IL",
            format!("{} ({})", format_percent(figures.il, 6), format_signed(figures.il, 18)),
        ),
        ("delta", token0.short_wad(figures.delta, 6)),
        ("P² gamma", token1.exact_wad(figures.dollar_gamma)),
        ("on-chain lens", lens.into()),
    ]
}
