//! What an action may cost, what a keeper may take, and what is remembered.

use crate::exact::{Fraction, big, price, principal, worth_of};
use crate::given::{NOW, at, guards, ran, snapshot, spot, state};
use dashu_int::IBig;
use hedgerow_core::policy::{
    Action, After, Decision, Guards, Reason, Settlement, Snapshot, State, Status, Violation, fee_limit, settle, share,
};
use hedgerow_core::{I256, U256, WAD};

pub const NONE: [U256; 2] = [U256::ZERO; 2];

/// A decision of this action at a mean tick, as `settle` reads it.
pub fn decided(action: Action, range: (i32, i32), mean_tick: i32) -> Decision {
    Decision {
        act: true,
        reason: Reason::Elapsed,
        rule: 0,
        action,
        range,
        tick: mean_tick,
        mean_tick,
        value: U256::ZERO,
        fees_value: U256::ZERO,
        il: I256::ZERO,
        not_before: 0,
    }
}

/// Nothing changed, nothing came, nothing was paid.
pub fn untouched(snapshot: &Snapshot) -> After {
    After {
        range: snapshot.range,
        liquidity: snapshot.liquidity,
        fees: snapshot.fees,
        balances: [NONE, NONE],
        fee: U256::ZERO,
    }
}

/// Everything was withdrawn, and so much came.
pub fn left(came: [U256; 2]) -> After {
    After {
        range: (0, 0),
        liquidity: 0,
        fees: [0, 0],
        balances: [NONE, came],
        fee: U256::ZERO,
    }
}

/// Worth exactly 1,000,000 of token1: at tick 0 either token is worth one, and liquidity that rounds away is left out by fees.
pub fn million() -> Snapshot {
    Snapshot {
        liquidity: 0,
        fees: [400_000, 600_000],
        ..snapshot()
    }
}

fn exit(guards: &Guards, state: &State, snapshot: &Snapshot, after: &After) -> Result<Settlement, Violation> {
    settle(guards, state, snapshot, &decided(Action::Exit, (0, 0), 0), after)
}

pub fn units(amount0: u64, amount1: u64) -> [U256; 2] {
    [U256::from(amount0), U256::from(amount1)]
}

#[test]
fn the_loss_is_what_is_missing_in_millionths() {
    let loss =
        |came| exit(&guards(), &state(), &million(), &left(came)).map(|settled| (settled.loss, settled.value_after));
    assert_eq!(loss(units(400_000, 600_000)), Ok((0, U256::from(1_000_000))));
    assert_eq!(loss(units(399_999, 600_000)), Ok((1, U256::from(999_999))));
    assert_eq!(loss(units(390_000, 590_000)), Ok((20_000, U256::from(980_000))));
    assert_eq!(loss(units(400_000, 700_000)), Ok((0, U256::from(1_100_000))));
}

#[test]
fn an_action_may_cost_its_maximum_and_not_a_millionth_more() {
    let strict = Guards {
        max_loss: 20_000,
        ..guards()
    };
    let with = |missing: u64| exit(&strict, &state(), &million(), &left(units(400_000 - missing, 600_000)));
    assert_eq!(with(20_000).map(|settled| settled.loss), Ok(20_000));
    assert_eq!(
        with(20_001),
        Err(Violation::Loss {
            loss: 20_001,
            maximum: 20_000
        })
    );
}

#[test]
fn an_exit_may_always_lose_a_unit_of_either_token_to_rounding_and_nothing_else_may() {
    let none = Guards {
        max_loss: 0,
        max_period_loss: 0,
        ..guards()
    };
    let spent = State {
        period_loss: 100_000,
        period_start: NOW,
        ..state()
    };
    let with = |action, missing: [u64; 2]| {
        let after = left(units(400_000 - missing[0], 600_000 - missing[1]));
        settle(&none, &spent, &million(), &decided(action, (0, 0), 0), &after).map(|settled| settled.loss)
    };
    assert_eq!(with(Action::Exit, [1, 1]), Ok(2));
    assert_eq!(with(Action::Exit, [2, 1]), Err(Violation::Loss { loss: 3, maximum: 0 }));
    for action in [Action::Rebalance, Action::Walk, Action::Compound, Action::Harvest] {
        assert_eq!(with(action, [1, 0]), Err(Violation::Loss { loss: 1, maximum: 0 }));
    }
    let period = Guards {
        max_loss: 1,
        max_period_loss: 0,
        ..guards()
    };
    let harvested = left(units(399_999, 600_000));
    let refused = settle(
        &period,
        &spent,
        &million(),
        &decided(Action::Harvest, (0, 0), 0),
        &harvested,
    );
    assert_eq!(
        refused,
        Err(Violation::PeriodLoss {
            loss: 100_001,
            maximum: 0
        })
    );
}

#[test]
fn a_fraction_of_a_millionth_counts_as_one() {
    let large = Snapshot {
        fees: [4_000_000, 6_000_000],
        ..million()
    };
    let settled = exit(&guards(), &state(), &large, &left(units(4_000_000, 5_999_999))).unwrap();
    assert_eq!(settled.loss, 1);
}

#[test]
fn what_the_wallet_had_before_is_none_of_the_actions_gain() {
    let before = units(5_000_000, 7_000_000);
    let after = |end| After {
        balances: [before, end],
        ..left(NONE)
    };
    let settled = exit(&guards(), &state(), &million(), &after(units(5_400_000, 7_600_000))).unwrap();
    assert_eq!((settled.loss, settled.value_after), (0, U256::from(1_000_000)));
    let robbed = exit(&guards(), &state(), &million(), &after(units(5_400_000, 7_500_000)));
    assert_eq!(
        robbed,
        Err(Violation::Loss {
            loss: 100_000,
            maximum: 30_000
        })
    );
    // A balance that fell costs as much as what does not come.
    let spent = exit(&guards(), &state(), &million(), &after(units(4_990_000, 8_000_000))).unwrap();
    assert_eq!((spent.loss, spent.value_after), (10_000, U256::from(990_000)));
}

#[test]
fn the_keepers_fee_is_no_loss_in_either_token() {
    for fee_token in [0, 1] {
        let paying = Guards { fee_token, ..guards() };
        let mut came = units(400_000, 600_000);
        came[usize::from(fee_token)] -= U256::from(50_000);
        let after = After {
            fee: U256::from(50_000),
            ..left(came)
        };
        let settled = exit(&paying, &state(), &million(), &after).unwrap();
        assert_eq!((settled.loss, settled.value_after), (0, U256::from(1_000_000)));
    }
    // Token0 is worth three quarters more here: a fee counts at its own token's price.
    let dear = decided(Action::Exit, (0, 0), 5_596);
    let after = After {
        fee: U256::from(50_000),
        ..left(units(350_000, 600_000))
    };
    assert_eq!(
        settle(&guards(), &state(), &million(), &dear, &after).map(|settled| settled.loss),
        Ok(0)
    );
    let other = Guards {
        fee_token: 1,
        ..guards()
    };
    let missed = settle(
        &other,
        &state(),
        &million(),
        &dear,
        &After {
            fee: U256::from(30_000),
            ..left(units(370_000, 600_000))
        },
    );
    let expected = price(at(5_596)).sub(&Fraction::int(1)).mul(&Fraction::int(30_000));
    let whole = worth_of(units(400_000, 600_000), at(5_596));
    let expected = Fraction(expected.0 * whole.1 * 1_000_000, expected.1 * whole.0).ceil();
    assert_eq!(missed.map(|settled| IBig::from(settled.loss)), Ok(expected));
}

#[test]
fn a_position_worth_nothing_settles_nothing() {
    let empty = Snapshot {
        liquidity: 0,
        fees: [0, 0],
        ..snapshot()
    };
    let refused = exit(&guards(), &state(), &empty, &left(units(1, 1)));
    assert_eq!(
        refused,
        Err(Violation::Loss {
            loss: u32::MAX,
            maximum: 30_000
        })
    );
    let nowhere = decided(Action::Exit, (0, 0), 887_273);
    let refused = settle(
        &guards(),
        &state(),
        &million(),
        &nowhere,
        &left(units(400_000, 600_000)),
    );
    assert_eq!(
        refused,
        Err(Violation::Loss {
            loss: u32::MAX,
            maximum: 30_000
        })
    );
}

#[test]
fn a_periods_losses_are_summed_and_forgotten_when_it_ends() {
    let begun = |period_loss| State {
        period_loss,
        period_start: NOW - 1_000,
        ..state()
    };
    let losing = left(units(390_000, 600_000));
    let settled = exit(&guards(), &begun(90_000), &million(), &losing).unwrap();
    assert_eq!(
        (settled.state.period_loss, settled.state.period_start),
        (100_000, NOW - 1_000)
    );
    let refused = exit(&guards(), &begun(90_001), &million(), &losing);
    assert_eq!(
        refused,
        Err(Violation::PeriodLoss {
            loss: 100_001,
            maximum: 100_000
        })
    );
    let at_end = |period| exit(&Guards { period, ..guards() }, &begun(90_001), &million(), &losing);
    assert!(at_end(1_001).is_err());
    let renewed = at_end(1_000).unwrap().state;
    assert_eq!((renewed.period_loss, renewed.period_start), (10_000, NOW));
}

#[test]
fn counts_and_times_are_kept() {
    let settle_at = |state: &State, now| {
        let snapshot = Snapshot { now, ..million() };
        let decision = decided(Action::Harvest, snapshot.range, 0);
        settle(&guards(), state, &snapshot, &decision, &untouched(&snapshot))
            .unwrap()
            .state
    };
    let midnight = NOW - 43_200;
    let first = settle_at(&state(), midnight + 5);
    assert_eq!((first.runs, first.last_run, first.runs_today), (1, midnight + 5, 1));
    assert_eq!(u64::from(first.day), midnight / 86_400);
    let second = settle_at(&first, midnight + 86_399);
    assert_eq!(
        (second.runs, second.last_run, second.runs_today),
        (2, midnight + 86_399, 2)
    );
    let third = settle_at(&second, midnight + 86_400);
    assert_eq!((third.runs, third.runs_today, third.day), (3, 1, second.day + 1));
    assert_eq!((third.set_at, third.status), (state().set_at, Status::Set));
    let many = settle_at(
        &State {
            runs: u32::MAX,
            ..ran(NOW, u16::MAX)
        },
        NOW,
    );
    assert_eq!((many.runs, many.runs_today), (u32::MAX, u16::MAX));
}

#[test]
fn an_exit_ends_the_policy_and_nothing_else_does() {
    for action in [
        Action::Rebalance,
        Action::Walk,
        Action::Exit,
        Action::Compound,
        Action::Harvest,
    ] {
        let snapshot = snapshot();
        let decision = decided(action, (-1_200, 1_200), 0);
        let settled = settle(&guards(), &state(), &snapshot, &decision, &untouched(&snapshot)).unwrap();
        let ended = settled.state.status == Status::Ended;
        assert_eq!(ended, action == Action::Exit);
    }
}

#[test]
fn a_new_range_counts_impermanent_loss_from_the_mean_and_keeps_what_was_lost_if_asked() {
    let il = -I256::try_from(40_000_000_000_000_000_u64).unwrap();
    let with = |keep_entry, action| {
        let snapshot = snapshot();
        let decision = Decision {
            il,
            ..decided(action, (-1_200, 1_200), 90)
        };
        let guards = Guards { keep_entry, ..guards() };
        let before = State {
            factor: WAD - 1,
            ..state()
        };
        settle(&guards, &before, &snapshot, &decision, &untouched(&snapshot))
            .unwrap()
            .state
    };
    for action in [Action::Rebalance, Action::Walk] {
        assert_eq!(
            (with(true, action).factor, with(true, action).entry_sqrt_price),
            (960_000_000_000_000_000, at(90))
        );
        assert_eq!(
            (with(false, action).factor, with(false, action).entry_sqrt_price),
            (WAD, at(90))
        );
    }
    for action in [Action::Compound, Action::Harvest, Action::Exit] {
        assert_eq!(
            (with(true, action).factor, with(true, action).entry_sqrt_price),
            (WAD - 1, at(0))
        );
    }
}

#[test]
fn after_an_action_the_share_is_that_of_what_is_left() {
    let moved = After {
        range: (-300, 900),
        ..untouched(&snapshot())
    };
    let decision = decided(Action::Rebalance, (-300, 900), 90);
    let generous = Guards {
        max_loss: 1_000_000,
        max_period_loss: 1_000_000,
        ..guards()
    };
    let settled = settle(&generous, &state(), &snapshot(), &decision, &moved).unwrap();
    assert_eq!(settled.state.share, share(1, (-300, 900), at(90)));
    assert!((600_000..800_000).contains(&settled.state.share));
    let gone = exit(&guards(), &state(), &million(), &left(units(400_000, 600_000))).unwrap();
    assert_eq!(gone.state.share, 0);
}

/// After a rebalance that left so much of either token beside a position worth a little over 59.1e18.
fn beside(action: Action, idle: [u128; 2], fee: u128) -> Result<Settlement, Violation> {
    let snapshot = Snapshot {
        liquidity: 10_u128.pow(21),
        fees: [0, 0],
        ..spot(700)
    };
    let after = After {
        range: (720, 1_920),
        liquidity: 10_u128.pow(21),
        fees: [0, 0],
        balances: [NONE, idle.map(U256::from)],
        fee: U256::from(fee),
    };
    let generous = Guards {
        max_loss: 1_000_000,
        max_period_loss: 1_000_000,
        ..guards()
    };
    settle(
        &generous,
        &state(),
        &snapshot,
        &decided(action, (720, 1_920), 700),
        &after,
    )
}

#[test]
fn so_much_must_be_liquidity_after_a_rebalance() {
    let deployed = principal(10_u128.pow(21), (720, 1_920), at(700));
    // One ninth of it beside it leaves nine tenths.
    let ninth = u128::try_from(Fraction(deployed.0, deployed.1 * 9).floor()).unwrap();
    assert!(beside(Action::Rebalance, [0, ninth], 0).is_ok());
    let refused = Err(Violation::Deployed {
        deployed: 899_999,
        minimum: 900_000,
    });
    assert_eq!(beside(Action::Rebalance, [0, ninth + ninth / 100_000], 0), refused);
    assert!(beside(Action::Rebalance, [ninth, 0], 0).is_err());
    // What the keeper is paid need not be deployed.
    assert!(beside(Action::Rebalance, [0, ninth], u128::MAX).is_ok());
}

#[test]
fn a_walk_leaves_the_other_tokens_fees_in_the_wallet() {
    // The range above the price takes token0: of token1 any amount may be left, of token0 no more than after a rebalance.
    assert!(beside(Action::Walk, [0, 10_u128.pow(30)], 0).is_ok());
    assert!(beside(Action::Walk, [10_u128.pow(30), 0], 0).is_err());
    let below = Decision {
        tick: 2_000,
        ..decided(Action::Walk, (720, 1_920), 2_000)
    };
    let with = |idle| {
        let snapshot = Snapshot {
            range: (0, 1_200),
            ..spot(2_000)
        };
        let after = After {
            range: (720, 1_920),
            balances: [NONE, idle],
            ..untouched(&snapshot)
        };
        let generous = Guards {
            max_loss: 1_000_000,
            max_period_loss: 1_000_000,
            ..guards()
        };
        settle(&generous, &state(), &snapshot, &below, &after)
    };
    let much = 10_u64.pow(19);
    assert!(with(units(much, 0)).is_ok());
    assert!(with([U256::ZERO, U256::from(much) * U256::from(1_000)]).is_err());
}

#[test]
fn a_compound_costs_no_liquidity() {
    let with = |liquidity| {
        let snapshot = snapshot();
        let after = After {
            liquidity,
            ..untouched(&snapshot)
        };
        settle(
            &guards(),
            &state(),
            &snapshot,
            &decided(Action::Compound, snapshot.range, 0),
            &after,
        )
    };
    let liquidity = snapshot().liquidity;
    assert!(with(liquidity).is_ok() && with(liquidity + 1).is_ok());
    let refused = Err(Violation::Deployed {
        deployed: 999_999,
        minimum: 1_000_000,
    });
    assert_eq!(with(liquidity - 1), refused);
}

#[test]
fn a_keeper_takes_no_more_than_the_maximum_and_the_share_of_the_fees() {
    let snapshot = Snapshot {
        fees: [1_000_000, 2_000_000],
        ..spot(13_863)
    };
    let limit = |fee_token, max_fee, max_fee_share| {
        let guards = Guards {
            fee_token,
            max_fee,
            max_fee_share,
            ..guards()
        };
        fee_limit(&guards, &decided(Action::Harvest, (-600, 600), 13_863), &snapshot)
    };
    let fees = worth_of([U256::from(1_000_000), U256::from(2_000_000)], at(13_863));
    let tenth = Fraction(fees.0.clone(), fees.1.clone() * 10);
    assert_eq!(big(limit(1, u128::MAX, 100_000)), tenth.floor());
    let price = price(at(13_863));
    let in_token0 = Fraction(tenth.0 * price.1, tenth.1 * price.0);
    assert_eq!(big(limit(0, u128::MAX, 100_000)), in_token0.floor());
    assert_eq!(limit(0, 5, 100_000), U256::from(5));
    assert_eq!(limit(1, u128::MAX, 0), U256::ZERO);
}
