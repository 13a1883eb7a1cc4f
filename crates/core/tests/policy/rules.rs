//! Which rule acts.

use crate::given::{History, NOW, eager, guards, idle, snapshot, spot, state};
use hedgerow_core::policy::{Action, Decision, NO_RULE, Reason, Rule, Snapshot, decide};

fn of(rules: &[Rule], snapshot: &Snapshot) -> Decision {
    decide(&guards(), rules, &state(), snapshot, &mut History::still(0))
}

#[test]
fn the_first_rule_that_fires_acts() {
    let rules = [idle(Action::Exit), eager(Action::Harvest), eager(Action::Exit)];
    let decision = of(&rules, &snapshot());
    assert_eq!(
        (decision.act, decision.rule, decision.action),
        (true, 1, Action::Harvest)
    );
}

#[test]
fn a_rule_that_cannot_be_carried_out_gives_way_to_a_later_one() {
    // Spot is too far from the mean to rebalance, never to withdraw.
    let rules = [eager(Action::Rebalance), idle(Action::Harvest), eager(Action::Exit)];
    let decision = of(&rules, &spot(101));
    assert_eq!((decision.act, decision.rule, decision.action), (true, 2, Action::Exit));
    assert_eq!((decision.reason, decision.range), (Reason::Elapsed, (0, 0)));
}

#[test]
fn where_no_rule_can_the_first_that_fired_tells_why() {
    let empty = Snapshot {
        fees: [0, 0],
        ..spot(101)
    };
    let rules = [idle(Action::Exit), eager(Action::Compound), eager(Action::Harvest)];
    let decision = of(&rules, &empty);
    assert_eq!(
        (decision.act, decision.reason, decision.rule),
        (false, Reason::Deviation, 1)
    );
    assert_eq!((decision.action, decision.range), (Action::Compound, (-600, 600)));
    let decision = of(&rules[2..], &empty);
    assert_eq!(
        (decision.act, decision.reason, decision.rule),
        (false, Reason::NothingToCollect, 0)
    );
}

#[test]
fn rules_that_all_rest_do_nothing() {
    let rules = [
        idle(Action::Exit),
        Rule {
            il: 1,
            ..idle(Action::Rebalance)
        },
    ];
    let decision = of(&rules, &snapshot());
    assert_eq!(
        (decision.act, decision.reason, decision.rule),
        (false, Reason::NoTrigger, NO_RULE)
    );
    assert_eq!(of(&[], &snapshot()).reason, Reason::NoTrigger);
}

#[test]
fn fees_in_either_token_are_enough_to_collect() {
    for action in [Action::Compound, Action::Harvest] {
        let with = |fees| of(&[eager(action)], &Snapshot { fees, ..snapshot() });
        assert_eq!((with([1, 0]).act, with([0, 1]).act), (true, true));
        assert_eq!(with([0, 0]).reason, Reason::NothingToCollect);
        // What is added to or taken from a position does not move it.
        assert_eq!(with([1, 1]).range, (-600, 600));
    }
}

#[test]
fn a_reasons_number_never_changes_and_tells_whether_it_acts() {
    let acting: Vec<_> = (1..=12).filter_map(Reason::from_code).collect();
    let resting: Vec<_> = (32..=62).filter_map(Reason::from_code).collect();
    assert_eq!((acting.len(), resting.len(), Reason::ALL.len()), (12, 31, 43));
    assert!(acting.iter().all(|reason| reason.acts()) && !resting.iter().any(|reason| reason.acts()));
    let named = [
        (1, Reason::OutOfRange),
        (7, Reason::DeltaDrift),
        (32, Reason::NoTrigger),
        (37, Reason::Cooldown),
        (45, Reason::Deviation),
        (51, Reason::NoRange),
        (8, Reason::HealthLow),
        (12, Reason::PositionGone),
        (52, Reason::GateClosed),
        (62, Reason::RateTooHigh),
    ];
    for (code, reason) in named {
        assert_eq!((Reason::from_code(code), reason.code()), (Some(reason), code));
    }
    assert!(
        [0, 13, 31, 63, 255]
            .into_iter()
            .all(|code| Reason::from_code(code).is_none())
    );
    let of_hedges: Vec<_> = Reason::ALL
        .into_iter()
        .filter(|reason| reason.is_hedges())
        .map(Reason::code)
        .collect();
    assert_eq!(of_hedges, (8..=12).chain(52..=62).collect::<Vec<_>>());
}

#[test]
fn numbers_on_the_chain_stand_for_actions_proceeds_and_ranges_in_their_order() {
    use hedgerow_core::policy::{Proceeds, RangeKind};
    let actions = [
        Action::Rebalance,
        Action::Walk,
        Action::Exit,
        Action::Compound,
        Action::Harvest,
    ];
    assert_eq!([0, 1, 2, 3, 4].map(Action::from_code), actions.map(Some));
    assert_eq!(actions.map(Action::code), [0, 1, 2, 3, 4]);
    let proceeds = [Proceeds::Both, Proceeds::Token0, Proceeds::Token1];
    assert_eq!([0, 1, 2].map(Proceeds::from_code), proceeds.map(Some));
    assert_eq!(proceeds.map(Proceeds::code), [0, 1, 2]);
    let kinds = [RangeKind::Fixed, RangeKind::Volatility];
    assert_eq!([0, 1].map(RangeKind::from_code), kinds.map(Some));
    assert_eq!(kinds.map(RangeKind::code), [0, 1]);
    assert_eq!(
        (Action::from_code(5), Proceeds::from_code(3), RangeKind::from_code(2)),
        (None, None, None)
    );
}

#[test]
fn a_ninth_rule_and_more_are_counted_too() {
    // No policy has them; a caller's list may.
    let mut rules = vec![idle(Action::Exit); 300];
    rules[254] = eager(Action::Harvest);
    assert_eq!(of(&rules, &snapshot()).rule, 254);
    rules.swap(254, 255);
    assert!(!of(&rules, &snapshot()).act);
    assert_eq!(snapshot().now, NOW);
}
