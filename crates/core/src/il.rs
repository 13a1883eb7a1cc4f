//! Impermanent loss: the LP's value over what holding would be worth, minus one.
//!
//! Always a wad that is never above zero and rounded towards minus infinity, so that a loss is never understated. Prices are
//! token1 per token0, on any common scale where only their ratio matters.

mod deposit;
mod expected;
mod many;

pub use deposit::{Outcome, constant_product_position};
pub use expected::{Expected, expected, expected_loss};
pub use many::many;

use crate::full_math::sqrt;
use crate::limbs::{self, Limbs};
use crate::liquidity::within;
use crate::tick::{MAX_SQRT_PRICE, check_sqrt_price, range_sqrt_prices};
use crate::units::RAY;
use crate::wide::Wide;
use crate::{Bps, Error, Ray, Real, Result, Rounding, WAD, Wad};
use alloy_primitives::{I256, U256};

/// IL of a 50/50 constant-product pool: `2 * sqrt(p0 * p1) / (p0 + p1) - 1`.
///
/// Domain: any two prices above zero. The correctly rounded floor: the square root of the floored quotient
/// `4e36 * p0 * p1 / (p0 + p1)^2` has the same floor as the exact one. Errors: [`Error::ZeroPrice`].
pub fn constant_product(entry_price: U256, price: U256) -> Result<I256> {
    Ok(below_one(geometric_mean_share(entry_price, price, WAD.into())?))
}

/// As [`constant_product`], with 27 decimals: the correctly rounded floor too.
pub fn constant_product_ray(entry_price: U256, price: U256) -> Result<Ray> {
    let share = geometric_mean_share(entry_price, price, RAY)?;
    Ok(Ray(below(share, RAY)))
}

/// [`constant_product`] of a price ratio `d = price / entry price` as a wad: the correctly rounded floor for exactly that ratio.
///
/// Errors: [`Error::ZeroPrice`].
pub fn from_ratio(ratio: U256) -> Result<I256> {
    constant_product(U256::from(WAD), ratio)
}

/// [`constant_product`] of what one share of a pool's reserves was at entry and is now, token0 and token1 each: the prices are
/// the quotients `y / x`, so fees that both reserves earned do not count. The correctly rounded floor.
///
/// Errors: [`Error::ZeroPrice`] where a reserve is zero.
pub fn from_reserves(entry: (u128, u128), now: (u128, u128)) -> Result<I256> {
    // y0 / x0 and y1 / x1 over their common denominator.
    let product = |a: u128, b: u128| U256::from(a).wrapping_mul(U256::from(b));
    if entry.0 == 0 || now.0 == 0 {
        return Err(Error::ZeroPrice);
    }
    constant_product(product(entry.1, now.0), product(now.1, entry.0))
}

/// LP ÷ hold − 1 of amounts: what is held `now` over what was deposited, token0 and token1 each, both at `price`, token1 per
/// token0 as a wad. Rounded down from the exact quotient.
///
/// On any curve. Above zero where the amounts held include fees that outweigh the loss. Errors: [`Error::ZeroDenominator`] where
/// the deposit is worth nothing; [`Error::Overflow`] where the result leaves a wad.
pub fn from_amounts(deposited: (U256, U256), now: (U256, U256), price: U256) -> Result<Wad> {
    let (price, unit) = (Wide::from(price), Wide::from(WAD));
    let worth = |(amount0, amount1): (U256, U256)| {
        let amount0 = Wide::from(amount0).mul(&price);
        amount0.add(&Wide::from(amount1).mul(&unit))
    };
    let hold = worth(deposited);
    if hold.is_zero() {
        return Err(Error::ZeroDenominator);
    }
    let ratio = worth(now).mul(&unit).div(&hold).0.to_u256().ok_or(Error::Overflow)?;
    let ratio = Wad::from_unsigned(ratio)?;
    Ok(Wad(ratio.0 - Wad::ONE.0))
}

/// The calculator that dApps know as
/// `calculateImpermanentLoss(uint256 initialPrice, uint256 currentPrice) returns (int256)`: [`constant_product`] in basis points.
///
/// The correctly rounded floor: −572 where the price doubles. Errors: [`Error::ZeroPrice`].
pub fn calculator(initial_price: U256, current_price: U256) -> Result<Bps> {
    const ONE: u128 = 10_000;
    Ok(Bps(below(
        geometric_mean_share(initial_price, current_price, ONE)?,
        ONE,
    )))
}

/// `floor(one * 2 sqrt(p0 p1) / (p0 + p1))`, at most `one`, which is at most 1e27.
fn geometric_mean_share(entry_price: U256, price: U256, one: u128) -> Result<u128> {
    if entry_price.is_zero() || price.is_zero() {
        return Err(Error::ZeroPrice);
    }
    let square = match (u128::try_from(entry_price), u128::try_from(price)) {
        (Ok(entry), Ok(now)) => narrow_square(entry, now, one),
        _ => wide_square(entry_price, price, one),
    };
    // At most the square of `one`, because the geometric mean never exceeds the arithmetic one.
    let root = sqrt(square.ok_or(Error::Overflow)?);
    u128::try_from(root).map_err(|_| Error::Overflow)
}

/// `floor(one^2 * 4 p0 p1 / (p0 + p1)^2)` of prices that are not zero, `one` at most 1e27.
fn wide_square(entry_price: U256, price: U256, one: u128) -> Option<U256> {
    let (entry, now, one) = (Wide::from(entry_price), Wide::from(price), Wide::from(one));
    let sum = entry.add(&now);
    // Below 2^(512 + 2 + 180).
    entry
        .mul(&now)
        .shl(2)
        .mul(&one.mul(&one))
        .div(&sum.mul(&sum))
        .0
        .to_u256()
}

/// As [`wide_square`], of prices as most are.
fn narrow_square(entry_price: u128, price: u128, one: u128) -> Option<U256> {
    let split = |x: u128| [x as u64, (x >> 64) as u64];
    let five = |x: u128| -> Limbs<5> {
        let [low, high] = split(x);
        limbs::from_words(&[low, high, 0])
    };
    let (sum, carry) = entry_price.overflowing_add(price);
    let [low, high] = split(sum);
    let (sum, raised) = limbs::normalised(&[low, high, u64::from(carry)]);
    let one = five(one);
    let [u0, u1, u2, u3, u4, u5, u6, ..]: Limbs<10> = limbs::mul(&one, &one);
    let product: Limbs<10> = limbs::mul(&five(entry_price), &five(price));
    let numerator: Limbs<17> = limbs::mul(&[u0, u1, u2, u3, u4, u5, u6], &product);
    let divisor: Limbs<12> = limbs::mul(&sum, &sum);
    limbs::div::<17, 12, 31>(&numerator, 2 + 2 * raised as isize, &divisor).to_u256()
}

/// IL of a two-asset weighted pool: `r^w / (w * r + 1 - w) - 1` with `r = price / entry_price`.
///
/// Domain: any two prices above zero; `weight0`, token0's share, a wad strictly between 0 and 1e18. Never above the exact value;
/// below its floor only where the exact value lies less than 2^-40 of a unit above an integer. Zero exactly when the prices are
/// equal. Errors: [`Error::ZeroPrice`], [`Error::WeightOutOfRange`].
pub fn weighted(entry_price: U256, price: U256, weight0: U256) -> Result<I256> {
    if entry_price.is_zero() || price.is_zero() {
        return Err(Error::ZeroPrice);
    }
    if weight0.is_zero() || weight0 >= U256::from(WAD) {
        return Err(Error::WeightOutOfRange(weight0));
    }
    if entry_price == price {
        return Ok(I256::ZERO);
    }
    let (entry, now) = (Real::from_u256(entry_price), Real::from_u256(price));
    let weight = Real::from_wad(Wad(I256::from_raw(weight0)));
    let hold = now * weight + entry * (Real::ONE - weight);
    let ratio = (weight * Real::ln_ratio(now, entry)).exp() * (entry / hold);
    // The logarithm is at most 178, so the ratio is wrong by less than 2^-107 of itself, which is at most one.
    let ratio = ratio.lowered(105).to_wad(Rounding::Down)?;
    Ok(ratio.0 - Wad::ONE.0)
}

/// IL of a concentrated position in `[tick_lower, tick_upper]` entered at one sqrt price, at another: LP ÷ hold − 1 of the
/// unfloored amounts, hence independent of liquidity and decimals.
///
/// Either price may lie outside the range. The correctly rounded floor for the range's integer sqrt prices. Errors:
/// [`Error::SqrtPriceOutOfRange`], [`Error::TickOutOfRange`], [`Error::EmptyRange`].
pub fn concentrated(entry_sqrt_price: U256, sqrt_price: U256, tick_lower: i32, tick_upper: i32) -> Result<I256> {
    let (lower, upper) = range_sqrt_prices(tick_lower, tick_upper)?;
    concentrated_between(entry_sqrt_price, sqrt_price, lower, upper)
}

/// As [`concentrated`], for a range given by its sqrt prices, which need not be those of ticks.
///
/// Errors: [`Error::SqrtPriceOutOfRange`] for either price, for `lower`, and for `upper` unless it lies above `lower`.
pub fn concentrated_between(entry_sqrt_price: U256, sqrt_price: U256, lower: U256, upper: U256) -> Result<I256> {
    for price in [entry_sqrt_price, sqrt_price, lower] {
        check_sqrt_price(price)?;
    }
    if upper <= lower || upper > MAX_SQRT_PRICE {
        return Err(Error::SqrtPriceOutOfRange(upper));
    }
    let il = crate::position::il(entry_sqrt_price, sqrt_price, lower, upper);
    Ok(il.unwrap_or_else(|| Worth::new(sqrt_price, lower, upper).il(sqrt_price, entry_sqrt_price)))
}

/// As [`concentrated_between`] where that has a result, in less code and more time: for a program that pays for its length at
/// every entry and asks only once. The sqrt prices may be any below 2^160, with `0 < lower < upper`.
pub fn concentrated_compactly(entry_sqrt_price: U256, sqrt_price: U256, lower: U256, upper: U256) -> I256 {
    Worth::new(sqrt_price, lower, upper).il(sqrt_price, entry_sqrt_price)
}

/// What a unit of liquidity in a range is worth at one price, whatever price its amounts were taken at.
pub(crate) struct Worth {
    lower: Wide,
    upper: Wide,
    limits: (U256, U256),
    price: Wide,
}

impl Worth {
    pub(crate) fn new(sqrt_price: U256, lower: U256, upper: U256) -> Self {
        let price = Wide::from(sqrt_price);
        Self {
            lower: Wide::from(lower),
            upper: Wide::from(upper),
            limits: (lower, upper),
            price: price.mul(&price),
        }
    }

    /// `s b` times the worth, at this price, of the amounts that a unit of liquidity has at the sqrt price `at`:
    /// `(b - s) * P + (s - a) * s * b` with s clamped to the range and P the squared sqrt price. Below 2^481.
    fn amounts_at(&self, at: U256) -> Wide {
        let at = Wide::from(within(at, self.limits.0, self.limits.1));
        let amount0 = self.upper.sub(&at).mul(&self.price);
        let amount1 = at.sub(&self.lower).mul(&at.mul(&self.upper));
        amount0.add(&amount1)
    }

    /// What `liquidity` is worth at the sqrt price, this price's own, in 2^-192 of raw token1, rounded down, and whether something
    /// remains: `2^96 L ((b - c) P + (c - a) c b) / (c b)`. A numerator below 2^705, a result below 2^386.
    pub(crate) fn of(&self, sqrt_price: U256, liquidity: u128) -> (Wide, bool) {
        let at = Wide::from(within(sqrt_price, self.limits.0, self.limits.1));
        let numerator = self.amounts_at(sqrt_price).mul(&Wide::from(liquidity)).shl(96);
        numerator.div(&at.mul(&self.upper))
    }

    /// Millionths of that worth which token0 is, rounded down; the same of any liquidity.
    pub(crate) fn share0(&self, sqrt_price: U256) -> u32 {
        let at = Wide::from(within(sqrt_price, self.limits.0, self.limits.1));
        let amount0 = self.upper.sub(&at).mul(&self.price);
        let share = amount0
            .mul(&Wide::from(1_000_000_u64))
            .div(&self.amounts_at(sqrt_price))
            .0;
        share.low_u128() as u32
    }

    /// The floor of LP ÷ hold − 1.
    pub(crate) fn il(&self, sqrt_price: U256, entry: U256) -> I256 {
        // `b` is common to both denominators.
        let clamped = |at: U256| Wide::from(within(at, self.limits.0, self.limits.1));
        let now = self.amounts_at(sqrt_price).mul(&clamped(entry));
        let hold = self.amounts_at(entry).mul(&clamped(sqrt_price));
        // The LP's value is concave in the price and hold its tangent, so `now <= hold`. `hold` is not zero: one of its two
        // terms is positive wherever the entry lies. The scaled difference stays below 2^701.
        let ratio = now.mul(&Wide::from(WAD)).div(&hold).0;
        below_one(ratio.to_u128().unwrap_or(0))
    }
}

/// `ratio - 1`, both wads, the ratio at most one.
pub(crate) fn below_one(ratio: u128) -> I256 {
    below(ratio, WAD.into())
}

/// `ratio - one`, the ratio at most one.
fn below(ratio: u128, one: u128) -> I256 {
    I256::from_raw(U256::from(ratio)) - I256::from_raw(U256::from(one))
}
