//! The wad functions over 10^5 random inputs each (10^7 with `HEDGEROW_LONG`) against the reference: the whole of every domain,
//! its ends and small neighbourhoods.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod reference;

use hedgerow_core::fixed::{exp, expm1, ln, ln1p, log2, ncdf, ncdf_inv, npdf, pow, sqrt};
use hedgerow_core::full_math::{isqrt_512, sqrt_mul};
use hedgerow_core::{Error, I256, Result, U256, WAD, Wad};
use reference::{Cases, Num, Random, ln_2};

/// `1e18 ln(2^255 / 1e18)`, rounded down: where the exponential's domain ends.
const LONGEST_EXPONENT: i128 = 135_305_999_368_893_231_589;

/// The nearest unit; of a number beyond 2^105, within 2^-107 of it.
fn assert_nearest(got: Result<Wad>, exact: &Num, at: &str) {
    let got = got.unwrap().0;
    let error = exact.error_of(got, 18).abs();
    let size = (exact * Num::power_of_ten(18)).to_f64().abs();
    assert!(
        error <= 0.5 + 1e-9 + size * 2_f64.powi(-107),
        "{got} is {error} units from {} at {at}",
        exact.to_f64()
    );
}

/// An argument of either sign, up to the magnitude: anywhere, or close to zero.
fn argument(random: &mut Random, magnitude: u128) -> I256 {
    if random.one_in(2) {
        return random.uniform(-(magnitude as i128), magnitude as i128);
    }
    let size = random.log_uniform(U256::from(1), U256::from(magnitude));
    random.signed(size)
}

/// A positive wad: of any size, or close to one.
fn positive(random: &mut Random) -> I256 {
    let value = if random.one_in(2) {
        random.log_uniform(U256::from(1), U256::MAX >> 1)
    } else {
        random.near(U256::from(WAD))
    };
    I256::from_raw(value)
}

#[test]
fn exponentials_are_the_nearest_wads() {
    Cases::new("wad exp").run(|random| {
        let x = argument(random, LONGEST_EXPONENT as u128);
        let exact = Num::wad(x);
        assert_nearest(exp(Wad(x)), &exact.exp(), &format!("exp({x})"));
        assert_nearest(expm1(Wad(x)), &exact.exp_m1(), &format!("expm1({x})"));
        // A neighbour is never on the wrong side.
        let next = x + I256::ONE;
        if next <= I256::try_from(LONGEST_EXPONENT).unwrap() {
            assert!(exp(Wad(next)).unwrap() >= exp(Wad(x)).unwrap(), "exp falls at {x}");
            assert!(
                expm1(Wad(next)).unwrap() >= expm1(Wad(x)).unwrap(),
                "expm1 falls at {x}"
            );
        }
    });
}

#[test]
fn logarithms_are_the_nearest_wads() {
    Cases::new("wad ln").run(|random| {
        let x = positive(random);
        let exact = Num::wad(x).ln();
        assert_nearest(ln(Wad(x)), &exact, &format!("ln({x})"));
        assert_nearest(log2(Wad(x)), &(&exact / ln_2()), &format!("log2({x})"));
        if let Some(next) = x.checked_add(I256::ONE) {
            assert!(ln(Wad(next)).unwrap() >= ln(Wad(x)).unwrap(), "ln falls at {x}");
            assert!(log2(Wad(next)).unwrap() >= log2(Wad(x)).unwrap(), "log2 falls at {x}");
        }
        let offset = x - I256::try_from(WAD).unwrap();
        assert_nearest(ln1p(Wad(offset)), &exact, &format!("ln1p({offset})"));
        let small = argument(random, u128::from(WAD) - 1);
        assert_nearest(ln1p(Wad(small)), &Num::wad(small).ln_1p(), &format!("ln1p({small})"));
    });
}

/// Where the exact power is clearly above the type's end an error, clearly below it the nearest wad.
#[test]
fn powers_are_the_nearest_wads() {
    Cases::new("wad pow").run(|random| {
        let x = positive(random);
        let log = Num::wad(x).ln();
        // An exponent that keeps the power inside the type, mostly; or any.
        let y = if random.one_in(8) {
            argument(random, 1 << 100)
        } else {
            let widest = Num::int(140) / log.abs().max(Num::ratio(1, 1_u64 << 40));
            let widest = widest.floor(18).into_raw().max(U256::from(2));
            let size = random.log_uniform(U256::from(1), widest);
            random.signed(size)
        };
        let (exact, got) = (&log * Num::wad(y), pow(Wad(x), Wad(y)));
        let end = Num::wad(I256::try_from(LONGEST_EXPONENT).unwrap());
        if exact > &end + Num::power_of_ten(0) {
            assert_eq!(got, Err(Error::Overflow), "{x}^{y}");
        } else if exact < -Num::int(100) {
            assert_eq!(got, Ok(Wad::ZERO), "{x}^{y}");
        } else if exact < end {
            assert_nearest(got, &exact.exp(), &format!("{x}^{y}"));
        }
    });
}

#[test]
fn the_normal_distribution_is_the_nearest_wads() {
    Cases::new("wad normal").run(|random| {
        let x = argument(random, 40 * u128::from(WAD));
        let x = if random.one_in(2) {
            x
        } else {
            x / I256::try_from(5).unwrap()
        };
        let exact = Num::wad(x);
        assert_nearest(ncdf(Wad(x)), &exact.cdf(), &format!("ncdf({x})"));
        assert_nearest(npdf(Wad(x)), &exact.pdf(), &format!("npdf({x})"));
        assert!(
            ncdf(Wad(x + I256::ONE)).unwrap() >= ncdf(Wad(x)).unwrap(),
            "ncdf falls at {x}"
        );
        assert_eq!(npdf(Wad(-x)), npdf(Wad(x)));
    });
}

#[test]
fn quantiles_are_the_nearest_wads() {
    Cases::new("wad quantile").divided(5).run(|random| {
        let p = I256::from_raw(random.fraction());
        let one = Wad::ONE.0;
        let complement = one - p;
        let exact = if p > complement {
            -Num::wad(complement).inverse_cdf()
        } else {
            Num::wad(p).inverse_cdf()
        };
        assert_nearest(ncdf_inv(Wad(p)), &exact, &format!("ncdf_inv({p})"));
        assert_eq!(ncdf_inv(Wad(complement)).unwrap().0, -ncdf_inv(Wad(p)).unwrap().0);
    });
    for p in [1_u64, 2, WAD / 2, WAD / 2 + 1, WAD - 1] {
        let exact = Num::uwad(U256::from(p.min(WAD - p))).inverse_cdf();
        let exact = if p > WAD / 2 { -exact } else { exact };
        assert_nearest(
            ncdf_inv(Wad(I256::try_from(p).unwrap())),
            &exact,
            &format!("ncdf_inv({p})"),
        );
    }
}

/// `root^2 <= high * 2^256 + low < (root + 1)^2`, by an independent integer.
fn assert_root(root: U256, high: U256, low: U256) {
    type Wide = alloy_primitives::Uint<576, 9>;
    let wide = |x: U256| Wide::from(x);
    let radicand = (wide(high) << 256_usize) + wide(low);
    let next = wide(root) + Wide::from(1);
    assert!(wide(root) * wide(root) <= radicand && next * next > radicand, "{root}");
}

#[test]
fn roots_are_floors() {
    Cases::new("wad sqrt").run(|random| {
        let (a, b) = (
            random.log_uniform(U256::from(1), U256::MAX),
            random.log_uniform(U256::from(1), U256::MAX),
        );
        let product: alloy_primitives::U512 = a.widening_mul(b);
        let [l0, l1, l2, l3, h0, h1, h2, h3] = product.into_limbs();
        let (high, low) = (U256::from_limbs([h0, h1, h2, h3]), U256::from_limbs([l0, l1, l2, l3]));
        assert_root(sqrt_mul(a, b), high, low);
        assert_root(isqrt_512(a, b), a, b);
        assert_root(isqrt_512(U256::ZERO, b), U256::ZERO, b);
        // Squares and what lies beside them.
        let square: alloy_primitives::U512 = a.widening_mul(a);
        let [l0, l1, l2, l3, h0, h1, h2, h3] = square.into_limbs();
        let (high, low) = (U256::from_limbs([h0, h1, h2, h3]), U256::from_limbs([l0, l1, l2, l3]));
        assert_eq!(isqrt_512(high, low), a);
        let (below, borrow) = low.overflowing_sub(U256::from(1));
        assert_eq!(isqrt_512(high - U256::from(borrow), below), a - U256::from(1));
        let x = positive(random);
        let root = sqrt(Wad(x)).unwrap().0.into_raw();
        assert_eq!(root, sqrt_mul(x.into_raw(), U256::from(WAD)));
    });
}
