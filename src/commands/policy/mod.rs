//! `hedgerow policy`: what an owner lets a keeper do with one position.

pub mod check;
pub mod follow;
pub mod hedged;
pub mod new;
pub mod pause;
pub mod remove;
pub mod set;
pub mod show;

use crate::{
    bindings::IPolicies,
    cli::{NodeArgs, OwnerArgs, PositionManagerArgs, RecordArgs},
    client::Client,
    error::{Error, Result},
    output::{self, Progress},
    policy::{
        Pair, Policy, find,
        observe::{NO_POLICY, Scene},
        order::PolicyOrder,
        predict::{self, Prediction},
        read,
    },
    position::Place,
};
use alloy::primitives::{Address, U256};
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// What to do with policies.
#[derive(Subcommand, Debug)]
pub enum PolicyCommand {
    /// Write a policy's file for a position, with comments and limits that suit its pair
    New(new::NewArgs),
    /// Set a position's policy, or sign an order for a keeper to set it
    Set(Box<set::SetArgs>),
    /// Show a position's policy, what it allows, and what became of it; or write its file again
    Show(show::ShowArgs),
    /// Ask what a policy says of its position now: the native core, and the account itself
    Check(check::CheckArgs),
    /// Have a position's policy govern another one, after an action of your own
    Follow(Box<follow::FollowArgs>),
    /// Stop all keepers and session keys of the account, at once
    Pause(Box<pause::PauseArgs>),
    /// Let them go on
    Unpause(Box<pause::PauseArgs>),
    /// End a position's policy, or cancel an order, for ever
    Remove(Box<remove::RemoveArgs>),
}

/// Dispatches.
pub async fn run(command: PolicyCommand) -> Result<()> {
    match command {
        PolicyCommand::New(args) => new::run(args).await,
        PolicyCommand::Set(args) => set::run(*args).await,
        PolicyCommand::Show(args) => show::run(args).await,
        PolicyCommand::Check(args) => check::run(args).await,
        PolicyCommand::Follow(args) => follow::run(*args).await,
        PolicyCommand::Pause(args) => pause::run(*args, true).await,
        PolicyCommand::Unpause(args) => pause::run(*args, false).await,
        PolicyCommand::Remove(args) => remove::run(*args).await,
    }
}

/// Whose position is looked at, and through which node.
#[derive(Args, Debug)]
pub struct LookArgs {
    /// The position: the number of an NFT, or POOL:TICK_LOWER:TICK_UPPER for liquidity that the owner holds in the pool itself
    #[arg(value_name = "POSITION")]
    pub place: Place,
    /// Whose it is.
    #[command(flatten)]
    pub owner: OwnerArgs,
    /// The position manager.
    #[command(flatten)]
    pub manager: PositionManagerArgs,
    /// The node.
    #[command(flatten)]
    pub node: NodeArgs,
    /// The record of deployments.
    #[command(flatten)]
    pub record: RecordArgs,
}

impl LookArgs {
    /// Reads the position and its pool.
    pub async fn scene(&self, client: &Client) -> Result<Scene> {
        let manager = self.manager.resolve(client)?;
        let owner = self.owner.resolve(client)?;
        Scene::read(client, manager, owner, self.place).await
    }

    /// The shell whose code the account runs, or would.
    pub fn shell(&self, client: &Client) -> Result<Address> {
        self.record.of(client)?.account_address()
    }
}

/// Where a policy's terms come from: its file, a signed order, or else the account's own event.
#[derive(Args, Debug)]
pub struct TermsArgs {
    /// The policy's file; without one, its terms are looked for in the account's events
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Block from which events are looked for
    #[arg(long, value_name = "BLOCK", default_value = "0")]
    pub from_block: u64,
}

impl TermsArgs {
    /// The terms for the position of a scene and for its hedge.
    pub async fn all_of(&self, client: &Client, progress: &Progress, scene: &Scene) -> Result<read::Terms> {
        match &self.file {
            Some(file) => read::terms_file(file, &scene.pair(client), scene.now),
            None => hedged::found(client, progress, scene, self.from_block).await,
        }
    }

    /// The terms for the position of a scene.
    pub async fn of(&self, client: &Client, progress: &Progress, scene: &Scene) -> Result<Policy> {
        match &self.file {
            Some(file) => read::file(file, &scene.pair(client), scene.now),
            None => governing(client, progress, scene, self.from_block).await,
        }
    }
}

/// The terms of the policy that governs a position.
pub async fn governing(client: &Client, progress: &Progress, scene: &Scene, from_block: u64) -> Result<Policy> {
    if scene.governing == NO_POLICY {
        return Err(Error::invalid(
            "the position",
            scene.position.place,
            "no policy governs it: `hedgerow policy new` writes one, `hedgerow policy set` sets it",
        ));
    }
    let last = scene.block.as_u64().unwrap_or_default();
    if from_block > last {
        let remedy = format!("the chain's last block is {last}");
        return Err(Error::invalid("--from-block", from_block, remedy));
    }
    find::terms(client, progress, scene.account, scene.governing, (from_block, last)).await
}

/// What the core makes of the terms, which must be what the account itself answers.
pub async fn decide(client: &Client, shell: Address, scene: &Scene, policy: &Policy) -> Result<Prediction> {
    let prediction = Prediction::make(client, scene, policy).await?;
    prediction.require(&predict::ask(client, shell, scene, policy).await?)?;
    Ok(prediction)
}

/// Reads an order that `policy set --order` wrote; - reads it from stdin.
pub fn read_order(path: &Path) -> Result<PolicyOrder> {
    let text = if path == Path::new("-") {
        std::io::read_to_string(std::io::stdin()).map_err(Error::io("reading stdin"))?
    } else {
        std::fs::read_to_string(path).map_err(|error| Error::bad_file(path, error))?
    };
    PolicyOrder::from_json(&text).map_err(|why| {
        let remedy = "give what `hedgerow policy set --order` printed";
        Error::bad_file(path, format!("{why}; {remedy}"))
    })
}

/// A decision for `--json`.
fn decision_json(prediction: &Prediction) -> Value {
    let it = &prediction.decision;
    json!({
        "act": it.act,
        "reason": it.reason.code(),
        "reasonName": format!("{:?}", it.reason),
        "rule": it.rule,
        "action": crate::policy::write::action(it.action),
        "tickLower": it.range.0,
        "tickUpper": it.range.1,
        "tick": it.tick,
        "meanTick": it.mean_tick,
        "value": it.value.to_string(),
        "feesValue": it.fees_value.to_string(),
        "il": it.il.to_string(),
        "notBefore": it.not_before.to_string(),
    })
}

/// A policy's terms for `--json`: as the contracts name them.
fn terms_json(policy: &Policy) -> Result<Value> {
    let rules: Vec<Value> = policy
        .rules()?
        .iter()
        .map(crate::typed_data::to_json::<IPolicies::Rule>)
        .collect();
    Ok(json!({ "guards": crate::typed_data::to_json(&policy.guards()), "rules": rules }))
}

/// Two columns.
fn table(title: &str, rows: Vec<(String, String)>) -> String {
    let rows = rows.into_iter().map(|(name, value)| vec![name, value]);
    output::table(&[title, ""], rows.collect())
}

/// What a decision is about, for a table.
fn decision_rows(prediction: &Prediction, policy: &Policy, pair: &Pair) -> Vec<(String, String)> {
    use crate::policy::words;
    let it = &prediction.decision;
    let fee = pair.token(policy.guards.fee_token);
    let row = |name: &str, text: String| (name.to_owned(), text);
    let mut rows = vec![
        row("acts now", words::decision(it)),
        row(
            "value",
            format!(
                "{}, of it {} fees owed",
                pair.token1.exact(it.value),
                pair.token1.exact(it.fees_value)
            ),
        ),
        row("IL since entry", words::il(it.il)),
        row("tick", format!("{}, in the mean {}", it.tick, it.mean_tick)),
        row("most for the keeper", fee.exact(prediction.fee_limit(policy))),
    ];
    if it.act && it.range != (0, 0) && it.range != prediction.snapshot.range {
        rows.push(row("new range", format!("ticks {} to {}", it.range.0, it.range.1)));
    }
    if it.not_before > prediction.snapshot.now {
        rows.push(row("not before", crate::human::date(it.not_before)));
    }
    rows
}

/// A token's raw amount for `--json`.
fn digits(amount: U256) -> String {
    amount.to_string()
}
