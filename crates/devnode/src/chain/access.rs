//! What a transaction touches, as an EIP-2930 list.

use alloy::{
    primitives::{Address, B256},
    rpc::types::{AccessList, AccessListItem, TransactionRequest},
};
use revm::context::{TxEnv, result::ExecutionResult};

use super::{
    call::{CALL_GAS_CAP, CallError, call_env},
    node::{Chain, Scene},
};
use crate::arbos::state::ACCOUNT as ARBOS_STATE;

/// The accounts and slots that the transaction touches beyond those that are warm anyway, and what becomes of it when it
/// brings that list.
///
/// # Errors
/// The transaction may not run at all.
pub fn access_list(
    chain: &Chain,
    scene: &Scene,
    request: &TransactionRequest,
) -> Result<(AccessList, ExecutionResult), CallError> {
    let gas = request.gas.unwrap_or(CALL_GAS_CAP).min(CALL_GAS_CAP);
    let call = call_env(chain, scene, request, gas)?;
    let created = call
        .kind
        .is_create()
        .then(|| call.caller.create(scene.state.nonce(call.caller)));
    let (_, touched) = chain.simulate(scene, call.clone())?;
    let mut items: Vec<AccessListItem> = touched
        .into_iter()
        .filter(|(address, account)| !account.storage.is_empty() || !is_warm(chain, scene, &call, *address))
        .filter(|(address, _)| Some(*address) != created && *address != ARBOS_STATE)
        .map(|(address, account)| {
            let mut storage_keys: Vec<B256> = account.storage.keys().map(|slot| B256::from(*slot)).collect();
            storage_keys.sort_unstable();
            AccessListItem { address, storage_keys }
        })
        .collect();
    items.sort_unstable_by_key(|item| item.address);
    let list = AccessList(items);
    let with_list = TransactionRequest {
        access_list: Some(list.clone()),
        ..request.clone()
    };
    let (result, _) = chain.simulate(scene, call_env(chain, scene, &with_list, gas)?)?;
    Ok((list, result))
}

/// Warm without being listed: sender, callee, coinbase and precompiles. The fee account is paid outside the EVM.
fn is_warm(chain: &Chain, scene: &Scene, call: &TxEnv, address: Address) -> bool {
    let precompile = address.as_slice()[..18] == [0; 18];
    address == call.caller
        || Some(&address) == call.kind.to()
        || address == scene.env.beneficiary
        || address == chain.arb().network_fee_account
        || precompile
}
