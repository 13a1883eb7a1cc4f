// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {LowLevelCall} from "@openzeppelin/contracts/utils/LowLevelCall.sol";

import {ISessions} from "./interfaces/ISessions.sol";

/// What other contracts answer, one word of it, so that none can make the account copy more.
library Answers {
    /// The first word of what a view answers, and whether there is one.
    function tryWord(address target, bytes memory call_) internal view returns (bool ok, uint256 answer) {
        bytes32 first;
        (ok, first,) = LowLevelCall.staticcallReturn64Bytes(target, call_);
        return (ok && LowLevelCall.returnDataSize() >= 0x20, uint256(first));
    }

    /// The same, or reverts.
    function word(address target, bytes memory call_) internal view returns (uint256) {
        (bool ok, uint256 answer) = tryWord(target, call_);
        if (!ok) revert ISessions.Unreadable(target);
        return answer;
    }
}
