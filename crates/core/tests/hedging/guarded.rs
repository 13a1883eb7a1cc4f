//! Whether what came of a change keeps within the guards.

use crate::exact::{Fraction, price, worth_of};
use crate::given::{History, NOW, ONE, at, guards, hedged, market, pool, rule, said, snapshot, state, terms};
use dashu_int::IBig;
use hedgerow_core::hedging::{HedgeAfter, HedgeDecision, Market, Pool, settle_hedge};
use hedgerow_core::policy::{Guards, Reason, Settlement, Snapshot, State, Status, Violation};
use hedgerow_core::{I256, U256};
use proptest::prelude::*;

/// What was decided of a position worth a million.
fn decision(market: &Market) -> HedgeDecision {
    HedgeDecision {
        value: U256::from(1_000_000),
        ..said(&rule(), market, &snapshot(), &mut History::still(0))
    }
}

fn settled(market: &Market, after: &HedgeAfter) -> Result<Settlement, Violation> {
    settle_hedge(
        &guards(),
        &state(),
        &snapshot(),
        &decision(market),
        market,
        &pool(),
        after,
    )
}

/// The account's token1 went from one to the other.
fn moved(debt: u128, collateral: u128, from: u64, to: u64) -> HedgeAfter {
    HedgeAfter {
        debt,
        collateral,
        balances: [from, to].map(|token1| [U256::from(ONE), U256::from(token1)]),
        fee: U256::ZERO,
    }
}

#[test]
fn what_is_paid_in_and_lent_borrowed_and_sold_is_no_loss() {
    // 1000 borrowed and sold for 1000, 1500 paid in.
    let told = settled(&market(), &moved(1_000, 2_500, 5_000, 3_500)).unwrap();
    assert_eq!((told.loss, told.value_after), (0, U256::from(1_000_000)));
    assert_eq!(
        (told.state.runs, told.state.last_run, told.state.runs_today),
        (1, NOW, 1)
    );
    assert_eq!((told.state.status, told.state.period_loss), (Status::Set, 0));
}

#[test]
fn a_unit_lost_of_a_million_is_a_millionth_and_the_keepers_fee_is_none() {
    let loss = |after: &HedgeAfter| settled(&hedged(1_000, 2_500), after).unwrap().loss;
    assert_eq!(loss(&moved(900, 2_400, 7, 7)), 0);
    assert_eq!(loss(&moved(900, 2_399, 7, 7)), 1);
    assert_eq!(loss(&moved(901, 2_400, 7, 7)), 1);
    assert_eq!(loss(&moved(900, 2_400, 7, 6)), 1);
    let paid = HedgeAfter {
        fee: U256::from(50),
        ..moved(900, 2_350, 7, 7)
    };
    assert_eq!(loss(&paid), 0);
    // More than there was is no loss.
    assert_eq!(loss(&moved(900, 2_500, 7, 7)), 0);
}

#[test]
fn one_change_and_a_periods_changes_cost_no_more_than_they_may() {
    let after = |lost: u128| moved(1_000, 100_000 - lost, 0, 0);
    let base = hedged(1_000, 100_000);
    assert_eq!(settled(&base, &after(30_000)).unwrap().loss, 30_000);
    let beyond = Violation::Loss {
        loss: 30_001,
        maximum: 30_000,
    };
    assert_eq!(settled(&base, &after(30_001)), Err(beyond));
    let with = |period_loss, lost| {
        let state = State {
            period_loss,
            period_start: NOW - 1,
            ..state()
        };
        settle_hedge(
            &guards(),
            &state,
            &snapshot(),
            &decision(&base),
            &base,
            &pool(),
            &after(lost),
        )
    };
    assert_eq!(with(90_000, 10_000).unwrap().state.period_loss, 100_000);
    let beyond = Violation::PeriodLoss {
        loss: 100_001,
        maximum: 100_000,
    };
    assert_eq!(with(90_000, 10_001), Err(beyond));
}

#[test]
fn a_hedge_without_position_is_measured_by_its_collateral_and_ends_its_policy() {
    let base = hedged(1_000, 1_000_000);
    let gone = Snapshot {
        liquidity: 0,
        fees: [0, 0],
        ..snapshot()
    };
    let decision = said(&rule(), &base, &gone, &mut History::still(0));
    assert_eq!((decision.reason, decision.value), (Reason::PositionGone, U256::ZERO));
    let of = |paid: u64| {
        settle_hedge(
            &guards(),
            &state(),
            &gone,
            &decision,
            &base,
            &pool(),
            &moved(0, 0, 0, paid),
        )
    };
    let told = of(999_000 - 30_000).unwrap();
    assert_eq!((told.loss, told.state.status), (30_000, Status::Ended));
    assert_eq!(told.value_after, U256::from(969_000));
    assert!(of(999_000 - 30_001).is_err());
    // Nothing lost of nothing is no loss, and anything is all of it.
    let empty = |paid| {
        settle_hedge(
            &guards(),
            &state(),
            &gone,
            &decision,
            &market(),
            &pool(),
            &moved(0, 0, 1, paid),
        )
    };
    assert_eq!(empty(1).unwrap().loss, 0);
    assert_eq!(
        empty(0),
        Err(Violation::Loss {
            loss: u32::MAX,
            maximum: 30_000
        })
    );
}

fn lenient() -> Guards {
    Guards {
        max_loss: u32::MAX,
        max_period_loss: u32::MAX,
        ..guards()
    }
}

proptest! {
    #[test]
    fn a_loss_is_the_exact_ceiling_and_what_is_left_the_floor(
        held in any::<[[u64; 2]; 2]>(),
        balances in any::<[[u64; 2]; 2]>(),
        fee in any::<u64>(),
        value in 1_u64..,
        equity in any::<i64>(),
        mean in -9_000_i32..9_000,
        volatile in 0_u8..2,
    ) {
        let before = hedged(held[0][0].into(), held[0][1].into());
        let after = HedgeAfter {
            debt: held[1][0].into(),
            collateral: held[1][1].into(),
            balances: balances.map(|of| of.map(U256::from)),
            fee: U256::from(fee),
        };
        let decision = HedgeDecision {
            mean_tick: mean,
            value: U256::from(value),
            equity: I256::try_from(equity).unwrap(),
            ..decision(&before)
        };
        let pool = Pool { volatile, ..pool() };
        let told = settle_hedge(&lenient(), &state(), &snapshot(), &decision, &before, &pool, &after).unwrap();
        let unit = |token0: bool| if token0 { price(at(mean)) } else { Fraction::int(1) };
        let (v, c) = (unit(volatile == 0), unit(volatile == 1));
        let side = |[debt, collateral]: [u64; 2], balances: [u64; 2]| {
            let wallet = worth_of(balances.map(U256::from), at(mean));
            c.mul(&Fraction::int(collateral)).sub(&v.mul(&Fraction::int(debt))).add(&wallet)
        };
        let change = side(held[1], balances[1]).add(&c.mul(&Fraction::int(fee))).sub(&side(held[0], balances[0]));
        let lost = Fraction(-change.0.clone() * 1_000_000, &change.1 * value).ceil().max(0.into());
        prop_assert_eq!(lost.min(u32::MAX.into()), told.loss.into());
        let left = change.add(&Fraction::int(IBig::from(value) + equity)).floor().max(0.into());
        prop_assert_eq!(left, IBig::from(told.value_after.to::<u128>()));
    }
}

#[test]
fn no_decision_has_a_tick_that_no_price_has() {
    let nowhere = HedgeDecision {
        mean_tick: i32::MAX,
        ..decision(&market())
    };
    let told = settle_hedge(
        &lenient(),
        &state(),
        &snapshot(),
        &nowhere,
        &market(),
        &pool(),
        &moved(0, 0, 0, 0),
    );
    assert_eq!(
        told,
        Err(Violation::Loss {
            loss: u32::MAX,
            maximum: u32::MAX
        })
    );
    assert_eq!(terms().min_trade, 0);
}
