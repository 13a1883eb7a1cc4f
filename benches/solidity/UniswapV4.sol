// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.30;

import {FullMath} from "@uniswap/v4-core/src/libraries/FullMath.sol";
import {SqrtPriceMath} from "@uniswap/v4-core/src/libraries/SqrtPriceMath.sol";
import {TickMath} from "@uniswap/v4-core/src/libraries/TickMath.sol";

/// @notice A concentrated position's amounts, value, hold and impermanent loss over Uniswap's own libraries: the amounts are
/// floored to units of the tokens before anything is made of them, as those libraries have it.
library UniswapPosition {
    struct Range {
        uint128 liquidity;
        uint160 entrySqrtPriceX96;
        uint160 sqrtPriceX96;
        int24 tickLower;
        int24 tickUpper;
    }

    struct Figures {
        uint256 amount0;
        uint256 amount1;
        uint256 value;
        uint256 hold;
        int256 il;
    }

    function figures(Range memory r) internal pure returns (Figures memory f) {
        uint160 lower = TickMath.getSqrtPriceAtTick(r.tickLower);
        uint160 upper = TickMath.getSqrtPriceAtTick(r.tickUpper);
        (f.amount0, f.amount1) = amounts(r.sqrtPriceX96, lower, upper, r.liquidity);
        (uint256 entry0, uint256 entry1) = amounts(r.entrySqrtPriceX96, lower, upper, r.liquidity);
        f.value = quoted(f.amount0, r.sqrtPriceX96) + f.amount1;
        f.hold = quoted(entry0, r.sqrtPriceX96) + entry1;
        f.il = int256(FullMath.mulDiv(f.value, 1e18, f.hold)) - 1e18;
    }

    function amounts(uint160 price, uint160 lower, uint160 upper, uint128 liquidity)
        internal
        pure
        returns (uint256 amount0, uint256 amount1)
    {
        uint160 inside = price < lower ? lower : price > upper ? upper : price;
        if (inside < upper) amount0 = SqrtPriceMath.getAmount0Delta(inside, upper, liquidity, false);
        if (inside > lower) amount1 = SqrtPriceMath.getAmount1Delta(lower, inside, liquidity, false);
    }

    function quoted(uint256 amount0, uint160 price) internal pure returns (uint256) {
        return FullMath.mulDiv(FullMath.mulDiv(amount0, price, 1 << 96), price, 1 << 96);
    }
}

contract UniswapFigures {
    function run(UniswapPosition.Range calldata range) external pure returns (UniswapPosition.Figures memory) {
        return UniswapPosition.figures(range);
    }
}

contract UniswapFiguresBatch {
    function run(UniswapPosition.Range[] calldata ranges) external pure returns (UniswapPosition.Figures[] memory out) {
        out = new UniswapPosition.Figures[](ranges.length);
        for (uint256 i = 0; i < ranges.length; ++i) {
            out[i] = UniswapPosition.figures(ranges[i]);
        }
    }
}

contract UniswapMulDiv {
    function run(uint256 a, uint256 b, uint256 d) external pure returns (uint256) {
        return FullMath.mulDiv(a, b, d);
    }
}
