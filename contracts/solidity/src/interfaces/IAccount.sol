// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.30;

/// What a delegated EOA answers beyond the shell's own functions: the shell passes these to the Stylus program
/// `contracts/manager` by delegatecall, so `address(this)` is the EOA throughout.
interface IManager {
    /// What the caller is willing to accept. Everything is checked on-chain, inside the same call.
    struct Limits {
        uint32 twapWindow; // seconds of the time-weighted price that spot is held against; 0 leaves the guard out
        uint24 maxTickDeviation; // ticks between spot and the time-weighted price, before and after
        uint128 minLiquidity; // least liquidity of the new position
        uint256 amount0Min; // least token0 withdrawn from the old position (fees not counted)
        uint256 amount1Min; // least token1 withdrawn
        uint256 deadline; // last timestamp at which this may run
    }

    event Rebalanced(
        address indexed positionManager,
        uint256 indexed tokenId,
        uint256 indexed newTokenId,
        int24 tickLower,
        int24 tickUpper,
        uint128 liquidity,
        uint256 amount0,
        uint256 amount1
    );

    error Unauthorised(address caller);
    error DeadlinePassed(uint256 deadline, uint256 timestamp);
    error NotOwner(uint256 tokenId, address owner);
    error NoLiquidity(uint256 tokenId);
    error InvalidRange(int24 tickLower, int24 tickUpper, int24 tickSpacing);
    error PriceDeviation(int24 tick, int24 twapTick, uint24 maxTickDeviation);
    error AmountBelowMinimum(uint256 amount0, uint256 amount1);
    error LiquidityBelowMinimum(uint128 liquidity, uint128 minLiquidity);
    error SwapIncomplete(uint256 wanted, uint256 swapped);
    error CallFailed(address target, bytes reason);
    error ReentrantCall();

    /// Collects fees, withdraws all liquidity, swaps in the pool to exactly the ratio that [tickLower, tickUpper] needs, and
    /// mints it; burns the old NFT. Only what the old position paid out is used. Self or EntryPoint only.
    function rebalance(address positionManager, uint256 tokenId, int24 tickLower, int24 tickUpper, Limits calldata limits)
        external
        returns (uint256 newTokenId, uint128 liquidity, uint256 amount0, uint256 amount1);

    /// The manager's version, so that a shell can be checked against what stands behind it.
    function version() external pure returns (uint256);
}
