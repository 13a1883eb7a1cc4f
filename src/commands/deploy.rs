//! `hedgerow deploy`.

use crate::{
    artifacts::Artifacts,
    cli::{NodeArgs, RecordArgs},
    decimal::format_units,
    deployment::{self, Deployment, Part},
    error::Result,
    keys::KeyArgs,
    measure::{Measured, measure},
    output::{self, Progress},
};
use clap::Args;
use serde::Serialize;

/// Arguments of `hedgerow deploy`.
#[derive(Args, Debug)]
pub struct DeployArgs {
    /// What to deploy
    #[arg(value_enum, default_value_t)]
    pub part: Part,
    /// Only check that the programs fit and would activate, and print their size and what entering them costs; needs no node
    #[arg(long)]
    pub check: bool,
    #[command(flatten)]
    node: NodeArgs,
    #[command(flatten)]
    key: KeyArgs,
    #[command(flatten)]
    record: RecordArgs,
    /// Print one JSON document instead of a table
    #[arg(long)]
    pub json: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report<'a> {
    chain_id: u64,
    deployments: &'a std::path::Path,
    #[serde(flatten)]
    deployment: &'a Deployment,
}

/// Deploys, records and prints.
pub async fn run(args: DeployArgs) -> Result<()> {
    if args.check {
        return check(&args);
    }
    let client = args.node.connect().await?;
    let signer = args.key.signer(&client)?;
    let mut record = args.record.open()?;
    let progress = Progress::new();
    let artifacts = Artifacts::locate();
    let deployment = deployment::deploy(&client, &signer, &artifacts, args.part, &progress).await?;
    record.add(client.chain_id(), deployment.clone())?;
    progress.finish();
    let file = args.record.deployments.as_path();
    if args.json {
        let report = Report {
            chain_id: client.chain_id(),
            deployments: file,
            deployment: &deployment,
        };
        return output::print_json(&report);
    }
    output::print(&table(&deployment))?;
    output::print(&format!(
        "Chain {}; remembered in {}",
        client.chain_id(),
        file.display()
    ))
}

fn check(args: &DeployArgs) -> Result<()> {
    let artifacts = Artifacts::locate();
    let programs = args.part.programs().map(|name| measure(&artifacts, name));
    let programs = programs.collect::<Result<Vec<Measured>>>()?;
    if args.json {
        return output::print_json(&programs);
    }
    let rows = programs.into_iter().map(|program| {
        vec![
            program.name,
            format!("{} of {}", program.size, program.limit),
            program.wasm_size.to_string(),
            program.footprint.to_string(),
            program.entry_gas.to_string(),
            program.cached_entry_gas.to_string(),
        ]
    });
    let heading = [
        "program",
        "bytes on the chain",
        "before compression",
        "pages",
        "entry gas",
        "cached",
    ];
    output::print(&output::table(&heading, rows.collect()))
}

/// A deployment as a table.
pub fn table(deployment: &Deployment) -> String {
    let rows = deployment.parts().map(|(name, part)| {
        let gas = |gas: u64| if gas == 0 { "-".to_owned() } else { gas.to_string() };
        let fee = if part.data_fee.is_zero() {
            "-".to_owned()
        } else {
            format!("{} ETH", format_units(part.data_fee, 18))
        };
        vec![
            name.into(),
            part.address.to_string(),
            part.size.to_string(),
            gas(part.deploy_gas),
            gas(part.activation_gas),
            fee,
        ]
    });
    output::table(
        &["", "address", "bytes", "deploy gas", "activation gas", "data fee"],
        rows.collect(),
    )
}
