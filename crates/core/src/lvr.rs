//! Loss versus rebalancing: what arbitrage takes from a position, the fee yield that makes up for it, and what a block time
//! leaves of it.
//!
//! A rate is a fraction of the position's value per unit of time, a year where the volatility is yearly. It is
//! `volatility^2 P^2 |gamma| / (2 V)`, and with it the fee yield to break even. Rates are costs and rounded up. Volatilities are
//! wads in `[0, 1e24]`. Source: Milionis, Moallemi, Roughgarden and Zhang, "Automated Market Making and Loss-Versus-Rebalancing".

use crate::curve::{Stake, check_weight, price_of};
use crate::full_math::{round, sqrt_mul};
use crate::tick::range_sqrt_prices;
use crate::wide::Wide;
use crate::{Error, Real, Result, Rounding, SqrtPriceX96, Tick, U256, WAD, Wad};

/// A rate of a [`Stake`] is raised by 2^-106 of itself before its rounding, more than it may be wrong by.
const ALLOWANCE: u32 = 106;
/// 1,000,000 = 100,000,000 %.
const MAX_VOLATILITY: u128 = 1_000_000 * WAD as u128;
/// `sqrt(2 pi) / |zeta(1/2)|`, with 36 decimals.
const BLOCK_CONSTANT: u128 = 1_716_451_902_267_407_303_666_143_044_446_524_669;

/// The LVR rate of a constant-product position, which is its break-even fee yield: `volatility^2 / 8`. The exact ceiling.
///
/// Errors: [`Error::VolatilityOutOfRange`].
pub fn constant_product(volatility: Wad) -> Result<Wad> {
    let square = variance(volatility)?;
    ceiling(&square, &Wide::from(8 * u128::from(WAD)))
}

/// The LVR rate of a weighted position: `w (1 - w) volatility^2 / 2`. The exact ceiling.
///
/// Errors: [`Error::VolatilityOutOfRange`], [`Error::WeightOutOfRange`].
pub fn weighted(volatility: Wad, weight0: Wad) -> Result<Wad> {
    let square = variance(volatility)?;
    check_weight(weight0)?;
    let [weight0, weight1] = [weight0.0, Wad::ONE.0 - weight0.0].map(|weight| Wide::from(weight.into_raw()));
    // In units of 1e-72.
    let unit = Wide::from(WAD);
    let unit = unit.mul(&unit).mul(&unit).shl(1);
    ceiling(&square.mul(&weight0).mul(&weight1), &unit)
}

/// The LVR rate of a position of a Uniswap v3 pool: `volatility^2 sqrt(P) / (4 (2 sqrt(P) - P / sqrt(b) - sqrt(a)))` from the
/// lower end `a` of its range up to, not including, the upper `b`; outside zero. The exact ceiling for the integer sqrt prices.
///
/// Errors: [`Error::VolatilityOutOfRange`], [`Error::EmptyRange`].
pub fn concentrated(volatility: Wad, sqrt_price: SqrtPriceX96, lower: Tick, upper: Tick) -> Result<Wad> {
    let square = variance(volatility)?;
    let (lower, upper) = range_sqrt_prices(lower.get(), upper.get())?;
    let at = sqrt_price.get();
    if at < lower || upper <= at {
        return Ok(Wad::ZERO);
    }
    let [s, upper] = [at, upper].map(Wide::from);
    let numerator = square.mul(&s).mul(&upper);
    ceiling(
        &numerator,
        &value_by_upper(&s, &Wide::from(lower), &upper).mul(&Wide::from(4 * u128::from(WAD))),
    )
}

/// `s (b - s) + b (s - a)`: a unit of liquidity's value times `b`, of sqrt prices in order.
pub(crate) fn value_by_upper(s: &Wide, lower: &Wide, upper: &Wide) -> Wide {
    s.mul(&upper.sub(s)).add(&upper.mul(&s.sub(lower)))
}

/// The LVR rate of a stake on any curve at a price: `volatility^2 P^2 |gamma| / (2 V)`; zero outside a range, or without
/// liquidity.
///
/// Never below the exact value; above its ceiling only where the exact value lies less than 2^-106 of itself below an integer.
/// Errors: [`Error::VolatilityOutOfRange`], [`Error::PriceNotPositive`].
pub fn of_stake(volatility: Wad, stake: &Stake, price: Wad) -> Result<Wad> {
    variance(volatility)?;
    let price = price_of(price)?;
    let square = Real::from_wad(volatility).square();
    let rate = square.half() * stake.dollar_gamma(price).abs() / stake.value(price);
    rate.raised(ALLOWANCE).to_wad(Rounding::Up)
}

/// The trading volume, as a multiple of the position's value per unit of time, whose fees make up for an LVR rate: `rate / fee`.
/// All wads; the exact ceiling.
///
/// Errors: [`Error::NegativeInput`], [`Error::NotPositive`] for the fee, [`Error::Overflow`].
pub fn break_even_turnover(rate: Wad, fee: Wad) -> Result<Wad> {
    let rate = U256::try_from(rate.0).map_err(|_| Error::NegativeInput(rate.0))?;
    if !fee.is_positive() {
        return Err(Error::NotPositive(fee.0));
    }
    let rate = Wide::from(rate).mul(&Wide::from(WAD));
    ceiling(&rate, &Wide::from(fee.0.into_raw()))
}

/// The volatility at which a constant-product position's fee yield just makes up for its LVR: `sqrt(8 yield)`. The exact floor.
///
/// Errors: [`Error::NegativeInput`], [`Error::Overflow`]. Source: Lambert, "On-chain volatility and Uniswap v3".
pub fn implied_volatility(fee_yield: Wad) -> Result<Wad> {
    let fee_yield = U256::try_from(fee_yield.0).map_err(|_| Error::NegativeInput(fee_yield.0))?;
    Wad::from_unsigned(sqrt_mul(fee_yield, U256::from(8 * u128::from(WAD))))
}

/// As [`implied_volatility`], for a stake on any curve at a price: `sqrt(2 yield V / (P^2 |gamma|))`, to nearest.
///
/// Errors: [`Error::NegativeInput`], [`Error::PriceNotPositive`]; [`Error::ZeroLiquidity`] outside a range, or without liquidity.
pub fn implied_volatility_of_stake(fee_yield: Wad, stake: &Stake, price: Wad) -> Result<Wad> {
    if fee_yield < Wad::ZERO {
        return Err(Error::NegativeInput(fee_yield.0));
    }
    let price = price_of(price)?;
    let gamma = stake.dollar_gamma(price).abs();
    if gamma.is_zero() {
        return Err(Error::ZeroLiquidity);
    }
    let variance = Real::from_wad(fee_yield).double() * stake.value(price) / gamma;
    variance.sqrt().to_wad(Rounding::Nearest)
}

/// The probability that a block brings an arbitrage trade: `1 / (1 + sqrt(2 / block_time) fee / volatility)`, to nearest. With it,
/// arbitrageurs earn about this share of the LVR that a pool without fees would lose.
///
/// Blocks arrive at random, `block_time` apart on average, in the unit of time that `volatility` is given for (a year of 31,536,000
/// seconds for a yearly one). All wads. Domain: volatility and block time above zero, a fee from zero on. Errors:
/// [`Error::VolatilityOutOfRange`], [`Error::NotPositive`], [`Error::NegativeInput`]. Source: Milionis, Moallemi and Roughgarden,
/// "Automated Market Making and Arbitrage Profits in the Presence of Fees".
pub fn trade_probability(volatility: Wad, fee: Wad, block_time: Wad) -> Result<Wad> {
    probability(volatility, fee, block_time)?.to_wad(Rounding::Nearest)
}

/// What arbitrageurs earn of an LVR rate in a pool with fees: `rate * trade_probability`; rounded up.
///
/// Domain and errors as [`trade_probability`]; [`Error::NegativeInput`] for the rate.
pub fn arbitrage_rate(rate: Wad, volatility: Wad, fee: Wad, block_time: Wad) -> Result<Wad> {
    if rate < Wad::ZERO {
        return Err(Error::NegativeInput(rate.0));
    }
    let share = probability(volatility, fee, block_time)?;
    (Real::from_wad(rate) * share).raised(ALLOWANCE).to_wad(Rounding::Up)
}

/// What arbitrageurs earn in a block of fixed length, as a fraction of `P^2 |gamma|`: `v^2 / (2 + c fee / v)` with the volatility
/// `v` over one block and `c = sqrt(2 pi) / |zeta(1/2)| = 1.71645…`; rounded up.
///
/// Without a fee that is the LVR, `v^2 / 2`. All wads. Domain: volatility above zero, a fee from zero on. Errors:
/// [`Error::VolatilityOutOfRange`], [`Error::NotPositive`], [`Error::NegativeInput`]. Source: Nezlobin and Tassy, "Loss-Versus-Rebalancing
/// under Deterministic and Generalized Block-Times".
pub fn arbitrage_per_block(block_volatility: Wad, fee: Wad) -> Result<Wad> {
    let (volatility, fee) = (positive_volatility(block_volatility)?, fee_of(fee)?);
    let constant = Real::from_u128(BLOCK_CONSTANT) / Real::from_u128(u128::pow(10, 36));
    let profit = volatility.square() / (Real::power_of_two(1) + constant * fee / volatility);
    profit.raised(ALLOWANCE).to_wad(Rounding::Up)
}

fn probability(volatility: Wad, fee: Wad, block_time: Wad) -> Result<Real> {
    let (volatility, fee) = (positive_volatility(volatility)?, fee_of(fee)?);
    if !block_time.is_positive() {
        return Err(Error::NotPositive(block_time.0));
    }
    let per_block = volatility * Real::from_wad(block_time).half().sqrt();
    Ok(per_block / (per_block + fee))
}

fn positive_volatility(volatility: Wad) -> Result<Real> {
    variance(volatility)?;
    if !volatility.is_positive() {
        return Err(Error::NotPositive(volatility.0));
    }
    Ok(Real::from_wad(volatility))
}

fn fee_of(fee: Wad) -> Result<Real> {
    if fee < Wad::ZERO {
        return Err(Error::NegativeInput(fee.0));
    }
    Ok(Real::from_wad(fee))
}

/// The checked volatility's square, in units of 1e-36.
fn variance(volatility: Wad) -> Result<Wide> {
    if volatility < Wad::ZERO || volatility.0.into_raw() > U256::from(MAX_VOLATILITY) {
        return Err(Error::VolatilityOutOfRange(volatility.0));
    }
    let volatility = Wide::from(volatility.0.into_raw());
    Ok(volatility.mul(&volatility))
}

fn ceiling(numerator: &Wide, denominator: &Wide) -> Result<Wad> {
    let (quotient, remains) = numerator.div(denominator);
    Wad::from_unsigned(round(quotient, remains)?)
}
