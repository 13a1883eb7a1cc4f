//! `hedgerow policy check`.

use super::{LookArgs, TermsArgs, decide, decision_json, decision_rows, digits, hedged, table};
use crate::{
    client::Client,
    error::{Error, Result},
    hedge::HedgePolicy,
    output::{self, Progress},
    policy::{Policy, observe::Scene},
};
use clap::Args;
use serde_json::json;

/// Arguments of `hedgerow policy check`.
#[derive(Args, Debug)]
pub struct CheckArgs {
    #[command(flatten)]
    look: LookArgs,
    #[command(flatten)]
    terms: TermsArgs,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

/// Asks both, and tells what they agree on.
pub async fn run(args: CheckArgs) -> Result<()> {
    let client = args.look.node.connect().await?;
    let progress = Progress::new();
    progress.step("reading the position, its pool and its policy");
    let scene = args.look.scene(&client).await?;
    let found = args.terms.all_of(&client, &progress, &scene).await?;
    progress.step("deciding, and asking the account");
    if let Some(hedge) = found.hedge {
        return hedged(&args, &client, &scene, (hedge, found.ranges)).await;
    }
    let policy = found
        .ranges
        .ok_or_else(|| Error::missing("a policy", "the file sets none"))?;
    let prediction = decide(&client, args.look.shell(&client)?, &scene, &policy).await?;
    progress.finish();
    if args.json {
        return output::print_json(&json!({
            "chainId": client.chain_id(),
            "account": scene.account,
            "position": scene.position.place,
            "policyId": policy.id()?,
            "governing": scene.governing,
            "block": scene.block.as_u64(),
            "timestamp": scene.now,
            "decision": decision_json(&prediction),
            "mostFee": digits(prediction.fee_limit(&policy)),
            "accountSaysTheSame": true,
        }));
    }
    let mut rows = decision_rows(&prediction, &policy, &scene.pair(&client));
    rows.push(("the account".into(), "says the same, to the last digit".into()));
    output::print(&table(&format!("policy of {}", scene.position.place), rows))
}

/// The same of a hedge's policy, and of the position's beside it.
async fn hedged(
    args: &CheckArgs,
    client: &Client,
    scene: &Scene,
    (hedge, ranges): (HedgePolicy, Option<Policy>),
) -> Result<()> {
    let shell = args.look.shell(client)?;
    let prediction = hedged::decide(client, shell, scene, &hedge).await?;
    let ranges = match ranges {
        None => None,
        Some(mut policy) => {
            policy.guards.keeper = scene.account;
            Some((decide(client, shell, scene, &policy).await?, policy))
        }
    };
    if args.json {
        let mut document = json!({
            "chainId": client.chain_id(),
            "account": scene.account,
            "position": scene.position.place,
            "hedgePolicyId": hedge.id()?,
            "block": scene.block.as_u64(),
            "timestamp": scene.now,
            "hedgeDecision": hedged::hedge_json(&prediction),
            "accountSaysTheSame": true,
        });
        if let Some((prediction, policy)) = &ranges {
            document["policyId"] = json!(policy.id()?);
            document["decision"] = decision_json(prediction);
        }
        return output::print_json(&document);
    }
    let both = ranges.as_ref().map(|(prediction, policy)| (prediction, policy));
    let mut rows = hedged::both_rows(both, (&prediction, &hedge), &scene.pair(client));
    rows.push(("the account".into(), "says the same, to the last digit".into()));
    output::print(&table(
        &format!("policy of {} and its hedge", scene.position.place),
        rows,
    ))
}
