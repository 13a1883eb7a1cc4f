//! The cost-of-carry gate against the vectors, the published covers, and what a gate must never do.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;
mod reference;

use common::{i256, vectors};
use hedgerow_core::carry::{Action, Carry, Verdict, cover, gate};
use hedgerow_core::{Error, I256, U256, WAD, Wad};
use proptest::prelude::*;
use reference::{Cases, Num, Random, pi};
use serde_json::Value;

fn wad(value: i128) -> Wad {
    Wad(I256::try_from(value).unwrap())
}

/// Hundredths of a percent.
fn points(value: i128) -> Wad {
    wad(value * WAD as i128 / 10_000)
}

fn carry(given: &Value) -> Carry {
    let input = |name: &str| Wad(i256(&given[name]));
    Carry {
        value: input("value"),
        fee_apr: input("fee_apr"),
        lvr_apr: input("lvr_apr"),
        horizon: input("horizon"),
        premium: input("premium"),
        funding_apr: input("funding_apr"),
        hedge_notional: input("hedge_notional"),
        dollar_gamma: input("dollar_gamma"),
        sigma: input("sigma"),
        rebalances: given["rebalances"].as_str().unwrap().parse().unwrap(),
        trading_cost: input("tc"),
        min_net_apr: input("min_net_apr"),
    }
}

#[test]
fn verdicts_match_the_vectors() {
    for case in vectors(include_str!("vectors/carry_gate.json")) {
        let (carry, out) = (carry(&case["in"]), &case["out"]);
        let got = gate(&carry).unwrap();
        for (name, side, figure) in [
            ("turnover", "c18", got.turnover),
            ("cost", "c18", got.cost),
            ("cost_apr", "c18", got.cost_apr),
            ("fee", "f18", got.fee),
            ("lvr", "c18", got.lvr),
            ("net_hedged_apr", "f18", got.net_hedged_apr),
            ("net_unhedged_apr", "f18", got.net_unhedged_apr),
        ] {
            assert_eq!(figure.0, i256(&out[name][side]), "{name}");
        }
        assert_eq!(got.margin.0, got.net_hedged_apr.0 - carry.min_net_apr.0);
        let action = match got.action {
            Action::Hedge => "hedge",
            Action::HoldUnhedged => "hold_unhedged",
            Action::Exit => "exit",
        };
        assert_eq!(action, out["action"]);
    }
}

/// Thirty days of June 2026: fees of 1.29 % against the premium of protection. Premium in basis points, cover in tenths, days.
const PUBLISHED: [(&str, i128, i128, i128); 5] = [
    ("V2", 60, 21, 14),
    ("V3R 50-150", 260, 5, 61),
    ("V3L 50-150", 235, 5, 55),
    ("V3R 70-130", 394, 3, 92),
    ("V3L 70-130", 276, 5, 64),
];

#[test]
fn the_gate_passes_v2_and_refuses_the_other_four() {
    let (fees, month) = (points(129), wad(30 * WAD as i128));
    for (name, premium, tenths, days) in PUBLISHED {
        let told = cover(fees, points(premium), month).unwrap();
        assert_eq!(told.passes, name == "V2", "{name}");
        assert_eq!(told.margin, points(129 - premium));
        // The publication rounds what it prints.
        let ratio = told.ratio.unwrap().0.as_i128() * 10;
        assert!(
            (ratio - tenths * WAD as i128).abs() <= WAD as i128 / 2,
            "{name}: {ratio}"
        );
        let break_even = told.break_even.unwrap().0.as_i128();
        assert!(
            (break_even - days * WAD as i128).abs() <= WAD as i128,
            "{name}: {break_even}"
        );

        // The same through the whole gate: 15.7 % of fees a year, a premium for 30 days, nothing to rebalance.
        let verdict = gate(&protection(points(premium))).unwrap();
        assert_eq!(verdict.action == Action::Hedge, name == "V2", "{name}: {verdict:?}");
        assert_eq!(verdict.margin, verdict.net_hedged_apr);
    }
}

fn protection(premium: Wad) -> Carry {
    Carry {
        value: Wad::ONE,
        fee_apr: points(1570),
        // A volatility of 41 %: its square over eight.
        lvr_apr: wad(21_012_500_000_000_000),
        horizon: wad(30 * WAD as i128 / 365),
        premium,
        funding_apr: Wad::ZERO,
        hedge_notional: Wad::ZERO,
        dollar_gamma: Wad::ZERO,
        sigma: points(4100),
        rebalances: 0,
        trading_cost: Wad::ZERO,
        min_net_apr: Wad::ZERO,
    }
}

trait AsI128 {
    fn as_i128(&self) -> i128;
}

impl AsI128 for I256 {
    fn as_i128(&self) -> i128 {
        i128::try_from(*self).unwrap()
    }
}

fn random_carry(random: &mut Random) -> Carry {
    let unsigned = |value: U256| Wad::from_unsigned(value).unwrap();
    let value = random.log_wad(-3, 9);
    let share = |random: &mut Random, low, high| {
        let share = random.log_wad(low, high);
        unsigned(value * share / U256::from(WAD))
    };
    let amount = random.log_wad(-2, 3);
    let funding = random.log_wad(-6, 1);
    Carry {
        value: unsigned(value),
        fee_apr: unsigned(random.log_wad(-5, 1)),
        lvr_apr: unsigned(random.log_wad(-5, 1)),
        horizon: unsigned(random.log_wad(-3, 1)),
        premium: if random.one_in(2) {
            Wad::ZERO
        } else {
            share(random, -5, 0)
        },
        funding_apr: Wad(random.signed(funding)),
        hedge_notional: share(random, -2, 1),
        dollar_gamma: Wad(random.signed(value * amount / U256::from(WAD))),
        sigma: unsigned(random.log_wad(-2, 1)),
        rebalances: random.below(100_000),
        trading_cost: if random.one_in(8) {
            Wad::ZERO
        } else {
            unsigned(random.log_wad(-6, -1))
        },
        min_net_apr: Wad(random.uniform(-(WAD as i128), WAD as i128)),
    }
}

#[test]
fn figures_agree_with_the_reference() {
    Cases::new("carry gate").run(|random| {
        let carry = random_carry(random);
        let got = gate(&carry).unwrap();
        let num = |wad: Wad| Num::wad(wad.0);
        let root = (Num::ratio(2 * carry.rebalances, 1) / pi()).sqrt();
        let turnover = num(carry.dollar_gamma).abs() * num(carry.sigma) * root;
        let held = num(carry.funding_apr) * num(carry.hedge_notional);
        let traded = num(carry.trading_cost) * &turnover;
        let (premium, horizon) = (num(carry.premium), num(carry.horizon));
        let cost = &premium + (&held + &traded) * &horizon;
        let invested = num(carry.value) * &horizon;
        let cost_apr = &cost / &invested;
        let replaced = if carry.premium == Wad::ZERO {
            num(carry.lvr_apr)
        } else {
            Num::int(0)
        };
        let net_hedged = num(carry.fee_apr) - replaced - &cost_apr;
        // Never below, and above the ceiling by no more than 2^-117 of what the figure was made of.
        let rounded_up = |figure: Wad, exact: &Num, magnitude: &Num| {
            let error = exact.error_of(figure.0, 18);
            let allowed = 1.0 + magnitude.to_f64() * 1e18 * 2_f64.powi(-117);
            assert!(
                (0.0..=allowed).contains(&error),
                "{figure:?} is {error} units off: {carry:?}"
            );
        };
        let paid = &premium + (held.abs() + traded) * horizon;
        rounded_up(got.turnover, &turnover, &turnover);
        rounded_up(got.cost, &cost, &paid);
        rounded_up(got.cost_apr, &cost_apr, &(&paid / &invested));
        rounded_up(Wad(-got.net_hedged_apr.0), &-net_hedged, &(paid / invested));
        // In units, whose product is exact.
        let whole = |wad: Wad| Num::i256(wad.0);
        let over = |rate: Wad| whole(carry.value) * whole(rate) * whole(carry.horizon) / Num::power_of_ten(36);
        assert_eq!(got.fee.0, over(carry.fee_apr).floor(0));
        assert_eq!(got.lvr.0, over(carry.lvr_apr).ceil(0));
    });
}

#[test]
fn a_hedge_that_costs_nothing_leaves_exactly_the_fees() {
    let free = Carry {
        lvr_apr: Wad::ZERO,
        ..protection(Wad::ZERO)
    };
    let verdict = gate(&Carry {
        min_net_apr: free.fee_apr,
        ..free
    })
    .unwrap();
    assert_eq!(
        (verdict.action, verdict.cost, verdict.margin),
        (Action::Hedge, Wad::ZERO, Wad::ZERO)
    );
    let least = Wad(free.fee_apr.0 + I256::ONE);
    let refused = gate(&Carry {
        min_net_apr: least,
        ..free
    })
    .unwrap();
    assert_eq!((refused.action, refused.margin), (Action::Exit, wad(-1)));
}

#[test]
fn without_cost_there_is_nothing_to_cover_and_without_fees_no_end() {
    let free = cover(wad(5), Wad::ZERO, wad(30)).unwrap();
    assert_eq!(
        (free.passes, free.ratio, free.break_even),
        (true, None, Some(Wad::ZERO))
    );
    let barren = cover(Wad::ZERO, wad(5), wad(30)).unwrap();
    assert_eq!(
        (barren.passes, barren.ratio, barren.break_even),
        (false, Some(Wad::ZERO), None)
    );
    let even = cover(wad(7), wad(7), wad(30)).unwrap();
    assert_eq!(
        (even.passes, even.ratio, even.break_even),
        (true, Some(Wad::ONE), Some(wad(30)))
    );
}

#[test]
fn inputs_below_their_domain_are_refused() {
    let good = protection(points(60));
    let minus = wad(-1);
    for bad in [
        Carry { fee_apr: minus, ..good },
        Carry { lvr_apr: minus, ..good },
        Carry { premium: minus, ..good },
        Carry {
            hedge_notional: minus,
            ..good
        },
        Carry { sigma: minus, ..good },
        Carry {
            trading_cost: minus,
            ..good
        },
    ] {
        assert_eq!(gate(&bad), Err(Error::NegativeInput(minus.0)));
    }
    for bad in [I256::ZERO, minus.0, I256::MIN] {
        assert_eq!(
            gate(&Carry {
                value: Wad(bad),
                ..good
            }),
            Err(Error::NotPositive(bad))
        );
        assert_eq!(
            gate(&Carry {
                horizon: Wad(bad),
                ..good
            }),
            Err(Error::NotPositive(bad))
        );
    }
    assert_eq!(cover(minus, wad(1), wad(1)), Err(Error::NegativeInput(minus.0)));
    assert_eq!(cover(wad(1), minus, wad(1)), Err(Error::NegativeInput(minus.0)));
    assert_eq!(cover(wad(1), wad(1), minus), Err(Error::NegativeInput(minus.0)));
}

fn word() -> impl Strategy<Value = Wad> {
    (any::<[u64; 4]>(), 0_usize..256).prop_map(|(limbs, cut)| Wad(I256::from_raw(U256::from_limbs(limbs)).asr(cut)))
}

fn any_carry() -> impl Strategy<Value = Carry> {
    let wads = (prop::array::uniform10(word()), word(), any::<u64>(), any::<bool>());
    wads.prop_map(|(wads, min_net_apr, rebalances, tame)| {
        let natural = |at: usize| Wad(if tame { wads[at].0.saturating_abs() } else { wads[at].0 });
        Carry {
            value: natural(0),
            fee_apr: natural(1),
            lvr_apr: natural(2),
            horizon: natural(3),
            premium: natural(4),
            funding_apr: wads[5],
            hedge_notional: natural(6),
            dollar_gamma: wads[7],
            sigma: natural(8),
            rebalances,
            trading_cost: natural(9),
            min_net_apr,
        }
    })
}

fn assert_sound(carry: &Carry, verdict: &Verdict) -> Result<(), TestCaseError> {
    let opened = verdict.action == Action::Hedge;
    prop_assert_eq!(opened, verdict.margin >= Wad::ZERO);
    if verdict.action == Action::HoldUnhedged {
        prop_assert!(verdict.net_unhedged_apr >= carry.min_net_apr);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn whatever_the_inputs_nothing_panics(carry in any_carry(), fees in word(), cost in word(), horizon in word()) {
        if let Ok(verdict) = gate(&carry) {
            assert_sound(&carry, &verdict)?;
        }
        if let Ok(told) = cover(fees, cost, horizon) {
            prop_assert_eq!(told.passes, told.margin >= Wad::ZERO);
        }
    }

    #[test]
    fn a_dearer_hedge_never_opens_a_closed_gate(seed: u64, more in 0..WAD) {
        let carry = random_carry(&mut Random::new("dearer", seed));
        let before = gate(&carry).unwrap();
        let more = |input: Wad| Wad(input.0 + wad(more.into()).0);
        for dearer in [
            Carry { trading_cost: more(carry.trading_cost), ..carry },
            Carry { funding_apr: more(carry.funding_apr), ..carry },
            Carry { lvr_apr: more(carry.lvr_apr), ..carry },
            Carry { min_net_apr: more(carry.min_net_apr), ..carry },
        ] {
            let after = gate(&dearer).unwrap();
            assert_sound(&dearer, &after)?;
            prop_assert!(after.margin <= before.margin);
            prop_assert!(before.action == Action::Hedge || after.action != Action::Hedge);
        }
    }
}
