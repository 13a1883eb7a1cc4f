//! Impermanent loss over many prices at once, in floating point: for plots and simulation, never for what a chain enforces.
//!
//! Each loop is straight-line arithmetic that the compiler turns into vector instructions; long slices are shared out between the
//! cores. Against the exact value the error stays below 1e-14, for a constant product and a range even relative to the loss
//! itself, because differences of prices are formed before their roots. Domain: prices above zero with
//! `1e-50 < price / entry < 1e50`; anything else (zero, negative, NaN) gives NaN or -1.

use std::{num::NonZeroUsize, thread};

/// Below so many prices, another thread costs more than it saves.
const SHARE: usize = 1 << 16;

/// A pool's curve, in floating point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pool {
    /// 50/50 constant product.
    ConstantProduct,
    /// Weighted, with token0's share strictly between 0 and 1.
    Weighted {
        /// token0's share.
        weight0: f64,
    },
    /// Concentrated between two prices, `0 < lower < upper`.
    Concentrated {
        /// Lower end.
        lower: f64,
        /// Upper end.
        upper: f64,
    },
}

/// Writes the IL at each price into `losses`, on all cores; what is left over of the longer slice is not looked at.
pub fn il(pool: Pool, entry: f64, prices: &[f64], losses: &mut [f64]) {
    let count = prices.len().min(losses.len());
    let cores = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let share = count.div_ceil(cores.min(count.div_ceil(SHARE)).max(1)).max(1);
    let (prices, losses) = (&prices[..count], &mut losses[..count]);
    if share >= count {
        return il_serial(pool, entry, prices, losses);
    }
    thread::scope(|scope| {
        for (prices, losses) in prices.chunks(share).zip(losses.chunks_mut(share)) {
            scope.spawn(move || il_serial(pool, entry, prices, losses));
        }
    });
}

/// [`il`] on the caller's thread alone.
pub fn il_serial(pool: Pool, entry: f64, prices: &[f64], losses: &mut [f64]) {
    match pool {
        Pool::ConstantProduct => constant_product(entry, prices, losses),
        Pool::Weighted { weight0 } => weighted(entry, weight0, prices, losses),
        Pool::Concentrated { lower, upper } => concentrated(entry, lower, upper, prices, losses),
    }
}

/// `2 sqrt(r) / (1 + r) - 1 = -(p - e)^2 / ((sqrt(p) + sqrt(e))^2 (p + e))`.
fn constant_product(entry: f64, prices: &[f64], losses: &mut [f64]) {
    let root = entry.sqrt();
    for (price, loss) in prices.iter().zip(losses) {
        let away = price - entry;
        let roots = price.sqrt() + root;
        *loss = -(away * away) / (roots * roots * (price + entry));
    }
}

/// `(c - e) (c e - p) / (c e (x p + y))` with the roots `c` of the clamped price and `e` of the clamped entry, and the deposit
/// `x = 1 / e - 1 / b`, `y = e - a` of a unit of liquidity.
fn concentrated(entry: f64, lower: f64, upper: f64, prices: &[f64], losses: &mut [f64]) {
    let clamp = |price: f64| within(price, lower, upper);
    let (entry, a, b) = (clamp(entry), lower.sqrt(), upper.sqrt());
    let e = entry.sqrt();
    let x = (upper - entry) / ((b + e) * e * b);
    let y = (entry - lower) / (a + e);
    for (&price, loss) in prices.iter().zip(losses) {
        let clamped = clamp(price);
        let c = clamped.sqrt();
        // c - e, and c e - p = -c (c - e) + (c^2 - p): neither difference is of rounded roots.
        let moved = (clamped - entry) / (c + e);
        let beyond = clamped - price;
        *loss = moved * (beyond - c * moved) / (c * e * (x * price + y));
    }
}

/// `clamp` as two selections, which vector units have; a price that is not a number stays none.
#[inline(always)]
fn within(price: f64, lower: f64, upper: f64) -> f64 {
    let price = if price < lower { lower } else { price };
    if price > upper { upper } else { price }
}

/// `r^w / (w r + 1 - w) - 1`.
fn weighted(entry: f64, weight0: f64, prices: &[f64], losses: &mut [f64]) {
    let (inverse, weight1) = (entry.recip(), 1.0 - weight0);
    for (price, loss) in prices.iter().zip(losses) {
        let ratio = price * inverse;
        let il = exp2(weight0 * log2(ratio)) / (weight0 * ratio + weight1) - 1.0;
        *loss = if ratio >= f64::MIN_POSITIVE { il } else { f64::NAN };
    }
}

/// 2^52: added to a smaller non-negative integer, it leaves that integer in the mantissa's bits.
const INTEGER: f64 = 4_503_599_627_370_496.0;
/// 1.5 * 2^52: added to a number below 2^51, it rounds it to an integer in the mantissa's bits.
const ROUND: f64 = 6_755_399_441_055_744.0;
/// The bits of one.
const ONE: u64 = 0x3ff0_0000_0000_0000;
/// The bits of sqrt(1/2).
const ROOT_HALF: u64 = 0x3fe6_a09e_667f_3bcd;
/// The bits of sign and exponent.
const EXPONENT: u64 = 0xfff0_0000_0000_0000;

/// log2 of a normal number above zero, within 3 ulp: `k + log2(m)` with m in [sqrt(1/2), sqrt(2)) and
/// `ln(m) = 2 artanh((m - 1) / (m + 1))`; the polynomial interpolates at Chebyshev's nodes, with a relative error of 2e-18.
#[inline(always)]
fn log2(x: f64) -> f64 {
    const SERIES: [f64; 8] = [
        2.885_390_081_777_926_8,
        0.961_796_693_925_989_8,
        0.577_078_016_345_520_3,
        0.412_198_585_840_900_5,
        0.320_598_534_913_959_84,
        0.262_334_352_504_183,
        0.220_913_084_231_176_8,
        0.213_658_956_943_194_7,
    ];
    let bits = x.to_bits();
    let biased = bits.wrapping_add(ONE - ROOT_HALF);
    let power = f64::from_bits((biased >> 52) | INTEGER.to_bits()) - (INTEGER + 1023.0);
    let mantissa = f64::from_bits(bits.wrapping_sub(biased & EXPONENT).wrapping_add(ONE));
    let s = (mantissa - 1.0) / (mantissa + 1.0);
    let z = s * s;
    let z2 = z * z;
    let z4 = z2 * z2;
    let low = (SERIES[0] + SERIES[1] * z) + (SERIES[2] + SERIES[3] * z) * z2;
    let high = (SERIES[4] + SERIES[5] * z) + (SERIES[6] + SERIES[7] * z) * z2;
    power + s * (low + high * z4)
}

/// 2^y for |y| below 1000, within 2 ulp: `2^k 2^f` with f in [-1/2, 1/2]; interpolated as in [`log2`], relative error 3e-16.
#[inline(always)]
fn exp2(y: f64) -> f64 {
    // The second is the interpolation's, near to but not ln(2).
    #[allow(clippy::approx_constant)]
    const SERIES: [f64; 11] = [
        1.0,
        0.693_147_180_559_95,
        0.240_226_506_959_100_97,
        0.055_504_108_664_447_72,
        0.009_618_129_107_606_888,
        0.001_333_355_823_016_497_4,
        0.000_154_035_304_417_360_5,
        1.525_265_726_020_083_7e-5,
        1.321_544_258_792_169e-6,
        1.020_869_029_995_830_6e-7,
        7.072_585_949_269_224e-9,
    ];
    let shifted = y + ROUND;
    let f = y - (shifted - ROUND);
    let f2 = f * f;
    let f4 = f2 * f2;
    let low = (SERIES[0] + SERIES[1] * f) + (SERIES[2] + SERIES[3] * f) * f2;
    let middle = (SERIES[4] + SERIES[5] * f) + (SERIES[6] + SERIES[7] * f) * f2;
    let high = (SERIES[8] + SERIES[9] * f) + SERIES[10] * f2;
    let mantissa = low + (middle + high * f4) * f4;
    f64::from_bits(mantissa.to_bits().wrapping_add(shifted.to_bits() << 52))
}
