//! `hedgerow policy set`.

use super::{decision_json, decision_rows, hedged, table, terms_json};
use crate::{
    action::OwnCall,
    bindings::IPolicies::{PolicySet, setPolicyCall},
    cli::PositionManagerArgs,
    client::Client,
    commands::sending::{SendArgs, Shown, see_through},
    delegation::Delegation,
    error::{Error, Result},
    human,
    output::{self, Progress},
    policy::{
        Policy, defaults,
        observe::{NO_POLICY, Scene},
        order::PolicyOrder,
        predict::Prediction,
        read, terms, words,
    },
    position::Place,
};
use alloy::{
    primitives::{Address, B256},
    signers::{SignerSync, local::PrivateKeySigner},
    sol_types::{SolCall, SolEvent},
};
use clap::Args;
use hedgerow_core::policy::{Reason, Status};
use serde_json::json;
use std::path::PathBuf;

/// Arguments of `hedgerow policy set`.
#[derive(Args, Debug)]
pub struct SetArgs {
    /// The position: the number of an NFT, or POOL:TICK_LOWER:TICK_UPPER for liquidity that the wallet holds in the pool itself
    #[arg(value_name = "POSITION")]
    place: Place,
    /// The policy's file, as `hedgerow policy new` writes it
    pub(super) file: PathBuf,
    /// Send nothing: print an order, signed if there is a key, that any keeper may place (`hedgerow run --order FILE`)
    #[arg(long, conflicts_with_all = ["emit", "yes", "dry_run"])]
    order: bool,
    /// Seconds from now in which the order may be placed
    #[arg(long, value_name = "SECONDS", default_value = "86400", requires = "order")]
    order_lifetime: u64,
    /// How it is sent.
    #[command(flatten)]
    pub send: SendArgs,
    #[command(flatten)]
    manager: PositionManagerArgs,
}

/// Everything about a policy that is to be set.
struct Draft {
    scene: Scene,
    policy: Policy,
    id: B256,
    prediction: Prediction,
}

/// Reads, refuses, simulates, shows, asks, sends.
pub async fn run(args: SetArgs) -> Result<()> {
    let client = args.send.node.connect().await?;
    // An order leaves unsigned too, for a wallet to sign.
    let signer = match args.send.from {
        Some(_) if args.order => None,
        _ => args.send.signer(&client)?,
    };
    let account = args.send.account_of(signer.as_ref());
    let shell = args.send.shell(&client)?;
    let progress = Progress::new();
    progress.step("reading the position, its pool and the file");
    let manager = args.manager.resolve(&client)?;
    let scene = Scene::read(&client, manager, account, args.place).await?;
    let written = read::terms_file(&args.file, &scene.pair(&client), scene.now)?;
    if let Some(hedge) = written.hedge {
        progress.finish();
        if args.order {
            let remedy = "an order sets a position's policy alone: leave --order out, or take [hedge] out of the file";
            return Err(Error::bad_file(&args.file, remedy));
        }
        return hedged::set(&args, &client, signer.as_ref(), (scene, hedge, written.ranges)).await;
    }
    let policy = written
        .ranges
        .ok_or_else(|| Error::bad_file(&args.file, "it has neither a [[rule]] nor a [hedge]"))?;
    let draft = Draft::read(&args, &client, scene, policy).await?;
    if args.order {
        progress.finish();
        return sign(&args, &client, signer.as_ref(), shell, draft).await;
    }
    progress.step("simulating");
    let call = setPolicyCall {
        place: terms::place(&draft.scene.position)?,
        guards: draft.policy.guards(),
        rules: draft.policy.rules()?,
    };
    let data = call.abi_encode().into();
    let call = OwnCall::prepare(
        &client,
        (account, shell),
        data,
        "setting the policy",
        args.send.lifetime,
    )
    .await?;
    call.simulate(&client).await?;
    let gas = call.gas(&client).await?;
    progress.finish();
    let shown = draft.shown(&client, gas)?;
    let id = draft.id;
    see_through(&args.send, &client, signer.as_ref(), &call, shown, async |carried| {
        let logs = carried
            .receipt
            .inner
            .logs()
            .iter()
            .filter(|log| log.address() == account);
        let set = logs.filter_map(|log| PolicySet::decode_log(&log.inner).ok()).next();
        match set {
            Some(event) if event.policyId == id => {
                Ok(format!("Policy {id} governs position {}", draft.scene.position.place))
            }
            found => Err(Error::Mismatch {
                what: format!(
                    "the account's event in transaction {}",
                    carried.receipt.transaction_hash
                ),
                expected: format!("the policy {id}"),
                found: found.map_or_else(|| "none".into(), |event| event.policyId.to_string()),
            }),
        }
    })
    .await
}

impl Draft {
    async fn read(args: &SetArgs, client: &Client, scene: Scene, policy: Policy) -> Result<Self> {
        let prediction = Prediction::make(client, &scene, &policy).await?;
        let id = policy.id()?;
        if prediction.state.status != Status::None {
            let remedy = format!(
                "these terms were set before; give them another salt, such as \"{}\"",
                defaults::salt()?
            );
            return Err(Error::bad_file(&args.file, remedy));
        }
        if prediction.decision.reason == Reason::OracleTooShort {
            output::say(&format!(
                "Beware: the pool {} does not remember {} yet, and without its price average the policy cannot be set.",
                scene.pool.address,
                human::seconds(policy.guards.twap_window.into())
            ));
        }
        Ok(Self {
            scene,
            policy,
            id,
            prediction,
        })
    }

    fn shown(&self, client: &Client, gas: u64) -> Result<Shown> {
        let (scene, policy) = (&self.scene, &self.policy);
        let pair = scene.pair(client);
        let replaced = (scene.governing != NO_POLICY).then_some(scene.governing);
        let mut rows = words::allowed(policy, &pair);
        rows.extend(words::worst(policy, &pair, self.prediction.decision.value, scene.now));
        let mut now = decision_rows(&self.prediction, policy, &pair);
        // Whether it is set is what is being asked.
        now.retain(|(name, _)| name != "acts now");
        rows.extend(now);
        if let Some(replaced) = replaced {
            rows.push(("replaces".into(), format!("the policy {replaced}")));
        }
        rows.push(("policy".into(), self.id.to_string()));
        rows.push(("gas, as own transaction".into(), format!("about {gas}")));
        Ok(Shown {
            document: json!({
                "chainId": client.chain_id(),
                "account": scene.account,
                "position": scene.position.place,
                "policyId": self.id,
                "replaces": replaced,
                "terms": terms_json(policy)?,
                "decision": decision_json(&self.prediction),
                "gas": gas,
            }),
            text: table(&format!("policy for {}", scene.position.place), rows),
            question: "Set it?",
        })
    }
}

/// Prints the order, signed where there is a key.
async fn sign(
    args: &SetArgs,
    client: &Client,
    signer: Option<&PrivateKeySigner>,
    shell: Address,
    draft: Draft,
) -> Result<()> {
    let account = draft.scene.account;
    if !Delegation::of(client, account).await?.require(account, shell)? {
        let remedy = format!("only an account's own code places orders: run `hedgerow delegate --to {shell}` first");
        return Err(Error::missing("a delegated account", remedy));
    }
    let mut order = PolicyOrder {
        chain_id: client.chain_id(),
        account,
        shell,
        place: terms::place(&draft.scene.position)?,
        policy: draft.policy.clone(),
        deadline: draft.scene.now.saturating_add(args.order_lifetime),
        generation: draft.scene.header.generation,
        signature: None,
    };
    if let Some(signer) = signer {
        let signature = signer.sign_hash_sync(&order.hash()?)?;
        order.signature = Some(signature.as_bytes().into());
    }
    if !args.send.confirm.json {
        output::say(&draft.shown(client, 0)?.text);
    }
    output::print_json(&order.to_json()?)
}
