// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {Batch} from "./Batch.sol";
import {KeyRegistry} from "./KeyRegistry.sol";
import {Holdings, PositionGuard} from "./PositionGuard.sol";
import {Selectors} from "./Selectors.sol";
import {Ledger, SpendLimits} from "./SpendLimits.sol";
import {CallRule, Session} from "./interfaces/ISessions.sol";

/// Runs a session key's batch: every call is held against the session's rules just before it is made, and the account against
/// what it was when all are made.
abstract contract SessionGuard is KeyRegistry {
    using Batch for Batch.Calls;
    using SpendLimits for Ledger;

    // What stands for a call's value among the words of its arguments.
    uint256 private constant VALUE = type(uint256).max;
    // How many words ERC-20's functions have.
    uint256 private constant PAIR_WORDS = 2;
    uint256 private constant TRANSFER_FROM_WORDS = 3;

    /// Makes the calls for the session whose words begin at `slot`, or reverts.
    function _runGuarded(Session calldata session, uint256 slot, Batch.Calls memory calls) internal {
        Ledger memory ledger = SpendLimits.open(session.limits, calls.count);
        Holdings memory held = PositionGuard.open(session.positions);
        for (uint256 i = 0; i < calls.count; ++i) {
            _step(session, ledger, held, calls, i);
        }
        ledger.revoke();
        for (uint256 i = 0; i < session.limits.length; ++i) {
            uint256 spent = ledger.spent(i);
            if (spent != 0) _spend(slot, i, session.limits[i], spent);
        }
        PositionGuard.close(session.positions, held);
    }

    /// Makes call `at` if the rules let it.
    function _step(
        Session calldata session,
        Ledger memory ledger,
        Holdings memory held,
        Batch.Calls memory calls,
        uint256 at
    ) private {
        (address to, uint256 value, bytes calldata data) = calls.at(at);
        bytes4 selector = _requireNamed(session.calls, at, to, data);
        if (Selectors.spends(selector)) {
            _requireNoValue(at, value);
            _checkSpending(session, ledger, at, to, data);
        } else if (Selectors.isOfPositionManager(selector)) {
            _requireNoValue(at, value);
            PositionGuard.check(session, held, ledger, at, to, data);
        } else if (value != 0) {
            ledger.declare(session.limits, address(0), value);
        }
        Batch.make(to, value, data);
        ledger.observe(session.limits);
    }

    /// The call's selector, which a rule has to name together with its target.
    function _requireNamed(CallRule[] calldata rules, uint256 at, address to, bytes calldata data)
        private
        pure
        returns (bytes4 selector)
    {
        bool empty = data.length == 0;
        selector = empty ? Selectors.EMPTY : bytes4(data);
        // What is too short for a selector is none, and what stands for nothing stands for nothing else.
        if (empty || (data.length >= 4 && selector != Selectors.EMPTY)) {
            for (uint256 i = 0; i < rules.length; ++i) {
                if (rules[i].target == to && rules[i].selector == selector) return selector;
            }
        }
        revert CallNotAllowed(at, to, selector);
    }

    /// One of ERC-20's three, strictly encoded: counts it, and whom it allows what.
    function _checkSpending(
        Session calldata session,
        Ledger memory ledger,
        uint256 at,
        address token,
        bytes calldata data
    ) private view {
        bytes4 selector = bytes4(data);
        bool from = selector == Selectors.TRANSFER_FROM;
        uint256 words = from ? TRANSFER_FROM_WORDS : PAIR_WORDS;
        if (data.length != 4 + 32 * words) revert ArgumentRefused(at, words);
        // What others allowed the account to spend is not the key's to spend.
        if (from && _word(data, 0) != uint160(address(this))) revert ArgumentRefused(at, 0);
        uint256 amount = _word(data, words - 1);
        if (selector == Selectors.APPROVE) {
            uint256 spender = _word(data, 0);
            if (spender >> 160 != 0) revert ArgumentRefused(at, 0);
            ledger.approve(token, address(uint160(spender)), amount);
        }
        ledger.declare(session.limits, token, amount);
    }

    function _requireNoValue(uint256 at, uint256 value) private pure {
        if (value != 0) revert ArgumentRefused(at, VALUE);
    }

    /// Word `word` of the arguments.
    function _word(bytes calldata data, uint256 word) private pure returns (uint256) {
        return uint256(bytes32(data[4 + 32 * word:]));
    }
}
