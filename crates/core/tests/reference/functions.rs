//! Elementary functions: Taylor series in fixed point after an exact reduction.

use super::{Num, PRECISION};
use dashu_int::IBig;
use std::sync::OnceLock;

/// Fractional bits of the series: enough that a result as small as 2^-60 still has [`PRECISION`] right ones.
const BITS: usize = PRECISION + 96;
/// The exponential's argument is divided by two to this power, and its result squared as often.
const HALVINGS: usize = 12;

impl Num {
    pub fn sqrt(&self) -> Self {
        Self::from_float(self.0.sqrt())
    }

    /// `e^x`: `2^k e^r` with `|r| <= ln 2 / 2`, and `e^r` from its series at `r / 2^12`.
    pub fn exp(&self) -> Self {
        if self.is_zero() {
            return Self::int(1);
        }
        let power = (self / ln_2()).round();
        let fixed = self.to_fixed(BITS) - IBig::from(power) * ln_2_fixed();
        Self::from_fixed(exp_series(&fixed), BITS).shifted(power as isize)
    }

    /// `e^x - 1`, of full relative precision.
    pub fn exp_m1(&self) -> Self {
        if self.is_zero() || self.exponent() >= -16 {
            return self.exp() - 1;
        }
        let (mut sum, mut term) = (self.clone(), self.clone());
        for n in 2.. {
            term = term * self / n;
            sum = &sum + &term;
            if term.is_zero() || term.exponent() < sum.exponent() - PRECISION as isize {
                break;
            }
        }
        sum
    }

    /// The natural logarithm of a positive number, of full relative precision.
    pub fn ln(&self) -> Self {
        (self - 1).ln_1p_of(self)
    }

    /// `ln(1 + x)`, of full relative precision.
    pub fn ln_1p(&self) -> Self {
        self.ln_1p_of(&(self + 1))
    }

    /// `ln` of `whole`, which is one more than `self`.
    fn ln_1p_of(&self, whole: &Self) -> Self {
        assert!(!whole.is_negative() && !whole.is_zero(), "the logarithm of {whole:?}");
        if self.is_zero() {
            return Self::int(0);
        }
        if self.exponent() < -40 {
            return self.ln_1p_series();
        }
        // A double's logarithm is right to 50 bits; the rest is the logarithm of what it leaves.
        let near = self.exponent() < -1;
        let (power, mantissa, guess) = if near {
            // Not `whole`, which has rounded.
            (0, (IBig::ONE << BITS) + self.to_fixed(BITS), self.to_f64().ln_1p())
        } else {
            let power = whole.exponent() + 1;
            let mantissa = whole.shifted(-power);
            (power, mantissa.to_fixed(BITS), mantissa.to_f64().ln())
        };
        let guess = Self::from_f64(guess);
        let left = (mantissa * exp_series(&-guess.to_fixed(BITS))) >> BITS;
        let left = Self::from_fixed(left - (IBig::ONE << BITS), BITS);
        guess + left.ln_1p_series() + ln_2() * power as i64
    }

    /// `ln(self / other)` of two positive numbers, of full relative precision where they are close.
    pub fn ln_over(&self, other: &Self) -> Self {
        let change = (self - other) / other;
        if change.is_zero() || change.exponent() < -2 {
            change.ln_1p()
        } else {
            (self / other).ln()
        }
    }

    fn ln_1p_series(&self) -> Self {
        let (mut sum, mut power) = (self.clone(), self.clone());
        for n in 2.. {
            power = -(power * self);
            if power.is_zero() || power.exponent() < sum.exponent() - PRECISION as isize {
                break;
            }
            sum = sum + &power / n;
        }
        sum
    }

    /// `self^y` of a positive number. The exponential's argument keeps at least 270 bits for results below 2^(2^18).
    pub fn pow(&self, y: &Self) -> Self {
        (self.ln() * y).exp()
    }
}

/// The series at a fixed-point argument of magnitude below one.
fn exp_series(fixed: &IBig) -> IBig {
    // Guard bits for what the squarings lose.
    let bits = BITS + 2 * HALVINGS;
    let one = IBig::ONE << bits;
    let small = (fixed << (bits - BITS)) >> HALVINGS;
    let (mut sum, mut term) = (one.clone() + &small, small.clone());
    for n in 2_u32.. {
        term = ((term * &small) >> bits) / n;
        if term == IBig::ZERO || term == IBig::NEG_ONE {
            break;
        }
        sum += &term;
    }
    for _ in 0..HALVINGS {
        sum = IBig::from(sum.sqr());
        sum >>= bits;
    }
    sum >> (bits - BITS)
}

/// The logarithm of two: `2 atanh(1/3)`.
pub fn ln_2() -> &'static Num {
    static LN_2: OnceLock<Num> = OnceLock::new();
    LN_2.get_or_init(|| Num::from_fixed(ln_2_fixed().clone(), BITS))
}

fn ln_2_fixed() -> &'static IBig {
    static LN_2: OnceLock<IBig> = OnceLock::new();
    LN_2.get_or_init(|| {
        let guard = 32;
        let (mut sum, mut power) = (IBig::ZERO, (IBig::ONE << (BITS + guard + 1)) / 3_u32);
        for n in (1_u32..).step_by(2) {
            if power == IBig::ZERO {
                break;
            }
            sum += &power / n;
            power /= 9_u32;
        }
        sum >> guard
    })
}

/// Machin: `16 atan(1/5) - 4 atan(1/239)`.
pub fn pi() -> &'static Num {
    static PI: OnceLock<Num> = OnceLock::new();
    PI.get_or_init(|| {
        let atan_of_inverse = |x: u32| {
            let (mut sum, mut power) = (IBig::ZERO, (IBig::ONE << (BITS + 32)) / x);
            for n in (1_u32..).step_by(2) {
                if power == IBig::ZERO {
                    break;
                }
                let term = &power / n;
                if n % 4 == 1 {
                    sum += term
                } else {
                    sum -= term
                }
                power /= x * x;
            }
            sum
        };
        let fixed = IBig::from(16) * atan_of_inverse(5) - IBig::from(4) * atan_of_inverse(239);
        Num::from_fixed(fixed, BITS + 32)
    })
}

/// Euler's number.
pub fn e() -> &'static Num {
    static E: OnceLock<Num> = OnceLock::new();
    E.get_or_init(|| Num::int(1).exp())
}
