//! The real numbers over 10^5 random inputs a function (10^7 with `HEDGEROW_LONG`) against the reference: each function's
//! relative error over its whole domain.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod reference;

use hedgerow_core::{Real, Rounding};
use reference::{Cases, Num, Random};
use std::sync::Mutex;

/// A mantissa of 128 bits: any, short, or with long runs of equal bits.
fn mantissa(random: &mut Random) -> u128 {
    let any = u128::from(random.bits()) << 64 | u128::from(random.bits());
    let cut = random.below(127) as u32;
    let value = match random.below(4) {
        0 => any >> cut << cut,
        1 => (any >> 1).wrapping_add(u128::MAX << cut),
        2 => (1 << 127) + (any >> cut >> 1),
        _ => any,
    };
    value | 1 << 127
}

/// A number `m * 2^e` with m in [1, 2) and e in the range.
fn number(random: &mut Random, low: i32, high: i32) -> (Real, Num) {
    let mantissa = mantissa(random);
    let exponent = low + random.below((high - low + 1) as u64) as i32;
    let exact = Num::int(mantissa).shifted(exponent as isize - 127);
    (Real::from_u128(mantissa).scaled(exponent - 127), exact)
}

/// As [`number`], with either sign.
fn signed(random: &mut Random, low: i32, high: i32) -> (Real, Num) {
    let (x, exact) = number(random, low, high);
    if random.one_in(2) { (-x, -exact) } else { (x, exact) }
}

/// What a number of about the size of `like` is exactly.
fn read(x: Real, like: &Num) -> Num {
    let shift = 240 - like.exponent() as i32;
    Num::i256(x.scaled(shift).to_i256(Rounding::Down).unwrap()).shifted(-(shift as isize))
}

/// The largest error met, and where.
struct Worst(Mutex<(f64, String)>);

impl Worst {
    fn new() -> Self {
        Self(Mutex::new((0.0, String::new())))
    }

    /// Takes note of the error of `x`, relative to the exact number.
    fn note(&self, x: Real, exact: &Num, at: &Num) {
        let error = exact.relative_error_of(&read(x, exact)).abs();
        let mut worst = self.0.lock().unwrap();
        if error > worst.0 {
            *worst = (error, format!("at {}: {error:e}", at.to_f64()));
        }
    }

    /// Fails if an error exceeded `2^bits`.
    fn assert_within(&self, name: &str, bits: i32) {
        let worst = self.0.lock().unwrap();
        println!("{name}: 2^{:.2} {}", worst.0.log2(), worst.1);
        assert!(
            worst.0 <= 2_f64.powi(bits),
            "{name}: 2^{:.2} {}",
            worst.0.log2(),
            worst.1
        );
    }
}

#[test]
fn products_quotients_and_roots_are_right_to_the_last_bits() {
    let (product, quotient, root) = (Worst::new(), Worst::new(), Worst::new());
    Cases::new("real products").run(|random| {
        let ((a, x), (b, y)) = (signed(random, -500, 500), signed(random, -500, 500));
        product.note(a * b, &(&x * &y), &x);
        quotient.note(a / b, &(&x / &y), &x);
        root.note(a.abs().sqrt(), &x.abs().sqrt(), &x);
    });
    product.assert_within("product", -124);
    quotient.assert_within("quotient", -126);
    root.assert_within("root", -126);
}

#[test]
fn sums_are_right_to_the_last_bits_of_the_larger_term() {
    let (sum, difference) = (Worst::new(), Worst::new());
    Cases::new("real sums").run(|random| {
        let (a, x) = signed(random, -100, 100);
        let (b, y) = match random.below(3) {
            0 => signed(random, -100, 100),
            1 => {
                let near = Real::from_u128(u128::from(random.bits())).scaled(random.below(100) as i32 - 163);
                let offset = Num::i256(near.scaled(163).to_i256(Rounding::Down).unwrap()).shifted(-163);
                let (near, offset) = (a * near, &x * &offset);
                // The product is rounded, so what counts is what the number became.
                if near.is_zero() {
                    (a, x.clone())
                } else {
                    (a + near, read(a + near, &(&x + &offset)))
                }
            }
            _ => signed(random, x.exponent() as i32 - 2, x.exponent() as i32 + 2),
        };
        let larger = x.abs().max(y.abs());
        for (got, exact, worst) in [(a + b, &x + &y, &sum), (a - b, &x - &y, &difference)] {
            if exact.is_zero() {
                assert!(got.is_zero());
            } else {
                let error = (read(got, &larger) - exact) / &larger;
                worst.note(Real::ONE, &(Num::int(1) + error), &x);
            }
        }
    });
    sum.assert_within("sum", -126);
    difference.assert_within("difference", -126);
}

/// Neighbours' differences and whatever fits 128 bits are exact.
#[test]
fn what_fits_a_mantissa_is_exact() {
    Cases::new("real exact").run(|random| {
        let bits = random.below(127) as u32 + 1;
        let a = (random.bits() as u128) << 64 | random.bits() as u128;
        let (short, long) = (a >> (128 - bits), random.bits() as u128 | (random.bits() as u128) << 64);
        let long = long >> bits;
        let (x, y) = (Real::from_u128(short), Real::from_u128(long));
        assert_eq!(x * y, Real::from_u128(short * long));
        if short != 0 && long != 0 {
            assert_eq!(Real::from_u128(short * long) / y, x);
            let root = short.isqrt() as u64;
            assert_eq!(
                Real::from_u128(u128::from(root) * u128::from(root)).sqrt(),
                Real::from_u128(root.into())
            );
        }
        let (low, high) = (short.min(long), short.max(long));
        assert_eq!(
            Real::from_u128(high) - Real::from_u128(low),
            Real::from_u128(high - low)
        );
        assert_eq!(
            Real::from_u128(low) - Real::from_u128(high),
            -Real::from_u128(high - low)
        );
        assert_eq!(
            Real::from_u128(high / 2) + Real::from_u128(low / 2),
            Real::from_u128(high / 2 + low / 2)
        );
    });
}

#[test]
fn exponentials_are_right() {
    let (worst, far, near_zero) = (Worst::new(), Worst::new(), Worst::new());
    Cases::new("real exp").run(|random| {
        let low = random.pick(&[-1000, -130, -130, -130]);
        let (a, x) = signed(random, low, 4);
        worst.note(a.exp(), &x.exp(), &x);
        near_zero.note(a.exp_m1(), &x.exp_m1(), &x);
        let (a, x) = signed(random, 5, 9);
        far.note(a.exp(), &x.exp(), &x);
    });
    worst.assert_within("exp", -115);
    near_zero.assert_within("exp_m1", -115);
    far.assert_within("exp, |x| up to 1024", -112);
}

#[test]
fn logarithms_are_right() {
    let (worst, near_one, one_plus, ratio) = (Worst::new(), Worst::new(), Worst::new(), Worst::new());
    Cases::new("real ln").run(|random| {
        let (a, x) = number(random, -300, 300);
        worst.note(a.ln(), &x.ln(), &x);
        let (d, offset) = signed(random, -126, -1);
        let (tiny, least) = signed(random, -1000, -127);
        one_plus.note(tiny.ln_1p(), &least.ln_1p(), &least);
        let sum = Real::ONE + d;
        let exact = read(sum, &(Num::int(1) + &offset));
        if sum != Real::ONE {
            near_one.note(sum.ln(), &exact.ln(), &exact);
        }
        one_plus.note(d.ln_1p(), &offset.ln_1p(), &offset);
        // b = a + d a, whatever that is rounded to.
        let b = a + a * d;
        let y = read(b, &(&x * &exact));
        if a != b {
            ratio.note(Real::ln_ratio(a, b), &x.ln_over(&y), &x);
        }
    });
    worst.assert_within("ln", -115);
    near_one.assert_within("ln near one", -115);
    one_plus.assert_within("ln_1p", -115);
    ratio.assert_within("ln_ratio", -115);
}

#[test]
fn powers_are_right() {
    let worst = Worst::new();
    Cases::new("real pow").run(|random| {
        let (a, x) = number(random, -60, 60);
        let low = random.pick(&[-400, -40, -40, -40]);
        let (b, y) = signed(random, low, 1);
        worst.note(a.pow(b), &x.pow(&y), &x);
    });
    worst.assert_within("pow", -108);
}

#[test]
fn the_normal_distribution_is_right() {
    let (mills, far, pdf, lower, upper) = (Worst::new(), Worst::new(), Worst::new(), Worst::new(), Worst::new());
    Cases::new("real normal").run(|random| {
        let low = random.pick(&[-1000, -20, -20, -20]);
        let (a, x) = number(random, low, 3);
        mills.note(a.mills(), &x.mills(), &x);
        pdf.note(a.pdf(), &x.pdf(), &x);
        lower.note((-a).cdf(), &(-&x).cdf(), &x);
        upper.note(a.cdf(), &x.cdf(), &x);
    });
    Cases::new("real normal far").divided(10).run(|random| {
        let (a, x) = number(random, 4, 5);
        far.note(a.mills(), &x.mills(), &x);
        far.note((-a).cdf(), &(-&x).cdf(), &x);
    });
    mills.assert_within("mills", -114);
    pdf.assert_within("pdf", -112);
    lower.assert_within("cdf, lower tail", -112);
    upper.assert_within("cdf, upper tail", -114);
    far.assert_within("cdf and mills, |x| up to 64", -109);
}

/// Relative to the larger of one and the quantile: near the median it is the distance that counts.
#[test]
fn quantiles_are_right() {
    let worst = Worst::new();
    Cases::new("real quantile").divided(10).run(|random| {
        let (p, exact) = match random.below(8) {
            0 => number(random, -700, -2),
            1 => (Real::ONE.half(), Num::ratio(1, 2)),
            _ => number(random, -130, -2),
        };
        let quantile = exact.inverse_cdf();
        let scale = quantile.abs().max(Num::int(1));
        let error = (read(Real::inverse_cdf(p), &scale) - &quantile) / scale;
        worst.note(Real::ONE, &(Num::int(1) + error), &exact);
    });
    worst.assert_within("inverse cdf", -108);
}
