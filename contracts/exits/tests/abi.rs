//! The face of the exits program: what it answers, and to whom, before any contract is called.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::cell::RefCell;
use std::collections::HashMap;

use alloy_primitives::{Address, U256, address, b256};
use alloy_sol_types::{SolCall, SolError};
use hedgerow_exits::answer;
use hedgerow_positions::interfaces::IManager::{
    CallFailed, DeadlinePassed, IManagerCalls, Limits, PoolKey, Proceeds, ReentrantCall, Unauthorised, exitCall,
    exitDirectCall, harvestCall, harvestDirectCall, toDirectCall, toNftCall, walkCall, walkDirectCall,
};
use hedgerow_program::{abi::Word, host::Host};

const ACCOUNT: Address = address!("00000000000000000000000000000000000a11ce");
const ENTRY_POINTS: [Address; 2] = [
    address!("4337084D9E255Ff0702461CF8895CE9E3b5Ff108"),
    address!("433709009B8330FDa32311DF1C2AFA402eD8D009"),
];

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

/// A call of each function, and the words of its arguments.
fn calls(deadline: u64) -> Vec<(Vec<u8>, usize)> {
    let position_manager = Address::repeat_byte(0x11);
    let limits = Limits {
        twapWindow: 600,
        maxTickDeviation: 100.try_into().unwrap(),
        minLiquidity: 0,
        amount0Min: U256::ZERO,
        amount1Min: U256::ZERO,
        deadline: U256::from(deadline),
        entrySqrtPriceX96: Default::default(),
    };
    let pool = PoolKey {
        factory: Address::repeat_byte(0x22),
        token0: Address::repeat_byte(0x33),
        token1: Address::repeat_byte(0x44),
        fee: 3_000.try_into().unwrap(),
    };
    let (lower, upper) = ((-60).try_into().unwrap(), 60.try_into().unwrap());
    let id = U256::ONE;
    vec![
        (
            harvestCall {
                positionManager: position_manager,
                tokenId: id,
                limits: limits.clone(),
            }
            .abi_encode(),
            9,
        ),
        (
            exitCall {
                positionManager: position_manager,
                tokenId: id,
                proceeds: Proceeds::Token0,
                limits: limits.clone(),
            }
            .abi_encode(),
            10,
        ),
        (
            walkCall {
                positionManager: position_manager,
                tokenId: id,
                tickLower: lower,
                tickUpper: upper,
                limits: limits.clone(),
            }
            .abi_encode(),
            11,
        ),
        (
            toDirectCall {
                positionManager: position_manager,
                tokenId: id,
                limits: limits.clone(),
            }
            .abi_encode(),
            9,
        ),
        (
            harvestDirectCall {
                pool: pool.clone(),
                tickLower: lower,
                tickUpper: upper,
                limits: limits.clone(),
            }
            .abi_encode(),
            13,
        ),
        (
            exitDirectCall {
                pool: pool.clone(),
                tickLower: lower,
                tickUpper: upper,
                proceeds: Proceeds::Token1,
                limits: limits.clone(),
            }
            .abi_encode(),
            14,
        ),
        (
            walkDirectCall {
                pool: pool.clone(),
                tickLower: lower,
                tickUpper: upper,
                newTickLower: lower,
                newTickUpper: upper,
                limits: limits.clone(),
            }
            .abi_encode(),
            15,
        ),
        (
            toNftCall {
                positionManager: position_manager,
                pool,
                tickLower: lower,
                tickUpper: upper,
                limits,
            }
            .abi_encode(),
            14,
        ),
    ]
}

#[test]
fn every_function_that_it_is_for_is_answered_and_no_other() {
    let own: Vec<_> = calls(1_000).into_iter().map(|(call, _)| call[..4].to_vec()).collect();
    for selector in IManagerCalls::SELECTORS {
        let call = [selector.as_slice(), &[0; 32 * 15]].concat();
        let said = answer(&Desert::called_by(Address::repeat_byte(0x5a)), &call).unwrap_err();
        assert_eq!(
            said.len() >= 4,
            own.contains(&selector.to_vec()),
            "{selector:02x?}: {said:02x?}"
        );
    }
    for unknown in [&[][..], &[0xde, 0xad], &[0xde, 0xad, 0xbe, 0xef]] {
        assert_eq!(answer(&Desert::called_by(ACCOUNT), unknown), Err(Vec::new()));
    }
}

#[test]
fn only_the_account_and_the_entry_points_may_act() {
    let stranger = Address::repeat_byte(0x5a);
    for (call, _) in calls(1_000) {
        let refused = answer(&Desert::called_by(stranger), &call).unwrap_err();
        assert_eq!(refused, Unauthorised { caller: stranger }.abi_encode());
        for caller in [ACCOUNT, ENTRY_POINTS[0], ENTRY_POINTS[1]] {
            let refused = answer(&Desert::called_by(caller), &call).unwrap_err();
            assert_eq!(refused[..4], CallFailed::SELECTOR, "let in, where nothing answers");
        }
    }
}

#[test]
fn an_action_runs_in_the_accounts_own_batch_but_never_in_another_action() {
    let reentrant = ReentrantCall {}.abi_encode();
    // keccak256("hedgerow.transient.lock") - 1
    let slot = b256!("b4675657863721b7d2dc7068562a7c02f2d79d57cf3c32b40002de3dda184034").0;
    for (call, _) in calls(1_000) {
        for (caller, lock, refused) in [(ACCOUNT, 1, false), (ENTRY_POINTS[0], 1, true), (ACCOUNT, 2, true)] {
            let desert = Desert::called_by(caller);
            desert.set_transient(&slot, &U256::from(lock).to_be_bytes());
            assert_eq!(
                answer(&desert, &call).unwrap_err() == reentrant,
                refused,
                "{caller}, {lock}"
            );
        }
    }
}

#[test]
fn a_deadline_is_the_last_second_not_the_first_too_late() {
    for (call, _) in calls(999) {
        let late = answer(&Desert::called_by(ACCOUNT), &call).unwrap_err();
        let passed = DeadlinePassed {
            deadline: U256::from(999),
            timestamp: U256::from(1_000),
        };
        assert_eq!(late, passed.abi_encode());
    }
}

#[test]
fn arguments_that_are_cut_short_or_hold_more_than_their_type_are_malformed() {
    for (call, words) in calls(1_000) {
        assert_eq!(call.len(), 4 + 32 * words);
        let cut = &call[..call.len() - 1];
        assert_eq!(answer(&Desert::called_by(ACCOUNT), cut), Err(Vec::new()));
        // The window is a uint32, the deviation a uint24, the entry price a uint160, the first word an address.
        for (word, byte) in [(words - 7, 27), (words - 6, 28), (words - 1, 11), (0, 11)] {
            let mut bent = call.clone();
            bent[4 + 32 * word + byte] ^= 1;
            assert_eq!(
                answer(&Desert::called_by(ACCOUNT), &bent),
                Err(Vec::new()),
                "word {word}"
            );
        }
    }
}

#[test]
fn ether_is_refused() {
    for (call, _) in calls(1_000) {
        let rich = Desert {
            ether: 1,
            ..Desert::called_by(ACCOUNT)
        };
        assert_eq!(answer(&rich, &call), Err(Vec::new()));
    }
}
