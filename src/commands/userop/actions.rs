//! Actions by the commands' own names and flags, as calls of the account: parsed and planned as the command itself would, and kept
//! instead of sent.

use crate::{
    cli::{Cli, Command},
    commands::{
        account::AccountCommand, account_keys::KeysCommand, hedge::HedgeCommand, policy::PolicyCommand,
        position::PositionCommand, sending,
    },
    error::{Error, Result},
    signed_batch::Call,
};
use alloy::primitives::{Address, U256};
use clap::Parser;
use std::{
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

const KINDS: &str = "rebalance, walk, exit, compound, harvest, position open, position convert, hedge open, hedge adjust, hedge close, \
                     policy set, policy follow, policy remove, policy pause, policy unpause, account keys add or account keys revoke";

/// On which chain actions are planned, and for which account.
#[derive(Clone, Debug)]
pub struct Planner {
    /// The node.
    pub rpc_url: String,
    /// The account.
    pub sender: Address,
    /// The shell that it runs or will.
    pub shell: Option<Address>,
    /// The record of deployments.
    pub deployments: PathBuf,
}

impl Planner {
    /// The calls that an action makes of the account. It is simulated against the chain as it is now.
    pub async fn plan(&self, argv: &[String]) -> Result<Vec<Call>> {
        let mut whole = vec!["hedgerow".to_owned()];
        whole.extend_from_slice(argv);
        whole.extend(["--rpc-url".into(), self.rpc_url.clone()]);
        whole.extend(["--from".into(), self.sender.to_string()]);
        whole.extend(["--via".into(), "userop".into(), "--dry-run".into()]);
        whole.extend(["--deployments".into(), self.deployments.display().to_string()]);
        if let Some(shell) = self.shell {
            whole.extend(["--account".into(), shell.to_string()]);
        }
        let mut command = Cli::try_parse_from(&whole)
            .map_err(|error| refused(argv, error.render().to_string().trim()))?
            .command;
        let collector = sending::Collector::default();
        let args = send_args(&mut command).ok_or_else(|| {
            refused(
                argv,
                &format!("it is nothing that an account does by itself: use {KINDS}"),
            )
        })?;
        args.collector = Some(Arc::clone(&collector));
        Box::pin(Cli { command }.run()).await?;
        let calls = std::mem::take(&mut *Mutex::lock(&collector).unwrap_or_else(PoisonError::into_inner));
        let call = |call: crate::action::OwnCall| Call {
            to: call.account,
            value: U256::ZERO,
            data: call.data,
        };
        Ok(calls.into_iter().map(call).collect())
    }
}

fn refused(argv: &[String], why: &str) -> Error {
    Error::invalid("the action", argv.join(" "), why)
}

/// How a command sends, if it makes the account call itself.
fn send_args(command: &mut Command) -> Option<&mut sending::SendArgs> {
    Some(match command {
        Command::Rebalance(args) => &mut args.act.send,
        Command::Walk(args) => &mut args.act.send,
        Command::Exit(args) => &mut args.act.send,
        Command::Compound(args) | Command::Harvest(args) => &mut args.act.send,
        Command::Position(PositionCommand::Open(args)) => &mut args.act.send,
        Command::Position(PositionCommand::Convert(args)) => &mut args.act.send,
        Command::Policy(PolicyCommand::Set(args)) => &mut args.send,
        Command::Policy(PolicyCommand::Follow(args)) => &mut args.send,
        Command::Policy(PolicyCommand::Remove(args)) => &mut args.send,
        Command::Policy(PolicyCommand::Pause(args) | PolicyCommand::Unpause(args)) => &mut args.send,
        Command::Hedge(HedgeCommand::Open(args) | HedgeCommand::Adjust(args)) => &mut args.send,
        Command::Hedge(HedgeCommand::Close(args)) => &mut args.send,
        Command::Account(AccountCommand::Keys(KeysCommand::Add(args))) => &mut args.send,
        Command::Account(AccountCommand::Keys(KeysCommand::Revoke(args))) => &mut args.send,
        _ => return None,
    })
}
