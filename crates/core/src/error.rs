//! What the core refuses, with the offending value and the remedy.

use alloy_primitives::{I256, U256};

/// The core's result.
pub type Result<T> = core::result::Result<T, Error>;

/// A refusal: the input lies outside a function's domain, or the result outside its type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A division by zero was asked for.
    #[error("the denominator is zero; pass a nonzero one")]
    ZeroDenominator,
    /// The exact result does not fit its type.
    #[error("the result does not fit its type; pass smaller amounts")]
    Overflow,
    /// A price is zero.
    #[error("the price is zero; pass a price above zero")]
    ZeroPrice,
    /// A sqrt price outside `[MIN_SQRT_PRICE, MAX_SQRT_PRICE)`.
    #[error("sqrtPriceX96 {0} lies outside Uniswap's range; read it from the pool's slot0")]
    SqrtPriceOutOfRange(U256),
    /// A tick outside `[MIN_TICK, MAX_TICK]`.
    #[error("tick {0} lies outside [-887272, 887272]; choose one inside")]
    TickOutOfRange(i32),
    /// A range without width, or with its ends exchanged.
    #[error("the range [{0}, {1}] is empty; the lower tick must lie below the upper")]
    EmptyRange(i32, i32),
    /// A weight that is not strictly between 0 and 1e18.
    #[error("weight {0} is not strictly between 0 and 1e18; pass token0's share as a wad")]
    WeightOutOfRange(U256),
    /// A step without liquidity to trade against.
    #[error("the pool has no liquidity at this price; trade elsewhere")]
    ZeroLiquidity,
    /// More was asked for than the liquidity holds.
    #[error("the amount {0} exceeds what the liquidity holds; ask for less")]
    InsufficientLiquidity(U256),
    /// A swap fee of 100 % or more.
    #[error("fee {0} pips is 100 % or more; a pool's fee is below 1,000,000 pips")]
    FeeOutOfRange(u32),
    /// The source of ticks named a tick that does not lie ahead of the price.
    #[error("tick {0} does not lie ahead of the price; the source of ticks must walk in the swap's direction")]
    TickNotAhead(i32),
    /// A number, as a wad, that had to be above zero.
    #[error("{0} (1e18 = one) lies outside the function's domain; pass a number above zero")]
    NotPositive(I256),
    /// The argument of `ln(1 + x)`, as a wad, that had to be above -1.
    #[error("{0} (1e18 = one) is not above -1; ln(1 + x) exists only for larger x")]
    NotAboveMinusOne(I256),
    /// A probability, as a wad, that had to lie strictly between 0 and 1.
    #[error("probability {0} is not strictly between 0 and 1e18; pass one inside")]
    ProbabilityOutOfRange(I256),
    /// A price at or below zero.
    #[error("price {0} is not above zero; pass a price above zero")]
    PriceNotPositive(I256),
    /// A range of prices without width, or with its ends exchanged.
    #[error("the range of prices [{0}, {1}] is empty; the lower must lie below the upper")]
    EmptyPriceRange(I256, I256),
    /// Liquidity below zero.
    #[error("liquidity {0} is below zero; pass zero or more")]
    NegativeLiquidity(I256),
}
