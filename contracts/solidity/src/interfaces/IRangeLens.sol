// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.30;

import {ICoreErrors} from "./ICoreErrors.sol";
import {Stake} from "./Stake.sol";

/// Ranges of Uniswap v3 in its own integers; what positions lose to the market and so have to earn, and how much of their capital
/// works; served by the Stylus program `contracts/ranges`.
///
/// Units. Every `uint256` and `int256` is a wad (scaled by 1e18) unless its comment says otherwise; prices are token1 per token0; volatilities and
/// rates are yearly.
/// Rounding. To nearest; a loss down, so that it is never understated; what is to be bought or paid up.
/// Batches. `...Batch` answers the same function of every element, in order; one refusal refuses the call.
interface IRangeLens is ICoreErrors {
    /// A range at a price, and amounts to put there or to take out.
    struct Deposit {
        uint160 sqrtPriceX96;
        int24 tickLower;
        int24 tickUpper;
        uint256 amount0;
        uint256 amount1;
    }

    struct Withdrawal {
        uint160 sqrtPriceX96;
        int24 tickLower;
        int24 tickUpper;
        uint128 liquidity;
    }

    struct Amounts {
        uint256 amount0;
        uint256 amount1;
    }

    // --- Ticks, amounts and liquidity, as Uniswap rounds

    /// `sqrt(1.0001^tick) * 2^96`, as Uniswap rounds it.
    function sqrtPriceAtTick(int24 tick) external pure returns (uint160);
    function sqrtPriceAtTickBatch(int24[] calldata ticks) external pure returns (uint160[] memory);
    /// The greatest tick whose sqrt price is at most this one.
    function tickAtSqrtPrice(uint160 sqrtPriceX96) external pure returns (int24);
    function tickAtSqrtPriceBatch(uint160[] calldata sqrtPricesX96) external pure returns (int24[] memory);
    /// The raw amounts that burning liquidity pays out; rounded down, as Uniswap rounds.
    function amountsForLiquidity(Withdrawal calldata withdrawal) external pure returns (Amounts memory);
    function amountsForLiquidityBatch(Withdrawal[] calldata withdrawals) external pure returns (Amounts[] memory);
    /// The raw amounts that minting liquidity takes; rounded up, as Uniswap rounds.
    function amountsToMint(Withdrawal calldata withdrawal) external pure returns (Amounts memory);
    function amountsToMintBatch(Withdrawal[] calldata withdrawals) external pure returns (Amounts[] memory);
    /// The liquidity that two raw amounts can mint; as Uniswap's periphery rounds.
    function liquidityForAmounts(Deposit calldata deposit) external pure returns (uint128);
    function liquidityForAmountsBatch(Deposit[] calldata deposits) external pure returns (uint128[] memory);

    // --- Loss-versus-rebalancing, as a yearly rate of the position's value, which is its break-even fee yield

    /// Of a constant-product position, at the yearly volatility; rounded up.
    function lvrConstantProduct(uint256 volatility) external pure returns (uint256 rate);
    /// Of a two-asset weighted position with this share of token0; rounded up.
    function lvrWeighted(uint256 volatility, uint256 weight0) external pure returns (uint256 rate);
    /// Of a Uniswap v3 range at this price, nothing outside it; rounded up.
    function lvrConcentrated(uint256 volatility, uint160 sqrtPriceX96, int24 tickLower, int24 tickUpper)
        external
        pure
        returns (uint256 rate);
    /// The trading volume, as a multiple of the position's value per year, whose fees make up for a rate of loss.
    function breakEvenTurnover(uint256 rate, uint256 fee) external pure returns (uint256);
    /// The volatility at which a constant-product position's fee yield just makes up for its loss.
    function lvrImpliedVolatility(uint256 feeYield) external pure returns (uint256 volatility);
    /// The yearly rate of loss-versus-rebalancing at a price, which is the break-even fee yield; rounded up.
    function lvrOfStake(uint256 volatility, Stake calldata stake, uint256 price) external pure returns (uint256 rate);
    /// The probability that a block brings an arbitrage trade; `blockTime` is the mean time between blocks in years, a wad.
    function arbitrageProbability(uint256 volatility, uint256 fee, uint256 blockTime) external pure returns (uint256);
    /// What arbitrageurs earn of a rate of loss in a pool with fees.
    function arbitrageRate(uint256 rate, uint256 volatility, uint256 fee, uint256 blockTime)
        external
        pure
        returns (uint256);

    // --- Capital efficiency: how many times the liquidity of a full-range position of the same worth

    /// Of a Uniswap v3 range at this price.
    function capitalEfficiency(uint160 sqrtPriceX96, int24 tickLower, int24 tickUpper) external pure returns (uint256);
    /// Of a range of prices, wads.
    function capitalEfficiencyBetween(uint256 lower, uint256 upper, uint256 price) external pure returns (uint256);
    /// In the middle of a range that reaches a factor up and down.
    function capitalEfficiencySymmetric(uint256 factor) external pure returns (uint256);
}
