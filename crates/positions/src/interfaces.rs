//! The Solidity interfaces whose selectors the programs answer and call.
#![allow(missing_docs, clippy::too_many_arguments)]

use alloy_sol_types::sol;

sol!("../../abi/IManager.sol");

sol! {
    interface IERC20 {
        function balanceOf(address owner) external view returns (uint256);
        function allowance(address owner, address spender) external view returns (uint256);
        function approve(address spender, uint256 amount) external returns (bool);
        function transfer(address to, uint256 amount) external returns (bool);
    }

    interface INonfungiblePositionManager {
        struct DecreaseLiquidityParams {
            uint256 tokenId;
            uint128 liquidity;
            uint256 amount0Min;
            uint256 amount1Min;
            uint256 deadline;
        }
        struct CollectParams {
            uint256 tokenId;
            address recipient;
            uint128 amount0Max;
            uint128 amount1Max;
        }
        struct IncreaseLiquidityParams {
            uint256 tokenId;
            uint256 amount0Desired;
            uint256 amount1Desired;
            uint256 amount0Min;
            uint256 amount1Min;
            uint256 deadline;
        }
        struct MintParams {
            address token0;
            address token1;
            uint24 fee;
            int24 tickLower;
            int24 tickUpper;
            uint256 amount0Desired;
            uint256 amount1Desired;
            uint256 amount0Min;
            uint256 amount1Min;
            address recipient;
            uint256 deadline;
        }
        function ownerOf(uint256 tokenId) external view returns (address);
        function decreaseLiquidity(DecreaseLiquidityParams params) external returns (uint256 amount0, uint256 amount1);
        function collect(CollectParams params) external returns (uint256 amount0, uint256 amount1);
        function mint(MintParams params) external
            returns (uint256 tokenId, uint128 liquidity, uint256 amount0, uint256 amount1);
        function increaseLiquidity(IncreaseLiquidityParams params) external
            returns (uint128 liquidity, uint256 amount0, uint256 amount1);
        function burn(uint256 tokenId) external;
    }

    interface IUniswapV3Pool {
        function tickSpacing() external view returns (int24);
        function liquidity() external view returns (uint128);
        function tickBitmap(int16 word) external view returns (uint256);
        function ticks(int24 tick) external view returns (
            uint128 liquidityGross, int128 liquidityNet, uint256 feeGrowthOutside0X128, uint256 feeGrowthOutside1X128,
            int56 tickCumulativeOutside, uint160 secondsPerLiquidityOutsideX128, uint32 secondsOutside, bool initialized
        );
        function positions(bytes32 key) external view returns (
            uint128 liquidity, uint256 feeGrowthInside0LastX128, uint256 feeGrowthInside1LastX128,
            uint128 tokensOwed0, uint128 tokensOwed1
        );
        function mint(address recipient, int24 tickLower, int24 tickUpper, uint128 amount, bytes data)
            external returns (uint256 amount0, uint256 amount1);
        function burn(int24 tickLower, int24 tickUpper, uint128 amount)
            external returns (uint256 amount0, uint256 amount1);
        function collect(
            address recipient, int24 tickLower, int24 tickUpper, uint128 amount0Requested, uint128 amount1Requested
        ) external returns (uint128 amount0, uint128 amount1);
        function observe(uint32[] secondsAgos) external view
            returns (int56[] tickCumulatives, uint160[] secondsPerLiquidityCumulativeX128s);
        function swap(address recipient, bool zeroForOne, int256 amountSpecified, uint160 sqrtPriceLimitX96, bytes data)
            external returns (int256 amount0, int256 amount1);
    }
}
