//! `hedgerow rebalance`.

use crate::{
    bundler::Bundler,
    cli::{NodeArgs, PositionManagerArgs, RecordArgs},
    client::Client,
    decimal::{Decimal, format_units},
    error::{Error, Result},
    keys::{self, KeyArgs},
    output::{self, Progress, decimal_string},
    paymaster::SigningPaymaster,
    position::Position,
    price,
    rebalance::{Plan, Tolerance},
};
use alloy::{
    primitives::{Address, B256, U256},
    signers::local::PrivateKeySigner,
};
use clap::{Args, ValueEnum};
use serde::Serialize;

const PAYMASTER_KEY: &str = "HEDGEROW_PAYMASTER_PRIVATE_KEY";
const SENDER_KEY: &str = "HEDGEROW_SENDER_PRIVATE_KEY";

/// How the rebalance is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Via {
    /// As the account's own transaction
    #[value(name = "self")]
    Own,
    /// As an ERC-4337 user operation
    Userop,
}

/// Arguments of `hedgerow rebalance`.
#[derive(Args, Debug)]
pub struct RebalanceArgs {
    /// The position's NFT
    pub token_id: U256,
    /// Lower tick of the new range
    #[arg(
        long,
        value_name = "TICK",
        allow_negative_numbers = true,
        requires = "tick_upper",
        conflicts_with = "width_percent"
    )]
    pub tick_lower: Option<i32>,
    /// Upper tick of the new range
    #[arg(long, value_name = "TICK", allow_negative_numbers = true, requires = "tick_lower")]
    pub tick_upper: Option<i32>,
    /// New range around the price now: from price / (1 + PERCENT) to price * (1 + PERCENT)
    #[arg(long, value_name = "PERCENT", required_unless_present = "tick_lower")]
    pub width_percent: Option<Decimal>,
    /// How to send it
    #[arg(long, value_enum, default_value = "self")]
    pub via: Via,
    /// Only plan and simulate
    #[arg(long)]
    pub dry_run: bool,
    /// The shell the account runs; by default the one deployed on this chain
    #[arg(long, value_name = "ADDRESS")]
    pub account: Option<Address>,
    #[command(flatten)]
    limits: LimitArgs,
    #[command(flatten)]
    operation: OperationArgs,
    #[command(flatten)]
    manager: PositionManagerArgs,
    #[command(flatten)]
    node: NodeArgs,
    #[command(flatten)]
    key: KeyArgs,
    #[command(flatten)]
    record: RecordArgs,
    /// Print one JSON document
    #[arg(long)]
    pub json: bool,
}

/// What the owner is willing to accept.
#[derive(Args, Debug)]
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
}

/// How a user operation is paid for and sent.
#[derive(Args, Debug)]
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

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    chain_id: u64,
    account: Address,
    shell: Address,
    delegated: bool,
    position: crate::position::Summary,
    tick_lower: i32,
    tick_upper: i32,
    #[serde(with = "decimal_string")]
    expected_liquidity: u128,
    #[serde(with = "decimal_string")]
    minimum_liquidity: u128,
    #[serde(with = "decimal_string")]
    expected_amount0: U256,
    #[serde(with = "decimal_string")]
    expected_amount1: U256,
    #[serde(with = "decimal_string")]
    deadline: U256,
    #[serde(skip_serializing_if = "Option::is_none")]
    sent: Option<Sent>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Sent {
    transaction: B256,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_operation: Option<B256>,
    gas_used: u64,
    paid_by: Address,
    #[serde(with = "decimal_string")]
    paid_wei: U256,
    #[serde(with = "decimal_string")]
    new_token_id: U256,
    #[serde(with = "decimal_string")]
    liquidity: u128,
}

/// Plans, shows, and unless it is a dry run sends.
pub async fn run(args: RebalanceArgs) -> Result<()> {
    let client = args.node.connect().await?;
    let signer = args.key.signer(&client)?;
    let progress = Progress::new();
    progress.step("reading the position");
    let position = Position::of_nft(&client, args.manager.resolve(&client)?, args.token_id).await?;
    let shell = match args.account {
        Some(shell) => shell,
        None => args.record.of(&client)?.account_address()?,
    };
    let range = range(&args, &position)?;
    let tolerance = tolerance(&args.limits)?;
    let route = Route::prepare(&args, &client).await?;
    progress.step("simulating the rebalance");
    let plan = Plan::make(&client, signer.address(), shell, position, range, tolerance).await?;
    let mut report = describe(&client, &plan)?;
    if !args.json {
        progress.finish();
        output::print(&text(&plan, &report)?)?;
    }
    if !args.dry_run {
        progress.step("sending the rebalance");
        report.sent = Some(route.send(&client, &signer, &plan).await?);
    }
    progress.finish();
    if args.json {
        return output::print_json(&report);
    }
    match &report.sent {
        Some(sent) => output::print(&sent_text(sent)),
        None => output::print("Nothing was sent (--dry-run)."),
    }
}

fn range(args: &RebalanceArgs, position: &Position) -> Result<(i32, i32)> {
    match (args.tick_lower.zip(args.tick_upper), &args.width_percent) {
        (Some(range), _) => Ok(range),
        (None, Some(percent)) => price::range_around(position.sqrt_price, percent, position.tick_spacing),
        (None, None) => Err(Error::missing(
            "the new range",
            "give --tick-lower and --tick-upper, or --width-percent",
        )),
    }
}

fn tolerance(args: &LimitArgs) -> Result<Tolerance> {
    let slippage: u32 = args.slippage_percent.scaled("--slippage-percent", 4)?.saturating_to();
    if slippage >= 1_000_000 {
        return Err(Error::invalid(
            "--slippage-percent",
            &args.slippage_percent,
            "give less than 100",
        ));
    }
    Ok(Tolerance {
        twap_window: args.twap_window,
        max_tick_deviation: args.max_tick_deviation,
        slippage_millionths: slippage,
        lifetime: args.lifetime,
    })
}

/// How it will be sent, with every key and address looked up before anything is.
enum Route {
    Own,
    Direct(PrivateKeySigner, Option<SigningPaymaster>),
    Bundled(Bundler, Option<SigningPaymaster>),
}

impl Route {
    async fn prepare(args: &RebalanceArgs, client: &Client) -> Result<Self> {
        if args.via == Via::Own {
            return Ok(Self::Own);
        }
        let operation = &args.operation;
        let paymaster = match operation.paymaster {
            None => None,
            Some(address) => {
                let remedy = "the paymaster pays only for what its key signs";
                let key = other_key(client, operation.paymaster_dev_account, PAYMASTER_KEY, remedy)?;
                Some(SigningPaymaster::connect(client, address, key).await?)
            }
        };
        if let Some(url) = &operation.bundler_url {
            return Ok(Self::Bundled(
                Bundler::connect(url, client.chain_id()).await?,
                paymaster,
            ));
        }
        let remedy = "a plain EOA has to carry the user operation; or give --bundler-url";
        let sender = other_key(client, operation.sender_dev_account, SENDER_KEY, remedy)?;
        Ok(Self::Direct(sender, paymaster))
    }

    async fn send(&self, client: &Client, signer: &PrivateKeySigner, plan: &Plan) -> Result<Sent> {
        let (receipt, operation, paid) = match self {
            Self::Own => {
                let receipt = plan.send_as_self(client, signer).await?;
                let paid = (
                    plan.account,
                    U256::from(receipt.gas_used) * U256::from(receipt.effective_gas_price),
                );
                (receipt, None, paid)
            }
            Self::Direct(sender, paymaster) => {
                let signed = plan.user_operation(client, signer, paymaster.as_ref()).await?;
                let outcome = signed.send_directly(client, sender).await?;
                let paid = (outcome.payer(), outcome.event.actualGasCost);
                (outcome.receipt, Some(signed.hash), paid)
            }
            Self::Bundled(bundler, paymaster) => {
                let signed = plan.user_operation(client, signer, paymaster.as_ref()).await?;
                let outcome = bundler.send(client, &signed).await?;
                let paid = (outcome.payer(), outcome.event.actualGasCost);
                (outcome.receipt, Some(signed.hash), paid)
            }
        };
        let event = plan.result(&receipt)?;
        Ok(Sent {
            transaction: receipt.transaction_hash,
            user_operation: operation,
            gas_used: receipt.gas_used,
            paid_by: paid.0,
            paid_wei: paid.1,
            new_token_id: event.newId,
            liquidity: event.liquidity,
        })
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

fn describe(client: &Client, plan: &Plan) -> Result<Report> {
    Ok(Report {
        chain_id: client.chain_id(),
        account: plan.account,
        shell: plan.shell,
        delegated: plan.delegated,
        position: plan.position.summary()?,
        tick_lower: plan.tick_lower,
        tick_upper: plan.tick_upper,
        expected_liquidity: plan.expected.liquidity,
        minimum_liquidity: plan.limits.minLiquidity,
        expected_amount0: plan.expected.amount0,
        expected_amount1: plan.expected.amount1,
        deadline: plan.limits.deadline,
        sent: None,
    })
}

fn text(plan: &Plan, report: &Report) -> Result<String> {
    let (position, limits) = (&plan.position, &plan.limits);
    let (token0, token1) = (&position.token0, &position.token1);
    let prices = |lower, upper| -> Result<String> {
        let at = |tick| price::price_at_tick(tick, token0.decimals, token1.decimals);
        Ok(format!("{} to {}", at(lower)?, at(upper)?))
    };
    let (out0, out1) = position.withdrawable()?;
    let amounts = |a: U256, b: U256| format!("{} + {}", token0.exact(a), token1.exact(b));
    let row = |name: &str, now: String, then: String| vec![name.to_owned(), now, then];
    let ticks = |lower: i32, upper: i32| format!("{lower} to {upper}");
    let (lower, upper) = (position.tick_lower, position.tick_upper);
    let liquidity = format!("{} (at least {})", plan.expected.liquidity, report.minimum_liquidity);
    let code = if plan.delegated { "the shell" } else { "none" };
    let deadline = format!("timestamp {} (it is {})", limits.deadline, plan.timestamp);
    let rows = vec![
        row("ticks", ticks(lower, upper), ticks(plan.tick_lower, plan.tick_upper)),
        row(
            "prices",
            prices(lower, upper)?,
            prices(plan.tick_lower, plan.tick_upper)?,
        ),
        row(
            "amounts",
            amounts(out0, out1),
            amounts(plan.expected.amount0, plan.expected.amount1),
        ),
        row("liquidity", position.liquidity.to_string(), liquidity),
        row(
            "paid out at least",
            String::new(),
            amounts(limits.amount0Min, limits.amount1Min),
        ),
        row("price guard", String::new(), guard(plan)),
        row("to be done by", String::new(), deadline),
        row("code of the account", code.into(), format!("the shell {}", plan.shell)),
    ];
    let title = format!("position {}", position.place);
    Ok(output::table(&[&title, "now", "planned"], rows))
}

fn guard(plan: &Plan) -> String {
    match plan.limits.twapWindow {
        0 => "none".into(),
        window => format!(
            "within {} ticks of the mean of {window} s",
            plan.limits.maxTickDeviation
        ),
    }
}

fn sent_text(sent: &Sent) -> String {
    format!(
        "Position {} with liquidity {} is in place (transaction {}; {} gas; {} ETH paid by {}).",
        sent.new_token_id,
        sent.liquidity,
        sent.transaction,
        sent.gas_used,
        format_units(sent.paid_wei, 18),
        sent.paid_by
    )
}
