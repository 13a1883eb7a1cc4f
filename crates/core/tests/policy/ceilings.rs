//! Which terms may be set.

use crate::given::{NOW, any_guards, any_rule, eager, guards, idle};
use hedgerow_core::policy::{
    Action, Defect, FIELD_RULES, FIELD_TRIGGERS, GUARDS, Guards, RangeKind, Rule, SEQUENCER_FEED_OF_ARBITRUM_ONE, admit,
};
use hedgerow_core::{Address, U256};
use proptest::prelude::*;

const SEPOLIA: u64 = 421_614;
const ONE: u64 = 42_161;
const YEAR: u64 = 31_622_400;

fn admitted(guards: &Guards, rule: Rule) -> Result<(), Defect> {
    admit(guards, &[rule], NOW, SEPOLIA, 60)
}

fn with_feed() -> Guards {
    Guards {
        sequencer_feed: Address::repeat_byte(1),
        sequencer_grace: 3_600,
        ..guards()
    }
}

fn scaled() -> Rule {
    Rule {
        range_kind: RangeKind::Volatility,
        ..eager(Action::Rebalance)
    }
}

type Set<T> = fn(&mut T, u64);
type Spoil<T> = fn(&mut T);

#[test]
fn every_limit_of_the_guards_is_admitted_and_one_beyond_is_refused_by_its_name() {
    let limits: [(u8, u64, u64, Set<Guards>); 12] = [
        (1, NOW, NOW + YEAR, |guards, to| guards.expiry = to),
        (2, 60, 86_400, |guards, to| guards.twap_window = to as u32),
        (3, 1, 500, |guards, to| guards.max_deviation = to as u32),
        (4, 0, 30_000, |guards, to| guards.max_loss = to as u32),
        (5, 30_000, 100_000, |guards, to| guards.max_period_loss = to as u32),
        (6, 86_400, YEAR, |guards, to| guards.period = to as u32),
        (7, 60, YEAR, |guards, to| guards.cooldown = to as u32),
        (8, 1, 24, |guards, to| guards.max_per_day = to as u16),
        (10, 900_000, 1_000_000, |guards, to| guards.min_deployed = to as u32),
        (14, 0, 500_000, |guards, to| guards.max_fee_share = to as u32),
        (17, 600, 86_400, |guards, to| guards.sequencer_grace = to as u32),
        (11, 0, u64::MAX, |guards, to| guards.min_value = to.into()),
    ];
    for (field, least, most, set) in limits {
        let with = |value: u64| {
            let mut guards = with_feed();
            set(&mut guards, value);
            admitted(&guards, eager(Action::Rebalance))
        };
        assert_eq!((with(least), with(most)), (Ok(()), Ok(())), "field {field}");
        let beyond = |limit: u64| {
            Err(Defect::Ceiling {
                rule: GUARDS,
                field,
                limit: limit.into(),
            })
        };
        if most != u64::MAX {
            assert_eq!(with(most + 1), beyond(most), "field {field}");
        }
        // Before now, and below one action's loss, terms make no sense; the others have a least.
        if least != 0 && ![1, 5].contains(&field) {
            assert_eq!(with(least - 1), beyond(least), "field {field}");
        }
    }
}

#[test]
fn every_limit_of_a_rule_is_admitted_and_one_beyond_is_refused_by_its_name() {
    let limits: [(u8, u64, u64, Set<Rule>); 11] = [
        (1, 0, 1_774_544, |rule, to| {
            (rule.out_ticks, rule.out_seconds) = (to as u32, 1)
        }),
        (2, 0, 604_800, |rule, to| rule.out_seconds = to as u32),
        (3, 0, 1_000_000, |rule, to| rule.il = to as u32),
        (9, 0, 1_000_000, |rule, to| rule.delta_drift = to as u32),
        (11, 60, 1_774_544, |rule, to| {
            (rule.width, rule.max_width) = (to as u32, 2_000_000.min(to.max(1_774_544)) as u32)
        }),
        (12, 1_200, 1_774_544, |rule, to| rule.max_width = to as u32),
        (13, 0, 600, |rule, to| rule.bias = to as i32),
        (13, 0, 600, |rule, to| rule.bias = -(to as i32)),
        (15, 600, 604_800, |rule, to| rule.vol_window = to as u32),
        (16, 1, 31_622_400, |rule, to| rule.vol_horizon = to as u32),
        (14, 1, 65_535, |rule, to| rule.vol_multiple = to as u16),
    ];
    for (field, least, most, set) in limits {
        let with = |value: u64| {
            let mut rule = scaled();
            set(&mut rule, value);
            admitted(&guards(), rule)
        };
        assert_eq!((with(least), with(most)), (Ok(()), Ok(())), "field {field}");
        let beyond = |limit: u64| {
            Err(Defect::Ceiling {
                rule: 0,
                field,
                limit: limit.into(),
            })
        };
        if field != 14 {
            assert_eq!(with(most + 1), beyond(most), "field {field}");
        }
        // Without any, a scaled range makes no sense; neither does one that is narrower at most than at least.
        if least != 0 {
            let none = Err(Defect::Invalid { rule: 0, field });
            let expected = if [12, 14, 16].contains(&field) {
                none
            } else {
                beyond(least)
            };
            assert_eq!(with(least - 1), expected, "field {field}");
        }
    }
}

#[test]
fn guards_that_make_no_sense_are_refused_by_their_name() {
    let cases: [(u8, Spoil<Guards>); 8] = [
        (1, |guards| guards.expiry = NOW - 1),
        (5, |guards| (guards.max_loss, guards.max_period_loss) = (20_000, 19_999)),
        (12, |guards| guards.fee_token = 2),
        (15, |guards| guards.native_token = 3),
        (17, |guards| guards.sequencer_grace = 1),
        (19, |guards| guards.entry_sqrt_price = U256::from(4_295_128_738_u64)),
        (19, |guards| guards.entry_sqrt_price = U256::from(1) << 160),
        (19, |guards| guards.entry_sqrt_price = U256::MAX),
    ];
    for (field, spoil) in cases {
        let mut guards = guards();
        spoil(&mut guards);
        let refused = Err(Defect::Invalid { rule: GUARDS, field });
        assert_eq!(admitted(&guards, eager(Action::Harvest)), refused);
    }
    let least = Guards {
        entry_sqrt_price: U256::from(4_295_128_739_u64),
        ..guards()
    };
    assert_eq!(admitted(&least, eager(Action::Harvest)), Ok(()));
}

#[test]
fn rules_that_make_no_sense_are_refused_by_their_name() {
    let cases: [(u8, Spoil<Rule>); 7] = [
        (1, |rule| rule.out_ticks = 1),
        (4, |rule| rule.band = (-887_273, 0)),
        (5, |rule| rule.band = (0, 887_273)),
        (5, |rule| rule.band = (1, 0)),
        (7, |rule| rule.fees_gas_multiple = 1),
        (10, |rule| rule.action = Action::Walk),
        (12, |rule| rule.max_width = rule.width - 1),
    ];
    let without_native = Guards {
        native_token: 0,
        ..guards()
    };
    for (field, spoil) in cases {
        let mut rule = scaled();
        spoil(&mut rule);
        let rules = [eager(Action::Harvest), rule];
        let refused = Err(Defect::Invalid { rule: 1, field });
        assert_eq!(admit(&without_native, &rules, NOW, SEPOLIA, 60), refused, "{rule:?}");
    }
    let biased = Rule {
        bias: 1,
        ..eager(Action::Walk)
    };
    let ceiling = Err(Defect::Ceiling {
        rule: 0,
        field: 13,
        limit: 0,
    });
    assert_eq!(admitted(&guards(), biased), ceiling);
}

#[test]
fn a_policy_has_one_rule_to_eight() {
    let with = |count: usize| admit(&guards(), &vec![eager(Action::Harvest); count], NOW, SEPOLIA, 60);
    assert_eq!(
        with(0),
        Err(Defect::Invalid {
            rule: GUARDS,
            field: FIELD_RULES
        })
    );
    assert_eq!((with(1), with(8)), (Ok(()), Ok(())));
    assert_eq!(
        with(9),
        Err(Defect::Ceiling {
            rule: GUARDS,
            field: FIELD_RULES,
            limit: 8
        })
    );
}

#[test]
fn every_rule_has_a_trigger_and_any_one_is_enough() {
    let refused = Err(Defect::Invalid {
        rule: 0,
        field: FIELD_TRIGGERS,
    });
    assert_eq!(admitted(&guards(), idle(Action::Exit)), refused);
    let triggers: [fn(&mut Rule); 7] = [
        |rule| rule.out_seconds = 1,
        |rule| rule.il = 1,
        |rule| rule.band = (0, 1),
        |rule| rule.fees_value = 1,
        |rule| rule.fees_gas_multiple = 1,
        |rule| rule.elapsed = 1,
        |rule| rule.delta_drift = 1,
    ];
    for set in triggers {
        let mut rule = idle(Action::Exit);
        set(&mut rule);
        assert_eq!(admitted(&guards(), rule), Ok(()));
    }
}

#[test]
fn nothing_need_be_deployed_where_no_rule_re_ranges() {
    let none = Guards {
        min_deployed: 0,
        ..guards()
    };
    for action in [Action::Exit, Action::Compound, Action::Harvest] {
        assert_eq!(admitted(&none, eager(action)), Ok(()));
    }
    for action in [Action::Rebalance, Action::Walk] {
        let refused = Err(Defect::Ceiling {
            rule: GUARDS,
            field: 10,
            limit: 900_000,
        });
        assert_eq!(admitted(&none, eager(action)), refused);
        assert_eq!(
            admit(&none, &[eager(Action::Exit), eager(action)], NOW, SEPOLIA, 60),
            refused
        );
    }
}

#[test]
fn on_arbitrum_one_the_sequencer_is_heeded_by_its_own_feed() {
    let on_one = |guards: &Guards| admit(guards, &[eager(Action::Exit)], NOW, ONE, 60);
    let refused = Err(Defect::Invalid {
        rule: GUARDS,
        field: 16,
    });
    assert_eq!((on_one(&guards()), on_one(&with_feed())), (refused, refused));
    // As Chainlink publishes it.
    let feed: Address = "0xFdB631F5EE196F0ed6FAa767959853A9F217697D".parse().unwrap();
    assert_eq!(feed, SEQUENCER_FEED_OF_ARBITRUM_ONE);
    assert_eq!(
        on_one(&Guards {
            sequencer_feed: feed,
            ..with_feed()
        }),
        Ok(())
    );
}

#[test]
fn a_range_is_no_narrower_than_the_pools_spacing() {
    let narrow = Rule {
        width: 199,
        ..eager(Action::Walk)
    };
    let refused = Err(Defect::Ceiling {
        rule: 0,
        field: 11,
        limit: 200,
    });
    assert_eq!(admit(&guards(), &[narrow], NOW, SEPOLIA, 200), refused);
    assert_eq!(admit(&guards(), &[narrow], NOW, SEPOLIA, 199), Ok(()));
}

/// Numbers that are admitted often enough for a property of what is admitted to say something.
fn plausible() -> impl Strategy<Value = (Guards, Rule)> {
    (any_guards(), any_rule()).prop_map(|(wild, rule)| {
        let guards = Guards {
            expiry: NOW + wild.expiry % (2 * YEAR),
            twap_window: wild.twap_window % 100_000,
            max_deviation: wild.max_deviation % 600,
            max_loss: wild.max_loss % 35_000,
            max_period_loss: wild.max_period_loss % 120_000,
            period: wild.period % 40_000_000,
            cooldown: wild.cooldown % 40_000_000,
            max_per_day: wild.max_per_day % 30,
            min_deployed: 880_000 + wild.min_deployed % 130_000,
            max_fee_share: wild.max_fee_share % 600_000,
            fee_token: wild.fee_token % 2,
            native_token: wild.native_token % 3,
            sequencer_grace: 500 + wild.sequencer_grace % 90_000,
            entry_sqrt_price: U256::ZERO,
            ..wild
        };
        let width = 50 + rule.width % 10_000;
        let rule = Rule {
            out_ticks: rule.out_ticks % 2_000_000,
            out_seconds: rule.out_seconds % 700_000,
            il: rule.il % 1_100_000,
            band: (rule.band.0 % 900_000, rule.band.0 % 900_000 + rule.band.1.abs() % 1_000),
            delta_drift: rule.delta_drift % 1_100_000,
            width,
            max_width: width + rule.max_width % 10_000,
            bias: rule.bias % 5_000,
            vol_window: rule.vol_window % 700_000,
            vol_horizon: rule.vol_horizon % 40_000_000,
            ..rule
        };
        (guards, rule)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { max_global_rejects: 1 << 20, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_admitted_lies_within_every_ceiling((guards, rule) in plausible()) {
        let admitted = admit(&guards, &[rule], NOW, SEPOLIA, 60).is_ok();
        prop_assume!(admitted);
        prop_assert!(guards.expiry >= NOW && guards.expiry <= NOW + 366 * 86_400);
        prop_assert!((60..=86_400).contains(&guards.twap_window));
        prop_assert!((1..=500).contains(&guards.max_deviation));
        prop_assert!(guards.max_loss <= 30_000 && guards.max_loss <= guards.max_period_loss);
        prop_assert!(guards.max_period_loss <= 100_000);
        prop_assert!((86_400..=31_622_400).contains(&guards.period));
        prop_assert!((60..=31_622_400).contains(&guards.cooldown));
        prop_assert!((1..=24).contains(&guards.max_per_day));
        prop_assert!(guards.max_fee_share <= 500_000);
        prop_assert!((600..=86_400).contains(&guards.sequencer_grace));
        prop_assert!(rule.out_seconds <= 604_800 && rule.il <= 1_000_000 && rule.delta_drift <= 1_000_000);
        if matches!(rule.action, Action::Rebalance | Action::Walk) {
            prop_assert!((900_000..=1_000_000).contains(&guards.min_deployed));
            prop_assert!(rule.width >= 60 && rule.bias.unsigned_abs() <= rule.width / 2);
        }
    }
}
