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

    /// The x at which [`Real::cdf`] is `p`, wrong by less than 2^-114 of the larger of one and |x|. Domain: above 2^-1,000,000 and
    /// below one. Nought outside `(0, 1)`: callers rule that out first.
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

    /// The quantile of p <= 1/2.
    ///
    /// Starts from Hastings's rational approximation (Abramowitz and Stegun 26.2.23), which is wrong by less than 0.00045. A step
    /// adds the Taylor series of the quantile in the excess `u = (cdf(x) - p) / pdf(x)` up to its fourth power, so that two
    /// steps suffice but in the farthest tails.
    fn lower_quantile(p: Self) -> Self {
        const fn millionths(n: i64) -> Real {
            // As a multiple of 2^-40, to a hundredth of the approximation's own error.
            Real::from_i64((n << 40) / 1_000_000).scaled(-40)
        }
        const NUMERATOR: [Real; 3] = [millionths(10_328), millionths(802_853), millionths(2_515_517)];
        const DENOMINATOR: [Real; 4] = [
            millionths(1_308),
            millionths(189_269),
            millionths(1_432_788),
            millionths(1_000_000),
        ];
        let t = p.ln().double().neg().sqrt();
        let numerator = (NUMERATOR[0] * t + NUMERATOR[1]) * t + NUMERATOR[2];
        let denominator = ((DENOMINATOR[0] * t + DENOMINATOR[1]) * t + DENOMINATOR[2]) * t + DENOMINATOR[3];
        // The distance below the median.
        let mut z = t - numerator / denominator;
        if z.is_negative() {
            z = Self::ZERO;
        }
        for _ in 0..8 {
            // z' = z + u + z u^2 / 2 + (1 + 2 z^2) u^3 / 6 + (7 z + 6 z^3) u^4 / 24, with both cdf and p over the density.
            let u = z.mills() - p / z.pdf();
            let square = z.square();
            let third = (Self::ONE + square.double()) * SIXTH;
            let fourth = z * (Self::from_i64(7) + square.double() + square.scaled(2)) * SIXTH.scaled(-2);
            z = z + u * (Self::ONE + u * (z.half() + u * (third + u * fourth)));
            // The fifth power is what is wrong with the step.
            if (u.exponent + z.exponent.max(0)) < -25 {
                break;
            }
        }
        z.neg()
    }
}

/// A sixth.
const SIXTH: Real = Real::positive(-3, 0xaaaa_aaaa_aaaa_aaaa_aaaa_aaaa_aaaa_aaaa);
