//! What holds whatever the arguments: of any numbers at all, and of those that a pool can have.

use crate::given::{NOW, any_guards, any_rule, any_snapshot, any_state};
use hedgerow_core::policy::{
    After, Decision, Guards, Oracle, Rule, Snapshot, State, Status, TooShort, admit, decide, fee_limit, mean_price,
    settle,
};
use hedgerow_core::tick::is_usable_range;
use hedgerow_core::{I256, U256};
use proptest::prelude::*;

/// Accumulators of any numbers, or none.
#[derive(Debug, Clone)]
struct Wild(u64, bool);

impl Oracle for Wild {
    fn accumulators(&mut self, _: &[u32], out: &mut [i64]) -> Result<(), TooShort> {
        for slot in out {
            self.0 = self
                .0
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            *slot = self.0 as i64;
        }
        if self.1 { Ok(()) } else { Err(TooShort) }
    }
}

fn oracles() -> impl Strategy<Value = Wild> {
    (any::<u64>(), prop::bool::weighted(0.9)).prop_map(|(seed, answers)| Wild(seed, answers))
}

prop_compose! {
    /// What seldom is refused at once: alive, with liquidity in a range that exists.
    fn alive()(
        guards in any_guards(),
        rule in any_rule(),
        state in any_state(),
        snapshot in any_snapshot(),
        (lower, width) in (-887_000_i32..887_000, 1_i32..100_000),
        spacing in 1_i32..20_000,
    ) -> (Guards, Rule, State, Snapshot) {
        let guards = Guards { expiry: u64::MAX, max_per_day: u16::MAX, max_runs: 0, min_value: 0, cooldown: 0, ..guards };
        let guards = Guards { sequencer_feed: Default::default(), max_deviation: u32::MAX, ..guards };
        let state = State { status: Status::Set, ..state };
        let range = (lower, (lower + width).min(887_272));
        let snapshot = Snapshot { governed: true, paused: false, spacing, range, ..snapshot };
        (guards, Rule { elapsed: 1, ..rule }, state, snapshot)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_048))]

    #[test]
    fn a_decision_is_the_same_again_and_nothing_panics(
        guards in any_guards(),
        rules in prop::collection::vec(any_rule(), 0..10),
        state in any_state(),
        snapshot in any_snapshot(),
        oracle in oracles(),
        spacing in any::<i32>(),
    ) {
        let once = decide(&guards, &rules, &state, &snapshot, &mut oracle.clone());
        let again = decide(&guards, &rules, &state, &snapshot, &mut oracle.clone());
        prop_assert_eq!(once, again);
        prop_assert_eq!(once.act, once.reason.acts());
        let _ = admit(&guards, &rules, snapshot.now, 1, spacing);
        let _ = fee_limit(&guards, &once, &snapshot);
        let _ = mean_price(&guards, &mut oracle.clone());
    }

    #[test]
    fn settling_whatever_came_of_it_does_not_panic(
        (guards, rule, state, snapshot) in alive(),
        oracle in oracles(),
        (range, liquidity, fees) in any::<((i32, i32), u128, [u128; 2])>(),
        balances in any::<[[[u64; 4]; 2]; 2]>(),
        (fee, il) in any::<([u64; 4], [u64; 4])>(),
        tick in any::<i32>(),
    ) {
        let decision = decide(&guards, &[rule], &state, &snapshot, &mut oracle.clone());
        let after = After {
            range,
            liquidity,
            fees,
            balances: balances.map(|of| of.map(U256::from_limbs)),
            fee: U256::from_limbs(fee),
        };
        let _ = settle(&guards, &state, &snapshot, &decision, &after);
        let il = I256::from_raw(U256::from_limbs(il));
        let wild = Decision { il, mean_tick: tick, tick, ..decision };
        let _ = settle(&guards, &state, &snapshot, &wild, &after);
        let _ = fee_limit(&guards, &wild, &snapshot);
    }

    #[test]
    fn what_acts_leaves_a_range_that_the_pool_has((guards, rule, state, snapshot) in alive(), oracle in oracles()) {
        let decision = decide(&guards, &[rule], &state, &snapshot, &mut oracle.clone());
        if decision.act && rule.action.re_ranges() {
            prop_assert!(is_usable_range(decision.range.0, decision.range.1, snapshot.spacing));
            prop_assert_ne!(decision.range, snapshot.range);
        } else if decision.act {
            prop_assert!([snapshot.range, (0, 0)].contains(&decision.range));
        } else {
            prop_assert_eq!(decision.range, snapshot.range);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { max_global_rejects: 1 << 24, ..ProptestConfig::default() })]

    #[test]
    fn what_acts_keeps_within_every_guard(
        guards in any_guards(),
        rules in prop::collection::vec(any_rule(), 1..9),
        state in any_state(),
        snapshot in any_snapshot(),
        (range, ago, spacing) in ((-600_i32..0, 1_i32..600), 0_u64..200_000, 1_i32..200),
        few in any::<[u8; 8]>(),
        oracle in oracles(),
    ) {
        // Numbers near each other, so that each guard both holds and fails.
        let few = few.map(u64::from);
        let guards = Guards {
            expiry: NOW + few[0] - 64,
            max_per_day: few[1] as u16,
            max_runs: few[2] as u32,
            cooldown: few[3] as u32 * 1_000,
            min_value: guards.min_value >> 1 >> (few[4] / 2),
            max_deviation: guards.max_deviation >> 11,
            max_period_loss: 100_000,
            sequencer_feed: if few[5] < 128 { Default::default() } else { guards.sequencer_feed },
            sequencer_grace: 86_400,
            ..guards
        };
        let state = State {
            runs: few[6] as u32,
            last_run: NOW - ago,
            day: ((NOW - ago) / 86_400) as u32,
            runs_today: few[7] as u16 / 4,
            status: Status::from_code((few[7] % 8).min(1) as u8),
            period_loss: few[7] as u32 * 500,
            ..state
        };
        let snapshot = Snapshot { now: NOW, range, spacing, paused: few[0] % 8 == 0, governed: few[1] % 8 > 0, ..snapshot };
        let rules: Vec<_> = rules.into_iter().map(|rule| Rule { elapsed: rule.elapsed >> 16, ..rule }).collect();
        let d = decide(&guards, &rules, &state, &snapshot, &mut oracle.clone());
        prop_assume!(d.act);
        let rule = rules[usize::from(d.rule)];
        prop_assert!(state.status == Status::Set && snapshot.governed && !snapshot.paused);
        prop_assert!(NOW <= guards.expiry);
        prop_assert!(state.runs == 0 || ago >= guards.cooldown.into());
        prop_assert!(ago > NOW % 86_400 || state.runs_today < guards.max_per_day);
        prop_assert!(guards.max_runs == 0 || state.runs < guards.max_runs);
        prop_assert!(d.value >= U256::from(guards.min_value) && snapshot.liquidity > 0);
        let near = d.tick.abs_diff(d.mean_tick) <= guards.max_deviation;
        prop_assert!(near || rule.only_withdraws());
        if !guards.sequencer_feed.is_zero() {
            let feed = snapshot.sequencer.unwrap();
            prop_assert!(feed.up && feed.since <= NOW - 86_400);
        }
        prop_assert_eq!(d.action, rule.action);
    }
}
