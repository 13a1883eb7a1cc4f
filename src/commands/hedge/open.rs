//! `hedgerow hedge open` and `adjust`.

use super::{GuardArgs, TermsArgs, VenueArgs, event, table};
use crate::{
    action::OwnCall,
    bindings::IHedges::hedgeCall,
    cli::PositionManagerArgs,
    client::Client,
    commands::sending::{SendArgs, Shown, see_through},
    error::{Error, Result},
    hedge::{
        observe,
        predict::thousandths,
        quote::{self, Order, Quote},
        terms, words,
        write::health,
    },
    output::{self, Progress},
    policy::observe::Scene,
    position::Place,
};
use alloy::{primitives::Address, sol_types::SolCall};
use clap::Args;
use hedgerow_core::policy::Reason;
use serde_json::{Value, json};

/// Arguments of `hedgerow hedge open` and `adjust`.
#[derive(Args, Debug)]
pub struct OpenArgs {
    /// The position: the number of an NFT, or POOL:TICK_LOWER:TICK_UPPER for liquidity that the wallet holds in the pool itself
    #[arg(value_name = "POSITION")]
    place: Place,
    #[command(flatten)]
    venue: VenueArgs,
    #[command(flatten)]
    terms: TermsArgs,
    #[command(flatten)]
    guard: GuardArgs,
    /// How it is sent.
    #[command(flatten)]
    pub send: SendArgs,
    #[command(flatten)]
    manager: PositionManagerArgs,
}

/// Reads, plans, simulates, shows, asks, sends.
pub async fn run(args: OpenArgs, adjusting: bool) -> Result<()> {
    let client = args.send.node.connect().await?;
    let signer = args.send.signer(&client)?;
    let account = args.send.account_of(signer.as_ref());
    let shell = args.send.shell(&client)?;
    let progress = Progress::new();
    progress.step("reading the position, its pool and the venue");
    let (scene, order) = read(&args, &client, account, adjusting).await?;
    let quote = Quote::make(&client, &scene, &order).await?;
    progress.step("asking the account, and simulating");
    let answer = quote::ask(&client, shell, &scene, &order).await?;
    quote.require(&answer)?;
    let what = if adjusting {
        "adjusting the hedge"
    } else {
        "opening the hedge"
    };
    let call = prepared(&client, (account, shell), &scene, &order, (what, args.send.lifetime)).await?;
    let simulated = call.simulate(&client).await;
    progress.finish();
    let mut shown = Preview {
        scene: &scene,
        order: &order,
        quote: &quote,
        refusal: Reason::from_code(answer.refusal),
    }
    .shown(&client, adjusting);
    if let Err(error) = simulated {
        if !args.send.confirm.json {
            output::say(&shown.text);
        }
        return Err(error);
    }
    let gas = call.gas(&client).await?;
    shown.document["gas"] = json!(gas);
    let pair = scene.pair(&client);
    see_through(&args.send, &client, signer.as_ref(), &call, shown, async |carried| {
        let done = event(account, &carried.receipt)?;
        Ok(format!(
            "Done: {} owed against {}, at a health factor of {}",
            pair.token(order.venue.volatile).exact(done.debt),
            pair.token(1 - order.venue.volatile).exact(done.collateral),
            health(done.health.saturating_to())
        ))
    })
    .await
}

async fn read(args: &OpenArgs, client: &Client, account: Address, adjusting: bool) -> Result<(Scene, Order)> {
    let manager = args.manager.resolve(client)?;
    let scene = Scene::read(client, manager, account, args.place).await?;
    let found = observe::remembered(client, &scene).await?;
    match (&found, adjusting) {
        (None, true) => {
            let remedy = "it has no hedge: `hedgerow hedge open` opens one";
            return Err(Error::invalid("the position", args.place, remedy));
        }
        (Some(_), false) => {
            let remedy = "it has a hedge already: `hedgerow hedge adjust` changes it";
            return Err(Error::invalid("the position", args.place, remedy));
        }
        _ => {}
    }
    let deployment = args.send.deployment(client)?;
    let venue = args
        .venue
        .of(client, manager, &scene, found.as_ref(), &deployment)
        .await?;
    let wanted = args.terms.of(client, &scene, &venue).await?;
    Ok((scene, args.guard.order(venue, wanted)))
}

async fn prepared(
    client: &Client,
    who: (Address, Address),
    scene: &Scene,
    order: &Order,
    (what, lifetime): (&str, u64),
) -> Result<OwnCall> {
    let place = terms::place(&scene.position)?;
    let with = |deadline| hedgeCall {
        place,
        venue: order.venue.for_call(),
        target: terms::target(&order.target),
        terms: terms::hedge_terms(&order.terms),
        limits: order.limits(deadline),
    };
    let mut call = OwnCall::prepare(client, who, Default::default(), what, lifetime).await?;
    call.data = with(call.deadline).abi_encode().into();
    Ok(call)
}

/// What would be done, for the one who is asked.
struct Preview<'a> {
    scene: &'a Scene,
    order: &'a Order,
    quote: &'a Quote,
    /// Why the account would refuse it.
    refusal: Option<Reason>,
}

impl Preview<'_> {
    fn shown(&self, client: &Client, adjusting: bool) -> Shown {
        let pair = self.scene.pair(client);
        let mut rows = words::plan(self.quote, &pair);
        if self.quote.plan.trade > 0 {
            rows.extend(words::gate(self.quote, &self.order.terms, &pair));
        }
        if let Some(refusal) = self.refusal {
            rows.push(("refused".into(), crate::policy::words::reason(refusal).into()));
        }
        let title = if adjusting { "adjust the hedge of" } else { "hedge" };
        Shown {
            document: json!({
                "chainId": client.chain_id(),
                "account": self.scene.account,
                "position": self.scene.position.place,
                "block": self.scene.block.as_u64(),
                "quote": document(self.order, self.quote),
            }),
            text: table(&format!("{title} {}", self.scene.position.place), rows),
            question: if adjusting { "Adjust it?" } else { "Open it?" },
        }
    }
}

/// A quote for `--json`: raw amounts, as the contracts have them.
pub fn document(order: &Order, quote: &Quote) -> Value {
    let (market, plan) = (&quote.hedge.market, &quote.plan);
    let outlook = quote.outlook.as_ref().map_or(Value::Null, |it| {
        json!({
            "fees": it.fees.to_string(),
            "lvr": it.lvr.to_string(),
            "carry": it.carry.to_string(),
            "trading": it.trading.to_string(),
            "gate": it.gate.to_string(),
            "passes": !it.gate.is_negative(),
        })
    });
    json!({
        "market": order.venue.market,
        "volatileToken": order.venue.volatile,
        "exposure": quote.exposure.to_string(),
        "debt": market.debt.to_string(),
        "collateral": market.collateral.to_string(),
        "health": thousandths(quote.health).to_string(),
        "target": plan.target.to_string(),
        "trade": plan.trade.to_string(),
        "payIn": plan.pay_in.to_string(),
        "healthAfter": thousandths(plan.health_after).to_string(),
        "borrowRate": market.borrow_rate.to_string(),
        "supplyRate": market.supply_rate.to_string(),
        "borrowable": market.borrowable.to_string(),
        "suppliable": market.suppliable.to_string(),
        "outlook": outlook,
        "refusal": plan.refusal.map(|reason| format!("{reason:?}")),
    })
}
