//! `hedgerow hedge close`: whether the position is there any more or not.

use super::{GuardArgs, event, named, table};
use crate::{
    action::OwnCall,
    bindings::{
        IHedges::{Place as Named, closeHedgeCall, hedgeOfCall},
        IMargin,
    },
    cli::PositionManagerArgs,
    client::{Call, Client},
    commands::sending::{SendArgs, Shown, see_through},
    decimal::Decimal,
    delegation,
    error::{Error, Result},
    hedge::{terms, write::health},
    output::Progress,
    position::{Place, Token},
};
use alloy::{
    primitives::{Address, U256},
    rpc::types::state::StateOverridesBuilder,
    sol_types::SolCall,
};
use clap::Args;
use serde_json::json;

/// Arguments of `hedgerow hedge close`.
#[derive(Args, Debug)]
pub struct CloseArgs {
    /// The position whose hedge it is, even if the position is gone
    #[arg(value_name = "POSITION")]
    place: Place,
    /// Repay at most so much with the wallet's own tokens before anything is bought back, in whole units of what is owed
    #[arg(long, value_name = "AMOUNT", default_value = "0")]
    repay: Decimal,
    #[command(flatten)]
    guard: GuardArgs,
    /// How it is sent.
    #[command(flatten)]
    pub send: SendArgs,
    #[command(flatten)]
    manager: PositionManagerArgs,
}

/// A hedge as the account tells of it.
struct Found {
    margin: Address,
    debt: U256,
    collateral: U256,
    health: U256,
    borrowed: Token,
    lent: Token,
}

/// Reads, simulates, shows, asks, sends.
pub async fn run(args: CloseArgs) -> Result<()> {
    let client = args.send.node.connect().await?;
    let signer = args.send.signer(&client)?;
    let account = args.send.account_of(signer.as_ref());
    let shell = args.send.shell(&client)?;
    let progress = Progress::new();
    progress.step("reading the hedge");
    let manager = args.manager.resolve(&client)?;
    let place = named(&client, manager, args.place).await?;
    let found = find(&client, (account, shell), &place, args.place).await?;
    progress.step("simulating");
    let repay = args.repay.scaled("--repay", found.borrowed.decimals.into())?;
    let what = "closing the hedge";
    let mut call = OwnCall::prepare(&client, (account, shell), Default::default(), what, args.send.lifetime).await?;
    let closing = closeHedgeCall {
        place,
        repay,
        limits: terms::limits(args.guard.twap_window, args.guard.max_tick_deviation, call.deadline),
    };
    call.data = closing.abi_encode().into();
    let answer = call.simulate(&client).await?;
    let left = closeHedgeCall::abi_decode_returns(&answer).map_err(|error| Error::Mismatch {
        what: "what closing answers".into(),
        expected: "debt and what is paid out".into(),
        found: error.to_string(),
    })?;
    let gas = call.gas(&client).await?;
    progress.finish();
    let row = |name: &str, text: String| (name.to_owned(), text);
    let mut rows = vec![
        row("owed", found.borrowed.exact(found.debt)),
        row("lent", found.lent.exact(found.collateral)),
        row("health factor", health(found.health.saturating_to())),
        row("paid out", found.lent.exact(left.paidOut)),
    ];
    if !left.debt.is_zero() {
        rows.push(row(
            "left over",
            format!(
                "{} is owed still, with its collateral: the pool cannot sell more within --max-tick-deviation; close again later, or --repay",
                found.borrowed.exact(left.debt)
            ),
        ));
    }
    rows.push(row("gas, as own transaction", format!("about {gas}")));
    let shown = Shown {
        document: json!({
            "chainId": client.chain_id(),
            "account": account,
            "position": args.place,
            "margin": found.margin,
            "debt": found.debt.to_string(),
            "collateral": found.collateral.to_string(),
            "paidOut": left.paidOut.to_string(),
            "debtAfter": left.debt.to_string(),
            "gas": gas,
        }),
        text: table(&format!("close the hedge of {}", args.place), rows),
        question: "Close it?",
    };
    see_through(&args.send, &client, signer.as_ref(), &call, shown, async |carried| {
        let done = event(account, &carried.receipt)?;
        let paid = found.lent.exact(done.paidIn.unsigned_abs());
        Ok(match done.debt.is_zero() {
            true => format!("Closed: {paid} came back"),
            false => format!(
                "Reduced: {paid} came back, {} is owed still",
                found.borrowed.exact(done.debt)
            ),
        })
    })
    .await
}

async fn find(client: &Client, (account, shell): (Address, Address), place: &Named, shown: Place) -> Result<Found> {
    let call = hedgeOfCall { place: place.clone() };
    let code = delegation::designator(shell);
    let request = Call {
        overrides: Some(StateOverridesBuilder::default().with_code(account, code).build()),
        ..Call::new(account, account, &call)
    };
    let state = client
        .simulate_as("asking the account for the hedge", request, &call)
        .await?;
    if state.margin.is_zero() {
        return Err(Error::invalid("the position", shown, "it has no hedge"));
    }
    let made_for = client.read(state.margin, &IMargin::termsCall {}).await?;
    let (borrowed, lent) = match state.volatileToken {
        0 => (made_for.token0, made_for.token1),
        _ => (made_for.token1, made_for.token0),
    };
    Ok(Found {
        margin: state.margin,
        debt: state.debt,
        collateral: state.collateral,
        health: state.health,
        borrowed: Token::read(client, borrowed).await?,
        lent: Token::read(client, lent).await?,
    })
}
