//! How a running program reaches the chain: a host function leaves a request, the fiber suspends, the frame loop answers
//! it — at once, or after running the frame that the request asks for — and the fiber goes on with the reply.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use alloy::primitives::{Address, B256, Bytes, U256};
use revm::interpreter::CallScheme;

/// What a program wants from the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// A slot of the acting account.
    LoadStorage(B256),
    /// Writes slots of the acting account with at most `gas`.
    StoreStorage {
        /// Keys and new values.
        slots: Vec<(B256, B256)>,
        /// Gas that the program has left.
        gas: u64,
    },
    /// A transient slot.
    LoadTransient(B256),
    /// Writes a transient slot.
    StoreTransient(B256, B256),
    /// Calls `to`.
    Call {
        /// Call, delegate call or static call.
        scheme: CallScheme,
        /// Whose code runs.
        to: Address,
        /// Wei sent along.
        value: U256,
        /// Call data.
        input: Bytes,
        /// Gas that the program has left.
        gas_left: u64,
        /// Gas that it wants to pass on, not more than it has.
        gas_wanted: u64,
    },
    /// Creates a contract.
    Create {
        /// Init code.
        code: Bytes,
        /// Wei sent along.
        value: U256,
        /// The salt, for `create2`.
        salt: Option<U256>,
        /// Gas that the program has left.
        gas_left: u64,
    },
    /// Emits a log.
    Log {
        /// Up to four topics.
        topics: Vec<B256>,
        /// The data.
        data: Bytes,
    },
    /// The balance of an account.
    Balance(Address),
    /// The code of an account, if `gas` covers the access.
    Code {
        /// The account.
        address: Address,
        /// Gas that the program has left.
        gas: u64,
    },
    /// The code hash of an account.
    CodeHash(Address),
    /// Opens memory pages.
    AddPages(u16),
}

/// The chain's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// A word and the gas that reading it costs.
    Word(B256, u64),
    /// Code and the gas that reading it costs.
    Code(Bytes, u64),
    /// Done, for this much gas.
    Done(u64),
    /// There was not enough gas.
    OutOfGas,
    /// Not allowed: the frame is static, or the request makes no sense.
    Refused(&'static str),
    /// A call ended.
    Called {
        /// Whether it succeeded.
        success: bool,
        /// What it returned.
        output: Bytes,
        /// What it cost.
        gas: u64,
    },
    /// A create ended.
    Created {
        /// The new contract, zero if there is none.
        address: Address,
        /// What a reverting init code returned.
        output: Bytes,
        /// What it cost.
        gas: u64,
    },
}

#[derive(Debug, Default)]
struct Slots {
    request: Option<Request>,
    reply: Option<Reply>,
}

/// The two slots through which a program and the frame loop talk. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Exchange(Arc<Mutex<Slots>>);

impl Exchange {
    fn slots(&self) -> MutexGuard<'_, Slots> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The program's side: leaves `request` and waits for the reply.
    pub fn ask(&self, request: Request) -> impl Future<Output = Reply> + Send + 'static {
        Asking {
            exchange: self.clone(),
            request: Some(request),
        }
    }

    /// The loop's side: takes what the program asked.
    pub fn take_request(&self) -> Option<Request> {
        self.slots().request.take()
    }

    /// The loop's side: answers.
    pub fn reply(&self, reply: Reply) {
        self.slots().reply = Some(reply);
    }
}

struct Asking {
    exchange: Exchange,
    request: Option<Request>,
}

impl Future for Asking {
    type Output = Reply;

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Reply> {
        let request = self.request.take();
        let mut slots = self.exchange.slots();
        if request.is_some() {
            slots.request = request;
            return Poll::Pending;
        }
        match slots.reply.take() {
            Some(reply) => Poll::Ready(reply),
            None => Poll::Pending,
        }
    }
}
