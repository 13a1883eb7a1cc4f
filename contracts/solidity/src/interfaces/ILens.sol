// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.30;

import {ICoreErrors} from "./ICoreErrors.sol";

/// Read-only maths for dApps, served by the Stylus program `contracts/lens`.
///
/// Units. A price is token1 per token0 in raw units. "wad" means scaled by 1e18. `sqrtPriceX96` is Uniswap's Q64.96.
/// Rounding. Amounts as Uniswap rounds what it pays out (down); value, hold and delta down; IL and gamma towards minus infinity,
/// so that a loss is never understated.
interface ILens is ICoreErrors {
    /// What a concentrated position is and is worth.
    struct Figures {
        uint256 amount0; // raw token0 that the liquidity would pay out now
        uint256 amount1; // raw token1
        uint256 value; // wad of raw token1: the unfloored amounts at the current price
        uint256 hold; // wad of raw token1: the unfloored entry amounts at the current price
        int256 il; // wad: value / hold - 1, never above zero
        uint256 delta; // wad of raw token0: dV/dP
        int256 gamma; // wad of raw token0 per unit of price: d2V/dP2; int256.min where it does not fit
        int256 dollarGamma; // wad of raw token1: P^2 * gamma, which always fits
    }

    /// What `figures` is asked for.
    struct Range {
        uint128 liquidity;
        uint160 entrySqrtPriceX96;
        uint160 sqrtPriceX96;
        int24 tickLower;
        int24 tickUpper;
    }

    /// A change of the price, in token1 per token0 on any common scale.
    struct Move {
        uint256 entryPrice;
        uint256 price;
    }

    struct WeightedMove {
        uint256 entryPrice;
        uint256 price;
        uint256 weight0;
    }

    struct RangeMove {
        uint160 entrySqrtPriceX96;
        uint160 sqrtPriceX96;
        int24 tickLower;
        int24 tickUpper;
    }

    struct Position {
        address pool;
        address token0;
        address token1;
        uint24 fee;
        int24 tickLower;
        int24 tickUpper;
        uint128 liquidity;
        uint160 sqrtPriceX96;
        int24 tick;
        uint256 fees0; // raw token0 owed, the growth since the last collect included
        uint256 fees1; // raw token1 owed
        Figures figures;
    }

    /// There is no such position at this position manager, or it is none.
    error UnknownPosition(uint256 tokenId);

    /// A position of a Uniswap v3 position manager, against the price at which it was entered.
    function position(address positionManager, uint256 tokenId, uint160 entrySqrtPriceX96)
        external
        view
        returns (Position memory);
    /// The same figures for liquidity that is given, not read.
    function figures(
        uint128 liquidity,
        uint160 entrySqrtPriceX96,
        uint160 sqrtPriceX96,
        int24 tickLower,
        int24 tickUpper
    ) external pure returns (Figures memory);
    /// The figures of many ranges.
    function figuresBatch(Range[] calldata ranges) external pure returns (Figures[] memory);

    /// IL of a 50/50 constant-product pool; prices of any common scale. Correctly rounded.
    function ilConstantProduct(uint256 entryPrice, uint256 price) external pure returns (int256 wad);
    function ilConstantProductBatch(Move[] calldata moves) external pure returns (int256[] memory wads);
    /// IL of a two-asset weighted pool; `weight0` is a wad strictly between 0 and 1e18.
    function ilWeighted(uint256 entryPrice, uint256 price, uint256 weight0) external pure returns (int256 wad);
    function ilWeightedBatch(WeightedMove[] calldata moves) external pure returns (int256[] memory wads);
    /// IL of a concentrated range.
    function ilConcentrated(uint160 entrySqrtPriceX96, uint160 sqrtPriceX96, int24 tickLower, int24 tickUpper)
        external
        pure
        returns (int256 wad);
    function ilConcentratedBatch(RangeMove[] calldata moves) external pure returns (int256[] memory wads);
}
