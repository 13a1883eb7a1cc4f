// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {Real} from "./Real.sol";

/// Black–Scholes per unit of spot, as the textbooks write it.
library Options {
    struct Terms {
        uint256 spot; // wad
        uint256 strike; // wad
        uint256 secs;
        uint256 sigma; // wad
        int256 rate; // wad
    }

    struct Inner {
        int256 time; // in years
        int256 root; // of the years
        int256 d1;
        int256 d2;
        int256 strike; // discounted, per unit of spot
    }

    function inner(Terms memory terms) internal pure returns (Inner memory result) {
        int256 sigma = Real.fromWad(int256(terms.sigma));
        result.time = int256(terms.secs) * Real.ONE / 31_536_000;
        result.root = Real.sqrt(result.time);
        int256 drift = Real.mul(Real.fromWad(terms.rate), result.time);
        int256 moneyness = Real.lnOfInteger(terms.spot) - Real.lnOfInteger(terms.strike) + drift;
        int256 deviation = Real.mul(sigma, result.root);
        result.d1 = Real.div(moneyness, deviation) + deviation / 2;
        result.d2 = Real.div(moneyness, deviation) - deviation / 2;
        result.strike = Real.exp(-moneyness);
    }

    function call(Terms memory terms) internal pure returns (int256) {
        Inner memory at = inner(terms);
        return Real.ncdf(at.d1) - Real.mul(at.strike, Real.ncdf(at.d2));
    }

    function put(Terms memory terms) internal pure returns (int256) {
        Inner memory at = inner(terms);
        return Real.mul(at.strike, Real.ncdf(-at.d2)) - Real.ncdf(-at.d1);
    }

    /// d2(price)/d(spot)^2 times spot.
    function gamma(Terms memory terms) internal pure returns (int256) {
        Inner memory at = inner(terms);
        return Real.div(Real.npdf(at.d1), Real.mul(Real.fromWad(int256(terms.sigma)), at.root));
    }

    /// Per 1.00 of volatility.
    function vega(Terms memory terms) internal pure returns (int256) {
        Inner memory at = inner(terms);
        return Real.mul(Real.npdf(at.d1), at.root);
    }

    /// Per year: decay, and the interest on what is owed at expiry.
    function callTheta(Terms memory terms) internal pure returns (int256) {
        Inner memory at = inner(terms);
        return -decay(terms, at) - Real.mul(Real.fromWad(terms.rate), Real.mul(at.strike, Real.ncdf(at.d2)));
    }

    function putTheta(Terms memory terms) internal pure returns (int256) {
        Inner memory at = inner(terms);
        return Real.mul(Real.fromWad(terms.rate), Real.mul(at.strike, Real.ncdf(-at.d2))) - decay(terms, at);
    }

    /// Per 1.00 of rate.
    function callRho(Terms memory terms) internal pure returns (int256) {
        Inner memory at = inner(terms);
        return Real.mul(at.time, Real.mul(at.strike, Real.ncdf(at.d2)));
    }

    function putRho(Terms memory terms) internal pure returns (int256) {
        Inner memory at = inner(terms);
        return -Real.mul(at.time, Real.mul(at.strike, Real.ncdf(-at.d2)));
    }

    function decay(Terms memory terms, Inner memory at) private pure returns (int256) {
        return Real.div(Real.mul(Real.npdf(at.d1), Real.fromWad(int256(terms.sigma))), 2 * at.root);
    }
}
