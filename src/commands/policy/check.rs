//! `hedgerow policy check`.

use super::{LookArgs, TermsArgs, decide, decision_json, decision_rows, digits, table};
use crate::{
    error::Result,
    output::{self, Progress},
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
    let policy = args.terms.of(&client, &progress, &scene).await?;
    progress.step("deciding, and asking the account");
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
