//! `hedgerow position watch`.

use crate::{
    cli::{NodeArgs, OwnerArgs, PositionManagerArgs},
    client::Client,
    error::{Error, Result},
    human,
    keeper::watch::{Spot, Watch},
    output::{self, Progress},
    position::Place,
    watching::Watched,
};
use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::{io::IsTerminal, time::Duration};
use tokio::task::JoinSet;

/// Arguments of `hedgerow position watch`.
#[derive(Args, Debug)]
pub struct WatchArgs {
    /// The positions: numbers of NFTs, or POOL:TICK_LOWER:TICK_UPPER for liquidity that the owner holds in the pool itself
    #[arg(value_name = "POSITION", required = true)]
    places: Vec<Place>,
    /// Look once, and end
    #[arg(long)]
    once: bool,
    /// Seconds between two looks
    #[arg(long, value_name = "SECONDS", default_value_t = 15, conflicts_with = "once", value_parser = clap::value_parser!(u64).range(1..))]
    every: u64,
    /// Block from which the owner's events are looked for, which tell the terms of policies
    #[arg(long, value_name = "BLOCK", default_value_t = 0)]
    from_block: u64,
    /// Print one JSON document on each line
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    owner: OwnerArgs,
    #[command(flatten)]
    manager: PositionManagerArgs,
    #[command(flatten)]
    node: NodeArgs,
}

/// Looks again and again, until Ctrl-C.
pub async fn run(args: WatchArgs) -> Result<()> {
    let client = args.node.connect().await?;
    let manager = args.manager.resolve(&client)?;
    let owner = args.owner.resolve(&client)?;
    let mut watch = Watch::new(owner, manager, args.from_block);
    let screen = Screen::new(args.json || args.once);
    loop {
        let seen = tokio::select! {
            seen = look(&args, &client, &mut watch) => seen?,
            _ = tokio::signal::ctrl_c() => return Ok(()),
        };
        screen.show(&seen, args.json)?;
        if args.once {
            return Ok(());
        }
        tokio::select! {
            () = tokio::time::sleep(Duration::from_secs(args.every)) => {}
            _ = tokio::signal::ctrl_c() => return Ok(()),
        }
    }
}

async fn look(args: &WatchArgs, client: &Client, watch: &mut Watch) -> Result<Vec<Watched>> {
    let (block, _) = client.latest().await?;
    let last = block.as_u64().unwrap_or_default();
    watch.refresh(client, &Progress::silent(), last).await?;
    let (reader, manager) = (client.batching(), args.manager.resolve(client)?);
    let mut looking = JoinSet::new();
    for (number, place) in args.places.iter().copied().enumerate() {
        let (reader, watch) = (reader.clone(), watch.clone());
        looking.spawn(async move { (number, Watched::look(&reader, &watch, Spot { manager, place }).await) });
    }
    let mut seen = looking.join_all().await;
    seen.sort_by_key(|(number, _)| *number);
    seen.into_iter().map(|(_, found)| found).collect::<Result<_, Error>>()
}

/// Where it is shown: redrawn on a terminal, line after line elsewhere.
struct Screen(Option<ProgressBar>);

impl Screen {
    fn new(plain: bool) -> Self {
        let redrawn = !plain && std::io::stdout().is_terminal();
        Self(redrawn.then(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stdout());
            if let Ok(style) = ProgressStyle::with_template("{msg}") {
                bar.set_style(style);
            }
            bar
        }))
    }

    fn show(&self, seen: &[Watched], json: bool) -> Result<()> {
        if json {
            return seen.iter().try_for_each(|it| output::print(&it.document().to_string()));
        }
        let texts = seen.iter().map(Watched::text).collect::<Result<Vec<_>>>()?;
        let now = seen.first().map_or_else(String::new, |it| {
            let block = it.scene.block.as_u64().unwrap_or_default();
            format!("{}, block {block}\n", human::date(it.scene.now))
        });
        let text = format!("{now}{}", texts.join("\n"));
        match &self.0 {
            Some(bar) => bar.set_message(text),
            None => output::print(&text)?,
        }
        Ok(())
    }
}
