//! `hedgerow keeper`: acts for the owners of positions, round after round, where their policies say so.

use crate::{
    cli::{NodeArgs, PositionManagerArgs, RecordArgs},
    decimal::Decimal,
    error::{Error, Result},
    keeper::{self, Settings, round::Keeper, round::Tally},
    keys::KeyArgs,
    output::{self, Progress},
};
use clap::{Args, Subcommand};
use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::sync::Notify;

/// How long a keeper waits for a node that is gone, at most.
const LONGEST: Duration = Duration::from_secs(60);

/// What a keeper can do.
#[derive(Subcommand, Debug)]
pub enum KeeperCommand {
    /// Look at accounts' policies, and act where they say so
    Run(Box<RunArgs>),
}

/// Arguments of `hedgerow keeper run`.
#[derive(Args, Debug)]
pub struct RunArgs {
    /// Whose positions: addresses, or files with one on each line
    #[arg(long, value_name = "ADDRESS|FILE", value_delimiter = ',', required = true)]
    accounts: Vec<String>,
    /// Look once, act on what is due, and end
    #[arg(long)]
    once: bool,
    /// Seconds between two rounds
    #[arg(long, value_name = "SECONDS", default_value_t = 15, conflicts_with = "once", value_parser = clap::value_parser!(u64).range(1..))]
    every: u64,
    /// Say what would be done, and send nothing
    #[arg(long)]
    dry_run: bool,
    /// Do nothing while gas costs more than this
    #[arg(long, value_name = "GWEI")]
    max_gas_price: Option<Decimal>,
    /// Do nothing that leaves less than this of its fee when the gas is paid, in ether; needs a policy that names the wrapped native token
    #[arg(long, value_name = "ETH")]
    min_profit: Option<Decimal>,
    /// Block from which the accounts' events are looked for
    #[arg(long, value_name = "BLOCK", default_value_t = 0)]
    from_block: u64,
    /// Print one JSON document on each line
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    manager: PositionManagerArgs,
    #[command(flatten)]
    node: NodeArgs,
    #[command(flatten)]
    key: KeyArgs,
    #[command(flatten)]
    record: RecordArgs,
}

/// Dispatches.
pub async fn run(command: KeeperCommand) -> Result<()> {
    match command {
        KeeperCommand::Run(args) => keep(*args).await,
    }
}

async fn keep(args: RunArgs) -> Result<()> {
    let accounts = keeper::accounts(&args.accounts)?;
    let max_gas_price = args.max_gas_price.as_ref().map(keeper::gas_price).transpose()?;
    let min_profit = args.min_profit.as_ref().map(|ether| ether.scaled("--min-profit", 18));
    let client = args.node.connect().await?;
    let settings = Settings {
        signer: args.key.signer(&client)?,
        shell: args.record.of(&client)?.account_address()?,
        manager: args.manager.resolve(&client)?,
        from_block: args.from_block,
        max_gas_price,
        min_profit: min_profit.transpose()?,
        dry_run: args.dry_run,
    };
    let (stopping, stopped) = (Arc::new(AtomicBool::new(false)), Arc::new(Notify::new()));
    let mut keeper = Keeper::new(client, settings, &accounts, Arc::clone(&stopping));
    if args.once {
        let tally = round(&mut keeper, args.json, &mut BTreeMap::new()).await?;
        return match tally.failed {
            0 => Ok(()),
            failed => Err(Error::Incomplete {
                what: "the round",
                failed,
            }),
        };
    }
    tokio::spawn(listen(Arc::clone(&stopping), Arc::clone(&stopped)));
    forever(&args, &mut keeper, &stopping, &stopped).await
}

/// Round after round, until it is told to stop. A node that is gone is waited for, ever longer.
async fn forever(args: &RunArgs, keeper: &mut Keeper, stopping: &AtomicBool, stopped: &Notify) -> Result<()> {
    let every = Duration::from_secs(args.every);
    let (mut said, mut pause) = (BTreeMap::new(), every);
    while !stopping.load(Ordering::Relaxed) {
        pause = match round(keeper, args.json, &mut said).await {
            Ok(_) => every,
            Err(error @ (Error::Unreachable { .. } | Error::Node { .. } | Error::NotIncluded { .. })) => {
                let longer = (pause * 2).clamp(Duration::from_secs(1), LONGEST);
                output::say(&format!("{error}; once more in {} s", longer.as_secs()));
                longer
            }
            Err(error) => return Err(error),
        };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = stopped.notified() => {}
        }
    }
    output::say("Stopped.");
    Ok(())
}

/// One round; only what was not said before is said.
async fn round(
    keeper: &mut Keeper,
    json: bool,
    said: &mut BTreeMap<(alloy::primitives::Address, String), String>,
) -> Result<Tally> {
    let progress = Progress::new();
    let tally = keeper
        .round(&progress, |report| {
            let (key, words) = (report.key(), report.words());
            if said.get(&key) == Some(&words) {
                return Ok(());
            }
            said.insert(key, words);
            report.print(json)
        })
        .await?;
    if tally.policies == 0 && tally.failed == 0 && said.is_empty() && !json {
        output::say("No policy governs any position of these accounts.");
    }
    Ok(tally)
}

/// The first Ctrl-C ends the work after what is being done; the second ends it at once.
async fn listen(stopping: Arc<AtomicBool>, stopped: Arc<Notify>) {
    if tokio::signal::ctrl_c().await.is_err() {
        return;
    }
    stopping.store(true, Ordering::Relaxed);
    stopped.notify_one();
    output::say("Stopping after what is being done; once more to stop at once.");
    if tokio::signal::ctrl_c().await.is_ok() {
        std::process::exit(130);
    }
}
