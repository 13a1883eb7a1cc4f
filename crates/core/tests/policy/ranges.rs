//! Where a rebalance and a walk take the position.

use crate::given::{History, eager, guards, snapshot, spot, state};
use hedgerow_core::policy::{Action, Decision, Guards, RangeKind, Reason, Rule, Snapshot, decide};
use hedgerow_core::tick::{MAX_TICK, MIN_TICK, is_usable_range};
use proptest::prelude::*;

fn rebalance(rule: Rule, spacing: i32, mean: i32) -> Decision {
    let snapshot = Snapshot {
        spacing,
        range: (-spacing, 0),
        ..spot(mean)
    };
    decide(&guards(), &[rule], &state(), &snapshot, &mut History::still(mean))
}

fn fixed(width: u32, bias: i32) -> Rule {
    Rule {
        width,
        bias,
        ..eager(Action::Rebalance)
    }
}

fn walk(width: u32, tick: i32, range: (i32, i32), spacing: i32) -> Decision {
    let snapshot = Snapshot {
        range,
        spacing,
        ..spot(tick)
    };
    let rule = Rule {
        width,
        ..eager(Action::Walk)
    };
    let guards = Guards {
        max_deviation: u32::MAX,
        ..guards()
    };
    decide(&guards, &[rule], &state(), &snapshot, &mut History::still(tick))
}

#[test]
fn a_rebalance_centres_the_range_on_the_mean_and_its_bias() {
    // Nearest multiples of 60: 1,000 is 1,020 wide; its lower end belongs at 7 - 510 and at 7 + 333 - 510.
    let cases = [
        (1_000, 0, 60, 7, (-480, 540)),
        (1_000, 333, 60, 7, (-180, 840)),
        (1_000, -333, 60, 7, (-840, 180)),
        (1_200, 0, 60, 0, (-600, 600)),
        (100, 0, 1, 1_234, (1_184, 1_284)),
        (60, 0, 60, 59, (0, 60)),
        (60, 30, 60, 59, (0, 60)),
        (60, -30, 60, 0, (0, 60)),
    ];
    for (width, bias, spacing, mean, expected) in cases {
        let decision = rebalance(fixed(width, bias), spacing, mean);
        assert_eq!(
            (decision.act, decision.range),
            (true, expected),
            "{width} {bias} {spacing} {mean}"
        );
    }
}

#[test]
fn a_rebalance_to_the_range_that_is_there_already_does_nothing() {
    let decision = decide(
        &guards(),
        &[eager(Action::Rebalance)],
        &state(),
        &snapshot(),
        &mut History::still(0),
    );
    assert_eq!((decision.act, decision.reason), (false, Reason::SameRange));
}

#[test]
fn ranges_stay_within_what_the_pool_has() {
    let whole = rebalance(fixed(1_774_544, 0), 200, 0);
    assert_eq!(whole.range, (-887_200, 887_200));
    assert_eq!(rebalance(fixed(1_000, 0), 200, 887_000).range, (886_200, 887_200));
    assert_eq!(rebalance(fixed(1_000, 0), 200, -887_000).range, (-887_200, -886_200));
    for spacing in [0, -60, i32::MIN, MAX_TICK + 1, i32::MAX] {
        let decision = rebalance(fixed(1_000, 0), spacing.clamp(-1_000_000, 1_000_000), 0);
        assert_eq!((decision.act, decision.reason), (false, Reason::NoRange), "{spacing}");
    }
}

#[test]
fn a_walk_moves_up_to_the_price_on_the_side_of_its_token() {
    // Token0 only, below its range: the nearest range that the tick lies below.
    assert_eq!(walk(600, -1_000, (-600, 0), 60).range, (-960, -360));
    assert_eq!(walk(600, -1_020, (-600, 0), 60).range, (-960, -360));
    assert_eq!(walk(600, -1_021, (-600, 0), 60).range, (-1_020, -420));
    // Token1 only, at or above its range's end: the nearest range that ends at or below the tick.
    assert_eq!(walk(600, 1_000, (0, 600), 60).range, (360, 960));
    assert_eq!(walk(600, 1_020, (0, 600), 60).range, (420, 1_020));
    assert_eq!(walk(600, 1_019, (0, 600), 60).range, (360, 960));
    // Its own width, to the nearest multiple.
    assert_eq!(walk(89, 1_000, (0, 600), 60).range, (900, 960));
    assert_eq!(walk(90, 1_000, (0, 600), 60).range, (840, 960));
}

#[test]
fn a_walk_moves_only_nearer_and_only_what_is_one_sided() {
    let reason = |tick, range| {
        let decision = walk(600, tick, range, 60);
        (decision.act, decision.reason)
    };
    assert_eq!(reason(-601, (-600, 0)), (false, Reason::NotNearer));
    assert_eq!(reason(-660, (-600, 0)), (false, Reason::NotNearer));
    assert_eq!(reason(-661, (-600, 0)), (true, Reason::Elapsed));
    assert_eq!(reason(600, (0, 600)), (false, Reason::NotNearer));
    assert_eq!(reason(659, (0, 600)), (false, Reason::NotNearer));
    assert_eq!(reason(660, (0, 600)), (true, Reason::Elapsed));
    for tick in [-600, -1, 0, 599] {
        assert_eq!(reason(tick, (-600, 600)), (false, Reason::NotOneSided));
    }
}

#[test]
fn a_walk_past_the_pools_limits_is_none() {
    let reason = |tick, range| {
        let decision = walk(1_200, tick, range, 60);
        (decision.act, decision.reason)
    };
    assert_eq!(reason(887_000, (0, 600)), (true, Reason::Elapsed));
    assert_eq!(reason(-887_000, (0, 600)), (true, Reason::Elapsed));
    // Room for a range of 1,200 is neither below -886,620 nor above 886,020.
    assert_eq!(reason(-886_100, (-887_220, -886_620)), (false, Reason::NoRange));
    assert_eq!(reason(886_100, (886_620, 887_220)), (false, Reason::NoRange));
}

fn spacings() -> impl Strategy<Value = i32> {
    prop::sample::select(vec![1, 10, 50, 60, 100, 200, 2_000, 16_384])
}

proptest! {
    #[test]
    fn a_rebalances_range_is_usable_and_contains_the_mean(
        spacing in spacings(),
        wide in 0_u32..1_774_545,
        narrow in 0_u32..5_000,
        pick in any::<bool>(),
        lean in -100_i32..=100,
        mean in -800_000_i32..800_000,
    ) {
        let width = spacing.unsigned_abs().max(if pick { wide } else { narrow });
        let bias = (i64::from(width / 2) * i64::from(lean) / 100) as i32;
        let decision = rebalance(fixed(width, bias), spacing, mean);
        prop_assume!(decision.act);
        let (lower, upper) = decision.range;
        prop_assert!(is_usable_range(lower, upper, spacing));
        prop_assert!(lower <= mean && mean < upper);
        // As wide as asked, and as near to where it belongs, as the spacing lets it be.
        let most = 2 * (MAX_TICK / spacing * spacing);
        prop_assert!((upper - lower).abs_diff((width as i32).min(most)) <= spacing.unsigned_abs());
        let free = lower > MIN_TICK + spacing && upper < MAX_TICK - spacing;
        // Off by more than half a spacing only where a step nearer would leave the mean outside.
        let off = (lower + upper) / 2 - (mean + bias);
        let at_edge = if off < 0 { lower + spacing > mean } else { upper - spacing <= mean };
        prop_assert!(!free || off.abs() <= spacing / 2 + 1 || at_edge);
    }

    #[test]
    fn a_walks_range_is_usable_nearer_and_wholly_beside_the_price(
        spacing in spacings(),
        width in 1_u32..100_000,
        tick in -880_000_i32..880_000,
        (lower, wide) in (-800_000_i32..800_000, 1_i32..20),
    ) {
        let lower = lower.div_euclid(spacing) * spacing;
        let range = (lower, lower + wide * spacing);
        prop_assume!(is_usable_range(range.0, range.1, spacing));
        let decision = walk(width, tick, range, spacing);
        prop_assume!(decision.act);
        let (lower, upper) = decision.range;
        prop_assert!(is_usable_range(lower, upper, spacing));
        if tick < range.0 {
            prop_assert!(tick < lower && lower < range.0 && lower - tick <= spacing);
        } else {
            prop_assert!(upper <= tick && range.1 < upper && tick - upper < spacing);
        }
    }

    #[test]
    fn a_scaled_range_lies_between_its_least_and_greatest_width(
        ticks in prop::collection::vec(-5_000_i32..5_000, 9),
        least in 60_u32..3_000,
        more in 0_u32..6_000,
        multiple in 1_u16..1_000,
    ) {
        let rule = Rule {
            range_kind: RangeKind::Volatility,
            max_width: least + more,
            vol_multiple: multiple,
            width: least,
            ..eager(Action::Rebalance)
        };
        let history = History(ticks.into_iter().map(|tick| (600, tick)).collect());
        let guards = Guards { max_deviation: u32::MAX, ..guards() };
        let snapshot = Snapshot { spacing: 1, range: (-1, 0), ..snapshot() };
        let decision = decide(&guards, &[rule], &state(), &snapshot, &mut history.clone());
        let (lower, upper) = decision.range;
        prop_assert!(decision.act && (least..=least + more).contains(&upper.abs_diff(lower)));
    }
}
