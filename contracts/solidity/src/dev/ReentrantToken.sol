// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {TestToken} from "./TestToken.sol";

/// A token whose every transfer calls somebody first, and counts what became of it. For tests only.
contract ReentrantToken is TestToken {
    address private target;
    bytes private call;

    /// How often the call was made, and how often it succeeded.
    uint256 public attempts;
    uint256 public successes;
    /// The first four bytes of what the last failed call reverted with.
    bytes4 public refusal;

    constructor() TestToken("Reentrant", "REE", 18) {}

    function arm(address target_, bytes calldata call_) external {
        (target, call) = (target_, call_);
    }

    function _update(address from, address to, uint256 amount) internal override {
        super._update(from, to, amount);
        if (target == address(0)) return;
        ++attempts;
        (bool success, bytes memory reason) = target.call(call);
        if (success) ++successes;
        else refusal = bytes4(reason);
    }
}
