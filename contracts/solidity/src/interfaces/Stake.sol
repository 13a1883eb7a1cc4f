// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.30;

/// How a pool trades its two tokens.
enum Curve {
    ConstantProduct, // x * y = L^2: Uniswap v2
    Weighted, // x^w * y^(1 - w) = L: Balancer
    Concentrated // a constant product between two prices: Uniswap v3
}

/// Liquidity on a curve, in plain units: every number a wad, prices token1 per token0. What the curve does not need is ignored.
struct Stake {
    Curve curve;
    uint256 liquidity; // sqrt(x * y); weighted: x^w * y^(1 - w); concentrated: Uniswap's
    uint256 weight0; // weighted: token0's share w, strictly between 0 and 1e18
    uint256 lower; // concentrated: the price below which everything is token0
    uint256 upper; // concentrated: the price from which on everything is token1
}
