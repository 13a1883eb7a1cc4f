//! What a venue and a pool say of one hedge, and what amounts of its two assets are worth.

use crate::policy::{MILLION, Scale};
use crate::tick::{MAX_SQRT_PRICE, MIN_SQRT_PRICE};
use crate::wide::Wide;
use alloy_primitives::U256;

/// The volatile asset's place in a [`Market`].
pub(super) const DEBT: usize = 0;
/// The collateral's.
pub(super) const COLLATERAL: usize = 1;
/// Decimals of the venue's rates.
const RAY: u128 = 1_000_000_000_000_000_000_000_000_000;

/// What a venue says of one hedge and its two assets; index 0 is the volatile one, which is owed, index 1 the collateral.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Market {
    /// Raw volatile token that is owed.
    pub debt: u128,
    /// Raw collateral that is there.
    pub collateral: u128,
    /// The venue's prices of a whole token, in whatever currency, with the same decimals; zero: none.
    pub prices: [U256; 2],
    /// Seconds since the older of the two was told.
    pub price_age: u64,
    /// Decimals of the two tokens.
    pub decimals: [u8; 2],
    /// Basis points of the collateral's worth up to which it may be owed before it is liquidated, e-mode considered.
    pub threshold: u32,
    /// What borrowing costs a year, a ray.
    pub borrow_rate: U256,
    /// What the collateral earns a year, a ray.
    pub supply_rate: U256,
    /// Raw volatile token that the venue would lend now.
    pub borrowable: u128,
    /// Raw collateral that it would take now.
    pub suppliable: u128,
    /// Raw collateral that it could pay out now.
    pub withdrawable: u128,
    /// Why an asset cannot be borrowed, or lent, as in `ReserveClosed`; zero: it can.
    pub closed: [u8; 2],
    /// Why an asset cannot even be repaid, or withdrawn; zero: it can.
    pub stuck: [u8; 2],
}

/// What a position's pool says, besides [`Snapshot`](crate::policy::Snapshot).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pool {
    /// The pool's fee, in hundredths of a basis point.
    pub fee_pips: u32,
    /// `feeGrowthGlobal0X128` and `feeGrowthGlobal1X128`.
    pub fee_growth: [U256; 2],
    /// Which of its tokens is the volatile one: 0 or 1.
    pub volatile: u8,
}

impl Market {
    /// Whether the venue has a price of both assets.
    pub(super) fn is_priced(&self) -> bool {
        self.prices
            .iter()
            .all(|price| !price.is_zero() && price.bit_len() <= 128)
    }

    /// What so much of an asset is worth to the venue, on a scale common to both: `amount price 10^(the other's decimals)`. Below
    /// 2^376 where both have a price.
    pub(super) fn base(&self, asset: usize, amount: u128) -> Wide {
        let price = self.prices.get(asset).copied().unwrap_or_default();
        let decimals = self.decimals.get(1 - asset.min(1)).copied().unwrap_or_default();
        Wide::from(amount).mul(&Wide::from(price)).mul(&power(decimals))
    }
}

/// `10^decimals`, of 36 at most.
fn power(decimals: u8) -> Wide {
    Wide::from(10_u128.saturating_pow(decimals.min(36).into()))
}

/// Values at a sqrt price, or at the nearest that a pool can have.
pub(super) fn scale_at(sqrt_price: U256) -> Scale {
    Scale::new(sqrt_price.max(MIN_SQRT_PRICE).min(MAX_SQRT_PRICE))
}

/// What raw volatile token is worth, in 2^-192 of raw token1.
pub(super) fn worth_of_volatile(scale: &Scale, pool: &Pool, amount: u128) -> Wide {
    worth_of(scale, pool.volatile == 0, amount)
}

/// What raw collateral is worth, in 2^-192 of raw token1.
pub(super) fn worth_of_collateral(scale: &Scale, pool: &Pool, amount: u128) -> Wide {
    worth_of(scale, pool.volatile != 0, amount)
}

#[inline(never)]
fn worth_of(scale: &Scale, token0: bool, amount: u128) -> Wide {
    let amount = U256::from(amount);
    scale.worth(&if token0 {
        [amount, U256::ZERO]
    } else {
        [U256::ZERO, amount]
    })
}

/// Raw collateral that selling the volatile token brings at the scale's price, the pool's fee taken off; rounded down.
pub(super) fn sold(scale: &Scale, pool: &Pool, amount: u128) -> u128 {
    let worth = worth_of_volatile(scale, pool, amount).mul(&kept(pool));
    quotient(
        &worth,
        &worth_of_collateral(scale, pool, 1).mul(&Wide::from(u64::from(MILLION))),
        false,
    )
}

/// Raw collateral that buying the volatile token takes at the scale's price, the pool's fee added; rounded up.
pub(super) fn bought(scale: &Scale, pool: &Pool, amount: u128) -> u128 {
    let worth = worth_of_volatile(scale, pool, amount).mul(&Wide::from(u64::from(MILLION)));
    quotient(&worth, &worth_of_collateral(scale, pool, 1).mul(&kept(pool)), true)
}

/// Millionths that a swap leaves; one at least.
pub(super) fn kept(pool: &Pool) -> Wide {
    Wide::from(u64::from(MILLION.saturating_sub(pool.fee_pips).max(1)))
}

/// The quotient, rounded up or down; the greatest integer where there is none or it does not fit.
#[inline(never)]
pub(super) fn quotient(dividend: &Wide, divisor: &Wide, up: bool) -> u128 {
    if divisor.is_zero() {
        return u128::MAX;
    }
    let (floor, remains) = dividend.div(divisor);
    let floor = floor.to_u128().unwrap_or(u128::MAX);
    floor.saturating_add(u128::from(up && remains))
}

/// Millionths a year as a ray.
pub(super) fn rate(ppm: u32) -> U256 {
    U256::from(u128::from(ppm) * (RAY / u128::from(MILLION)))
}

/// One, as a ray.
pub(super) fn ray() -> Wide {
    Wide::from(RAY)
}
