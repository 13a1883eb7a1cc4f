//! Calls that change nothing: from a request to the EVM's form, with overrides, and what a failed one says.

use alloy::{
    primitives::{Address, B256, Bytes, TxKind, U256},
    rpc::types::{BlockOverrides, TransactionRequest, state::StateOverride},
    sol_types::{Panic, Revert, SolError},
};
use revm::{
    context::{
        TxEnv,
        either::Either,
        result::{ExecutionResult, HaltReason},
    },
    context_interface::transaction::AccessList,
};

use super::{
    node::{Chain, Scene, UnknownBlock},
    node_interface::{self, NODE_INTERFACE},
    tx::TxError,
};

/// Gas that a call may use when it does not say, and at most: Nitro's default cap.
pub const CALL_GAS_CAP: u64 = 50_000_000;

/// Why a call has no result.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// The request contradicts itself or this chain.
    #[error("{0}")]
    BadRequest(String),
    /// The block is not there.
    #[error(transparent)]
    Block(#[from] UnknownBlock),
    /// The transaction may not run at all.
    #[error(transparent)]
    Refused(#[from] TxError),
    /// The code reverted; the data says why.
    #[error("execution reverted{}", reason(.0))]
    Reverted(Bytes),
    /// The code failed in another way.
    #[error("{0}")]
    Halted(String),
    /// No gas limit within reach lets it through.
    #[error("gas required exceeds allowance ({0})")]
    GasAllowance(u64),
}

/// `: text` when the revert data is `Error(string)` or `Panic(uint256)`, else nothing.
fn reason(data: &Bytes) -> String {
    if let Ok(revert) = Revert::abi_decode(data) {
        return format!(": {}", revert.reason);
    }
    Panic::abi_decode(data)
        .map(|panic| format!(": {panic}"))
        .unwrap_or_default()
}

/// Replaces parts of the state and the block that a call sees.
///
/// # Errors
/// An account with both `state` and `stateDiff`, a malformed delegation as code, a precompile that is to move.
pub fn apply_overrides(
    scene: &mut Scene,
    accounts: Option<StateOverride>,
    block: Option<BlockOverrides>,
) -> Result<(), CallError> {
    for (address, account) in accounts.unwrap_or_default() {
        if account.move_precompile_to.is_some() {
            return Err(CallError::BadRequest(format!(
                "{address}: movePrecompileToAddress is not supported"
            )));
        }
        if account.state.is_some() && account.state_diff.is_some() {
            return Err(CallError::BadRequest(format!(
                "account {address} has both 'state' and 'stateDiff'"
            )));
        }
        if let Some(balance) = account.balance {
            scene.state.set_balance(address, balance);
        }
        if let Some(nonce) = account.nonce {
            scene.state.set_nonce(address, nonce);
        }
        if let Some(code) = account.code {
            scene
                .state
                .set_code(address, code)
                .map_err(|error| CallError::BadRequest(format!("{address}: {error}")))?;
        }
        if account.state.is_some() {
            scene.state.clear_storage(address);
        }
        for (slot, value) in account.state.or(account.state_diff).unwrap_or_default() {
            scene.state.set_storage(address, word(slot), word(value));
        }
    }
    let block = block.unwrap_or_default();
    if block.block_hash.is_some() || block.beacon_root.is_some() || block.blob_base_fee.is_some() {
        return Err(CallError::BadRequest(
            "block overrides of 'blockHash', 'beaconRoot' and 'blobBaseFee' are not supported".to_owned(),
        ));
    }
    override_block(scene, block);
    Ok(())
}

fn override_block(scene: &mut Scene, block: BlockOverrides) {
    let env = &mut scene.env;
    env.number = block.number.unwrap_or(env.number);
    env.timestamp = block.time.map(U256::from).unwrap_or(env.timestamp);
    env.gas_limit = block.gas_limit.unwrap_or(env.gas_limit);
    env.beneficiary = block.coinbase.unwrap_or(env.beneficiary);
    env.prevrandao = block.random.or(env.prevrandao);
    env.difficulty = block.difficulty.unwrap_or(env.difficulty);
    env.basefee = block.base_fee.map(|fee| fee.saturating_to()).unwrap_or(env.basefee);
}

fn word(bytes: B256) -> U256 {
    U256::from_be_bytes(bytes.0)
}

/// The EVM's form of a request, with `gas` as its limit. Without a price in the request gas costs nothing, and only the
/// value has to be there.
///
/// # Errors
/// Two kinds of price at once, `input` unlike `data`, another chain's id, a blob transaction, a creation that authorises.
pub fn call_env(chain: &Chain, scene: &Scene, request: &TransactionRequest, gas: u64) -> Result<TxEnv, CallError> {
    let bad = |text: String| Err(CallError::BadRequest(text));
    let chain_id = chain.config().chain_id;
    if let Some(have) = request.chain_id
        && have != chain_id
    {
        return bad(format!("chainId does not match node's (have={have}, want={chain_id})"));
    }
    if request.gas_price.is_some() && (request.max_fee_per_gas.is_some() || request.max_priority_fee_per_gas.is_some())
    {
        return bad("both gasPrice and (maxFeePerGas or maxPriorityFeePerGas) specified".to_owned());
    }
    if request.blob_versioned_hashes.is_some() || request.max_fee_per_blob_gas.is_some() {
        return Err(TxError::Blob.into());
    }
    let Ok(data) = request.input.clone().try_into_unique_input() else {
        return bad("both \"data\" and \"input\" are set and not equal; send one of them".to_owned());
    };
    let authorizations = request.authorization_list.clone().unwrap_or_default();
    let kind = request.to.unwrap_or(TxKind::Create);
    if request.authorization_list.is_some() && kind.is_create() {
        return bad("EIP-7702 transaction cannot be used to create contract; give it a 'to'".to_owned());
    }
    let caller = request.from.unwrap_or(Address::ZERO);
    let price = effective_price(request, scene.env.basefee, caller)?;
    Ok(TxEnv {
        tx_type: tx_type(request),
        caller,
        gas_limit: gas,
        gas_price: price,
        kind,
        value: request.value.unwrap_or_default(),
        data: data.unwrap_or_default(),
        nonce: request.nonce.unwrap_or_else(|| scene.state.nonce(caller)),
        chain_id: Some(chain_id),
        access_list: request.access_list.clone().unwrap_or_else(|| AccessList(Vec::new())),
        gas_priority_fee: (tx_type(request) >= 2).then_some(0),
        authorization_list: authorizations.into_iter().map(Either::Left).collect(),
        ..TxEnv::default()
    })
}

/// The price a call pays: nothing if it names none, else the base fee, which it has to reach.
fn effective_price(request: &TransactionRequest, base_fee: u64, caller: Address) -> Result<u128, CallError> {
    let offered = request.gas_price.or(request.max_fee_per_gas).unwrap_or_default();
    if let Some(tip) = request.max_priority_fee_per_gas
        && request.max_fee_per_gas.is_some_and(|max| tip > max)
    {
        return Err(TxError::TipAboveFee {
            address: caller,
            tip,
            max: offered,
        }
        .into());
    }
    if offered == 0 {
        return Ok(0);
    }
    if offered < u128::from(base_fee) {
        return Err(TxError::FeeTooLow {
            address: caller,
            have: offered,
            want: base_fee,
        }
        .into());
    }
    Ok(u128::from(base_fee))
}

/// The highest price a request offers; what its sender must be able to pay.
pub fn offered_price(request: &TransactionRequest) -> u128 {
    request.gas_price.or(request.max_fee_per_gas).unwrap_or_default()
}

fn tx_type(request: &TransactionRequest) -> u8 {
    if request.authorization_list.as_ref().is_some_and(|list| !list.is_empty()) {
        4
    } else if request.max_fee_per_gas.is_some() || request.max_priority_fee_per_gas.is_some() {
        2
    } else {
        u8::from(request.access_list.is_some())
    }
}

/// `eth_call`: what the call returns.
pub fn call(chain: &Chain, scene: &Scene, request: &TransactionRequest) -> Result<Bytes, CallError> {
    if request.to == Some(TxKind::Call(NODE_INTERFACE)) && scene.state.code(NODE_INTERFACE).is_empty() {
        return node_interface::answer(chain, scene, request);
    }
    let gas = request.gas.unwrap_or(CALL_GAS_CAP).min(CALL_GAS_CAP);
    let (result, _) = chain.simulate(scene, call_env(chain, scene, request, gas)?)?;
    match result {
        ExecutionResult::Success { output, .. } => Ok(output.into_data()),
        failed => Err(failure(failed)),
    }
}

/// What a call that did not succeed is answered with.
pub fn failure(result: ExecutionResult) -> CallError {
    match result {
        ExecutionResult::Revert { output, .. } => CallError::Reverted(output),
        ExecutionResult::Halt { reason, .. } => CallError::Halted(halt_text(&reason)),
        ExecutionResult::Success { .. } => CallError::Halted("execution succeeded".to_owned()),
    }
}

/// Geth's words for the ways code can fail.
fn halt_text(reason: &HaltReason) -> String {
    match reason {
        HaltReason::OutOfGas(_) => "out of gas".to_owned(),
        HaltReason::OpcodeNotFound | HaltReason::NotActivated => "invalid opcode".to_owned(),
        HaltReason::InvalidFEOpcode => "invalid opcode: INVALID".to_owned(),
        HaltReason::InvalidJump => "invalid jump destination".to_owned(),
        HaltReason::CreateCollision => "contract address collision".to_owned(),
        HaltReason::CreateContractSizeLimit => "max code size exceeded".to_owned(),
        HaltReason::CreateContractStartingWithEF => "invalid code: must not begin with 0xef".to_owned(),
        HaltReason::CallTooDeep => "max call depth exceeded".to_owned(),
        other => other.to_string(),
    }
}
