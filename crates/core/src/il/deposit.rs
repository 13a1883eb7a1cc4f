//! A deposit into a constant-product pool, at another price.

use super::constant_product;
use crate::full_math::{div_ceil, mul_div, root};
use crate::wide::Wide;
use crate::{Error, Result, U256, WAD, Wad};

/// What a deposit has become; every field a wad.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Token1: what the position is worth; rounded down.
    pub value: Wad,
    /// Token1: what the deposit would be worth; rounded down.
    pub hold: Wad,
    /// Token1: value − hold; never above zero, rounded towards minus infinity.
    pub il_abs: Wad,
    /// value ÷ hold − 1; never above zero, rounded towards minus infinity.
    pub il: Wad,
}

/// `amount0` of token0, deposited with its worth in token1 at `entry_price`, at `price`: value `2 x0 sqrt(p0 p1)`, hold
/// `x0 (p0 + p1)`. Prices and the amount are wads.
///
/// Every field is the correctly rounded floor of its exact value. Domain: prices above zero, an amount from zero on, and a hold
/// below 5.7e40. Errors: [`Error::PriceNotPositive`], [`Error::NegativeAmount`], [`Error::Overflow`] beyond.
pub fn constant_product_position(entry_price: Wad, price: Wad, amount0: Wad) -> Result<Outcome> {
    for price in [entry_price, price] {
        if !price.is_positive() {
            return Err(Error::PriceNotPositive(price.0));
        }
    }
    let amount = U256::try_from(amount0.0).map_err(|_| Error::NegativeAmount(amount0.0))?;
    let [amount, entry, now] = [amount, entry_price.0.into_raw(), price.0.into_raw()].map(Wide::from);
    // In units of 1e-36; prices below 2^255 leave their sum within 256 bits.
    let hold = amount.mul(&entry.add(&now));
    if hold.bits() > 255 {
        return Err(Error::Overflow);
    }
    // The value's square is at most the hold's.
    let doubled = amount.shl(1);
    let value = root(&doubled.mul(&entry).mul(&doubled.mul(&now)));
    let hold = hold.to_u256().ok_or(Error::Overflow)?;
    let down = |amount: U256| mul_div(amount, U256::from(1), U256::from(WAD)).and_then(Wad::from_unsigned);
    // A root that is not whole lies above its floor, and what is lost to it below its ceiling: rounded up once, by the division.
    let lost = hold.saturating_sub(value);
    let il_abs = Wad::from_unsigned(div_ceil(lost, U256::from(WAD))?)?;
    Ok(Outcome {
        value: down(value)?,
        hold: down(hold)?,
        il_abs: Wad(-il_abs.0),
        il: Wad(constant_product(entry_price.0.into_raw(), price.0.into_raw())?),
    })
}
