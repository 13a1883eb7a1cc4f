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
    /// A price, or a pool's sqrt price, outside the range that the question is about.
    #[error("price {0} lies outside the range; pass one inside")]
    PriceOutsideRange(I256),
    /// A factor, as a wad, that had to be above one.
    #[error("factor {0} is not above 1e18; pass the factor between a range's middle and its ends")]
    NotAboveOne(I256),
    /// Liquidity below zero.
    #[error("liquidity {0} is below zero; pass zero or more")]
    NegativeLiquidity(I256),
    /// A price of an option's terms, of a strike or of a premium that is not above zero, or 2^128 wads or more.
    #[error("price {0} is not a wad above zero and below 2^128; pass one that is")]
    PriceOutOfRange(I256),
    /// A volatility that is negative or above 1,000,000 (100,000,000 %).
    #[error("volatility {0} lies outside [0, 1e24]; pass the yearly volatility as a wad, 1e18 for 100 %")]
    VolatilityOutOfRange(I256),
    /// A term of more than a hundred years.
    #[error("a term of {0} seconds exceeds a hundred years; pass at most 3153600000")]
    TermOutOfRange(u64),
    /// A rate of interest outside `[-1, 4]`.
    #[error("rate {0} lies outside [-1e18, 4e18]; pass the yearly rate as a wad, 5e16 for 5 %")]
    RateOutOfRange(I256),
    /// Without volatility or time d1, d2 and the greeks have no value.
    #[error("without volatility or time an option has no greeks; ask for its price, or pass both above zero")]
    NoUncertainty,
    /// An option's price that no volatility is low enough for.
    #[error("the price {0} lies below the option's value without volatility; no implied volatility exists")]
    BelowIntrinsic(I256),
    /// An option's price that no volatility is high enough for.
    #[error("the price {0} is not below the option's upper bound; no implied volatility exists")]
    AboveUpperBound(I256),
    /// Strikes of a strip that do not rise: the position of the first one not above its predecessor.
    #[error("strike number {0} is not above the one before; pass the strikes in ascending order, each once")]
    StrikesNotAscending(usize),
    /// The strikes of a strip do not include the entry price, where puts end and calls begin.
    #[error("the entry price {0} is not among the strikes; include it")]
    EntryNotAStrike(I256),
    /// Strikes and stress prices of a strangle out of order.
    #[error("the strangle's prices must satisfy low < put strike <= call strike < high; {0} is not in its place")]
    StrangleOutOfOrder(I256),
    /// A slice for results of another length than the inputs.
    #[error("room for {0} results was given, {1} are needed")]
    WrongLength(usize, usize),
    /// An amount below zero.
    #[error("the amount {0} is below zero; pass zero or more")]
    NegativeAmount(I256),
    /// A number, as a wad, that must not be below zero.
    #[error("{0} (1e18 = one) is below zero; pass zero or more")]
    NegativeInput(I256),
    /// Two lists that belong together differ in length.
    #[error("{0} and {1} items were passed that belong together; pass as many of each")]
    LengthsDiffer(usize, usize),
    /// Weights that do not sum to one.
    #[error("the weights sum to {0} instead of 1e18; pass shares of a whole")]
    WeightsNotOne(I256),
    /// A list with fewer items than a figure can be told from.
    #[error("{0} values were passed, at least {1} are needed; pass more")]
    TooFew(usize, usize),
    /// The decay of a moving average that is not strictly between 0 and 1.
    #[error("decay {0} is not strictly between 0 and 1e18; pass the weight of the past as a wad, 94e16 for 0.94")]
    DecayOutOfRange(I256),
    /// A bar whose open or close does not lie within its low and high.
    #[error("bar number {0} has a price outside its low and high; pass open, high, low and close in their places")]
    ImpossibleBar(usize),
    /// Weights of the past return and variance that sum to one or more.
    #[error("alpha and beta sum to {0} and not to less than 1e18; no long-run variance exists")]
    NotStationary(I256),
    /// A lower bound above the upper one.
    #[error("the floor {0} lies above the cap {1}; exchange them")]
    BoundsExchanged(I256, I256),
    /// A volatility so low beside the drift that it decides nothing, where the range's probability is asked for.
    #[error("beside this drift a volatility of {0} is next to none; pass a higher one, or less drift")]
    DriftOverwhelms(I256),
    /// Prices whose correlation has no value, because one of them rose evenly or not at all.
    #[error("a price that never departs from its trend has no correlation; pass prices that move")]
    NoVariation,
    /// A correlation outside `[-1, 1]`.
    #[error("correlation {0} lies outside [-1e18, 1e18]; pass it as a wad")]
    CorrelationOutOfRange(I256),
}
