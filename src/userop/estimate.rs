//! Gas limits where no bundler says them: by asking a node what happens.
//!
//! - The call: `eth_estimateGas` of what the EntryPoint calls the account with, the sender's code overridden with its delegate where it is
//!   not delegated yet; less what a transaction costs by itself. A node enters a program as cold as the operation will, so the Stylus
//!   programs' entry is in it. A tenth is added, because state moves on.
//! - Validations: the least limits with which `handleOps`, called without being sent, gets past them, searched by halving. A stub for the
//!   signature is refused only after everything was paid for (AA24, AA34), and costs what a true one does. A tenth is added to each.
//! - What no contract measures: a transaction, its calldata (EIP-2028), the authorisation, the bundle's own loop, and on a chain that
//!   posts to another the share for that.

use super::file::OperationFile;
use crate::{
    action::operation::{TRANSACTION_GAS, calldata_gas, pre_verification_gas},
    bindings::IEntryPoint::{FailedOp, FailedOpWithRevert, handleOpsCall},
    bundler::GasEstimate,
    client::{Call, Client},
    delegation,
    error::{Error, Result},
    user_operation::UserOperation,
};
use alloy::{
    primitives::{Address, U256},
    rpc::types::state::{AccountOverride, StateOverride},
    sol_types::SolError,
};

/// Limits that no validation needs.
const AMPLE: u128 = 5_000_000;
/// How far the search may stay off.
const PRECISION: u128 = 250;
/// What is added to what was found: a part of it.
const MARGIN: u128 = 10;
/// Who calls `handleOps`, which takes no contract: nobody.
const NOBODY: Address = Address::repeat_byte(0xe0);
/// What the EntryPoint says of an operation whose gas sufficed: a signature that is not (yet) accepted, or not at this time.
const PAST_VALIDATION: [&str; 4] = ["AA22", "AA24", "AA32", "AA34"];

/// Finds the gas limits of an operation.
pub async fn by_simulation(client: &Client, file: &OperationFile) -> Result<GasEstimate> {
    let operation = &file.operation;
    let call = call_gas(client, file).await?;
    let search = Search {
        client,
        file,
        overrides: overrides(file),
    };
    let mut trial = search.trial();
    // What refuses ample gas refuses for another reason, which is told.
    search.attempt(&trial).await?;
    trial.verification_gas_limit = search
        .least(&trial, |trial, gas| trial.verification_gas_limit = gas)
        .await?;
    let verification = trial.verification_gas_limit;
    let mut paymaster_verification = None;
    if trial.sponsor.is_some() {
        let least = search.least(&trial, |trial, gas| {
            if let Some(sponsor) = &mut trial.sponsor {
                sponsor.verification_gas_limit = gas;
            }
        });
        paymaster_verification = Some(with_margin(least.await?));
    }
    let mut sized = operation.clone();
    (sized.call_gas_limit, sized.verification_gas_limit) = (call, with_margin(verification));
    let pre_verification = pre_verification_gas(client, &sized, file.authorization.is_some()).await?;
    Ok(GasEstimate {
        call,
        verification: with_margin(verification),
        pre_verification,
        paymaster_verification,
        paymaster_post_op: None,
    })
}

const fn with_margin(gas: u128) -> u128 {
    gas + gas / MARGIN
}

async fn call_gas(client: &Client, file: &OperationFile) -> Result<u128> {
    let operation = &file.operation;
    if operation.call_data.is_empty() {
        return Ok(0);
    }
    let request = Call {
        from: file.entry_point,
        to: operation.sender,
        data: operation.call_data.clone(),
        overrides: Some(overrides(file)),
        ..Call::default()
    };
    let estimate = client.estimate(request, "the operation's calls (simulated)").await?;
    let intrinsic = TRANSACTION_GAS + calldata_gas(&operation.call_data);
    Ok(with_margin(u128::from(estimate).saturating_sub(intrinsic)))
}

/// The sender's code as the authorisation will leave it.
fn overrides(file: &OperationFile) -> StateOverride {
    let mut overrides = StateOverride::default();
    if let Some(carried) = &file.authorization {
        let code = delegation::designator(carried.terms.address);
        overrides.insert(
            file.operation.sender,
            AccountOverride {
                code: Some(code.into()),
                ..AccountOverride::default()
            },
        );
    }
    overrides
}

struct Search<'a> {
    client: &'a Client,
    file: &'a OperationFile,
    overrides: StateOverride,
}

impl Search<'_> {
    /// The operation with ample gas for its validations and none for its call, so that only they are tried. With a paymaster the gas is
    /// almost free, so that ample gas does not ask for more than its deposit. Without one its price is the real one, because the account
    /// pays in its validation.
    fn trial(&self) -> UserOperation {
        let mut trial = self.file.operation.clone();
        trial.call_gas_limit = 0;
        trial.pre_verification_gas = 0;
        trial.verification_gas_limit = AMPLE;
        if let Some(sponsor) = &mut trial.sponsor {
            sponsor.verification_gas_limit = AMPLE;
            (trial.max_fee_per_gas, trial.max_priority_fee_per_gas) = (1, 1);
        }
        trial
    }

    /// Calls `handleOps` with it, without sending. Fine is what only its signature stands in the way of.
    async fn attempt(&self, trial: &UserOperation) -> Result<()> {
        let call = handleOpsCall {
            ops: vec![trial.packed()],
            beneficiary: NOBODY,
        };
        let mut overrides = self.overrides.clone();
        if trial.sponsor.is_none() {
            // What it pays with is not the question here; whether it has that is found out when it is sent.
            overrides.entry(trial.sender).or_default().balance = Some(U256::from(u128::MAX));
        }
        let request = Call {
            overrides: Some(overrides),
            ..Call::new(NOBODY, self.file.entry_point, &call)
        };
        match self
            .client
            .call(request, "the operation's validation (simulated)")
            .await
        {
            Err(Error::Reverted { data, .. }) if past_validation(&data) => Ok(()),
            other => other.map(|_| ()),
        }
    }

    /// The least gas that `set` can give it.
    async fn least(&self, trial: &UserOperation, set: impl Fn(&mut UserOperation, u128)) -> Result<u128> {
        let (mut short, mut enough) = (0, AMPLE);
        while enough - short > PRECISION {
            let gas = short.midpoint(enough);
            let mut trial = trial.clone();
            set(&mut trial, gas);
            match self.attempt(&trial).await {
                Ok(()) => enough = gas,
                Err(Error::Reverted { .. }) => short = gas,
                Err(other) => return Err(other),
            }
        }
        Ok(enough)
    }
}

fn past_validation(data: &[u8]) -> bool {
    let reason = FailedOp::abi_decode(data)
        .map(|error| error.reason)
        .or_else(|_| FailedOpWithRevert::abi_decode(data).map(|error| error.reason));
    reason.is_ok_and(|reason| PAST_VALIDATION.iter().any(|code| reason.starts_with(code)))
}
