//! Calls as the calldata of one user operation, and calldata as calls: ERC-7821's `execute` of a batch, or one of the account's own
//! functions by itself.

use super::words;
use crate::{bindings::IShell::executeCall, signed_batch::Call};
use alloy::{
    primitives::{Address, B256, Bytes, FixedBytes, U256, b256},
    sol_types::{SolCall, SolValue},
};

/// ERC-7821: a single batch that reverts as a whole, without opData.
const MODE: B256 = b256!("0100000000000000000000000000000000000000000000000000000000000000");
/// What of a mode says its kind: call type, exec type, mode selector (ERC-7579).
const MODE_MASK: FixedBytes<10> = FixedBytes([0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff]);

/// The calldata that has the account make these calls, all or none. One call of a function of its own needs no batch around it.
pub fn encode(sender: Address, calls: &[Call]) -> Bytes {
    if let [call] = calls
        && own(sender, call)
        && call.value.is_zero()
        && words::own_function(&call.data).is_some_and(|name| name != "execute")
    {
        return call.data.clone();
    }
    let call = executeCall {
        mode: MODE,
        executionData: calls.to_vec().abi_encode().into(),
    };
    call.abi_encode().into()
}

/// The calls in an operation's calldata. What is no batch is one call that the account makes of itself.
pub fn open(sender: Address, call_data: &Bytes) -> Vec<Call> {
    if call_data.is_empty() {
        return Vec::new();
    }
    let batch = executeCall::abi_decode(call_data).ok().and_then(|call| batch(&call));
    let mut calls = batch.unwrap_or_else(|| {
        vec![Call {
            to: sender,
            value: U256::ZERO,
            data: call_data.clone(),
        }]
    });
    // ERC-7821 says the account itself where it says zero.
    for call in calls.iter_mut().filter(|call| call.to.is_zero()) {
        call.to = sender;
    }
    calls
}

/// The calls of an `execute` without opData.
pub fn batch(call: &executeCall) -> Option<Vec<Call>> {
    let kind = FixedBytes::<10>::from_slice(&call.mode[..10]) & MODE_MASK;
    (kind.as_slice() == &MODE[..10])
        .then(|| <Vec<Call>>::abi_decode(&call.executionData).ok())
        .flatten()
}

fn own(sender: Address, call: &Call) -> bool {
    call.to == sender || call.to.is_zero()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bindings::{IAccountState::pauseCall, IERC20::approveCall};

    const SENDER: Address = Address::repeat_byte(0xaa);

    fn approve() -> Call {
        Call {
            to: Address::repeat_byte(0xbb),
            value: U256::ZERO,
            data: approveCall {
                spender: Address::repeat_byte(0xcc),
                amount: U256::from(5),
            }
            .abi_encode()
            .into(),
        }
    }

    #[test]
    fn what_is_encoded_opens_to_the_same_calls() {
        let pay = Call {
            to: Address::repeat_byte(0xdd),
            value: U256::from(7),
            data: Bytes::new(),
        };
        for calls in [vec![approve()], vec![approve(), pay.clone()], vec![pay]] {
            let data = encode(SENDER, &calls);
            assert_eq!(data[..4], executeCall::SELECTOR);
            assert_eq!(open(SENDER, &data), calls);
        }
    }

    #[test]
    fn one_function_of_the_account_needs_no_batch() {
        let call = |to| Call {
            to,
            value: U256::ZERO,
            data: pauseCall {}.abi_encode().into(),
        };
        let data = encode(SENDER, &[call(Address::ZERO)]);
        assert_eq!(data, call(SENDER).data);
        assert_eq!(open(SENDER, &data), vec![call(SENDER)]);
        let two = encode(SENDER, &[call(SENDER), approve()]);
        assert_eq!(two[..4], executeCall::SELECTOR);
    }

    #[test]
    fn a_batch_with_op_data_is_not_taken_for_one_without() {
        let signed = executeCall {
            mode: b256!("0100000000007821000100000000000000000000000000000000000000000000"),
            executionData: vec![approve()].abi_encode().into(),
        };
        assert!(batch(&signed).is_none());
    }
}
