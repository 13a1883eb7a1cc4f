//! `hedgerow account keys`: other keys that may act for the account, within what their sessions say.

use super::sending::{SendArgs, Shown, see_through};
use crate::{
    account::Header,
    action::OwnCall,
    bindings::ISessions::{addKeyCall, keyStatusCall, revokeAllKeysCall, revokeKeyCall},
    cli::{NodeArgs, OwnerArgs},
    client::Client,
    delegation::Delegation,
    error::{Error, Result},
    output::{self, Progress},
    policy::defaults,
    position::Token,
    session::{
        self,
        list::{self, Known},
        read, write,
    },
};
use alloy::{
    primitives::{Address, B256, U256},
    sol_types::SolCall,
};
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use std::{collections::BTreeMap, io::Write, path::PathBuf};

/// What to do with session keys.
#[derive(Subcommand, Debug)]
pub enum KeysCommand {
    /// Write a session's file to begin with, with comments
    New(NewArgs),
    /// Let another key act for the account, as its session's file says
    Add(Box<AddArgs>),
    /// List the account's session keys, what they may do, and what they have spent
    List(ListArgs),
    /// End one session, or all of them at once
    Revoke(Box<RevokeArgs>),
}

/// Arguments of `hedgerow account keys new`.
#[derive(Args, Debug)]
#[group(id = "whose", required = true, multiple = false, args = ["address", "x"])]
pub struct NewArgs {
    /// The key's address, of a secp256k1 key
    #[arg(long, value_name = "ADDRESS")]
    address: Option<Address>,
    /// The key's x, of a P-256 key or a WebAuthn credential
    #[arg(long, value_name = "0x…", requires = "y")]
    x: Option<B256>,
    /// Its y
    #[arg(long, value_name = "0x…", requires = "x")]
    y: Option<B256>,
    /// It is the key of a WebAuthn credential
    #[arg(long, requires = "x")]
    webauthn: bool,
    /// The token that it may send
    #[arg(long, value_name = "ADDRESS")]
    token: Address,
    /// Where to write it; a file that is there already is not touched
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    node: NodeArgs,
}

/// Arguments of `hedgerow account keys add`.
#[derive(Args, Debug)]
pub struct AddArgs {
    /// The session's file, as `hedgerow account keys new` writes it
    file: PathBuf,
    /// How it is sent.
    #[command(flatten)]
    pub send: SendArgs,
}

/// Arguments of `hedgerow account keys list`.
#[derive(Args, Debug)]
pub struct ListArgs {
    /// Show those too that have ended
    #[arg(long)]
    all: bool,
    /// Block from which events are looked for
    #[arg(long, value_name = "BLOCK", default_value = "0")]
    from_block: u64,
    #[command(flatten)]
    owner: OwnerArgs,
    #[command(flatten)]
    node: NodeArgs,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

/// Arguments of `hedgerow account keys revoke`.
#[derive(Args, Debug)]
#[group(id = "which", required = true, multiple = false, args = ["key", "all"])]
pub struct RevokeArgs {
    /// The session's id, as `hedgerow account keys list` shows it
    #[arg(value_name = "KEY_ID")]
    key: Option<B256>,
    /// All sessions at once
    #[arg(long)]
    all: bool,
    /// How it is sent.
    #[command(flatten)]
    pub send: SendArgs,
}

/// Dispatches.
pub async fn run(command: KeysCommand) -> Result<()> {
    match command {
        KeysCommand::New(args) => new(args).await,
        KeysCommand::Add(args) => add(*args).await,
        KeysCommand::List(args) => list(args).await,
        KeysCommand::Revoke(args) => revoke(*args).await,
    }
}

async fn new(args: NewArgs) -> Result<()> {
    let client = args.node.connect().await?;
    let key = match (args.address, args.x.zip(args.y)) {
        (Some(address), _) => write::Key::Address(address),
        (None, Some((x, y))) => write::Key::Point {
            point: [x, y],
            webauthn: args.webauthn,
        },
        (None, None) => return Err(Error::missing("the key", "give --address, or --x and --y")),
    };
    let (_, now) = client.latest().await?;
    let token = Token::read(&client, args.token).await?;
    let text = write::template(key, &token, now, defaults::salt()?);
    let Some(path) = args.output else {
        return output::print(text.trim_end());
    };
    let file = std::fs::OpenOptions::new().write(true).create_new(true).open(&path);
    file.and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(|error| Error::bad_file(&path, error))?;
    output::print(&format!(
        "{} is written: change what does not suit, then `hedgerow account keys add {0}`.",
        path.display()
    ))
}

async fn add(args: AddArgs) -> Result<()> {
    let client = args.send.node.connect().await?;
    let signer = args.send.signer(&client)?;
    let account = args.send.account_of(signer.as_ref());
    let shell = args.send.shell(&client)?;
    let text = std::fs::read_to_string(&args.file).map_err(|error| Error::bad_file(&args.file, error))?;
    let source = read::session(&client, &args.file, &text).await?;
    let (session, id) = (source.session.clone(), session::id(&source.session));
    let data = addKeyCall {
        session: session.clone(),
    }
    .abi_encode()
    .into();
    let what = "adding the session key";
    let call = OwnCall::prepare(&client, (account, shell), data, what, args.send.lifetime).await?;
    call.simulate(&client).await.map_err(|error| source.explain(error))?;
    let gas = call.gas(&client).await?;
    let tokens = tokens(&client, [&session].into_iter()).await?;
    let mut rows = write::allowed(&session, &tokens);
    rows.push(("never".into(), NEVER.into()));
    rows.push(("id".into(), id.to_string()));
    rows.push(("gas, as own transaction".into(), format!("about {gas}")));
    let shown = Shown {
        document: json!({ "chainId": client.chain_id(), "account": account, "keyId": id, "gas": gas }),
        text: table(&format!("session key for {account}"), rows),
        question: "Add it?",
    };
    see_through(&args.send, &client, signer.as_ref(), &call, shown, async |_| {
        require_status(&client, account, id, 1).await?;
        Ok(format!("Session {id} may act"))
    })
    .await
}

const NEVER: &str = "call the account itself, an EntryPoint, Permit2 or our code; sign for the account elsewhere; touch keys, nonces, \
                     policies; move an NFT; leave an allowance behind; act while the account is paused";

async fn list(args: ListArgs) -> Result<()> {
    let client = args.node.connect().await?;
    let owner = args.owner.resolve(&client)?;
    if Delegation::of(&client, owner).await? == Delegation::None {
        let remedy = "it is not delegated, so no session key can act; `hedgerow delegate` first";
        return Err(Error::invalid("the account", owner, remedy));
    }
    let progress = Progress::new();
    let (block, now) = client.latest().await?;
    let last = block.as_u64().unwrap_or_default();
    if args.from_block > last {
        let remedy = format!("the chain's last block is {last}");
        return Err(Error::invalid("--from-block", args.from_block, remedy));
    }
    let mut known = list::sessions(&client, &progress, owner, now, (args.from_block, last)).await?;
    known.retain(|it| args.all || it.active && it.session.expiry.to::<u64>() >= now);
    let tokens = tokens(&client, known.iter().map(|it| &it.session)).await?;
    let paused = Header::read(&client, owner).await?.paused;
    progress.finish();
    if args.json {
        return output::print_json(&json!({
            "chainId": client.chain_id(),
            "account": owner,
            "paused": paused,
            "keys": known.iter().map(|it| document(it, now)).collect::<Vec<Value>>(),
        }));
    }
    if known.is_empty() {
        return output::print(&format!("{owner} has no session keys that may act."));
    }
    for it in &known {
        output::print(&table(&format!("session {}", it.id), rows(it, &tokens, now, paused)))?;
    }
    Ok(())
}

/// What became of a session, in a word.
fn standing(it: &Known, now: u64) -> &'static str {
    match (
        it.active,
        now < it.session.start.to::<u64>(),
        now > it.session.expiry.to::<u64>(),
    ) {
        (false, ..) => "ended",
        (true, _, true) => "expired",
        (true, true, _) => "not begun",
        (true, false, false) => "active",
    }
}

fn rows(it: &Known, tokens: &BTreeMap<Address, Token>, now: u64, paused: bool) -> Vec<(String, String)> {
    let stopped = if paused { ", but the account is paused" } else { "" };
    let mut rows = vec![("standing".to_owned(), format!("{}{stopped}", standing(it, now)))];
    rows.extend(write::allowed(&it.session, tokens));
    for (limit, spent) in it.session.limits.iter().zip(&it.spent) {
        let text = format!(
            "{} of {}",
            write::amount(limit.token, *spent, tokens),
            write::spend(limit, tokens)
        );
        rows.push(("has spent".into(), text));
    }
    rows.push(("gas used".into(), read::ether().exact(U256::from(it.gas_spent))));
    rows
}

fn document(it: &Known, now: u64) -> Value {
    let session = &it.session;
    json!({
        "keyId": it.id,
        "standing": standing(it, now),
        "kind": session::kind(session.kind),
        "x": session.x,
        "y": session.y,
        "start": session.start.to::<u64>().to_string(),
        "expiry": session.expiry.to::<u64>().to_string(),
        "gasBudget": session.gasBudget.to_string(),
        "gasSpent": it.gas_spent.to_string(),
        "paymaster": session.paymaster,
        "calls": session.calls.iter().map(|rule| json!({ "target": rule.target, "selector": rule.selector })).collect::<Vec<_>>(),
        "limits": session.limits.iter().zip(&it.spent).map(|(limit, spent)| json!({
            "token": limit.token,
            "period": limit.period,
            "amount": limit.amount.to_string(),
            "spent": spent.to_string(),
        })).collect::<Vec<_>>(),
        "positions": session.positions.iter().map(|rule| json!({
            "positionManager": rule.positionManager,
            "tokenIds": rule.tokenIds.iter().map(U256::to_string).collect::<Vec<_>>(),
            "pools": rule.pools.iter().map(|pool| json!({
                "token0": pool.token0, "token1": pool.token1, "fee": pool.fee.to::<u32>(),
            })).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
    })
}

async fn revoke(args: RevokeArgs) -> Result<()> {
    let client = args.send.node.connect().await?;
    let signer = args.send.signer(&client)?;
    let account = args.send.account_of(signer.as_ref());
    let shell = args.send.shell(&client)?;
    let (data, what, subject) = match args.key {
        Some(id) => (
            revokeKeyCall { keyId: id }.abi_encode(),
            "revoking the session key",
            id.to_string(),
        ),
        None => (
            revokeAllKeysCall {}.abi_encode(),
            "revoking all session keys",
            "all".into(),
        ),
    };
    let call = OwnCall::prepare(&client, (account, shell), data.into(), what, args.send.lifetime).await?;
    call.simulate(&client).await?;
    let gas = call.gas(&client).await?;
    let rows = vec![
        ("session".to_owned(), subject.clone()),
        (
            "then".to_owned(),
            "it can never act again, nor be added again with the same terms".to_owned(),
        ),
        ("gas, as own transaction".to_owned(), format!("about {gas}")),
    ];
    let shown = Shown {
        document: json!({ "chainId": client.chain_id(), "account": account, "keyId": args.key, "all": args.all, "gas": gas }),
        text: table(&format!("revoke for {account}"), rows),
        question: "Revoke?",
    };
    see_through(&args.send, &client, signer.as_ref(), &call, shown, async |_| {
        if let Some(id) = args.key {
            require_status(&client, account, id, 2).await?;
        }
        Ok(format!("Revoked: {subject}"))
    })
    .await
}

async fn require_status(client: &Client, account: Address, id: B256, expected: u8) -> Result<()> {
    let found = client.read(account, &keyStatusCall { keyId: id }).await?.status;
    if found == expected {
        return Ok(());
    }
    Err(Error::Mismatch {
        what: format!("the status of the session {id}"),
        expected: expected.to_string(),
        found: found.to_string(),
    })
}

/// The tokens of all limits, as people speak of them.
async fn tokens<'s>(
    client: &Client,
    sessions: impl Iterator<Item = &'s crate::bindings::ISessions::Session>,
) -> Result<BTreeMap<Address, Token>> {
    let mut found = BTreeMap::new();
    for limit in sessions.flat_map(|session| &session.limits) {
        if limit.token != session::NATIVE && !found.contains_key(&limit.token) {
            found.insert(limit.token, Token::read(client, limit.token).await?);
        }
    }
    Ok(found)
}

fn table(title: &str, rows: Vec<(String, String)>) -> String {
    let rows = rows.into_iter().map(|(name, value)| vec![name, value]);
    output::table(&[title, ""], rows.collect())
}
