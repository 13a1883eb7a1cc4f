//! A position's risk at a glance: five factors, each from 1 (little risk) to 5 (much), and their sum.
//!
//! The thresholds are conventions of this project, each tied to what the factor costs:
//!
//! | factor | 1 | 2 | 3 | 4 | 5 | tied to |
//! |---|---|---|---|---|---|---|
//! | volatility of the price, yearly | < 20 % | < 40 % | < 60 % | < 100 % | from 100 % | the fee yield `sigma^2 / 8` that a constant product needs: 0.5, 2, 4.5, 12.5 % |
//! | correlation of the two tokens | ≥ 0.95 | ≥ 0.8 | ≥ 0.5 | ≥ 0 | < 0 | the pair's variance `2 (1 - rho)` times a token's: 0.1, 0.4, 1, 2 |
//! | fees ÷ loss | ≥ 2 | ≥ 1.5 | ≥ 1 | ≥ 0.5 | < 0.5 | the published covers: 2.1 of a constant product, 0.5 and 0.3 of ranges |
//! | management | by a keeper | daily | weekly | monthly | none | the variance that a hedge leaves when adjusted that often |
//! | width, upper ÷ lower | ≥ 9 | ≥ 3 | ≥ 13/7 | ≥ 11/9 | < 11/9 | the loss of a range over that of the whole curve: at most 2.4 times, 4.2 (50–150), 7 (70–130), 20 (90–110) |
//!
//! Nothing is rounded: a figure on a threshold gets the score that the table says. Sources: Milionis, Moallemi, Roughgarden and Zhang
//! (2022) for `sigma^2 / 8`; the 30-day covers published by Belford (2026); Uniswap's capital efficiency.

use crate::black_scholes::strike;
use crate::full_math::mul_div;
use crate::volatility::{check, count, log_return, returns};
use crate::{Error, I256, Real, Result, Rounding, U256, WAD, Wad};

/// Variation below this share of the mean square of the returns is as good as none: too few digits of it would be right.
const VARIATION: i32 = -96;

/// How often the position is looked after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Management {
    /// A keeper acts on it whenever its policy says so.
    Automated,
    /// Every day.
    Daily,
    /// Every week.
    Weekly,
    /// Every month.
    Monthly,
    /// Not at all.
    None,
}

/// Where a position has liquidity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Width {
    /// At every price.
    Full,
    /// Between two prices.
    Range {
        /// The lower one.
        lower: Wad,
        /// The upper one.
        upper: Wad,
    },
}

/// What the scorecard is made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Factors {
    /// Yearly volatility of the pair's price, a wad not below zero.
    pub volatility: Wad,
    /// Correlation of the tokens' returns, a wad within [-1, 1]; nought where one token is the unit of account.
    pub correlation: Wad,
    /// Fees earned or expected, not below zero.
    pub fees: Wad,
    /// The loss over the same time, as a positive number in the same unit.
    pub loss: Wad,
    /// How often the position is looked after.
    pub management: Management,
    /// Where it has liquidity.
    pub width: Width,
}

/// The scores, 1 to 5 each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scorecard {
    /// Of the price's volatility.
    pub volatility: u8,
    /// Of the tokens' correlation.
    pub correlation: u8,
    /// Of fees over loss.
    pub fees: u8,
    /// Of the management.
    pub management: u8,
    /// Of the range's width.
    pub width: u8,
    /// The sum, 5 to 25.
    pub total: u8,
    /// What the sum amounts to.
    pub verdict: Verdict,
}

/// What a total amounts to: an average score of at most 2, 3, 4 or more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Up to 10.
    Low,
    /// 11 to 15.
    Moderate,
    /// 16 to 20.
    High,
    /// From 21.
    Extreme,
}

/// Scores a position by the module's table.
///
/// Domain: as the fields say, prices below 2^128 wads. Errors: [`Error::NegativeInput`], [`Error::CorrelationOutOfRange`],
/// [`Error::PriceOutOfRange`], [`Error::EmptyPriceRange`].
pub fn score(factors: &Factors) -> Result<Scorecard> {
    let volatility = volatility_score(factors.volatility)?;
    let correlation = correlation_score(factors.correlation)?;
    let fees = fee_score(factors.fees, factors.loss)?;
    let management = factors.management as u8 + 1;
    let width = width_score(factors.width)?;
    let total = volatility + correlation + fees + management + width;
    let verdict = match total {
        ..=10 => Verdict::Low,
        11..=15 => Verdict::Moderate,
        16..=20 => Verdict::High,
        _ => Verdict::Extreme,
    };
    Ok(Scorecard {
        volatility,
        correlation,
        fees,
        management,
        width,
        total,
        verdict,
    })
}

/// Pearson's correlation of two prices' log returns: `sum (x - mean x)(y - mean y)` over the root of the sums of squares.
///
/// The prices are of the same instants. Rounded to the nearest unit of 1e-18, within two units of the exact value and within
/// [-1, 1]. Domain: prices above zero, as many of each, three or more. Errors: [`Error::LengthsDiffer`], [`Error::TooFew`],
/// [`Error::PriceNotPositive`]; [`Error::NoVariation`] where one of them departs from even growth by less than 2^-48 of its moves.
pub fn correlation(prices0: &[Wad], prices1: &[Wad]) -> Result<Wad> {
    if prices0.len() != prices1.len() {
        return Err(Error::LengthsDiffer(prices0.len(), prices1.len()));
    }
    let moves = count(check(prices0, 3)? - 1);
    check(prices1, 3)?;
    let mean = |prices: &[Wad]| match prices {
        [first, .., last] => log_return(*first, *last) / moves,
        _ => Real::ZERO,
    };
    let (mean0, mean1) = (mean(prices0), mean(prices1));
    let (mut moves0, mut moves1) = (Real::ZERO, Real::ZERO);
    let (mut squares0, mut squares1, mut products) = (Real::ZERO, Real::ZERO, Real::ZERO);
    for (x, y) in returns(prices0).zip(returns(prices1)) {
        let (from0, from1) = (x - mean0, y - mean1);
        (moves0, moves1) = (moves0 + x.square(), moves1 + y.square());
        (squares0, squares1) = (squares0 + from0.square(), squares1 + from1.square());
        products = products + from0 * from1;
    }
    if squares0 <= moves0.scaled(VARIATION) || squares1 <= moves1.scaled(VARIATION) {
        return Err(Error::NoVariation);
    }
    let correlation = (products / (squares0.sqrt() * squares1.sqrt())).to_wad(Rounding::Nearest)?;
    Ok(correlation.max(Wad(-Wad::ONE.0)).min(Wad::ONE))
}

fn volatility_score(volatility: Wad) -> Result<u8> {
    if volatility < Wad::ZERO {
        return Err(Error::NegativeInput(volatility.0));
    }
    Ok(misses([20, 40, 60, 100], |percent| volatility >= hundredths(percent)))
}

fn correlation_score(correlation: Wad) -> Result<u8> {
    if correlation > Wad::ONE || correlation < Wad(-Wad::ONE.0) {
        return Err(Error::CorrelationOutOfRange(correlation.0));
    }
    Ok(misses([95, 80, 50, 0], |percent| correlation < hundredths(percent)))
}

fn fee_score(fees: Wad, loss: Wad) -> Result<u8> {
    let unsigned = |input: Wad| U256::try_from(input.0).map_err(|_| Error::NegativeInput(input.0));
    let (earned, lost) = (unsigned(fees)?, unsigned(loss)?);
    // Without a loss, or where the quotient exceeds its type, the fees suffice whatever the threshold. The floor of the quotient in
    // units reaches a whole number of them exactly when the quotient does.
    let ratio = mul_div(earned, U256::from(WAD), lost).and_then(Wad::from_unsigned);
    let ratio = ratio.unwrap_or(Wad(I256::MAX));
    Ok(misses([200, 150, 100, 50], |percent| ratio < hundredths(percent)))
}

fn width_score(width: Width) -> Result<u8> {
    let Width::Range { lower, upper } = width else {
        return Ok(1);
    };
    for end in [lower, upper] {
        strike(end)?;
    }
    if lower >= upper {
        return Err(Error::EmptyPriceRange(lower.0, upper.0));
    }
    // Below 2^128 wads each, so the products fit.
    let times = |price: Wad, factor: u8| price.0.into_raw() * U256::from(factor);
    Ok(misses([(9, 1), (3, 1), (13, 7), (11, 9)], |(over, under)| {
        times(upper, under) < times(lower, over)
    }))
}

/// One, and one more for each threshold that is missed.
fn misses<T>(thresholds: [T; 4], missed: impl Fn(T) -> bool) -> u8 {
    1 + thresholds
        .into_iter()
        .map(|threshold| u8::from(missed(threshold)))
        .sum::<u8>()
}

fn hundredths(percent: u64) -> Wad {
    Wad(I256::from_raw(U256::from(percent) * U256::from(WAD / 100)))
}
