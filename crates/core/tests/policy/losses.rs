//! Losses, fees and counts over random outcomes and series of them, against exact fractions and sums kept here.

use crate::exact::{Fraction, amounts, big, price, principal, worth, worth_of};
use crate::given::{History, NOW, at, eager, guards, snapshot, spot, state};
use crate::settlement::{NONE, decided, left, million, units, untouched};
use dashu_int::IBig;
use hedgerow_core::policy::{Action, After, Guards, Snapshot, State, Violation, decide, fee_limit, settle};
use hedgerow_core::tick::range_sqrt_prices;
use hedgerow_core::{I256, U256};
use proptest::prelude::*;

prop_compose! {
    fn ranges()(lower in -80_i32..80, width in 1_i32..80) -> (i32, i32) {
        (lower * 60, (lower + width) * 60)
    }
}

/// Lengths in bits evenly spread.
fn amounts_of(bits: u32) -> impl Strategy<Value = u128> {
    (any::<u128>(), 128 - bits..128).prop_map(|(value, cut)| value >> cut)
}

prop_compose! {
    fn outcomes()(
        ranges in [ranges(), ranges()],
        liquidity in amounts_of(120),
        near in 950_000_u128..1_050_000,
        fees in [amounts_of(60), amounts_of(60)],
        fees_left in [amounts_of(50), amounts_of(50)],
        balances in [[amounts_of(100), amounts_of(100)], [amounts_of(100), amounts_of(100)]],
        fee in amounts_of(60),
        mean in -6_000_i32..6_000,
        same in any::<bool>(),
    ) -> (Snapshot, After, i32) {
        let liquidity = liquidity + 1_000_000;
        let snapshot = Snapshot { range: ranges[0], liquidity, fees, ..snapshot() };
        let after = After {
            range: ranges[usize::from(!same)],
            liquidity: liquidity / 1_000_000 * near,
            fees: fees_left,
            balances: balances.map(|of| of.map(U256::from)),
            fee: U256::from(fee),
        };
        (snapshot, after, mean)
    }
}

/// Before and after in raw token1, the wallet's balances on either side.
fn sides(snapshot: &Snapshot, after: &After, fee_token: u8, mean: i32) -> [Fraction; 3] {
    let scale = at(mean);
    let value =
        principal(snapshot.liquidity, snapshot.range, scale).add(&worth_of(snapshot.fees.map(U256::from), scale));
    let before = value.add(&worth_of(after.balances[0], scale));
    let mut paid = NONE;
    paid[usize::from(fee_token)] = after.fee;
    let then = principal(after.liquidity, after.range, scale).add(&worth_of(after.fees.map(U256::from), scale));
    let then = then
        .add(&worth_of(after.balances[1], scale))
        .add(&worth_of(paid, scale));
    [value, before, then]
}

fn lenient() -> Guards {
    Guards {
        max_loss: u32::MAX,
        max_period_loss: u32::MAX,
        fee_token: 0,
        ..guards()
    }
}

proptest! {
    #[test]
    fn a_loss_is_never_understated_and_overstated_by_one_at_most((snapshot, after, mean) in outcomes()) {
        let decision = decided(Action::Exit, (0, 0), mean);
        let settled = settle(&lenient(), &state(), &snapshot, &decision, &after).unwrap();
        let [value, before, then] = sides(&snapshot, &after, 0, mean);
        let missing = before.sub(&then);
        let exact = Fraction(missing.0 * &value.1 * 1_000_000, missing.1 * &value.0);
        let loss = Fraction::int(settled.loss);
        if settled.loss != u32::MAX {
            prop_assert!(exact.at_most(&loss), "{}", settled.loss);
        }
        let most = exact.ceil().max(IBig::ZERO) + IBig::ONE;
        prop_assert!(loss.at_most(&Fraction::int(most)));
    }

    #[test]
    fn the_value_after_is_rounded_down((snapshot, after, mean) in outcomes()) {
        let decision = decided(Action::Exit, (0, 0), mean);
        let settled = settle(&lenient(), &state(), &snapshot, &decision, &after).unwrap();
        let [_, _, then] = sides(&snapshot, &after, 0, mean);
        let exact = then.sub(&worth_of(after.balances[0], at(mean))).floor().max(IBig::ZERO);
        prop_assert!(big(settled.value_after) <= exact && exact <= big(settled.value_after) + IBig::ONE);
    }

    #[test]
    fn an_exit_at_any_displaced_price_loses_nothing_but_two_units_of_rounding(
        range in ranges(),
        liquidity in amounts_of(120),
        fees in [amounts_of(60), amounts_of(60)],
        mean in -6_000_i32..6_000,
        spot_tick in -12_000_i32..12_000,
    ) {
        let snapshot = Snapshot { range, liquidity: liquidity + 1, fees, ..spot(spot_tick) };
        let (lower, upper) = range_sqrt_prices(range.0, range.1).unwrap();
        // What the pool pays out at spot, rounded down as it does, and the fees.
        let paid = amounts(snapshot.liquidity, lower, upper, at(spot_tick)).map(|amount| amount.floor());
        let came = [0, 1].map(|token| U256::from(u128::try_from(paid[token].clone()).unwrap()) + U256::from(fees[token]));
        let decision = decided(Action::Exit, (0, 0), mean);
        let settled = settle(&lenient(), &state(), &snapshot, &decision, &left(came)).unwrap();
        // Nor is it refused where nothing may be lost, or everything has been.
        let none = Guards { max_loss: 0, max_period_loss: 0, ..guards() };
        let spent = State { period_loss: 100_000, period_start: NOW, ..state() };
        prop_assert!(settle(&none, &spent, &snapshot, &decision, &left(came)).is_ok());
        let [value, _, _] = sides(&snapshot, &left(came), 0, mean);
        let rounding = price(at(mean)).add(&Fraction::int(1));
        // loss <= ceil(1e6 * (one unit of either token) / value)
        let most = Fraction(rounding.0 * value.1 * 1_000_000, rounding.1 * value.0).ceil();
        prop_assert!(IBig::from(settled.loss) <= most, "{} {most}", settled.loss);
    }

    #[test]
    fn a_harvest_at_any_price_loses_exactly_nothing(
        range in ranges(),
        liquidity in amounts_of(120),
        fees in [amounts_of(60), amounts_of(60)],
        mean in -6_000_i32..6_000,
        fee_token in 0_u8..2,
        share in 0_u128..=1_000,
    ) {
        let snapshot = Snapshot { range, liquidity: liquidity + 1, fees, ..snapshot() };
        let fee = U256::from(fees[usize::from(fee_token)] / 1_000 * share);
        let mut came = fees.map(U256::from);
        came[usize::from(fee_token)] -= fee;
        let after = After { fees: [0, 0], balances: [NONE, came], fee, ..untouched(&snapshot) };
        let none = Guards { max_loss: 0, max_period_loss: 0, fee_token, ..guards() };
        let decision = decided(Action::Harvest, range, mean);
        let settled = settle(&none, &state(), &snapshot, &decision, &after).unwrap();
        prop_assert_eq!(settled.loss, 0);
    }

    #[test]
    fn what_comes_more_never_makes_the_loss_greater(
        (snapshot, after, mean) in outcomes(),
        more in [amounts_of(60), amounts_of(60)],
        liquidity in amounts_of(60),
    ) {
        let decision = decided(Action::Exit, (0, 0), mean);
        let loss = |after: &After| settle(&lenient(), &state(), &snapshot, &decision, after).unwrap().loss;
        let mut richer = after;
        richer.balances[1] = [0, 1].map(|token| after.balances[1][token] + U256::from(more[token]));
        // Liquidity that did not change is exact, on one side by less than 2^-192 of a unit; it is not compared with that.
        if after.liquidity != snapshot.liquidity {
            richer.liquidity += liquidity;
        }
        prop_assert!(loss(&richer) <= loss(&after));
    }

    #[test]
    fn a_policy_never_loses_more_in_a_period_than_it_may(
        losses in prop::collection::vec((0_u64..60_000, 1_u64..90_000), 1..40),
        max_loss in 0_u32..=30_000,
        more in 0_u32..=70_000,
    ) {
        let guards = Guards { max_loss, max_period_loss: max_loss + more, ..guards() };
        let (mut state, mut now) = (state(), NOW);
        let mut taken: Vec<(u64, u64)> = Vec::new();
        for (missing, wait) in losses {
            now += wait;
            let snapshot = Snapshot { now, ..million() };
            let decision = decided(Action::Harvest, snapshot.range, 0);
            let after = After { fees: [0, 0], balances: [NONE, units(400_000 - missing, 600_000)], ..untouched(&snapshot) };
            match settle(&guards, &state, &snapshot, &decision, &after) {
                Ok(settled) => {
                    prop_assert!(missing <= max_loss.into());
                    state = settled.state;
                    taken.push((now, missing));
                }
                Err(Violation::Loss { .. }) => prop_assert!(missing > max_loss.into()),
                Err(violation) => {
                    let of_period = matches!(violation, Violation::PeriodLoss { .. });
                    prop_assert!(of_period);
                    let lost = u64::from(state.period_loss) + missing;
                    prop_assert!(lost > u64::from(guards.max_period_loss));
                }
            }
            // Summed here from the actions themselves; any window holds two periods' actions at most.
            let window: u64 = taken.iter().filter(|(then, _)| then + 86_400 > now).map(|(_, loss)| loss).sum();
            prop_assert!(window <= 2 * u64::from(guards.max_period_loss));
            let period: u64 = taken.iter().filter(|(then, _)| *then >= state.period_start).map(|(_, loss)| loss).sum();
            prop_assert!(period <= u64::from(guards.max_period_loss));
            prop_assert_eq!(period, state.period_loss.into());
        }
    }

    #[test]
    fn a_keepers_fee_is_never_worth_more_than_its_share_of_the_fees(
        fees in [amounts_of(80), amounts_of(80)],
        mean in -60_000_i32..60_000,
        fee_token in 0_u8..2,
        max_fee in amounts_of(100),
        max_fee_share in 0_u32..=500_000,
    ) {
        let guards = Guards { fee_token, max_fee, max_fee_share, ..guards() };
        let snapshot = Snapshot { fees, ..snapshot() };
        let limit = fee_limit(&guards, &decided(Action::Exit, (0, 0), mean), &snapshot);
        prop_assert!(limit <= U256::from(max_fee));
        let mut paid = NONE;
        paid[usize::from(fee_token)] = limit;
        let share = worth_of(fees.map(U256::from), at(mean));
        let share = Fraction(share.0 * max_fee_share, share.1 * 1_000_000);
        prop_assert!(worth_of(paid, at(mean)).at_most(&share));
        // And one unit more would be, unless the maximum is what binds.
        paid[usize::from(fee_token)] += U256::from(1);
        prop_assert!(limit == U256::from(max_fee) || !worth_of(paid, at(mean)).at_most(&share));
    }

    #[test]
    fn cooldown_and_daily_count_hold_over_any_series_of_attempts(
        waits in prop::collection::vec(1_u64..20_000, 1..60),
        cooldown in 60_u32..10_000,
        max_per_day in 1_u16..6,
        max_runs in 0_u32..30,
    ) {
        let guards = Guards { cooldown, max_per_day, max_runs, expiry: u64::MAX, ..guards() };
        let (mut state, mut now) = (state(), NOW);
        let mut acted: Vec<u64> = Vec::new();
        for wait in waits {
            now += wait;
            let snapshot = Snapshot { now, ..snapshot() };
            let decision = decide(&guards, &[eager(Action::Harvest)], &state, &snapshot, &mut History::still(0));
            let rested = acted.last().is_none_or(|last| last + u64::from(cooldown) <= now);
            let today = acted.iter().filter(|then| **then / 86_400 == now / 86_400).count();
            let allowed = rested
                && today < max_per_day.into()
                && (max_runs == 0 || acted.len() < max_runs as usize);
            prop_assert_eq!(decision.act, allowed);
            if decision.act {
                let after = untouched(&snapshot);
                state = settle(&guards, &state, &snapshot, &decision, &after).unwrap().state;
                acted.push(now);
            }
        }
    }

    #[test]
    fn the_loss_through_all_ranges_is_the_product_of_each_ranges(
        moves in prop::collection::vec(-400_i32..400, 1..12),
    ) {
        // Each range is entered at its middle, held while the price moves, and left for one around the new price.
        let guards = Guards { keep_entry: true, expiry: u64::MAX, ..guards() };
        let rule = eager(Action::Rebalance);
        let (mut state, mut range, mut tick, mut now) = (state(), (-600, 600), 0, NOW);
        let mut kept = 1.0_f64;
        for step in moves {
            let entry = at(tick);
            tick += step;
            now += 86_400;
            let snapshot = Snapshot { now, range, ..spot(tick) };
            let (lower, upper) = range_sqrt_prices(range.0, range.1).unwrap();
            let value = principal(1, range, at(tick));
            let hold = worth(&amounts(1, lower, upper, entry), at(tick));
            kept *= float(&Fraction(value.0 * hold.1, value.1 * hold.0));
            let decision = decide(&guards, &[rule], &state, &snapshot, &mut History::still(tick));
            prop_assert!((of_wad(decision.il) - (kept - 1.0)).abs() < 1e-12, "{} {}", decision.il, kept - 1.0);
            if decision.act {
                range = decision.range;
                let after = After { range, ..untouched(&snapshot) };
                let loose = Guards { max_loss: u32::MAX, max_period_loss: u32::MAX, ..guards };
                state = settle(&loose, &state, &snapshot, &decision, &after).unwrap().state;
            } else {
                // The range around the price is the same one: entered anew in this test only.
                state = State { entry_sqrt_price: at(tick), factor: (kept * 1e18) as u64, ..state };
            }
        }
    }
}

/// A fraction near one, to 1e-15.
fn float(fraction: &Fraction) -> f64 {
    let scaled = Fraction(&fraction.0 * IBig::from(10).pow(18), fraction.1.clone());
    i128::try_from(scaled.floor()).unwrap() as f64 / 1e18
}

fn of_wad(wad: I256) -> f64 {
    i128::try_from(wad).unwrap() as f64 / 1e18
}
