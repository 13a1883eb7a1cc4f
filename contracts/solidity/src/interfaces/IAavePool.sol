// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.30;

/// What a margin account asks of Aave v3's pool. The rate mode is 2, variable, throughout: the only one that there still is.
interface IAavePool {
    /// Of a reserve; later versions of the pool answer with zeros for what they have given up.
    struct Reserve {
        uint256 configuration;
        uint128 liquidityIndex; // a ray
        uint128 currentLiquidityRate; // a ray, yearly
        uint128 variableBorrowIndex; // a ray
        uint128 currentVariableBorrowRate; // a ray, yearly
        uint128 currentStableBorrowRate;
        uint40 lastUpdateTimestamp;
        uint16 id;
        address aToken;
        address stableDebtToken;
        address variableDebtToken;
        address interestRateStrategy;
        uint128 accruedToTreasury;
        uint128 unbacked;
        uint128 isolationModeTotalDebt;
    }

    function supply(address asset, uint256 amount, address onBehalfOf, uint16 referralCode) external;
    function withdraw(address asset, uint256 amount, address to) external returns (uint256 withdrawn);
    function borrow(address asset, uint256 amount, uint256 rateMode, uint16 referralCode, address onBehalfOf) external;
    function repay(address asset, uint256 amount, uint256 rateMode, address onBehalfOf)
        external
        returns (uint256 repaid);
    function setUserEMode(uint8 category) external;
    function getUserEMode(address user) external view returns (uint256 category);
    function getReserveData(address asset) external view returns (Reserve memory reserve);
}
