//! What refuses whatever the market does, and what refuses because of it: each guard on both sides of its edge.

use crate::given::{History, NOW, actions, at, eager, guards, ran, snapshot, spot, state, still};
use hedgerow_core::policy::{
    Action, Decision, Guards, NO_RULE, Oracle, Proceeds, Reason, Rule, Sequencer, Snapshot, State, Status, TooShort,
    decide,
};
use hedgerow_core::{Address, U256};
use proptest::prelude::*;

const MIDNIGHT: u64 = NOW - 43_200;

fn harvest(guards: &Guards, state: &State, snapshot: &Snapshot) -> Decision {
    still(guards, eager(Action::Harvest), state, snapshot)
}

fn acts(decision: &Decision) {
    assert!(decision.act && decision.reason.acts(), "{decision:?}");
}

fn refuses(decision: &Decision, reason: Reason) {
    assert_eq!((decision.act, decision.reason), (false, reason));
}

#[test]
fn terms_that_are_set_and_fire_act() {
    let decision = harvest(&guards(), &state(), &snapshot());
    acts(&decision);
    assert_eq!(
        (decision.reason, decision.rule, decision.action),
        (Reason::Elapsed, 0, Action::Harvest)
    );
    assert_eq!((decision.range, decision.not_before), ((-600, 600), 0));
}

#[test]
fn terms_that_do_not_govern_the_position_do_nothing() {
    let never = State {
        status: Status::None,
        ..state()
    };
    refuses(&harvest(&guards(), &never, &snapshot()), Reason::NotSet);
    let other = Snapshot {
        governed: false,
        ..snapshot()
    };
    refuses(&harvest(&guards(), &state(), &other), Reason::NotSet);
    let ended = State {
        status: Status::Ended,
        ..state()
    };
    refuses(&harvest(&guards(), &ended, &snapshot()), Reason::Ended);
}

#[test]
fn terms_that_were_never_set_are_judged_as_if_they_were_set_now() {
    let decided = |guards: &Guards| still(guards, eager(Action::Harvest), &State::NONE, &snapshot());
    let decision = decided(&guards());
    assert_eq!(
        (decision.reason, decision.il),
        (Reason::NotSet, hedgerow_core::I256::ZERO)
    );
    assert!(decision.value > U256::ZERO);
    let entered = Guards {
        entry_sqrt_price: at(-400),
        ..guards()
    };
    let begun = State {
        entry_sqrt_price: at(-400),
        ..state()
    };
    assert_eq!(
        decided(&entered).il,
        still(&guards(), eager(Action::Harvest), &begun, &snapshot()).il
    );
    assert!(decided(&entered).il.is_negative());
}

#[test]
fn a_paused_account_lets_no_keeper_act() {
    let paused = Snapshot {
        paused: true,
        ..snapshot()
    };
    refuses(&harvest(&guards(), &state(), &paused), Reason::Paused);
}

#[test]
fn the_expiry_is_the_last_second_that_acts() {
    let until = |expiry| Guards { expiry, ..guards() };
    acts(&harvest(&until(NOW), &state(), &snapshot()));
    refuses(&harvest(&until(NOW - 1), &state(), &snapshot()), Reason::Expired);
}

#[test]
fn the_cooldown_passes_from_action_to_action() {
    let after = |seconds| harvest(&guards(), &ran(NOW - seconds, 1), &snapshot());
    refuses(&after(3_599), Reason::Cooldown);
    assert_eq!(after(3_599).not_before, NOW + 1);
    acts(&after(3_600));
    assert_eq!(after(3_600).not_before, NOW);
}

#[test]
fn the_first_action_waits_for_no_cooldown() {
    let set_now = State::begin(NOW, at(0), 500_000);
    let rule = Rule {
        elapsed: 0,
        fees_value: 1,
        ..eager(Action::Harvest)
    };
    acts(&still(&guards(), rule, &set_now, &snapshot()));
}

#[test]
fn a_days_actions_end_at_its_count_and_begin_again_at_midnight() {
    let with = |runs| harvest(&guards(), &ran(NOW - 3_600, runs), &snapshot());
    acts(&with(3));
    refuses(&with(4), Reason::DailyCount);
    assert_eq!(with(4).not_before, MIDNIGHT + 86_400);
    let at_time = |now| harvest(&guards(), &ran(MIDNIGHT - 7_200, 4), &Snapshot { now, ..snapshot() });
    refuses(&at_time(MIDNIGHT - 1), Reason::DailyCount);
    acts(&at_time(MIDNIGHT));
}

#[test]
fn actions_in_all_end_at_their_count_and_zero_counts_none() {
    let with = |max_runs| harvest(&Guards { max_runs, ..guards() }, &ran(NOW - 86_400, 2), &snapshot());
    acts(&with(3));
    refuses(&with(2), Reason::RunsUsed);
    refuses(&with(1), Reason::RunsUsed);
    acts(&with(0));
}

#[test]
fn nothing_happens_while_the_sequencer_is_down_or_only_just_back() {
    let heeding = Guards {
        sequencer_feed: Address::repeat_byte(7),
        sequencer_grace: 3_600,
        ..guards()
    };
    let with = |sequencer| {
        harvest(
            &heeding,
            &state(),
            &Snapshot {
                sequencer,
                ..snapshot()
            },
        )
    };
    let feed = |up, since| Some(Sequencer { up, since });
    refuses(&with(None), Reason::SequencerDown);
    refuses(&with(feed(false, 0)), Reason::SequencerDown);
    refuses(&with(feed(true, NOW - 3_599)), Reason::SequencerGrace);
    refuses(&with(feed(true, NOW + 1)), Reason::SequencerGrace);
    refuses(&with(feed(true, u64::MAX)), Reason::SequencerGrace);
    acts(&with(feed(true, NOW - 3_600)));
    // Where the terms name no feed, none is heeded.
    let heedless = Snapshot {
        sequencer: feed(false, NOW),
        ..snapshot()
    };
    acts(&harvest(&guards(), &state(), &heedless));
}

#[test]
fn a_pool_that_remembers_less_than_the_window_refuses() {
    let with = |seconds| {
        let mut oracle = History(vec![(seconds, 0)]);
        decide(&guards(), &[eager(Action::Harvest)], &state(), &snapshot(), &mut oracle)
    };
    acts(&with(600));
    refuses(&with(599), Reason::OracleTooShort);
    let figures = (with(599).value, with(599).fees_value, with(599).mean_tick);
    assert_eq!(figures, (U256::ZERO, U256::ZERO, 0));
}

#[test]
fn a_position_without_liquidity_is_left_alone() {
    refuses(
        &harvest(
            &guards(),
            &state(),
            &Snapshot {
                liquidity: 0,
                ..snapshot()
            },
        ),
        Reason::NoLiquidity,
    );
    acts(&harvest(
        &guards(),
        &state(),
        &Snapshot {
            liquidity: 1,
            ..snapshot()
        },
    ));
}

#[test]
fn a_position_must_be_worth_the_least_value_fees_included() {
    let value = harvest(&guards(), &state(), &snapshot()).value;
    let asking = |value: U256| Guards {
        min_value: value.to(),
        ..guards()
    };
    acts(&harvest(&asking(value), &state(), &snapshot()));
    refuses(
        &harvest(&asking(value + U256::from(1)), &state(), &snapshot()),
        Reason::BelowMinValue,
    );
    let without_fees = Snapshot {
        fees: [1, 0],
        ..snapshot()
    };
    refuses(&harvest(&asking(value), &state(), &without_fees), Reason::BelowMinValue);
}

#[test]
fn spot_must_lie_near_the_mean_unless_the_action_only_withdraws() {
    let exit = |proceeds| Rule {
        proceeds,
        ..eager(Action::Exit)
    };
    let wide = |action| Rule {
        width: 1_800,
        ..eager(action)
    };
    let heeding = [
        wide(Action::Rebalance),
        eager(Action::Compound),
        exit(Proceeds::Token0),
        exit(Proceeds::Token1),
    ];
    for rule in heeding {
        for side in [-1, 1] {
            acts(&still(&guards(), rule, &state(), &spot(100 * side)));
            refuses(&still(&guards(), rule, &state(), &spot(101 * side)), Reason::Deviation);
        }
    }
    for rule in [exit(Proceeds::Both), eager(Action::Harvest)] {
        for tick in [-500_000, -101, 101, 500_000] {
            acts(&still(&guards(), rule, &state(), &spot(tick)));
        }
    }
    // A walk leaves a position beside the price, where spot and mean may lie on different sides of the limit.
    let walk = |mean| {
        let mut oracle = History::still(mean);
        decide(&guards(), &[eager(Action::Walk)], &state(), &spot(900), &mut oracle)
    };
    acts(&walk(800));
    refuses(&walk(799), Reason::Deviation);
}

#[test]
fn what_a_period_may_lose_being_lost_stops_all_but_withdrawing() {
    let lost = |period_loss, period_start| State {
        period_loss,
        period_start,
        ..state()
    };
    let rule = Rule {
        width: 1_800,
        ..eager(Action::Rebalance)
    };
    acts(&still(&guards(), rule, &lost(99_999, NOW - 86_399), &snapshot()));
    refuses(
        &still(&guards(), rule, &lost(100_000, NOW - 86_399), &snapshot()),
        Reason::PeriodLossUsed,
    );
    acts(&still(&guards(), rule, &lost(100_000, NOW - 86_400), &snapshot()));
    acts(&still(
        &guards(),
        eager(Action::Exit),
        &lost(100_000, NOW - 86_399),
        &snapshot(),
    ));
    acts(&still(
        &guards(),
        eager(Action::Harvest),
        &lost(100_000, NOW - 86_399),
        &snapshot(),
    ));
}

/// Everything that can refuse, in the order of the reasons, and how to bring it about.
type Obstacle = fn(&mut Guards, &mut State, &mut Snapshot);
const OBSTACLES: [(Reason, Obstacle); 10] = [
    (Reason::NotSet, |_, _, snapshot| snapshot.governed = false),
    (Reason::Paused, |_, _, snapshot| snapshot.paused = true),
    (Reason::Expired, |guards, _, _| guards.expiry = 0),
    (Reason::Cooldown, |_, state, _| (state.runs, state.last_run) = (9, NOW)),
    (Reason::DailyCount, |_, state, _| {
        (state.day, state.runs_today) = ((NOW / 86_400) as u32, 4)
    }),
    (Reason::RunsUsed, |guards, state, _| {
        (guards.max_runs, state.runs) = (1, state.runs.max(1))
    }),
    (Reason::SequencerDown, |guards, _, _| {
        guards.sequencer_feed = Address::repeat_byte(1)
    }),
    (Reason::OracleTooShort, |guards, _, _| guards.twap_window = 601),
    (Reason::NoLiquidity, |_, _, snapshot| snapshot.liquidity = 0),
    (Reason::BelowMinValue, |guards, _, _| guards.min_value = u128::MAX),
];

proptest! {
    #[test]
    fn of_several_obstacles_the_first_of_the_reasons_is_told(mask in 0_u32..1024, action in actions()) {
        let (mut guards, mut state, mut snapshot) = (guards(), state(), snapshot());
        for (bit, (_, place)) in OBSTACLES.iter().enumerate() {
            if mask >> bit & 1 == 1 {
                place(&mut guards, &mut state, &mut snapshot);
            }
        }
        let mut oracle = History(vec![(600, 0)]);
        let decision = decide(&guards, &[eager(action)], &state, &snapshot, &mut oracle);
        match OBSTACLES.get(mask.trailing_zeros() as usize) {
            Some((reason, _)) => {
                prop_assert_eq!((decision.act, decision.reason, decision.rule), (false, *reason, NO_RULE));
            }
            // A rebalance would leave the range as it is, a walk has nothing one-sided to move.
            None => prop_assert_eq!(decision.act, !matches!(action, Action::Rebalance | Action::Walk)),
        }
    }

    #[test]
    fn before_the_time_that_is_told_cooldown_or_count_refuse_and_from_then_on_neither(
        last in NOW - 200_000..=NOW,
        runs_today in 1_u16..6,
        cooldown in 60_u32..200_000,
    ) {
        let guards = Guards { cooldown, ..guards() };
        let state = ran(last, runs_today);
        let told = harvest(&guards, &state, &snapshot()).not_before;
        let refused = |now| {
            let reason = harvest(&guards, &state, &Snapshot { now, ..snapshot() }).reason;
            matches!(reason, Reason::Cooldown | Reason::DailyCount)
        };
        prop_assert_eq!(refused(NOW), NOW < told);
        prop_assert!(!refused(told.max(NOW)));
        prop_assert!(told <= NOW || refused(told - 1));
    }

    #[test]
    fn a_refusal_has_the_figures_of_what_would_act(mask in 0_u32..128) {
        let (mut guards, mut state, mut snapshot) = (guards(), state(), snapshot());
        let free = harvest(&guards, &state, &snapshot);
        for (bit, (_, place)) in OBSTACLES[..7].iter().enumerate() {
            if mask >> bit & 1 == 1 {
                place(&mut guards, &mut state, &mut snapshot);
            }
        }
        let decision = harvest(&guards, &state, &snapshot);
        let figures = |of: &Decision| (of.tick, of.mean_tick, of.value, of.fees_value, of.il);
        prop_assert_eq!(figures(&decision), figures(&free));
    }
}

/// Counts how often the pool is asked.
struct Counted(u32);

impl Oracle for Counted {
    fn accumulators(&mut self, ago: &[u32], out: &mut [i64]) -> Result<(), TooShort> {
        self.0 += 1;
        History::still(0).accumulators(ago, out)
    }
}

#[test]
fn the_pool_is_asked_once_where_one_mean_tells_all() {
    let mut oracle = Counted(0);
    let rule = Rule {
        out_seconds: 600,
        ..eager(Action::Harvest)
    };
    acts(&decide(&guards(), &[rule], &state(), &spot(700), &mut oracle));
    acts(&decide(
        &guards(),
        &[Rule {
            out_seconds: 60,
            ..rule
        }],
        &state(),
        &spot(0),
        &mut oracle,
    ));
    assert_eq!(oracle.0, 2);
}
