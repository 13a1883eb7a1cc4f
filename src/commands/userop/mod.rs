//! `hedgerow userop`: ERC-4337 user operations step by step, with a file between the steps that can go to another machine.

pub mod actions;
pub mod build;
pub mod decode;
pub mod estimate;
pub mod send;
pub mod sign;
pub mod status;

use crate::{
    decimal::format_units,
    error::{Error, Result},
    output,
    userop::{OperationFile, words},
};
use alloy::primitives::U256;
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// What to do with user operations.
#[derive(Subcommand, Debug)]
pub enum UseropCommand {
    /// Make one operation of actions and calls, and say what it does and what is to be signed
    Build(Box<build::BuildArgs>),
    /// Find its gas limits, and have its paymaster sign
    Estimate(Box<estimate::EstimateArgs>),
    /// Sign it, and the authorisation in it; or put signatures in that were made elsewhere
    Sign(sign::SignArgs),
    /// Send it to a bundler, or straight to the EntryPoint
    Send(Box<send::SendArgs>),
    /// Tell what became of it
    Status(status::StatusArgs),
    /// Say in words what an operation, a bundle or calldata does
    Decode(decode::DecodeArgs),
}

/// Dispatches.
pub async fn run(command: UseropCommand) -> Result<()> {
    match command {
        UseropCommand::Build(args) => build::run(*args).await,
        UseropCommand::Estimate(args) => estimate::run(*args).await,
        UseropCommand::Sign(args) => sign::run(args),
        UseropCommand::Send(args) => send::run(*args).await,
        UseropCommand::Status(args) => status::run(args).await,
        UseropCommand::Decode(args) => decode::run(args),
    }
}

/// Where an operation goes that was made or changed.
#[derive(Args, Clone, Debug)]
pub struct OutputArgs {
    /// Write the operation to this file, over what is there; without one, to stdout
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Print one JSON document: the operation, its hash, its typed data, its calls in words
    #[arg(long)]
    pub json: bool,
}

impl OutputArgs {
    /// Writes the operation and tells of it. What people read does not stand in the way of what programs read.
    pub fn deliver(&self, file: &OperationFile) -> Result<()> {
        if let Some(path) = &self.output {
            write(path, &file.to_json())?;
        }
        if self.json {
            return output::print_json(&document(file));
        }
        match self.output {
            Some(_) => output::print(&text(file)?),
            None => {
                output::say(&text(file)?);
                output::print_json(&file.to_json())
            }
        }
    }
}

/// Replaces a file as a whole, or leaves it as it was.
fn write(path: &Path, value: &Value) -> Result<()> {
    let doing = || Error::io(format!("writing {}", path.display()));
    let text = serde_json::to_string_pretty(value).map_err(|error| doing()(error.into()))?;
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let beside = PathBuf::from(beside);
    std::fs::write(&beside, text + "\n").map_err(doing())?;
    std::fs::rename(&beside, path).map_err(doing())
}

/// Everything about an operation, for programs.
pub fn document(file: &OperationFile) -> Value {
    let mut document = json!({
        "operation": file.to_json(),
        "userOpHash": file.hash(),
        "typedData": file.operation.typed_data(file.chain_id, file.entry_point),
        "calls": words::tell_all(file.operation.sender, &file.calls()),
        "signed": file.signed,
    });
    if let Some(carried) = &file.authorization {
        document["authorizationHash"] = json!(carried.terms.signature_hash());
    }
    document
}

/// The same for people.
pub fn text(file: &OperationFile) -> Result<String> {
    let typed = file.operation.typed_data(file.chain_id, file.entry_point);
    let typed = serde_json::to_string(&typed).map_err(|error| Error::io("writing JSON")(error.into()))?;
    Ok(format!(
        "{}\nWhat it does:\n  {}\nTyped data (eth_signTypedData_v4):\n{typed}",
        table(file),
        words::lines(
            &words::tell_all(file.operation.sender, &file.calls()),
            file.operation.sender
        )
        .join("\n  ")
    ))
}

fn table(file: &OperationFile) -> String {
    let operation = &file.operation;
    let (key, sequence) = file.nonce();
    let mut rows = vec![
        ("chain", file.chain_id.to_string()),
        ("account", operation.sender.to_string()),
        ("nonce", format!("{sequence} of key {key}")),
    ];
    if let Some(delegate) = operation.delegate {
        rows.push(("runs", delegate.to_string()));
    }
    if let Some(carried) = &file.authorization {
        let signed = if carried.signed.is_some() {
            "signed"
        } else {
            "to be signed"
        };
        let terms = &carried.terms;
        rows.push((
            "authorisation",
            format!("to {} at the EOA's nonce {}, {signed}", terms.address, terms.nonce),
        ));
        rows.push(("its hash", terms.signature_hash().to_string()));
    }
    rows.push(("gas", gas(file)));
    rows.push(("paid by", paid_by(file)));
    rows.push(("hash to sign", file.hash().to_string()));
    rows.push(("signature", if file.signed { "there" } else { "to be made" }.to_owned()));
    let rows = rows.into_iter().map(|(name, value)| vec![name.to_owned(), value]);
    output::table(&["user operation", ""], rows.collect())
}

fn gas(file: &OperationFile) -> String {
    let operation = &file.operation;
    if !file.has_gas() {
        return "not known yet: `hedgerow userop estimate`".into();
    }
    let most = U256::from(operation.gas_limit()) * U256::from(operation.max_fee_per_gas);
    format!(
        "{} for its calls, {} to validate, {} besides; at most {} ETH",
        operation.call_gas_limit,
        operation.verification_gas_limit,
        operation.pre_verification_gas,
        format_units(most, 18)
    )
}

fn paid_by(file: &OperationFile) -> String {
    match &file.operation.sponsor {
        None => "the account".into(),
        Some(sponsor) if file.stub => format!("{}, which has not signed yet", sponsor.paymaster),
        Some(sponsor) => sponsor.paymaster.to_string(),
    }
}
