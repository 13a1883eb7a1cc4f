//! What every spending command shares: its arguments, and the way from them to what is sent or given away.

use crate::{
    action::{
        Action, Order, Plan, Proceeds, Tolerance,
        emit::{self, Form},
        report::{Report, sent_text},
        send::Route,
    },
    bundler::Bundler,
    cli::{NodeArgs, PositionManagerArgs, RecordArgs},
    client::Client,
    confirm::ConfirmArgs,
    decimal::Decimal,
    delegation::Delegation,
    error::{Error, Result},
    keys::{self, KeyArgs},
    output::{self, Progress},
    paymaster::SigningPaymaster,
    pool::{Pool, PoolKey, factory_of},
    position::{Place, Position},
    price,
    signed_batch::Terms,
};
use alloy::{
    primitives::{Address, aliases::U192},
    signers::local::PrivateKeySigner,
};
use clap::{Args, ValueEnum};
use serde_json::Value;

const PAYMASTER_KEY: &str = "HEDGEROW_PAYMASTER_PRIVATE_KEY";
const SENDER_KEY: &str = "HEDGEROW_SENDER_PRIVATE_KEY";

/// How it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Via {
    /// As the account's own transaction
    #[value(name = "self")]
    Own,
    /// As an ERC-4337 user operation
    Userop,
}

/// What all spending commands take.
#[derive(Args, Debug)]
pub struct ActArgs {
    /// How to send it
    #[arg(long, value_enum, default_value = "self")]
    via: Via,
    /// Send nothing: print it in this form, for another to sign or send
    #[arg(long, value_enum, value_name = "FORM", conflicts_with_all = ["yes", "dry_run"])]
    emit: Option<Form>,
    /// Look from this account without its key; for --dry-run and --emit
    #[arg(long, value_name = "ADDRESS")]
    from: Option<Address>,
    /// The shell the account runs; by default the one deployed on this chain
    #[arg(long, value_name = "ADDRESS")]
    account: Option<Address>,
    #[command(flatten)]
    confirm: ConfirmArgs,
    #[command(flatten)]
    limits: LimitArgs,
    #[command(flatten)]
    operation: OperationArgs,
    #[command(flatten)]
    batch: BatchArgs,
    #[command(flatten)]
    manager: PositionManagerArgs,
    #[command(flatten)]
    node: NodeArgs,
    #[command(flatten)]
    key: KeyArgs,
    #[command(flatten)]
    record: RecordArgs,
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
    /// Seconds from now in which it may run
    #[arg(long, value_name = "SECONDS", default_value_t = Tolerance::default().lifetime)]
    lifetime: u64,
    /// Price at which the position was entered, whole token1 per whole token0: the account's event then tells the loss since
    #[arg(long, value_name = "PRICE")]
    entry_price: Option<Decimal>,
}

/// How a user operation is paid for and sent.
#[derive(Args, Debug)]
#[command(next_help_heading = "User operations")]
struct OperationArgs {
    /// Send it to this bundler; without it, straight to the EntryPoint from HEDGEROW_SENDER_PRIVATE_KEY
    #[arg(long, value_name = "URL", env = "HEDGEROW_BUNDLER_URL")]
    bundler_url: Option<String>,
    /// Send it straight to the EntryPoint from account N of the development mnemonic
    #[arg(long, value_name = "N", conflicts_with = "bundler_url", value_parser = clap::value_parser!(u32).range(0..keys::DEVELOPMENT_ACCOUNTS as i64))]
    sender_dev_account: Option<u32>,
    /// A paymaster that pays for what the key in HEDGEROW_PAYMASTER_PRIVATE_KEY signs
    #[arg(long, value_name = "ADDRESS", env = "HEDGEROW_PAYMASTER")]
    paymaster: Option<Address>,
    /// The paymaster's key is that of account N of the development mnemonic
    #[arg(long, value_name = "N", requires = "paymaster", value_parser = clap::value_parser!(u32).range(0..keys::DEVELOPMENT_ACCOUNTS as i64))]
    paymaster_dev_account: Option<u32>,
}

/// What a batch that is signed as typed data is bound to.
#[derive(Args, Debug)]
#[command(next_help_heading = "Typed data")]
struct BatchArgs {
    /// Only this address may carry the signed batch; by default anybody
    #[arg(long, value_name = "ADDRESS")]
    executor: Option<Address>,
    /// Sequence of nonces that the batch belongs to; batches of different keys do not wait for each other
    #[arg(long, value_name = "KEY", default_value = "0")]
    nonce_key: U192,
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
    let client = args.node.connect().await?;
    let signer = args.signer(&client)?;
    let account = args
        .from
        .or(signer.as_ref().map(PrivateKeySigner::address))
        .unwrap_or_default();
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
    let shell = match args.account {
        Some(shell) => shell,
        None if plain => Address::ZERO,
        None => args.record.of(&client)?.account_address()?,
    };
    let route = Route::prepare(&args, &client).await?;
    progress.step(format!("simulating the {}", action.name()));
    let plan = Plan::make(&client, account, shell, order).await?;
    let report = Report::of(client.chain_id(), &plan, plan.gas(&client).await?)?;
    progress.finish();
    finish(&args, &client, signer.as_ref(), &plan, report, &route).await
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
    let json = args.confirm.json;
    if let Some(form) = args.emit {
        let emitted = args.emitted(client, plan, signer, route, form).await?;
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
    if args.confirm.go_ahead("Send it?")? {
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
    Ok(format!("{}{}", report.text(plan)?, warnings.collect::<String>()))
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

fn watch_only() -> Error {
    Error::missing(
        "a signing key",
        "--from only looks: add --dry-run or --emit FORM, or give the key instead",
    )
}

impl ActArgs {
    /// The key that signs; none where `--from` only looks.
    fn signer(&self, client: &Client) -> Result<Option<PrivateKeySigner>> {
        match self.from {
            None => self.key.signer(client).map(Some),
            Some(_) if self.emit.is_some() || self.confirm.dry_run => Ok(None),
            Some(_) => Err(watch_only()),
        }
    }

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
            lifetime: limits.lifetime,
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
            Leave::Either if both && direct && self.via == Via::Own && self.emit.is_none() => {
                Ok(Delegation::of(client, account).await? == Delegation::None)
            }
            _ => Ok(false),
        }
    }

    async fn emitted(
        &self,
        client: &Client,
        plan: &Plan,
        signer: Option<&PrivateKeySigner>,
        route: &Route,
        form: Form,
    ) -> Result<Value> {
        match form {
            Form::Userop => emit::user_operation(client, plan, signer, route.paymaster()).await,
            Form::Sendcalls => emit::send_calls(client, plan),
            Form::TypedData => {
                let terms = Terms {
                    nonce_key: self.batch.nonce_key,
                    deadline: plan.limits.deadline,
                    executor: self.batch.executor.unwrap_or_default(),
                    min_gas: emit::gas_to_begin(client, plan).await?,
                };
                emit::typed_data(client, plan, terms).await
            }
        }
    }
}

impl Route {
    /// Looks up every key and address that sending will need.
    async fn prepare(args: &ActArgs, client: &Client) -> Result<Self> {
        let operation = &args.operation;
        let emits = args.emit == Some(Form::Userop);
        if args.via == Via::Own && !emits {
            return Ok(Self::Own);
        }
        let paymaster = match operation.paymaster {
            None => None,
            Some(address) => {
                let remedy = "the paymaster pays only for what its key signs";
                let key = other_key(client, operation.paymaster_dev_account, PAYMASTER_KEY, remedy)?;
                Some(SigningPaymaster::connect(client, address, key).await?)
            }
        };
        if emits || args.confirm.dry_run && args.from.is_some() {
            return Ok(Self::Elsewhere(paymaster));
        }
        if let Some(url) = &operation.bundler_url {
            let bundler = Bundler::connect(url, client.chain_id()).await?;
            return Ok(Self::Bundled(bundler, paymaster));
        }
        let remedy = "a plain EOA has to carry the user operation; or give --bundler-url";
        let sender = other_key(client, operation.sender_dev_account, SENDER_KEY, remedy)?;
        Ok(Self::Direct(sender, paymaster))
    }
}

fn other_key(client: &Client, index: Option<u32>, name: &'static str, why: &str) -> Result<PrivateKeySigner> {
    match index {
        Some(index) => KeyArgs {
            dev_account: Some(index),
            keystore: None,
        }
        .signer(client),
        None => keys::from_environment(name)?
            .ok_or_else(|| Error::missing(name, format!("set it in the environment: {why}"))),
    }
}
