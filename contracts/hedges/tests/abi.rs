//! The face of the hedges program: what it answers, and to whom, before any contract is called.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::{cell::RefCell, collections::HashMap};

use alloy_primitives::{Address, U256, address, b256};
use alloy_sol_types::{SolCall, SolError};
use hedgerow_hedges::answer;
use hedgerow_positions::interfaces::IManager::{CallFailed, DeadlinePassed, ReentrantCall, Unauthorised, exitCall};
use hedgerow_program::{
    abi::Word,
    host::{Host, Storage},
};
use hedgerow_terms::interfaces::hedges::IHedges::{
    IHedgesCalls, NoHedge, actAndHedgeCall, closeHedgeCall, followHedgeCall, hedgeAccountsCall, hedgeCall, hedgeOfCall,
    quoteHedgeCall,
};

const ACCOUNT: Address = address!("00000000000000000000000000000000000a11ce");
const ENTRY_POINTS: [Address; 2] = [
    address!("4337084D9E255Ff0702461CF8895CE9E3b5Ff108"),
    address!("433709009B8330FDa32311DF1C2AFA402eD8D009"),
];
/// keccak256("hedgerow.transient.lock") - 1
const LOCK: Word = b256!("b4675657863721b7d2dc7068562a7c02f2d79d57cf3c32b40002de3dda184034").0;
const NOW: u64 = 1_000;

/// A chain with one account on it, which remembers nothing and where nothing answers.
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
        NOW
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

impl Storage for Desert {
    fn load(&self, _: &Word) -> Word {
        [0; 32]
    }
    fn store(&self, _: &Word, _: &Word) {}
    fn flush(&self) {}
    fn chain_id(&self) -> u64 {
        42_161
    }
    fn base_fee(&self) -> U256 {
        U256::ONE
    }
}

fn word(value: u64) -> Word {
    U256::from(value).to_be_bytes()
}

fn calldata(selector: [u8; 4], words: &[Word]) -> Vec<u8> {
    [&selector[..], words.as_flattened()].concat()
}

/// An NFT's place: what is not its own is zero.
fn nft() -> [Word; 8] {
    let mut place = [[0; 32]; 8];
    place[0] = Address::repeat_byte(0x11).into_word().0;
    place[1] = word(7);
    place
}

/// A venue, a target, terms and limits.
fn order(deadline: u64) -> Vec<Word> {
    let venue = [
        word(1),
        Address::repeat_byte(0x22).into_word().0,
        Address::repeat_byte(0x33).into_word().0,
        word(0),
        word(0),
    ];
    let target = [word(1), word(1_000_000), word(0)];
    let terms = [
        1_200,
        1_500,
        1 << 40,
        1,
        10_000,
        3_600,
        0,
        86_400,
        0,
        3_600,
        0,
        0,
        0,
        0,
        0,
    ]
    .map(word);
    let limits = [word(600), word(100), word(0), word(deadline)];
    [&venue[..], &target, &terms, &limits].concat()
}

/// The functions that change something, with the words of their arguments; the deadline is each one's last static word.
fn acts(deadline: u64) -> Vec<(Vec<u8>, usize)> {
    let hedge = [&nft()[..], &order(deadline)].concat();
    let close = [&nft()[..], &[word(0), word(600), word(100), word(0), word(deadline)]].concat();
    // exit(address,uint256,uint8,...): of that very position.
    let exit = calldata(exitCall::SELECTOR, &nft()[..2]);
    let mut tail = vec![word(exit.len() as u64)];
    let mut padded = exit;
    padded.resize(padded.len().next_multiple_of(32), 0);
    tail.extend(padded.as_chunks::<32>().0);
    let act = [&nft()[..], &[word(32 * 36)], &order(deadline), &tail].concat();
    vec![
        (calldata(hedgeCall::SELECTOR, &hedge), hedge.len()),
        (calldata(closeHedgeCall::SELECTOR, &close), close.len()),
        (calldata(actAndHedgeCall::SELECTOR, &act), 36),
    ]
}

fn follow() -> Vec<u8> {
    calldata(followHedgeCall::SELECTOR, &[nft(), nft()].concat())
}

#[test]
fn every_function_that_it_is_for_is_answered_and_no_other() {
    let own = [
        hedgeCall::SELECTOR,
        closeHedgeCall::SELECTOR,
        actAndHedgeCall::SELECTOR,
        followHedgeCall::SELECTOR,
        quoteHedgeCall::SELECTOR,
        hedgeOfCall::SELECTOR,
        hedgeAccountsCall::SELECTOR,
    ];
    let (mut known, views) = (
        acts(NOW),
        [
            quoteHedgeCall::SELECTOR,
            hedgeOfCall::SELECTOR,
            hedgeAccountsCall::SELECTOR,
        ],
    );
    known.push((follow(), 16));
    for selector in views {
        known.push((calldata(selector, &[&nft()[..], &order(NOW)].concat()), 0));
    }
    for selector in IHedgesCalls::SELECTORS {
        let call = known.iter().find(|(call, _)| call[..4] == *selector);
        assert_eq!(call.is_some(), own.contains(selector));
        let call = call.map_or(calldata(*selector, &[[0; 32]; 64]), |(call, _)| call.clone());
        let nothing = answer(&Desert::called_by(ACCOUNT), &call) == Err(Vec::new());
        assert_eq!(nothing, !own.contains(selector), "{selector:02x?}");
    }
    for unknown in [&[][..], &[0xde, 0xad], &[0xde, 0xad, 0xbe, 0xef]] {
        assert_eq!(answer(&Desert::called_by(ACCOUNT), unknown), Err(Vec::new()));
    }
}

#[test]
fn only_the_account_and_the_entry_points_may_act() {
    let stranger = Address::repeat_byte(0x5a);
    let calls = acts(NOW).into_iter().map(|(call, _)| call).chain([follow()]);
    for call in calls {
        let refused = answer(&Desert::called_by(stranger), &call).unwrap_err();
        assert_eq!(refused, Unauthorised { caller: stranger }.abi_encode());
        for caller in [ACCOUNT, ENTRY_POINTS[0], ENTRY_POINTS[1]] {
            let refused = answer(&Desert::called_by(caller), &call).unwrap_err();
            let known = [CallFailed::SELECTOR, NoHedge::SELECTOR];
            assert!(
                known.iter().any(|selector| refused[..4] == *selector),
                "let in, where nothing answers"
            );
        }
    }
}

#[test]
fn a_hedge_is_changed_in_the_accounts_own_batch_but_never_in_another_action() {
    let reentrant = ReentrantCall {}.abi_encode();
    let calls = acts(NOW).into_iter().map(|(call, _)| call).chain([follow()]);
    for call in calls {
        for (caller, lock, refused) in [(ACCOUNT, 1, false), (ENTRY_POINTS[0], 1, true), (ACCOUNT, 2, true)] {
            let desert = Desert::called_by(caller);
            desert.set_transient(&LOCK, &word(lock));
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
    for (call, _) in acts(NOW - 1) {
        let late = answer(&Desert::called_by(ACCOUNT), &call).unwrap_err();
        let passed = DeadlinePassed {
            deadline: U256::from(NOW - 1),
            timestamp: U256::from(NOW),
        };
        assert_eq!(late, passed.abi_encode());
    }
}

#[test]
fn arguments_that_are_cut_short_or_hold_more_than_their_type_are_malformed() {
    for (call, words) in acts(NOW) {
        let cut = &call[..4 + 32 * words - 1];
        assert_eq!(answer(&Desert::called_by(ACCOUNT), cut), Err(Vec::new()));
        // The window is a uint32, the deviation a uint24, what is released a uint128, the first word an address.
        for (word, byte) in [(words - 4, 27), (words - 3, 28), (words - 2, 15), (0, 11)] {
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
    for (call, _) in acts(NOW) {
        let rich = Desert {
            ether: 1,
            ..Desert::called_by(ACCOUNT)
        };
        assert_eq!(answer(&rich, &call), Err(Vec::new()));
    }
}
