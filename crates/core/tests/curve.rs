//! Positions in plain prices against vectors, published positions and their own slopes.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use common::{assert_printed, i256, vectors};
use hedgerow_core::curve::{Curve, Figures, Stake, figures};
use hedgerow_core::{Error, I256, Real, Rounding, U256, WAD, Wad};
use proptest::prelude::*;
use serde_json::Value;

/// A decimal as people write it, as a wad.
fn wad(decimal: &str) -> Wad {
    let (whole, part) = decimal.split_once('.').unwrap_or((decimal, ""));
    Wad(format!("{whole}{part:0<18}").parse().unwrap())
}

fn concentrated(lower: &str, upper: &str) -> Curve {
    Curve::Concentrated {
        lower: wad(lower),
        upper: wad(upper),
    }
}

fn real(decimal: &str) -> Real {
    Real::from_wad(wad(decimal))
}

/// A figure against a decimal as a table prints it.
fn printed(figure: Wad, decimal: &str) {
    assert_printed(figure.0, decimal);
}

#[test]
fn figures_match_the_vectors_to_the_unit() {
    for case in vectors(include_str!("vectors/v3_position_wad.json")) {
        let given = |name: &str| Wad(i256(&case["in"][name]));
        let curve = Curve::Concentrated {
            lower: given("pa"),
            upper: given("pb"),
        };
        let got = figures(&Stake::new(curve, given("L")).unwrap(), given("p0"), given("p")).unwrap();
        let out = |name: &str| case["out"][name].clone();
        for (figure, name) in [
            (got.amount0, "amount0"),
            (got.amount1, "amount1"),
            (got.value, "value"),
            (got.hold, "hold"),
            (got.delta, "delta"),
            (got.gamma, "gamma"),
            (got.dollar_delta, "dollar_delta"),
            (got.dollar_gamma, "dollar_gamma"),
            (got.delta_ratio, "delta_ratio"),
            (got.gamma_ratio, "gamma_ratio"),
            (got.il_delta, "il_delta"),
        ] {
            assert_nearest(figure, &out(name), name);
        }
        assert_eq!(got.il.0, i256(&out("il")["f18"]));
        assert_eq!(got.il_abs.0, i256(&out("il_abs")["f18"]));
    }
}

/// Rounded to nearest: the digit after the last decides which of the vector's two neighbours it is.
fn assert_nearest(figure: Wad, expected: &Value, name: &str) {
    let (floor, ceil) = (i256(&expected["f18"]), i256(&expected["c18"]));
    let thousand_million = I256::try_from(1_000_000_000).unwrap();
    let rest = i256(&expected["f27"]) - floor * thousand_million;
    let nearest = if rest * I256::try_from(2).unwrap() >= thousand_million {
        ceil
    } else {
        floor
    };
    assert_eq!(figure.0, nearest, "{name}");
}

#[test]
fn a_worked_position_of_the_liquidity_math_paper() {
    // x = 2, y = 4000 at 2000 with an upper end of 3000.
    let liquidity = "487.417180302041054";
    let stake = Stake::new(concentrated("1333.333333333333333", "3000"), wad(liquidity)).unwrap();
    let at = |price: &str| figures(&stake, wad("2000"), wad(price)).unwrap();
    let close = |figure: Wad, decimal: &str, tolerance: &str| {
        let difference = (figure.0 - wad(decimal).0).unsigned_abs();
        assert!(
            difference <= wad(tolerance).0.into_raw(),
            "{} is not {decimal}",
            figure.0
        );
    };
    let entry = at("2000");
    close(entry.value, "8000", "0.00000000001");
    close(entry.delta, "2", "0.00000000001");
    close(entry.gamma, "-0.00272474487139", "0.00000000000001");
    assert_eq!((entry.il, entry.il_abs), (Wad::ZERO, Wad::ZERO));
    let higher = at("2500");
    close(higher.value, "8696.3103451555", "0.0000000001");
    close(higher.delta, "0.84936412047447", "0.0000000001");
    close(higher.amount1, "6572.90", "0.01");
    close(higher.il, "-0.0337432949827202", "0.0000000000000002");
    close(at("1500").delta, "3.6860779942", "0.0000000001");
    close(at("2900").delta, "0.1521303273829", "0.0000000001");
}

#[test]
fn published_positions_hold_what_was_printed() {
    let product = |liquidity: &str| Stake::new(Curve::ConstantProduct, wad(liquidity)).unwrap();
    // Falkenblog: L = 1000 from 2500 to 2601.
    let moved = figures(&product("1000"), wad("2500"), wad("2601")).unwrap();
    printed(moved.amount0, "19.61");
    printed(moved.amount1, "51000.00");
    let entry = figures(&product("1000"), wad("2500"), wad("2500")).unwrap();
    assert_eq!((entry.amount0, entry.amount1), (wad("20"), wad("50000")));
    // GammaSwap: 10,000 dollars at 1000, now at 2000: L = 5000 / sqrt(1000).
    let doubled = figures(&product("158.113883008418967"), wad("1000"), wad("2000")).unwrap();
    printed(doubled.amount0, "3.535");
    printed(doubled.amount1, "7071.06");
    printed(doubled.value, "14142.13");
    // Lambert's normalised covered call: K = 1000 and r* = 1.3, with L = 2 sqrt(b) / (r* - 1), b = 1300.
    let (lower, upper) = ("769.230769230769231", "1300");
    let share = wad("0.3");
    let stake = Stake::new(concentrated(lower, upper), wad("1")).unwrap();
    for (price, payoff) in [
        ("800", "798.69268479"),
        ("900", "877.76921759465"),
        ("1000", "934.50283399425"),
        ("1100", "972.17382873427"),
        ("1200", "993.3306645312"),
    ] {
        // (2 sqrt(P b) - K - P) / (r* - 1) is sqrt(b) / (r* - 1) times the position's value for unit liquidity.
        let value = stake.value(real(price)) * real(upper).sqrt() / Real::from_wad(share);
        printed(value.to_wad(Rounding::Nearest).unwrap(), payoff);
    }
}

#[test]
fn what_is_no_position_is_refused() {
    let refused = |curve, liquidity: &str| Stake::new(curve, wad(liquidity)).unwrap_err();
    assert_eq!(
        refused(Curve::ConstantProduct, "-1"),
        Error::NegativeLiquidity(wad("-1").0)
    );
    for weight in ["0", "1", "2"] {
        let weight0 = wad(weight);
        assert_eq!(
            refused(Curve::Weighted { weight0 }, "1"),
            Error::WeightOutOfRange(weight0.0.into_raw())
        );
    }
    assert_eq!(
        refused(concentrated("0", "1"), "1"),
        Error::PriceNotPositive(I256::ZERO)
    );
    assert_eq!(
        refused(concentrated("2", "2"), "1"),
        Error::EmptyPriceRange(wad("2").0, wad("2").0)
    );
    let stake = Stake::new(Curve::ConstantProduct, Wad::ONE).unwrap();
    for (entry, price) in [("0", "1"), ("1", "0"), ("1", "-1")] {
        let value = if entry == "0" { entry } else { price };
        assert_eq!(
            figures(&stake, wad(entry), wad(price)),
            Err(Error::PriceNotPositive(wad(value).0))
        );
    }
    let most = Wad(I256::MAX);
    let huge = Stake::new(Curve::ConstantProduct, most).unwrap();
    assert_eq!(figures(&huge, most, most), Err(Error::Overflow));
}

#[test]
fn a_stake_without_liquidity_has_the_loss_of_its_curve() {
    let [none, some] = ["0", "3"].map(|l| Stake::new(concentrated("1", "9"), wad(l)).unwrap());
    let [none, some] = [none, some].map(|stake| figures(&stake, wad("4"), wad("16")).unwrap());
    assert_eq!(none.il, some.il);
    let zero = Figures {
        il: some.il,
        ..Figures::default()
    };
    assert_eq!(none, zero);
}

/// Wads from 1e-6 to 1e12, evenly over their magnitudes.
fn prices() -> impl Strategy<Value = Wad> {
    (0_u64..=u64::MAX, 0_u32..60).prop_map(|(bits, shift)| {
        let top = U256::from(bits | 1 << 63) << 36_usize;
        Wad(I256::from_raw((top >> shift as usize).max(U256::from(1))))
    })
}

fn curves() -> impl Strategy<Value = Curve> {
    prop_oneof![
        Just(Curve::ConstantProduct),
        (1..WAD).prop_map(|weight| Curve::Weighted {
            weight0: Wad(I256::try_from(weight).unwrap())
        }),
        (prices(), prices()).prop_filter_map("empty", |(a, b)| {
            let (lower, upper) = if a < b { (a, b) } else { (b, a) };
            (lower < upper).then_some(Curve::Concentrated { lower, upper })
        }),
    ]
}

/// `|a - b|` is at most 2^-bits of the larger of `a` and `scale`.
fn close(a: Real, b: Real, scale: Real, bits: i32) -> bool {
    let size = if a.abs() < scale.abs() { scale.abs() } else { a.abs() };
    (a - b).abs() <= size.scaled(-bits)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn value_is_concave_and_delta_its_slope(curve in curves(), p in prices()) {
        let stake = Stake::new(curve, Wad::ONE).unwrap();
        let p = Real::from_wad(p);
        let step = p.scaled(-40);
        let (low, high) = (p - step, p + step);
        // A chord's slope lies between the slopes at its ends.
        let rise = stake.value(high) - stake.value(low);
        let chord = rise / step.double();
        let slack = stake.value(p) / p;
        prop_assert!(stake.delta(high) <= chord + slack.scaled(-60));
        prop_assert!(chord <= stake.delta(low) + slack.scaled(-60));
        // And gamma lies between the smaller and the larger slope of delta, but where the range begins or ends.
        let (left, right) = (stake.delta(p) - stake.delta(low), stake.delta(high) - stake.delta(p));
        let curvature = stake.gamma(p) * step;
        prop_assert!(!stake.gamma(p).is_positive());
        if !at_an_end(&curve, p) {
            prop_assert!(close(curvature, left, slack, 76) && close(curvature, right, slack, 76));
        }
    }

    #[test]
    fn loss_is_what_holding_would_have_kept(curve in curves(), entry in prices(), p in prices()) {
        let stake = Stake::new(curve, Wad::ONE).unwrap();
        let (e, p) = (Real::from_wad(entry), Real::from_wad(p));
        let entered = stake.entered(e);
        let (loss, hold) = (entered.loss(p), entered.hold(p));
        prop_assert!(!loss.is_negative() && loss <= hold);
        prop_assert!(close(hold - stake.value(p), loss, hold, 104));
        prop_assert!(close(-loss / hold, entered.il(p), Real::ZERO, 120));
        prop_assert!(close(stake.delta(p) - stake.delta(e), entered.il_delta(p), stake.delta(e), 104));
        prop_assert!(entered.loss(e).is_zero() && entered.il_delta(e).is_zero());
        prop_assert!(close(stake.gamma(p) * p * p, stake.dollar_gamma(p), Real::ZERO, 120));
    }

    #[test]
    fn equal_weights_are_the_constant_product(entry in prices(), p in prices()) {
        let half = Stake::new(Curve::Weighted { weight0: Wad(Wad::ONE.0 / I256::try_from(2).unwrap()) }, Wad::ONE).unwrap();
        let product = Stake::new(Curve::ConstantProduct, Wad::ONE).unwrap();
        let (e, p) = (Real::from_wad(entry), Real::from_wad(p));
        for (a, b) in [
            (half.value(p), product.value(p)),
            (half.delta(p), product.delta(p)),
            (half.gamma(p), product.gamma(p)),
            (half.loss(e, p), product.loss(e, p)),
        ] {
            prop_assert!(close(a, b, Real::ZERO, 108), "{a:?} {b:?}");
        }
    }

    /// As its ends move out, a range becomes the constant product, and never loses less than it.
    #[test]
    fn wide_ranges_become_the_constant_product(entry in prices(), p in prices()) {
        let product = Stake::new(Curve::ConstantProduct, Wad::ONE).unwrap();
        let (e, p) = (Real::from_wad(entry), Real::from_wad(p));
        let limit = product.entered(e).il(p);
        let mut last = Real::ZERO;
        for bits in [20_u32, 24, 28] {
            let lower = Wad(I256::from_raw((entry.0.into_raw() >> bits as usize).max(U256::from(1))));
            let upper = Wad(I256::from_raw(entry.0.into_raw() << bits as usize));
            let stake = Stake::new(Curve::Concentrated { lower, upper }, Wad::ONE).unwrap();
            let il = stake.entered(e).il(p);
            prop_assert!(il <= limit + limit.abs().scaled(-100));
            prop_assert!(last.is_zero() || last <= il + il.abs().scaled(-100));
            last = il;
        }
    }

    /// A loss next to the entry keeps its digits: a quarter of the squared relative move, times the value.
    #[test]
    fn small_losses_keep_their_digits(entry in prices(), weight in WAD / 100..WAD / 100 * 99, shift in 30_i32..60) {
        let weight0 = Wad(I256::try_from(weight).unwrap());
        let stake = Stake::new(Curve::Weighted { weight0 }, Wad::ONE).unwrap();
        let e = Real::from_wad(entry);
        let p = e + e.scaled(-shift);
        let w = Real::from_wad(weight0);
        let expected = stake.value(e) * w * (Real::ONE - w).half() * Real::power_of_two(-2 * shift);
        prop_assert!(close(stake.loss(e, p), expected, Real::ZERO, shift - 3));
    }
}

/// Whether a price lies so near an end of the range that its neighbours do not share one formula.
fn at_an_end(curve: &Curve, p: Real) -> bool {
    match curve {
        Curve::Concentrated { lower, upper } => [lower, upper]
            .iter()
            .any(|end| (Real::from_wad(**end) - p).abs() <= p.scaled(-38)),
        _ => false,
    }
}

#[test]
fn value_and_delta_are_continuous_at_both_ends() {
    let stake = Stake::new(concentrated("0.7", "1.3"), wad("5")).unwrap();
    for end in ["0.7", "1.3"] {
        let end = real(end);
        let step = end.scaled(-100);
        let (below, above) = (end - step, end + step);
        assert!(close(stake.value(below), stake.value(above), Real::ONE, 95));
        assert!(close(stake.delta(below), stake.delta(above), Real::ONE, 95));
        // Gamma jumps there.
        assert!(stake.gamma(below).is_zero() != stake.gamma(above).is_zero());
    }
}
