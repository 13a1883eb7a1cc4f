//! The Solidity interfaces whose selectors the program answers and calls.
#![allow(missing_docs)]

use alloy_sol_types::sol;

sol!("../../abi/IDirectLens.sol");

sol! {
    interface IUniswapV3Pool {
        function tickSpacing() external view returns (int24);
        function tickBitmap(int16 wordPosition) external view returns (uint256);
        function ticks(int24 tick) external view returns (
            uint128 liquidityGross, int128 liquidityNet, uint256 feeGrowthOutside0X128, uint256 feeGrowthOutside1X128,
            int56 tickCumulativeOutside, uint160 secondsPerLiquidityOutsideX128, uint32 secondsOutside, bool initialized
        );
    }
}

sol! {
    struct Named {
        address positionManager; uint256 tokenId; address factory; address token0; address token1; uint24 fee;
        int24 tickLower; int24 tickUpper;
    }

    /// What the account tells of its hedges; `IHedges` has the whole of it.
    interface IHedgingAccount {
        function hedgeOf(Named place) external view;
        function hedgeAccounts(Named place, uint32 twapWindow) external view;
    }
}
