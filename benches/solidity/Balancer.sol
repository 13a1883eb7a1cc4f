// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.30;

import {LogExpMath} from "@balancer-labs/v3-solidity-utils/contracts/math/LogExpMath.sol";

contract BalancerIlWeighted {
    function run(uint256 entry, uint256 price, uint256 weight) external pure returns (int256) {
        uint256 ratio = price * 1e18 / entry;
        uint256 hold = weight * ratio / 1e18 + 1e18 - weight;
        return int256(LogExpMath.pow(ratio, weight) * 1e18 / hold) - 1e18;
    }
}

contract BalancerExp {
    function run(int256 x) external pure returns (int256) {
        return LogExpMath.exp(x);
    }
}

contract BalancerLn {
    function run(int256 x) external pure returns (int256) {
        return LogExpMath.ln(x);
    }
}

contract BalancerPow {
    function run(uint256 x, uint256 y) external pure returns (uint256) {
        return LogExpMath.pow(x, y);
    }
}
