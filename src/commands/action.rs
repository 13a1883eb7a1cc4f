//! What every spending command shares: its arguments, and the way from them to what is sent or given away.

use super::{
    hedge::along::AlongArgs,
    sending::{SendArgs, Via, watch_only},
};
use crate::{
    account::Header,
    action::{
        Action, Order, Plan, Proceeds, Tolerance,
        report::{Report, sent_text},
        send::Route,
    },
    cli::PositionManagerArgs,
    client::Client,
    decimal::Decimal,
    delegation::Delegation,
    error::{Error, Result},
    hedge::observe::{margin_at, position_key},
    output::{self, Progress},
    policy::observe::is_governed,
    pool::{Pool, PoolKey, factory_of},
    position::{Place, Position},
    price,
};
use alloy::{primitives::Address, signers::local::PrivateKeySigner};
use clap::Args;

/// What all spending commands take.
#[derive(Args, Debug)]
pub struct ActArgs {
    /// How it is sent.
    #[command(flatten)]
    pub send: SendArgs,
    #[command(flatten)]
    limits: LimitArgs,
    #[command(flatten)]
    along: AlongArgs,
    #[command(flatten)]
    manager: PositionManagerArgs,
}

/// What the owner is willing to accept.
#[derive(Args, Debug)]
#[command(next_help_heading = "Limits")]
struct LimitArgs {
    /// Seconds of the pool's time-weighted price that spot is held against; 0 leaves this guard out
    #[arg(long, value_name = "SECONDS", default_value_t = Tolerance::default().twap_window)]
    twap_window: u32,
    /// Ticks (about 0.01 % each) that spot may be away from it, before and after
    #[arg(long, value_name = "TICKS", default_value_t = Tolerance::default().max_tick_deviation)]
    max_tick_deviation: u32,
    /// How much less than simulated may come out
    #[arg(long, value_name = "PERCENT", default_value = "0.5")]
    slippage_percent: Decimal,
    /// Price at which the position was entered, whole token1 per whole token0: the account's event then tells the loss since
    #[arg(long, value_name = "PRICE")]
    entry_price: Option<Decimal>,
}

/// The range to go to.
#[derive(Args, Clone, Debug)]
pub struct RangeArgs {
    /// Lower tick of the new range
    #[arg(
        long,
        value_name = "TICK",
        allow_negative_numbers = true,
        requires = "tick_upper",
        conflicts_with = "width_percent"
    )]
    tick_lower: Option<i32>,
    /// Upper tick of the new range
    #[arg(long, value_name = "TICK", allow_negative_numbers = true, requires = "tick_lower")]
    tick_upper: Option<i32>,
    /// New range around the price now: from price / (1 + PERCENT) to price * (1 + PERCENT)
    #[arg(long, value_name = "PERCENT", required_unless_present = "tick_lower")]
    width_percent: Option<Decimal>,
}

impl RangeArgs {
    /// The range in this pool.
    pub fn of(&self, pool: &Pool) -> Result<(i32, i32)> {
        match (self.tick_lower.zip(self.tick_upper), &self.width_percent) {
            (Some(range), _) => Ok(range),
            (None, Some(percent)) => price::range_around(pool.sqrt_price, percent, pool.tick_spacing),
            (None, None) => Err(Error::missing(
                "the new range",
                "give --tick-lower and --tick-upper, or --width-percent",
            )),
        }
    }
}

/// What an action is about.
#[derive(Clone, Copy, Debug)]
pub enum Whereabouts {
    /// A position that there is.
    Position(Place),
    /// A pool to open one in.
    Pool(Address),
}

/// How to leave: by the account, or by the pool's own functions from a wallet without code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Leave {
    /// A direct position of a wallet without code by the pool's own functions, anything else by the account.
    #[default]
    Either,
    /// By the account.
    Account,
    /// By the pool's own functions.
    Plain,
}

/// Reads what the action is about, lets `decide` make an action of it, and sees it through.
pub async fn run(
    args: ActArgs,
    about: Whereabouts,
    leave: Leave,
    decide: impl FnOnce(&Pool, Option<&Position>) -> Result<Action>,
) -> Result<()> {
    let client = args.send.node.connect().await?;
    let signer = args.send.signer(&client)?;
    let account = args.send.account_of(signer.as_ref());
    let progress = Progress::new();
    progress.step("reading the position and its pool");
    let manager = args.manager.resolve(&client)?;
    let (pool, position) = observe(&client, manager, account, about).await?;
    pool.require_price()?;
    let action = decide(&pool, position.as_ref())?;
    let plain = args
        .leaves_plainly(&client, account, leave, &action, position.as_ref())
        .await?;
    let order = Order {
        tolerance: args.tolerance(&pool)?,
        action,
        position,
        pool,
        manager: Some(manager),
        plain,
    };
    let shell = match plain {
        true => Address::ZERO,
        false => args.send.shell(&client)?,
    };
    let route = Route::prepare(&args.send, &client).await?;
    progress.step(format!("simulating the {}", action.name()));
    let mut plan = Plan::make(&client, account, shell, order).await?;
    plan.warnings.extend(left_behind(&client, &plan).await?);
    if !args.along.hedge {
        plan.warnings.extend(unhedged(&client, &plan).await?);
    }
    let deployment = args.send.deployment(&client)?;
    let along = args.along.wrap(&client, manager, &deployment, &mut plan).await?;
    let mut report = Report::of(client.chain_id(), &plan, plan.gas(&client).await?)?;
    report.hedge = along;
    progress.finish();
    finish(&args, &client, signer.as_ref(), &plan, report, &route).await
}

/// What becomes of the policy of a position that the owner moves or takes out: it does not notice by itself.
async fn left_behind(client: &Client, plan: &Plan) -> Result<Option<String>> {
    let Some(position) = &plan.position else {
        return Ok(None);
    };
    let place = position.place;
    let remedy = match plan.action {
        Action::Rebalance { .. } | Action::Walk { .. } | Action::Convert => format!(
            "it does not move with the position by itself: afterwards `hedgerow policy follow {place} TO`, or `hedgerow policy set` \
             another"
        ),
        Action::Exit { .. } => format!("it is of no use afterwards: `hedgerow policy remove {place}`"),
        _ => return Ok(None),
    };
    let governing = is_governed(client, plan.account, position).await?;
    Ok(governing.map(|id| format!("the policy {id} governs this position, and {remedy}")))
}

/// What becomes of the hedge of a position that the owner moves or takes out without it.
async fn unhedged(client: &Client, plan: &Plan) -> Result<Option<String>> {
    let Some(position) = &plan.position else {
        return Ok(None);
    };
    let place = position.place;
    let remedy = match plan.action {
        Action::Rebalance { .. } | Action::Walk { .. } | Action::Convert => {
            format!("`hedgerow hedge follow {place} TO` has it belong to the next one")
        }
        Action::Exit { .. } => format!("`hedgerow hedge close {place}` closes it"),
        _ => return Ok(None),
    };
    let (block, _) = client.latest().await?;
    let header = Header::read_at(client, block, plan.account).await?;
    let key = position_key(position.source, position.id);
    let margin = margin_at(client, block, (plan.account, header), key).await?;
    let text =
        format!("the position's hedge stays as it is: repeat with --hedge to take it along, or afterwards {remedy}");
    Ok((!margin.is_zero()).then_some(text))
}

/// Shows the preview; emits, or asks and sends; reports.
async fn finish(
    args: &ActArgs,
    client: &Client,
    signer: Option<&PrivateKeySigner>,
    plan: &Plan,
    mut report: Report,
    route: &Route,
) -> Result<()> {
    if args.send.collector.is_some() {
        args.send.collects(&plan.own_call()?);
        return Ok(());
    }
    let json = args.send.confirm.json;
    if let Some(form) = args.send.emit {
        let emitted = args
            .send
            .emitted(client, &plan.own_call()?, signer, route, form)
            .await?;
        if json {
            report.emitted = Some(emitted);
            return output::print_json(&report);
        }
        output::say(&preview(plan, &report)?);
        return output::print_json(&emitted);
    }
    if !json {
        output::print(&preview(plan, &report)?)?;
    }
    if args.send.confirm.go_ahead("Send it?")? {
        let signer = signer.ok_or_else(watch_only)?;
        let progress = Progress::new();
        progress.step(format!("sending the {}", plan.action.name()));
        report.sent = Some(route.send(client, signer, plan).await?);
        progress.finish();
    }
    if json {
        return output::print_json(&report);
    }
    match &report.sent {
        Some(sent) => output::print(&sent_text(plan, sent)),
        None => output::print("Nothing was sent (--dry-run)."),
    }
}

fn preview(plan: &Plan, report: &Report) -> Result<String> {
    let warnings = report.warnings.iter().map(|warning| format!("\nBeware: {warning}."));
    let hedge = report.hedge.iter().map(|hedge| format!("\nThe {}.", hedge.text));
    let hedge = hedge.collect::<String>();
    Ok(format!("{}{hedge}{}", report.text(plan)?, warnings.collect::<String>()))
}

/// The pool, and the position if there is one.
async fn observe(
    client: &Client,
    manager: Address,
    account: Address,
    about: Whereabouts,
) -> Result<(Pool, Option<Position>)> {
    let (block, _) = client.latest().await?;
    match about {
        Whereabouts::Position(place) => {
            let position = Position::read(client, manager, Some(account), place).await?;
            let pool = Pool::read(client, block, position.pool_key()).await?;
            Ok((pool, Some(position)))
        }
        Whereabouts::Pool(address) => {
            let factory = factory_of(client, block, manager).await?;
            let key = PoolKey::prove(client, block, factory, address).await?;
            Ok((Pool::read(client, block, key).await?, None))
        }
    }
}

impl ActArgs {
    fn tolerance(&self, pool: &Pool) -> Result<Tolerance> {
        let limits = &self.limits;
        let slippage: u32 = limits.slippage_percent.scaled("--slippage-percent", 4)?.saturating_to();
        if slippage >= 1_000_000 {
            return Err(Error::invalid(
                "--slippage-percent",
                &limits.slippage_percent,
                "give less than 100",
            ));
        }
        let (decimals0, decimals1) = (pool.token0.decimals, pool.token1.decimals);
        let entry = limits.entry_price.as_ref();
        let entry = entry.map(|entry| price::sqrt_price_from("--entry-price", entry, decimals0, decimals1));
        Ok(Tolerance {
            twap_window: limits.twap_window,
            max_tick_deviation: limits.max_tick_deviation,
            slippage_millionths: slippage,
            lifetime: self.send.lifetime,
            entry_sqrt_price: entry.transpose()?,
        })
    }

    /// Whether a wallet without code leaves by the pool's own functions: where it is told to; and where it is not told otherwise,
    /// holds the position itself, and has no code. Who has ended a delegation should not have to sign another one to get out.
    async fn leaves_plainly(
        &self,
        client: &Client,
        account: Address,
        leave: Leave,
        action: &Action,
        position: Option<&Position>,
    ) -> Result<bool> {
        let both = matches!(
            action,
            Action::Exit {
                proceeds: Proceeds::Both
            }
        );
        let direct = position.is_some_and(|position| position.place.is_direct());
        match leave {
            Leave::Plain => Ok(true),
            Leave::Either if both && direct && self.send.via == Via::Own && self.send.emit.is_none() => {
                Ok(Delegation::of(client, account).await? == Delegation::None)
            }
            _ => Ok(false),
        }
    }
}
