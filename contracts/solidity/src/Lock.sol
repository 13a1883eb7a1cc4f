// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {IAccount} from "./interfaces/IAccount.sol";

/// The transient lock that the shell and the programs behind it share, so that whatever a batch or a position action calls out to
/// cannot make the account begin another. A revert releases it with everything else.
///
/// While a batch runs only the account itself gets in, by one of the batch's own calls; while a position action runs nobody does.
abstract contract Lock {
    // keccak256("hedgerow.transient.lock") - 1; 0 free, 1 a batch runs, 2 a position action runs.
    uint256 private constant LOCK = 0xb4675657863721b7d2dc7068562a7c02f2d79d57cf3c32b40002de3dda184034;
    uint256 private constant FREE = 0;
    uint256 private constant BATCH = 1;

    /// Takes the lock for a batch, or reverts; returns what it held, which `_leaveBatch` puts back.
    function _enterBatch() internal returns (uint256 found) {
        found = _held();
        if (found == FREE) _hold(BATCH);
        else if (found != BATCH || msg.sender != address(this)) revert IAccount.ReentrantCall();
    }

    /// Takes the lock for a batch that may not run within another.
    function _enterFirstBatch() internal {
        if (_held() != FREE) revert IAccount.ReentrantCall();
        _hold(BATCH);
    }

    function _leaveFirstBatch() internal {
        _hold(FREE);
    }

    function _leaveBatch(uint256 found) internal {
        if (found == FREE) _hold(FREE);
    }

    /// Reverts while a program is at work on a position.
    function _requireNoAction() internal view {
        if (_held() > BATCH) revert IAccount.ReentrantCall();
    }

    function _held() private view returns (uint256 found) {
        assembly ("memory-safe") {
            found := tload(LOCK)
        }
    }

    function _hold(uint256 what) private {
        assembly ("memory-safe") {
            tstore(LOCK, what)
        }
    }
}
