// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {Proxy} from "@openzeppelin/contracts/proxy/Proxy.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {TransientSlot} from "@openzeppelin/contracts/utils/TransientSlot.sol";

/// Finds out what calls would do to a wallet by making them. Never deployed: for the length of one `eth_call` a node is told that
/// the wallet (or, for `probe`, a pool) has this code, so `address(this)` and every `msg.sender` are what they will be. Calls to
/// the wallet itself run the shell's code, those that come back to it (a pool's callback) too, delegated or not.
contract Preview is Proxy {
    using TransientSlot for *;

    /// One call of the wallet. `to` is the wallet itself for what its shell, or a program behind that, answers.
    struct Call {
        address to;
        uint256 value;
        bytes data;
    }

    /// A wallet and a pool at one moment.
    struct Moment {
        uint256 etherBalance; // wei
        uint256[] balances; // raw, one a token
        uint256[] allowances; // raw, for each token those of all spenders
        uint160 sqrtPriceX96; // the pool's
        int24 tick; // the pool's
    }

    struct Outcome {
        bool success; // false: `data` is what the call that failed reverted with; no later one was made
        bytes data; // what the last call returned
        uint256 gasUsed; // by the calls, without refunds and without the transaction's own cost
        Moment earlier;
        Moment later;
    }

    struct Probe {
        bool success;
        bytes data; // what `transfer` returned or reverted with
        uint256 sent; // by how much the sender's balance fell
        uint256 received; // by how much the receiver's rose
    }

    error Unreadable(address target);

    bytes32 private constant SHELL = bytes32(uint256(keccak256("hedgerow.transient.preview.shell")) - 1);

    /// Makes `calls` in order and reports the wallet's balances and allowances and the pool's price before and after. `shell` is
    /// zero for a wallet without code; `pool` is zero where no price is asked for.
    function preview(
        address shell,
        Call[] calldata calls,
        address[] calldata tokens,
        address[] calldata spenders,
        address pool
    ) external returns (Outcome memory outcome) {
        SHELL.asAddress().tstore(shell);
        outcome.earlier = _observe(tokens, spenders, pool);
        outcome.success = true;
        uint256 gas = gasleft();
        for (uint256 i = 0; i < calls.length && outcome.success; ++i) {
            (outcome.success, outcome.data) = _call(shell, calls[i]);
        }
        outcome.gasUsed = gas - gasleft();
        outcome.later = _observe(tokens, spenders, pool);
    }

    /// Sends `amount` of a token away and reports what left and what arrived: less than `amount` where the token keeps a fee or
    /// counts in shares.
    function probe(address token, address to, uint256 amount) external returns (Probe memory outcome) {
        uint256 mine = _word(token, abi.encodeCall(IERC20.balanceOf, (address(this))));
        uint256 theirs = _word(token, abi.encodeCall(IERC20.balanceOf, (to)));
        (outcome.success, outcome.data) = token.call(abi.encodeCall(IERC20.transfer, (to, amount)));
        // Wrapping tells a balance that went the wrong way just as well.
        unchecked {
            outcome.sent = mine - _word(token, abi.encodeCall(IERC20.balanceOf, (address(this))));
            outcome.received = _word(token, abi.encodeCall(IERC20.balanceOf, (to))) - theirs;
        }
    }

    function _call(address shell, Call calldata call_) private returns (bool, bytes memory) {
        if (call_.to == address(this)) return shell.delegatecall(call_.data);
        return call_.to.call{value: call_.value}(call_.data);
    }

    function _observe(address[] calldata tokens, address[] calldata spenders, address pool)
        private
        view
        returns (Moment memory moment)
    {
        moment.etherBalance = address(this).balance;
        moment.balances = new uint256[](tokens.length);
        moment.allowances = new uint256[](tokens.length * spenders.length);
        for (uint256 i = 0; i < tokens.length; ++i) {
            moment.balances[i] = _word(tokens[i], abi.encodeCall(IERC20.balanceOf, (address(this))));
            for (uint256 j = 0; j < spenders.length; ++j) {
                bytes memory call_ = abi.encodeCall(IERC20.allowance, (address(this), spenders[j]));
                moment.allowances[i * spenders.length + j] = _word(tokens[i], call_);
            }
        }
        if (pool != address(0)) (moment.sqrtPriceX96, moment.tick) = _price(pool);
    }

    /// The first two words of `slot0()`, which every fork of the pool begins with.
    function _price(address pool) private view returns (uint160, int24) {
        (bool success, bytes memory data) = pool.staticcall(hex"3850c7bd");
        if (!success || data.length < 64) revert Unreadable(pool);
        return abi.decode(data, (uint160, int24));
    }

    function _word(address target, bytes memory call_) private view returns (uint256) {
        (bool success, bytes memory data) = target.staticcall(call_);
        if (!success || data.length < 32) revert Unreadable(target);
        return abi.decode(data, (uint256));
    }

    /// What runs when somebody calls the wallet: nothing at all in a wallet without code.
    function _implementation() internal view override returns (address) {
        return SHELL.asAddress().tload();
    }
}
