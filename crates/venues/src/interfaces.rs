//! The Solidity interfaces whose selectors venues call, beyond the account's own.
#![allow(missing_docs, clippy::too_many_arguments)]

use alloy_sol_types::sol;

sol! {
    /// Aave v3. What `getReserveData` answers with is a struct of fifteen words, the same in every release since 3.0.
    interface IAavePool {
        function ADDRESSES_PROVIDER() external view returns (address);
        function getReserveData(address asset) external view returns (uint256[15] words);
        function getUserAccountData(address user) external view returns (
            uint256 totalCollateralBase, uint256 totalDebtBase, uint256 availableBorrowsBase,
            uint256 currentLiquidationThreshold, uint256 ltv, uint256 healthFactor
        );
        function getEModeCategoryData(uint8 id) external view returns (uint256 offset);
    }

    interface IAddressesProvider {
        function getPriceOracle() external view returns (address);
    }

    interface IAaveOracle {
        function getAssetPrice(address asset) external view returns (uint256);
        function getSourceOfAsset(address asset) external view returns (address);
    }

    interface IToken {
        function balanceOf(address owner) external view returns (uint256);
        function totalSupply() external view returns (uint256);
    }

    interface IPoolGrowth {
        function feeGrowthGlobal0X128() external view returns (uint256);
        function feeGrowthGlobal1X128() external view returns (uint256);
    }
}
