// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

interface IPool {
    function initialize(uint160 sqrtPriceX96) external;
    function mint(address recipient, int24 tickLower, int24 tickUpper, uint128 amount, bytes calldata data)
        external
        returns (uint256 amount0, uint256 amount1);
}

/// A factory that deploys Uniswap's own pool code, at the addresses of pools of any two tokens, and tells the pool that it
/// holds something else: this contract, a token whose balances always suffice. For tests only.
contract CounterfeitFactory {
    address[2] private _tokens;

    /// What a pool asks its deployer for: factory, token0, token1, fee and tick spacing.
    function parameters() external view returns (address, address, address, uint24, int24) {
        return (address(this), address(this), address(this), 3000, 60);
    }

    function deploy(bytes memory poolCode, address token0, address token1, uint160 sqrtPriceX96, uint128 liquidity)
        external
        returns (address pool)
    {
        _tokens = [token0, token1];
        bytes32 salt = keccak256(abi.encode(token0, token1, uint24(3000)));
        assembly ("memory-safe") {
            pool := create2(0, add(poolCode, 0x20), mload(poolCode), salt)
        }
        IPool(pool).initialize(sqrtPriceX96);
        IPool(pool).mint(address(this), -887220, 887220, liquidity, "");
    }

    /// Liquidity that belongs to anybody, in such a pool; nobody pays for it.
    function give(address pool, address owner, int24 tickLower, int24 tickUpper, uint128 liquidity) external {
        IPool(pool).mint(owner, tickLower, tickUpper, liquidity, "");
    }

    function uniswapV3MintCallback(uint256, uint256, bytes calldata) external {}

    /// More with every unit of gas that is spent.
    function balanceOf(address) external view returns (uint256) {
        return 2 ** 255 - gasleft() * 1e30;
    }

    /// Pays whatever there is of the real tokens: a bait.
    function transfer(address to, uint256) external returns (bool) {
        for (uint256 i = 0; i < 2; ++i) {
            uint256 bait = IERC20(_tokens[i]).balanceOf(address(this));
            if (bait != 0) require(IERC20(_tokens[i]).transfer(to, bait));
        }
        return true;
    }
}
