//! `hedgerow userop decode`.

use crate::{
    error::{Error, Result},
    output,
    user_operation::UserOperation,
    userop::{any::Form, file, words},
};
use alloy::primitives::{Address, B256};
use clap::Args;
use serde_json::{Value, json};
use std::path::Path;

/// Arguments of `hedgerow userop decode`.
#[derive(Args, Debug)]
pub struct DecodeArgs {
    /// A file (this command's, a bundler's request, or packed), - for stdin, or bytes: calldata of an operation or of handleOps
    what: String,
    /// Whose operation it is, where bytes do not say: its own functions are told by name
    #[arg(long, value_name = "ADDRESS")]
    sender: Option<Address>,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

/// Reads it in whatever form it comes, and says what it does.
pub fn run(args: DecodeArgs) -> Result<()> {
    let text = match args.what.starts_with("0x") {
        true => args.what.clone(),
        false => file::load_text(Path::new(&args.what))?,
    };
    let form = Form::read(&text).map_err(|fault| match args.what.starts_with("0x") {
        true => Error::invalid("the calldata", &args.what, fault),
        false => Error::bad_file(&args.what, fault),
    })?;
    let operations = form.operations();
    let calls = form.calls(args.sender);
    if args.json {
        let all = calls.iter().enumerate().map(|(i, (sender, told))| {
            let mut one = operations
                .get(i)
                .map_or_else(|| json!({}), |(operation, hash)| described(operation, *hash));
            one["sender"] = json!(sender);
            one["calls"] = json!(told);
            one
        });
        return output::print_json(&json!({ "operations": all.collect::<Vec<Value>>() }));
    }
    for (i, (sender, told)) in calls.iter().enumerate() {
        if let Some((operation, hash)) = operations.get(i) {
            output::print(&table(operation, *hash))?;
        }
        output::print(&format!(
            "What it does:\n  {}",
            words::lines(told, *sender).join("\n  ")
        ))?;
    }
    Ok(())
}

fn described(operation: &UserOperation, hash: Option<B256>) -> Value {
    let mut value = operation.to_rpc(None);
    if let Some(hash) = hash {
        value["userOpHash"] = json!(hash);
    }
    value
}

fn table(operation: &UserOperation, hash: Option<B256>) -> String {
    let nonce = operation.nonce;
    let (key, sequence): (_, u64) = (nonce >> 64usize, nonce.wrapping_to());
    let mut rows = vec![
        ("account", operation.sender.to_string()),
        ("nonce", format!("{sequence} of key {key}")),
        (
            "gas",
            format!(
                "{} for its calls, {} to validate, {} besides",
                operation.call_gas_limit, operation.verification_gas_limit, operation.pre_verification_gas
            ),
        ),
        (
            "fees",
            format!(
                "at most {} wei per gas, of which {} as a tip",
                operation.max_fee_per_gas, operation.max_priority_fee_per_gas
            ),
        ),
    ];
    if let Some(delegate) = operation.delegate {
        rows.push(("runs", delegate.to_string()));
    }
    if let Some(sponsor) = &operation.sponsor {
        rows.push(("paid by", sponsor.paymaster.to_string()));
    }
    if let Some(hash) = hash {
        rows.push(("hash", hash.to_string()));
    }
    let rows = rows.into_iter().map(|(name, value)| vec![name.to_owned(), value]);
    output::table(&["user operation", ""], rows.collect())
}
