//! `hedgerow policy remove`.

use super::{hedged, read_order, table};
use crate::{
    action::{OwnCall, own_batch},
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
    /// How it is sent.
    #[command(flatten)]
    pub send: SendArgs,
    #[command(flatten)]
    manager: PositionManagerArgs,
}

/// Ends the policy.
pub async fn run(args: RemoveArgs) -> Result<()> {
    let client = args.send.node.connect().await?;
    let signer = args.send.signer(&client)?;
    let account = args.send.account_of(signer.as_ref());
    let shell = args.send.shell(&client)?;
    let ids = which(&args, &client, account).await?;
    let calls = ids.iter().map(|id| endPolicyCall { policyId: *id }.abi_encode().into());
    let data = own_batch(account, calls.collect());
    let call = OwnCall::prepare(&client, (account, shell), data, "ending the policy", args.send.lifetime).await?;
    call.simulate(&client).await?;
    let gas = call.gas(&client).await?;
    let mut rows: Vec<_> = ids.iter().map(|id| ("policy".to_owned(), id.to_string())).collect();
    rows.extend([
        (
            "then".to_owned(),
            "these terms can never be set again, by an order neither; the position stays as it is".to_owned(),
        ),
        ("gas, as own transaction".to_owned(), format!("about {gas}")),
    ]);
    let shown = Shown {
        document: json!({
            "chainId": client.chain_id(),
            "account": account,
            "policyId": ids.first(),
            "policyIds": ids,
            "gas": gas,
        }),
        text: table(&format!("end a policy of {account}"), rows),
        question: "End it?",
    };
    see_through(&args.send, &client, signer.as_ref(), &call, shown, async |_| {
        for id in &ids {
            let status = client.read(account, &policyStatusCall { policyId: *id }).await?;
            if status != ENDED {
                return Err(Error::Mismatch {
                    what: format!("the status of the policy {id}"),
                    expected: ENDED.to_string(),
                    found: status.to_string(),
                });
            }
        }
        let named: Vec<_> = ids.iter().map(B256::to_string).collect();
        Ok(match named.len() {
            1 => format!("Policy {} has ended", named.concat()),
            _ => format!("Policies {} have ended", named.join(" and ")),
        })
    })
    .await
}

/// The policies that are to end: of a position, its own and its hedge's.
async fn which(args: &RemoveArgs, client: &Client, account: Address) -> Result<Vec<B256>> {
    if let Some(id) = args.id {
        return Ok(vec![id]);
    }
    if let Some(path) = &args.order {
        let order = read_order(path)?;
        if order.account != account {
            let remedy = format!("it is an order of {}: use that account's key", order.account);
            return Err(Error::invalid("the account", account, remedy));
        }
        return order.policy.id().map(|id| vec![id]);
    }
    let place = args
        .place
        .ok_or_else(|| Error::missing("the position", "give its number or POOL:TICK_LOWER:TICK_UPPER"))?;
    let manager = args.manager.resolve(client)?;
    let scene = Scene::read(client, manager, account, place).await?;
    let hedge = hedged::ending(client, &scene).await?;
    if scene.governing == NO_POLICY && hedge.is_none() {
        return Err(Error::invalid("the position", place, "no policy governs it"));
    }
    let mut ids = Vec::new();
    if scene.governing != NO_POLICY && scene.state(client, scene.governing).await?.status != Status::Ended {
        ids.push(scene.governing);
    }
    ids.extend(hedge);
    if ids.is_empty() {
        return Err(Error::invalid("the position", place, "its policy has ended already"));
    }
    Ok(ids)
}
