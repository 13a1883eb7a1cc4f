// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.30;

import {mulDiv} from "@prb/math/src/Common.sol";
import {SD59x18, sd} from "@prb/math/src/SD59x18.sol";
import {UD60x18, ud} from "@prb/math/src/UD60x18.sol";

contract PrbIlConstantProduct {
    function run(uint256 entry, uint256 price) external pure returns (int256) {
        UD60x18 ratio = ud(price).div(ud(entry));
        return int256((ud(2e18).mul(ratio.sqrt())).div(ud(1e18).add(ratio)).unwrap()) - 1e18;
    }
}

contract PrbIlWeighted {
    function run(uint256 entry, uint256 price, uint256 weight) external pure returns (int256) {
        UD60x18 ratio = ud(price).div(ud(entry));
        UD60x18 hold = ud(weight).mul(ratio).add(ud(1e18 - weight));
        return int256(ratio.pow(ud(weight)).div(hold).unwrap()) - 1e18;
    }
}

contract PrbExp {
    function run(int256 x) external pure returns (int256) {
        return sd(x).exp().unwrap();
    }
}

contract PrbLn {
    function run(int256 x) external pure returns (int256) {
        return sd(x).ln().unwrap();
    }
}

contract PrbPow {
    function run(int256 x, int256 y) external pure returns (int256) {
        return sd(x).pow(sd(y)).unwrap();
    }
}

contract PrbSqrt {
    function run(uint256 x) external pure returns (uint256) {
        return ud(x).sqrt().unwrap();
    }
}

contract PrbMulDiv {
    function run(uint256 a, uint256 b, uint256 d) external pure returns (uint256) {
        return mulDiv(a, b, d);
    }
}
