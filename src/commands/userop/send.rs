//! `hedgerow userop send`.

use super::status;
use crate::{
    action::operation::{Outcome, SignedOperation},
    bundler::Bundler,
    cli::NodeArgs,
    client::Client,
    commands::sending::CarrierArgs,
    confirm::ConfirmArgs,
    error::{Error, Result},
    output::{self, Progress},
    user_operation::ENTRY_POINT,
    userop::{OperationFile, status::Status},
};
use clap::Args;
use serde_json::json;
use std::path::PathBuf;

/// Arguments of `hedgerow userop send`.
#[derive(Args, Debug)]
pub struct SendArgs {
    /// The signed operation; - reads it from stdin
    pub file: PathBuf,
    /// Do not wait for a bundler to get it into a block
    #[arg(long)]
    no_wait: bool,
    #[command(flatten)]
    carrier: CarrierArgs,
    #[command(flatten)]
    confirm: ConfirmArgs,
    #[command(flatten)]
    node: NodeArgs,
}

/// Checks, shows, asks, sends, and tells what became of it.
pub async fn run(args: SendArgs) -> Result<()> {
    let file = OperationFile::load(&args.file)?;
    let signed = require_signed(&file)?;
    let client = Client::connect(&args.node.rpc_url, Some(args.node.chain_id.unwrap_or(file.chain_id))).await?;
    if !args.confirm.json {
        output::print(&super::text(&file)?)?;
    }
    let mut document = super::document(&file);
    if args.confirm.go_ahead("Send it?")? {
        let progress = Progress::new();
        progress.step("sending the user operation");
        let sent = carry(&args, &client, &signed).await?;
        progress.finish();
        if !args.confirm.json {
            return output::print(&match &sent {
                Some(status) => status::text(status),
                None => format!(
                    "Handed over: `hedgerow userop status {}` tells what becomes of it.",
                    signed.hash
                ),
            });
        }
        document["sent"] = match sent {
            Some(status) => serde_json::to_value(&status).map_err(|error| Error::io("writing JSON")(error.into()))?,
            None => json!({ "userOpHash": signed.hash, "state": "waiting" }),
        };
    }
    if args.confirm.json {
        return output::print_json(&document);
    }
    output::print("Nothing was sent (--dry-run).")
}

/// By a bundler, or by the EntryPoint's own function. An operation whose calls were taken back is an error with its reason.
async fn carry(args: &SendArgs, client: &Client, signed: &SignedOperation) -> Result<Option<Status>> {
    let outcome: Outcome = match &args.carrier.bundler_url {
        Some(url) => {
            let bundler = Bundler::connect(url, client.chain_id()).await?;
            if args.no_wait {
                let authorization = signed.authorization.as_ref();
                bundler.submit(&signed.operation, authorization, ENTRY_POINT).await?;
                return Ok(None);
            }
            bundler.send(client, signed).await?
        }
        None => signed.send_directly(client, &args.carrier.sender(client)?).await?,
    };
    Ok(Some(Status::of(&outcome)))
}

fn require_signed(file: &OperationFile) -> Result<SignedOperation> {
    let unsigned = |what| Error::missing(what, "`hedgerow userop sign` first");
    if !file.signed {
        return Err(unsigned("the account's signature"));
    }
    if file.entry_point != ENTRY_POINT {
        let remedy = format!("this command sends to EntryPoint v0.8, {ENTRY_POINT}");
        return Err(Error::invalid("the EntryPoint", file.entry_point, remedy));
    }
    let authorization = match &file.authorization {
        None => None,
        Some(carried) => Some(
            carried
                .signed
                .clone()
                .ok_or_else(|| unsigned("the authorisation's signature"))?,
        ),
    };
    Ok(SignedOperation {
        hash: file.hash(),
        operation: file.operation.clone(),
        authorization,
    })
}
