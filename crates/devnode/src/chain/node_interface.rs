//! `NodeInterface` (`0xc8`): what Arbitrum nodes answer beside the chain. No contract has this address; only calls over
//! RPC are answered, as on Nitro.

use alloy::{
    primitives::{Address, Bytes, TxKind, U256},
    rpc::types::TransactionRequest,
    sol,
    sol_types::{SolCall, SolInterface},
};

use super::{
    call::CallError,
    estimate::estimate,
    node::{Chain, Scene},
};

/// Where clients call it.
pub const NODE_INTERFACE: Address = Address::with_last_byte(0xc8);

sol! {
    /// The part of Nitro's `NodeInterface` that concerns gas and block numbers.
    interface NodeInterface {
        function gasEstimateComponents(address to, bool contractCreation, bytes calldata data)
            external payable
            returns (uint64 gasEstimate, uint64 gasEstimateForL1, uint256 baseFee, uint256 l1BaseFeeEstimate);
        function gasEstimateL1Component(address to, bool contractCreation, bytes calldata data)
            external payable
            returns (uint64 gasEstimateForL1, uint256 baseFee, uint256 l1BaseFeeEstimate);
        function blockL1Num(uint64 l2BlockNum) external view returns (uint64 l1BlockNum);
        function l2BlockRangeForL1(uint64 blockNum) external view returns (uint64 firstBlock, uint64 lastBlock);
        function nitroGenesisBlock() external pure returns (uint256 number);
    }
}

use NodeInterface::NodeInterfaceCalls as Calls;

/// Answers a call to [`NODE_INTERFACE`]. Data on the parent chain costs nothing here, so its share is always zero.
///
/// # Errors
/// A method that is not answered, a block that does not exist, or, for estimates, a transaction that fails.
pub fn answer(chain: &Chain, scene: &Scene, request: &TransactionRequest) -> Result<Bytes, CallError> {
    let input = request.input.input().cloned().unwrap_or_default();
    let call = Calls::abi_decode(&input).map_err(|error| {
        CallError::BadRequest(format!(
            "NodeInterface here answers gasEstimateComponents, gasEstimateL1Component, blockL1Num, l2BlockRangeForL1 and \
             nitroGenesisBlock: {error}"
        ))
    })?;
    let base_fee = U256::from(scene.env.basefee);
    Ok(match call {
        Calls::gasEstimateComponents(call) => {
            let inner = inner_request(request, call.to, call.contractCreation, call.data);
            let gas = estimate(chain, scene, &inner)?;
            NodeInterface::gasEstimateComponentsCall::abi_encode_returns(&NodeInterface::gasEstimateComponentsReturn {
                gasEstimate: gas,
                gasEstimateForL1: 0,
                baseFee: base_fee,
                l1BaseFeeEstimate: U256::ZERO,
            })
        }
        Calls::gasEstimateL1Component(_) => NodeInterface::gasEstimateL1ComponentCall::abi_encode_returns(
            &NodeInterface::gasEstimateL1ComponentReturn {
                gasEstimateForL1: 0,
                baseFee: base_fee,
                l1BaseFeeEstimate: U256::ZERO,
            },
        ),
        Calls::blockL1Num(call) => {
            let number = chain.l1_number_of(call.l2BlockNum)?;
            NodeInterface::blockL1NumCall::abi_encode_returns(&number)
        }
        Calls::l2BlockRangeForL1(call) => {
            let (first, last) = chain.blocks_of_l1(call.blockNum).ok_or_else(|| {
                CallError::BadRequest(format!(
                    "no block of this chain saw block {} of the parent chain",
                    call.blockNum
                ))
            })?;
            NodeInterface::l2BlockRangeForL1Call::abi_encode_returns(&NodeInterface::l2BlockRangeForL1Return {
                firstBlock: first,
                lastBlock: last,
            })
        }
        Calls::nitroGenesisBlock(_) => NodeInterface::nitroGenesisBlockCall::abi_encode_returns(&U256::ZERO),
    }
    .into())
}

fn inner_request(outer: &TransactionRequest, to: Address, creates: bool, data: Bytes) -> TransactionRequest {
    TransactionRequest {
        to: Some(if creates { TxKind::Create } else { TxKind::Call(to) }),
        input: data.into(),
        ..outer.clone()
    }
}
