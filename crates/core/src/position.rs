//! What a concentrated position is and is worth: the lens's `Figures`.

use crate::full_math::round;
use crate::il::{Fraction, Worth};
use crate::liquidity::{amounts_for_liquidity, within};
use crate::tick::{check_sqrt_price, range_sqrt_prices};
use crate::wide::Wide;
use crate::{Error, Result, WAD};
use alloy_primitives::{I256, U256};

/// What a position is and is worth. Prices are raw token1 per raw token0; every wad is exact before its one rounding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Figures {
    /// Raw token0 that the liquidity would pay out now; rounded down.
    pub amount0: U256,
    /// Raw token1 that the liquidity would pay out now; rounded down.
    pub amount1: U256,
    /// Wad of raw token1: the unfloored amounts at the current price; rounded down.
    pub value: U256,
    /// Wad of raw token1: the unfloored entry amounts at the current price; rounded down.
    pub hold: U256,
    /// Wad: value ÷ hold − 1 before either is rounded; never above zero, rounded towards minus infinity.
    pub il: I256,
    /// Wad of raw token0, dV/dP: the unfloored token0 of the position. All of it below the range, none above; rounded down.
    pub delta: U256,
    /// Wad of raw token0 per unit of price, d²V/dP² = −½ L P^(−3/2) from the lower end of the range up to, not including, the
    /// upper, zero elsewhere; rounded towards minus infinity. `I256::MIN` where it does not fit.
    pub gamma: I256,
    /// Wad of raw token1: P² · gamma = −½ L √P, which always fits; rounded towards minus infinity.
    pub dollar_gamma: I256,
}

/// The figures of `liquidity` in `[tick_lower, tick_upper]`, entered at one sqrt price, at another.
///
/// Either price may lie outside the range. A position without liquidity has zero figures and the IL of its range. Errors:
/// [`Error::SqrtPriceOutOfRange`], [`Error::TickOutOfRange`], [`Error::EmptyRange`]; [`Error::Overflow`] where `hold` leaves 256
/// bits, which takes an entry and a current price some 2^60 apart at the greatest liquidity.
pub fn figures(
    liquidity: u128,
    entry_sqrt_price: U256,
    sqrt_price: U256,
    tick_lower: i32,
    tick_upper: i32,
) -> Result<Figures> {
    check_sqrt_price(entry_sqrt_price)?;
    check_sqrt_price(sqrt_price)?;
    let (lower, upper) = range_sqrt_prices(tick_lower, tick_upper)?;
    let (amount0, amount1) = amounts_for_liquidity(sqrt_price, lower, upper, liquidity)?;
    let worth = Worth::new(sqrt_price, lower, upper);
    let scale = Wide::from(liquidity).mul(&Wide::from(WAD));
    let wad = |Fraction { numerator, denominator }| floor(&numerator.mul(&scale), &denominator.shl(96));
    let inside = lower <= sqrt_price && sqrt_price < upper;
    Ok(Figures {
        amount0,
        amount1,
        value: wad(worth.amounts_at(sqrt_price))?,
        hold: wad(worth.amounts_at(entry_sqrt_price))?,
        il: worth.il(sqrt_price, entry_sqrt_price),
        delta: delta(&scale, within(sqrt_price, lower, upper), upper)?,
        gamma: if inside { gamma(&scale, sqrt_price) } else { I256::ZERO },
        dollar_gamma: if inside {
            dollar_gamma(&scale, sqrt_price)?
        } else {
            I256::ZERO
        },
    })
}

/// `L * 2^96 * (b - s) / (s * b)`, below 2^252.
fn delta(scale: &Wide, at: U256, upper: U256) -> Result<U256> {
    let numerator = scale.mul(&Wide::from(upper - at)).shl(96);
    floor(&numerator, &Wide::from(at).mul(&Wide::from(upper)))
}

/// `-L * 2^287 / s^3`, as P^(3/2) is `s^3 / 2^288`.
fn gamma(scale: &Wide, sqrt_price: U256) -> I256 {
    let s = Wide::from(sqrt_price);
    let (quotient, remains) = scale.shl(287).div(&s.mul(&s).mul(&s));
    negative(quotient, remains).unwrap_or(I256::MIN)
}

/// `-L * s / 2^97`, below 2^251.
fn dollar_gamma(scale: &Wide, sqrt_price: U256) -> Result<I256> {
    let (quotient, lost) = scale.mul(&Wide::from(sqrt_price)).shr(97);
    negative(quotient, lost)
}

/// Minus the quotient, rounded away from zero.
fn negative(quotient: Wide, remains: bool) -> Result<I256> {
    I256::try_from(round(quotient, remains)?)
        .map(|magnitude| -magnitude)
        .map_err(|_| Error::Overflow)
}

fn floor(numerator: &Wide, denominator: &Wide) -> Result<U256> {
    numerator.div(denominator).0.to_u256().ok_or(Error::Overflow)
}
