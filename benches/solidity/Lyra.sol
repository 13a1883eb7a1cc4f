// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.30;

import {BlackScholes} from "lyra/libraries/BlackScholes.sol";
import {DecimalMath} from "lyra/synthetix/DecimalMath.sol";
import {SignedDecimalMath} from "lyra/synthetix/SignedDecimalMath.sol";

/// @notice Lyra's Black-Scholes, its internal functions called in the order of its own `pricesDeltaStdVega`, without the vegas
/// and without the library call that its public functions cost.
library Lyra {
    using DecimalMath for uint256;
    using SignedDecimalMath for int256;

    struct Terms {
        uint256 spot;
        uint256 strike;
        uint256 volatility;
        uint64 secondsLeft;
        int256 rate;
    }

    function priceAndDelta(Terms memory t) internal pure returns (uint256 call, uint256 put, int256 delta) {
        uint256 time = BlackScholes._annualise(t.secondsLeft);
        uint256 spot = t.spot.decimalToPreciseDecimal();
        uint256 strike = t.strike.decimalToPreciseDecimal();
        int256 rate = t.rate.decimalToPreciseDecimal();
        (int256 d1, int256 d2) = BlackScholes._d1d2(time, t.volatility.decimalToPreciseDecimal(), spot, strike, rate);
        (call, put) = BlackScholes._optionPrices(time, spot, strike, rate, d1, d2);
        (delta,) = BlackScholes._delta(d1);
        return (call.preciseDecimalToDecimal(), put.preciseDecimalToDecimal(), delta.preciseDecimalToDecimal());
    }
}

contract LyraBlackScholes {
    function run(Lyra.Terms calldata terms) external pure returns (uint256, uint256, int256) {
        return Lyra.priceAndDelta(terms);
    }
}

contract LyraBlackScholesBatch {
    struct PriceAndDelta {
        uint256 call;
        uint256 put;
        int256 delta;
    }

    function run(Lyra.Terms[] calldata terms) external pure returns (PriceAndDelta[] memory out) {
        out = new PriceAndDelta[](terms.length);
        for (uint256 i = 0; i < terms.length; ++i) {
            (out[i].call, out[i].put, out[i].delta) = Lyra.priceAndDelta(terms[i]);
        }
    }
}

/// @notice The delta of a call is the distribution function itself, and internal where that is not.
contract LyraCdf {
    using SignedDecimalMath for int256;

    function run(int256 x) external pure returns (int256 p) {
        (p,) = BlackScholes._delta(x.decimalToPreciseDecimal());
        return p.preciseDecimalToDecimal();
    }
}
