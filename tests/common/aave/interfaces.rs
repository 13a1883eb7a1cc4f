//! What the tests ask of Aave v3.

use alloy::sol;

sol! {
    #![sol(all_derives)]

    /// What the tests ask of Aave's pool.
    interface IPool {
        struct ReserveData {
            uint256 configuration; uint128 liquidityIndex; uint128 currentLiquidityRate; uint128 variableBorrowIndex;
            uint128 currentVariableBorrowRate; uint128 currentStableBorrowRate; uint40 lastUpdateTimestamp; uint16 id;
            address aTokenAddress; address stableDebtTokenAddress; address variableDebtTokenAddress;
            address interestRateStrategyAddress; uint128 accruedToTreasury; uint128 unbacked;
            uint128 isolationModeTotalDebt;
        }
        function supply(address asset, uint256 amount, address onBehalfOf, uint16 referralCode) external;
        function withdraw(address asset, uint256 amount, address to) external returns (uint256);
        function borrow(
            address asset, uint256 amount, uint256 interestRateMode, uint16 referralCode, address onBehalfOf
        ) external;
        function repay(address asset, uint256 amount, uint256 interestRateMode, address onBehalfOf)
            external returns (uint256);
        function liquidationCall(
            address collateralAsset, address debtAsset, address user, uint256 debtToCover, bool receiveAToken
        ) external;
        function setUserEMode(uint8 categoryId) external;
        function getUserEMode(address user) external view returns (uint256);
        function getReserveData(address asset) external view returns (ReserveData);
        function getUserAccountData(address user) external view returns (
            uint256 totalCollateralBase, uint256 totalDebtBase, uint256 availableBorrowsBase,
            uint256 currentLiquidationThreshold, uint256 ltv, uint256 healthFactor
        );
    }

    /// What a governor does.
    interface IConfigurator {
        struct InitReserveInput {
            address aTokenImpl; address stableDebtTokenImpl; address variableDebtTokenImpl;
            uint8 underlyingAssetDecimals; address interestRateStrategyAddress; address underlyingAsset;
            address treasury; address incentivesController; string aTokenName; string aTokenSymbol;
            string variableDebtTokenName; string variableDebtTokenSymbol; string stableDebtTokenName;
            string stableDebtTokenSymbol; bytes params;
        }
        function initReserves(InitReserveInput[] input) external;
        function configureReserveAsCollateral(
            address asset, uint256 ltv, uint256 liquidationThreshold, uint256 liquidationBonus
        ) external;
        function setReserveBorrowing(address asset, bool enabled) external;
        function setReserveFactor(address asset, uint256 newReserveFactor) external;
        function setReserveActive(address asset, bool active) external;
        function setReserveFreeze(address asset, bool freeze) external;
        function setReservePause(address asset, bool paused) external;
        /// Whole tokens; zero for none.
        function setBorrowCap(address asset, uint256 newBorrowCap) external;
        function setSupplyCap(address asset, uint256 newSupplyCap) external;
        function setEModeCategory(
            uint8 categoryId, uint16 ltv, uint16 liquidationThreshold, uint16 liquidationBonus, address oracle,
            string label
        ) external;
        function setAssetEModeCategory(address asset, uint8 newCategoryId) external;
        function setReserveInterestRateStrategyAddress(address asset, address newRateStrategyAddress) external;
        function updateFlashloanPremiumTotal(uint128 newFlashloanPremiumTotal) external;
    }

    interface IAddresses {
        function registerAddressesProvider(address provider, uint256 id) external;
        function setPoolDataProvider(address newDataProvider) external;
        function setACLAdmin(address newAclAdmin) external;
        function setACLManager(address newAclManager) external;
        function setPriceOracle(address newPriceOracle) external;
        function setPoolImpl(address newPoolImpl) external;
        function setPoolConfiguratorImpl(address newPoolConfiguratorImpl) external;
        function getPool() external view returns (address);
        function getPoolConfigurator() external view returns (address);
    }

    interface IAcl {
        function addPoolAdmin(address admin) external;
        function addEmergencyAdmin(address admin) external;
        function addAssetListingAdmin(address admin) external;
        function addRiskAdmin(address admin) external;
    }

    interface IPriceFeed {
        function set(int256 answer, uint256 updatedAt) external;
        function latestAnswer() external view returns (int256);
    }
}
