//! The software floating-point numbers against vectors.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use common::{i256, vectors};
use hedgerow_core::{I256, Real, Rounding, Wad};
use serde_json::Value;

fn real(value: &Value) -> Real {
    Real::from_wad(Wad(i256(value)))
}

/// Equal to the rounded decimal, or within 2^-115 of it where it has more than 115 bits.
fn check(x: Real, expected: &Value) {
    let near = |got: I256, text: &Value| {
        let expected = i256(text);
        let allowed = expected.unsigned_abs() >> 115;
        assert!(
            (got - expected).unsigned_abs() <= allowed,
            "{x:?}: {got} is not {expected}"
        );
    };
    near(x.to_wad(Rounding::Down).unwrap().0, &expected["f18"]);
    near(x.to_wad(Rounding::Up).unwrap().0, &expected["c18"]);
    near(x.to_ray(Rounding::Down).unwrap().0, &expected["f27"]);
    near(x.to_ray(Rounding::Up).unwrap().0, &expected["c27"]);
}

#[test]
fn functions_agree_with_the_vectors() {
    for case in vectors(include_str!("vectors/exp.json")) {
        check(real(&case["in"]["x"]).exp(), &case["out"]["exp"]);
    }
    for case in vectors(include_str!("vectors/ln.json")) {
        let log = real(&case["in"]["x"]).ln();
        check(log, &case["out"]["ln"]);
        check(log / Real::LN_2, &case["out"]["log2"]);
    }
    for case in vectors(include_str!("vectors/expm1_ln1p.json")) {
        check(real(&case["in"]["x"]).exp_m1(), &case["out"]["expm1"]);
        check(real(&case["in"]["x"]).ln_1p(), &case["out"]["ln1p"]);
    }
    for case in vectors(include_str!("vectors/pow.json")) {
        check(real(&case["in"]["x"]).pow(real(&case["in"]["y"])), &case["out"]["pow"]);
    }
    for case in vectors(include_str!("vectors/ncdf.json")) {
        check(real(&case["in"]["x"]).cdf(), &case["out"]["cdf"]);
        check(real(&case["in"]["x"]).pdf(), &case["out"]["pdf"]);
    }
    for case in vectors(include_str!("vectors/ncdf_inv.json")) {
        // 1 - p is exact as a wad, while p itself is rounded to 128 bits.
        let (p, one) = (i256(&case["in"]["p"]), Wad::ONE.0);
        let z = if p + p > one {
            Real::inverse_cdf(Real::from_wad(Wad(one - p))).neg()
        } else {
            Real::inverse_cdf(Real::from_wad(Wad(p)))
        };
        check(z, &case["out"]["z"]);
    }
    for case in vectors(include_str!("vectors/sqrt.json")) {
        check(real(&case["in"]["x"]).sqrt(), &case["out"]["sqrt"]);
    }
}

/// Down to the smallest exponents: what is next to nothing shifts by more than the words that it is cut into.
#[test]
fn numbers_next_to_nothing_change_nothing() {
    let nearest = |x: Real| x.to_wad(Rounding::Nearest).unwrap();
    let half = Real::ONE.half();
    for exponent in (-4096..-120).chain([i32::MIN]) {
        for tiny in [Real::power_of_two(exponent), Real::power_of_two(exponent).neg()] {
            for one in [
                tiny.exp(),
                tiny.exp_m1() + Real::ONE,
                tiny.ln_1p() + Real::ONE,
                tiny.cdf().double(),
                Real::ONE.pow(tiny),
            ] {
                assert_eq!(nearest(one), Wad::ONE, "2^{exponent}");
            }
            assert_eq!(nearest(tiny.pdf()), nearest(Real::ZERO.pdf()), "2^{exponent}");
            assert_eq!(nearest(Real::inverse_cdf(half + tiny)), Wad::ZERO, "2^{exponent}");
        }
    }
}
