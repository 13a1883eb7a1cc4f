//! The owner's own actions, called as the account calls itself: what a hedge policy does is nothing else.

use alloy_primitives::U256;
use alloy_sol_types::SolCall;
use hedgerow_positions::errors::Revert;
use hedgerow_program::{
    abi::{Word, head, uint},
    host::{Host, MAX_REASON},
    words, zeroed,
};
use hedgerow_terms::{
    hedging::{HedgePolicy, LIMITS},
    interfaces::{IPolicies, hedges::IHedges},
    place::PLACE,
    terms::{GUARDS, RULE, RULES},
};

/// Words of the interface's `HedgeDecision`.
pub const DECISION: usize = 12;
/// The words of the answer of `run`: a `Decision`, and the id of what is left.
pub const RAN: usize = 13;

/// The interface's `HedgeLimits`: the guards' price, before and after; what else they could hold is held here, against what is
/// measured.
pub fn limits<H: Host>(host: &H, policy: &HedgePolicy<'_>, release: &U256) -> [Word; LIMITS] {
    let guards = &policy.guards;
    words![guards.twap_window, guards.max_deviation, release, host.timestamp()]
}

/// `checkHedge`, or `checkHedged` for a hedge that goes along with its position.
#[inline(never)]
pub fn check<H: Host>(
    host: &H,
    policy: &HedgePolicy<'_>,
    place: &[Word; PLACE],
    along: bool,
) -> Result<[Word; DECISION], Revert> {
    let selector = if along {
        IHedges::checkHedgedCall::SELECTOR
    } else {
        IHedges::checkHedgeCall::SELECTOR
    };
    let mut answer = [[0; 32]; DECISION];
    let parts = [
        place,
        &policy.venue_words[..],
        policy.guard_words,
        policy.term_words,
        policy.rule_words,
    ];
    call(host, selector, &parts, &mut answer)?;
    Ok(answer)
}

/// `hedge`: takes the debt to `amount`.
#[inline(never)]
pub fn hedge<H: Host>(
    host: &H,
    policy: &HedgePolicy<'_>,
    place: &[Word; PLACE],
    amount: u128,
    limits: &[Word; LIMITS],
) -> Result<(), Revert> {
    let target = words![3_u32, U256::ZERO, amount];
    call(
        host,
        IHedges::hedgeCall::SELECTOR,
        &[place, policy.venue_words, &target, policy.term_words, limits],
        &mut [],
    )
}

/// `closeHedge`, with nothing of the account's own tokens.
#[inline(never)]
pub fn close<H: Host>(host: &H, place: &[Word; PLACE], limits: &[Word; LIMITS]) -> Result<(), Revert> {
    let parts = [place, &[[0; 32]][..], limits];
    call(host, IHedges::closeHedgeCall::SELECTOR, &parts, &mut [])
}

/// `followHedge`.
pub fn follow<H: Host>(host: &H, from: &[Word; PLACE], to: &[Word; PLACE]) -> Result<(), Revert> {
    call(host, IHedges::followHedgeCall::SELECTOR, &[from, to], &mut [])
}

/// `run`: the policy of the position itself, without a fee.
pub fn run<H: Host>(
    host: &H,
    place: &[Word; PLACE],
    guards: &[Word; GUARDS],
    rules: &[[Word; RULE]],
    answer: &mut [Word; RAN],
) -> Result<(), Revert> {
    let behind = words![32 * (RULES as u64 + 2), U256::ZERO, rules.len() as u64];
    let parts = [place, &guards[..], &behind, rules.as_flattened()];
    call(host, IPolicies::runCall::SELECTOR, &parts, answer)
}

/// Calls the account; a reason to fail is its own.
#[inline(never)]
fn call<H: Host>(host: &H, selector: [u8; 4], parts: &[&[Word]], answer: &mut [Word]) -> Result<(), Revert> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let mut data = zeroed(32 * (1 + length));
    let words = data.as_chunks_mut().0;
    let source = [head(selector)];
    for (slot, word) in words
        .iter_mut()
        .zip(source.iter().chain(parts.iter().copied().flatten()))
    {
        *slot = *word;
    }
    match host.send(&host.this(), words, answer) {
        Ok(()) => Ok(()),
        // An action's own reason may quote another contract's.
        Err(_) => Err(host.return_data(2 * MAX_REASON)),
    }
}

/// The words of the same place for another id, or of a direct position for another range.
#[inline(never)]
pub fn moved(place: &[Word; PLACE], id: &Word, range: [&Word; 2]) -> [Word; PLACE] {
    let mut words = *place;
    if uint(&words[0]).is_zero() {
        (words[6], words[7]) = (*range[0], *range[1]);
    } else {
        words[1] = *id;
    }
    words
}
