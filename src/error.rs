//! What can go wrong, each with the value that was wrong and what to do about it; and the exit code that says which kind it was.

use alloy::primitives::{Address, B256, Bytes, U256};
use std::path::PathBuf;

/// The crate's result.
pub type Result<T, E = Error> = core::result::Result<T, E>;

/// A failure of the command. [`Error::exit_code`] sorts them for scripts.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A value given by the user cannot be used.
    #[error("{what} {value:?} cannot be used: {remedy}")]
    Invalid {
        /// What the value was meant to be.
        what: &'static str,
        /// The value as given.
        value: String,
        /// What is acceptable instead.
        remedy: String,
    },
    /// Something that has to be given was not.
    #[error("{what} is needed: {remedy}")]
    Missing {
        /// What is missing.
        what: &'static str,
        /// How to give it.
        remedy: String,
    },
    /// A built or installed file is not there.
    #[error("{} is missing: run scripts/setup, which installs and builds it (or set HEDGEROW_HOME to the project's folder)", path.display())]
    MissingArtifact {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// A file is there but does not hold what it should.
    #[error("{} cannot be used: {reason}", path.display())]
    BadFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A program does not fit into as many contracts as it may have.
    #[error(
        "the program {name:?} has {size} bytes compressed, more than the {limit} that four contracts hold: make it smaller"
    )]
    ProgramTooLarge {
        /// The program's name.
        name: String,
        /// Its compressed size.
        size: usize,
        /// The limit.
        limit: usize,
    },
    /// rustc's output could not be made into what a chain activates.
    #[error("the program {name:?} cannot be prepared for activation: {reason}")]
    BadProgram {
        /// The program's name.
        name: String,
        /// Why.
        reason: String,
    },
    /// The node serves another chain than expected.
    #[error(
        "the node serves chain {actual}, not {expected}: point --rpc-url at chain {expected}, or correct --chain-id"
    )]
    WrongChain {
        /// The chain asked for.
        expected: u64,
        /// The chain found.
        actual: u64,
    },
    /// The chain cannot do what is asked.
    #[error("chain {chain_id} {lacks}: {remedy}")]
    UnsuitableChain {
        /// The chain.
        chain_id: u64,
        /// What it lacks.
        lacks: String,
        /// What to do.
        remedy: String,
    },
    /// Nothing is deployed where something should be.
    #[error("there is no {what} at {address} on chain {chain_id}: {remedy}")]
    NotDeployed {
        /// What was expected.
        what: &'static str,
        /// Where.
        address: Address,
        /// On which chain.
        chain_id: u64,
        /// What to do.
        remedy: String,
    },
    /// The position manager knows no such token.
    #[error(
        "the position manager {manager} knows no position {token_id}: check the token id, --position-manager and --rpc-url"
    )]
    UnknownPosition {
        /// The position manager.
        manager: Address,
        /// The token id.
        token_id: U256,
    },
    /// A contract that is no pool of the factory, whatever it says.
    #[error(
        "{pool} is not a pool of the factory {factory}: its address does not follow from its tokens and fee. Check the pool's \
         address, and whether --position-manager is that exchange's"
    )]
    NotAPool {
        /// What was taken for a pool.
        pool: Address,
        /// The factory that should have made it.
        factory: Address,
    },
    /// A direct position that is not there, or holds nothing any more.
    #[error(
        "{owner} holds nothing in the pool {pool} between ticks {tick_lower} and {tick_upper}: check owner, pool and ticks \
         (`hedgerow position list` shows what there is)"
    )]
    NothingHeld {
        /// Whose position it would be.
        owner: Address,
        /// In which pool.
        pool: Address,
        /// Lower end of its range.
        tick_lower: i32,
        /// Upper end.
        tick_upper: i32,
    },
    /// A node that serves no logs, not even those of one block.
    #[error(
        "the node gives no logs, not even of block {block}: {reason}. Try another node with --rpc-url, begin later with \
         --from-block, or look without logs with --from-state --pool POOL"
    )]
    NoLogs {
        /// The block that was asked for.
        block: u64,
        /// What it said.
        reason: String,
    },
    /// A pool with too many ticks to try all ranges.
    #[error(
        "the pool {pool} has {ticks} initialised ticks, so {pairs} ranges would have to be asked for, more than {max_pairs}: \
         allow as many with --max-pairs {pairs}, or look by events, without --from-state"
    )]
    TooManyPairs {
        /// The pool.
        pool: Address,
        /// Its initialised ticks.
        ticks: usize,
        /// How many ranges they can make.
        pairs: u64,
        /// How many are allowed.
        max_pairs: u64,
    },
    /// A question was answered with no.
    #[error("nothing was sent, as you wished")]
    Declined,
    /// The position belongs to someone else.
    #[error("position {token_id} belongs to {owner}, not to {account}: use the owner's key")]
    NotOwner {
        /// The token id.
        token_id: U256,
        /// Who owns it.
        owner: Address,
        /// Whose key was given.
        account: Address,
    },
    /// An EOA already runs somebody else's code.
    #[error(
        "{account} is delegated to {current}, not to {wanted}: look at what it is, then `hedgerow delegate --replace` or `hedgerow undelegate`"
    )]
    DelegatedElsewhere {
        /// The EOA.
        account: Address,
        /// Its delegate now.
        current: Address,
        /// The delegate it should have.
        wanted: Address,
    },
    /// The sender cannot pay.
    #[error("{account} has {balance} wei and needs {needed} wei for {what}: fund it, or have it sponsored")]
    InsufficientFunds {
        /// Who pays.
        account: Address,
        /// What it has.
        balance: U256,
        /// What it needs.
        needed: U256,
        /// For what.
        what: String,
    },
    /// A call or transaction was refused by the chain before or after it was sent.
    #[error("{action} reverted: {reason}{}", transaction.map(|hash| format!(" (transaction {hash})")).unwrap_or_default())]
    Reverted {
        /// What was tried.
        action: String,
        /// The revert reason, decoded where its error is known.
        reason: String,
        /// The transaction, when one was sent.
        transaction: Option<B256>,
        /// The raw revert data.
        data: Bytes,
    },
    /// A policy that does not act at this moment.
    #[error("the policy does not act now: {reason}")]
    NotNow {
        /// Why not.
        reason: String,
    },
    /// Some of several things could not be done; each was told.
    #[error("{what} is incomplete: {failed} could not be seen to, as told above")]
    Incomplete {
        /// What was done.
        what: &'static str,
        /// How many of it failed.
        failed: usize,
    },
    /// The chain did something other than it should have.
    #[error("{what}: expected {expected}, found {found}")]
    Mismatch {
        /// What was compared.
        what: String,
        /// What should be.
        expected: String,
        /// What is.
        found: String,
    },
    /// No node, or one that broke off.
    #[error("no answer from the node at {url}: {reason}. Start one with `hedgerow devnode`, or give --rpc-url")]
    Unreachable {
        /// Its address.
        url: String,
        /// What the transport said.
        reason: String,
    },
    /// The node answered, with an error.
    #[error("the node at {url} refused {action}: {reason}")]
    Node {
        /// Its address.
        url: String,
        /// What was asked.
        action: String,
        /// What it said.
        reason: String,
    },
    /// Sent, but not seen in a block in time.
    #[error(
        "a transaction {hash} was sent but is not in a block after {seconds} s: look for it before you send another"
    )]
    NotIncluded {
        /// The transaction or user operation.
        hash: B256,
        /// How long it was waited for.
        seconds: u64,
    },
    /// The embedded node failed.
    #[error("the devnode failed: {0}")]
    Devnode(String),
    /// A figure does not fit or exist.
    #[error("{what} cannot be computed: {reason}")]
    Maths {
        /// What was to be computed.
        what: &'static str,
        /// Why not.
        reason: String,
    },
    /// A key could not sign.
    #[error("signing failed: {0}")]
    Signer(#[from] alloy::signers::Error),
    /// The terminal or the file system failed.
    #[error("{what}: {source}")]
    Io {
        /// What was being done.
        what: String,
        /// The system's error.
        source: std::io::Error,
    },
}

impl Error {
    /// 1: the chain refused or contradicted; 2: bad input, nothing was sent; 3: no node, or it broke off.
    pub const fn exit_code(&self) -> u8 {
        match self {
            Self::Reverted { .. }
            | Self::NotNow { .. }
            | Self::Incomplete { .. }
            | Self::Mismatch { .. }
            | Self::Node { .. }
            | Self::NoLogs { .. }
            | Self::NotIncluded { .. }
            | Self::Devnode(_)
            | Self::Signer(_)
            | Self::Io { .. } => 1,
            Self::Unreachable { .. } => 3,
            _ => 2,
        }
    }

    /// An [`Error::Invalid`].
    pub fn invalid(what: &'static str, value: impl ToString, remedy: impl Into<String>) -> Self {
        Self::Invalid {
            what,
            value: value.to_string(),
            remedy: remedy.into(),
        }
    }

    /// An [`Error::Missing`].
    pub fn missing(what: &'static str, remedy: impl Into<String>) -> Self {
        Self::Missing {
            what,
            remedy: remedy.into(),
        }
    }

    /// An [`Error::BadFile`].
    pub fn bad_file(path: impl Into<PathBuf>, reason: impl ToString) -> Self {
        Self::BadFile {
            path: path.into(),
            reason: reason.to_string(),
        }
    }

    /// Wraps an operating-system error with what was being done.
    pub fn io(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let what = what.into();
        move |source| Self::Io { what, source }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exit_codes_tell_bad_input_from_chain_and_from_transport() {
        assert_eq!(
            Error::invalid("the price", "0", "give a positive number").exit_code(),
            2
        );
        assert_eq!(Error::WrongChain { expected: 1, actual: 2 }.exit_code(), 2);
        let reverted = Error::Reverted {
            action: "a swap".into(),
            reason: "STF".into(),
            transaction: None,
            data: Bytes::new(),
        };
        assert_eq!(reverted.exit_code(), 1);
        assert_eq!(
            Error::Unreachable {
                url: "http://x".into(),
                reason: "refused".into()
            }
            .exit_code(),
            3
        );
    }
}
