//! Several calls that an account makes of itself as one, all or nothing (ERC-7821).

use crate::{bindings::IShell::executeCall, signed_batch::Call};
use alloy::{
    primitives::{Address, B256, Bytes, U256, b256},
    sol_types::{SolCall, SolValue},
};

/// A single batch that reverts as a whole, without opData.
const MODE: B256 = b256!("0100000000000000000000000000000000000000000000000000000000000000");

/// The calldata that makes the account call itself with each of these in turn; of one call, that call.
pub fn own_batch(account: Address, mut calls: Vec<Bytes>) -> Bytes {
    if calls.len() == 1 {
        return calls.remove(0);
    }
    let calls: Vec<Call> = calls
        .into_iter()
        .map(|data| Call {
            to: account,
            value: U256::ZERO,
            data,
        })
        .collect();
    let call = executeCall {
        mode: MODE,
        executionData: calls.abi_encode().into(),
    };
    call.abi_encode().into()
}
