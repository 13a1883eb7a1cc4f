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

/// Any bits, the ends of the exponent included: a value or an error, never a panic, and what is huge never comes back small.
#[test]
fn no_argument_makes_a_function_fail() {
    let exponents = [
        i32::MIN,
        -1 << 29,
        -1 << 28,
        -1 << 27,
        -1 << 24,
        -1 << 21,
        -1 << 20,
        -1000,
        -256,
        -129,
        -128,
        -127,
        -65,
        -64,
        -63,
        -2,
        -1,
        0,
        1,
        2,
        3,
        4,
        20,
        63,
        64,
        127,
        128,
        255,
        256,
        1000,
        1 << 19,
        1 << 20,
        1 << 21,
        1 << 24,
        1 << 27,
        1 << 28,
        1 << 29,
        i32::MAX,
    ];
    let mantissas = [
        1,
        3,
        0xb504_f333_f9de_6484,
        u128::MAX,
        u128::MAX - 1,
        1 << 127 | 1,
        1 << 64 | 1,
        u128::MAX << 64,
    ];
    let mut numbers = vec![Real::ZERO, -Real::ZERO];
    for exponent in exponents {
        for mantissa in mantissas {
            let x = Real::from_u128(mantissa).scaled(exponent);
            numbers.extend([x, -x]);
        }
    }
    for (at, &x) in numbers.iter().enumerate() {
        for y in [
            x.sqrt(),
            x.exp(),
            x.exp_m1(),
            x.ln(),
            x.ln_1p(),
            x.pdf(),
            x.cdf(),
            x.mills(),
            x.square(),
            x.square().square(),
        ] {
            for rounding in [Rounding::Down, Rounding::Up, Rounding::Nearest] {
                let _ = (
                    y.to_wad(rounding),
                    y.to_ray(rounding),
                    y.to_i256(rounding),
                    y.lowered(100),
                    y.raised(u32::MAX),
                );
            }
        }
        let _ = Real::inverse_cdf(x.abs());
        for &y in numbers.iter().skip(at % 7).step_by(7) {
            let _ = (
                x + y,
                x - y,
                x * y,
                x / y,
                x.pow(y),
                Real::ln_ratio(x, y),
                x.compare(&y),
            );
            assert_eq!(x + y, y + x);
            assert_eq!(x * y, y * x);
        }
        assert_eq!(x - x, Real::ZERO);
        assert_eq!(x + Real::ZERO, x);
        assert!((x * Real::ZERO).is_zero());
    }
    let mut huge = Real::power_of_two(300);
    for _ in 0..100 {
        huge = huge.square();
        assert!(huge.to_wad(Rounding::Down).is_err());
        assert!((-huge).to_i256(Rounding::Up).is_err());
        let tiny = Real::ONE / huge;
        assert_eq!(tiny.to_wad(Rounding::Down).unwrap(), Wad::ZERO);
        assert_eq!(tiny.to_wad(Rounding::Up).unwrap(), Wad(I256::ONE));
        assert_eq!((-tiny).to_wad(Rounding::Down).unwrap(), Wad(-I256::ONE));
    }
}
