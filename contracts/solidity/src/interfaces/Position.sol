// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.30;

/// What a concentrated position is and is worth.
struct Figures {
    uint256 amount0; // raw token0 that the liquidity would pay out now
    uint256 amount1; // raw token1
    uint256 value; // wad of raw token1: the unfloored amounts at the current price
    uint256 hold; // wad of raw token1: the unfloored entry amounts at the current price
    int256 il; // wad: value / hold - 1, never above zero
    uint256 delta; // wad of raw token0: dV/dP
    int256 gamma; // wad of raw token0 per unit of price: d2V/dP2; int256.min where it does not fit
    int256 dollarGamma; // wad of raw token1: P^2 * gamma, which always fits
}

/// A position as the chain has it, whoever keeps it: a position manager, or the pool itself.
struct Position {
    address pool;
    address token0;
    address token1;
    uint24 fee;
    int24 tickLower;
    int24 tickUpper;
    uint128 liquidity;
    uint160 sqrtPriceX96;
    int24 tick;
    uint256 fees0; // raw token0 owed, the growth since the last collect included
    uint256 fees1; // raw token1 owed
    Figures figures;
}
