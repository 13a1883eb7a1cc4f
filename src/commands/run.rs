//! `hedgerow run`: a keeper acts on somebody's position, where its policy says so.

use super::policy::{decide, governing, read_order};
use crate::{
    bindings::IPolicies::{FeeExceedsMaximum, PolicyRun, PolicySet, runCall},
    cli::{NodeArgs, PositionManagerArgs, RecordArgs},
    client::{Call, Client, Transaction},
    commands::run_report::{Outcome, Shown},
    confirm::ConfirmArgs,
    decimal::Decimal,
    error::{Error, Result},
    keys::KeyArgs,
    output::{self, Progress},
    policy::{Policy, observe::Scene, order::PolicyOrder, predict::Prediction, read, terms},
    position::Place,
};
use alloy::{
    primitives::{Address, U256},
    signers::local::PrivateKeySigner,
    sol_types::{SolError, SolEvent},
};
use clap::Args;
use std::path::PathBuf;

/// Arguments of `hedgerow run`.
#[derive(Args, Debug)]
pub struct RunArgs {
    /// The position: the number of an NFT, or POOL:TICK_LOWER:TICK_UPPER for liquidity that its owner holds in the pool itself
    #[arg(value_name = "POSITION")]
    place: Place,
    /// Whose it is; by default the keeper's own, or the order's account
    #[arg(long, alias = "account-of", value_name = "ADDRESS")]
    owner: Option<Address>,
    /// The policy's file; without one, its terms are looked for in the account's events
    #[arg(long, value_name = "FILE", conflicts_with = "order")]
    file: Option<PathBuf>,
    /// Place this signed order first, if it does not govern the position yet (`hedgerow policy set --order`); - reads it from stdin
    #[arg(long, value_name = "FILE")]
    order: Option<PathBuf>,
    /// What the keeper takes, in whole units of the policy's fee token; by default the most that the policy allows now
    #[arg(long, value_name = "AMOUNT")]
    fee: Option<Decimal>,
    /// Block from which events are looked for
    #[arg(long, value_name = "BLOCK", default_value = "0")]
    from_block: u64,
    #[command(flatten)]
    confirm: ConfirmArgs,
    #[command(flatten)]
    manager: PositionManagerArgs,
    #[command(flatten)]
    node: NodeArgs,
    #[command(flatten)]
    key: KeyArgs,
    #[command(flatten)]
    record: RecordArgs,
}

/// Checks, simulates, shows, asks, sends.
pub async fn run(args: RunArgs) -> Result<()> {
    let client = args.node.connect().await?;
    let keeper = args.key.signer(&client)?;
    let order = args.order.as_deref().map(read_order).transpose()?;
    let account = whose(&args, &client, order.as_ref(), keeper.address())?;
    let manager = args.manager.resolve(&client)?;
    let progress = Progress::new();
    progress.step("reading the position, its pool and its policy");
    let mut scene = Scene::read(&client, manager, account, args.place).await?;
    if let Some(order) = &order
        && scene.governing != order.policy.id()?
    {
        progress.finish();
        if !place(&args, &client, &keeper, order, &scene).await? {
            return Ok(());
        }
        scene = Scene::read(&client, manager, account, args.place).await?;
    }
    let policy = match (&order, &args.file) {
        (Some(order), _) => order.policy.clone(),
        (None, Some(file)) => read::file(file, &scene.pair(&client), scene.now)?,
        (None, None) => governing(&client, &progress, &scene, args.from_block).await?,
    };
    progress.step("deciding, and asking the account");
    let shell = args.record.of(&client)?.account_address()?;
    let prediction = decide(&client, shell, &scene, &policy).await?;
    require_now(&policy, &prediction, keeper.address())?;
    progress.step("simulating");
    let (call, fee) = simulate(&args, &client, keeper.address(), &scene, (&policy, &prediction)).await?;
    let request = Call::new(keeper.address(), account, &call);
    let gas = client.estimate(request, "estimating the run").await?;
    let gas_price = client.fees().await?.0;
    progress.finish();
    let mut shown = Shown::new(&client, &scene, &policy, &prediction, (fee, gas, gas_price))?;
    if !args.confirm.json {
        output::print(&shown.text())?;
    }
    if args.confirm.go_ahead("Run it?")? {
        let transaction = Transaction::call(account, &call);
        let receipt = client.send(&keeper, transaction, "the run").await?;
        let logs = receipt.inner.logs().iter().filter(|log| log.address() == account);
        let event = logs.filter_map(|log| PolicyRun::decode_log(&log.inner).ok()).next();
        let event = event.ok_or_else(|| Error::Mismatch {
            what: format!("transaction {}", receipt.transaction_hash),
            expected: "the account's event".into(),
            found: "none".into(),
        })?;
        shown.done(Outcome::of(&receipt, &event.data));
    }
    if args.confirm.json {
        return output::print_json(&shown.document()?);
    }
    output::print(&shown.outcome_text())
}

/// The account: the one named, which an order must be of, else the order's, else the keeper's own.
fn whose(args: &RunArgs, client: &Client, order: Option<&PolicyOrder>, keeper: Address) -> Result<Address> {
    let Some(order) = order else {
        return Ok(args.owner.unwrap_or(keeper));
    };
    if order.chain_id != client.chain_id() {
        return Err(Error::WrongChain {
            expected: order.chain_id,
            actual: client.chain_id(),
        });
    }
    match args.owner {
        Some(owner) if owner != order.account => {
            let remedy = format!("the order is of {}", order.account);
            Err(Error::invalid("--owner", owner, remedy))
        }
        _ => Ok(order.account),
    }
}

/// Places an order: true once it governs the position, false for a dry run.
async fn place(
    args: &RunArgs,
    client: &Client,
    keeper: &PrivateKeySigner,
    order: &PolicyOrder,
    scene: &Scene,
) -> Result<bool> {
    order.signature()?;
    if terms::place(&scene.position)? != order.place {
        return Err(Error::invalid(
            "the position",
            args.place,
            "the order is for another one",
        ));
    }
    if order.deadline < scene.now {
        let remedy = format!("it is {} on the chain: have a new one signed", scene.now);
        return Err(Error::invalid("the order's deadline", order.deadline, remedy));
    }
    if order.generation != scene.header.generation {
        let remedy = format!(
            "the account was wiped since, and is at {}: have a new one signed",
            scene.header.generation
        );
        return Err(Error::invalid("the order's generation", order.generation, remedy));
    }
    let call = order.placing()?;
    let id = order.policy.id()?;
    let what = "placing the order (simulated, nothing was sent)";
    let request = Call::new(keeper.address(), scene.account, &call);
    let placed = client.simulate_as(what, request, &call).await?;
    if placed != id {
        return Err(Error::Mismatch {
            what: "the policy that the order would set".into(),
            expected: id.to_string(),
            found: placed.to_string(),
        });
    }
    if !args.confirm.json {
        output::print(&format!("The order sets the policy {id} for position {}.", args.place))?;
    }
    if !args.confirm.go_ahead("Place it?")? {
        output::say("The order was not placed (--dry-run), so the policy cannot be run yet.");
        return Ok(false);
    }
    let transaction = Transaction::call(scene.account, &call);
    let receipt = client.send(keeper, transaction, "placing the order").await?;
    let logs = receipt.inner.logs().iter().filter(|log| log.address() == scene.account);
    let mut set = logs.filter_map(|log| PolicySet::decode_log(&log.inner).ok());
    match set.any(|event| event.policyId == id) {
        true => Ok(true),
        false => Err(Error::Mismatch {
            what: format!("transaction {}", receipt.transaction_hash),
            expected: format!("the account's event of policy {id}"),
            found: "none".into(),
        }),
    }
}

fn require_now(policy: &Policy, prediction: &Prediction, keeper: Address) -> Result<()> {
    let wanted = policy.guards.keeper;
    if !wanted.is_zero() && wanted != keeper {
        let remedy = format!("the policy names {wanted}: use that key");
        return Err(Error::invalid("the keeper", keeper, remedy));
    }
    let decision = &prediction.decision;
    if decision.act {
        return Ok(());
    }
    let mut reason = crate::policy::words::reason(decision.reason).to_owned();
    if decision.not_before > prediction.snapshot.now {
        reason = format!("{reason}; not before {}", crate::human::date(decision.not_before));
    }
    Err(Error::NotNow { reason })
}

/// The call with the fee named; else with the most that the policy allows and the action brings.
async fn simulate(
    args: &RunArgs,
    client: &Client,
    keeper: Address,
    scene: &Scene,
    (policy, prediction): (&Policy, &Prediction),
) -> Result<(runCall, U256)> {
    let pair = scene.pair(client);
    let token = pair.token(policy.guards.fee_token);
    let most = prediction.fee_limit(policy);
    let fee = match &args.fee {
        Some(fee) => fee.scaled("--fee", token.decimals.into())?,
        None => most,
    };
    if fee > most {
        let remedy = format!("the policy allows at most {} now", token.exact(most));
        return Err(Error::invalid("--fee", token.exact(fee), remedy));
    }
    let call = runCall {
        place: terms::place(&scene.position)?,
        guards: policy.guards(),
        rules: policy.rules()?,
        fee,
    };
    let what = "the run (simulated, nothing was sent)";
    match client.call(Call::new(keeper, scene.account, &call), what).await {
        Ok(_) => Ok((call, fee)),
        Err(Error::Reverted { data, .. }) if args.fee.is_none() && brought(&data).is_some_and(|less| less < fee) => {
            let fee = brought(&data).unwrap_or_default();
            let call = runCall { fee, ..call };
            client.call(Call::new(keeper, scene.account, &call), what).await?;
            Ok((call, fee))
        }
        Err(error) => Err(error),
    }
}

/// What the action brought of the fee token, where that was less than the fee.
fn brought(data: &[u8]) -> Option<U256> {
    FeeExceedsMaximum::abi_decode(data).ok().map(|error| error.maximum)
}
