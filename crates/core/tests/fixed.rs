//! The wad functions against vectors, and what lies outside their domains.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use common::{i256, u256, vectors};
use hedgerow_core::fixed::{exp, expm1, ln, ln1p, log2, ncdf, ncdf_inv, npdf, pow, sqrt};
use hedgerow_core::full_math::{isqrt_512, mul_div, mul_div_ceil};
use hedgerow_core::{Error, I256, Result, U256, WAD, Wad};
use serde_json::Value;

fn wad(value: &Value) -> Wad {
    Wad(i256(value))
}

fn int(value: i128) -> Wad {
    Wad(I256::try_from(value).unwrap())
}

/// The integer nearest to the decimal, from its floors at two scales; within 2^-108 of it where it is longer.
fn check(result: Result<Wad>, expected: &Value) {
    let (floor, ceil, fine) = (i256(&expected["f18"]), i256(&expected["c18"]), i256(&expected["f27"]));
    let half = I256::try_from(500_000_000_i64).unwrap();
    let below = fine - floor * I256::try_from(1_000_000_000_i64).unwrap();
    let nearest = if below < half { floor } else { ceil };
    let result = result.unwrap().0;
    let allowed = nearest.unsigned_abs() >> 108;
    assert!(
        (result - nearest).unsigned_abs() <= allowed,
        "{result} is not {nearest}"
    );
}

#[test]
fn results_are_the_nearest_wads_of_the_vectors() {
    for case in vectors(include_str!("vectors/exp.json")) {
        check(exp(wad(&case["in"]["x"])), &case["out"]["exp"]);
    }
    for case in vectors(include_str!("vectors/ln.json")) {
        check(ln(wad(&case["in"]["x"])), &case["out"]["ln"]);
        check(log2(wad(&case["in"]["x"])), &case["out"]["log2"]);
    }
    for case in vectors(include_str!("vectors/expm1_ln1p.json")) {
        check(expm1(wad(&case["in"]["x"])), &case["out"]["expm1"]);
        check(ln1p(wad(&case["in"]["x"])), &case["out"]["ln1p"]);
    }
    for case in vectors(include_str!("vectors/pow.json")) {
        check(pow(wad(&case["in"]["x"]), wad(&case["in"]["y"])), &case["out"]["pow"]);
    }
    for case in vectors(include_str!("vectors/ncdf.json")) {
        check(ncdf(wad(&case["in"]["x"])), &case["out"]["cdf"]);
        check(npdf(wad(&case["in"]["x"])), &case["out"]["pdf"]);
    }
    for case in vectors(include_str!("vectors/ncdf_inv.json")) {
        check(ncdf_inv(wad(&case["in"]["p"])), &case["out"]["z"]);
    }
}

/// Vectors that state a floor alone: the nearest wad is that or the next.
#[test]
fn logarithms_and_exponentials_of_the_whole_domain_are_at_their_floors() {
    for case in vectors(include_str!("vectors/ln_wide.json")) {
        // Of those beyond the type, which is signed here, there is no wad.
        let Ok(x) = Wad::from_unsigned(u256(&case["in"]["x"])) else {
            continue;
        };
        let above = ln(x).unwrap().0 - i256(&case["out"]["f18"]);
        assert!(above.is_zero() || above == I256::ONE, "{case}: {above}");
    }
    for case in vectors(include_str!("vectors/exp_wide.json")) {
        let Ok(floor) = Wad::from_unsigned(u256(&case["out"]["f18"])) else {
            assert_eq!(exp(wad(&case["in"]["x"])), Err(Error::Overflow));
            continue;
        };
        let got = exp(wad(&case["in"]["x"])).unwrap();
        let above = (got.0 - floor.0).unsigned_abs();
        assert!(
            above <= (floor.0.unsigned_abs() >> 107) + U256::from(1),
            "{case}: {got:?}"
        );
    }
    // Integers that a published Solidity library's tests state.
    for (x, floor) in [
        (1, -41446531673892822313),
        (42, -37708862055609454007),
        (10_000, -32236191301916639577),
        (1_000_000_000, -20723265836946411157),
    ] {
        let got = ln(int(x)).unwrap();
        assert!(got == int(floor) || got == int(floor + 1), "{got:?}");
    }
    for (x, floor) in [
        (-3_000, 49787068367863942),
        (-2_000, 135335283236612691),
        (-1_000, 367879441171442321),
        (-500, 606530659712633423),
        (300, 1349858807576003103),
        (500, 1648721270700128146),
    ] {
        let got = exp(int(x * 10_i128.pow(15))).unwrap();
        assert!(got == int(floor) || got == int(floor + 1), "{got:?}");
    }
    assert_eq!(ln(Wad::ONE), Ok(Wad::ZERO));
    assert_eq!(exp(Wad::ZERO), Ok(Wad::ONE));
    // e^-42 is 5.7e-19, which rounds up; half a unit lies at -42.1396….
    assert_eq!(exp(int(-42 * WAD as i128)), Ok(int(1)));
    assert_eq!(exp(int(-42_140 * 10_i128.pow(15))), Ok(Wad::ZERO));
}

#[test]
fn roots_and_products_are_the_vectors_integers() {
    for case in vectors(include_str!("vectors/sqrt.json")) {
        assert_eq!(
            sqrt(wad(&case["in"]["x"])).unwrap().0,
            i256(&case["out"]["sqrt"]["f18"])
        );
        let root = isqrt_512(U256::ZERO, u256(&case["in"]["n"]));
        assert_eq!(root, u256(&case["out"]["isqrt_floor"]));
    }
    for case in vectors(include_str!("vectors/mul_div.json")) {
        let [a, b, d] = ["a", "b", "d"].map(|name| u256(&case["in"][name]));
        assert_eq!(mul_div(a, b, d), Ok(u256(&case["out"]["floor"])));
        assert_eq!(mul_div_ceil(a, b, d), Ok(u256(&case["out"]["ceil"])));
    }
}

#[test]
fn arguments_outside_a_domain_are_refused() {
    let one = WAD as i128;
    for x in [int(0), int(-1), Wad(I256::MIN)] {
        assert_eq!(ln(x), Err(Error::NotPositive(x.0)));
        assert_eq!(log2(x), Err(Error::NotPositive(x.0)));
    }
    for x in [int(-one), int(-one - 1), Wad(I256::MIN)] {
        assert_eq!(ln1p(x), Err(Error::NotAboveMinusOne(x.0)));
    }
    for p in [int(0), int(-1), int(one), int(one + 1), Wad(I256::MIN), Wad(I256::MAX)] {
        assert_eq!(ncdf_inv(p), Err(Error::ProbabilityOutOfRange(p.0)));
    }
    assert_eq!(sqrt(int(-1)), Err(Error::NotPositive(int(-1).0)));
    assert_eq!(pow(int(0), int(-1)), Err(Error::NotPositive(I256::ZERO)));
    assert_eq!(pow(int(-1), int(one)), Err(Error::NotPositive(int(-1).0)));
    assert_eq!(pow(int(-1), int(0)), Err(Error::NotPositive(int(-1).0)));
    assert_eq!(pow(int(0), int(0)), Ok(Wad::ONE));
    assert_eq!(pow(int(0), int(1)), Ok(Wad::ZERO));
    assert_eq!(pow(int(2 * one), int(240 * one)), Err(Error::Overflow));
}

/// ln(2^255 / 1e18) = 135.305999368893231589070…: the exponential ends there, and is nought at the other end.
#[test]
fn exponentials_end_where_the_type_does() {
    let end = 135_305_999_368_893_231_589_i128;
    assert!(exp(int(end)).is_ok());
    assert_eq!(exp(int(end + 1)), Err(Error::Overflow));
    assert_eq!(exp(Wad(I256::MAX)), Err(Error::Overflow));
    assert_eq!(expm1(int(end + 1)), Err(Error::Overflow));
    assert_eq!(exp(Wad(I256::MIN)), Ok(Wad::ZERO));
    assert_eq!(expm1(Wad(I256::MIN)), Ok(int(-(WAD as i128))));
    for x in [Wad(I256::MIN), Wad(I256::MAX)] {
        assert_eq!(npdf(x), Ok(Wad::ZERO));
    }
    assert_eq!(ncdf(Wad(I256::MIN)), Ok(Wad::ZERO));
    assert_eq!(ncdf(Wad(I256::MAX)), Ok(Wad::ONE));
}

#[test]
fn roots_of_512_bits_are_floors() {
    let one = U256::from(1);
    for root in [one, U256::from(u128::MAX), U256::MAX, U256::MAX >> 1, one << 255] {
        let square: alloy_primitives::U512 = root.widening_mul(root);
        let [a, b, c, d, e, f, g, h] = *square.as_limbs();
        let (low, high) = (U256::from_limbs([a, b, c, d]), U256::from_limbs([e, f, g, h]));
        assert_eq!(isqrt_512(high, low), root);
        let below = if low.is_zero() {
            (high - one, U256::MAX)
        } else {
            (high, low - one)
        };
        assert_eq!(isqrt_512(below.0, below.1), root - one);
    }
    assert_eq!(isqrt_512(U256::MAX, U256::MAX), U256::MAX);
    assert_eq!(isqrt_512(U256::ZERO, U256::ZERO), U256::ZERO);
}
