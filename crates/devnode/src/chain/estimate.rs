//! The least gas limit that lets a transaction through, found as geth finds it but to the last unit.

use alloy::rpc::types::TransactionRequest;
use revm::{context::TxEnv, context::result::ExecutionResult};

use super::{
    call::{CALL_GAS_CAP, CallError, call_env, failure, offered_price},
    config::TX_COMPUTE_LIMIT,
    node::{Chain, Scene, affordable_gas},
    tx::TxError,
};

/// Gas that a transaction without data to an account without code uses.
const PLAIN_TRANSFER: u64 = 21_000;

/// Gas that a call with value gives its callee on top.
const CALL_STIPEND: u64 = 2_300;

/// The least gas limit with which the transaction succeeds, to the unit: one less fails.
///
/// A call keeps a 64th of the gas from its callee, so the limit can lie well above what is used; the search is therefore
/// by running, between what the transaction used when given plenty and a guess of that plus a 63rd.
///
/// # Errors
/// The transaction fails whatever the gas: its revert data, or the gas that its sender could pay for.
pub fn estimate(chain: &Chain, scene: &Scene, request: &TransactionRequest) -> Result<u64, CallError> {
    let probe = Probe { chain, scene, request };
    let mut high = probe.ceiling()?;
    if probe.is_plain_transfer() && matches!(probe.run(PLAIN_TRANSFER), Ok(ExecutionResult::Success { .. })) {
        return Ok(PLAIN_TRANSFER);
    }
    let result = match probe.run(high) {
        Err(CallError::Refused(TxError::IntrinsicGas { .. })) => return Err(CallError::GasAllowance(high)),
        other => other?,
    };
    let ExecutionResult::Success { gas, .. } = &result else {
        return Err(match result {
            ExecutionResult::Halt {
                reason: revm::context::result::HaltReason::OutOfGas(_),
                ..
            } => CallError::GasAllowance(high),
            failed => failure(failed),
        });
    };
    let mut low = gas.tx_gas_used().saturating_sub(1);
    let guess = (gas.total_gas_spent() + CALL_STIPEND).saturating_mul(64) / 63;
    if guess < high && guess > low {
        if probe.succeeds(guess)? {
            high = guess;
        } else {
            low = guess;
        }
    }
    while low + 1 < high {
        // Most transactions sit near the low end: geth skews its first steps there too.
        let middle = (low + (high - low) / 2).min(low.saturating_mul(2).max(low + 1));
        if probe.succeeds(middle)? {
            high = middle;
        } else {
            low = middle;
        }
    }
    Ok(high)
}

struct Probe<'a> {
    chain: &'a Chain,
    scene: &'a Scene,
    request: &'a TransactionRequest,
}

impl Probe<'_> {
    /// The highest limit to try: what the request says, what a transaction may compute with, what its sender can pay.
    fn ceiling(&self) -> Result<u64, CallError> {
        let cap = if self.chain.config().arbos_version >= 50 {
            TX_COMPUTE_LIMIT
        } else {
            CALL_GAS_CAP
        };
        let high = self
            .request
            .gas
            .filter(|gas| *gas >= PLAIN_TRANSFER)
            .unwrap_or(cap)
            .min(cap);
        let sender = self.request.from.unwrap_or_default();
        let (balance, value) = (self.scene.state.balance(sender), self.request.value.unwrap_or_default());
        let price = offered_price(self.request);
        if price > 0 && balance < value {
            return Err(TxError::Funds {
                address: sender,
                have: balance,
                want: value,
            }
            .into());
        }
        Ok(affordable_gas(balance, value, price).map_or(high, |gas| gas.min(high)))
    }

    fn is_plain_transfer(&self) -> bool {
        let request = self.request;
        let no_data = request.input.input().is_none_or(|data| data.is_empty());
        let no_lists = request.access_list.is_none() && request.authorization_list.is_none();
        let to_code = request
            .to
            .and_then(|to| to.into_to())
            .map(|to| self.scene.state.code(to));
        no_data && no_lists && to_code.is_some_and(|code| code.is_empty())
    }

    fn env(&self, gas: u64) -> Result<TxEnv, CallError> {
        call_env(self.chain, self.scene, self.request, gas)
    }

    fn run(&self, gas: u64) -> Result<ExecutionResult, CallError> {
        Ok(self.chain.simulate(self.scene, self.env(gas)?)?.0)
    }

    /// Whether this limit is enough. Too little for the transaction's own bytes is a "no", not an error.
    fn succeeds(&self, gas: u64) -> Result<bool, CallError> {
        match self.run(gas) {
            Ok(result) => Ok(result.is_success()),
            Err(CallError::Refused(TxError::IntrinsicGas { .. })) => Ok(false),
            Err(other) => Err(other),
        }
    }
}
