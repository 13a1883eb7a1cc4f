//! Prices and delta in fixed point: what [`super::price_and_delta`] gives, for a third of the gas, on all but extreme terms.
//!
//! Everything is a fraction of the spot with 112 binary places. The prices' own conditioning makes that enough: neither moneyness
//! nor total volatility moves a price by more than the spot times its own error, so an absolute error of 2^-105 in each leaves
//! one below 2^-100 of the spot. With `t1 = pdf(d1) mills(|d1|)` and `t2 = pdf(d1) mills(|d2|)`, the tails that `d1` and `d2`
//! cut off (the second in units of the spot, as `S pdf(d1) = D pdf(d2)`), the side out of the money costs `S (t1 - t2)` or
//! `S (t2 - t1)`, or, between the two, `S - S (t1 + t2)` for the call; the other side follows by put–call parity.

use super::functions::{log_of_ratio, mills, power_of_half};
use super::limbs::{Limbs, shifted_left, shifted_right};
use crate::U256;
use crate::wide::{mul_128, mul_wide};

pub(super) use super::limbs::PLACES;

/// `2 / ln(2)`.
const LOG2_E_DOUBLED: Limbs = Limbs::constant(0x2_e2a8_eca5_705f_c2ee_fa1f_fb41_a475);
/// `1 / ln(2)`.
const LOG2_E: Limbs = Limbs::constant(0x1_7154_7652_b82f_e177_7d0f_fda0_d23a);
/// `ln(2)`.
const LN_2: Limbs = Limbs::constant(0xb172_17f7_d1cf_79ab_c9e3_b398_03f3);
/// `1 / sqrt(2 pi)`.
const INVERSE_SQRT_2PI: Limbs = Limbs::constant(0x6621_14cf_50d9_4234_3f2c_f140_2eae);
/// `2^88 / (1e18 * 31,536,000)`.
const RATE_SECONDS: Limbs = Limbs::constant(0x9_d04e_fd4d_5603_a1e3_6c62_fa15_ce8a);
/// `2^72 / (1e18 * sqrt(31,536,000))`.
const VOLATILITY_ROOT: Limbs = Limbs::constant(0xd746_bfca_c7f7_879b_1376_8318_eec5);
/// Half the distance beyond which the normal density is below 2^-98 and taken for nought: 47/8, with 112 places.
const HALF_OF_FAR: i128 = 47 << (PLACES - 3);
/// Where the discounted strike exceeds the spot by more than this power of e, the tails lack digits: 7.5, with 56 places.
const DEEPEST: i64 = -(15 << 55);
/// Moneyness beyond this, with 56 places, would not fit the arithmetic: 32.
const HIGHEST: i64 = 32 << 56;

/// Below this power of two the moneyness's error, divided by the total volatility, would reach the delta's last unit.
const LEAST: i32 = -40;

/// What the options of one expiry share.
#[derive(Clone, Copy, Debug)]
pub(super) struct Expiry {
    /// `r T`.
    growth: Limbs,
    /// `e^(-rT)` is this, with 112 places, over two to the power of `halvings`: a small one keeps its digits.
    discount: u128,
    halvings: i32,
    /// A quarter of the total volatility, with 112 places.
    quarter: i128,
    /// One over the total volatility's significand, which lies in `[1/2, 1)`.
    reciprocal: Limbs,
    /// The total volatility's power of two.
    exponent: i32,
}

/// Unrounded, with 112 places.
#[derive(Clone, Copy, Debug)]
pub(super) struct Prices {
    pub(super) call: U256,
    pub(super) put: U256,
    /// `cdf(-|d1|)`, with 64 places.
    tail: u64,
    /// Whether `d1` is above zero.
    above: bool,
}

/// Where the strike lies in the distribution: halves of d1 and d2 with 112 places, or their common sign far out.
enum Place {
    Near(i128, i128),
    Far(bool),
}

impl Expiry {
    /// Nothing where rate or volatility are too high, or there is next to no volatility: [`super::Chain`] serves those.
    ///
    /// The volatility is below 2^80, the seconds below 2^32, the rate's magnitude below 2^63.
    pub(super) fn new(volatility: u128, seconds: u64, rate: i64) -> Option<Self> {
        if volatility == 0 || seconds == 0 {
            return None;
        }
        let (growth, discount, halvings) = discounting(seconds, rate)?;
        let (root, root_exponent) = square_root(seconds);
        let zeros = volatility.leading_zeros();
        let significand = Limbs::new(shifted_left(volatility, zeros - 16) as i128);
        let product = significand.mul(root).mul(VOLATILITY_ROOT).normalised().value();
        let shift = product.leading_zeros() - 16;
        let total = shifted_left(product.unsigned_abs(), shift) as i128;
        let exponent = 56 - zeros as i32 + root_exponent - shift as i32;
        if !(LEAST..=4).contains(&exponent) {
            return None;
        }
        Some(Self {
            growth,
            discount,
            halvings,
            quarter: scaled(total, exponent - 2),
            reciprocal: Limbs::new(total).reciprocal(),
            exponent,
        })
    }

    /// Prices at a spot and strike above zero; nothing where the strike is too far above the forward, or below.
    pub(super) fn price(&self, spot: u128, strike: u128) -> Option<Prices> {
        let moneyness = log_quotient(spot, strike).add(self.growth).normalised();
        if !(DEEPEST..HIGHEST).contains(&moneyness.leading()) {
            return None;
        }
        let (tails, above, both) = match self.place(moneyness) {
            Place::Near(half1, half2) => (Tails::new(half1, half2), half1 > 0, half2 > 0),
            Place::Far(above) => (Tails::NONE, above, above),
        };
        let wide = |(high, low): (u128, u128)| {
            U256::from_limbs([low as u64, (low >> 64) as u64, high as u64, (high >> 64) as u64])
        };
        let discounted = wide(mul_128(strike, self.discount));
        let discounted = match self.halvings {
            0 => discounted,
            1.. => discounted >> self.halvings as usize,
            ..0 => discounted << self.halvings.unsigned_abs() as usize,
        };
        let asset = wide((spot >> (128 - PLACES), spot << PLACES));
        let difference = tails.near - tails.far;
        let fraction = match (above, both) {
            (false, _) => difference,
            (true, false) => tails.near + tails.far,
            (true, true) => -difference,
        };
        // The tails' own error must not make an option worth less than nothing.
        let fraction = shifted_right(fraction.max(0), tails.shift);
        let part = wide(mul_128(spot, fraction.unsigned_abs()));
        let (call, put) = match (above, both) {
            (false, _) => (part, (part + discounted).saturating_sub(asset)),
            (true, false) => (asset.saturating_sub(part), discounted.saturating_sub(part)),
            (true, true) => ((part + asset).saturating_sub(discounted), part),
        };
        Some(Prices {
            call,
            put,
            tail: tails.near_word(),
            above,
        })
    }

    /// `d / 2 = x / (2 v) ± v / 4`.
    fn place(&self, moneyness: Limbs) -> Place {
        let quotient = moneyness.mul(self.reciprocal).normalised().value();
        let shift = -self.exponent - 1;
        // Three bits above the point are enough to be far out, and leave room for the sign.
        if shift >= quotient.unsigned_abs().leading_zeros() as i32 - 2 {
            return Place::Far(quotient > 0);
        }
        let middle = scaled(quotient, shift);
        let (half1, half2) = (middle + self.quarter, middle - self.quarter);
        if half1.abs() >= HALF_OF_FAR {
            return Place::Far(half1 > 0);
        }
        Place::Near(half1, half2)
    }
}

impl Prices {
    /// `cdf(d1)` to the nearest unit of 1e-18.
    pub(super) fn delta(&self) -> u64 {
        let (low, high) = mul_wide(self.tail, crate::WAD);
        let tail = high + (low >> 63);
        if self.above { crate::WAD - tail } else { tail }
    }
}

/// To the nearest unit.
pub(super) fn rounded(price: U256) -> U256 {
    let half = U256::from_limbs([0, 1 << (PLACES - 65), 0, 0]);
    (price + half) >> PLACES as usize
}

/// `value * 2^power`.
fn scaled(value: i128, power: i32) -> i128 {
    if power >= 0 {
        shifted_left(value as u128, power.unsigned_abs()) as i128
    } else {
        shifted_right(value, power.unsigned_abs())
    }
}

/// `r T`, and `e^(-rT)` as a significand and its halvings; nothing from a magnitude of 9.8 on.
fn discounting(seconds: u64, rate: i64) -> Option<(Limbs, u128, i32)> {
    let magnitude = rate.unsigned_abs();
    let product = i128::from((magnitude >> 32) * seconds) << 32;
    let product = product + i128::from((magnitude & 0xffff_ffff) * seconds);
    if product == 0 {
        return Some((Limbs::new(0), 1 << PLACES, 0));
    }
    if product >> 88 != 0 {
        return None;
    }
    let growth = Limbs::new(product << (PLACES - 88)).mul(RATE_SECONDS);
    let growth = if rate < 0 { growth.times(-1) } else { growth }.normalised();
    let (whole, rest) = growth.mul(LOG2_E).normalised().split();
    let power = power_of_half(rest).normalised().value();
    Some((growth, power.unsigned_abs(), whole as i32))
}

/// The square root of an integer below 2^32: its significand in `[1/2, 1)` and its power of two.
fn square_root(seconds: u64) -> (Limbs, i32) {
    let shift = (seconds.leading_zeros() - 32) & !1;
    let radicand = seconds << shift;
    // One over the root to 28 bits, by Newton's iteration from a straight line.
    let mut inverse = 2_362_232_013 - ((radicand * 1_395_864_371) >> 32);
    for _ in 0..4 {
        let product = (radicand * ((inverse * inverse) >> 30)) >> 32;
        inverse = (inverse * ((3 << 30) - product)) >> 31;
    }
    let radicand = Limbs::new(i128::from(radicand) << (PLACES - 32));
    let inverse = Limbs::new(i128::from(inverse) << (PLACES - 30));
    // x y (1 - e)^(-1/2) with the rest e = 1 - x y^2.
    let root = radicand.mul(inverse);
    let rest = Limbs::ONE.sub(root.mul(inverse)).normalised().small();
    let series = rest
        .mul(const { Limbs::constant(5 << (PLACES - 4)) })
        .add(const { Limbs::constant(3 << (PLACES - 3)) });
    let series = rest.mul(series).add(const { Limbs::constant(1 << (PLACES - 1)) });
    let root = root.add(root.mul(rest.mul(series))).normalised();
    (root, 16 - shift as i32 / 2)
}

/// `ln(a / b)` of two integers above zero.
fn log_quotient(a: u128, b: u128) -> Limbs {
    let (zeros_a, zeros_b) = (a.leading_zeros(), b.leading_zeros());
    let (a, b) = (shifted_left(a, zeros_a), shifted_left(b, zeros_b));
    let mut power = zeros_b as i32 - zeros_a as i32;
    let (top_a, top_b) = ((a >> 72) as u64, (b >> 72) as u64);
    // The quotient of the significands, brought between 1 / sqrt(2) and sqrt(2).
    let (a, b) = if top_a * 181 > top_b * 256 {
        power += 1;
        (a >> 2, b >> 1)
    } else if top_b * 181 > top_a * 256 {
        power -= 1;
        (a >> 1, b >> 2)
    } else {
        (a >> 1, b >> 1)
    };
    let sum = a + b;
    let zeros = sum.leading_zeros();
    let difference = shifted_left((a as i128 - b as i128) as u128, zeros) as i128 >> 16;
    let inverse = Limbs::new((shifted_left(sum, zeros) >> 16) as i128).reciprocal();
    let ratio = Limbs::new(difference).mul(inverse).normalised();
    log_of_ratio(ratio).add(LN_2.times(power.into()))
}

/// `pdf(d1) mills(|d1|)` and `pdf(d1) mills(|d2|)`, with 112 places, times the same power of two.
struct Tails {
    near: i128,
    far: i128,
    shift: u32,
}

impl Tails {
    const NONE: Self = Self {
        near: 0,
        far: 0,
        shift: 0,
    };

    /// From halves of the distances.
    fn new(half1: i128, half2: i128) -> Self {
        let near = Limbs::new(half1.abs());
        // e^(-d1^2 / 2) = 2^(-2 (d1 / 2)^2 / ln(2)).
        let (whole, rest) = near.mul(near).mul(LOG2_E_DOUBLED).normalised().split();
        let density = power_of_half(rest).mul(INVERSE_SQRT_2PI).normalised();
        let tail = |half: i128| density.mul(mills(half.abs())).value();
        Self {
            near: tail(half1),
            far: tail(half2),
            shift: whole as u32,
        }
    }

    /// The near one's leading 64 places.
    fn near_word(&self) -> u64 {
        ((self.near >> (PLACES - 64)) as u64)
            .checked_shr(self.shift)
            .unwrap_or(0)
    }
}
