// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

import {IAccount} from "./interfaces/IAccount.sol";

/// A pool's callbacks, paid in place. A program that swaps or mints announces it in transient storage, clears that afterwards,
/// and has computed the pool's address from its factory: who may call back, in which tokens, and for how much at most. A swap
/// announces the token that it sells and leaves the other's maximum at zero; a mint announces both.
abstract contract PoolCallbacks is IAccount {
    using SafeERC20 for IERC20;

    // keccak256(name) - 1 for "hedgerow.transient.callback.pool", "...token0", "...token1", "...max0", "...max1".
    uint256 private constant POOL = 0x54c25171beb8b31e73f1b5ff679e8842c289c3ba20503a01ada6c7ba53d98120;
    uint256 private constant TOKEN0 = 0x3aaf76f2c5015e72836b7302d5a1464ada001f428fdf83ab2a89abc111aeab69;
    uint256 private constant TOKEN1 = 0xc5084e365ee2d183120e3f2bc8e188570623474e3a1c90508ac33dec98afe12c;
    uint256 private constant MAX0 = 0x43c981af54c0057f3e03136ddb25871ebfb30256f2b2e5e28593a35c5b0a9fc2;
    uint256 private constant MAX1 = 0x3a00b26fe718dd36c8731a270b8d083ffa1e52cc55110ba6aac007f7b193e706;

    function uniswapV3SwapCallback(int256 amount0Delta, int256 amount1Delta, bytes calldata) external {
        _requireAnnouncedPool();
        bool first = amount0Delta > 0;
        if (first == (amount1Delta > 0)) revert CallbackAmounts(amount0Delta, amount1Delta);
        uint256 amount = uint256(first ? amount0Delta : amount1Delta);
        _requireUpTo(amount, first ? MAX0 : MAX1);
        _shut();
        _pay(first ? TOKEN0 : TOKEN1, amount);
    }

    function uniswapV3MintCallback(uint256 amount0Owed, uint256 amount1Owed, bytes calldata) external {
        _requireAnnouncedPool();
        _requireUpTo(amount0Owed, MAX0);
        _requireUpTo(amount1Owed, MAX1);
        _shut();
        // A one-sided mint asks for one token; some tokens refuse to move nothing.
        if (amount0Owed != 0) _pay(TOKEN0, amount0Owed);
        if (amount1Owed != 0) _pay(TOKEN1, amount1Owed);
    }

    function _requireAnnouncedPool() private view {
        address pool = address(uint160(_load(POOL)));
        if (msg.sender != pool) revert CallbackRefused(msg.sender, pool);
    }

    function _requireUpTo(uint256 amount, uint256 maximumSlot) private view {
        uint256 maximum = _load(maximumSlot);
        if (amount > maximum) revert CallbackExceedsMaximum(amount, maximum);
    }

    /// One shot, and shut before a token, which may be anybody's code, gets to run.
    function _shut() private {
        assembly ("memory-safe") {
            tstore(POOL, 0)
        }
    }

    function _pay(uint256 tokenSlot, uint256 amount) private {
        IERC20(address(uint160(_load(tokenSlot)))).safeTransfer(msg.sender, amount);
    }

    function _load(uint256 slot) private view returns (uint256 word) {
        assembly ("memory-safe") {
            word := tload(slot)
        }
    }
}
