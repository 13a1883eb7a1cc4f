//! `hedgerow userop estimate`.

use super::OutputArgs;
use crate::{
    bundler::Bundler,
    cli::NodeArgs,
    client::Client,
    error::{Error, Result},
    output::Progress,
    sponsorship::SponsorshipArgs,
    userop::{OperationFile, estimate},
};
use clap::Args;
use std::path::PathBuf;

/// Arguments of `hedgerow userop estimate`.
#[derive(Args, Debug)]
pub struct EstimateArgs {
    /// The operation; - reads it from stdin
    pub file: PathBuf,
    /// Ask this bundler; without one, a node is asked what happens
    #[arg(long, value_name = "URL", env = "HEDGEROW_BUNDLER_URL")]
    bundler_url: Option<String>,
    /// Seconds from now for which the paymaster signs
    #[arg(long, value_name = "SECONDS", default_value_t = 600)]
    lifetime: u64,
    #[command(flatten)]
    sponsorship: SponsorshipArgs,
    #[command(flatten)]
    output: OutputArgs,
    #[command(flatten)]
    node: NodeArgs,
}

/// Estimates; has the paymaster sign for what came out; writes.
pub async fn run(args: EstimateArgs) -> Result<()> {
    let mut file = OperationFile::load(&args.file)?;
    let client = Client::connect(&args.node.rpc_url, Some(args.node.chain_id.unwrap_or(file.chain_id))).await?;
    let progress = Progress::new();
    let sponsorship = args.sponsorship.prepare(&client).await?;
    if file.stub && sponsorship.is_none() {
        return Err(Error::missing(
            "the paymaster",
            "it has to sign once the gas is known: give --paymaster or --paymaster-url again",
        ));
    }
    // An old signature is of old limits.
    file.unsign();
    let chain = (file.chain_id, file.entry_point);
    let signed = file.authorization.as_ref().and_then(|carried| carried.signed.clone());
    let mut last = true;
    if let Some(sponsorship) = &sponsorship {
        progress.step("asking the paymaster what its part looks like");
        last = sponsorship.stub(&mut file.operation, signed.as_ref(), chain).await?;
    }
    let found = match &args.bundler_url {
        Some(url) => {
            progress.step("asking the bundler");
            let bundler = Bundler::connect(url, file.chain_id).await?;
            if signed.is_none() && file.authorization.is_some() {
                return Err(Error::missing(
                    "the authorisation's signature",
                    "a bundler estimates with it: `hedgerow userop sign --authorization-only` first, or estimate without a bundler",
                ));
            }
            bundler
                .estimate(&file.operation, signed.as_ref(), file.entry_point)
                .await?
        }
        None => {
            progress.step("simulating");
            estimate::by_simulation(&client, &file).await?
        }
    };
    found.put_into(&mut file.operation);
    if let Some(sponsorship) = sponsorship.filter(|_| !last) {
        progress.step("asking the paymaster to sign");
        let (_, now) = client.latest().await?;
        let until = now.saturating_add(args.lifetime);
        sponsorship
            .finish(&mut file.operation, signed.as_ref(), chain, until)
            .await?;
    }
    file.stub = false;
    progress.finish();
    args.output.deliver(&file)
}
