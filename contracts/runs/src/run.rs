//! Running a policy: decide again, do what the owner would do, pay the keeper of what came, and measure what it came to.

use alloc::vec::Vec;
use alloy_primitives::{Address, U256};
use alloy_sol_types::{SolError, SolEvent};
use hedgerow_core::policy::{
    Action, After, Decision, Guards, Proceeds, Settlement, Snapshot, State, decide, fee_limit, settle,
};
use hedgerow_positions::{
    authority::is_owner,
    errors::{Revert, call_failed},
    interfaces::IManager,
    ledger::Ledger,
};
use hedgerow_program::{
    abi::{Encode, Word, encode, revert},
    host::Storage,
    words,
};

use hedgerow_terms::{
    interfaces::IPolicies,
    keeper,
    market::{PoolOracle, snapshot},
    place::{self, Place, Seen},
    store::{Store, ZERO, ended, take_over},
    terms::Terms,
};

use crate::own::Own;

/// A policy and its position, as a call finds them.
struct Found {
    /// Where the position is.
    place: Place,
    /// The policy's id.
    id: Word,
    /// The book's slot of the position.
    book: Word,
    /// What the book has there.
    governing: Word,
    /// What is remembered of the policy.
    state: State,
    /// The position.
    seen: Seen,
    /// All that a decision is made from.
    snapshot: Snapshot,
    /// The decision.
    decision: Decision,
}

/// Reads everything that the terms speak of, and decides. Changes nothing. Errors: `NotOwner`, `CallFailed`, `UnknownVersion`.
#[inline(never)]
fn find<H: Storage>(host: &H, store: &Store, terms: &Terms<'_>) -> Result<Found, Revert> {
    let place = Place::decode(terms.place)?;
    let id = terms.id(host);
    let book = store.book(host, &place::key(host, &place.name(host)));
    let governing = host.load(&book);
    let state = store.state(host, &id);
    let seen = place.find(host)?;
    let snapshot = snapshot(host, store, &terms.guards, &seen, governing == id)?;
    let pool = &seen.held.venue.pool;
    let decision = decide(
        &terms.guards,
        &terms.rules,
        &state,
        &snapshot,
        &mut PoolOracle { host, pool },
    );
    Ok(Found {
        place,
        id,
        book,
        governing,
        state,
        seen,
        snapshot,
        decision,
    })
}

/// `check`: what the terms say of the position now. Errors: `NotOwner`, `CallFailed`, `UnknownVersion`.
pub fn check<H: Storage>(host: &H, terms: &Terms<'_>) -> Result<Vec<u8>, Revert> {
    let found = find(host, &Store::open(host)?, terms)?;
    Ok(encode(&decision_words(&found.decision)))
}

/// `run`. Whatever this calls out to meets a lock that lets in nobody but the account.
///
/// Errors: those of `IPolicies.run`, and the actions' own.
#[inline(never)]
pub fn run<H: Storage>(host: &H, terms: &Terms<'_>, fee: U256) -> Result<Vec<u8>, Revert> {
    let guards = &terms.guards;
    let caller = keeper::require(host, guards)?;
    let store = Store::open(host)?;
    let found = find(host, &store, terms)?;
    found.require_due()?;
    // The owner needs no pay, and an EntryPoint could not use it.
    let most = if is_owner(host, &caller) {
        U256::ZERO
    } else {
        fee_limit(guards, &found.decision, &found.snapshot)
    };
    keeper::require_fee(&fee, &most)?;
    let (left, after) = found.act(host, terms, &caller, fee)?;
    let settled =
        settle(guards, &found.state, &found.snapshot, &found.decision, &after).map_err(|v| keeper::violated(&v))?;
    found.remember(host, &store, &left, &settled.state)?;
    Ok(found.tell(host, &caller, left.1, &settled, &fee))
}

/// The position that an action leaves: where, and its id; zero after an exit.
type Left = (Place, U256);

impl Found {
    /// Refuses where nothing is to be done.
    fn require_due(&self) -> Result<(), Revert> {
        let Decision {
            act,
            reason,
            not_before,
            ..
        } = self.decision;
        if act {
            return Ok(());
        }
        Err(keeper::idle(reason, not_before, &self.id, &self.governing))
    }

    /// Takes out, pays the keeper of what came, puts in; and measures what is left.
    #[inline(never)]
    fn act<H: Storage>(
        &self,
        host: &H,
        terms: &Terms<'_>,
        payee: &Address,
        fee: U256,
    ) -> Result<(Left, After), Revert> {
        let (decision, held) = (&self.decision, &self.seen.held);
        let venue = &held.venue;
        let own = Own {
            place: &self.place,
            words: terms.place,
            limits: limits(&terms.guards, &self.state, self.snapshot.now),
        };
        let ledger = Ledger::open(host, &venue.tokens, &[U256::ZERO; 2])?;
        let range = decision.range;
        let occupied = self.occupied(host, range)?;
        let paid_in = usize::from(terms.guards.fee_token != 0);
        let mut id = match decision.action {
            Action::Harvest => own.harvest(host)?,
            // Only the keeper's part: the rest the compound itself collects.
            Action::Compound => own.collect(host, held, paid_in, &fee)?,
            Action::Exit => own.exit(host, proceeds(terms, decision.rule))?,
            Action::Rebalance | Action::Walk => own.exit(host, Proceeds::Both)?,
        };
        keeper::pay(
            host,
            payee,
            &venue.tokens[paid_in],
            &fee,
            &ledger.available(host)?[paid_in],
        )?;
        let mut put = ledger.available(host)?;
        match decision.action {
            Action::Exit | Action::Harvest => {}
            Action::Compound => id = own.compound(host)?,
            Action::Rebalance | Action::Walk => {
                if decision.action == Action::Walk {
                    // The range takes one token; what came of the other stays with the account.
                    put[usize::from(decision.tick < range.0)] = U256::ZERO;
                }
                id = own.open(host, (&venue.tokens, venue.fee), range, &put)?;
            }
        }
        self.measure(host, &ledger, id, occupied, fee)
    }

    /// What the action left: of the position named by `id`, less what was there before, and of the account's tokens.
    #[inline(always)]
    fn measure<H: Storage>(
        &self,
        host: &H,
        ledger: &Ledger,
        id: U256,
        occupied: u128,
        fee: U256,
    ) -> Result<(Left, After), Revert> {
        let (decision, venue) = (&self.decision, &self.seen.held.venue);
        let range = decision.range;
        let mut after = After {
            range,
            liquidity: 0,
            // Reckoned as nothing: what the action earned for the position meanwhile does not count for the keeper.
            fees: [0; 2],
            balances: [
                *ledger.floor(),
                *Ledger::open(host, &venue.tokens, &[U256::ZERO; 2])?.floor(),
            ],
            fee,
        };
        require_kept(&after)?;
        if decision.action == Action::Exit {
            return Ok(((self.place, U256::ZERO), after));
        }
        let place = self.place.moved(id, range);
        let now = place.find(host)?.held;
        // A position manager may say anything; what it left has to be what was decided.
        if now.venue != *venue || now.range != range {
            return Err(call_failed(&self.place.name(host).0, &[]));
        }
        after.liquidity = now.liquidity.saturating_sub(occupied);
        Ok(((place, id), after))
    }

    /// Liquidity of the account's own that is in a direct position's next range already, which an action must not count as its own.
    fn occupied<H: Storage>(&self, host: &H, range: (i32, i32)) -> Result<u128, Revert> {
        match &self.place {
            Place::Direct(..) if self.decision.action.re_ranges() => {
                let next = self.place.moved(U256::ZERO, range).find(host)?;
                Ok(next.held.liquidity)
            }
            _ => Ok(0),
        }
    }

    /// Stores what is remembered of the policy, and where it is now.
    fn remember<H: Storage>(&self, host: &H, store: &Store, left: &Left, state: &State) -> Result<(), Revert> {
        store.keep(host, &self.id, state);
        let (place, id) = left;
        if id.is_zero() {
            host.store(&self.book, &ZERO);
            ended(host, &self.id);
        } else if self.decision.action.re_ranges() {
            let key = place::key(host, &place.name(host));
            take_over(host, store, &self.id, &self.book, &key)?;
        }
        host.flush();
        Ok(())
    }

    /// `PolicyRun`, and the answer.
    #[inline(never)]
    fn tell<H: Storage>(&self, host: &H, keeper: &Address, left: U256, settled: &Settlement, fee: &U256) -> Vec<u8> {
        let decision = &self.decision;
        host.log(
            4,
            &words![
                IPolicies::PolicyRun::SIGNATURE_HASH.0,
                self.id,
                keeper,
                self.seen.held.id,
                left,
                decision.rule,
                decision.action.code(),
                decision.range.0,
                decision.range.1,
                decision.value,
                settled.value_after,
                settled.loss,
                fee,
            ],
        );
        let mut words = [[0; 32]; 13];
        if let Some((id, answer)) = words.split_last_mut() {
            left.put(id);
            for (slot, word) in answer.iter_mut().zip(decision_words(decision)) {
                *slot = word;
            }
        }
        encode(&words)
    }
}

/// What a rule's exit is paid in.
fn proceeds(terms: &Terms<'_>, rule: u8) -> Proceeds {
    terms
        .rules
        .get(usize::from(rule))
        .map_or(Proceeds::Both, |rule| rule.proceeds)
}

/// The interface's `Limits` of the owner's actions: the guards' price, before and after; what else they could hold is held here,
/// against what is measured.
fn limits(guards: &Guards, state: &State, now: u64) -> [Word; 7] {
    words![
        guards.twap_window,
        guards.max_deviation,
        1_u32,
        U256::ZERO,
        U256::ZERO,
        now,
        state.entry_sqrt_price,
    ]
}

/// Refuses to have used anything that the account held before: `AmountBelowMinimum` with what it holds now.
fn require_kept(after: &After) -> Result<(), Revert> {
    let [before, now] = &after.balances;
    if now[0] >= before[0] && now[1] >= before[1] {
        return Ok(());
    }
    Err(revert(IManager::AmountBelowMinimum::SELECTOR, &words![now[0], now[1]]))
}

/// The words of the interface's `Decision`.
#[inline(never)]
fn decision_words(decision: &Decision) -> [Word; 12] {
    words![
        decision.act,
        decision.reason.code(),
        decision.rule,
        decision.action.code(),
        decision.range.0,
        decision.range.1,
        decision.tick,
        decision.mean_tick,
        decision.value,
        decision.fees_value,
        decision.il,
        decision.not_before,
    ]
}
