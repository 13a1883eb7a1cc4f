//! `hedgerow policy remove`.

use super::{read_order, table};
use crate::{
    action::OwnCall,
    bindings::IPolicies::{endPolicyCall, policyStatusCall},
    cli::PositionManagerArgs,
    client::Client,
    commands::sending::{SendArgs, Shown, see_through},
    error::{Error, Result},
    policy::observe::{NO_POLICY, Scene},
    position::Place,
};
use alloy::{
    primitives::{Address, B256},
    sol_types::SolCall,
};
use clap::Args;
use hedgerow_core::policy::Status;
use serde_json::json;
use std::path::PathBuf;

/// `Status::Ended` on the chain.
const ENDED: u8 = 2;

/// Arguments of `hedgerow policy remove`.
#[derive(Args, Debug)]
#[group(id = "which", required = true, multiple = false, args = ["place", "order", "id"])]
pub struct RemoveArgs {
    /// The position whose policy is to end: the number of an NFT, or POOL:TICK_LOWER:TICK_UPPER
    #[arg(value_name = "POSITION")]
    place: Option<Place>,
    /// Cancel the order in this file, whether it was placed or not
    #[arg(long, value_name = "FILE")]
    order: Option<PathBuf>,
    /// End the policy of this id
    #[arg(long, value_name = "POLICY_ID")]
    id: Option<B256>,
    #[command(flatten)]
    send: SendArgs,
    #[command(flatten)]
    manager: PositionManagerArgs,
}

/// Ends the policy.
pub async fn run(args: RemoveArgs) -> Result<()> {
    let client = args.send.node.connect().await?;
    let signer = args.send.signer(&client)?;
    let account = args.send.account_of(signer.as_ref());
    let shell = args.send.shell(&client)?;
    let id = which(&args, &client, account).await?;
    let data = endPolicyCall { policyId: id }.abi_encode().into();
    let call = OwnCall::prepare(&client, (account, shell), data, "ending the policy", args.send.lifetime).await?;
    call.simulate(&client).await?;
    let gas = call.gas(&client).await?;
    let rows = vec![
        ("policy".to_owned(), id.to_string()),
        (
            "then".to_owned(),
            "these terms can never be set again, by an order neither; the position stays as it is".to_owned(),
        ),
        ("gas, as own transaction".to_owned(), format!("about {gas}")),
    ];
    let shown = Shown {
        document: json!({ "chainId": client.chain_id(), "account": account, "policyId": id, "gas": gas }),
        text: table(&format!("end a policy of {account}"), rows),
        question: "End it?",
    };
    see_through(&args.send, &client, signer.as_ref(), &call, shown, async |_| {
        let status = client.read(account, &policyStatusCall { policyId: id }).await?;
        if status == ENDED {
            return Ok(format!("Policy {id} has ended"));
        }
        Err(Error::Mismatch {
            what: format!("the status of the policy {id}"),
            expected: ENDED.to_string(),
            found: status.to_string(),
        })
    })
    .await
}

async fn which(args: &RemoveArgs, client: &Client, account: Address) -> Result<B256> {
    if let Some(id) = args.id {
        return Ok(id);
    }
    if let Some(path) = &args.order {
        let order = read_order(path)?;
        if order.account != account {
            let remedy = format!("it is an order of {}: use that account's key", order.account);
            return Err(Error::invalid("the account", account, remedy));
        }
        return order.policy.id();
    }
    let place = args
        .place
        .ok_or_else(|| Error::missing("the position", "give its number or POOL:TICK_LOWER:TICK_UPPER"))?;
    let manager = args.manager.resolve(client)?;
    let scene = Scene::read(client, manager, account, place).await?;
    if scene.governing == NO_POLICY {
        return Err(Error::invalid("the position", place, "no policy governs it"));
    }
    if scene.state(client, scene.governing).await?.status == Status::Ended {
        return Err(Error::invalid("the position", place, "its policy has ended already"));
    }
    Ok(scene.governing)
}
