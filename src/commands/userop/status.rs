//! `hedgerow userop status`.

use crate::{
    bundler::Bundler,
    cli::NodeArgs,
    decimal::format_units,
    error::Result,
    output::{self, Progress},
    user_operation::ENTRY_POINT,
    userop::status::{State, Status, Where},
};
use alloy::primitives::B256;
use clap::Args;
use std::time::{Duration, Instant};

const PAUSE: Duration = Duration::from_millis(500);

/// Arguments of `hedgerow userop status`.
#[derive(Args, Debug)]
pub struct StatusArgs {
    /// The operation's hash
    hash: B256,
    /// Ask this bundler before the chain's events
    #[arg(long, value_name = "URL", env = "HEDGEROW_BUNDLER_URL")]
    bundler_url: Option<String>,
    /// Block from which the EntryPoint's events are looked through
    #[arg(long, value_name = "BLOCK", default_value = "0")]
    from_block: u64,
    /// Wait so long for it to be in a block
    #[arg(long, value_name = "SECONDS", default_value = "0")]
    wait: u64,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    node: NodeArgs,
}

/// Asks until it is in a block or the time is over.
pub async fn run(args: StatusArgs) -> Result<()> {
    let client = args.node.connect().await?;
    let bundler = match &args.bundler_url {
        Some(url) => Some(Bundler::connect(url, client.chain_id()).await?),
        None => None,
    };
    let whence = Where {
        client: &client,
        bundler: bundler.as_ref(),
        entry_point: ENTRY_POINT,
        from_block: args.from_block,
    };
    let (start, progress) = (Instant::now(), Progress::new());
    let status = loop {
        let status = whence.status(args.hash, &progress).await?;
        if status.carried.is_some() || start.elapsed() >= Duration::from_secs(args.wait) {
            break status;
        }
        tokio::time::sleep(PAUSE).await;
    };
    progress.finish();
    match args.json {
        true => output::print_json(&status),
        false => output::print(&text(&status)),
    }
}

/// What became of it, in a sentence.
pub fn text(status: &Status) -> String {
    let hash = status.user_op_hash;
    let Some(carried) = &status.carried else {
        return match status.state {
            State::Waiting => format!("The bundler has the operation {hash}; no block has it yet."),
            _ => format!(
                "Nobody knows the operation {hash}: check the hash and --rpc-url, name the bundler that has it with --bundler-url, or look from \
                 an earlier --from-block."
            ),
        };
    };
    let cost = format_units(carried.paid_wei, 18);
    let bill = format!(
        "transaction {}; {} gas for {cost} ETH paid by {}",
        carried.transaction, carried.gas, carried.paid_by
    );
    match &carried.reason {
        None => format!("Operation {hash} is done ({bill})."),
        Some(reason) => format!("Operation {hash} was paid for, but its calls were taken back: {reason} ({bill})."),
    }
}
