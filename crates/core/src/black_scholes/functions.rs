//! The functions of [`super::fast`], as polynomials in fixed point.
//!
//! Each is the Chebyshev interpolant of its function, found with 70 digits and cut where what is left falls below 2^-106.

use super::limbs::{Limbs, Sum, polynomial};
use crate::real::mills::ratio_in;

/// Mills's ratio `(1 - cdf(x)) / pdf(x)` at twice `half`, which lies in `[0, 8)` and has 112 places, as [`Real`]'s.
///
/// [`Real`]: crate::Real
#[inline(always)]
pub(super) fn mills(half: i128) -> Limbs {
    // The intervals' ends 1, 2, 4 and 8; places and ratios have 120 binary places there.
    const ONE: i128 = 1 << 120;
    let half = half << 8;
    let (interval, place, power) = match half >> 119 {
        0 => (0, (half << 2) - ONE, 8),
        1 => (1, (half << 2) - 3 * ONE, 9),
        2..4 => (2, (half << 1) - 3 * ONE, 10),
        4..8 => (3, half - 3 * ONE, 11),
        _ => {
            // 16 / x from half an eighth, then 128 / x^2 - 1.
            let inverse = Limbs::new(half >> 11).reciprocal();
            let place = (inverse.mul(inverse).normalised().value() << 7) - ONE;
            let ratio = Limbs::new((ratio_in(4, place) >> 12) as i128);
            return ratio.mul(inverse);
        }
    };
    Limbs::new((ratio_in(interval, place) >> power) as i128)
}

/// `2^-x` for x in `[0, 1]`, wrong by less than 2^-106.
#[inline(never)]
pub(super) fn power_of_half(x: Limbs) -> Limbs {
    let centred = x.times(2).sub(Limbs::ONE);
    polynomial!(centred;
            -0x33fd519 0xb226a993 -0x241602f550 0x6ea137a5016 -0x13f35de18e368 0x35f7b2de80bbe5 -0x8840b8518229ced
            0x13f6da49236e97474 -0x2b341a4bec3f8fb39e 0x55b3fd150e365ebef4e -0x9a8de414cf74798fe11d 0xfad8b4383356cfcf72684
            -0x169e51ed1156747f10cf481 0x1c8d752e2475fd132e752405 -0x1ee4fd234aabe311d08c0473a 0x1bdb696e8a0afc02a8764c507d
            -0x141839eb881561be3a138230072 0xadf14c56f81a9117d46939cd65f -0x3ebc8ca6f5720d5c1dba0571e45a
            0xb504f333f9de6484597d89b37549
    )
}

/// `ln((1 + z) / (1 - z))` for a normalised z of magnitude up to 0.1717, wrong by less than 2^-106.
#[inline(always)]
pub(super) fn log_of_ratio(z: Limbs) -> Limbs {
    let square = z.mul(z).times(32).normalised();
    let series = polynomial!(square;
            0x5706e3f7fd 0x94514958548 0x148166f5494fa 0x2c850cbeeb747d 0x61861f9d7009c6d 0xd794359cb7b38c52
            0x1e1e1e1e3ea204d4ba 0x44444444439ca26274e 0x9d89d89d89daff72e3b4 0x1745d1745d17457270b2d4
            0x38e38e38e38e38e428b055b 0x924924924924924923fb233b 0x199999999999999999999e7062 0x5555555555555555555555545af
            0x20000000000000000000000000008
    );
    z.mul(series)
}
