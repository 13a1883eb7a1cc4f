//! The programs behind the account, natively, on a chain that is against it: whatever the calldata, whoever calls, and whatever
//! everybody answers, the properties of `docs/rounding.md`'s second rule and of the lock hold.
//!
//! 1. Nothing is called before caller, lock and deadline were found good.
//! 2. Only the functions that a position needs are called, none of them the account's own; a transfer is none of them.
//! 3. Everything paid out goes to the account, everything minted is the account's.
//! 4. Only the named position manager is ever allowed anything: no more than arrived or was named, and in the end what it was
//!    allowed in the beginning.
//! 5. A callback is open only while its pool is called, for no more than arrived or was named, and shut in the end.
//! 6. The lock is held during every call and left as it was found; whoever calls back in is refused.
//! 7. One event for what happened, none for what did not.

use crate::{
    Input, abi,
    hostile::{ACCOUNT, Answer, Asked, FACTORY, Hostile, MANAGER, NOW, TOKENS},
    programs::calldata,
};
use alloy_primitives::{Address, U256};
use hedgerow_positions::interfaces::IManager::IManagerCalls;
use hedgerow_program::abi::{Encode, uint};

/// The programs, by name.
pub const PROGRAMS: &[(&str, Answer)] = &[("manager", |host, data| hedgerow_manager::answer(host, data))];

/// Words of the interface's `Limits`, which end the arguments of every action.
const LIMITS: usize = 7;

/// Every function of the account's interface: selector and signature.
pub fn functions() -> Vec<([u8; 4], &'static str)> {
    let signatures = IManagerCalls::SIGNATURES.iter().copied();
    IManagerCalls::SELECTORS.iter().copied().zip(signatures).collect()
}

/// Calldata that an owner might send: the market's own addresses, ranges of its pool, limits that mostly pass.
pub fn sensible(signature: &str, selector: [u8; 4], input: &mut Input<'_>) -> Vec<u8> {
    let arguments = signature.split_once('(').map_or("", |(_, arguments)| arguments);
    let leaves: Vec<_> = arguments
        .split(['(', ')', ','])
        .filter(|leaf| !leaf.is_empty())
        .collect();
    let direct = arguments.contains("(address,address,address,uint24)");
    let mut addresses = vec![TOKENS[1], TOKENS[0]];
    if direct {
        addresses.push(FACTORY);
    }
    if !direct || arguments.starts_with("address,") {
        addresses.push(MANAGER);
    }
    let mut data = selector.to_vec();
    let mut lower = None;
    for (at, leaf) in leaves.iter().enumerate() {
        let limit = at
            .checked_sub(leaves.len().saturating_sub(LIMITS))
            .filter(|_| leaves.len() > LIMITS);
        let word = match (*leaf, limit) {
            (_, Some(0)) => U256::from(if input.byte().is_multiple_of(2) {
                0
            } else {
                1 + u32::from(input.byte())
            }),
            (_, Some(1)) => U256::from(input.u64() % 1000),
            (_, Some(2..=4)) => {
                if input.byte().is_multiple_of(8) {
                    input.word() >> 200_usize
                } else {
                    U256::ZERO
                }
            }
            (_, Some(5)) => U256::from(if input.byte().is_multiple_of(16) { NOW - 1 } else { NOW }),
            (_, Some(_)) => {
                if input.byte().is_multiple_of(2) {
                    U256::ZERO
                } else {
                    input.sqrt_price()
                }
            }
            ("address", None) => U256::from_be_slice(addresses.pop().unwrap_or(ACCOUNT).as_slice()),
            ("int24", None) => {
                let least = lower.map_or(-50, |lower: i32| lower + 1);
                let tick = least + i32::from(input.byte() % 60);
                lower = if lower.is_some() { None } else { Some(tick) };
                uint(&(tick * 60).word())
            }
            ("uint24", None) => U256::from(3000),
            ("uint8", None) => U256::from(input.byte() % 3),
            _ => U256::from(input.u64() >> (input.byte() % 64)),
        };
        data.extend(word.to_be_bytes::<32>());
    }
    data
}

/// What the calldata asks for. What it does not say, nobody may assume: no manager, no amounts, no time left.
fn asked(signature: &str, data: &[u8]) -> Asked {
    let word = |at: usize| data.get(4 + 32 * at..36 + 32 * at).map(U256::from_be_slice);
    let (_, arguments) = signature.split_once('(').unwrap_or_default();
    let words = arguments.split(['(', ')', ',']).filter(|leaf| !leaf.is_empty()).count();
    let first = word(0).filter(|_| arguments.starts_with("address,"));
    // Both forms of `open` have token0 and token1 at the second and third word, and the amounts before the limits.
    let amounts = signature
        .starts_with("open")
        .then(|| words.checked_sub(LIMITS + 2))
        .flatten();
    let named = |i| {
        let token = Address::from_word(word(1 + i).unwrap_or_default().into());
        (token, amounts.and_then(|at| word(at + i)).unwrap_or_default())
    };
    Asked {
        manager: first.map(|word| Address::from_word(word.into())),
        named: [named(0), named(1)],
        deadline: words.checked_sub(2).and_then(word).unwrap_or_default(),
    }
}

/// The target's body.
pub fn body(data: &[u8]) {
    run(data);
}

/// Asks once, and judges; returns the signature of what was asked, and whether it was done.
pub fn run(data: &[u8]) -> (&'static str, bool) {
    let mut input = Input::new(data);
    let (name, program) = PROGRAMS[usize::from(input.byte()) % PROGRAMS.len()];
    let functions = functions();
    let (selector, signature) = functions[usize::from(input.byte()) % functions.len()];
    let mut question = match input.byte() % 16 {
        0 => calldata(selector, &mut input),
        1 => abi::calldata(signature, selector, &mut input),
        _ => sensible(signature, selector, &mut input),
    };
    if input.byte().is_multiple_of(8) && question.len() > 36 {
        let at = 4 + 32 * (usize::from(input.byte()) % (question.len() / 32));
        let word = input.word().to_be_bytes::<32>();
        question
            .iter_mut()
            .skip(at)
            .zip(word)
            .for_each(|(slot, byte)| *slot = byte);
    }
    let host = Hostile::new(program, asked(signature, &question), input.rest());
    let answer = program(&host, &question);
    host.judge(&answer);
    match &answer {
        Ok(words) => assert!(
            words.len() == 128 || words.len() == 32,
            "{name} answers {} bytes",
            words.len()
        ),
        Err(reason) => assert!(
            reason.is_empty() || reason.len() % 32 == 4,
            "{name} reverts with {} bytes",
            reason.len()
        ),
    }
    (signature, answer.is_ok())
}
