// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.30;

/// What a margin account asks of a Uniswap v3 pool.
interface ISwapPool {
    /// `amountSpecified` above zero is the exact input, below zero the exact output; of the amounts, what the pool is owed is above zero.
    function swap(
        address recipient,
        bool zeroForOne,
        int256 amountSpecified,
        uint160 sqrtPriceLimitX96,
        bytes calldata data
    ) external returns (int256 amount0, int256 amount1);
}
