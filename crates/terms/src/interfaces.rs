//! The Solidity interfaces whose selectors the program answers and calls, beyond those that all programs share.
#![allow(missing_docs, clippy::too_many_arguments)]

use alloy_sol_types::sol;

sol!("../../abi/IPolicies.sol");

/// Hedges; apart, because the file brings along what it shares with policies.
pub mod hedges {
    use alloy_sol_types::sol;

    sol!("../../abi/IHedges.sol");
}

sol!("../../contracts/solidity/src/interfaces/IMargin.sol");

sol! {
    interface IPositionManager {
        function positions(uint256 tokenId) external view returns (
            uint96 nonce, address operator, address token0, address token1, uint24 fee, int24 tickLower, int24 tickUpper,
            uint128 liquidity, uint256 feeGrowthInside0LastX128, uint256 feeGrowthInside1LastX128, uint128 tokensOwed0,
            uint128 tokensOwed1
        );
        function balanceOf(address owner) external view returns (uint256);
        function tokenOfOwnerByIndex(address owner, uint256 index) external view returns (uint256);
    }

    interface IFeed {
        function latestRoundData() external view
            returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound);
    }

    interface IShell {
        function eip712Domain() external view returns (
            bytes1 fields, string name, string version, uint256 chainId, address verifyingContract, bytes32 salt, uint256[] extensions
        );
        error UnknownVersion(uint32 found, uint32 expected);
    }
}
