//! The manager's face: what it answers, and to whom, before any contract is called.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::cell::RefCell;
use std::collections::HashMap;

use alloy_primitives::{Address, I256, U256, address, b256};
use alloy_sol_types::{SolCall, SolError};
use hedgerow_manager::{
    answer,
    interfaces::IManager::{self, IManagerCalls},
    interfaces::ISwapCallback,
};
use hedgerow_program::{abi::Word, host::Host};

const ACCOUNT: Address = address!("00000000000000000000000000000000000a11ce");
const ENTRY_POINT: Address = address!("4337084D9E255Ff0702461CF8895CE9E3b5Ff108");

/// A chain with one account on it, whose transient storage is real and where nothing answers.
struct Desert {
    caller: Address,
    ether: u64,
    transient: RefCell<HashMap<Word, Word>>,
}

impl Desert {
    fn called_by(caller: Address) -> Self {
        Self {
            caller,
            ether: 0,
            transient: RefCell::default(),
        }
    }
}

impl Host for Desert {
    fn this(&self) -> Address {
        ACCOUNT
    }
    fn caller(&self) -> Address {
        self.caller
    }
    fn value(&self) -> U256 {
        U256::from(self.ether)
    }
    fn timestamp(&self) -> u64 {
        1_000
    }
    fn keccak256(&self, data: &[u8]) -> Word {
        alloy_primitives::keccak256(data).0
    }
    fn transient(&self, slot: &Word) -> Word {
        self.transient.borrow().get(slot).copied().unwrap_or_default()
    }
    fn set_transient(&self, slot: &Word, value: &Word) {
        self.transient.borrow_mut().insert(*slot, *value);
    }
    fn log(&self, _: usize, _: &[Word]) {}
    fn call(&self, _: &Address, _: &[u8], _: &mut [u8]) -> Option<usize> {
        None
    }
    fn static_call(&self, _: &Address, _: &[u8], _: &mut [u8]) -> Option<usize> {
        None
    }
    fn return_data(&self, _: usize) -> Vec<u8> {
        b"no".to_vec()
    }
}

fn rebalance(deadline: u64) -> Vec<u8> {
    IManager::rebalanceCall {
        positionManager: Address::repeat_byte(0x11),
        tokenId: U256::ONE,
        tickLower: (-60).try_into().unwrap(),
        tickUpper: 60.try_into().unwrap(),
        limits: IManager::Limits {
            twapWindow: 600,
            maxTickDeviation: 100.try_into().unwrap(),
            minLiquidity: 0,
            amount0Min: U256::ZERO,
            amount1Min: U256::ZERO,
            deadline: U256::from(deadline),
        },
    }
    .abi_encode()
}

#[test]
fn every_function_of_the_interface_is_answered() {
    let stranger = Address::repeat_byte(0x5a);
    for selector in IManagerCalls::SELECTORS {
        let call = [selector.as_slice(), &[0; 32 * 10]].concat();
        let reply = answer(&Desert::called_by(stranger), &call);
        assert!(
            reply.as_ref().unwrap_or_else(|data| data).len() >= 4,
            "{selector:02x?}: {reply:02x?}"
        );
    }
    assert_eq!(
        answer(&Desert::called_by(ACCOUNT), &[0xde, 0xad, 0xbe, 0xef]),
        Err(Vec::new())
    );
}

#[test]
fn only_the_account_and_the_entry_point_may_act() {
    let stranger = Address::repeat_byte(0x5a);
    let refusal = answer(&Desert::called_by(stranger), &rebalance(1_000)).unwrap_err();
    assert_eq!(refusal, IManager::Unauthorised { caller: stranger }.abi_encode());
    for caller in [ACCOUNT, ENTRY_POINT] {
        let refusal = answer(&Desert::called_by(caller), &rebalance(1_000)).unwrap_err();
        let failed = IManager::CallFailed {
            target: Address::repeat_byte(0x11),
            reason: b"no".into(),
        };
        assert_eq!(refusal, failed.abi_encode(), "{caller}");
    }
}

#[test]
fn an_action_inside_an_action_is_refused() {
    let desert = Desert::called_by(ACCOUNT);
    // keccak256("hedgerow.transient.lock") - 1
    let lock = b256!("b4675657863721b7d2dc7068562a7c02f2d79d57cf3c32b40002de3dda184034").0;
    desert.set_transient(&lock, &[1; 32]);
    assert_eq!(
        answer(&desert, &rebalance(1_000)).unwrap_err(),
        IManager::ReentrantCall {}.abi_encode()
    );
}

#[test]
fn a_deadline_is_the_last_second_not_the_first_too_late() {
    let late = answer(&Desert::called_by(ACCOUNT), &rebalance(999)).unwrap_err();
    let passed = IManager::DeadlinePassed {
        deadline: U256::from(999),
        timestamp: U256::from(1_000),
    };
    assert_eq!(late, passed.abi_encode());
}

#[test]
fn ether_alone_is_welcome_and_with_a_call_refused() {
    let rich = || Desert {
        ether: 1,
        ..Desert::called_by(Address::repeat_byte(0x5a))
    };
    assert_eq!(answer(&rich(), &[]), Ok(Vec::new()));
    assert_eq!(answer(&rich(), &IManager::versionCall {}.abi_encode()), Err(Vec::new()));
}

#[test]
fn nobody_is_called_back_when_no_swap_runs() {
    let (one, minus_one) = (I256::ONE, I256::MINUS_ONE);
    let call = ISwapCallback::uniswapV3SwapCallbackCall {
        amount0Delta: one,
        amount1Delta: minus_one,
        data: [].into(),
    };
    let caller = Address::repeat_byte(0x5a);
    let refused = ISwapCallback::CallbackRefused {
        caller,
        expected: Address::ZERO,
    };
    assert_eq!(
        answer(&Desert::called_by(caller), &call.abi_encode()).unwrap_err(),
        refused.abi_encode()
    );
}
