//! The commands that spend on positions: `rebalance`, `walk`, `exit`, `compound`, `harvest`, `position open` and `position
//! convert`. Each says what it is about and which action it means; the rest is shared.

use super::action::{self, ActArgs, Leave, RangeArgs, Whereabouts};
use crate::{
    action::{Action, Proceeds},
    decimal::Decimal,
    error::{Error, Result},
    pool::Pool,
    position::{Place, Position},
};
use alloy::primitives::{Address, U256};
use clap::{Args, ValueEnum};
use hedgerow_core::tick::floor_to_spacing;

/// Which position.
#[derive(Args, Clone, Copy, Debug)]
pub struct PlaceArgs {
    /// The position: the number of an NFT, or POOL:TICK_LOWER:TICK_UPPER for liquidity that the wallet holds in the pool itself
    #[arg(value_name = "POSITION")]
    place: Place,
}

impl PlaceArgs {
    const fn about(self) -> Whereabouts {
        Whereabouts::Position(self.place)
    }
}

/// Arguments of `hedgerow rebalance`.
#[derive(Args, Debug)]
pub struct RebalanceArgs {
    #[command(flatten)]
    place: PlaceArgs,
    #[command(flatten)]
    range: RangeArgs,
    /// Limits, and how it is sent.
    #[command(flatten)]
    pub act: ActArgs,
}

/// Moves a position to another range.
pub async fn rebalance(args: RebalanceArgs) -> Result<()> {
    let range = args.range;
    action::run(args.act, args.place.about(), Leave::Account, |pool, _| {
        Ok(Action::Rebalance { range: range.of(pool)? })
    })
    .await
}

/// Arguments of `hedgerow walk`.
#[derive(Args, Debug)]
pub struct WalkArgs {
    #[command(flatten)]
    place: PlaceArgs,
    /// Lower tick of the new range; without one, the same width right beside the price
    #[arg(long, value_name = "TICK", allow_negative_numbers = true, requires = "tick_upper")]
    tick_lower: Option<i32>,
    /// Upper tick of the new range
    #[arg(long, value_name = "TICK", allow_negative_numbers = true, requires = "tick_lower")]
    tick_upper: Option<i32>,
    /// Limits, and how it is sent.
    #[command(flatten)]
    pub act: ActArgs,
}

/// Moves a position that holds one token after the price.
pub async fn walk(args: WalkArgs) -> Result<()> {
    let given = args.tick_lower.zip(args.tick_upper);
    action::run(args.act, args.place.about(), Leave::Account, |pool, position| {
        let range = match (given, position) {
            (Some(range), _) => range,
            (None, Some(position)) => beside_the_price(pool, position)?,
            (None, None) => return Err(Error::missing("the new range", "give --tick-lower and --tick-upper")),
        };
        Ok(Action::Walk { range })
    })
    .await
}

/// The range of the same width and the same token that begins or ends nearest the price.
fn beside_the_price(pool: &Pool, position: &Position) -> Result<(i32, i32)> {
    let (lower, upper) = (position.tick_lower, position.tick_upper);
    let below = floor_to_spacing(pool.tick, pool.tick_spacing);
    if pool.tick < lower {
        let above = below + pool.tick_spacing;
        Ok((above, above + upper - lower))
    } else if pool.tick >= upper {
        Ok((below - (upper - lower), below))
    } else {
        Err(Error::invalid(
            "the position",
            position.place,
            format!(
                "its range {lower} to {upper} holds the pool's tick {}, so it holds both tokens and cannot walk: use `rebalance`, or \
                 wait until the price has left the range",
                pool.tick
            ),
        ))
    }
}

/// In what an exit is paid.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub enum Into {
    /// Both tokens, as they come out; no swap, no price guard
    #[default]
    Both,
    /// All in the pool's first token
    Token0,
    /// All in the pool's second token
    Token1,
}

/// Arguments of `hedgerow exit`.
#[derive(Args, Debug)]
pub struct ExitArgs {
    #[command(flatten)]
    place: PlaceArgs,
    /// In what to be paid
    #[arg(long, value_enum, value_name = "TOKENS", default_value = "both")]
    into: Into,
    /// Leave a direct position by two ordinary transactions of the pool's own functions, burn and collect, without the account's
    /// code: what a wallet does by default that has none (no minimum can be asked for that way)
    #[arg(long, conflicts_with = "delegate")]
    undelegated: bool,
    /// Leave by one call of the account, delegating it in the same transaction if it is not
    #[arg(long)]
    delegate: bool,
    /// Limits, and how it is sent.
    #[command(flatten)]
    pub act: ActArgs,
}

/// Takes everything out.
pub async fn exit(args: ExitArgs) -> Result<()> {
    let proceeds = match args.into {
        Into::Both => Proceeds::Both,
        Into::Token0 => Proceeds::Token0,
        Into::Token1 => Proceeds::Token1,
    };
    let leave = match (args.undelegated, args.delegate) {
        (true, _) => Leave::Plain,
        (_, true) => Leave::Account,
        _ => Leave::Either,
    };
    action::run(args.act, args.place.about(), leave, |_, _| {
        Ok(Action::Exit { proceeds })
    })
    .await
}

/// Arguments of the actions that need no more than the position.
#[derive(Args, Debug)]
pub struct PlainArgs {
    #[command(flatten)]
    place: PlaceArgs,
    /// Limits, and how it is sent.
    #[command(flatten)]
    pub act: ActArgs,
}

/// Puts the fees back in.
pub async fn compound(args: PlainArgs) -> Result<()> {
    action::run(args.act, args.place.about(), Leave::Account, |_, _| {
        Ok(Action::Compound)
    })
    .await
}

/// Takes the fees out.
pub async fn harvest(args: PlainArgs) -> Result<()> {
    action::run(args.act, args.place.about(), Leave::Account, |_, _| Ok(Action::Harvest)).await
}

/// Turns an NFT into a direct position, or back.
pub async fn convert(args: PlainArgs) -> Result<()> {
    action::run(args.act, args.place.about(), Leave::Account, |_, _| Ok(Action::Convert)).await
}

/// Arguments of `hedgerow position open`.
#[derive(Args, Debug)]
pub struct OpenArgs {
    /// The pool
    #[arg(long, value_name = "ADDRESS")]
    pool: Address,
    /// Most of the pool's first token to put in, in whole tokens
    #[arg(long, value_name = "AMOUNT", default_value = "0")]
    amount0: Decimal,
    /// Most of its second token
    #[arg(long, value_name = "AMOUNT", default_value = "0")]
    amount1: Decimal,
    /// Hold the liquidity in the pool itself instead of as an NFT: it costs less gas, and only the wallet itself can ever move it
    #[arg(long)]
    direct: bool,
    #[command(flatten)]
    range: RangeArgs,
    /// Limits, and how it is sent.
    #[command(flatten)]
    pub act: ActArgs,
}

/// Opens a position.
pub async fn open(args: OpenArgs) -> Result<()> {
    let (range, direct, amount0, amount1) = (args.range, args.direct, args.amount0, args.amount1);
    action::run(args.act, Whereabouts::Pool(args.pool), Leave::Account, |pool, _| {
        Ok(Action::Open {
            range: range.of(pool)?,
            amounts: amounts(pool, &amount0, &amount1)?,
            direct,
        })
    })
    .await
}

/// Raw amounts of whole tokens.
fn amounts(pool: &Pool, amount0: &Decimal, amount1: &Decimal) -> Result<[U256; 2]> {
    crate::action::tokens::check_decimals(pool)?;
    Ok([
        amount0.scaled("--amount0", u32::from(pool.token0.decimals))?,
        amount1.scaled("--amount1", u32::from(pool.token1.decimals))?,
    ])
}
