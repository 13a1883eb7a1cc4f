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
}
