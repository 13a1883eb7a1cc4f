//! `hedgerow relay`: anybody carries a batch that the account's owner signed as typed data.

use crate::{
    bindings::IManager::IManagerCalls,
    cli::NodeArgs,
    client::{Call, Client, Transaction},
    confirm::ConfirmArgs,
    decimal::format_units,
    delegation::{self, Delegation},
    error::{Error, Result},
    keys::KeyArgs,
    output::{self, Progress, decimal_string},
    signed_batch::Order,
};
use alloy::primitives::{Address, B256, Bytes, U256};
use clap::Args;
use serde::Serialize;
use std::{io::Read, path::PathBuf};

/// Arguments of `hedgerow relay`.
#[derive(Args, Debug)]
pub struct RelayArgs {
    /// What `--emit typed-data` printed; - reads it from stdin
    pub file: PathBuf,
    /// The account's signature of it: what eth_signTypedData_v4 returned, 65 bytes
    #[arg(long, value_name = "0x…")]
    pub signature: Bytes,
    #[command(flatten)]
    confirm: ConfirmArgs,
    #[command(flatten)]
    node: NodeArgs,
    #[command(flatten)]
    key: KeyArgs,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    chain_id: u64,
    account: Address,
    shell: Address,
    carried_by: Address,
    calls: Vec<Described>,
    #[serde(with = "decimal_string")]
    nonce: U256,
    #[serde(with = "decimal_string")]
    deadline: U256,
    gas: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    transaction: Option<B256>,
    #[serde(skip_serializing_if = "Option::is_none")]
    gas_used: Option<u64>,
}

#[derive(Serialize)]
struct Described {
    to: Address,
    #[serde(with = "decimal_string")]
    value: U256,
    what: String,
}

/// Reads, checks, simulates, asks, carries.
pub async fn run(args: RelayArgs) -> Result<()> {
    let order = read(&args)?;
    let client = args.node.connect().await?;
    let relayer = args.key.signer(&client)?;
    check(&client, &order, &args.signature, relayer.address()).await?;
    let progress = Progress::new();
    progress.step("simulating the signed batch");
    let call = order.execution(&args.signature);
    let request = Call::new(relayer.address(), order.account, &call);
    let what = "the signed batch (simulated, nothing was sent)";
    client.call(request.clone(), what).await?;
    let mut report = Report {
        chain_id: order.chain_id,
        account: order.account,
        shell: order.shell,
        carried_by: relayer.address(),
        calls: order.batch.calls.iter().map(|call| describe(&order, call)).collect(),
        nonce: order.batch.nonce,
        deadline: order.batch.deadline,
        gas: client.estimate(request, what).await?,
        transaction: None,
        gas_used: None,
    };
    progress.finish();
    if !args.confirm.json {
        output::print(&text(&report))?;
    }
    if args.confirm.go_ahead("Carry it?")? {
        let transaction = Transaction::call(order.account, &call);
        let receipt = client.send(&relayer, transaction, "the signed batch").await?;
        report.transaction = Some(receipt.transaction_hash);
        report.gas_used = Some(receipt.gas_used);
    }
    if args.confirm.json {
        return output::print_json(&report);
    }
    match (report.transaction, report.gas_used) {
        (Some(hash), Some(gas)) => output::print(&format!("Done (transaction {hash}, {gas} gas).")),
        _ => output::print("Nothing was sent (--dry-run)."),
    }
}

fn read(args: &RelayArgs) -> Result<Order> {
    let text = if args.file.as_os_str() == "-" {
        let mut text = String::new();
        std::io::stdin()
            .read_to_string(&mut text)
            .map_err(Error::io("reading stdin"))?;
        text
    } else {
        std::fs::read_to_string(&args.file).map_err(|error| Error::bad_file(&args.file, error))?
    };
    Order::from_json(&text).map_err(|why| {
        let remedy = "give what `--emit typed-data` printed, unchanged";
        Error::bad_file(&args.file, format!("{why}; {remedy}"))
    })
}

/// What the chain would refuse, told before it is asked.
async fn check(client: &Client, order: &Order, signature: &Bytes, relayer: Address) -> Result<()> {
    if order.chain_id != client.chain_id() {
        return Err(Error::WrongChain {
            expected: order.chain_id,
            actual: client.chain_id(),
        });
    }
    order.check(signature)?;
    let delegation = Delegation::of(client, order.account).await?;
    if !delegation.require(order.account, order.shell)? {
        let remedy = format!("its owner has to run `hedgerow delegate --to {}` first", order.shell);
        return Err(Error::missing("a delegated account", remedy));
    }
    delegation::require_working_shell(client, order.shell).await?;
    let batch = &order.batch;
    if !batch.executor.is_zero() && batch.executor != relayer {
        let remedy = format!("the owner allowed only {}: carry it with that key", batch.executor);
        return Err(Error::invalid("the carrier", relayer, remedy));
    }
    let (_, now) = client.latest().await?;
    if batch.deadline < U256::from(now) {
        let remedy = format!("it is {now} on the chain: have a new one signed");
        return Err(Error::invalid("the deadline", batch.deadline, remedy));
    }
    let (nonce, generation) = order.now(client).await?;
    if nonce != batch.nonce {
        let remedy = format!("the account's next is {nonce}: it was carried already, or others come first");
        return Err(Error::invalid("the nonce", batch.nonce, remedy));
    }
    if generation != batch.generation {
        let remedy = format!("the account was wiped since, and is at {generation}: have a new one signed");
        return Err(Error::invalid("the generation", batch.generation, remedy));
    }
    Ok(())
}

/// A call in words: the account's own functions by name, others by selector.
fn describe(order: &Order, call: &crate::signed_batch::Call) -> Described {
    let to_itself = call.to.is_zero() || call.to == order.account;
    let known = to_itself
        .then(|| call.data.get(..4)?.try_into().ok())
        .flatten()
        .and_then(IManagerCalls::name_by_selector);
    let what = match (known, call.data.get(..4)) {
        (Some(name), _) => name.to_owned(),
        (None, Some(selector)) => format!("{} and {} bytes", Bytes::copy_from_slice(selector), call.data.len() - 4),
        (None, None) => "no function".into(),
    };
    Described {
        to: if call.to.is_zero() { order.account } else { call.to },
        value: call.value,
        what,
    }
}

fn text(report: &Report) -> String {
    let row = |name: &str, value: String| vec![name.to_owned(), value];
    let mut rows = vec![
        row("account", report.account.to_string()),
        row("carried by", report.carried_by.to_string()),
        row("nonce", report.nonce.to_string()),
        row("to be done by", format!("timestamp {}", report.deadline)),
        row("gas", format!("about {}", report.gas)),
    ];
    for (i, call) in report.calls.iter().enumerate() {
        let value = format_units(call.value, 18);
        rows.push(row(
            &format!("call {}", i + 1),
            format!("{} of {}, {value} ETH", call.what, call.to),
        ));
    }
    output::table(&["signed batch", ""], rows)
}
