//! What a keeper's run may do, judged from outside: by what the account had before and has after, valued by the harness itself at
//! the time-weighted price, and by the harness's own record of what the policy did so far.

use alloy::{
    primitives::{Address, B256, U256, keccak256},
    sol_types::{SolEvent, SolValue},
};
use hedgerow::bindings::IPolicies::{self, Decision, PolicyRun};

use super::{
    look::{At, Look, Position},
    machine::Sent,
    play::{Held, Play, Transfer, hold},
    pool::{float, principal, worth},
    terms::{Terms, place},
};
use crate::common::held::direct_id;

const DAY: u64 = 86_400;
const MILLION: f64 = 1e6;
/// What the harness's own arithmetic may be wrong by, of a value.
const EPSILON: f64 = 1e-9;
/// Raw units of either token that pools and position managers round away in one action.
const DUST: f64 = 10.0;

/// A policy as the harness remembers it.
#[derive(Clone, Debug)]
pub struct Policy {
    pub id: B256,
    pub terms: Terms,
    pub at: At,
    pub live: bool,
    pub generation: u64,
    pub last_run: u64,
    pub runs: u32,
    pub day: u64,
    pub runs_today: u16,
    pub period_start: u64,
    pub period_loss: u32,
}

impl Policy {
    pub fn begin(id: B256, terms: Terms, at: At, generation: u64, now: u64) -> Self {
        Self {
            id,
            terms,
            at,
            live: true,
            generation,
            last_run: 0,
            runs: 0,
            day: 0,
            runs_today: 0,
            period_start: now,
            period_loss: 0,
        }
    }
}

/// The run that a transaction's logs tell of; more than one at a time is refused by the lock.
pub fn told(account: Address, sent: &Sent) -> Vec<PolicyRun> {
    let own = sent.logs.iter().filter(|log| log.address == account);
    own.filter_map(|log| PolicyRun::decode_log(log).ok().map(|log| log.data))
        .collect()
}

/// `root + offset` of the namespace `hedgerow.policies`, by ERC-7201.
fn root(offset: u64) -> B256 {
    let id = U256::from_be_bytes(keccak256("hedgerow.policies").0) - U256::ONE;
    let root = U256::from_be_bytes(keccak256(id.abi_encode()).0) & !U256::from(0xff);
    B256::from(root + U256::from(offset))
}

fn slot(generation: U256, key: B256, offset: u64) -> U256 {
    let table = keccak256((generation, root(offset)).abi_encode());
    U256::from_be_bytes(keccak256((key, table).abi_encode()).0)
}

/// The slots that remember a policy, and which policy governs a position.
fn slots(play: &Play<'_>, id: B256, places: &[At]) -> Vec<U256> {
    // The header's 56 highest bits are the era; together with the generation they number what a wipe begins.
    let generation = play.look.header >> 200_usize << 64_usize | U256::from(play.generation);
    let state = slot(generation, id, 1);
    let book = |at: &At| {
        let (source, id) = match *at {
            At::Nft(id) => (play.stage.npm, id),
            At::Direct(lower, upper) => (play.stage.pool, direct_id(play.stage.account, (lower, upper))),
        };
        slot(generation, keccak256((source, id).abi_encode()), 0)
    };
    places.iter().map(book).chain([state, state + U256::ONE]).collect()
}

/// Judges a run and notes it. `before` is what the account had when the transaction began.
pub fn judge(play: &mut Play<'_>, before: &Look, sent: &Sent, runs: &[PolicyRun]) -> Held {
    let [run] = runs else {
        return hold(19, false, || format!("{} runs in one transaction", runs.len()));
    };
    let known = |policy: &Policy| policy.id == run.policyId && policy.generation == play.generation;
    let Some(which) = play.policies.iter().position(known) else {
        return hold(20, false, || format!("nobody set {}", run.policyId));
    };
    let policy = play.policies[which].clone();
    let Some(old) = before.positions.get(&policy.at).copied() else {
        return hold(20, false, || format!("{:?} is no position", policy.at));
    };
    allowed(play, &policy, run)?;
    let new = left(play, &policy, run)?;
    let touched: Vec<At> = [policy.at].into_iter().chain(new.map(|new| new.at)).collect();
    let written = slots(play, policy.id, &touched);
    for (slot, old, new) in &sent.written {
        hold(13, written.contains(slot), || {
            format!("slot {slot:#x}: {old:#x} became {new:#x}")
        })?;
    }
    untouched(play, before, &touched)?;
    payments(play, sent, run, &policy)?;
    let mean = play
        .stage
        .pool_on(&play.machine)
        .mean_tick(policy.terms.guards.twapWindow);
    let Some(mean) = mean else {
        return hold(27, false, || "the pool does not remember so long".into());
    };
    prices(play, before, &policy, run, mean)?;
    values(play, before, &policy, run, (&old, new.as_ref()), mean)?;
    note(play, which, run, new.map(|new| new.at));
    if new.is_some_and(|new| new.at != policy.at) {
        let call = IPolicies::policyOfCall {
            place: place(play.stage, policy.at),
        };
        let governs = play.machine.read(play.stage.account, &call).policyId;
        hold(37, governs.is_zero(), || format!("{governs} governs what is gone"))?;
    }
    remembered(play, which)
}

/// What the terms say of when and by whom.
fn allowed(play: &Play<'_>, policy: &Policy, run: &PolicyRun) -> Held {
    let (guards, now) = (&policy.terms.guards, play.machine.now());
    hold(20, policy.live, || format!("{} has ended", policy.id))?;
    hold(21, !play.paused, || "it ran while the account was paused".into())?;
    hold(22, now <= guards.expiry, || {
        format!("it ran at {now}, after {}", guards.expiry)
    })?;
    let cooled = policy.runs == 0 || now >= policy.last_run + u64::from(guards.cooldown);
    hold(23, cooled, || {
        format!("it ran at {now}, after {} only", policy.last_run)
    })?;
    let today = if policy.day == now / DAY { policy.runs_today } else { 0 };
    hold(24, today < guards.maxPerDay, || format!("run {} of a day", today + 1))?;
    let left = guards.maxRuns == 0 || policy.runs < guards.maxRuns;
    hold(25, left, || format!("run {} of {}", policy.runs + 1, guards.maxRuns))?;
    let keeper = guards.keeper.is_zero() || guards.keeper == run.keeper;
    hold(26, keeper, || format!("{} is not {}", run.keeper, guards.keeper))?;
    let rule = policy.terms.rules.get(usize::from(run.rule));
    let named = rule.is_some_and(|rule| rule.action == run.action);
    hold(35, named, || format!("no rule {} does {}", run.rule, run.action))?;
    let Some(Decision {
        act,
        rule,
        action,
        tickLower,
        tickUpper,
        ..
    }) = play.expected
    else {
        return Ok(());
    };
    let foreseen = act && (rule, action, tickLower, tickUpper) == (run.rule, run.action, run.tickLower, run.tickUpper);
    hold(35, foreseen, || {
        format!("foreseen was {:?}, and {run:?} came", play.expected)
    })
}

/// The position that the event says is left, which has to be the account's, in the range that was decided.
fn left(play: &Play<'_>, policy: &Policy, run: &PolicyRun) -> Result<Option<Position>, super::play::Broken> {
    if run.action == 2 {
        let gone = !play.look.positions.contains_key(&policy.at);
        hold(34, gone && run.newId.is_zero(), || {
            format!("{:?} is still there", policy.at)
        })?;
        return Ok(None);
    }
    let range = (run.tickLower.as_i32(), run.tickUpper.as_i32());
    let at = match policy.at {
        At::Nft(_) => At::Nft(run.newId),
        At::Direct(..) => At::Direct(range.0, range.1),
    };
    let new = play.look.positions.get(&at).copied();
    let there = new.is_some_and(|new| new.range == range && new.stake.liquidity != 0);
    hold(34, there, || format!("{at:?} in {range:?} is {new:?}"))?;
    if run.action > 1 {
        hold(34, at == policy.at, || format!("{:?} became {at:?}", policy.at))?;
    } else {
        ranged(policy, run)?;
    }
    Ok(new)
}

/// A rebalance's or a walk's range is as wide as its rule says.
fn ranged(policy: &Policy, run: &PolicyRun) -> Held {
    let rule = &policy.terms.rules[usize::from(run.rule)];
    let width = i64::from(run.tickUpper.as_i32() - run.tickLower.as_i32());
    let spacing = i64::from(crate::common::world::SPACING);
    let (least, most) = match (run.action, rule.rangeKind) {
        (0, 1) => (rule.width.to::<i64>(), rule.maxWidth.to::<i64>()),
        _ => (rule.width.to::<i64>(), rule.width.to::<i64>()),
    };
    // Rounded to the pool's spacing.
    let fits = width > least - 2 * spacing && width < most + 2 * spacing && width > 0;
    hold(33, fits, || format!("{width} ticks, of {least} to {most}"))
}

/// Neither the wallet nor any other position lost anything.
fn untouched(play: &Play<'_>, before: &Look, touched: &[At]) -> Held {
    let look = &play.look;
    hold(9, look.ether >= before.ether, || {
        format!("ether {} became {}", before.ether, look.ether)
    })?;
    hold(5, look.header == before.header, || {
        format!("the header became {:#x}", look.header)
    })?;
    for i in [0, 1] {
        hold(10, look.tokens[i] >= before.tokens[i], || {
            format!("token{i}: {} became {}", before.tokens[i], look.tokens[i])
        })?;
    }
    for (at, old) in before.positions.iter().filter(|(at, _)| !touched.contains(at)) {
        let new = look.positions.get(at).copied();
        let stake = new.map(|new| new.stake).unwrap_or_default();
        let kept = stake.liquidity >= old.stake.liquidity && (0..2).all(|i| stake.fees[i] >= old.stake.fees[i]);
        hold(11, kept, || format!("{old:?} became {new:?}"))?;
    }
    Ok(())
}

/// The account paid the pool, and the keeper what the event says: nobody else, nothing else.
fn payments(play: &Play<'_>, sent: &Sent, run: &PolicyRun, policy: &Policy) -> Held {
    let stage = play.stage;
    let mut paid = U256::ZERO;
    for log in sent.logs.iter().filter(|log| stage.tokens.contains(&log.address)) {
        let Ok(moved) = Transfer::decode_log(log) else { continue };
        if moved.from != stage.account || moved.to == stage.pool || moved.value.is_zero() {
            continue;
        }
        let fee = moved.to == run.keeper && log.address == stage.tokens[usize::from(policy.terms.guards.feeToken)];
        hold(12, fee, || format!("the account paid {} to {}", moved.value, moved.to))?;
        paid += moved.value;
    }
    hold(12, paid == run.fee, || format!("paid {paid}, told {}", run.fee))
}

/// Spot and mean lie within the policy's distance, before and after, unless the action only withdraws.
fn prices(play: &Play<'_>, before: &Look, policy: &Policy, run: &PolicyRun, mean: i32) -> Held {
    let rule = &policy.terms.rules[usize::from(run.rule)];
    if run.action == 4 || run.action == 2 && rule.proceeds == 0 {
        return Ok(());
    }
    let most = policy.terms.guards.maxDeviation.to::<u32>();
    // Between two swaps of one transaction, what matters is where the first one took the price.
    let spots = match play.displaced {
        Some(tick) => vec![tick],
        None => vec![before.spot.tick, play.look.spot.tick],
    };
    for tick in spots {
        // The pool's price stands at the very edge of a tick when a swap stopped there.
        let away = tick.abs_diff(mean).saturating_sub(u32::from(play.displaced.is_some()));
        hold(27, away <= most, || {
            format!("{tick} is further than {most} from {mean}")
        })?;
    }
    Ok(())
}

/// Losses, fees and what is liquidity again, by the harness's own arithmetic.
fn values(
    play: &Play<'_>,
    before: &Look,
    policy: &Policy,
    run: &PolicyRun,
    (old, new): (&Position, Option<&Position>),
    mean: i32,
) -> Held {
    let (guards, look) = (&policy.terms.guards, &play.look);
    let total = |look: &Look| {
        look.positions
            .values()
            .map(|position| position.value(mean))
            .sum::<f64>()
    };
    let value = old.value(mean);
    let mut paid = [0.0; 2];
    paid[usize::from(guards.feeToken)] = float(run.fee);
    let fee = worth(paid, mean);
    let gained = worth([0, 1].map(|i| float(look.tokens[i]) - float(before.tokens[i])), mean);
    let loss = total(before) - total(look) - gained - fee;
    let slack = (total(before) + before.wallet(mean)) * 1e-13 + worth([DUST; 2], mean) + value * EPSILON;
    let most = value * guards.maxLoss.to::<u32>() as f64 / MILLION;
    hold(29, loss <= most + slack, || {
        format!("lost {loss} of {value}, at most {most}")
    })?;
    let told = f64::from(run.loss.to::<u32>()) / MILLION * value;
    hold(29, loss <= told + slack, || format!("lost {loss}, told {told}"))?;
    hold(28, value >= guards.minValue as f64 * (1.0 - EPSILON), || {
        format!("worth only {value}")
    })?;
    let valued = (float(run.valueBefore) - value).abs() <= slack + 2.0;
    // In a transaction that trades as well, the position earned meanwhile.
    hold(36, valued || play.displaced.is_some(), || {
        format!("told {}, worth {value}", run.valueBefore)
    })?;
    let shared = old.fees_value(mean) * guards.maxFeeShare.to::<u32>() as f64 / MILLION;
    let bounded = fee <= shared * (1.0 + EPSILON) + worth([2.0; 2], mean);
    hold(31, bounded || play.displaced.is_some(), || {
        format!("fee {fee} of {shared}")
    })?;
    hold(31, run.fee <= U256::from(guards.maxFee), || {
        format!("fee {} of {}", run.fee, guards.maxFee)
    })?;
    if let (0, Some(new)) = (run.action, new) {
        let deployed = principal(new.stake.liquidity, new.range, mean);
        let share = deployed / (deployed + gained.max(0.0)) * MILLION;
        let least = f64::from(guards.minDeployed.to::<u32>());
        hold(32, share >= least - 1.0, || format!("{share} of {least} deployed"))?;
    }
    Ok(())
}

/// Brings the harness's own record up to date.
fn note(play: &mut Play<'_>, which: usize, run: &PolicyRun, at: Option<At>) {
    let (now, guards) = (play.machine.now(), play.policies[which].terms.guards.clone());
    let policy = &mut play.policies[which];
    if now >= policy.period_start + u64::from(guards.period) {
        (policy.period_start, policy.period_loss) = (now, 0);
    }
    policy.period_loss += run.loss.to::<u32>();
    policy.runs_today = if policy.day == now / DAY {
        policy.runs_today + 1
    } else {
        1
    };
    (policy.day, policy.last_run) = (now / DAY, now);
    policy.runs += 1;
    match at {
        Some(at) => policy.at = at,
        None => policy.live = false,
    }
    play.count(["rebalance", "walk", "exit", "compound", "harvest"][usize::from(run.action)]);
}

/// What the account remembers of the policy is what the harness does.
pub fn remembered(play: &Play<'_>, which: usize) -> Held {
    let policy = &play.policies[which];
    if policy.generation != play.generation {
        return Ok(());
    }
    let account = play.stage.account;
    let status = play
        .machine
        .read(account, &IPolicies::policyStatusCall { policyId: policy.id });
    let expected = if policy.live { 1 } else { 2 };
    hold(37, status == expected, || format!("{} has status {status}", policy.id))?;
    let call = IPolicies::policyOfCall {
        place: place(play.stage, policy.at),
    };
    let state = play.machine.read(account, &call);
    if !policy.live {
        return hold(37, state.policyId != policy.id, || {
            format!("{} still governs", policy.id)
        });
    }
    let most = policy.terms.guards.maxPeriodLoss.to::<u32>();
    hold(30, policy.period_loss <= most, || {
        format!("lost {} of {most} in a period", policy.period_loss)
    })?;
    let found = (
        state.policyId,
        state.lastRun,
        state.runs,
        state.periodStart,
        state.periodLoss.to::<u32>(),
    );
    let own = (
        policy.id,
        policy.last_run,
        policy.runs,
        policy.period_start,
        policy.period_loss,
    );
    hold(37, found == own, || format!("remembered {found:?}, not {own:?}"))?;
    let days = policy.runs == 0 || (u64::from(state.day), state.runsToday) == (policy.day, policy.runs_today);
    hold(37, days, || {
        format!("day {} with {} runs, not {policy:?}", state.day, state.runsToday)
    })
}
