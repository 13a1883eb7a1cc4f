//! `hedgerow verify`.

use crate::{
    artifacts::Artifacts,
    build_record::BuildRecord,
    cli::{NodeArgs, RecordArgs},
    error::{Error, Result},
    output::{self, Progress},
    verify::{self, Check, SHELL, Verdict},
};
use alloy::primitives::{Address, B256};
use clap::Args;
use serde::Serialize;
use std::path::PathBuf;

/// Arguments of `hedgerow verify`.
#[derive(Args, Debug)]
pub struct VerifyArgs {
    /// Look at what the record of deployments names on the node's chain, instead of at what was built here
    #[arg(long, conflicts_with = "write")]
    pub deployed: bool,
    /// Look at what is at this address: a program, a shell, or a wallet that is delegated to one
    #[arg(long, value_name = "ADDRESS", conflicts_with_all = ["deployed", "write"])]
    pub address: Option<Address>,
    /// Record what was built here, instead of comparing with it
    #[arg(long)]
    pub write: bool,
    /// The record to compare with [default: abi/programs.json in the project's folder]
    #[arg(long, value_name = "FILE")]
    pub record: Option<PathBuf>,
    #[command(flatten)]
    node: NodeArgs,
    #[command(flatten)]
    deployments: RecordArgs,
    /// Print one JSON document instead of a table
    #[arg(long)]
    pub json: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report<'a> {
    /// Nothing for a build.
    #[serde(skip_serializing_if = "Option::is_none")]
    chain_id: Option<u64>,
    record: &'a std::path::Path,
    verified: bool,
    checks: &'a [Check],
}

/// Compares and prints; an error, exit code 1, when something is not what was recorded.
pub async fn run(args: VerifyArgs) -> Result<()> {
    let artifacts = Artifacts::locate();
    let path = args.record.clone().unwrap_or_else(|| artifacts.build_record());
    if args.write {
        let built = built(&artifacts).await?;
        built.write(&path)?;
        return output::print(&format!(
            "Recorded {} programs and the shell in {}",
            built.programs.len(),
            path.display()
        ));
    }
    let recorded = BuildRecord::open(&path)?;
    if !args.deployed && args.address.is_none() {
        let built = built(&artifacts).await?;
        let checks = verify::build(&recorded, &built);
        print(&args, &path, None, &checks)?;
        return conclude(&checks, &recorded, Some(&built));
    }
    let client = args.node.connect().await?;
    let checks = match args.address {
        Some(address) => verify::address(&client, &recorded, address).await?,
        None => verify::deployment(&client, &recorded, &args.deployments.of(&client)?).await?,
    };
    if checks.is_empty() {
        let remedy = format!(
            "nothing is recorded for chain {}: run `hedgerow deploy`, or give --address",
            client.chain_id()
        );
        return Err(Error::missing("a deployment", remedy));
    }
    print(&args, &path, Some(client.chain_id()), &checks)?;
    conclude(&checks, &recorded, None)
}

async fn built(artifacts: &Artifacts) -> Result<BuildRecord> {
    let progress = Progress::new();
    let built = BuildRecord::of(artifacts, &progress).await;
    progress.finish();
    built
}

fn print(args: &VerifyArgs, record: &std::path::Path, chain_id: Option<u64>, checks: &[Check]) -> Result<()> {
    if args.json {
        let verified = checks.iter().all(|check| check.verdict.is_good());
        return output::print_json(&Report {
            chain_id,
            record,
            verified,
            checks,
        });
    }
    let rows = checks.iter().map(|check| {
        let verdict = match check.verdict {
            Verdict::Same => "same",
            Verdict::Equivalent => "equivalent",
            Verdict::Different => "DIFFERENT",
            Verdict::Absent => "ABSENT",
        };
        let text = |value: Option<String>| value.unwrap_or_else(|| "-".into());
        vec![
            check.what.clone(),
            text(check.address.map(|address| address.to_string())),
            verdict.into(),
            text(check.found.map(|hash| hash.to_string())),
            check.meaning.clone(),
        ]
    });
    output::print(&output::table(
        &["", "address", "verdict", "code hash", "meaning"],
        rows.collect(),
    ))
}

/// A difference is an error; one that another compiler explains is bad input, because it proves nothing.
fn conclude(checks: &[Check], recorded: &BuildRecord, built: Option<&BuildRecord>) -> Result<()> {
    let Some(bad) = checks.iter().find(|check| !check.verdict.is_good()) else {
        return Ok(());
    };
    let compilers = built.map(|built| match bad.what.as_str() {
        SHELL => (built.compilers.of_shell(), recorded.compilers.of_shell()),
        _ => (built.compilers.of_programs(), recorded.compilers.of_programs()),
    });
    if let Some((here, there)) = compilers.filter(|(here, there)| here != there) {
        let remedy = format!("the record was made with {there}; only a build by that one can be compared with it");
        return Err(Error::invalid("the compiler", here, remedy));
    }
    let hash = |hash: Option<B256>| hash.map_or_else(|| "nothing".into(), |hash| hash.to_string());
    Err(Error::Mismatch {
        what: match bad.address {
            Some(address) => format!("the {} at {address} ({})", bad.what, bad.meaning),
            None => format!("the {} ({})", bad.what, bad.meaning),
        },
        expected: hash(bad.expected),
        found: hash(bad.found),
    })
}
