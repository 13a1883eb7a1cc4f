//! When a rule fires: each trigger on both sides of its edge.

use crate::exact::{Fraction, amounts, big, principal, worth, worth_of};
use crate::given::{History, NOW, at, guards, idle, ran, snapshot, spot, state};
use dashu_int::IBig;
use hedgerow_core::policy::{Action, Decision, Guards, Reason, Rule, Snapshot, State, decide, gas_of, share};
use hedgerow_core::tick::range_sqrt_prices;
use hedgerow_core::{U256, WAD};
use proptest::prelude::*;

/// What a harvest with this trigger decides, the mean being that of the history.
fn decided(rule: Rule, state: &State, snapshot: &Snapshot, history: &History) -> Decision {
    decide(&guards(), &[rule], state, snapshot, &mut history.clone())
}

fn fires(decision: &Decision, reason: Reason) {
    assert_eq!((decision.act, decision.reason), (true, reason));
}

fn rests(decision: &Decision) {
    assert_eq!((decision.act, decision.reason), (false, Reason::NoTrigger));
}

fn out(out_ticks: u32, out_seconds: u32) -> Rule {
    Rule {
        out_ticks,
        out_seconds,
        ..idle(Action::Harvest)
    }
}

#[test]
fn out_of_range_takes_spot_and_mean_that_far_beyond_the_same_end() {
    // The price of the range (-600, 600) leaves it at the ticks -601 and 600; ten whole ticks further are -611 and 610.
    for (inside, outside) in [(-610, -611), (609, 610)] {
        let with = |tick, mean| decided(out(10, 1_800), &state(), &spot(tick), &History::still(mean));
        fires(&with(outside, outside), Reason::OutOfRange);
        rests(&with(inside, outside));
        rests(&with(outside, inside));
        rests(&with(outside, -outside));
        rests(&with(0, 0));
    }
    let just = |tick| decided(out(0, 1_800), &state(), &spot(tick), &History::still(tick));
    for (inside, outside) in [(-600, -601), (599, 600)] {
        rests(&just(inside));
        fires(&just(outside), Reason::OutOfRange);
    }
}

#[test]
fn the_time_out_of_range_is_that_of_the_rule() {
    // 900 seconds far outside after 2,700 inside: the mean of 1,800 seconds is 1,000, of 3,600 it is 500.
    let history = History(vec![(900, 2_000), (2_700, 0)]);
    let with = |seconds| decided(out(0, seconds), &state(), &spot(2_000), &history);
    fires(&with(900), Reason::OutOfRange);
    fires(&with(1_800), Reason::OutOfRange);
    rests(&with(3_600));
    // The pool does not remember more; that is told, unless another trigger fires.
    assert_eq!(with(3_601).reason, Reason::OracleTooShort);
    let also = Rule {
        elapsed: 1,
        ..out(0, 3_601)
    };
    fires(&decided(also, &state(), &spot(2_000), &history), Reason::Elapsed);
}

#[test]
fn impermanent_loss_fires_at_its_share_of_holding() {
    let (now, entry) = (at(300), at(0));
    let (lower, upper) = range_sqrt_prices(-600, 600).unwrap();
    let value = worth(&amounts(1_000_000, lower, upper, now), now);
    let hold = worth(&amounts(1_000_000, lower, upper, entry), now);
    // Millionths of the loss, exactly: no integer, so its floor fires and the next does not.
    let loss = Fraction::int(1_000_000).sub(&Fraction(value.0 * hold.1 * 1_000_000, value.1 * hold.0));
    let floor = u32::try_from(loss.floor()).unwrap();
    assert!(floor > 100, "{floor}");
    let with = |il| {
        decided(
            Rule {
                il,
                ..idle(Action::Harvest)
            },
            &state(),
            &spot(300),
            &History::still(300),
        )
    };
    fires(&with(floor), Reason::ImpermanentLoss);
    rests(&with(floor + 1));
}

#[test]
fn impermanent_loss_counts_what_earlier_ranges_lost() {
    let halved = State {
        factor: WAD / 2,
        ..state()
    };
    let with = |il| {
        decided(
            Rule {
                il,
                ..idle(Action::Harvest)
            },
            &halved,
            &snapshot(),
            &History::still(0),
        )
    };
    fires(&with(500_000), Reason::ImpermanentLoss);
    rests(&with(500_001));
    assert_eq!(with(1).il, -hedgerow_core::I256::try_from(WAD / 2).unwrap());
}

#[test]
fn the_band_is_left_beyond_either_tick() {
    let rule = Rule {
        band: (-100, 50),
        ..idle(Action::Exit)
    };
    let with = |mean| decided(rule, &state(), &snapshot(), &History::still(mean));
    for mean in [-101, 51, -800_000, 800_000] {
        fires(&with(mean), Reason::PriceBand);
    }
    for mean in [-100, 0, 50] {
        rests(&with(mean));
    }
    let unused = Rule { band: (70, 70), ..rule };
    rests(&decided(unused, &state(), &snapshot(), &History::still(71)));
}

#[test]
fn fees_fire_at_their_value_in_token1() {
    // At tick 13,863 a unit of token0 is worth 3.99975 of token1, so that 1,000,000 and 7 are worth 3,999,757 and 7.
    let snapshot = Snapshot {
        fees: [1_000_000, 7],
        ..spot(13_863)
    };
    let value = worth_of([U256::from(1_000_000), U256::from(7)], at(13_863)).floor();
    let value = u128::try_from(value).unwrap();
    assert!((3_999_700..3_999_900).contains(&value), "{value}");
    let with = |fees_value| {
        decided(
            Rule {
                fees_value,
                ..idle(Action::Harvest)
            },
            &state(),
            &snapshot,
            &History::still(13_863),
        )
    };
    fires(&with(value), Reason::Fees);
    rests(&with(value + 1));
    assert_eq!(with(1).fees_value, U256::from(value));
}

#[test]
fn fees_over_gas_fire_at_so_many_tenths_of_what_the_gas_costs() {
    // 450,000 gas at a tenth of a gwei are 4.5e13 wei; 2.5 times that 1.125e14.
    assert_eq!(gas_of(Action::Harvest), 450_000);
    let rule = Rule {
        fees_gas_multiple: 25,
        ..idle(Action::Harvest)
    };
    let with = |native_token, fees| {
        let guards = Guards {
            native_token,
            ..guards()
        };
        decide(
            &guards,
            &[rule],
            &state(),
            &Snapshot { fees, ..snapshot() },
            &mut History::still(0),
        )
    };
    let cost = 112_500_000_000_000;
    for native in [1, 2] {
        for fees in [[cost, 0], [0, cost], [cost - 1, 1]] {
            fires(&with(native, fees), Reason::FeesOverGas);
        }
        rests(&with(native, [cost - 1, 0]));
    }
    rests(&with(0, [cost, cost]));
}

#[test]
fn gas_is_worth_what_the_wrapped_native_token_is() {
    // One token0 is worth 3.99975 of token1.
    let rule = Rule {
        fees_gas_multiple: 10,
        ..idle(Action::Harvest)
    };
    let with = |native_token, fee1| {
        let guards = Guards {
            native_token,
            ..guards()
        };
        let snapshot = Snapshot {
            fees: [0, fee1],
            ..spot(13_863)
        };
        decide(&guards, &[rule], &state(), &snapshot, &mut History::still(13_863)).act
    };
    let wei = U256::from(450_000_u64 * 100_000_000);
    let worth = u128::try_from(worth_of([wei, U256::ZERO], at(13_863)).ceil()).unwrap();
    assert_eq!((with(1, worth), with(1, worth - 1)), (true, false));
    assert_eq!(
        (with(2, 45_000_000_000_000), with(2, 44_999_999_999_999)),
        (true, false)
    );
}

#[test]
fn dearer_actions_ask_for_more_fees() {
    let gas = [
        Action::Harvest,
        Action::Exit,
        Action::Compound,
        Action::Walk,
        Action::Rebalance,
    ]
    .map(gas_of);
    assert!(gas.is_sorted_by(|less, more| less < more), "{gas:?}");
}

#[test]
fn time_passes_from_the_last_action_or_from_when_the_policy_was_set() {
    let rule = Rule {
        elapsed: 7_200,
        ..idle(Action::Harvest)
    };
    let with = |state: &State| decided(rule, state, &snapshot(), &History::still(0));
    let set = |ago| State {
        set_at: NOW - ago,
        ..state()
    };
    fires(&with(&set(7_200)), Reason::Elapsed);
    rests(&with(&set(7_199)));
    fires(&with(&ran(NOW - 7_200, 1)), Reason::Elapsed);
    rests(&with(&ran(NOW - 7_199, 1)));
}

#[test]
fn delta_drift_fires_when_token0s_share_moved_that_far_either_way() {
    let now = share(snapshot().liquidity, (-600, 600), at(150));
    let with = |then, delta_drift| {
        let state = State { share: then, ..state() };
        decided(
            Rule {
                delta_drift,
                ..idle(Action::Harvest)
            },
            &state,
            &spot(150),
            &History::still(150),
        )
    };
    for then in [now - 1_000, now + 1_000] {
        fires(&with(then, 1_000), Reason::DeltaDrift);
        rests(&with(then, 1_001));
    }
}

#[test]
fn the_first_trigger_of_a_rule_is_its_reason() {
    let all = Rule {
        out_seconds: 600,
        il: 1,
        band: (-1, 0),
        fees_value: 1,
        fees_gas_multiple: 1,
        elapsed: 1,
        delta_drift: 1,
        ..idle(Action::Harvest)
    };
    type Remove = fn(&mut Rule);
    let clear: [(Reason, Remove); 7] = [
        (Reason::OutOfRange, |rule| rule.out_seconds = 0),
        (Reason::ImpermanentLoss, |rule| rule.il = 0),
        (Reason::PriceBand, |rule| rule.band = (0, 0)),
        (Reason::Fees, |rule| rule.fees_value = 0),
        (Reason::FeesOverGas, |rule| rule.fees_gas_multiple = 0),
        (Reason::Elapsed, |rule| rule.elapsed = 0),
        (Reason::DeltaDrift, |rule| rule.delta_drift = 0),
    ];
    let mut rule = all;
    for (reason, remove) in clear {
        fires(&decided(rule, &state(), &spot(900), &History::still(900)), reason);
        remove(&mut rule);
    }
    rests(&decided(rule, &state(), &spot(900), &History::still(900)));
}

prop_compose! {
    fn places()(lower in -50_i32..50, width in 1_i32..50, mean in -8_000_i32..8_000, liquidity in 1..u128::MAX / 4)
        -> ((i32, i32), i32, u128) {
        ((lower * 60, (lower + width) * 60), mean, liquidity)
    }
}

proptest! {
    #[test]
    fn value_is_that_of_liquidity_and_fees_rounded_down(
        (range, mean, liquidity) in places(),
        fees in any::<[u64; 2]>(),
    ) {
        let fees = fees.map(u128::from);
        let snapshot = Snapshot { range, liquidity, fees, ..snapshot() };
        let decision = decided(idle(Action::Harvest), &state(), &snapshot, &History::still(mean));
        let fees = worth_of(fees.map(U256::from), at(mean));
        prop_assert_eq!(big(decision.fees_value), fees.floor());
        prop_assert_eq!(big(decision.value), principal(liquidity, range, at(mean)).add(&fees).floor());
    }

    #[test]
    fn impermanent_loss_since_entry_is_never_understated(
        (range, mean, liquidity) in places(),
        entry in -8_000_i32..8_000,
        factor in 1..=WAD,
    ) {
        let state = State { entry_sqrt_price: at(entry), factor, ..state() };
        let snapshot = Snapshot { range, liquidity, ..snapshot() };
        let decision = decided(idle(Action::Harvest), &state, &snapshot, &History::still(mean));
        let (lower, upper) = range_sqrt_prices(range.0, range.1).unwrap();
        let value = worth(&amounts(1, lower, upper, at(mean)), at(mean));
        let hold = worth(&amounts(1, lower, upper, at(entry)), at(mean));
        let left = Fraction(value.0 * hold.1 * factor, value.1 * hold.0);
        let exact = left.sub(&Fraction::int(WAD));
        let il = Fraction::int(IBig::from(i128::try_from(decision.il).unwrap()));
        // Two floors: of the range's own loss, and of the product.
        prop_assert!(il.at_most(&exact) && exact.at_most(&il.add(&Fraction::int(2))));
    }

    #[test]
    fn the_share_is_token0s_of_the_value((range, mean, liquidity) in places()) {
        let (lower, upper) = range_sqrt_prices(range.0, range.1).unwrap();
        let [amount0, _] = amounts(liquidity, lower, upper, at(mean));
        let whole = principal(liquidity, range, at(mean));
        let part = worth(&[amount0, Fraction::int(0)], at(mean));
        let exact = Fraction(part.0 * whole.1 * 1_000_000, part.1 * whole.0);
        prop_assert_eq!(IBig::from(share(liquidity, range, at(mean))), exact.floor());
    }

    #[test]
    fn a_wider_trigger_never_fires_where_a_narrower_one_rests(
        ticks in 0_u32..400, more in 0_u32..400,
        spot_tick in -1_500_i32..1_500, mean in -1_500_i32..1_500,
    ) {
        let with = |ticks| decided(out(ticks, 900), &state(), &spot(spot_tick), &History::still(mean)).act;
        prop_assert!(!with(ticks + more) || with(ticks));
    }
}
