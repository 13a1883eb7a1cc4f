//! `hedgerow policy new`.

use super::LookArgs;
use crate::{
    bindings::INonfungiblePositionManager::WETH9Call,
    client::Client,
    commands::hedge::VenueArgs,
    error::{Error, Result},
    hedge::{
        self, HedgePolicy,
        growth::{Baseline, Since},
    },
    output,
    policy::{
        defaults::{self, Circumstances, Preset},
        observe::Scene,
        write,
    },
};
use alloy::primitives::Address;
use clap::Args;
use std::{io::Write, path::PathBuf};

/// Arguments of `hedgerow policy new`.
#[derive(Args, Debug)]
pub struct NewArgs {
    #[command(flatten)]
    look: LookArgs,
    /// What the policy is for
    #[arg(long, value_enum, default_value = "range")]
    preset: Preset,
    /// Hedge the position as well: its rules are then run by the hedge's keeper
    #[arg(long)]
    hedge: bool,
    /// Hedge the position and leave its range as it is
    #[arg(long, conflicts_with_all = ["hedge", "preset"])]
    hedge_only: bool,
    #[command(flatten)]
    venue: VenueArgs,
    /// Since when the hedge's gate counts fees: a time before now, or a block's number; the node has to keep its state
    #[arg(long, value_name = "TIME|BLOCK", default_value = hedge::defaults::FEES_SINCE)]
    fees_since: Since,
    /// Where to write it; a file that is there already is not touched
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Reads the position and its pair, and writes the file.
pub async fn run(args: NewArgs) -> Result<()> {
    let client = args.look.node.connect().await?;
    let scene = args.look.scene(&client).await?;
    let manager = args.look.manager.resolve(&client)?;
    let text = match args.hedge || args.hedge_only {
        true => hedged(&args, &client, manager, &scene).await?,
        false => draft(&client, manager, &scene, args.preset).await?,
    };
    let window = args.preset.window();
    if scene.accumulators(&client, &[window, 0]).await?.is_err() {
        output::say(&format!(
            "Beware: the pool {} does not remember {window} seconds yet, and without its price average nothing acts. Have \
             increaseObservationCardinalityNext called on it and wait, or write a shorter twap-window.",
            scene.pool.address
        ));
    }
    let Some(path) = args.output else {
        return output::print(text.trim_end());
    };
    let file = std::fs::OpenOptions::new().write(true).create_new(true).open(&path);
    file.and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(|error| Error::bad_file(&path, error))?;
    let place = args.look.place;
    output::print(&format!(
        "{} is written: change what does not suit, then `hedgerow policy set {place} {0}`.",
        path.display()
    ))
}

/// The file of a hedge's policy, with the preset's rules beside it or without any.
async fn hedged(args: &NewArgs, client: &Client, manager: Address, scene: &Scene) -> Result<String> {
    let deployment = args.look.record.of(client)?;
    let found = hedge::observe::remembered(client, scene).await?;
    let venue = args
        .venue
        .of(client, manager, scene, found.as_ref(), &deployment)
        .await?;
    let baseline = Baseline::read(client, scene.pool.address, args.fees_since, (scene.block, scene.now)).await?;
    let limits = crate::commands::hedge::circumstances(scene, &venue, baseline)?;
    let circumstances = circumstances(client, manager, scene).await?;
    let mut policy = args.preset.policy(&circumstances, defaults::salt()?);
    // The hedge pays its keeper of its collateral.
    policy.guards.fee_token = 1 - venue.volatile.min(1);
    policy.guards.max_fee = defaults::a_thousandth(&circumstances, policy.guards.fee_token);
    let hedge = HedgePolicy {
        venue,
        guards: policy.guards,
        terms: hedge::defaults::terms(&limits),
        rule: hedge::defaults::rule(),
    };
    let pair = &circumstances.pair;
    let about = format!(
        "What a keeper may do with position {} and its hedge: {} and {}, in the pool {}.",
        scene.position.place, pair.token0.symbol, pair.token1.symbol, scene.position.pool
    );
    let ranges = (!args.hedge_only).then_some(&policy);
    Ok(write::hedged(&hedge, ranges, pair, &about))
}

/// The file of a preset's policy for a position.
pub async fn draft(client: &Client, manager: Address, scene: &Scene, preset: Preset) -> Result<String> {
    let circumstances = circumstances(client, manager, scene).await?;
    let policy = preset.policy(&circumstances, defaults::salt()?);
    let (pair, position) = (&circumstances.pair, &scene.position);
    let about = format!(
        "What a keeper may do with position {}: {} and {}, in the pool {}.",
        position.place, pair.token0.symbol, pair.token1.symbol, position.pool
    );
    Ok(write::file(&policy, pair, &about))
}

/// What a policy's defaults depend on, of a position.
pub async fn circumstances(client: &Client, manager: Address, scene: &Scene) -> Result<Circumstances> {
    let wrapped = client.read_at(scene.block, manager, &WETH9Call {}).await?;
    let position = &scene.position;
    let (amount0, amount1) = position.withdrawable()?;
    Ok(Circumstances {
        pair: scene.pair(client),
        range: (position.tick_lower, position.tick_upper),
        native_token: match wrapped {
            token if token == position.token0.address => 1,
            token if token == position.token1.address => 2,
            _ => 0,
        },
        amounts: [amount0 + position.fees[0], amount1 + position.fees[1]],
        sqrt_price: position.sqrt_price,
        now: scene.now,
    })
}
