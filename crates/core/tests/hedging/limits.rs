//! Which terms anybody may set.

use crate::given::{NOW, at, guards, rule, terms};
use hedgerow_core::U256;
use hedgerow_core::hedging::{HedgeRule, Kind, RULE, TERMS, Terms, admit_hedge, admit_terms};
use hedgerow_core::policy::{Defect, GUARDS, Guards};

fn told(terms: &Terms, rule: &HedgeRule) -> Result<(), Defect> {
    admit_hedge(&guards(), terms, rule, NOW, 31_337)
}

#[test]
fn every_limit_of_the_terms_is_admitted_and_one_beyond_is_refused_by_its_name() {
    let of = |change: &dyn Fn(&mut Terms, u32), value: u32| {
        let mut terms = Terms {
            min_health: 1_050,
            health: 1_050,
            ..terms()
        };
        change(&mut terms, value);
        admit_terms(&terms, NOW)
    };
    type Change = fn(&mut Terms, u32);
    let cases: [(u8, Change, u32, u32); 7] = [
        (
            0,
            |terms, value| (terms.min_health, terms.health) = (value, value),
            1_050,
            1_049,
        ),
        (1, |terms, value| terms.health = value, 100_000, 100_001),
        (4, |terms, value| terms.max_oracle_deviation = value, 100_000, 100_001),
        (5, |terms, value| terms.max_oracle_age = value, 604_800, 604_801),
        (7, |terms, value| terms.horizon = value, 3_600, 3_599),
        (9, |terms, value| terms.vol_window = value, 600, 599),
        (9, |terms, value| terms.vol_window = value, 604_800, 604_801),
    ];
    for (field, change, limit, beyond) in cases {
        assert_eq!(of(&change, limit), Ok(()), "{field}");
        let limit = u128::from(limit);
        assert_eq!(
            of(&change, beyond),
            Err(Defect::Ceiling {
                rule: TERMS,
                field,
                limit
            })
        );
    }
    assert_eq!(of(&|terms, value| terms.horizon = value, 31_622_400), Ok(()));
    assert!(of(&|terms, value| terms.horizon = value, 31_622_401).is_err());
    for margin in [-1_000_001, 1_000_001] {
        let beyond = Defect::Ceiling {
            rule: TERMS,
            field: 8,
            limit: 1_000_000,
        };
        assert_eq!(admit_terms(&Terms { margin, ..terms() }, NOW), Err(beyond));
        assert_eq!(
            admit_terms(
                &Terms {
                    margin: margin - margin.signum(),
                    ..terms()
                },
                NOW
            ),
            Ok(())
        );
    }
}

#[test]
fn terms_that_make_no_sense_are_refused_by_their_name() {
    let cases = [
        (
            1,
            Terms {
                health: 1_499,
                ..terms()
            },
        ),
        (
            11,
            Terms {
                fees_since: NOW + 1,
                ..terms()
            },
        ),
        (
            14,
            Terms {
                entry_sqrt_price: U256::from(1),
                ..terms()
            },
        ),
    ];
    for (field, terms) in cases {
        assert_eq!(admit_terms(&terms, NOW), Err(Defect::Invalid { rule: TERMS, field }));
        assert_eq!(told(&terms, &rule()), Err(Defect::Invalid { rule: TERMS, field }));
    }
    let entry = Terms {
        entry_sqrt_price: at(0),
        fees_since: NOW,
        ..terms()
    };
    assert_eq!(admit_terms(&entry, NOW), Ok(()));
}

#[test]
fn every_limit_of_a_rule_is_admitted_and_one_beyond_is_refused_by_its_name() {
    type Change = fn(&mut HedgeRule, u32);
    let cases: [(u8, Change, u32, u32); 6] = [
        (1, |rule, value| rule.share = value, 1, 0),
        (1, |rule, value| rule.share = value, 1_000_000, 1_000_001),
        (2, |rule, value| (rule.band, rule.inner) = (value, 0), 1_000, 999),
        (2, |rule, value| rule.band = value, 1_000_000, 1_000_001),
        (4, |rule, value| rule.il = value, 1_000_000, 1_000_001),
        (6, |rule, value| rule.elapsed = value, 31_622_400, 31_622_401),
    ];
    for (field, change, limit, beyond) in cases {
        let of = |value| {
            let mut rule = rule();
            change(&mut rule, value);
            told(&terms(), &rule)
        };
        assert_eq!(of(limit), Ok(()), "{field}");
        let limit = u128::from(limit);
        assert_eq!(
            of(beyond),
            Err(Defect::Ceiling {
                rule: RULE,
                field,
                limit
            })
        );
    }
}

#[test]
fn rules_that_make_no_sense_are_refused_by_their_name() {
    let cases = [
        (
            0,
            HedgeRule {
                target: Kind::None,
                ..rule()
            },
        ),
        (
            0,
            HedgeRule {
                target: Kind::Amount,
                ..rule()
            },
        ),
        (
            3,
            HedgeRule {
                inner: 100_000,
                ..rule()
            },
        ),
        (
            7,
            HedgeRule {
                low_health: 1_499,
                ..rule()
            },
        ),
        (
            7,
            HedgeRule {
                low_health: 2_000,
                ..rule()
            },
        ),
        (
            8,
            HedgeRule {
                close_rate: 199_999,
                ..rule()
            },
        ),
    ];
    for (field, rule) in cases {
        assert_eq!(
            told(&terms(), &rule),
            Err(Defect::Invalid { rule: RULE, field }),
            "{rule:?}"
        );
    }
    let any_rate = Terms {
        max_borrow_rate: 0,
        ..terms()
    };
    let closing = HedgeRule {
        close_rate: 200_000,
        ..rule()
    };
    assert_eq!(told(&terms(), &closing), Ok(()));
    assert_eq!(told(&any_rate, &closing), Err(Defect::Invalid { rule: RULE, field: 8 }));
    for (low_health, target) in [(1_500, Kind::Delta), (1_999, Kind::IlDelta)] {
        assert_eq!(
            told(
                &terms(),
                &HedgeRule {
                    low_health,
                    target,
                    inner: 99_999,
                    ..rule()
                }
            ),
            Ok(())
        );
    }
}

#[test]
fn the_guards_are_held_to_the_limits_of_every_policy() {
    let of = |guards: Guards| admit_hedge(&guards, &terms(), &rule(), NOW, 31_337);
    let limit = |field, limit| {
        Err(Defect::Ceiling {
            rule: GUARDS,
            field,
            limit,
        })
    };
    assert_eq!(
        of(Guards {
            max_loss: 30_001,
            ..guards()
        }),
        limit(4, 30_000)
    );
    assert_eq!(
        of(Guards {
            twap_window: 59,
            ..guards()
        }),
        limit(2, 60)
    );
    assert_eq!(
        of(Guards {
            max_fee_share: 500_001,
            ..guards()
        }),
        limit(14, 500_000)
    );
    // A hedge deploys nothing.
    assert_eq!(
        of(Guards {
            min_deployed: 0,
            ..guards()
        }),
        Ok(())
    );
    let feed = Err(Defect::Invalid {
        rule: GUARDS,
        field: 16,
    });
    assert_eq!(admit_hedge(&guards(), &terms(), &rule(), NOW, 42_161), feed);
}
