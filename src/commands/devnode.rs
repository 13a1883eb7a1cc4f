//! `hedgerow devnode`.

use crate::{
    artifacts::Artifacts,
    cli::RecordArgs,
    client::Client,
    demo::{self, stage},
    error::{Error, Result},
    keys,
    output::{self, Progress},
};
use alloy::hex;
use clap::Args;
use hedgerow_devnode::{Clock, Config, Devnode};
use std::net::{IpAddr, SocketAddr};

/// Seconds that pass after the stage is set.
const HISTORY: u64 = 3_600;

/// Arguments of `hedgerow devnode`.
#[derive(Args, Debug)]
pub struct DevnodeArgs {
    /// Address to listen on
    #[arg(long, default_value = "127.0.0.1")]
    pub host: IpAddr,
    /// Port to listen on; 0 takes any that is free
    #[arg(long, default_value_t = 8545)]
    pub port: u16,
    /// Chain id
    #[arg(long, default_value_t = 412_346)]
    pub chain_id: u64,
    /// ArbOS version: decides the EVM's rules and how programs are metered
    #[arg(long, default_value_t = 61)]
    pub arbos: u64,
    /// How many accounts of the well-known development mnemonic are funded
    #[arg(long, default_value_t = keys::DEVELOPMENT_ACCOUNTS, value_parser = clap::value_parser!(u32).range(1..=100))]
    pub accounts: u32,
    /// Set the demo's stage first: Uniswap v3, EntryPoint, our contracts, and a position owned by account 1
    #[arg(long)]
    pub stage: bool,
    #[command(flatten)]
    record: RecordArgs,
}

/// Serves until Ctrl-C.
pub async fn run(args: DevnodeArgs) -> Result<()> {
    let config = Config {
        chain_id: args.chain_id,
        arbos_version: args.arbos,
        accounts: args.accounts,
        // Wallets and bundlers hold deadlines against their own clock.
        clock: Clock::System,
        ..Config::default()
    };
    let devnode = Devnode::new(config).map_err(|error| Error::Devnode(error.to_string()))?;
    if args.stage {
        set_stage(&devnode, &args.record).await?;
    }
    let address = SocketAddr::new(args.host, args.port);
    let server = devnode
        .serve(address)
        .map_err(|error| Error::invalid("the address to listen on", address, error.to_string()))?;
    banner(&args, server.addr)?;
    tokio::signal::ctrl_c().await.map_err(Error::io("waiting for Ctrl-C"))?;
    output::say("Stopping.");
    Ok(())
}

fn banner(args: &DevnodeArgs, address: SocketAddr) -> Result<()> {
    output::say(&format!(
        "Accounts of \"{}\" (everybody knows these keys):",
        keys::DEVELOPMENT_MNEMONIC
    ));
    for index in 0..args.accounts {
        let signer = keys::development(index)?;
        output::say(&format!(
            "({index}) {} {}",
            signer.address(),
            hex::encode_prefixed(signer.to_bytes())
        ));
    }
    output::say(&format!(
        "Chain {}, ArbOS {}, listening on http://{address}. Ctrl-C stops it.",
        args.chain_id, args.arbos
    ));
    Ok(())
}

async fn set_stage(devnode: &Devnode, record: &RecordArgs) -> Result<()> {
    let client = Client::in_process(devnode).await?;
    stage::require_development(&client)?;
    let mut record = record.open()?;
    let progress = Progress::new();
    let stage = stage::set(&client, &Artifacts::locate(), &progress).await?;
    // So that the pool's history reaches back as far as the guards look.
    demo::pass(&client, HISTORY).await?;
    progress.finish();
    record.add(client.chain_id(), stage.deployment.clone())?;
    output::say(&format!(
        "Position {} of account 1 in the position manager {}",
        stage.token_id, stage.position_manager
    ));
    output::say(&format!(
        "WETH {}, USD {}, pool {}, router {}",
        stage.weth, stage.usd, stage.pool, stage.router
    ));
    output::say(&format!(
        "Paymaster {} trusts account 4; entry sqrtPriceX96 {}",
        stage.paymaster, stage.entry_sqrt_price
    ));
    Ok(())
}
