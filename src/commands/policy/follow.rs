//! `hedgerow policy follow`: after an action of the owner's own, which no policy notices.

use super::table;
use crate::{
    action::OwnCall,
    bindings::IPolicies::{Place as Named, PolicyFollowed, followPolicyCall},
    cli::PositionManagerArgs,
    client::Client,
    commands::sending::{SendArgs, Shown, see_through},
    error::{Error, Result},
    policy::terms,
    pool::{PoolKey, factory_of},
    position::Place,
    price::int24,
};
use alloy::{
    primitives::{Address, aliases::U24},
    sol_types::{SolCall, SolEvent},
};
use clap::Args;
use serde_json::json;

/// Arguments of `hedgerow policy follow`.
#[derive(Args, Debug)]
pub struct FollowArgs {
    /// The position that the policy governed, even if it is gone
    #[arg(value_name = "FROM")]
    old: Place,
    /// The position that it is to govern, in the same pool
    #[arg(value_name = "TO")]
    new: Place,
    /// How it is sent.
    #[command(flatten)]
    pub send: SendArgs,
    #[command(flatten)]
    manager: PositionManagerArgs,
}

/// Has the policy of one position govern another; what is remembered of it stays as it is.
pub async fn run(args: FollowArgs) -> Result<()> {
    let client = args.send.node.connect().await?;
    let signer = args.send.signer(&client)?;
    let account = args.send.account_of(signer.as_ref());
    let shell = args.send.shell(&client)?;
    let manager = args.manager.resolve(&client)?;
    let call = followPolicyCall {
        from: named(&client, manager, args.old).await?,
        to: named(&client, manager, args.new).await?,
    };
    let data = call.abi_encode().into();
    let call = OwnCall::prepare(&client, (account, shell), data, "moving the policy", args.send.lifetime).await?;
    call.simulate(&client).await?;
    let gas = call.gas(&client).await?;
    let rows = vec![
        ("from".to_owned(), args.old.to_string()),
        ("to".to_owned(), args.new.to_string()),
        (
            "kept".to_owned(),
            "its terms, its entry, what it has lost and how often it acted".to_owned(),
        ),
        ("gas, as own transaction".to_owned(), format!("about {gas}")),
    ];
    let shown = Shown {
        document: json!({ "chainId": client.chain_id(), "account": account, "from": args.old, "to": args.new, "gas": gas }),
        text: table(&format!("move a policy of {account}"), rows),
        question: "Move it?",
    };
    see_through(&args.send, &client, signer.as_ref(), &call, shown, async |carried| {
        let logs = carried
            .receipt
            .inner
            .logs()
            .iter()
            .filter(|log| log.address() == account);
        let event = logs
            .filter_map(|log| PolicyFollowed::decode_log(&log.inner).ok())
            .next();
        let event = event.ok_or_else(|| Error::Mismatch {
            what: format!("transaction {}", carried.receipt.transaction_hash),
            expected: "the account's event".into(),
            found: "none".into(),
        })?;
        Ok(format!("Policy {} governs position {}", event.policyId, args.new))
    })
    .await
}

/// A position as the contracts name it, whether it is there or not.
pub async fn named(client: &Client, manager: Address, place: Place) -> Result<Named> {
    let (pool, tick_lower, tick_upper) = match place {
        Place::Nft(id) => return Ok(terms::nft(manager, id)),
        Place::Direct {
            pool,
            tick_lower,
            tick_upper,
        } => (pool, tick_lower, tick_upper),
    };
    let (block, _) = client.latest().await?;
    let factory = factory_of(client, block, manager).await?;
    let key = PoolKey::prove(client, block, factory, pool).await?;
    Ok(Named {
        factory,
        token0: key.token0,
        token1: key.token1,
        fee: U24::saturating_from(key.fee),
        tickLower: int24(tick_lower)?,
        tickUpper: int24(tick_upper)?,
        ..terms::nft(Address::ZERO, Default::default())
    })
}
