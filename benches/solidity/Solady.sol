// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.30;

import {FixedPointMathLib as Lib} from "solady/src/utils/FixedPointMathLib.sol";

// One contract per function, so that none pays for another's dispatch.

library SoladyIl {
    function constantProduct(uint256 entry, uint256 price) internal pure returns (int256) {
        unchecked {
            uint256 ratio = Lib.divWad(price, entry);
            return int256(Lib.divWad(2 * Lib.sqrt(ratio * 1e18), 1e18 + ratio)) - 1e18;
        }
    }

    function weighted(uint256 entry, uint256 price, uint256 weight) internal pure returns (int256) {
        unchecked {
            uint256 ratio = Lib.divWad(price, entry);
            uint256 value = uint256(Lib.powWad(int256(ratio), int256(weight)));
            return int256(Lib.divWad(value, Lib.mulWad(weight, ratio) + 1e18 - weight)) - 1e18;
        }
    }
}

contract SoladyIlConstantProduct {
    function run(uint256 entry, uint256 price) external pure returns (int256) {
        return SoladyIl.constantProduct(entry, price);
    }
}

contract SoladyIlWeighted {
    function run(uint256 entry, uint256 price, uint256 weight) external pure returns (int256) {
        return SoladyIl.weighted(entry, price, weight);
    }
}

contract SoladyExp {
    function run(int256 x) external pure returns (int256) {
        return Lib.expWad(x);
    }
}

contract SoladyLn {
    function run(int256 x) external pure returns (int256) {
        return Lib.lnWad(x);
    }
}

contract SoladyPow {
    function run(int256 x, int256 y) external pure returns (int256) {
        return Lib.powWad(x, y);
    }
}

contract SoladySqrt {
    function run(uint256 x) external pure returns (uint256) {
        return Lib.sqrtWad(x);
    }
}

contract SoladyMulDiv {
    function run(uint256 a, uint256 b, uint256 d) external pure returns (uint256) {
        return Lib.fullMulDiv(a, b, d);
    }
}
