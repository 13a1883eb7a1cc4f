// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.30;

/// What the core refuses, wherever it runs: an input outside a function's domain, or a result outside its type. Every error
/// carries the value that was refused.
interface ICoreErrors {
    /// The denominator is zero; pass a nonzero one.
    error ZeroDenominator();
    /// The result does not fit its type; pass smaller amounts.
    error Overflow();
    /// The price is zero; pass a price above zero.
    error ZeroPrice();
    /// The sqrt price lies outside Uniswap's range; read it from the pool's slot0.
    error SqrtPriceOutOfRange(uint160 sqrtPriceX96);
    /// The tick lies outside [-887272, 887272]; choose one inside.
    error TickOutOfRange(int24 tick);
    /// The lower tick must lie below the upper.
    error EmptyRange(int24 tickLower, int24 tickUpper);
    /// The weight is not strictly between 0 and 1e18; pass token0's share as a wad.
    error WeightOutOfRange(uint256 weight0);
    /// The pool has no liquidity at this price; trade elsewhere.
    error ZeroLiquidity();
    /// The amount exceeds what the liquidity holds; ask for less.
    error InsufficientLiquidity(uint256 amount);
    /// A pool's fee is below 1,000,000 pips.
    error FeeOutOfRange(uint24 pips);
    /// The value is not above zero; this function is defined for positive numbers only.
    error NotPositive(int256 wad);
    /// The value is not above -1e18; pass a wad above minus one.
    error NotAboveMinusOne(int256 wad);
    /// The probability is not strictly between 0 and 1e18; pass it as a wad.
    error ProbabilityOutOfRange(int256 wad);
    /// The price is not above zero; pass a price above zero.
    error PriceNotPositive(int256 wad);
    /// The lower price must lie below the upper.
    error EmptyPriceRange(int256 lower, int256 upper);
    /// The liquidity is below zero; pass zero or more.
    error NegativeLiquidity(int256 wad);
    /// The price is not a wad above zero and below 2^128; pass one that is.
    error PriceOutOfRange(int256 wad);
    /// The volatility lies outside [0, 1e24]; pass the yearly volatility as a wad, 1e18 for 100 %.
    error VolatilityOutOfRange(int256 wad);
    /// The term exceeds a hundred years; pass at most 3,153,600,000 seconds.
    error TermOutOfRange(uint64 secondsLeft);
    /// The rate lies outside [-1e18, 4e18]; pass the yearly rate as a wad, 5e16 for 5 %.
    error RateOutOfRange(int256 wad);
    /// Without volatility or time an option has no greeks; ask for its price, or pass both above zero.
    error NoUncertainty();
    /// The price lies below the option's value without volatility; no implied volatility exists.
    error BelowIntrinsic(int256 price);
    /// The price is not below the option's upper bound; no implied volatility exists.
    error AboveUpperBound(int256 price);
    /// The source of ticks named a tick that does not lie ahead of the price; the source of ticks must walk in the swap's direction.
    error TickNotAhead(int24 tick);
    /// A price, or a pool's sqrt price, outside the range that the question is about; pass one inside.
    error PriceOutsideRange(int256 value);
    /// A factor, as a wad, that had to be above one; pass the factor between a range's middle and its ends.
    error NotAboveOne(int256 value);
    /// Strikes of a strip that do not rise: the position of the first one not above its predecessor; pass the strikes in ascending order, each once.
    error StrikesNotAscending(uint256 index);
    /// The strikes of a strip do not include the entry price, where puts end and calls begin; include it.
    error EntryNotAStrike(int256 value);
    /// Strikes and stress prices of a strangle out of order; {0} is not in its place.
    error StrangleOutOfOrder(int256 value);
    /// A slice for results of another length than the inputs.
    error WrongLength(uint256 given, uint256 needed);
    /// An amount below zero; pass zero or more.
    error NegativeAmount(int256 value);
    /// A number, as a wad, that must not be below zero; pass zero or more.
    error NegativeInput(int256 value);
    /// Two lists that belong together differ in length; pass as many of each.
    error LengthsDiffer(uint256 first, uint256 second);
    /// Weights that do not sum to one; pass shares of a whole.
    error WeightsNotOne(int256 value);
    /// A list with fewer items than a figure can be told from; pass more.
    error TooFew(uint256 given, uint256 needed);
    /// The decay of a moving average that is not strictly between 0 and 1; pass the weight of the past as a wad, 94e16 for 0.94.
    error DecayOutOfRange(int256 value);
    /// A bar whose open or close does not lie within its low and high; pass open, high, low and close in their places.
    error ImpossibleBar(uint256 index);
    /// Weights of the past return and variance that sum to one or more; no long-run variance exists.
    error NotStationary(int256 value);
    /// A lower bound above the upper one; exchange them.
    error BoundsExchanged(int256 floor, int256 cap);
    /// A volatility so low beside the drift that it decides nothing, where the range's probability is asked for; pass a higher one, or less drift.
    error DriftOverwhelms(int256 value);
    /// Prices whose correlation has no value, because one of them rose evenly or not at all; pass prices that move.
    error NoVariation();
    /// A correlation outside `[-1, 1]`; pass it as a wad.
    error CorrelationOutOfRange(int256 value);
}
