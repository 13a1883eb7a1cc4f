// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.30;

/// Which position. One encoding for each: of an NFT everything but its two fields is zero, of a direct position those two are.
struct Place {
    address positionManager; // zero: a direct position
    uint256 tokenId;
    address factory; // the pool, by what its CREATE2 address is made of
    address token0;
    address token1;
    uint24 fee; // hundredths of a basis point
    int24 tickLower;
    int24 tickUpper;
}
