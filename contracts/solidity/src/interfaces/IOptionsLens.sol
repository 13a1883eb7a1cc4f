// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.30;

import {ICoreErrors} from "./ICoreErrors.sol";
import {Market} from "./Market.sol";

/// Options for dApps, served by the Stylus program `contracts/options`.
///
/// Units. A "wad" is scaled by 1e18; every price, volatility, rate and greek is one. Volatility and rate are yearly, a year is
/// 31,536,000 seconds, the rate is continuously compounded. Rounding: model values to nearest, correct to one unit of 1e-18.
interface IOptionsLens is ICoreErrors {
    enum Kind {
        Call,
        Put
    }

    /// A European option's terms, for a call and a put alike.
    struct Terms {
        uint256 spot; // the price of the asset now
        uint256 strike; // the price to exercise at
        uint256 volatility; // yearly; 1e18 is 100 %
        uint64 secondsLeft; // to expiry
        int256 rate; // yearly
    }

    /// An option whose price is known, but not its volatility.
    struct PricedOption {
        Kind kind;
        uint256 price;
        uint256 spot;
        uint256 strike;
        uint64 secondsLeft;
        int256 rate;
    }

    struct PriceAndDelta {
        uint256 call;
        uint256 put;
        int256 delta; // of the call by the spot; the put's is 1e18 less
    }

    /// Everything about a call and a put on the same terms.
    struct Quote {
        int256 d1;
        int256 d2;
        uint256 call;
        uint256 put;
        int256 deltaCall;
        int256 deltaPut;
        int256 gamma; // second derivative of either price by the spot
        int256 vega; // of either price by the volatility, per 1.00 of it
        int256 thetaCall; // by the passing of time, per year
        int256 thetaPut;
        int256 rhoCall; // by the rate, per 1.00 of it
        int256 rhoPut;
    }

    /// Black–Scholes: both prices and all greeks.
    function blackScholes(Terms calldata terms) external pure returns (Quote memory);
    function blackScholesBatch(Terms[] calldata terms) external pure returns (Quote[] memory);
    /// Both prices and the call's delta, at less gas.
    function priceAndDelta(Terms calldata terms) external pure returns (PriceAndDelta memory);
    function priceAndDeltaBatch(Terms[] calldata terms) external pure returns (PriceAndDelta[] memory);
    /// The volatility at which an option has this price; it converges wherever one exists.
    function impliedVolatility(PricedOption calldata option) external pure returns (uint256 volatility);
    function impliedVolatilityBatch(PricedOption[] calldata options)
        external
        pure
        returns (uint256[] memory volatilities);
}
