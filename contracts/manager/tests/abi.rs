//! The manager's face: what it answers, and to whom, before any contract is called.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::cell::RefCell;
use std::collections::HashMap;

use alloy_primitives::{Address, U160, U256, address, b256};
use alloy_sol_types::{SolCall, SolError};
use hedgerow_manager::answer;
use hedgerow_positions::interfaces::IManager;
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
            entrySqrtPriceX96: U160::ZERO,
        },
    }
    .abi_encode()
}

#[test]
fn every_function_that_it_is_for_is_answered_and_no_other() {
    let stranger = Address::repeat_byte(0x5a);
    let own = [
        IManager::rebalanceCall::SELECTOR,
        IManager::compoundCall::SELECTOR,
        IManager::openCall::SELECTOR,
        IManager::versionCall::SELECTOR,
    ];
    for selector in IManager::IManagerCalls::SELECTORS {
        let call = [selector.as_slice(), &[0; 32 * 15]].concat();
        let reply = answer(&Desert::called_by(stranger), &call);
        let said = reply.as_ref().unwrap_or_else(|data| data).len();
        assert_eq!(said >= 4, own.contains(selector), "{selector:02x?}: {reply:02x?}");
    }
    assert_eq!(
        answer(&Desert::called_by(ACCOUNT), &[0xde, 0xad, 0xbe, 0xef]),
        Err(Vec::new())
    );
}

/// What an action that was let in comes to where nothing answers.
fn let_in() -> Vec<u8> {
    IManager::CallFailed {
        target: Address::repeat_byte(0x11),
        reason: b"no".into(),
    }
    .abi_encode()
}

#[test]
fn only_the_account_and_the_entry_points_may_act() {
    let stranger = Address::repeat_byte(0x5a);
    let refusal = answer(&Desert::called_by(stranger), &rebalance(1_000)).unwrap_err();
    assert_eq!(refusal, IManager::Unauthorised { caller: stranger }.abi_encode());
    for caller in [&[ACCOUNT][..], &ENTRY_POINTS].concat() {
        let refusal = answer(&Desert::called_by(caller), &rebalance(1_000)).unwrap_err();
        assert_eq!(refusal, let_in(), "{caller}");
    }
}

#[test]
fn an_action_runs_in_the_accounts_own_batch_but_never_in_another_action() {
    let reentrant = IManager::ReentrantCall {}.abi_encode();
    let mut outcomes = Vec::new();
    for (caller, lock) in [
        (ACCOUNT, 1),
        (ENTRY_POINTS[0], 1),
        (ACCOUNT, 2),
        (ENTRY_POINTS[1], 2),
        (ACCOUNT, 3),
    ] {
        let desert = Desert::called_by(caller);
        // keccak256("hedgerow.transient.lock") - 1
        let slot = b256!("b4675657863721b7d2dc7068562a7c02f2d79d57cf3c32b40002de3dda184034").0;
        desert.set_transient(&slot, &U256::from(lock).to_be_bytes());
        outcomes.push(answer(&desert, &rebalance(1_000)).unwrap_err() == reentrant);
    }
    assert_eq!(outcomes, [false, true, true, true, true]);
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
fn ether_is_refused() {
    let rich = Desert {
        ether: 1,
        ..Desert::called_by(Address::repeat_byte(0x5a))
    };
    assert_eq!(answer(&rich, &IManager::versionCall {}.abi_encode()), Err(Vec::new()));
    assert_eq!(answer(&rich, &[]), Err(Vec::new()));
}

#[test]
fn arguments_with_bits_outside_their_type_are_malformed() {
    let call = rebalance(1_000);
    // A limit's window is a uint32, its entry price a uint160: the words after the four arguments.
    for (word, byte) in [(4, 27), (10, 11), (0, 11), (2, 0)] {
        let mut bent = call.clone();
        bent[4 + 32 * word + byte] ^= 1;
        assert_eq!(
            answer(&Desert::called_by(ACCOUNT), &bent),
            Err(Vec::new()),
            "word {word}"
        );
    }
    assert_eq!(
        answer(&Desert::called_by(ACCOUNT), &call[..call.len() - 1]),
        Err(Vec::new())
    );
}
