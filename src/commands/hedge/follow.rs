//! `hedgerow hedge follow`: after an action of the owner's own, which no hedge notices.

use super::{named, table};
use crate::{
    action::OwnCall,
    bindings::IHedges::{HedgeFollowed, followHedgeCall},
    cli::PositionManagerArgs,
    commands::sending::{SendArgs, Shown, see_through},
    error::{Error, Result},
    position::Place,
};
use alloy::sol_types::{SolCall, SolEvent};
use clap::Args;
use serde_json::json;

/// Arguments of `hedgerow hedge follow`.
#[derive(Args, Debug)]
pub struct FollowArgs {
    /// The position whose hedge it was, even if it is gone
    #[arg(value_name = "FROM")]
    old: Place,
    /// The position whose hedge it is to be, in the same pool
    #[arg(value_name = "TO")]
    new: Place,
    #[command(flatten)]
    send: SendArgs,
    #[command(flatten)]
    manager: PositionManagerArgs,
}

/// Has the hedge of one position, and the policy that governs it, belong to another.
pub async fn run(args: FollowArgs) -> Result<()> {
    let client = args.send.node.connect().await?;
    let signer = args.send.signer(&client)?;
    let account = args.send.account_of(signer.as_ref());
    let shell = args.send.shell(&client)?;
    let manager = args.manager.resolve(&client)?;
    let call = followHedgeCall {
        from: named(&client, manager, args.old).await?,
        to: named(&client, manager, args.new).await?,
    };
    let data = call.abi_encode().into();
    let call = OwnCall::prepare(&client, (account, shell), data, "moving the hedge", args.send.lifetime).await?;
    call.simulate(&client).await?;
    let gas = call.gas(&client).await?;
    let rows = vec![
        ("from".to_owned(), args.old.to_string()),
        ("to".to_owned(), args.new.to_string()),
        (
            "kept".to_owned(),
            "what it owes and holds, its entry and its accounts; `hedgerow hedge adjust` takes it to its target"
                .to_owned(),
        ),
        ("gas, as own transaction".to_owned(), format!("about {gas}")),
    ];
    let shown = Shown {
        document: json!({ "chainId": client.chain_id(), "account": account, "from": args.old, "to": args.new, "gas": gas }),
        text: table(&format!("move a hedge of {account}"), rows),
        question: "Move it?",
    };
    see_through(&args.send, &client, signer.as_ref(), &call, shown, async |carried| {
        let logs = carried.receipt.inner.logs().iter();
        let own = logs.filter(|log| log.address() == account);
        let event = own.filter_map(|log| HedgeFollowed::decode_log(&log.inner).ok()).next();
        let event = event.ok_or_else(|| Error::Mismatch {
            what: format!("transaction {}", carried.receipt.transaction_hash),
            expected: "the account's event".into(),
            found: "none".into(),
        })?;
        Ok(format!(
            "The hedge at {} is that of position {}",
            event.margin, args.new
        ))
    })
    .await
}
