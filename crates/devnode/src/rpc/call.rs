//! Calls, estimates and access lists.

use alloy::{
    eips::{BlockId, BlockNumberOrTag},
    primitives::U64,
    rpc::types::{BlockOverrides, TransactionRequest, state::StateOverride},
};
use serde_json::json;

use super::{Answer, Service, answer::quantity, answer::to_json, error::RpcError, params::Params};
use crate::chain::{
    access::access_list,
    call::{apply_overrides, call, failure},
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

    fn access_list(&self, params: &Params) -> Answer {
        let (request, scene) = self.staged(params, params.block(1)?)?;
        let (list, result) = access_list(&self.chain, &scene, &request)?;
        let mut answer = json!({ "accessList": list, "gasUsed": U64::from(result.tx_gas_used()) });
        if !result.is_success() {
            answer["error"] = json!(failure(result).to_string());
        }
        Ok(answer)
    }
}

/// An estimate asks what would happen to a transaction sent now: in the next block, at its time.
fn upcoming(block: BlockId) -> BlockId {
    match block {
        BlockId::Number(BlockNumberOrTag::Latest) => BlockId::pending(),
        other => other,
    }
}
