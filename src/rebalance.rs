//! Plans a rebalance — reads, checks, simulates — and sends it, as the account's own transaction or as a user operation.

use crate::{
    bindings::{
        IEntryPoint::{UserOperationRevertReason, getNonceCall, handleOpsCall},
        IManager::{Limits, Rebalanced, rebalanceCall, rebalanceReturn},
        UserOperationEvent,
    },
    client::{Call, Client, Transaction},
    delegation::{self, Delegation},
    error::{Error, Result},
    paymaster::SigningPaymaster,
    position::Position,
    revert,
    user_operation::{ENTRY_POINT, UserOperation},
};
use alloy::{
    eips::eip7702::SignedAuthorization,
    primitives::{Address, B256, Bytes, U160, U256, aliases::I24, aliases::U24, uint},
    rpc::types::{
        TransactionReceipt,
        state::{StateOverride, StateOverridesBuilder},
    },
    signers::local::PrivateKeySigner,
    sol_types::{SolCall, SolEvent},
};

const MILLION: U256 = uint!(1_000_000_U256);

/// What the owner is willing to accept.
#[derive(Clone, Copy, Debug)]
pub struct Tolerance {
    /// Seconds of the time-weighted price that spot is held against; 0 leaves the guard out.
    pub twap_window: u32,
    /// Ticks that spot may be away from it.
    pub max_tick_deviation: u32,
    /// How much less than simulated the new liquidity and the amounts withdrawn may be, in millionths.
    pub slippage_millionths: u32,
    /// Seconds from now until it may no longer run.
    pub lifetime: u64,
}

impl Default for Tolerance {
    /// Five minutes of time-weighted price, about one percent from it, half a percent of slippage, ten minutes.
    fn default() -> Self {
        Self {
            twap_window: 300,
            max_tick_deviation: 100,
            slippage_millionths: 5_000,
            lifetime: 600,
        }
    }
}

/// A rebalance that the chain would accept now.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The position as it is.
    pub position: Position,
    /// The account that owns it.
    pub account: Address,
    /// The shell that the account runs, or will.
    pub shell: Address,
    /// Whether it runs the shell already.
    pub delegated: bool,
    /// The range to move to.
    pub tick_lower: i32,
    /// Its upper end.
    pub tick_upper: i32,
    /// The limits that the call carries.
    pub limits: Limits,
    /// What the call would return now.
    pub expected: rebalanceReturn,
    /// The chain's time when it was planned.
    pub timestamp: u64,
}

impl Plan {
    /// Reads the position, refuses what cannot work, and simulates the call with the account's code as it will be.
    pub async fn make(
        client: &Client,
        account: Address,
        shell: Address,
        position: Position,
        range: (i32, i32),
        tolerance: Tolerance,
    ) -> Result<Self> {
        let (tick_lower, tick_upper) = check_range(&position, range)?;
        check_position(&position, account)?;
        let delegated = Delegation::of(client, account).await?.require(account, shell)?;
        delegation::require_working_shell(client, shell).await?;
        let (_, timestamp) = client.latest().await?;
        let (amount0, amount1) = position.withdrawable()?;
        let limits = Limits {
            twapWindow: tolerance.twap_window,
            maxTickDeviation: U24::try_from(tolerance.max_tick_deviation).map_err(|_| {
                Error::invalid(
                    "--max-tick-deviation",
                    tolerance.max_tick_deviation,
                    "give at most 16777215",
                )
            })?,
            minLiquidity: 0,
            amount0Min: less(amount0, tolerance.slippage_millionths),
            amount1Min: less(amount1, tolerance.slippage_millionths),
            deadline: U256::from(timestamp.saturating_add(tolerance.lifetime)),
            entrySqrtPriceX96: U160::ZERO,
        };
        let mut plan = Self {
            position,
            account,
            shell,
            delegated,
            tick_lower,
            tick_upper,
            limits,
            expected: rebalanceReturn {
                id: U256::ZERO,
                liquidity: 0,
                amount0: U256::ZERO,
                amount1: U256::ZERO,
            },
            timestamp,
        };
        plan.expected = plan.simulate(client).await?;
        let least = less(U256::from(plan.expected.liquidity), tolerance.slippage_millionths);
        plan.limits.minLiquidity = least.saturating_to();
        Ok(plan)
    }

    /// The call that the account is to be given.
    pub fn call(&self) -> rebalanceCall {
        rebalanceCall {
            positionManager: self.position.source,
            tokenId: self.position.id,
            // Both ticks were checked against the pool's bounds, which are within 24 bits.
            tickLower: I24::try_from(self.tick_lower).unwrap_or_default(),
            tickUpper: I24::try_from(self.tick_upper).unwrap_or_default(),
            limits: self.limits.clone(),
        }
    }

    async fn simulate(&self, client: &Client) -> Result<rebalanceReturn> {
        let call = self.call();
        let request = Call {
            overrides: self.overrides(),
            ..Call::new(self.account, self.account, &call)
        };
        client
            .simulate_as("the rebalance (simulated, nothing was sent)", request, &call)
            .await
    }

    /// The account's code as it will be once the authorisation is processed.
    fn overrides(&self) -> Option<StateOverride> {
        let code = delegation::designator(self.shell);
        (!self.delegated).then(|| StateOverridesBuilder::default().with_code(self.account, code).build())
    }

    /// Sends it as the account's own transaction, which carries the authorisation if it is needed.
    pub async fn send_as_self(&self, client: &Client, signer: &PrivateKeySigner) -> Result<TransactionReceipt> {
        let mut transaction = Transaction::call(self.account, &self.call());
        if !self.delegated {
            // The transaction itself takes the account's next nonce first.
            let nonce = client.nonce(self.account).await? + 1;
            let signed = delegation::authorise(signer, client.chain_id(), self.shell, nonce)?;
            transaction = transaction.with_authorization(signed);
        }
        client.send(signer, transaction, "the rebalance").await
    }

    /// Builds and signs the user operation: the account's authorisation if needed, the paymaster's signature if there is one,
    /// the account's last.
    pub async fn user_operation(
        &self,
        client: &Client,
        signer: &PrivateKeySigner,
        paymaster: Option<&SigningPaymaster>,
    ) -> Result<SignedOperation> {
        let chain_id = client.chain_id();
        let authorization = if self.delegated {
            None
        } else {
            let nonce = client.nonce(self.account).await?;
            Some(delegation::authorise(signer, chain_id, self.shell, nonce)?)
        };
        let call_data: Bytes = self.call().abi_encode().into();
        let nonce_of = getNonceCall {
            sender: self.account,
            key: Default::default(),
        };
        let (max_fee_per_gas, max_priority_fee_per_gas) = client.fees().await?;
        let mut operation = UserOperation {
            sender: self.account,
            nonce: client.read(ENTRY_POINT, &nonce_of).await?,
            delegate: Some(self.shell),
            call_gas_limit: self.call_gas(client, &call_data).await?,
            call_data,
            verification_gas_limit: VERIFICATION_GAS,
            pre_verification_gas: 0,
            max_fee_per_gas,
            max_priority_fee_per_gas,
            sponsor: paymaster.map(SigningPaymaster::placeholder),
            signature: vec![0xff; 65].into(),
        };
        operation.pre_verification_gas = pre_verification_gas(client, &operation, authorization.is_some()).await?;
        if let Some(paymaster) = paymaster {
            paymaster.sponsor(&mut operation, self.limits.deadline.saturating_to())?;
        }
        let hash = operation.sign(signer, chain_id, ENTRY_POINT)?;
        Ok(SignedOperation {
            operation,
            hash,
            authorization,
        })
    }

    /// The manager's own event of the rebalance in a transaction.
    pub fn result(&self, receipt: &TransactionReceipt) -> Result<Rebalanced> {
        let events = receipt.inner.logs().iter().filter(|log| log.address() == self.account);
        let mut found = events.filter_map(|log| Rebalanced::decode_log(&log.inner).ok());
        found
            .find(|event| event.id == self.position.id)
            .map(|event| event.data)
            .ok_or_else(|| Error::Mismatch {
                what: format!("transaction {}", receipt.transaction_hash),
                expected: "a Rebalanced event".into(),
                found: "none".into(),
            })
    }

    async fn call_gas(&self, client: &Client, call_data: &Bytes) -> Result<u128> {
        let request = Call {
            from: ENTRY_POINT,
            to: self.account,
            data: call_data.clone(),
            overrides: self.overrides(),
            ..Call::default()
        };
        let estimate = client.estimate(request, "estimating the rebalance").await?;
        let inner = u128::from(estimate).saturating_sub(TRANSACTION_GAS + calldata_gas(call_data));
        Ok(inner + inner / 10)
    }
}

/// Gas for the account's validation: the shell checks one signature.
const VERIFICATION_GAS: u128 = 60_000;
/// What every transaction costs.
const TRANSACTION_GAS: u128 = 21_000;
/// What an authorisation costs.
const AUTHORIZATION_GAS: u128 = 25_000;
/// What the EntryPoint spends on a bundle of one that no limit of the operation covers.
const BUNDLE_GAS: u128 = 20_000;

/// A user operation ready to be sent.
#[derive(Clone, Debug)]
pub struct SignedOperation {
    /// The operation.
    pub operation: UserOperation,
    /// Its hash.
    pub hash: B256,
    /// The EIP-7702 authorisation that has to come with it.
    pub authorization: Option<SignedAuthorization>,
}

/// What became of a user operation.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The transaction that carried it.
    pub receipt: TransactionReceipt,
    /// What the EntryPoint charged, and to whom.
    pub event: UserOperationEvent,
}

impl Outcome {
    /// Who paid: the paymaster, or the account itself.
    pub fn payer(&self) -> Address {
        if self.event.paymaster.is_zero() {
            self.event.sender
        } else {
            self.event.paymaster
        }
    }
}

impl SignedOperation {
    /// Sends it through `handleOps` from an account that gets the fee back.
    pub async fn send_directly(&self, client: &Client, sender: &PrivateKeySigner) -> Result<Outcome> {
        let call = handleOpsCall {
            ops: vec![self.operation.packed()],
            beneficiary: sender.address(),
        };
        let mut transaction = Transaction::call(ENTRY_POINT, &call);
        transaction.authorizations.extend(self.authorization.clone());
        let receipt = client.send(sender, transaction, "the user operation").await?;
        self.outcome(receipt)
    }

    /// Finds the operation's event; an operation that reverted inside a bundle is an error with its reason.
    pub fn outcome(&self, receipt: TransactionReceipt) -> Result<Outcome> {
        let logs = || receipt.inner.logs().iter().map(|log| &log.inner);
        let event = logs()
            .filter_map(|log| UserOperationEvent::decode_log(log).ok())
            .find(|e| e.userOpHash == self.hash);
        let Some(event) = event else {
            return Err(Error::Mismatch {
                what: format!("the user operation of transaction {}", receipt.transaction_hash),
                expected: self.hash.to_string(),
                found: "no such event".into(),
            });
        };
        if event.success {
            return Ok(Outcome {
                event: event.data,
                receipt,
            });
        }
        let why = logs()
            .filter_map(|log| UserOperationRevertReason::decode_log(log).ok())
            .find(|e| e.userOpHash == self.hash);
        let data = why.map(|event| event.data.revertReason).unwrap_or_default();
        let reason = if data.is_empty() {
            "it ran out of gas or gave no reason".into()
        } else {
            revert::explain(&data)
        };
        Err(Error::Reverted {
            action: "the user operation".into(),
            reason,
            transaction: Some(receipt.transaction_hash),
            data,
        })
    }
}

/// Gas that the operation costs outside what its limits measure: the transaction, its calldata, the authorisation, the bundle's
/// loop, and on a chain that posts to another the share for that.
async fn pre_verification_gas(client: &Client, operation: &UserOperation, authorized: bool) -> Result<u128> {
    let data: Bytes = handleOpsCall {
        ops: vec![operation.packed()],
        beneficiary: ENTRY_POINT,
    }
    .abi_encode()
    .into();
    let authorization = if authorized { AUTHORIZATION_GAS } else { 0 };
    let posting = client.posting_gas(ENTRY_POINT, &data).await?;
    Ok(TRANSACTION_GAS + calldata_gas(&data) + authorization + BUNDLE_GAS + posting)
}

/// 4 gas for a zero byte, 16 for another (EIP-2028).
fn calldata_gas(data: &[u8]) -> u128 {
    data.iter().map(|byte| if *byte == 0 { 4 } else { 16 }).sum()
}

/// `amount`, less so many millionths, rounded down.
fn less(amount: U256, millionths: u32) -> U256 {
    let keep = MILLION.saturating_sub(U256::from(millionths));
    // Amounts of a uint128 position times a million stay far below 2^256.
    amount.saturating_mul(keep) / MILLION
}

fn check_range(position: &Position, (lower, upper): (i32, i32)) -> Result<(i32, i32)> {
    if hedgerow_core::tick::is_usable_range(lower, upper, position.tick_spacing) {
        return Ok((lower, upper));
    }
    let spacing = position.tick_spacing;
    let (least, most) = hedgerow_core::tick::usable_limits(spacing);
    let floor = |tick: i32| hedgerow_core::tick::floor_to_spacing(tick, spacing);
    let remedy = if lower >= upper {
        "it is empty: the lower tick must lie below the upper".to_owned()
    } else if lower < least || upper > most {
        format!("this pool's ticks go from {least} to {most}")
    } else {
        format!(
            "this pool's ticks are multiples of {spacing}, such as {} to {}",
            floor(lower),
            floor(upper) + spacing
        )
    };
    Err(Error::invalid("the range", format!("{lower} to {upper}"), remedy))
}

fn check_position(position: &Position, account: Address) -> Result<()> {
    if position.owner != account {
        return Err(Error::NotOwner {
            token_id: position.id,
            owner: position.owner,
            account,
        });
    }
    if position.liquidity == 0 {
        return Err(Error::invalid(
            "position",
            position.id,
            "it holds no liquidity, so there is nothing to move",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slippage_takes_off_the_given_share_rounded_down() {
        assert_eq!(less(U256::from(1_000_000), 5_000), U256::from(995_000));
        assert_eq!(less(U256::from(3), 5_000), U256::from(2));
        assert_eq!(less(U256::from(u128::MAX), 0), U256::from(u128::MAX));
    }

    #[test]
    fn calldata_costs_as_eip_2028_says() {
        assert_eq!(calldata_gas(&[0, 0, 1]), 24);
    }
}
