// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.30;

import {ICoreErrors} from "./ICoreErrors.sol";

/// Realised and forecast volatility, and the gate, for dApps, served by the Stylus program `contracts/statistics`.
///
/// Units. Every number is a wad (scaled by 1e18) unless its comment says otherwise; volatilities and rates are yearly, `periods` is
/// how many of the given prices' intervals a year has.
interface IStatisticsLens is ICoreErrors {
    enum Estimator {
        Parkinson,
        GarmanKlass,
        RogersSatchell
    }

    enum Action {
        Hedge,
        HoldUnhedged,
        Exit
    }

    struct Bar {
        uint256 open;
        uint256 high;
        uint256 low;
        uint256 close;
    }

    struct Volatility {
        uint256 variance; // of one period
        uint256 yearly; // the volatility, annualised
    }

    struct Model {
        uint256 omega;
        uint256 alpha; // weight of the last squared return
        uint256 beta; // weight of the last variance
    }

    struct Forecast {
        uint256 nextVariance;
        uint256 horizonVariance; // of the last period of the horizon
        uint256 averageVariance; // over the horizon
        uint256 longRun;
        uint256 volatility; // yearly, from the average
    }

    /// What the gate decides on; rates are yearly.
    struct Carry {
        int256 value;
        int256 feeRate;
        int256 lvrRate;
        int256 horizon; // years
        int256 premium;
        int256 fundingRate;
        int256 hedgeNotional;
        int256 dollarGamma;
        int256 volatility;
        uint64 rebalances; // a year
        int256 tradingCost;
        int256 minNetRate;
    }

    struct Decision {
        Action action;
        int256 margin;
        int256 turnover;
        int256 cost;
        int256 costRate;
        int256 fee;
        int256 lvr;
        int256 netHedgedRate;
        int256 netUnhedgedRate;
    }

    /// The yearly volatility of prices, close to close.
    function realisedVolatility(uint256[] calldata prices, uint64 periods) external pure returns (Volatility memory);
    /// The same around a mean return of zero.
    function realisedVolatilityZeroMean(uint256[] calldata prices, uint64 periods)
        external
        pure
        returns (Volatility memory);
    /// From bars of open, high, low and close, by an estimator of the range.
    function rangeVolatility(Estimator estimator, Bar[] calldata bars, uint64 periods)
        external
        pure
        returns (Volatility memory);
    /// Exponentially weighted: `decay` is the weight of the past.
    function ewma(uint256[] calldata prices, uint256 decay, uint64 periods) external pure returns (Volatility memory);
    /// The forecast of a GARCH(1,1) model over `horizon` periods.
    function garch(Model calldata model, uint256[] calldata prices, uint64 horizon, uint64 periods)
        external
        pure
        returns (Forecast memory);
    /// A base hedge ratio scaled by forecast over reference volatility, between a floor and a cap.
    function hedgeRatio(uint256 base, uint256 forecast, uint256 reference_, uint256 floor, uint256 cap)
        external
        pure
        returns (uint256);
    /// The deepest fall from a peak.
    function maxDrawdown(uint256[] calldata prices) external pure returns (uint256);
    /// Whether a hedge is worth its cost of carry.
    function carryGate(Carry calldata carry) external pure returns (Decision memory);
}
