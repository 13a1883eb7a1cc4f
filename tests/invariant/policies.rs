//! Steps about policies: the owner who sets them, keepers who run them, and those who mean to get more out of them than they say.

use alloy::{
    primitives::{Address, B256, Bytes, U160, U256},
    signers::SignerSync,
    sol_types::{SolCall, SolError, SolEvent},
};
use hedgerow::bindings::{
    IManager,
    IPolicies::{self, Decision, Place},
    IShell,
};

use super::{
    exits::{leave, open_limits},
    look::At,
    play::{By, Held, Play, Told, hold},
    pool::{limit, root},
    runs::{Policy, remembered},
    script::{Step, Verb},
    stage::data,
    steps::{Done, active, became, nothing, owner, pass, push},
    terms::{Terms, place},
};
use crate::common::{IHostile, world::int24};

alloy::sol! {
    interface IAttacker {
        event Attempted(bool success, bytes answer);
        function attack(address pool, uint8 when, bool zeroForOne, uint160 limit, address target, bytes call) external;
    }
}

/// An order that the owner signed.
#[derive(Clone, Debug)]
pub struct PolicyOrder {
    call: Bytes,
    terms: Terms,
    at: At,
    deadline: u64,
    generation: u64,
}

/// Carries a step about policies out.
pub fn carry_out(play: &mut Play<'_>, step: &Step) -> Done {
    match step.verb {
        Verb::Set => set(play, step),
        Verb::Usurp => usurp(play, step),
        Verb::Order => order(play, step),
        Verb::OrderAgain => order_again(play, step),
        Verb::End => end(play, step),
        Verb::Follow => follow(play, step),
        Verb::Run => run(play, step),
        Verb::RunAltered => run_altered(play, step),
        Verb::RunAstray => run_astray(play, step),
        Verb::Sandwich => sandwich(play, step),
        Verb::Squeeze => squeeze(play, step),
        Verb::Drag => drag(play, step),
        Verb::Arm => arm(play, step),
        _ => nothing(),
    }
}

/// A policy, by the step's number: mostly one that governs a position now, and sometimes any of the last.
fn policy(play: &Play<'_>, step: &Step, at: usize) -> Option<Policy> {
    let governs = |policy: &&Policy| {
        policy.live && policy.generation == play.generation && play.look.positions.contains_key(&policy.at)
    };
    let governing: Vec<_> = play.policies.iter().filter(governs).collect();
    if step.number(at) % 8 == 7 || governing.is_empty() {
        let recent = &play.policies[play.policies.len().saturating_sub(8)..];
        return step.which(at, recent.len()).map(|at| recent[at].clone());
    }
    step.which(at, governing.len()).map(|at| governing[at].clone())
}

/// Who runs it: mostly the one that the terms name, where they name one of the keepers.
fn runner(play: &Play<'_>, policy: &Policy, step: &Step, at: usize) -> Address {
    let named = policy.terms.guards.keeper;
    let asked = step.number(at) % 4 != 3;
    if asked && play.stage.keepers.contains(&named) {
        named
    } else {
        keeper(play, step, at)
    }
}

fn keeper(play: &Play<'_>, step: &Step, at: usize) -> Address {
    play.stage.keepers[step.which(at, 2).unwrap_or_default()]
}

fn set_call(play: &Play<'_>, at: At, terms: &Terms) -> Bytes {
    data(&IPolicies::setPolicyCall {
        place: place(play.stage, at),
        guards: terms.guards.clone(),
        rules: terms.rules.clone(),
    })
}

/// What the harness remembers once terms were set: they govern the position now, and what did before has ended.
fn begun(play: &mut Play<'_>, at: At, terms: Terms, id: &[u8]) -> Held {
    let own = terms.id();
    hold(38, id == own.as_slice(), || {
        format!("{own} was called {}", alloy::hex::encode(id))
    })?;
    let generation = play.generation;
    for policy in &mut play.policies {
        if policy.at == at && policy.generation == generation {
            policy.live = false;
        }
    }
    let now = play.machine.now();
    play.policies.push(Policy::begin(own, terms, at, generation, now));
    play.count("set");
    for which in 0..play.policies.len() {
        remembered(play, which)?;
    }
    Ok(())
}

fn set(play: &mut Play<'_>, step: &Step) -> Done {
    let Some(position) = active(play, step) else {
        return nothing();
    };
    let terms = Terms::made(step.number(1), play.stage, play.machine.now(), play.look.spot.tick);
    let (account, call) = (play.stage.account, set_call(play, position.at, &terms));
    let sent = play.send(By::Owner, account, account, call)?;
    if sent.success {
        begun(play, position.at, terms.clone(), &sent.output)?;
    }
    Ok(Told(format!("{} on {:?}: {terms:?}", became(&sent).0, position.at)))
}

/// A keeper does what is the owner's: terms of his own, on a position.
fn usurp(play: &mut Play<'_>, step: &Step) -> Done {
    let Some(position) = active(play, step) else {
        return nothing();
    };
    let stage = play.stage;
    let terms = Terms::made(step.number(1), stage, play.machine.now(), play.look.spot.tick);
    let call = set_call(play, position.at, &terms);
    let sent = play.send(By::Other, stage.keepers[0], stage.account, call)?;
    Ok(became(&sent))
}

fn order(play: &mut Play<'_>, step: &Step) -> Done {
    let Some(position) = active(play, step) else {
        return nothing();
    };
    let stage = play.stage;
    let terms = Terms::made(step.number(1), stage, play.machine.now(), play.look.spot.tick);
    let (place, deadline) = (place(stage, position.at), play.machine.now() + 3_600);
    let hash = terms.order_hash(stage, &place, deadline, play.generation);
    let signature = stage.owner.sign_hash_sync(&hash).unwrap();
    let call = IPolicies::placeOrderCall {
        place,
        guards: terms.guards.clone(),
        rules: terms.rules.clone(),
        deadline: U256::from(deadline),
        signature: signature.as_bytes().to_vec().into(),
    };
    play.orders.push(PolicyOrder {
        call: data(&call),
        terms,
        at: position.at,
        deadline,
        generation: play.generation,
    });
    if step.number(2) == 1 {
        return Ok(Told("an order, kept for later".into()));
    }
    placed(play, play.orders.len() - 1, stage.keepers[0])
}

fn order_again(play: &mut Play<'_>, step: &Step) -> Done {
    let Some(which) = step.which(1, play.orders.len()) else {
        return nothing();
    };
    let from = keeper(play, step, 0);
    placed(play, which, from)
}

/// An order is placed once, in time, in the generation that it was signed in, unless its policy was ended before.
fn placed(play: &mut Play<'_>, which: usize, from: Address) -> Done {
    let order = play.orders[which].clone();
    let (id, generation) = (order.terms.id(), play.generation);
    let used = play
        .policies
        .iter()
        .any(|policy| policy.id == id && policy.generation == generation);
    let sent = play.send(By::Carrier, from, play.stage.account, order.call.clone())?;
    if sent.success {
        let good = !used && order.generation == generation && play.machine.now() <= order.deadline;
        hold(39, good, || {
            format!("order {which} was placed again, late or after a wipe")
        })?;
        begun(play, order.at, order.terms, &sent.output)?;
        play.count("order placed");
    } else {
        hold(13, sent.written.is_empty(), || {
            format!("a refused order wrote {:?}", sent.written)
        })?;
        play.count("order refused");
    }
    Ok(became(&sent))
}

fn end(play: &mut Play<'_>, step: &Step) -> Done {
    let Some(policy) = policy(play, step, 0) else {
        return nothing();
    };
    let told = owner(play, data(&IPolicies::endPolicyCall { policyId: policy.id }))?;
    for other in &mut play.policies {
        if other.id == policy.id && other.generation == play.generation {
            other.live = false;
        }
    }
    (0..play.policies.len()).try_for_each(|which| remembered(play, which))?;
    Ok(told)
}

fn follow(play: &mut Play<'_>, step: &Step) -> Done {
    let (Some(policy), all) = (policy(play, step, 0), play.look.active(play.stage.kept)) else {
        return nothing();
    };
    let Some(to) = step.which(1, all.len()).map(|at| all[at].at) else {
        return nothing();
    };
    let (account, stage) = (play.stage.account, play.stage);
    let call = IPolicies::followPolicyCall {
        from: place(stage, policy.at),
        to: place(stage, to),
    };
    let sent = play.send(By::Owner, account, account, data(&call))?;
    if sent.success {
        let here = |other: &&mut Policy| other.live && other.at == policy.at && other.generation == play.generation;
        if let Some(moved) = play.policies.iter_mut().find(here) {
            moved.at = to;
        }
        play.count("followed");
    }
    (0..play.policies.len()).try_for_each(|which| remembered(play, which))?;
    Ok(became(&sent))
}

/// What may be asked for: hundredths of the limits that the harness reckons itself, at the time-weighted price.
fn fee(play: &Play<'_>, policy: &Policy, hundredths: i64) -> U256 {
    let guards = &policy.terms.guards;
    let mean = play.stage.pool_on(&play.machine).mean_tick(guards.twapWindow);
    let (Some(mean), Some(position)) = (mean, play.look.positions.get(&policy.at)) else {
        return U256::ZERO;
    };
    let share = guards.maxFeeShare.to::<u32>() as f64 / 1e6;
    let value = position.fees_value(mean) * share * hundredths as f64 / 100.0;
    let amount = if guards.feeToken == 0 {
        value / root(mean) / root(mean)
    } else {
        value
    };
    U256::from(amount.max(0.0) as u128).min(U256::from(guards.maxFee))
}

fn run_call(play: &Play<'_>, at: At, terms: &Terms, fee: U256) -> Bytes {
    data(&IPolicies::runCall {
        place: place(play.stage, at),
        guards: terms.guards.clone(),
        rules: terms.rules.clone(),
        fee,
    })
}

/// What the account itself says would happen; nothing where it cannot say.
fn check(play: &Play<'_>, place: Place, terms: &Terms) -> Option<Decision> {
    let call = IPolicies::checkCall {
        place,
        guards: terms.guards.clone(),
        rules: terms.rules.clone(),
    };
    let answer = play
        .machine
        .ask(play.stage.keepers[0], play.stage.account, data(&call))
        .ok()?;
    IPolicies::checkCall::abi_decode_returns(&answer).ok()
}

/// Errors by which a run that was due may still be refused: who asks, for how much, and what the market makes of it.
const REFUSALS: [([u8; 4], &str); 12] = [
    (IPolicies::WrongKeeper::SELECTOR, IPolicies::WrongKeeper::SIGNATURE),
    (
        IPolicies::FeeExceedsMaximum::SELECTOR,
        IPolicies::FeeExceedsMaximum::SIGNATURE,
    ),
    (
        IPolicies::LossExceedsMaximum::SELECTOR,
        IPolicies::LossExceedsMaximum::SIGNATURE,
    ),
    (
        IPolicies::DeployedBelowMinimum::SELECTOR,
        IPolicies::DeployedBelowMinimum::SIGNATURE,
    ),
    (IPolicies::PolicyNotSet::SELECTOR, IPolicies::PolicyNotSet::SIGNATURE),
    (IManager::PriceDeviation::SELECTOR, IManager::PriceDeviation::SIGNATURE),
    (
        IManager::AmountBelowMinimum::SELECTOR,
        IManager::AmountBelowMinimum::SIGNATURE,
    ),
    (
        IManager::LiquidityBelowMinimum::SELECTOR,
        IManager::LiquidityBelowMinimum::SIGNATURE,
    ),
    (IManager::NothingToAdd::SELECTOR, IManager::NothingToAdd::SIGNATURE),
    (IManager::SwapIncomplete::SELECTOR, IManager::SwapIncomplete::SIGNATURE),
    (IManager::CallFailed::SELECTOR, IManager::CallFailed::SIGNATURE),
    (IManager::ReentrantCall::SELECTOR, IManager::ReentrantCall::SIGNATURE),
];

/// A keeper's run of a policy: what `check` says first is what happens.
fn attempt(play: &mut Play<'_>, policy: &Policy, from: Address, hundredths: i64) -> Done {
    let stage = play.stage;
    let expected = check(play, place(stage, policy.at), &policy.terms);
    let fee = fee(play, policy, hundredths);
    let call = run_call(play, policy.at, &policy.terms, fee);
    play.expected = expected.clone();
    let sent = play.send(By::Other, from, stage.account, call);
    play.expected = None;
    let sent = sent?;
    let reason = expected.as_ref().map_or(0, |decision| decision.reason);
    if sent.success {
        play.count("run");
        let due = expected.as_ref().is_some_and(|decision| decision.act);
        hold(35, due, || format!("it ran, but {expected:?}"))?;
        return Ok(Told(format!("ran, reason {reason}, fee {fee}")));
    }
    let why: [u8; 4] = sent
        .output
        .get(..4)
        .and_then(|head| head.try_into().ok())
        .unwrap_or_default();
    if expected.is_some_and(|decision| decision.act) {
        let known = REFUSALS.iter().find(|(selector, _)| *selector == why);
        hold(35, known.is_some(), || {
            format!("it was due, and refused with {}", sent.output)
        })?;
        play.count(&format!("due, but {}", known.map_or("", |(_, name)| name)));
    } else {
        play.count(&format!("not due, reason {reason}"));
    }
    Ok(Told(format!("{}, reason {reason}", became(&sent).0)))
}

fn run(play: &mut Play<'_>, step: &Step) -> Done {
    let Some(policy) = policy(play, step, 1) else {
        return nothing();
    };
    let from = runner(play, &policy, step, 0);
    attempt(play, &policy, from, step.number(2))
}

/// Other terms are another policy: nothing that was set.
fn run_altered(play: &mut Play<'_>, step: &Step) -> Done {
    let Some(policy) = policy(play, step, 1) else {
        return nothing();
    };
    let altered = policy.terms.altered(step.number(2) as usize);
    if altered.id() == policy.id {
        return nothing();
    }
    let (from, call) = (keeper(play, step, 0), run_call(play, policy.at, &altered, U256::ZERO));
    let sent = play.send(By::Other, from, play.stage.account, call)?;
    hold(40, !sent.success, || format!("altered terms ran: {altered:?}"))?;
    Ok(became(&sent))
}

/// Terms act on no position but the one that they govern.
fn run_astray(play: &mut Play<'_>, step: &Step) -> Done {
    let Some(policy) = policy(play, step, 1) else {
        return nothing();
    };
    let all: Vec<At> = play.look.positions.keys().copied().collect();
    let Some(at) = step.which(2, all.len()).map(|at| all[at]) else {
        return nothing();
    };
    if at == policy.at {
        return nothing();
    }
    let (from, call) = (keeper(play, step, 0), run_call(play, at, &policy.terms, U256::ZERO));
    let sent = play.send(By::Other, from, play.stage.account, call)?;
    hold(40, !sent.success, || format!("{} ran at {at:?}", policy.id))?;
    Ok(became(&sent))
}

fn sandwich(play: &mut Play<'_>, step: &Step) -> Done {
    let Some(policy) = policy(play, step, 2) else {
        return nothing();
    };
    let (stage, when, spot) = (play.stage, step.number(0) as u8, play.look.spot);
    let tick = (spot.tick + step.number(1) as i32).clamp(stage.tick - 6_000, stage.tick + 6_000);
    let until = limit(tick);
    if until == spot.sqrt_price {
        return nothing();
    }
    let fee = fee(play, &policy, step.number(3));
    let call = IAttacker::attackCall {
        pool: stage.pool,
        when,
        zeroForOne: until < spot.sqrt_price,
        limit: U160::from(until),
        target: stage.account,
        call: run_call(play, policy.at, &policy.terms, fee),
    };
    play.displaced = Some(tick);
    let sent = play.send(By::Other, stage.keepers[0], stage.attacker, data(&call));
    play.displaced = None;
    let sent = sent?;
    let told = sent
        .logs
        .iter()
        .find_map(|log| IAttacker::Attempted::decode_log(log).ok());
    let ran = told.as_ref().is_some_and(|told| told.success);
    if ran {
        // A pool that is in the middle of something lets nobody in.
        hold(41, when == 0, || format!("it ran inside a callback ({when})"))?;
        play.count("between two swaps");
    }
    Ok(Told(format!(
        "{}, the run {}",
        became(&sent).0,
        if ran { "succeeded" } else { "failed" }
    )))
}

fn squeeze(play: &mut Play<'_>, step: &Step) -> Done {
    let Some(policy) = policy(play, step, 1) else {
        return nothing();
    };
    let (home, from) = (play.look.spot.tick, runner(play, &policy, step, 1));
    push(play, home + step.number(0) as i32)?;
    let told = attempt(play, &policy, from, step.number(2))?;
    push(play, home)?;
    Ok(told)
}

fn drag(play: &mut Play<'_>, step: &Step) -> Done {
    let Some(policy) = policy(play, step, 2) else {
        return nothing();
    };
    let (home, from) = (play.look.spot.tick, runner(play, &policy, step, 2));
    push(play, home + step.number(0) as i32)?;
    pass(play, step.number(1))?;
    let told = attempt(play, &policy, from, 100)?;
    push(play, home)?;
    Ok(told)
}

/// What the hostile token calls at every transfer. On a stage without one nothing happens.
fn arm(play: &mut Play<'_>, step: &Step) -> Done {
    let stage = play.stage;
    if stage.name != "reentrant" {
        return nothing();
    }
    let position = play.look.active(stage.kept).first().copied();
    let call = match (step.number(0), policy(play, step, 1), position) {
        (0 | 1, Some(policy), _) => run_call(play, policy.at, &policy.terms, U256::ZERO),
        (2, _, Some(position)) => leave(play, &position, 0),
        (3, Some(policy), _) => data(&IPolicies::endPolicyCall { policyId: policy.id }),
        (4, ..) => data(&IShell::executeCall {
            mode: B256::with_last_byte(0),
            executionData: Bytes::new(),
        }),
        (5, Some(policy), Some(position)) => set_call(play, position.at, &policy.terms),
        (_, _, Some(position)) => data(&IManager::harvestDirectCall {
            pool: stage.pool_key(),
            tickLower: int24(position.range.0),
            tickUpper: int24(position.range.1),
            limits: open_limits(),
        }),
        _ => Bytes::new(),
    };
    let target = if call.is_empty() { Address::ZERO } else { stage.account };
    let arm = IHostile::armCall { target, call };
    let sent = play.send(By::Other, stage.keepers[1], stage.tokens[0], data(&arm))?;
    play.count("armed");
    Ok(became(&sent))
}
