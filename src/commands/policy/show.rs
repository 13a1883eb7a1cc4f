//! `hedgerow policy show`.

use super::{LookArgs, governing, hedged, table, terms_json};
use crate::{
    client::Client,
    decimal::format_units,
    error::{Error, Result},
    hedge::{HedgePolicy, predict::HedgePrediction},
    human,
    output::{self, Progress},
    policy::{Policy, observe::Scene, predict::Prediction, words, write},
};
use alloy::primitives::U256;
use clap::Args;
use hedgerow_core::policy::{MILLION, State, Status};
use serde_json::{Value, json};
use std::{
    io::Write,
    path::{Path, PathBuf},
};

/// Arguments of `hedgerow policy show`.
#[derive(Args, Debug)]
pub struct ShowArgs {
    #[command(flatten)]
    look: LookArgs,
    /// Block from which events are looked for
    #[arg(long, value_name = "BLOCK", default_value = "0")]
    from_block: u64,
    /// Write the policy's file again; one that is there already is not touched
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

/// Finds the terms and shows them with what is remembered.
pub async fn run(args: ShowArgs) -> Result<()> {
    let client = args.look.node.connect().await?;
    let progress = Progress::new();
    progress.step("reading the position, its pool and its policy");
    let scene = args.look.scene(&client).await?;
    let found = hedged::found(&client, &progress, &scene, args.from_block).await?;
    if let Some(hedge) = found.hedge {
        progress.finish();
        return show_hedged(&args, &client, &scene, (hedge, found.ranges)).await;
    }
    let policy = governing(&client, &progress, &scene, args.from_block).await?;
    let prediction = Prediction::make(&client, &scene, &policy).await?;
    progress.finish();
    let pair = scene.pair(&client);
    if let Some(path) = &args.output {
        let about = format!("What a keeper may do with position {}.", scene.position.place);
        save(path, &write::file(&policy, &pair, &about))?;
    }
    if args.json {
        return output::print_json(&json!({
            "chainId": client.chain_id(),
            "account": scene.account,
            "position": scene.position.place,
            "policyId": scene.governing,
            "paused": scene.header.paused,
            "terms": terms_json(&policy)?,
            "state": state_json(&prediction.state),
        }));
    }
    let mut rows = vec![("policy".to_owned(), scene.governing.to_string())];
    rows.extend(words::allowed(&policy, &pair));
    rows.extend(words::worst(&policy, &pair, prediction.decision.value, scene.now));
    rows.extend(remembered(&policy, &prediction.state, &scene));
    output::print(&table(&format!("policy of {}", scene.position.place), rows))
}

/// The same of a hedge's policy, and of the position's beside it.
async fn show_hedged(
    args: &ShowArgs,
    client: &Client,
    scene: &Scene,
    (hedge, ranges): (HedgePolicy, Option<Policy>),
) -> Result<()> {
    let prediction = HedgePrediction::make(client, scene, &hedge).await?;
    let (pair, place) = (scene.pair(client), scene.position.place);
    if let Some(path) = &args.output {
        let about = format!("What a keeper may do with position {place} and its hedge.");
        save(path, &write::hedged(&hedge, ranges.as_ref(), &pair, &about))?;
    }
    if args.json {
        let mut document = json!({
            "chainId": client.chain_id(),
            "account": scene.account,
            "position": place,
            "hedgePolicyId": hedge.id()?,
            "paused": scene.header.paused,
            "hedgeTerms": hedged::hedge_terms_json(&hedge)?,
            "hedgeState": state_json(&prediction.state),
        });
        if let Some(policy) = &ranges {
            document["policyId"] = json!(scene.governing);
            document["terms"] = terms_json(policy)?;
            document["state"] = state_json(&scene.state(client, scene.governing).await?);
        }
        return output::print_json(&document);
    }
    let mut rows = vec![("hedge's policy".to_owned(), hedge.id()?.to_string())];
    if ranges.is_some() {
        rows.push(("position's policy".into(), scene.governing.to_string()));
    }
    let worth = prediction.decision.value;
    rows.extend(hedged::allowed(ranges.as_ref(), &hedge, &pair));
    rows.extend(words::worst(&hedged::hedge_alone(&hedge), &pair, worth, scene.now));
    let mut kept = remembered(&hedged::hedge_alone(&hedge), &prediction.state, scene);
    // A hedge's policy counts neither.
    kept.retain(|(name, _)| name != "ranges before" && name != "share of token0");
    rows.extend(kept);
    output::print(&table(&format!("policy of {place} and its hedge"), rows))
}

fn save(path: &Path, text: &str) -> Result<()> {
    let file = std::fs::OpenOptions::new().write(true).create_new(true).open(path);
    file.and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(|error| Error::bad_file(path, error))
}

fn remembered(policy: &Policy, state: &State, scene: &Scene) -> Vec<(String, String)> {
    let row = |name: &str, text: String| (name.to_owned(), text);
    let last = match state.last_run {
        0 => "never".into(),
        at => human::date(at),
    };
    let kept = i128::from(state.factor) - i128::from(hedgerow_core::WAD);
    let mut rows = vec![
        row("set", format!("{}{}", human::date(state.set_at), ended(state))),
        row("has acted", format!("{} times, last {last}", state.runs)),
        row(
            "lost in the period",
            format!(
                "{} of {} since {}",
                human::percent(state.period_loss),
                human::percent(policy.guards.max_period_loss),
                human::date(state.period_start)
            ),
        ),
        row(
            "ranges before",
            format!(
                "{} against holding",
                crate::decimal::format_percent(alloy::primitives::I256::try_from(kept).unwrap_or_default(), 4)
            ),
        ),
        row(
            "share of token0",
            format!(
                "{} % when last acted",
                format_units(U256::from(state.share) * U256::from(100), MILLION.ilog10())
            ),
        ),
    ];
    if scene.header.paused {
        rows.push(row(
            "paused",
            "the account is paused: nothing acts until `hedgerow policy unpause`".into(),
        ));
    }
    rows
}

const fn ended(state: &State) -> &'static str {
    match state.status {
        Status::Ended => ", and has ended",
        _ => "",
    }
}

fn state_json(state: &State) -> Value {
    json!({
        "ended": state.status == Status::Ended,
        "entrySqrtPriceX96": state.entry_sqrt_price.to_string(),
        "factor": state.factor.to_string(),
        "share": state.share,
        "setAt": state.set_at.to_string(),
        "lastRun": state.last_run.to_string(),
        "runs": state.runs,
        "day": state.day,
        "runsToday": state.runs_today,
        "periodStart": state.period_start.to_string(),
        "periodLoss": state.period_loss,
    })
}
