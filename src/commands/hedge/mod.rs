//! `hedgerow hedge`: a position's hedge, by its owner's own hand.

pub mod along;
pub mod close;
pub mod follow;
pub mod open;
pub mod show;

use crate::{
    bindings::{
        IHedges::{Hedged, Place as Named},
        IMargin::termsCall,
        INonfungiblePositionManager::WETH9Call,
    },
    client::Client,
    decimal::Decimal,
    deployment::Deployment,
    error::{Error, Result},
    hedge::{
        Venue, defaults,
        defaults::Circumstances,
        growth::{Baseline, Since},
        known_market,
        observe::Remembered,
        quote::Order,
        terms,
    },
    human, output,
    policy::observe::Scene,
    position::Place,
    price,
};
use alloy::{
    primitives::{Address, U256},
    rpc::types::TransactionReceipt,
    sol_types::SolEvent,
};
use clap::{Args, Subcommand, ValueEnum};
use hedgerow_core::{
    hedging::{Kind, Target, Terms, exposure},
    policy::MILLION,
    tick,
};

/// What to do with a hedge.
#[derive(Subcommand, Debug)]
pub enum HedgeCommand {
    /// Open a position's hedge: borrow its volatile token against the other one, and sell it, in one transaction
    Open(Box<open::OpenArgs>),
    /// Take a position's hedge to its target, up or down
    Adjust(Box<open::OpenArgs>),
    /// Buy back what is owed, and take all collateral out
    Close(Box<close::CloseArgs>),
    /// Have a position's hedge belong to another one, after an action of your own
    Follow(Box<follow::FollowArgs>),
    /// Show a position's hedge, what became of it, and what it would be now
    Show(Box<show::ShowArgs>),
}

/// Dispatches.
pub async fn run(command: HedgeCommand) -> Result<()> {
    match command {
        HedgeCommand::Open(args) => open::run(*args, false).await,
        HedgeCommand::Adjust(args) => open::run(*args, true).await,
        HedgeCommand::Close(args) => close::run(*args).await,
        HedgeCommand::Follow(args) => follow::run(*args).await,
        HedgeCommand::Show(args) => show::run(*args).await,
    }
}

/// Where the hedge is to live.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "The venue")]
pub struct VenueArgs {
    /// Aave v3's pool (known for Arbitrum One)
    #[arg(long, value_name = "ADDRESS", env = "HEDGEROW_AAVE_POOL")]
    market: Option<Address>,
    /// The factory of margin accounts; by default the one deployed on this chain
    #[arg(long, value_name = "ADDRESS")]
    margins: Option<Address>,
    /// Which of the pool's tokens is borrowed, token0, token1 or its symbol; by default the wrapped native one
    #[arg(long, value_name = "TOKEN")]
    volatile: Option<String>,
    /// Aave's e-mode category of the margin account; 0 is none
    #[arg(long, value_name = "CATEGORY", default_value_t = 0)]
    e_mode: u8,
}

impl VenueArgs {
    /// The venue of a hedge that there is, else the one named.
    pub async fn of(
        &self,
        client: &Client,
        manager: Address,
        scene: &Scene,
        found: Option<&Remembered>,
        deployment: &Deployment,
    ) -> Result<Venue> {
        let margins = match self.margins {
            Some(margins) => margins,
            None => deployment.margins_address()?,
        };
        if let Some(found) = found {
            let made_for = client.read_at(scene.block, found.margin, &termsCall {}).await?;
            return Ok(Venue {
                margins,
                market: made_for.market,
                volatile: found.volatile,
                e_mode: made_for.eMode,
            });
        }
        let market = self.market.or_else(|| known_market(client.chain_id()));
        Ok(Venue {
            margins,
            market: market.ok_or_else(|| Error::missing("the address of Aave's pool", "give --market ADDRESS"))?,
            volatile: self.borrowed(client, manager, scene).await?,
            e_mode: self.e_mode,
        })
    }

    async fn borrowed(&self, client: &Client, manager: Address, scene: &Scene) -> Result<u8> {
        let (token0, token1) = (&scene.pool.token0, &scene.pool.token1);
        if let Some(written) = &self.volatile {
            let is = |symbol: &str| written.eq_ignore_ascii_case(symbol);
            return match (written.as_str(), is(&token0.symbol), is(&token1.symbol)) {
                ("token0", ..) | (_, true, false) => Ok(0),
                ("token1", ..) | (_, false, true) => Ok(1),
                _ => {
                    let remedy = format!("give token0 for {} or token1 for {}", token0.symbol, token1.symbol);
                    Err(Error::invalid("--volatile", written, remedy))
                }
            };
        }
        let wrapped = client.read_at(scene.block, manager, &WETH9Call {}).await?;
        match wrapped {
            token if token == token0.address => Ok(0),
            token if token == token1.address => Ok(1),
            _ => Err(Error::missing(
                "which token is to be borrowed",
                format!(
                    "neither is the wrapped native one: give --volatile token0 for {}, or token1 for {}",
                    token0.symbol, token1.symbol
                ),
            )),
        }
    }
}

/// What should be owed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum TargetKind {
    /// The position's delta
    #[default]
    Delta,
    /// The delta of its impermanent loss alone
    Il,
    /// The amount that --amount gives
    Amount,
}

/// What the hedge is to be.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "The hedge")]
pub struct TermsArgs {
    /// How much of the volatile token is owed
    #[arg(long, value_enum, value_name = "TARGET", default_value = "delta")]
    target: TargetKind,
    /// Share of the target
    #[arg(long, value_name = "PERCENT", default_value = "100%", value_parser = percent)]
    share: u32,
    /// What is owed, in whole units of the volatile token
    #[arg(long, value_name = "AMOUNT", required_if_eq("target", "amount"))]
    amount: Option<Decimal>,
    /// Health factor that collateral is paid in or out for
    #[arg(long, value_name = "FACTOR", default_value = "2")]
    health: Decimal,
    /// Health factor that must be there before and after it is enlarged; 1 is liquidated
    #[arg(long, value_name = "FACTOR", default_value = "1.5")]
    min_health: Decimal,
    /// The most of the wallet's own money that may lie in the hedge, in whole units of the other token; by default one and a half times
    /// what the position is worth
    #[arg(long, value_name = "AMOUNT")]
    max_collateral: Option<Decimal>,
    /// A smaller change is not made, in whole units of the volatile token; by default a hundredth of the position's greatest delta
    #[arg(long, value_name = "AMOUNT")]
    min_trade: Option<Decimal>,
    /// How far the venue's prices may lie from the pool's; nothing is enlarged beyond
    #[arg(long, value_name = "PERCENT", default_value = "1%", value_parser = percent)]
    max_oracle_deviation: u32,
    /// How old the venue's prices may be; nothing is enlarged beyond; 0s does not ask
    #[arg(long, value_name = "TIME", default_value = "25h", value_parser = human::duration_of)]
    max_oracle_age: u32,
    /// Yearly borrow rate beyond which nothing is enlarged; 0 is any
    #[arg(long, value_name = "PERCENT", default_value = "20%", value_parser = percent)]
    max_borrow_rate: u32,
    /// How far the gate looks ahead
    #[arg(long, value_name = "TIME", default_value = "30d", value_parser = human::duration_of)]
    horizon: u32,
    /// Share of the position's value by which the expected fees must exceed the costs
    #[arg(long, value_name = "PERCENT", default_value = "0%", allow_hyphen_values = true, value_parser = signed_percent)]
    gate_margin: i32,
    /// Over how long the gate measures volatility
    #[arg(long, value_name = "TIME", default_value = "1d", value_parser = human::duration_of)]
    vol_window: u32,
    /// Since when the gate counts fees: a time before now, or a block's number; the node has to keep its state
    #[arg(long, value_name = "TIME|BLOCK", default_value = defaults::FEES_SINCE)]
    fees_since: Since,
    /// Open or enlarge the hedge even though the gate is closed; the account says so in an event
    #[arg(long)]
    override_gate: bool,
    /// Price at which the position was entered, whole token1 per whole token0; by default the price when the hedge is opened
    #[arg(long, value_name = "PRICE")]
    entry_price: Option<Decimal>,
}

impl TermsArgs {
    /// The target and the terms for a scene's position.
    pub async fn of(&self, client: &Client, scene: &Scene, venue: &Venue) -> Result<(Target, Terms)> {
        let pool = &scene.pool;
        let (borrowed, lent) = match venue.volatile {
            0 => (&pool.token0, &pool.token1),
            _ => (&pool.token1, &pool.token0),
        };
        let baseline = Baseline::read(client, pool.address, self.fees_since, (scene.block, scene.now)).await?;
        let it = circumstances(scene, venue, baseline)?;
        let (decimals, entry) = ((pool.token0.decimals, pool.token1.decimals), self.entry_price.as_ref());
        let entry = entry.map(|entry| price::sqrt_price_from("--entry-price", entry, decimals.0, decimals.1));
        let whole = |what, amount: &Decimal, places: u8| -> Result<u128> {
            let raw = amount.scaled(what, places.into())?;
            u128::try_from(raw).map_err(|_| Error::invalid(what, amount, "it is more than 128 bits hold"))
        };
        let or = |what, given: Option<&Decimal>, places, otherwise| {
            given.map_or(Ok(otherwise), |it| whole(what, it, places))
        };
        let begin = defaults::terms(&it);
        let terms = Terms {
            min_health: factor("--min-health", &self.min_health)?,
            health: factor("--health", &self.health)?,
            max_collateral: or(
                "--max-collateral",
                self.max_collateral.as_ref(),
                lent.decimals,
                begin.max_collateral,
            )?,
            min_trade: or(
                "--min-trade",
                self.min_trade.as_ref(),
                borrowed.decimals,
                begin.min_trade,
            )?,
            max_oracle_deviation: self.max_oracle_deviation,
            max_oracle_age: self.max_oracle_age,
            max_borrow_rate: self.max_borrow_rate,
            horizon: self.horizon,
            margin: self.gate_margin,
            vol_window: self.vol_window,
            override_gate: self.override_gate,
            entry_sqrt_price: entry.transpose()?.unwrap_or_default(),
            ..begin
        };
        let target = Target {
            kind: match self.target {
                TargetKind::Delta => Kind::Delta,
                TargetKind::Il => Kind::IlDelta,
                TargetKind::Amount => Kind::Amount,
            },
            share: self.share,
            amount: or("--amount", self.amount.as_ref(), borrowed.decimals, 0)?,
        };
        if target.share > MILLION {
            let remedy = "no more than the whole target can be hedged: give at most 100%";
            return Err(Error::invalid("--share", human::percent(target.share), remedy));
        }
        Ok((target, terms))
    }
}

/// What a hedge's default limits depend on.
pub fn circumstances(scene: &Scene, venue: &Venue, baseline: Baseline) -> Result<Circumstances> {
    let position = &scene.position;
    let (amount0, amount1) = position.withdrawable()?;
    let one = U256::from(1) << 96;
    let convert = |amount: U256, numerator: U256, denominator: U256| {
        let once = hedgerow_core::full_math::mul_div(amount, numerator, denominator);
        once.and_then(|half| hedgerow_core::full_math::mul_div(half, numerator, denominator))
            .unwrap_or_default()
    };
    let worth = match venue.volatile {
        0 => amount1.saturating_add(convert(amount0, position.sqrt_price, one)),
        _ => amount0.saturating_add(convert(amount1, one, position.sqrt_price)),
    };
    let range = (position.tick_lower, position.tick_upper);
    let end = if venue.volatile == 0 { range.0 } else { range.1 };
    let end = tick::sqrt_price_at_tick(end).map_err(|error| Error::invalid("the range", end, error.to_string()))?;
    Ok(Circumstances {
        baseline,
        worth: worth.saturating_to(),
        most: exposure(position.liquidity, range, end, venue.volatile),
    })
}

/// The price guard.
#[derive(Args, Clone, Copy, Debug)]
#[command(next_help_heading = "Limits")]
pub struct GuardArgs {
    /// Seconds of the pool's time-weighted price that spot is held against; 0 leaves this guard out
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    pub twap_window: u32,
    /// Ticks (about 0.01 % each) that spot may be away from it, before and after; where swaps stop
    #[arg(long, value_name = "TICKS", default_value_t = 100)]
    pub max_tick_deviation: u32,
}

impl GuardArgs {
    /// An order under this guard.
    pub const fn order(&self, venue: Venue, (target, terms): (Target, Terms)) -> Order {
        Order {
            venue,
            target,
            terms,
            twap_window: self.twap_window,
            max_tick_deviation: self.max_tick_deviation,
        }
    }
}

/// What the account's event tells of a change.
fn event(account: Address, receipt: &TransactionReceipt) -> Result<Hedged> {
    let logs = receipt.inner.logs().iter().filter(|log| log.address() == account);
    let found = logs.filter_map(|log| Hedged::decode_log(&log.inner).ok()).last();
    found.map(|event| event.data).ok_or_else(|| Error::Mismatch {
        what: format!("transaction {}", receipt.transaction_hash),
        expected: "the account's event".into(),
        found: "none".into(),
    })
}

/// A position as the contracts name it, whether it is there or not.
async fn named(client: &Client, manager: Address, place: Place) -> Result<Named> {
    terms::recast(&super::policy::follow::named(client, manager, place).await?)
}

fn percent(text: &str) -> core::result::Result<u32, String> {
    let text = text.trim();
    human::share_of(&if text.ends_with('%') {
        text.to_owned()
    } else {
        format!("{text}%")
    })
}

fn signed_percent(text: &str) -> core::result::Result<i32, String> {
    let text = text.trim();
    human::signed_share_of(&if text.ends_with('%') {
        text.to_owned()
    } else {
        format!("{text}%")
    })
}

/// A health factor in thousandths.
fn factor(what: &'static str, given: &Decimal) -> Result<u32> {
    let raw = given.scaled(what, 3)?;
    u32::try_from(raw).map_err(|_| Error::invalid(what, given, "no health factor is that large"))
}

fn table(title: &str, rows: Vec<(String, String)>) -> String {
    let rows = rows.into_iter().map(|(name, value)| vec![name, value]);
    output::table(&[title, ""], rows.collect())
}
