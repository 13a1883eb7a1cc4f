// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.30;

/// The terms that options of one expiry share.
struct Market {
    uint256 spot; // wad: the price of the asset now
    uint256 volatility; // wad, yearly; 1e18 is 100 %
    uint64 secondsLeft; // to expiry
    int256 rate; // wad, yearly, continuously compounded
}
