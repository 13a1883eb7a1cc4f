// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.30;

import {ICoreErrors} from "./ICoreErrors.sol";
import {Figures, Position} from "./Position.sol";

/// Read-only maths for dApps about pools and positions, served by the Stylus program `contracts/lens`.
///
/// Units. Of a Uniswap v3 position a price is token1 per token0 in raw units; `sqrtPriceX96` is Uniswap's Q64.96. "wad" means scaled
/// by 1e18.
/// Rounding. Amounts as Uniswap rounds what it pays out (down); value, hold and delta down; IL and gamma towards minus infinity,
/// so that a loss is never understated.
/// Batches. `...Batch` answers the same function of every element, in order; one refusal refuses the call.
interface ILens is ICoreErrors {
    /// What `figures` is asked for.
    struct Range {
        uint128 liquidity;
        uint160 entrySqrtPriceX96;
        uint160 sqrtPriceX96;
        int24 tickLower;
        int24 tickUpper;
    }

    /// One of several positions; all zero but for its id where `found` is false.
    struct Found {
        uint256 tokenId;
        bool found; // false: the id is unknown, its pool does not answer, or the entry price lies outside Uniswap's range
        Position position;
    }

    struct Query {
        uint256 tokenId;
        uint160 entrySqrtPriceX96; // zero: the current price, so that nothing is lost yet
    }

    /// A change of the price, in token1 per token0 on any common scale.
    struct Move {
        uint256 entryPrice;
        uint256 price;
    }

    struct WeightedMove {
        uint256 entryPrice;
        uint256 price;
        uint256 weight0; // wad: token0's share
    }

    struct RangeMove {
        uint160 entrySqrtPriceX96;
        uint160 sqrtPriceX96;
        int24 tickLower;
        int24 tickUpper;
    }

    /// Amounts of both tokens, deposited and held now, and a price as a wad of token1 per token0.
    struct Holdings {
        uint256 deposited0;
        uint256 deposited1;
        uint256 held0;
        uint256 held1;
        uint256 price;
    }

    /// A pool's fee growth of one token, Q128 per unit of liquidity, as the pool and its ticks have it.
    struct Growth {
        int24 tick;
        int24 tickLower;
        int24 tickUpper;
        uint256 global;
        uint256 outsideLower;
        uint256 outsideUpper;
        uint256 insideLast; // inside the range when the position was last touched
        uint128 liquidity;
    }

    /// There is no such position at this position manager, or it is none.
    error UnknownPosition(uint256 tokenId);
    /// This position manager does not list what the owner has; pass the address of a NonfungiblePositionManager.
    error NotEnumerable(address positionManager);

    // --- Positions of a Uniswap v3 position manager, read from the chain

    /// A position against the price at which it was entered.
    function position(address positionManager, uint256 tokenId, uint160 entrySqrtPriceX96)
        external
        view
        returns (Position memory);
    /// Several positions, each against its own entry price. What cannot be read does not lose the others.
    function positionBatch(address positionManager, Query[] calldata queries) external view returns (Found[] memory);
    /// The positions of an owner from number `offset` on, at most `limit`, each against the current price, and how many there are
    /// in all. What cannot be read does not lose the others.
    function positions(address owner, address positionManager, uint256 offset, uint256 limit)
        external
        view
        returns (Found[] memory page, uint256 total);

    // --- Ranges of Uniswap v3, exact integers

    /// The same figures for liquidity that is given, not read.
    function figures(
        uint128 liquidity,
        uint160 entrySqrtPriceX96,
        uint160 sqrtPriceX96,
        int24 tickLower,
        int24 tickUpper
    ) external pure returns (Figures memory);
    function figuresBatch(Range[] calldata ranges) external pure returns (Figures[] memory);
    /// The raw token that a position earned since it was last touched; fee growth wraps around as the pool's does.
    function feesEarned(Growth calldata growth) external pure returns (uint128);
    function feesEarnedBatch(Growth[] calldata growths) external pure returns (uint128[] memory);
    // --- Impermanent loss

    /// IL of a 50/50 constant-product pool in basis points: -572 where the price doubles. Correctly rounded down.
    function calculateImpermanentLoss(uint256 initialPrice, uint256 currentPrice) external pure returns (int256);
    function calculateImpermanentLossBatch(Move[] calldata moves) external pure returns (int256[] memory);
    /// IL of a 50/50 constant-product pool; prices of any common scale. Correctly rounded.
    function ilConstantProduct(uint256 entryPrice, uint256 price) external pure returns (int256 wad);
    function ilConstantProductBatch(Move[] calldata moves) external pure returns (int256[] memory wads);
    /// The same with 27 decimals.
    function ilConstantProductRay(uint256 entryPrice, uint256 price) external pure returns (int256 ray);
    function ilConstantProductRayBatch(Move[] calldata moves) external pure returns (int256[] memory rays);
    /// The same from the ratio of the two prices, a wad.
    function ilFromRatio(uint256 ratio) external pure returns (int256 wad);
    function ilFromRatioBatch(uint256[] calldata ratios) external pure returns (int256[] memory wads);
    /// What is held over what was deposited, both at the current price, less one; on any curve. Above zero where fees outweigh the
    /// loss.
    function ilFromAmounts(Holdings calldata holdings) external pure returns (int256 wad);
    function ilFromAmountsBatch(Holdings[] calldata holdings) external pure returns (int256[] memory wads);
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
