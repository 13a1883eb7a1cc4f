//! Transactions on their way in: decoding, recovering the sender, the checks that come before execution, and the form
//! that the EVM takes.

use alloy::{
    consensus::{
        Transaction, TxEnvelope, Typed2718,
        transaction::{Recovered, SignerRecoverable},
    },
    eips::Decodable2718,
    primitives::{Address, Bytes, U256},
};
use revm::{
    context::{
        TxEnv,
        either::Either,
        result::{EVMError, InvalidTransaction},
    },
    context_interface::transaction::AccessList,
};

use super::state::State;

/// Why a transaction is refused. Nothing is mined then. The wording is geth's, because clients match on it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TxError {
    /// The bytes are no transaction.
    #[error("rlp: {0}")]
    Undecodable(String),
    /// Blob transactions do not exist on Arbitrum.
    #[error("transaction type not supported: blob transactions (type 3) do not exist on Arbitrum")]
    Blob,
    /// The signature recovers to nobody.
    #[error("invalid sender: {0}")]
    Signature(String),
    /// Signed for another chain.
    #[error("invalid chain id for signer: have {have} want {want}")]
    ChainId {
        /// The transaction's chain id.
        have: u64,
        /// This chain's id.
        want: u64,
    },
    /// The nonce was used before.
    #[error("nonce too low: address {address}, tx: {have} state: {want}")]
    NonceTooLow {
        /// The sender.
        address: Address,
        /// The transaction's nonce.
        have: u64,
        /// The next nonce of the sender.
        want: u64,
    },
    /// Nonces between are missing; there is no pool to wait in.
    #[error("nonce too high: address {address}, tx: {have} state: {want}")]
    NonceTooHigh {
        /// The sender.
        address: Address,
        /// The transaction's nonce.
        have: u64,
        /// The next nonce of the sender.
        want: u64,
    },
    /// The price offered is below the base fee.
    #[error("max fee per gas less than block base fee: address {address}, maxFeePerGas: {have}, baseFee: {want}")]
    FeeTooLow {
        /// The sender.
        address: Address,
        /// What the transaction offers, wei per gas.
        have: u128,
        /// The base fee, wei per gas.
        want: u64,
    },
    /// The tip alone is above the whole price.
    #[error(
        "max priority fee per gas higher than max fee per gas: address {address}, maxPriorityFeePerGas: {tip}, maxFeePerGas: {max}"
    )]
    TipAboveFee {
        /// The sender.
        address: Address,
        /// The tip, wei per gas.
        tip: u128,
        /// The whole price, wei per gas.
        max: u128,
    },
    /// The sender cannot pay.
    #[error("insufficient funds for gas * price + value: address {address} have {have} want {want}")]
    Funds {
        /// The sender.
        address: Address,
        /// Its balance in wei.
        have: U256,
        /// What the transaction could cost, in wei.
        want: U256,
    },
    /// The sender has code that is not a delegation (EIP-3607).
    #[error("sender not an eoa: address {0} has code that is not an EIP-7702 delegation")]
    NotAnEoa(Address),
    /// The gas limit does not even pay for the transaction's own bytes.
    #[error("intrinsic gas too low: have {have}, want {want}")]
    IntrinsicGas {
        /// The transaction's gas limit.
        have: u64,
        /// Its intrinsic gas.
        want: u64,
    },
    /// What else the EVM refuses.
    #[error("{0}")]
    Invalid(String),
}

/// Decodes a signed transaction of type 0, 1, 2 or 4 and recovers its sender.
pub fn decode(raw: &Bytes) -> Result<Recovered<TxEnvelope>, TxError> {
    if raw.first() == Some(&3) {
        return Err(TxError::Blob);
    }
    let mut rest: &[u8] = raw;
    let tx = TxEnvelope::decode_2718(&mut rest).map_err(|error| TxError::Undecodable(error.to_string()))?;
    if !rest.is_empty() {
        return Err(TxError::Undecodable(format!(
            "{} bytes follow the transaction",
            rest.len()
        )));
    }
    let sender = tx
        .recover_signer()
        .map_err(|error| TxError::Signature(error.to_string()))?;
    Ok(Recovered::new_unchecked(tx, sender))
}

/// The checks that Nitro makes before a transaction enters a block, in its order.
pub fn validate(tx: &Recovered<TxEnvelope>, state: &State, chain_id: u64, base_fee: u64) -> Result<(), TxError> {
    let address = tx.signer();
    if let Some(have) = tx.chain_id()
        && have != chain_id
    {
        return Err(TxError::ChainId { have, want: chain_id });
    }
    let (have, want) = (tx.nonce(), state.nonce(address));
    if have < want {
        return Err(TxError::NonceTooLow { address, have, want });
    }
    if have > want {
        return Err(TxError::NonceTooHigh { address, have, want });
    }
    let code = state.code(address);
    if !code.is_empty() && !code.starts_with(&[0xef, 0x01, 0x00]) {
        return Err(TxError::NotAnEoa(address));
    }
    let max = tx.max_fee_per_gas();
    if let Some(tip) = tx.max_priority_fee_per_gas()
        && tip > max
    {
        return Err(TxError::TipAboveFee { address, tip, max });
    }
    if max < u128::from(base_fee) {
        return Err(TxError::FeeTooLow {
            address,
            have: max,
            want: base_fee,
        });
    }
    let have = state.balance(address);
    let want = U256::from(tx.gas_limit())
        .saturating_mul(U256::from(max))
        .saturating_add(tx.value());
    if have < want {
        return Err(TxError::Funds { address, have, want });
    }
    Ok(())
}

/// The transaction as the EVM takes it. The price is the base fee, whatever the sender offers above it: Arbitrum drops
/// tips. Call after [`validate`], which has seen the sender's own figures.
pub fn env(tx: &Recovered<TxEnvelope>, base_fee: u64) -> TxEnv {
    TxEnv {
        tx_type: tx.ty(),
        caller: tx.signer(),
        gas_limit: tx.gas_limit(),
        gas_price: u128::from(base_fee),
        kind: tx.kind(),
        value: tx.value(),
        data: tx.input().clone(),
        nonce: tx.nonce(),
        chain_id: tx.chain_id(),
        access_list: tx.access_list().cloned().unwrap_or_else(|| AccessList(Vec::new())),
        gas_priority_fee: tx.max_priority_fee_per_gas().map(|_| 0),
        blob_hashes: Vec::new(),
        max_fee_per_blob_gas: 0,
        authorization_list: tx
            .authorization_list()
            .unwrap_or_default()
            .iter()
            .cloned()
            .map(Either::Left)
            .collect(),
    }
}

/// Geth's words for what the EVM itself refuses.
pub fn refusal<E: std::fmt::Display>(error: EVMError<E>, sender: Address) -> TxError {
    match error {
        EVMError::Transaction(InvalidTransaction::CallGasCostMoreThanGasLimit { initial_gas, gas_limit }) => {
            TxError::IntrinsicGas {
                have: gas_limit,
                want: initial_gas,
            }
        }
        EVMError::Transaction(InvalidTransaction::GasFloorMoreThanGasLimit { gas_floor, gas_limit }) => {
            TxError::IntrinsicGas {
                have: gas_limit,
                want: gas_floor,
            }
        }
        EVMError::Transaction(InvalidTransaction::LackOfFundForMaxFee { fee, balance }) => TxError::Funds {
            address: sender,
            have: *balance,
            want: *fee,
        },
        EVMError::Transaction(InvalidTransaction::CreateInitCodeSizeLimit) => {
            TxError::Invalid("max initcode size exceeded".to_owned())
        }
        EVMError::Transaction(InvalidTransaction::CallerGasLimitMoreThanBlock) => {
            TxError::Invalid("exceeds block gas limit".to_owned())
        }
        EVMError::Transaction(other) => TxError::Invalid(other.to_string()),
        EVMError::Header(error) => TxError::Invalid(error.to_string()),
        EVMError::Database(error) => TxError::Invalid(error.to_string()),
        EVMError::Custom(error) => TxError::Invalid(error),
        EVMError::CustomAny(error) => TxError::Invalid(error.to_string()),
    }
}
