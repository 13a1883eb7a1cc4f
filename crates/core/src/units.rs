//! One type per scale, so that a wad cannot be taken for a ray, or a tick for a number of basis points.

use crate::tick::{MAX_TICK, MIN_TICK, check_sqrt_price, sqrt_price_at_tick, tick_at_sqrt_price};
use crate::{Error, Real, Result, WAD};
use alloy_primitives::{I256, U256};

/// 1e27, the unit of a [`Ray`].
pub const RAY: u128 = 1_000_000_000_000_000_000_000_000_000;

/// A signed number with 18 decimals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Wad(pub I256);

/// A signed number with 27 decimals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ray(pub I256);

/// A signed number of basis points: 1/10,000.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bps(pub I256);

/// Uniswap's Q64.96 square root of a price (token1 per token0, raw units), inside `[MIN_SQRT_PRICE, MAX_SQRT_PRICE)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SqrtPriceX96(U256);

/// A tick inside `[MIN_TICK, MAX_TICK]`: the exponent of 1.0001 in a price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tick(i32);

impl Wad {
    /// Nought.
    pub const ZERO: Self = Self(I256::ZERO);
    /// One.
    pub const ONE: Self = Self(I256::from_raw(U256::from_limbs([WAD, 0, 0, 0])));

    /// An unsigned wad. Errors: [`Error::Overflow`] from 2^255 on.
    pub fn from_unsigned(wad: U256) -> Result<Self> {
        I256::try_from(wad).map(Self).map_err(|_| Error::Overflow)
    }

    /// The wad as an unsigned integer. Errors: [`Error::Overflow`] below zero.
    pub fn to_unsigned(self) -> Result<U256> {
        U256::try_from(self.0).map_err(|_| Error::Overflow)
    }

    /// Above zero?
    pub fn is_positive(&self) -> bool {
        self.0.is_positive()
    }
}

impl Ray {
    /// Nought.
    pub const ZERO: Self = Self(I256::ZERO);
    /// One.
    pub const ONE: Self = Self(I256::from_raw(U256::from_limbs([RAY as u64, (RAY >> 64) as u64, 0, 0])));
}

impl SqrtPriceX96 {
    /// Errors: [`Error::SqrtPriceOutOfRange`].
    pub fn new(sqrt_price: U256) -> Result<Self> {
        check_sqrt_price(sqrt_price)?;
        Ok(Self(sqrt_price))
    }

    /// The integer.
    pub const fn get(self) -> U256 {
        self.0
    }

    /// The greatest tick whose sqrt price is at most this: [`tick_at_sqrt_price`].
    pub fn tick(self) -> Tick {
        // Inside the range by construction, where every sqrt price has a tick.
        Tick(tick_at_sqrt_price(self.0).unwrap_or(MIN_TICK))
    }

    /// The price, token1 per token0 in raw units: the square of the sqrt price.
    pub fn price(self) -> Real {
        Real::from_u256(self.0).scaled(-96).square()
    }
}

impl Tick {
    /// Errors: [`Error::TickOutOfRange`].
    pub const fn new(tick: i32) -> Result<Self> {
        if tick < MIN_TICK || tick > MAX_TICK {
            return Err(Error::TickOutOfRange(tick));
        }
        Ok(Self(tick))
    }

    /// The integer.
    pub const fn get(self) -> i32 {
        self.0
    }

    /// Its sqrt price: [`sqrt_price_at_tick`]. Errors: [`Error::SqrtPriceOutOfRange`] at `MAX_TICK`, whose sqrt price no pool has.
    pub fn sqrt_price(self) -> Result<SqrtPriceX96> {
        SqrtPriceX96::new(sqrt_price_at_tick(self.0)?)
    }
}
