// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.30;

import {FixedPointMathLib as Solady} from "solady/src/utils/FixedPointMathLib.sol";

/// @notice Black-Scholes as a Solidity developer would write it for least gas: Solady's exp, ln and sqrt, Hart's rational
/// approximation of the normal distribution function (1968, as West gives it, 2005) in Q96, one exponential for both of its
/// arguments, nothing checked. For comparison only.
library BlackScholes {
    struct Terms {
        uint256 spot;
        uint256 strike;
        uint256 volatility;
        uint64 secondsLeft;
        int256 rate;
    }

    function priceAndDelta(uint256 spot, uint256 strike, uint256 volatility, uint256 secondsLeft, int256 rate)
        internal
        pure
        returns (uint256 call, uint256 put, int256 delta)
    {
        unchecked {
            int256 time = int256(secondsLeft * 1e18 / 31_536_000);
            strike = strike * uint256(Solady.expWad(-rate * time / 1e18)) / 1e18;
            int256 total = int256(volatility * Solady.sqrt(uint256(time) * 1e18) / 1e18);
            int256 forward = Solady.lnWad(int256(Solady.rawDiv(spot * 1e18, strike)));
            int256 d1 = Solady.rawSDiv(forward * 1e18, total) + (total >> 1);
            // spot * pdf(d1) = strike * pdf(d2), so that the second exponential follows from the first.
            uint256 density = uint256(Solady.expWad(-d1 * d1 / 2e18));
            delta = int256(cdf(d1, density));
            uint256 claim = spot * uint256(delta);
            uint256 cost = strike * cdf(d1 - total, Solady.rawDiv(density * spot, strike));
            call = claim > cost ? (claim - cost) / 1e18 : 0;
            put = call + strike;
            put = put > spot ? put - spot : 0;
        }
    }

    /// @dev `density` is exp(-x^2 / 2), a wad.
    function cdf(int256 x, uint256 density) internal pure returns (uint256 p) {
        unchecked {
            uint256 z = uint256(x < 0 ? -x : x);
            if (z < 7.071067811865475e18) {
                z = (z << 96) / 1e18;
                uint256 n = 2793782811274865708995792344;
                n = (n * z >> 96) + 55490063251982985439325613973;
                n = (n * z >> 96) + 504997313321183988772789751342;
                n = (n * z >> 96) + 2686854064982610631744200026450;
                n = (n * z >> 96) + 8879836321276928843208352153033;
                n = (n * z >> 96) + 17526346747716136297837296789480;
                n = (n * z >> 96) + 17446585517718866593419072006541;
                uint256 m = 7002846371848264277131140167;
                m = (m * z >> 96) + 139098283325591648216536793020;
                m = (m * z >> 96) + 1272735271903413669289948260020;
                m = (m * z >> 96) + 6875477954081866250299004168022;
                m = (m * z >> 96) + 23496240498236730931794024435253;
                m = (m * z >> 96) + 50494772681144588634273116487714;
                m = (m * z >> 96) + 62893415942062134000840181617016;
                m = (m * z >> 96) + 34893171035437733186838144013082;
                p = Solady.rawDiv(density * n, m);
            } else {
                uint256 f = z + 4e36 / (z + 0.65e18);
                f = z + 3e36 / f;
                f = z + 2e36 / f;
                f = z + 1e36 / f;
                p = density * 1e36 / (f * 2.506628274631000502e18);
            }
            if (x > 0) p = 1e18 - p;
        }
    }
}

contract FusedBlackScholes {
    function run(BlackScholes.Terms calldata terms) external pure returns (uint256, uint256, int256) {
        return BlackScholes.priceAndDelta(terms.spot, terms.strike, terms.volatility, terms.secondsLeft, terms.rate);
    }
}

contract FusedBlackScholesBatch {
    struct PriceAndDelta {
        uint256 call;
        uint256 put;
        int256 delta;
    }

    function run(BlackScholes.Terms[] calldata terms) external pure returns (PriceAndDelta[] memory out) {
        out = new PriceAndDelta[](terms.length);
        for (uint256 i = 0; i < terms.length; ++i) {
            BlackScholes.Terms calldata t = terms[i];
            (out[i].call, out[i].put, out[i].delta) =
                BlackScholes.priceAndDelta(t.spot, t.strike, t.volatility, t.secondsLeft, t.rate);
        }
    }
}
