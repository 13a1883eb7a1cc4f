//! The delta hedge of a position: how much token0 to sell short.

use crate::curve::{Stake, price_of};
use crate::wide::Wide;
use crate::{Error, Real, Result, Rounding, WAD, Wad};

/// Delta hedges of a stake; every field a wad, to nearest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hedge {
    /// Token0 to short so that the value is first-order flat in the price: the token0 held.
    pub short_value: Wad,
    /// Token0 to short so that value − hold is first-order flat: the token0 held less the token0 deposited. Below zero, token0 to
    /// buy, above the entry price.
    pub short_il: Wad,
    /// The share of the value that is exposed to token0: `x P / V`; nought without liquidity.
    pub hedge_ratio: Wad,
    /// Token0 per unit of price: how fast the exposure changes, never above zero.
    pub gamma: Wad,
}

/// The delta hedges of a stake entered at one price, at another.
///
/// Within a unit of 1e-18 of the exact value up to magnitudes of 1e14, beyond within 2^-108 of it. A hedge set once leaves the whole
/// loss of a moved price; only resetting it, or owning gamma, removes that. Errors: [`Error::PriceNotPositive`],
/// [`Error::Overflow`].
pub fn delta_hedge(stake: &Stake, entry: Wad, price: Wad) -> Result<Hedge> {
    delta_hedge_at(stake, price_of(entry)?, price_of(price)?)
}

/// As [`delta_hedge`], with prices above zero that no wad need hold: those of [`Stake::of_position`] in raw units.
pub fn delta_hedge_at(stake: &Stake, entry: Real, price: Real) -> Result<Hedge> {
    let (amount0, amount1) = stake.amounts(price);
    let exposed = amount0 * price;
    let nearest = |x: Real| x.to_wad(Rounding::Nearest);
    Ok(Hedge {
        short_value: nearest(amount0)?,
        short_il: nearest(stake.entered(entry).il_delta(price))?,
        hedge_ratio: nearest(exposed / (exposed + amount1))?,
        gamma: nearest(stake.gamma(price))?,
    })
}

/// A hedge's size scaled by a ratio from zero on, such as that of forecast to usual volatility; wads, exactly to nearest,
/// halves away from zero.
///
/// Errors: [`Error::NegativeInput`] for the ratio, [`Error::Overflow`].
pub fn scaled(size: Wad, ratio: Wad) -> Result<Wad> {
    if ratio < Wad::ZERO {
        return Err(Error::NegativeInput(ratio.0));
    }
    let product = Wide::from(size.0.unsigned_abs()).mul(&Wide::from(ratio.0.into_raw()));
    let nearest = product.add(&Wide::from(WAD / 2)).div(&Wide::from(WAD)).0;
    let magnitude = Wad::from_unsigned(nearest.to_u256().ok_or(Error::Overflow)?)?;
    Ok(if size < Wad::ZERO { Wad(-magnitude.0) } else { magnitude })
}
