//! Running a hedge policy: decide again, do what the owner would do, pay the keeper, and measure what it came to.

use alloc::vec::Vec;
use alloy_primitives::{Address, I256, U256};
use alloy_sol_types::{SolError, SolEvent};
use hedgerow_core::{
    hedging::{HedgeAfter, Market, health, settle_hedge},
    policy::{Settlement, Status},
};
use hedgerow_positions::{authority::is_owner, errors::Revert, interfaces::IManager, ledger::Ledger};
use hedgerow_program::{
    abi::{encode, revert},
    host::Storage,
    words,
};
use hedgerow_terms::{
    hedging::HedgePolicy,
    interfaces::hedges::IHedges,
    keeper, place,
    store::{Store, ZERO, ended},
};
use hedgerow_venues::{book, reading::Reading};

use crate::{found::Found, own};

/// `runHedge`. Whatever this calls out to meets a lock that lets in nobody but the account.
///
/// Errors: those of `IHedges.runHedge`, and of the actions themselves.
#[inline(never)]
pub fn run<H: Storage>(host: &H, policy: &HedgePolicy<'_>, fee: U256) -> Result<Vec<u8>, Revert> {
    let caller = keeper::require(host, &policy.guards)?;
    let store = Store::open(host)?;
    let found = Found::find(host, &store, policy, policy.place, false)?;
    if !found.decision.act {
        return Err(found.idle());
    }
    require_fee(host, policy, &caller, &fee)?;
    let done = adjust(host, &store, policy, &found, &caller, &fee)?;
    done.remember(host, &store, &found);
    done.tell(host, (&found, &found), &caller, found.name.1, &fee);
    Ok(encode(&found.decision_words))
}

/// The owner needs no pay, and an EntryPoint could not use it; anybody else takes what the guards allow at most.
pub fn require_fee<H: Storage>(host: &H, policy: &HedgePolicy<'_>, caller: &Address, fee: &U256) -> Result<(), Revert> {
    let most = if is_owner(host, caller) {
        0
    } else {
        policy.guards.max_fee
    };
    keeper::require_fee(fee, &U256::from(most))
}

/// A hedge's change that keeps within the guards.
pub struct Done {
    /// Raw volatile token owed before and afterwards.
    pub debt: [u128; 2],
    /// Raw token1 before: the position, and collateral less debt; zero where that is less than nothing.
    before: U256,
    /// What is to be stored, and what it cost.
    pub settled: Settlement,
}

/// Takes the hedge to the decision's target, has the keeper paid out of it, and measures.
#[inline(never)]
pub fn adjust<H: Storage>(
    host: &H,
    store: &Store,
    policy: &HedgePolicy<'_>,
    found: &Found,
    payee: &Address,
    fee: &U256,
) -> Result<Done, Revert> {
    let (terms, tokens, decision) = (&policy.terms, &found.read.tokens, &found.decision);
    let market = &found.read.market;
    let paid_in = usize::from(policy.guards.fee_token & 1);
    let before = *Ledger::open(host, tokens, &[U256::ZERO; 2])?.floor();
    // Of the collateral token what the owner lets the hedge have, and nothing else of the wallet.
    let mut floor = before;
    floor[paid_in] = floor[paid_in].saturating_sub(U256::from(found.allowed(terms.max_collateral)));
    let limits = own::limits(host, policy, fee);
    if decision.target == 0 {
        own::close(host, &found.words, &limits)?;
    } else {
        own::hedge(host, policy, &found.words, decision.target, &limits)?;
    }
    host.flush();
    let held = *Ledger::open(host, tokens, &[U256::ZERO; 2])?.floor();
    let came = held[paid_in].saturating_sub(floor[paid_in]);
    keeper::pay(host, payee, &tokens[paid_in], fee, &came)?;
    let now = *Ledger::open(host, tokens, &[U256::ZERO; 2])?.floor();
    if now[0] < floor[0] || now[1] < floor[1] {
        return Err(revert(IManager::AmountBelowMinimum::SELECTOR, &words![now[0], now[1]]));
    }
    let left = remaining(host, store, policy, found)?;
    let after = HedgeAfter {
        debt: left.debt,
        collateral: left.collateral,
        balances: [before, now],
        fee: *fee,
    };
    if after.debt > market.debt {
        let left = health(&left, after.debt, after.collateral);
        if left < terms.min_health {
            return Err(revert(
                IHedges::HealthBelowMinimum::SELECTOR,
                &words![left, terms.min_health],
            ));
        }
    }
    let mut snapshot = found.read.snapshot;
    snapshot.now = host.timestamp();
    let settled = settle_hedge(
        &policy.guards,
        &found.state,
        &snapshot,
        decision,
        market,
        &found.read.terms,
        &after,
    );
    Ok(Done {
        debt: [market.debt, after.debt],
        before: decision
            .equity
            .saturating_add(I256::from_raw(decision.value))
            .max(I256::ZERO)
            .into_raw(),
        settled: settled.map_err(|v| keeper::violated(&v))?,
    })
}

/// What the venue says of the hedge after its change. Of a position that is gone there is nothing to read once its hedge is closed: that
/// the book has it no more says that it owes nothing and holds nothing.
#[inline(never)]
fn remaining<H: Storage>(host: &H, store: &Store, policy: &HedgePolicy<'_>, found: &Found) -> Result<Market, Revert> {
    match Reading::ask(host, &found.words, policy.venue_words) {
        Ok(read) => Ok(read.market),
        Err(_) if book::entry(host, store, &place::key(host, &found.name)).is_none() => Ok(Market {
            debt: 0,
            collateral: 0,
            ..found.read.market
        }),
        Err(reason) => Err(reason),
    }
}

impl Done {
    /// Stores what is remembered of the policy; one whose position is gone ends with its hedge.
    pub fn remember<H: Storage>(&self, host: &H, store: &Store, found: &Found) {
        let state = &self.settled.state;
        store.keep(host, &found.id, state);
        if state.status == Status::Ended {
            host.store(&found.slot, &ZERO);
            ended(host, &found.id);
        }
        host.flush();
    }

    /// `HedgePolicyRun`: of the position as it was found, and of the hedge's change as it was decided.
    #[inline(never)]
    pub fn tell<H: Storage>(&self, host: &H, (found, now): (&Found, &Found), keeper: &Address, left: U256, fee: &U256) {
        let [owed, owes] = self.debt.map(U256::from);
        host.log(
            4,
            &words![
                IHedges::HedgePolicyRun::SIGNATURE_HASH.0,
                found.id,
                keeper,
                found.name.1,
                left,
                now.decision.reason.code(),
                now.decision.target,
                owes.wrapping_sub(owed),
                self.before,
                self.settled.value_after,
                self.settled.loss,
                fee,
            ],
        );
    }
}
