//! The normal distribution by way of Mills' ratio `m(x) = (1 - cdf(x)) / pdf(x)`, which solves `m' = x m - 1`.
//!
//! Its Taylor coefficients about a point follow from the equation. They are tabulated every sixteenth on [0, 32], walking down
//! from 32, where the asymptotic series is good to 2^-700; downwards the equation damps every error. That the walk ends at
//! `sqrt(pi / 2)` is checked by a test.

use super::{Num, PRECISION, pi};
use dashu_int::IBig;
use std::sync::OnceLock;

const BITS: usize = PRECISION + 64;
const STEPS: i64 = 16;
const END: i64 = 32;

/// The coefficients about `k / 16`, as integers over 2^BITS and as doubles.
struct Patch {
    exact: Vec<IBig>,
    double: Vec<f64>,
}

impl Num {
    /// `e^(-x^2/2) / sqrt(2 pi)`.
    pub fn pdf(&self) -> Self {
        (-self.square()).shifted(-1).exp() / root_of_two_pi()
    }

    /// The standard normal distribution function, of full relative precision in the lower tail.
    pub fn cdf(&self) -> Self {
        let tail = self.abs().mills() * self.pdf();
        if self.is_negative() { tail } else { Self::int(1) - tail }
    }

    /// `(1 - cdf(x)) / pdf(x)` for `x >= 0`.
    pub fn mills(&self) -> Self {
        if *self >= Self::int(END) {
            return self.mills_far_out();
        }
        let nearest = (self * STEPS).round();
        let offset = (self - Self::ratio(nearest, STEPS)).to_fixed(BITS);
        Self::from_fixed(evaluate(&patches()[nearest as usize].exact, &offset), BITS)
    }

    /// `1/x (1 - 1/x^2 + 1*3/x^4 - ...)` until its terms no longer count.
    fn mills_far_out(&self) -> Self {
        let squared = self.square();
        let (mut sum, mut term) = (Self::int(1), Self::int(1));
        for n in (1..).step_by(2) {
            term = -(term * n / &squared);
            if term.exponent() < -(PRECISION as isize) - 96 {
                break;
            }
            sum = sum + &term;
        }
        sum / self
    }

    /// The quantile of `0 < p < 1`: a double's Newton on `ln cdf`, then two of Halley's cubic steps.
    pub fn inverse_cdf(&self) -> Self {
        let half = Self::ratio(1, 2);
        if *self > half {
            return -(Self::int(1) - self).inverse_cdf();
        }
        // In the lower half, with z = -x and x >= 0.
        let target = self.ln().to_f64();
        let mut x = (-2.0 * target).sqrt().max(0.5) - 0.5;
        for _ in 0..60 {
            let mills = mills_f64(x);
            let ln_tail = mills.ln() - x * x / 2.0 - (2.0 * std::f64::consts::PI).sqrt().ln();
            let step = (ln_tail - target) * mills;
            x = (x + step).max(0.0);
            if step.abs() < 1e-15 * x.max(1e-3) {
                break;
            }
        }
        let mut x = Self::from_f64(x);
        for _ in 0..3 {
            // f = 1 - cdf(x) - p, f' = -pdf, f''/f' = -x.
            let pdf = x.pdf();
            let newton = (self - x.mills_signed() * &pdf) / &pdf;
            let step = &newton / (Self::int(1) - (&newton * &x).shifted(-1));
            x = x - step;
        }
        -x
    }

    /// Mills' ratio also where a Newton step has gone a hair below zero.
    fn mills_signed(&self) -> Self {
        if self.is_negative() {
            Self::int(1) / self.pdf() - self.abs().mills()
        } else {
            self.mills()
        }
    }
}

pub fn root_of_two_pi() -> &'static Num {
    static ROOT: OnceLock<Num> = OnceLock::new();
    ROOT.get_or_init(|| pi().shifted(1).sqrt())
}

fn mills_f64(x: f64) -> f64 {
    if x >= END as f64 {
        let y = 1.0 / (x * x);
        return (1.0 - y * (1.0 - 3.0 * y * (1.0 - 5.0 * y))) / x;
    }
    let nearest = (x * STEPS as f64).round();
    let offset = x - nearest / STEPS as f64;
    let coefficients = &patches()[nearest as usize].double;
    coefficients.iter().rev().fold(0.0, |sum, c| sum * offset + c)
}

fn evaluate(coefficients: &[IBig], offset: &IBig) -> IBig {
    coefficients
        .iter()
        .rev()
        .fold(IBig::ZERO, |sum, coefficient| ((sum * offset) >> BITS) + coefficient)
}

fn patches() -> &'static [Patch] {
    static PATCHES: OnceLock<Vec<Patch>> = OnceLock::new();
    PATCHES.get_or_init(|| {
        let step = -(IBig::ONE << BITS) / STEPS;
        let mut value = Num::int(END).mills_far_out().to_fixed(BITS);
        let mut patches = Vec::new();
        for k in (0..=END * STEPS).rev() {
            let exact = coefficients(k, value);
            value = evaluate(&exact, &step);
            let double = exact
                .iter()
                .map(|c| Num::from_fixed(c.clone(), BITS).to_f64())
                .collect();
            patches.push(Patch { exact, double });
        }
        patches.reverse();
        patches
    })
}

/// `c_1 = x c_0 - 1` and `(n + 1) c_(n+1) = x c_n + c_(n-1)`, as far as a sixteenth's powers count.
fn coefficients(k: i64, value: IBig) -> Vec<IBig> {
    let times_x = |c: &IBig| c * k / STEPS;
    let first = times_x(&value) - (IBig::ONE << BITS);
    let mut all = vec![value, first];
    for n in 1..100_usize {
        let next = (times_x(&all[n]) + &all[n - 1]) / (n as u32 + 1);
        // What the last step contributes at an offset of a sixteenth.
        let negligible = (&next >> (4 * (n + 1))) == IBig::ZERO || (&next >> (4 * (n + 1))) == IBig::NEG_ONE;
        all.push(next);
        if negligible {
            break;
        }
    }
    all
}
