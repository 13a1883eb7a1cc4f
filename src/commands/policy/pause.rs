//! `hedgerow policy pause` and `unpause`.

use super::table;
use crate::{
    account::Header,
    action::OwnCall,
    bindings::IAccountState::{pauseCall, unpauseCall},
    commands::sending::{SendArgs, Shown, see_through},
    error::{Error, Result},
};
use alloy::{primitives::Address, sol_types::SolCall};
use clap::Args;
use serde_json::json;

/// Arguments of `hedgerow policy pause` and `unpause`.
#[derive(Args, Debug)]
pub struct PauseArgs {
    /// How it is sent.
    #[command(flatten)]
    pub send: SendArgs,
}

/// Stops or frees whoever acts for the owner.
pub async fn run(args: PauseArgs, pause: bool) -> Result<()> {
    let client = args.send.node.connect().await?;
    let signer = args.send.signer(&client)?;
    let account = args.send.account_of(signer.as_ref());
    let header = Header::read(&client, account).await?;
    if header.paused == pause {
        let remedy = if pause {
            "it is paused already"
        } else {
            "it is not paused"
        };
        return Err(Error::invalid("the account", account, remedy));
    }
    let (data, what) = match pause {
        true => (pauseCall {}.abi_encode(), "pausing the account"),
        false => (unpauseCall {}.abi_encode(), "unpausing the account"),
    };
    let shell = args.send.shell(&client)?;
    let call = OwnCall::prepare(&client, (account, shell), data.into(), what, args.send.lifetime).await?;
    call.simulate(&client).await?;
    let gas = call.gas(&client).await?;
    let shown = Shown {
        document: json!({
            "chainId": client.chain_id(),
            "account": account,
            "pause": pause,
            "gas": gas,
        }),
        text: text(account, pause, gas),
        question: if pause { "Pause?" } else { "Unpause?" },
    };
    see_through(&args.send, &client, signer.as_ref(), &call, shown, async |_| {
        let paused = Header::read(&client, account).await?.paused;
        if paused == pause {
            let what = if pause { "paused" } else { "not paused any more" };
            return Ok(format!("The account is {what}"));
        }
        Err(Error::Mismatch {
            what: format!("whether {account} is paused"),
            expected: pause.to_string(),
            found: paused.to_string(),
        })
    })
    .await
}

fn text(account: Address, pause: bool, gas: u64) -> String {
    let (title, stopped) = match pause {
        true => (
            "pause",
            "every keeper, of all policies; every session key; until `hedgerow policy unpause`",
        ),
        false => (
            "unpause",
            "nobody any more: policies and session keys go on under their terms",
        ),
    };
    let rows = vec![
        ("stopped".to_owned(), stopped.to_owned()),
        (
            "not touched".to_owned(),
            "the owner: every action, every exit, every batch the owner signed".to_owned(),
        ),
        ("gas, as own transaction".to_owned(), format!("about {gas}")),
    ];
    table(&format!("{title} {account}"), rows)
}
