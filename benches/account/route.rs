//! The ways in which a call reaches an account, and what each costs.

use crate::stage::Stage;
use alloy::{
    primitives::{Address, Bytes, U256},
    providers::ext::AnvilApi,
    rpc::types::TransactionReceipt,
    sol_types::{SolCall, SolEvent},
};
use hedgerow::{
    bindings::{
        IEntryPoint::{UserOperationRevertReason, getNonceCall, handleOpsCall},
        UserOperationEvent,
    },
    client::{Call, Transaction},
    delegation,
    error::{Error, Result},
    revert,
    user_operation::{ENTRY_POINT, UserOperation},
};
use serde::Serialize;

/// Until when the paymaster's signatures are good.
const VALID_UNTIL: u64 = 1 << 40;
/// As a bundler would ask for, and more than is needed.
const VERIFICATION_GAS: u128 = 60_000;
const PRE_VERIFICATION_GAS: u128 = 60_000;
/// Room above the gas that the operation's call was estimated at, in percent.
const MARGIN: u64 = 10;

/// Who sends, and what has gone before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Route {
    /// The owner's own transaction, which delegates too.
    Authorising,
    /// The owner's own transaction, delegated before.
    Delegated,
    /// `handleOps` with a paymaster, delegated before; the account's first operation.
    FirstOperation,
    /// The same; the account has had an operation before.
    LaterOperation,
}

impl Route {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::Authorising,
        Self::Delegated,
        Self::FirstOperation,
        Self::LaterOperation,
    ];

    /// What the tables call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Authorising => "self-call, with the authorisation",
            Self::Delegated => "self-call, delegated",
            Self::FirstOperation => "EntryPoint and paymaster, first operation",
            Self::LaterOperation => "EntryPoint and paymaster, steady",
        }
    }
}

/// What an account is to be given.
#[derive(Clone, Debug)]
pub struct Job {
    /// What the owner runs.
    pub delegate: Address,
    /// The call.
    pub call: Bytes,
    /// One that does nothing: the operation before the measured one.
    pub idle: Bytes,
    /// Whether operations name the delegate, so that their hash binds it.
    pub binding: bool,
}

/// What it cost.
#[derive(Clone, Debug)]
pub struct Cost {
    /// Gas of the transaction.
    pub gas: u64,
    /// Bytes of its calldata.
    pub calldata: usize,
    /// What the EntryPoint charged the paymaster, in gas.
    pub billed: Option<u64>,
    /// What happened.
    pub receipt: TransactionReceipt,
}

impl Stage {
    /// Sends the call by this route, and takes everything back.
    pub async fn cost(&self, route: Route, job: &Job) -> Result<Cost> {
        let snapshot = self.snapshot().await?;
        let cost = self.send(route, job).await;
        self.revert(snapshot).await?;
        cost
    }

    /// Sends the call by this route.
    pub async fn send(&self, route: Route, job: &Job) -> Result<Cost> {
        if route != Route::Authorising {
            self.delegate(job.delegate).await?;
        }
        match route {
            Route::Authorising | Route::Delegated => self.own(route, job).await,
            Route::FirstOperation | Route::LaterOperation => {
                // The owner has nothing to pay with.
                let (client, owner) = (&self.world.client, self.world.owner.address());
                let emptied = client.provider().anvil_set_balance(owner, U256::ZERO).await;
                emptied.map_err(|error| client.error("anvil_setBalance", error))?;
                if route == Route::LaterOperation {
                    self.operation(job, &job.idle).await?;
                }
                self.operation(job, &job.call).await
            }
        }
    }

    async fn own(&self, route: Route, job: &Job) -> Result<Cost> {
        let (client, owner) = (&self.world.client, &self.world.owner);
        let mut transaction = Transaction {
            to: Some(owner.address()),
            data: job.call.clone(),
            ..Transaction::default()
        };
        if route == Route::Authorising {
            // The transaction takes the nonce before it.
            let nonce = client.nonce(owner.address()).await? + 1;
            let signed = delegation::authorise(owner, client.chain_id(), job.delegate, nonce)?;
            transaction = transaction.with_authorization(signed);
        }
        let receipt = client.send(owner, transaction, route.name()).await?;
        Ok(Cost {
            gas: receipt.gas_used,
            calldata: job.call.len(),
            billed: None,
            receipt,
        })
    }

    async fn operation(&self, job: &Job, call: &Bytes) -> Result<Cost> {
        let (client, owner) = (&self.world.client, &self.world.owner);
        let nonce = getNonceCall {
            sender: owner.address(),
            key: Default::default(),
        };
        let request = Call {
            from: ENTRY_POINT,
            to: owner.address(),
            data: call.clone(),
            ..Call::default()
        };
        let estimate = client.estimate(request, "the operation's call").await?;
        let (max_fee_per_gas, max_priority_fee_per_gas) = client.fees().await?;
        let mut operation = UserOperation {
            sender: owner.address(),
            nonce: client.read(ENTRY_POINT, &nonce).await?,
            delegate: job.binding.then_some(job.delegate),
            call_data: call.clone(),
            call_gas_limit: u128::from(estimate + estimate * MARGIN / 100),
            verification_gas_limit: VERIFICATION_GAS,
            pre_verification_gas: PRE_VERIFICATION_GAS,
            max_fee_per_gas,
            max_priority_fee_per_gas,
            sponsor: None,
            signature: Bytes::new(),
        };
        self.paymaster.sponsor(&mut operation, VALID_UNTIL)?;
        operation.sign(owner, client.chain_id(), ENTRY_POINT)?;
        let call = handleOpsCall {
            ops: vec![operation.packed()],
            beneficiary: self.bundler.address(),
        };
        let receipt = client
            .send(&self.bundler, Transaction::call(ENTRY_POINT, &call), "the operation")
            .await?;
        Ok(Cost {
            gas: receipt.gas_used,
            calldata: call.abi_encode().len(),
            billed: Some(billed(&receipt)?),
            receipt,
        })
    }
}

/// What the EntryPoint charged for the one operation in the bundle; one that failed inside it is an error.
fn billed(receipt: &TransactionReceipt) -> Result<u64> {
    let logs = || receipt.inner.logs().iter().map(|log| &log.inner);
    let event = logs().find_map(|log| UserOperationEvent::decode_log(log).ok());
    match event {
        Some(event) if event.success => Ok(event.actualGasUsed.saturating_to()),
        _ => {
            let why = logs().find_map(|log| UserOperationRevertReason::decode_log(log).ok());
            let data = why.map(|event| event.data.revertReason).unwrap_or_default();
            Err(Error::Reverted {
                action: "the operation's call".into(),
                reason: revert::explain(&data),
                transaction: Some(receipt.transaction_hash),
                data,
            })
        }
    }
}
