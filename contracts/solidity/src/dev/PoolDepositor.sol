// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

interface IPool {
    function token0() external view returns (IERC20);
    function token1() external view returns (IERC20);
    function mint(address recipient, int24 tickLower, int24 tickUpper, uint128 amount, bytes calldata data)
        external
        returns (uint256 amount0, uint256 amount1);
}

/// Puts liquidity into a pool that belongs to anybody, with the caller's tokens: a pool asks who is paid for, not who pays.
/// For tests only.
contract PoolDepositor {
    using SafeERC20 for IERC20;

    function deposit(IPool pool, address owner, int24 tickLower, int24 tickUpper, uint128 liquidity) external {
        pool.mint(owner, tickLower, tickUpper, liquidity, abi.encode(msg.sender));
    }

    function uniswapV3MintCallback(uint256 amount0, uint256 amount1, bytes calldata data) external {
        address payer = abi.decode(data, (address));
        if (amount0 != 0) IPool(msg.sender).token0().safeTransferFrom(payer, msg.sender, amount0);
        if (amount1 != 0) IPool(msg.sender).token1().safeTransferFrom(payer, msg.sender, amount1);
    }
}
