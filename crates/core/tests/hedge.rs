//! Delta hedges against vectors, the published static hedge and the reference.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;
mod reference;

use common::{assert_printed, i256, vectors};
use hedgerow_core::curve::{Curve, Stake, figures};
use hedgerow_core::hedge::{delta_hedge, delta_hedge_at, scaled};
use hedgerow_core::position;
use hedgerow_core::tick::sqrt_price_at_tick;
use hedgerow_core::{Error, I256, Real, Rounding, SqrtPriceX96, Tick, U256, WAD, Wad};
use reference::{Cases, Num};

/// A decimal as people write it, as a wad.
fn wad(decimal: &str) -> Wad {
    let (whole, part) = decimal.split_once('.').unwrap_or((decimal, ""));
    Wad(format!("{whole}{part:0<18}").parse().unwrap())
}

fn signed(value: U256) -> Wad {
    Wad(I256::from_raw(value))
}

#[test]
fn hedges_match_the_vectors_to_nearest() {
    for case in vectors(include_str!("vectors/delta_hedge.json")) {
        let given = |name: &str| Wad(i256(&case["in"][name]));
        let curve = match case["in"]["kind"].as_str().unwrap() {
            "v2" => Curve::ConstantProduct,
            _ => Curve::Concentrated {
                lower: given("pa"),
                upper: given("pb"),
            },
        };
        let got = delta_hedge(&Stake::new(curve, given("L")).unwrap(), given("p0"), given("p")).unwrap();
        for (figure, name) in [
            (got.short_value, "short_value"),
            (got.short_il, "short_il"),
            (got.hedge_ratio, "hedge_ratio"),
            (got.gamma, "gamma"),
        ] {
            let expected = Num::decimal(case["out"][name]["dec"].as_str().unwrap());
            let error = expected.error_of(figure.0, 18);
            assert!(error.abs() <= 0.5 + 1e-12, "{name} is {error} units off");
        }
    }
}

/// A delta hedge set once removes the exposure and leaves the whole loss: the change of value less that of the short, over the
/// initial value, is `sqrt(r) - 1 - (r - 1) / 2`.
#[test]
fn a_static_hedge_leaves_the_whole_loss() {
    let stake = Stake::new(Curve::ConstantProduct, wad("1")).unwrap();
    let hedge = delta_hedge(&stake, Wad::ONE, Wad::ONE).unwrap();
    let start = figures(&stake, Wad::ONE, Wad::ONE).unwrap().value;
    for (price, printed) in [
        ("0.5", "-0.0428932188134525"),
        ("0.8", "-0.00557280900008412"),
        ("1.1", "-0.00119115182984845"),
        ("1.25", "-0.00696601125010515"),
        ("2", "-0.0857864376269050"),
    ] {
        let price = wad(price);
        let at = figures(&stake, Wad::ONE, price).unwrap();
        let short = scaled(hedge.short_value, Wad(price.0 - Wad::ONE.0));
        let short = match short {
            Ok(gain) => gain,
            Err(_) => Wad(-scaled(hedge.short_value, Wad(Wad::ONE.0 - price.0)).unwrap().0),
        };
        let profit = Wad(at.value.0 - start.0 - short.0);
        let share = Real::from_wad(profit) / Real::from_wad(start);
        assert_printed(share.to_wad(Rounding::Nearest).unwrap().0, printed);
        // Which is the absolute loss.
        assert!((profit.0 - at.il_abs.0).unsigned_abs() <= U256::from(2));
    }
}

#[test]
fn the_short_against_the_loss_is_its_slope() {
    Cases::new("delta hedge").run(|random| {
        let [a, b, p0, p] = [0; 4].map(|_| random.log_wad(-9, 9));
        let (lower, upper) = if a < b { (a, b) } else { (b, a) };
        if lower == upper {
            return;
        }
        let liquidity = random.log_wad(-6, 6);
        let curve = Curve::Concentrated {
            lower: signed(lower),
            upper: signed(upper),
        };
        let got = delta_hedge(&Stake::new(curve, signed(liquidity)).unwrap(), signed(p0), signed(p)).unwrap();
        let root = |price: U256| Num::uwad(price.clamp(lower, upper)).sqrt();
        let (s, e, end) = (root(p), root(p0), root(upper));
        let l = Num::uwad(liquidity);
        let held = (&end - &s) / (&s * &end) * &l;
        let near = |exact: Num, got: Wad| {
            let error = exact.error_of(got.0, 18);
            let scale = (l.to_f64() / s.to_f64().min(e.to_f64())) * 1e18 * 2_f64.powi(-120);
            assert!(error.abs() <= 0.5 + 1e-9 + scale, "{error}");
        };
        near(held.clone(), got.short_value);
        near(&l * (&e - &s) / (&e * &s), got.short_il);
        let exposed = held * Num::uwad(p);
        let value = &exposed + &l * (s - root(lower));
        let error = (exposed / value).error_of(got.hedge_ratio.0, 18);
        assert!(error.abs() <= 0.5 + 1e-3, "{error}");
    });
}

/// In raw units, the hedge of a pool's own position is the delta that its exact figures have.
#[test]
fn a_position_of_a_pool_is_hedged_by_its_delta() {
    let tick = |at| Tick::new(at).unwrap();
    let price = |at| SqrtPriceX96::new(sqrt_price_at_tick(at).unwrap()).unwrap();
    for (lower, upper, entry, now) in [(-60_000, 60_000, 0, 12_000), (-887_220, 887_220, -200_000, -200_100)] {
        let stake = Stake::of_position(123_456_789_012_345, tick(lower), tick(upper)).unwrap();
        let (entry, now) = (price(entry), price(now));
        let hedge = delta_hedge_at(&stake, entry.price(), now.price()).unwrap();
        let exact = position::figures(123_456_789_012_345, entry.get(), now.get(), lower, upper).unwrap();
        let rounding = hedge.short_value.0 - I256::try_from(exact.delta).unwrap();
        assert!(!rounding.is_negative() && rounding <= I256::ONE, "{rounding}");
        let at_entry = position::figures(123_456_789_012_345, entry.get(), entry.get(), lower, upper).unwrap();
        let change = I256::try_from(exact.delta).unwrap() - I256::try_from(at_entry.delta).unwrap();
        assert!((hedge.short_il.0 - change).unsigned_abs() <= U256::from(2));
    }
}

#[test]
fn a_hedge_is_scaled_to_nearest() {
    let size = Wad(I256::try_from(-3).unwrap());
    assert_eq!(scaled(size, wad("0.5")), Ok(Wad(I256::try_from(-2).unwrap())));
    assert_eq!(scaled(wad("10"), wad("1.25")), Ok(wad("12.5")));
    assert_eq!(scaled(wad("10"), wad("-1")), Err(Error::NegativeInput(wad("-1").0)));
    assert_eq!(scaled(Wad(I256::MAX), wad("2")), Err(Error::Overflow));
    Cases::new("hedge scaled").run(|random| {
        let size = random.word() >> random.below(200) as usize >> 60_usize;
        let size = random.signed(size);
        let ratio = random.uniform_u256(U256::ZERO, U256::from(3 * WAD));
        let got = scaled(Wad(size), signed(ratio)).unwrap();
        let error = (Num::wad(size) * Num::uwad(ratio)).error_of(got.0, 18);
        assert!(error.abs() <= 0.5, "{error}");
    });
}
