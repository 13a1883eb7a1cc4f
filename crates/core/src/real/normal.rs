//! The standard normal distribution.

use super::Real;

/// `sqrt(pi / 2)`.
const MILLS_AT_ZERO: Real = Real::positive(0, 0xa06c_98ff_b138_2cb2_be52_0fd7_3916_7717);

impl Real {
    /// The normal density `e^(-x^2/2) / sqrt(2 pi)`.
    pub fn pdf(self) -> Self {
        self.square().half().neg().exp() / Self::SQRT_2PI
    }

    /// The normal distribution function, with relative accuracy in the lower tail.
    pub fn cdf(self) -> Self {
        let tail = self.abs().mills() * self.pdf();
        if self.negative { tail } else { Self::ONE - tail }
    }

    /// Mills's ratio `(1 - cdf(x)) / pdf(x)` for x >= 0; of a negative number, that of its magnitude.
    pub fn mills(self) -> Self {
        let x = self.abs();
        if x.compare(&Self::from_i64(3)).is_lt() {
            return x.mills_near_zero();
        }
        // Laplace's continued fraction 1 / (x + 1 / (x + 2 / (x + ...))).
        let mut below = x;
        for k in (1..160).rev() {
            below = x + Self::from_i64(k) / below;
        }
        Self::ONE / below
    }

    /// `sqrt(pi/2) e^(x^2/2) - (x + x^3/3 + x^5/(3*5) + ...)`, which loses nine bits at x = 3.
    fn mills_near_zero(self) -> Self {
        let square = self.square();
        let mut sum = Self::ONE;
        for k in (1..70).rev() {
            sum = Self::ONE + square * sum / Self::from_i64(2 * k + 1);
        }
        MILLS_AT_ZERO * square.half().exp() - self * sum
    }

    /// The x at which [`Real::cdf`] is `p`. Nought unless 0 < p < 1: callers rule that out first.
    pub fn inverse_cdf(p: Self) -> Self {
        let upper = Self::ONE - p;
        if !p.is_positive() || !upper.is_positive() {
            return Self::ZERO;
        }
        if p > upper {
            return Self::lower_quantile(upper).neg();
        }
        Self::lower_quantile(p)
    }

    /// The quantile of p <= 1/2: Hastings's rational start, then Halley's iteration on the distribution function.
    fn lower_quantile(p: Self) -> Self {
        let millionths = |n: i64| Self::from_i64(n) / Self::from_i64(1_000_000);
        let t = p.ln().double().neg().sqrt();
        let numerator = millionths(2_515_517) + t * (millionths(802_853) + t * millionths(10_328));
        let denominator = Self::ONE + t * (millionths(1_432_788) + t * (millionths(189_269) + t * millionths(1_308)));
        let mut x = numerator / denominator - t;
        for _ in 0..4 {
            let excess = (x.cdf() - p) / x.pdf();
            x = x - excess / (Self::ONE + (x * excess).half());
        }
        x
    }
}
