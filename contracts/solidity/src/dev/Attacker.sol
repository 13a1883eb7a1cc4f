// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

interface IAttackedPool {
    function token0() external view returns (IERC20);
    function token1() external view returns (IERC20);
    function slot0() external view returns (uint160, int24, uint16, uint16, uint16, uint8, bool);
    function swap(address recipient, bool zeroForOne, int256 amount, uint160 limit, bytes calldata data)
        external
        returns (int256 amount0, int256 amount1);
    function flash(address recipient, uint256 amount0, uint256 amount1, bytes calldata data) external;
}

/// Somebody who trades in the pool and calls an account in one transaction, as a searcher's contract does: between two swaps that
/// move the price away and back, or while the pool is in the middle of one. Holds the tokens that it trades with. For tests only.
contract Attacker {
    using SafeERC20 for IERC20;

    enum When {
        Between, // the price is displaced, and brought back afterwards
        Swapping, // inside the pool's swap callback, before it is paid
        Lending // inside the pool's flash callback
    }

    /// What became of the call: a failure is not passed on, so that the trades stand.
    event Attempted(bool success, bytes answer);

    receive() external payable {}

    function attack(IAttackedPool pool, When when, bool zeroForOne, uint160 limit, address target, bytes calldata call)
        external
    {
        (uint160 before,,,,,,) = pool.slot0();
        bytes memory later = abi.encode(target, call);
        if (when == When.Lending) {
            pool.flash(address(this), 0, 0, later);
            return;
        }
        pool.swap(address(this), zeroForOne, type(int256).max, limit, when == When.Swapping ? later : bytes(""));
        if (when == When.Between) _attempt(later);
        (uint160 displaced,,,,,,) = pool.slot0();
        if (displaced != before) pool.swap(address(this), displaced > before, type(int256).max, before, "");
    }

    function uniswapV3SwapCallback(int256 amount0, int256 amount1, bytes calldata later) external {
        if (later.length != 0) _attempt(later);
        if (amount0 > 0) IAttackedPool(msg.sender).token0().safeTransfer(msg.sender, uint256(amount0));
        if (amount1 > 0) IAttackedPool(msg.sender).token1().safeTransfer(msg.sender, uint256(amount1));
    }

    function uniswapV3FlashCallback(uint256 fee0, uint256 fee1, bytes calldata later) external {
        _attempt(later);
        if (fee0 > 0) IAttackedPool(msg.sender).token0().safeTransfer(msg.sender, fee0);
        if (fee1 > 0) IAttackedPool(msg.sender).token1().safeTransfer(msg.sender, fee1);
    }

    function _attempt(bytes memory later) private {
        (address target, bytes memory data) = abi.decode(later, (address, bytes));
        (bool success, bytes memory answer) = target.call(data);
        emit Attempted(success, answer);
    }
}
