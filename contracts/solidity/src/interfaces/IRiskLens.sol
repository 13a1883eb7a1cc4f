// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.30;

import {ICoreErrors} from "./ICoreErrors.sol";

/// Losses that take more than two prices to tell, served by the Stylus program `contracts/risk`; and the elementary functions that
/// risk stands on.
///
/// Units. A "wad" is scaled by 1e18; every number is one unless its name or comment says otherwise. Rounding: to nearest, correct
/// to one unit of 1e-18, relative to results above one.
interface IRiskLens is ICoreErrors {
    /// Geometric Brownian motion; wads.
    struct Motion {
        uint256 volatility;
        uint256 timeInYears;
        int256 drift;
    }

    /// What a deposit has become; wads of token1, `il` a wad.
    struct Outcome {
        uint256 value;
        uint256 hold;
        int256 ilAbsolute; // value - hold
        int256 il;
    }

    /// IL of a weighted pool of several assets: the ratio of each asset's price now to its entry price, and its weight; wads.
    function ilMany(uint256[] calldata ratios, uint256[] calldata weights) external pure returns (int256 wad);
    /// What `amount0` of token0, deposited with its worth in token1 into a constant-product pool, has become; wads.
    function constantProductPosition(uint256 entryPrice, uint256 price, uint256 amount0)
        external
        pure
        returns (Outcome memory);
    /// The IL to be expected of a constant product under geometric Brownian motion: as a fraction of the value at entry, and of
    /// hold.
    function ilExpected(Motion calldata motion) external pure returns (int256 ilAbsolute, int256 il);

    /// `e^x`.
    function exp(int256 x) external pure returns (uint256);
    function expBatch(int256[] calldata x) external pure returns (uint256[] memory);
    /// `e^x - 1`, without cancellation near zero.
    function expm1(int256 x) external pure returns (int256);
    function expm1Batch(int256[] calldata x) external pure returns (int256[] memory);
    /// The natural logarithm.
    function ln(uint256 x) external pure returns (int256);
    function lnBatch(uint256[] calldata x) external pure returns (int256[] memory);
    /// `ln(1 + x)`, without cancellation near zero.
    function ln1p(int256 x) external pure returns (int256);
    function ln1pBatch(int256[] calldata x) external pure returns (int256[] memory);
    /// `base^exponent` of a positive base.
    function pow(uint256 base, int256 exponent) external pure returns (uint256);
    function powBatch(int256[2][] calldata basesAndExponents) external pure returns (uint256[] memory);
    /// The square root of a wad, a wad; rounded down.
    function sqrt(uint256 x) external pure returns (uint256);
    function sqrtBatch(uint256[] calldata x) external pure returns (uint256[] memory);
    /// The normal distribution: the probability of a value below x.
    function ncdf(int256 x) external pure returns (uint256);
    function ncdfBatch(int256[] calldata x) external pure returns (uint256[] memory);
    /// The normal distribution's density.
    function npdf(int256 x) external pure returns (uint256);
    function npdfBatch(int256[] calldata x) external pure returns (uint256[] memory);
    /// The value below which a normal variable lies with probability p, strictly between 0 and 1e18.
    function ncdfInverse(uint256 p) external pure returns (int256);
    function ncdfInverseBatch(uint256[] calldata p) external pure returns (int256[] memory);
    /// `floor(a * b / denominator)` with a product of 512 bits, of integers.
    function mulDiv(uint256 a, uint256 b, uint256 denominator) external pure returns (uint256);
    /// The same, rounded up.
    function mulDivUp(uint256 a, uint256 b, uint256 denominator) external pure returns (uint256);
}
