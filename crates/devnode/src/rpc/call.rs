//! Calls, estimates and access lists.

use alloy::{
    eips::{BlockId, BlockNumberOrTag},
    primitives::{Address, B256, U64},
    rpc::types::{AccessList, AccessListItem, BlockOverrides, TransactionRequest, state::StateOverride},
};
use serde_json::json;

use super::{Answer, Service, answer::quantity, answer::to_json, error::RpcError, params::Params};
use crate::chain::{
    call::{CALL_GAS_CAP, apply_overrides, call, call_env, failure},
    estimate::estimate,
    node::Scene,
};

impl Service {
    pub(super) fn call_method(&self, method: &str, params: &Params) -> Option<Answer> {
        Some(match method {
            "eth_call" => self.call(params),
            "eth_estimateGas" => self.estimate(params),
            "eth_createAccessList" => self.access_list(params),
            _ => return None,
        })
    }

    /// Request, and the scene with its overrides.
    fn staged(&self, params: &Params, block: BlockId) -> Result<(TransactionRequest, Scene), RpcError> {
        let request = params.required(0, "transaction")?;
        let accounts: Option<StateOverride> = params.optional(2, "state overrides")?;
        let overrides: Option<BlockOverrides> = params.optional(3, "block overrides")?;
        let mut scene = self.chain.scene(block)?;
        apply_overrides(&mut scene, accounts, overrides)?;
        Ok((request, scene))
    }

    fn call(&self, params: &Params) -> Answer {
        let (request, scene) = self.staged(params, params.block(1)?)?;
        to_json(call(&self.chain, &scene, &request)?)
    }

    fn estimate(&self, params: &Params) -> Answer {
        let (request, scene) = self.staged(params, upcoming(params.block(1)?))?;
        quantity(estimate(&self.chain, &scene, &request)?)
    }

    /// Gas for a request that is about to be sent.
    pub(super) fn estimate_now(&self, request: &TransactionRequest) -> Result<u64, RpcError> {
        let scene = self.chain.scene(BlockId::pending())?;
        Ok(estimate(&self.chain, &scene, request)?)
    }

    /// What the transaction touches beyond what is warm anyway, and the gas it uses with that list.
    fn access_list(&self, params: &Params) -> Answer {
        let (mut request, scene) = self.staged(params, params.block(1)?)?;
        let gas = request.gas.unwrap_or(CALL_GAS_CAP).min(CALL_GAS_CAP);
        let env = call_env(&self.chain, &scene, &request, gas)?;
        let warm = |address: &Address| {
            let precompile = address.as_slice()[..18] == [0; 18];
            *address == env.caller || Some(address) == env.kind.to() || precompile || *address == scene.env.beneficiary
        };
        let (caller, kind) = (env.caller, env.kind);
        let (_, touched) = self.chain.simulate(&scene, env.clone())?;
        let created = kind.is_create().then(|| caller.create(scene.state.nonce(caller)));
        let mut items: Vec<AccessListItem> = touched
            .into_iter()
            .filter(|(address, account)| (!warm(address) || !account.storage.is_empty()) && Some(*address) != created)
            .map(|(address, account)| {
                let mut storage_keys: Vec<B256> = account.storage.keys().map(|slot| B256::from(*slot)).collect();
                storage_keys.sort_unstable();
                AccessListItem { address, storage_keys }
            })
            .collect();
        items.sort_unstable_by_key(|item| item.address);
        let list = AccessList(items);
        request.access_list = Some(list.clone());
        let (result, _) = self
            .chain
            .simulate(&scene, call_env(&self.chain, &scene, &request, gas)?)?;
        let gas_used = U64::from(result.tx_gas_used());
        if result.is_success() {
            Ok(json!({ "accessList": list, "gasUsed": gas_used }))
        } else {
            Ok(json!({ "accessList": list, "gasUsed": gas_used, "error": failure(result).to_string() }))
        }
    }
}

/// An estimate asks what would happen to a transaction sent now: in the next block, at its time.
fn upcoming(block: BlockId) -> BlockId {
    match block {
        BlockId::Number(BlockNumberOrTag::Latest) => BlockId::pending(),
        other => other,
    }
}
