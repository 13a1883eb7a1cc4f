//! The width of a range scaled by realised volatility, against paths whose volatility is known.

use crate::given::{History, eager, guards, snapshot, state};
use hedgerow_core::policy::{Action, Guards, RangeKind, Reason, Rule, Snapshot, decide};

/// The width that a policy takes without limits of its own, and the spacing at one.
fn width(rule: Rule, history: &History) -> u32 {
    width_from(1, rule, history)
}

/// The same from a least width on.
fn width_from(least: u32, rule: Rule, history: &History) -> u32 {
    let rule = Rule {
        range_kind: RangeKind::Volatility,
        width: least,
        max_width: 1_000_000,
        ..rule
    };
    let guards = Guards {
        max_deviation: u32::MAX,
        ..guards()
    };
    let snapshot = Snapshot {
        spacing: 1,
        range: (-2_000_000, 0),
        ..snapshot()
    };
    let decision = decide(&guards, &[rule], &state(), &snapshot, &mut history.clone());
    decision.range.1.abs_diff(decision.range.0)
}

fn rule() -> Rule {
    Rule {
        vol_multiple: 100,
        vol_window: 4_800,
        vol_horizon: 600,
        ..eager(Action::Rebalance)
    }
}

/// Eight windows of 600 seconds with a tick each, the latest first.
fn windows(ticks: [i32; 8]) -> History {
    History(ticks.map(|tick| (600, tick)).to_vec())
}

#[test]
fn steps_from_window_to_window_give_the_width_worked_out_by_hand() {
    // Seven differences of 100: sigma^2 = 1.5 * 10,000 a window; twice its root is 244.95.
    let zigzag = windows([0, 100, 0, 100, 0, 100, 0, 100]);
    assert_eq!(width(rule(), &zigzag), 244);
    // A trend has the same differences.
    assert_eq!(width(rule(), &windows([700, 600, 500, 400, 300, 200, 100, 0])), 244);
    // One step of 100 alone: 1.5 * 10,000 / 7; twice its root is 92.58.
    assert_eq!(width(rule(), &windows([100, 100, 100, 100, 0, 0, 0, 0])), 92);
    // Four times the horizon, or twice the multiple, is twice the width: 489.90.
    assert_eq!(
        width(
            Rule {
                vol_horizon: 2_400,
                ..rule()
            },
            &zigzag
        ),
        489
    );
    assert_eq!(
        width(
            Rule {
                vol_multiple: 200,
                ..rule()
            },
            &zigzag
        ),
        489
    );
    // A quarter of a window: 61.2 either side, 122.47 together.
    assert_eq!(
        width(
            Rule {
                vol_horizon: 150,
                ..rule()
            },
            &zigzag
        ),
        122
    );
}

#[test]
fn a_pool_that_stood_still_has_the_least_width() {
    assert_eq!(width(rule(), &History::still(-70_000)), 1);
    assert_eq!(width_from(700, rule(), &History::still(-70_000)), 700);
}

#[test]
fn a_pool_that_remembers_less_than_the_volatilitys_window_refuses() {
    let scaled = Rule {
        range_kind: RangeKind::Volatility,
        ..rule()
    };
    let with = |seconds| {
        let mut oracle = History(vec![(seconds, 3)]);
        decide(
            &guards(),
            &[scaled],
            &state(),
            &Snapshot {
                range: (0, 60),
                ..snapshot()
            },
            &mut oracle,
        )
    };
    assert!(with(4_800).act);
    assert_eq!((with(4_799).act, with(4_799).reason), (false, Reason::OracleTooShort));
}

#[test]
fn a_window_that_eight_does_not_divide_is_measured_in_its_eighths_rounded_down() {
    let ragged = Rule {
        vol_window: 4_807,
        ..rule()
    };
    assert_eq!(width(ragged, &windows([0, 100, 0, 100, 0, 100, 0, 100])), 244);
}

/// Steele, Lea and Flood's SplitMix64.
fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[test]
fn random_walks_of_one_tick_a_second_have_a_standard_deviation_of_the_root_of_the_time() {
    // The variance of a fair walk's t steps is t. Over 250,000 seconds that is 500 ticks, hence 1,000 of width; the mean square of
    // 2,000 estimates, whose own standard deviation is 0.6 of them at most, is good to 1.4 %: four of these are allowed.
    let rule = Rule {
        vol_horizon: 250_000,
        ..rule()
    };
    let mut seed = 20_260_102;
    let (walks, mut squares) = (2_000, 0.0);
    for _ in 0..walks {
        let (mut path, mut tick) = (Vec::with_capacity(4_800), 0);
        for _ in 0..4_800 / 60 {
            let mut bits = split_mix(&mut seed);
            for _ in 0..60 {
                tick += if bits & 1 == 1 { 1 } else { -1 };
                bits >>= 1;
                path.push((1, tick));
            }
        }
        squares += f64::from(width(rule, &History(path))).powi(2);
    }
    let ratio = squares / f64::from(walks) / 1e6;
    assert!((ratio - 1.0).abs() < 0.056, "{ratio}");
}
