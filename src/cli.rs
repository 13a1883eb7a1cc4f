//! The command line: what there is to ask for, and who answers.

use crate::{
    client::Client,
    commands,
    deployment::{DEFAULT_RECORD, Deployment, Record},
    error::{Error, Result},
    keys::KeyArgs,
};
use alloy::primitives::{Address, address};
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

const EXIT_CODES: &str = "\
Exit codes: 0 done; 1 the chain refused it, something failed after the start, or what was verified is not what was recorded; 2 bad input, or no yes to the question: nothing was sent; 3 no node answers.
Secrets come from the environment or a keystore only: HEDGEROW_PRIVATE_KEY, HEDGEROW_KEYSTORE (and HEDGEROW_KEYSTORE_PASSWORD).";

/// Uniswap v3's position manager on Arbitrum One.
const ARBITRUM_ONE: u64 = 42_161;
const ARBITRUM_ONE_POSITION_MANAGER: Address = address!("C36442b4a4522E871399CD717aBDD847Ab11FE88");

/// Keeps a liquidity provider's position hedged: plan, deploy, delegate, rebalance.
#[derive(Parser, Debug)]
#[command(name = "hedgerow", version, after_help = EXIT_CODES, propagate_version = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What there is to do.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Show the main job from start to end on the embedded devnode
    Demo(commands::demo::DemoArgs),
    /// Run a local Arbitrum chain: EVM, Stylus and JSON-RPC in one process
    Devnode(commands::devnode::DevnodeArgs),
    /// Deploy and activate the programs and the account's shell
    Deploy(commands::deploy::DeployArgs),
    /// Tell whether a build, a deployment or a wallet's code is the recorded one, byte for byte
    Verify(commands::verify::VerifyArgs),
    /// Calculate with the core, without a chain
    Calc(Box<commands::calc::CalcArgs>),
    /// Look at a position
    #[command(subcommand)]
    Position(commands::position::PositionCommand),
    /// Compare ways to hedge a position before anything is done, and write a policy's file
    Plan(Box<commands::plan::PlanArgs>),
    /// Let a keeper act on a position, within limits that the account itself enforces
    #[command(subcommand)]
    Policy(commands::policy::PolicyCommand),
    /// Hedge a position: borrow its volatile token and sell it, where the fees pay for it
    #[command(subcommand)]
    Hedge(commands::hedge::HedgeCommand),
    /// Act on somebody's position as a keeper, where its policy says so, for the fee that it allows
    Run(Box<commands::run::RunArgs>),
    /// Act on many positions as a keeper, round after round
    #[command(subcommand)]
    Keeper(commands::keeper::KeeperCommand),
    /// Look at an account: whose code it runs, what that needs, what is written down; or void what it has signed
    #[command(subcommand)]
    Account(commands::account::AccountCommand),
    /// Let an EOA run the account's code (EIP-7702)
    Delegate(commands::delegate::DelegateArgs),
    /// Make an account an ordinary wallet again
    Undelegate(commands::undelegate::UndelegateArgs),
    /// Move a position to a new range, in one transaction or one user operation
    Rebalance(Box<commands::positions::RebalanceArgs>),
    /// Move a position that holds one token after the price, without a swap
    Walk(Box<commands::positions::WalkArgs>),
    /// Take a position out, fees and all
    Exit(Box<commands::positions::ExitArgs>),
    /// Put a position's fees back into it
    Compound(Box<commands::positions::PlainArgs>),
    /// Take a position's fees out
    Harvest(Box<commands::positions::PlainArgs>),
    /// Build, estimate, sign, send and look at ERC-4337 user operations, with a file between the steps
    #[command(subcommand)]
    Userop(commands::userop::UseropCommand),
    /// Carry a batch that an account's owner signed as typed data (`--emit typed-data`)
    Relay(commands::relay::RelayArgs),
}

impl Cli {
    /// Does it.
    pub async fn run(self) -> Result<()> {
        match self.command {
            Command::Demo(args) => commands::demo::run(args).await,
            Command::Devnode(args) => commands::devnode::run(args).await,
            Command::Deploy(args) => commands::deploy::run(args).await,
            Command::Verify(args) => commands::verify::run(args).await,
            Command::Calc(args) => commands::calc::run(*args),
            Command::Position(command) => commands::position::run(command).await,
            Command::Plan(args) => commands::plan::run(*args).await,
            Command::Policy(command) => commands::policy::run(command).await,
            Command::Hedge(command) => commands::hedge::run(command).await,
            Command::Run(args) => commands::run::run(*args).await,
            Command::Keeper(command) => commands::keeper::run(command).await,
            Command::Account(command) => commands::account::run(command).await,
            Command::Delegate(args) => commands::delegate::run(args).await,
            Command::Rebalance(args) => commands::positions::rebalance(*args).await,
            Command::Walk(args) => commands::positions::walk(*args).await,
            Command::Exit(args) => commands::positions::exit(*args).await,
            Command::Compound(args) => commands::positions::compound(*args).await,
            Command::Harvest(args) => commands::positions::harvest(*args).await,
            Command::Userop(command) => commands::userop::run(command).await,
            Command::Relay(args) => commands::relay::run(args).await,
            Command::Undelegate(args) => commands::undelegate::run(args).await,
        }
    }
}

/// Which node to talk to.
#[derive(Args, Clone, Debug)]
pub struct NodeArgs {
    /// JSON-RPC address of the node
    #[arg(
        long,
        value_name = "URL",
        env = "ETH_RPC_URL",
        default_value = "http://127.0.0.1:8545"
    )]
    pub rpc_url: String,
    /// Refuse a node that serves another chain than this
    #[arg(long, value_name = "ID")]
    pub chain_id: Option<u64>,
}

impl NodeArgs {
    /// Connects, and refuses the wrong chain.
    pub async fn connect(&self) -> Result<Client> {
        Client::connect(&self.rpc_url, self.chain_id).await
    }
}

/// Where the record of deployments is.
#[derive(Args, Clone, Debug)]
pub struct RecordArgs {
    /// File that remembers what is deployed on which chain
    #[arg(long, value_name = "FILE", env = "HEDGEROW_DEPLOYMENTS", default_value = DEFAULT_RECORD)]
    pub deployments: PathBuf,
}

impl RecordArgs {
    /// Reads it.
    pub fn open(&self) -> Result<Record> {
        Record::open(&self.deployments)
    }

    /// What it knows of the client's chain.
    pub fn of(&self, client: &Client) -> Result<Deployment> {
        Ok(self.open()?.of(client.chain_id()))
    }
}

/// Which position manager, where it is not known.
#[derive(Args, Clone, Debug)]
pub struct PositionManagerArgs {
    /// Uniswap v3's position manager (known for Arbitrum One)
    #[arg(long, value_name = "ADDRESS", env = "HEDGEROW_POSITION_MANAGER")]
    pub position_manager: Option<Address>,
}

impl PositionManagerArgs {
    /// The one given, else the chain's own.
    pub fn resolve(&self, client: &Client) -> Result<Address> {
        let known = (client.chain_id() == ARBITRUM_ONE).then_some(ARBITRUM_ONE_POSITION_MANAGER);
        self.position_manager
            .or(known)
            .ok_or_else(|| Error::missing("the position manager's address", "give --position-manager ADDRESS"))
    }
}

/// Whose account is looked at.
#[derive(Args, Clone, Debug)]
pub struct OwnerArgs {
    /// Whose; by default the key's own account
    #[arg(long, alias = "account-of", value_name = "ADDRESS")]
    pub owner: Option<Address>,
    #[command(flatten)]
    key: KeyArgs,
}

impl OwnerArgs {
    /// The one given, else the key's account.
    pub fn resolve(&self, client: &Client) -> Result<Address> {
        match self.owner {
            Some(owner) => Ok(owner),
            None => match self.key.signer(client) {
                Err(Error::Missing { .. }) => Err(Error::missing(
                    "the owner's address",
                    "give --owner ADDRESS, or the owner's key",
                )),
                other => other.map(|signer| signer.address()),
            },
        }
    }
}
