//! The handle to a running devnode.

use std::{
    net::SocketAddr,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, mpsc},
    thread,
};

use alloy::primitives::Address;
use serde_json::Value;
use tokio::sync::oneshot;

use crate::{
    chain::node::Chain,
    config::Config,
    error::Error,
    rpc::{
        Service,
        error::RpcError,
        failure,
        http::{self, Server},
        transport::InProcess,
    },
};

/// Stack of the thread that executes: compiling and running programs must not depend on a caller's stack.
const STACK: usize = 64 * 1024 * 1024;

/// What the chain's thread is asked. Whoever asked takes the answer, and may have gone.
enum Job {
    Answer {
        message: Value,
        deliver: Box<dyn FnOnce(Value) + Send>,
    },
    Copy(mpsc::SyncSender<Chain>),
    Twin(mpsc::SyncSender<Service>),
}

/// A running devnode. Clones are handles to the same chain, which ends with the last of them.
#[derive(Clone, Debug)]
pub struct Devnode {
    jobs: mpsc::Sender<Job>,
    accounts: Arc<[Address]>,
}

impl Devnode {
    /// Starts a chain at block 0, on a thread of its own.
    ///
    /// # Errors
    /// A mnemonic that is none, or no thread to be had.
    pub fn new(config: Config) -> Result<Self, Error> {
        Self::run(Service::new(config)?)
    }

    fn run(mut service: Service) -> Result<Self, Error> {
        let accounts = service.wallet_accounts().into();
        let (jobs, queue) = mpsc::channel::<Job>();
        let run = move || {
            for job in queue {
                match job {
                    Job::Answer { message, deliver } => deliver(answer(&mut service, message)),
                    Job::Copy(sender) => drop(sender.send(service.chain().clone())),
                    Job::Twin(sender) => drop(sender.send(service.twin())),
                }
            }
        };
        thread::Builder::new()
            .name("devnode".to_owned())
            .stack_size(STACK)
            .spawn(run)
            .map_err(Error::Thread)?;
        Ok(Self { jobs, accounts })
    }

    /// The funded development accounts, in order.
    pub fn accounts(&self) -> &[Address] {
        &self.accounts
    }

    /// Answers one JSON-RPC request or batch, blocking until it is done. Needs no async runtime, and may be called inside one.
    pub fn handle(&self, message: Value) -> Value {
        let (sender, receiver) = mpsc::sync_channel(1);
        self.submit(message, Box::new(move |answer| drop(sender.send(answer))));
        receiver.recv().unwrap_or_else(|_| gone())
    }

    /// As [`Self::handle`], without blocking.
    pub async fn request(&self, message: Value) -> Value {
        let (sender, receiver) = oneshot::channel();
        self.submit(message, Box::new(move |answer| drop(sender.send(answer))));
        receiver.await.unwrap_or_else(|_| gone())
    }

    /// If the chain is gone the job is dropped here, and with it the sender that the caller waits on.
    fn submit(&self, message: Value, deliver: Box<dyn FnOnce(Value) + Send>) {
        let _ = self.jobs.send(Job::Answer { message, deliver });
    }

    /// A copy of the chain as it is now, to be driven without JSON-RPC (`chain::evm::transact` on its state); cheap, and nothing
    /// that is done to it comes back here.
    ///
    /// # Errors
    /// The devnode has stopped.
    pub fn copy(&self) -> Result<Chain, Error> {
        let (sender, receiver) = mpsc::sync_channel(1);
        let _ = self.jobs.send(Job::Copy(sender));
        receiver.recv().map_err(|_| Error::Stopped)
    }

    /// A devnode of its own with the same accounts, whose chain begins as this one's is now; cheap, and nothing that is done to
    /// either comes to the other. Filters are not taken along.
    ///
    /// # Errors
    /// The devnode has stopped, or no thread is to be had.
    pub fn twin(&self) -> Result<Self, Error> {
        let (sender, receiver) = mpsc::sync_channel(1);
        let _ = self.jobs.send(Job::Twin(sender));
        Self::run(receiver.recv().map_err(|_| Error::Stopped)?)
    }

    /// An alloy transport that runs in this process.
    pub fn transport(&self) -> InProcess {
        InProcess::new(self.clone())
    }

    /// Serves HTTP (`POST /`) until the server is dropped.
    ///
    /// # Errors
    /// The address cannot be bound.
    pub fn serve(&self, addr: SocketAddr) -> Result<Server, Error> {
        http::serve(self.clone(), addr)
    }
}

/// A fault while answering one request must not take the chain with it.
fn answer(service: &mut Service, message: Value) -> Value {
    let id = message.get("id").cloned().unwrap_or(Value::Null);
    catch_unwind(AssertUnwindSafe(|| service.handle(message))).unwrap_or_else(|_| {
        failure(
            id,
            &RpcError::internal("the devnode failed on this request; its log says where"),
        )
    })
}

fn gone() -> Value {
    failure(Value::Null, &RpcError::internal("the devnode has stopped"))
}
