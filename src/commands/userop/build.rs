//! `hedgerow userop build`.

use super::{OutputArgs, actions::Planner};
use crate::{
    bindings::IEntryPoint::getNonceCall,
    cli::RecordArgs,
    client::Client,
    delegation::{self, Delegation},
    error::{Error, Result},
    keys::KeyArgs,
    output::Progress,
    signed_batch::Call,
    sponsorship::SponsorshipArgs,
    user_operation::ENTRY_POINT,
    userop::{
        OperationFile,
        draft::{Carried, Draft},
        entry::{self, Entry},
        file,
        reader::Field,
    },
};
use alloy::primitives::{Address, Bytes, U256, aliases::U192};
use clap::Args;
use std::path::{Path, PathBuf};

/// Arguments of `hedgerow userop build`.
#[derive(Args, Debug)]
pub struct BuildArgs {
    /// An operation to begin with, in which anything may be left out (see docs/userop.md); - reads it from stdin
    pub file: Option<PathBuf>,
    /// A file with a list of calls to add: {to, value, data}, {to, function, args} or {action, …}; - reads it from stdin
    #[arg(long, value_name = "FILE")]
    pub calls: Vec<PathBuf>,
    /// A call to add: whom, wei, calldata
    #[arg(long, value_name = "TO:WEI:DATA", value_parser = parse_call)]
    pub call: Vec<Call>,
    /// An action to add, as on the command line: "rebalance 7 --width-percent 10"
    #[arg(long, value_name = "WORDS")]
    pub action: Vec<String>,
    #[command(flatten)]
    fields: FieldArgs,
    /// Seconds from now for which the paymaster signs, where the gas limits are given
    #[arg(long, value_name = "SECONDS", default_value_t = 600)]
    lifetime: u64,
    #[command(flatten)]
    sponsorship: SponsorshipArgs,
    #[command(flatten)]
    output: OutputArgs,
    /// JSON-RPC address of the node
    #[arg(
        long,
        value_name = "URL",
        env = "ETH_RPC_URL",
        default_value = "http://127.0.0.1:8545"
    )]
    pub rpc_url: String,
    #[command(flatten)]
    key: KeyArgs,
    #[command(flatten)]
    record: RecordArgs,
}

/// What the operation says besides its calls.
#[derive(Args, Debug)]
#[command(next_help_heading = "The operation")]
struct FieldArgs {
    /// Ask no node: everything has to be given here or in the file
    #[arg(long, conflicts_with_all = ["action", "paymaster", "paymaster_url"])]
    offline: bool,
    /// The chain
    #[arg(long, value_name = "ID")]
    chain_id: Option<u64>,
    /// The account; by default the key's own
    #[arg(long, value_name = "ADDRESS")]
    sender: Option<Address>,
    /// The shell that the account runs, or is to run; by default the one it runs, else the one deployed on this chain
    #[arg(long, value_name = "ADDRESS")]
    delegate: Option<Address>,
    /// Sequence of nonces that the operation belongs to; operations of different keys do not wait for each other
    #[arg(long, value_name = "KEY")]
    nonce_key: Option<U192>,
    /// Place in that sequence; by default the next
    #[arg(long, value_name = "N")]
    nonce: Option<u64>,
    /// Carry the authorisation that delegates the account, which is at this nonce as an EOA; by default where it is needed
    #[arg(long, value_name = "N", requires = "offline")]
    authorization_nonce: Option<u64>,
    /// Gas for the account's call
    #[arg(long, value_name = "GAS")]
    call_gas_limit: Option<u128>,
    /// Gas for the account's validation
    #[arg(long, value_name = "GAS")]
    verification_gas_limit: Option<u128>,
    /// Gas that no contract can measure
    #[arg(long, value_name = "GAS")]
    pre_verification_gas: Option<u128>,
    /// Most wei per gas
    #[arg(long, value_name = "WEI")]
    max_fee_per_gas: Option<u128>,
    /// Tip per gas
    #[arg(long, value_name = "WEI")]
    max_priority_fee_per_gas: Option<u128>,
}

fn parse_call(text: &str) -> Result<Call, String> {
    let parts: Vec<&str> = text.split(':').collect();
    let [to, value, data] = parts[..] else {
        return Err("give three parts, such as 0x…:0:0x".into());
    };
    Ok(Call {
        to: to.parse().map_err(|_| "its first part is no address")?,
        value: value.parse().map_err(|_| "its second part is no number of wei")?,
        data: data.parse().map_err(|_| "its third part is no bytes: 0x for none")?,
    })
}

/// Gathers, asks for what is left out, and writes.
pub async fn run(args: BuildArgs) -> Result<()> {
    let mut draft = gather(&args)?;
    if args.fields.offline {
        authorise_offline(&args.fields, &mut draft)?;
        return args.output.deliver(&finished(draft)?);
    }
    let progress = Progress::new();
    let client = Client::connect(&args.rpc_url, draft.chain_id).await?;
    draft.chain_id = Some(client.chain_id());
    if draft.sender.is_none() {
        draft.sender = Some(args.key.signer(&client)?.address());
    }
    progress.step("reading the account");
    fill(&args, &client, &mut draft).await?;
    plan(&args, &client, &mut draft, &progress).await?;
    let mut file = finished(draft)?;
    if let Some(sponsorship) = args.sponsorship.prepare(&client).await? {
        progress.step("asking the paymaster");
        let signed = file.authorization.as_ref().and_then(|carried| carried.signed.clone());
        let chain = (file.chain_id, file.entry_point);
        let last = sponsorship.stub(&mut file.operation, signed.as_ref(), chain).await?;
        file.stub = !last;
        if file.stub && file.has_gas() {
            let (_, now) = client.latest().await?;
            let until = now.saturating_add(args.lifetime);
            let authorization = signed.as_ref();
            sponsorship
                .finish(&mut file.operation, authorization, chain, until)
                .await?;
            file.stub = false;
        }
    }
    progress.finish();
    args.output.deliver(&file)
}

fn finished(draft: Draft) -> Result<OperationFile> {
    if draft.calls.is_empty() && draft.call_data.is_none() {
        return Err(Error::missing(
            "a call",
            "give --action, --call or --calls, or calls in the file",
        ));
    }
    // What it was signed for may be something else by now.
    let mut file = OperationFile::complete(draft)?;
    file.unsign();
    Ok(file)
}

/// The file, and the options over it.
fn gather(args: &BuildArgs) -> Result<Draft> {
    let mut draft = args
        .file
        .as_deref()
        .map(file::load_draft)
        .transpose()?
        .unwrap_or_default();
    let fields = &args.fields;
    let sender = fields.sender.or(draft.sender);
    let mut added = Vec::new();
    for path in &args.calls {
        added.extend(entries(path, sender)?);
    }
    added.extend(args.call.iter().cloned().map(Entry::Call));
    let words = |action: &String| Entry::Action(action.split_whitespace().map(str::to_owned).collect());
    added.extend(args.action.iter().map(words));
    if !added.is_empty() {
        if draft.calls.is_empty()
            && let (Some(data), Some(sender)) = (&draft.call_data, sender)
        {
            draft.calls = opened(sender, data);
        }
        // The calldata is that of the old calls only.
        draft.call_data = None;
        draft.calls.extend(added);
    }
    draft.sender = sender;
    draft.chain_id = fields.chain_id.or(draft.chain_id);
    draft.delegate = fields.delegate.or(draft.delegate);
    draft.nonce_key = fields.nonce_key.or(draft.nonce_key);
    draft.nonce_sequence = fields.nonce.or(draft.nonce_sequence);
    draft.gas.call = fields.call_gas_limit.or(draft.gas.call);
    draft.gas.verification = fields.verification_gas_limit.or(draft.gas.verification);
    draft.gas.pre_verification = fields.pre_verification_gas.or(draft.gas.pre_verification);
    draft.max_fee_per_gas = fields.max_fee_per_gas.or(draft.max_fee_per_gas);
    draft.max_priority_fee_per_gas = fields.max_priority_fee_per_gas.or(draft.max_priority_fee_per_gas);
    Ok(draft)
}

fn opened(sender: Address, data: &Bytes) -> Vec<Entry> {
    let calls = crate::userop::calls::open(sender, data);
    calls.into_iter().map(Entry::Call).collect()
}

fn entries(path: &Path, sender: Option<Address>) -> Result<Vec<Entry>> {
    let document = file::load_json(path)?;
    entry::entries(&Field::root(&document), sender).map_err(|fault| Error::bad_file(path, fault))
}

fn authorise_offline(fields: &FieldArgs, draft: &mut Draft) -> Result<()> {
    let Some(nonce) = fields.authorization_nonce else {
        return Ok(());
    };
    let (Some(chain_id), Some(delegate)) = (draft.chain_id, draft.delegate) else {
        return Err(Error::missing(
            "what the authorisation is for",
            "give --chain-id and --delegate too",
        ));
    };
    draft.authorization = Some(Carried {
        terms: delegation::authorization(chain_id, delegate, nonce),
        signed: None,
    });
    Ok(())
}

/// Asks the chain for what was not said: the delegate, whether it has to be authorised, the nonce, the fees.
async fn fill(args: &BuildArgs, client: &Client, draft: &mut Draft) -> Result<()> {
    let Some(sender) = draft.sender else { return Ok(()) };
    let entry_point = draft.entry_point.unwrap_or(ENTRY_POINT);
    let delegation = Delegation::of(client, sender).await?;
    let shell = match draft.delegate.or(delegation.target()) {
        Some(shell) => shell,
        None => args.record.of(client)?.account_address()?,
    };
    draft.delegate = Some(shell);
    if delegation.require(sender, shell)? {
        draft.authorization = None;
    } else if draft
        .authorization
        .as_ref()
        .is_none_or(|carried| carried.terms.address != shell)
    {
        delegation::require_working_shell(client, shell).await?;
        draft.authorization = Some(Carried {
            terms: delegation::authorization(client.chain_id(), shell, client.nonce(sender).await?),
            signed: None,
        });
    }
    if draft.nonce_sequence.is_none() {
        let key = draft.nonce_key.unwrap_or_default();
        let nonce: U256 = client.read(entry_point, &getNonceCall { sender, key }).await?;
        draft.nonce_sequence = Some(nonce.wrapping_to());
    }
    if draft.max_fee_per_gas.is_none() || draft.max_priority_fee_per_gas.is_none() {
        let (most, tip) = client.fees().await?;
        draft.max_fee_per_gas.get_or_insert(most);
        draft.max_priority_fee_per_gas.get_or_insert(tip);
    }
    Ok(())
}

/// Makes calls of actions, each planned against the chain as it is.
async fn plan(args: &BuildArgs, client: &Client, draft: &mut Draft, progress: &Progress) -> Result<()> {
    let planner = Planner {
        rpc_url: client.url().to_owned(),
        sender: draft.sender.unwrap_or_default(),
        shell: draft.delegate,
        deployments: args.record.deployments.clone(),
    };
    let mut planned = Vec::with_capacity(draft.calls.len());
    for entry in std::mem::take(&mut draft.calls) {
        match entry {
            Entry::Call(_) => planned.push(entry),
            Entry::Action(argv) => {
                progress.step(format!("planning {:?}", argv.join(" ")));
                planned.extend(planner.plan(&argv).await?.into_iter().map(Entry::Call));
            }
        }
    }
    draft.calls = planned;
    Ok(())
}
