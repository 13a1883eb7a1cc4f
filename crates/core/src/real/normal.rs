//! The standard normal distribution.

use super::Real;

/// `1 / sqrt(2 pi)`.
const PDF_AT_ZERO: Real = Real::positive(-2, 0xcc42_299e_a1b2_8468_7e59_e280_5d5c_717f);

impl Real {
    /// The normal density `e^(-x^2/2) / sqrt(2 pi)`.
    pub fn pdf(self) -> Self {
        self.square().half().neg().exp() * PDF_AT_ZERO
    }

    /// The normal distribution function, with relative accuracy in the lower tail.
    pub fn cdf(self) -> Self {
        let tail = self.abs().mills() * self.pdf();
        if self.sign != 0 { tail } else { Self::ONE - tail }
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
